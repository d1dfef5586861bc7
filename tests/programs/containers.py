"""Containers as parameters and results: tuples, lists, dicts, dataclasses, nested, taken apart in every way."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


@dataclass
class Layer:
    """Weights and bias."""

    w: np.ndarray
    b: float


class Point(NamedTuple):
    """Two coordinates."""

    x: float
    y: float


def tuple_parameter(pair):
    a, x = pair
    return a * np.sum(x * x)


def tuple_by_index(pair, t):
    return pair[0] * pair[0] * t + pair[1] * t


def nested_tuple(p):
    (a, b), x = p
    return (a + b * b) * np.sum(x)


def dict_parameter(params, x):
    return np.sum(np.tanh(x @ params["w"] + params["b"]))


def nested_dict(params, x):
    h = x
    for name in ("first", "second"):
        h = np.tanh(h @ params[name]["w"] + params[name]["b"])
    return np.sum(h * h)


def list_of_arrays(ws, x):
    h = x
    for w in ws:
        h = np.tanh(w @ h)
    return np.sum(h)


def list_of_pairs(layers, x):
    for w, b in layers:
        x = np.tanh(w @ x + b)
    return np.sum(x * x)


def dataclass_parameter(layer, x):
    return np.sum(np.tanh(x @ layer.w + layer.b))


def named_tuple_parameter(point, a):
    return point.x * point.y**2 + a * point[0]


def unused_part(params, a):
    return a * np.sum(params["w"] ** 2)


def dict_result(x, a):
    y = x * a
    return {"sum": np.sum(y), "all": y * y}


def nested_result(x, a):
    y = np.sin(x)
    return (y * a, [a * a, np.sum(y)])


def tuple_of_a_local(a, b):
    pair = (a * b, a + b)
    u, v = pair
    return pair[0] * v + u


def network(params, x, labels):
    hidden = np.maximum(x @ params["w1"] + params["b1"], 0)
    logits = hidden @ params["w2"] + params["b2"]
    shifted = logits - np.max(logits, axis=1, keepdims=True)
    log_z = np.log(np.sum(np.exp(shifted), axis=1))
    return np.mean(log_z - shifted[np.arange(len(labels)), labels])


def _network(rng):
    params = {
        "w1": rng.normal(size=(3, 4)),
        "b1": rng.normal(size=4),
        "w2": rng.normal(size=(4, 2)),
        "b2": rng.normal(size=2),
    }
    return params, rng.normal(size=(5, 3)), np.array([0, 1, 1, 0, 1])


def _layers(rng):
    return {name: {"w": rng.normal(size=(3, 3)), "b": rng.normal(size=3)} for name in ("first", "second")}


CASES = {
    "tuple_parameter": lambda rng: ((0.7, rng.normal(size=3)),),
    "tuple_by_index": lambda rng: ((0.7, -1.2), 0.4),
    "nested_tuple": lambda rng: (((0.7, -1.2), rng.normal(size=3)),),
    "dict_parameter": lambda rng: ({"w": rng.normal(size=(3, 2)), "b": rng.normal(size=2)}, rng.normal(size=(4, 3))),
    "nested_dict": lambda rng: (_layers(rng), rng.normal(size=3)),
    "list_of_arrays": lambda rng: ([rng.normal(size=(3, 2)), rng.normal(size=(4, 3))], rng.normal(size=2)),
    "list_of_pairs": lambda rng: (
        [(rng.normal(size=(3, 3)), rng.normal(size=3)) for _ in range(2)],
        rng.normal(size=3),
    ),
    "dataclass_parameter": lambda rng: (Layer(rng.normal(size=3), 0.4), rng.normal(size=(4, 3))),
    "named_tuple_parameter": lambda rng: (Point(0.7, -0.4), 1.3),
    "unused_part": lambda rng: ({"w": rng.normal(size=3), "b": rng.normal(size=2)}, 0.7),
    "dict_result": lambda rng: (rng.normal(size=3), 0.7),
    "nested_result": lambda rng: (rng.normal(size=3), 0.7),
    "tuple_of_a_local": lambda rng: (0.7, -0.4),
    "network": _network,
}
MAY_BE_REFUSED = {"named_tuple_parameter"}
