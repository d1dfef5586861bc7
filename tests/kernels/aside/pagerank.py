"""PageRank by power iteration over an adjacency list in a dict, and the entropy of the ranks."""

import numpy as np


def pagerank(links, weight, damping=0.85, eps=1e-10):
    n = len(links)
    rank = {node: 1.0 / n for node in links}
    while True:
        new = {node: (1 - damping) / n for node in links}
        for node, targets in links.items():
            if not targets:
                for other in new:
                    new[other] += damping * rank[node] / n
                continue
            total = sum(weight[t] for t in targets)
            for t in targets:
                new[t] += damping * rank[node] * weight[t] / total
        change = sum(abs(new[k] - rank[k]) for k in links)
        rank = new
        if change < eps:
            break
    return rank


def rank_entropy(weight, damping):
    links = {"a": ["b", "c"], "b": ["c"], "c": ["a"], "d": ["c", "b", "a"], "e": []}
    rank = pagerank(links, weight, damping)
    return -sum(r * np.log(r) for r in rank.values())


def example(rng):
    return {k: float(w) for k, w in zip("abcde", rng.uniform(0.5, 2.0, 5))}, 0.8


MAIN = "rank_entropy"
WRT = ("weight", "damping")
