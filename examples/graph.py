"""Computation graphs as pictures: a sum, and a small network with its backward sweep.

    python examples/graph.py

writes docs/sum.svg and docs/network.svg, and prints the first one as Mermaid text. The SVG files need a layout:
Graphviz if it is installed, else `pip install grandalf`.
"""

from pathlib import Path

import numpy as np

import srcdiff

DOCS = Path(__file__).resolve().parent.parent / "docs"


def add(x, y):
    z = x + y
    return z


def network(params, x, labels):
    """Linear, ReLU, Linear, and the mean cross-entropy of the softmax."""
    h = np.maximum(x @ params["w1"] + params["b1"], 0)
    logits = h @ params["w2"] + params["b2"]
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_p = shifted - np.log(np.sum(np.exp(shifted), axis=1, keepdims=True))
    return -np.mean(log_p[np.arange(len(labels)), labels])


def example():
    """Small arguments for the network."""
    rng = np.random.default_rng(0)
    params = {"w1": rng.normal(size=(10, 5)), "b1": np.zeros(5), "w2": rng.normal(size=(5, 2)), "b2": np.zeros(2)}
    return params, rng.normal(size=(4, 10)), np.array([0, 1, 1, 0])


def main(folder=DOCS):
    """Write both pictures into a folder."""
    add_grad = srcdiff.value_and_grad(add, (0, 1))
    value, gradients = add_grad(2.0, 3.0)
    print(f"z = {value}, dz/dx and dz/dy = {gradients}")
    print(add_grad.graph("mermaid"))
    (folder / "sum.svg").write_text(add_grad.graph(), encoding="utf-8")

    network_grad = srcdiff.value_and_grad(network, "params")
    loss, _ = network_grad(*example())
    (folder / "network.svg").write_text(network_grad.graph(backward=True), encoding="utf-8")
    print(f"the loss of the network is {loss:.4f}; its graph is in {folder.name}/network.svg")


if __name__ == "__main__":
    main()
