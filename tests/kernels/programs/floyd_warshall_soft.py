"""Floyd-Warshall with a soft minimum over the paths: expected travel time between all pairs."""

import numpy as np

INF = 1e3


def softmin(a, b, beta):
    m = min(a, b)
    return m - np.log(np.exp(-beta * (a - m)) + np.exp(-beta * (b - m))) / beta


def all_pairs(weights, edges, n, beta):
    dist = np.full((n, n), INF)
    for i in range(n):
        dist[i, i] = 0.0
    for (u, v), w in zip(edges, weights):
        dist[u, v] = w
    for k in range(n):
        for i in range(n):
            for j in range(n):
                through = dist[i, k] + dist[k, j]
                if i == j or through >= INF:
                    continue
                dist[i, j] = softmin(dist[i, j], through, beta)
    return dist


def mean_travel_time(weights, edges, n=5, beta=2.0):
    dist = all_pairs(weights, edges, n, beta)
    total, pairs = 0.0, 0
    for i in range(n):
        for j in range(n):
            if i != j and dist[i, j] < INF:
                total += dist[i, j]
                pairs += 1
    return total / pairs


def example(rng):
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2), (1, 3), (2, 0)]
    return rng.uniform(0.5, 3.0, len(edges)), edges


MAIN = "mean_travel_time"
WRT = ("weights",)
