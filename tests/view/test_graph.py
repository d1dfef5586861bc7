"""From IR to graphs: nodes for data and operations, edges for data flow, regions for loops and branches."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from srcdiff.ir.parse import parse
from srcdiff.view.build import graph_of
from srcdiff.view.collapse import by_region, by_statement, collapsed
from srcdiff.view.model import Graph

MEAN = """
def mean(x: f64[n]) -> f64:
    at(3, 'z = x * 2', index=0, target='z')
    z: f64[n] = mul(x, 2)
    at(4, 'return z.mean() - x.sum()', index=1)
    _1: f64 = mean(z)
    _2: f64 = sum(x, axis=0, keepdims=True)
    _3: f64 = sub(_1, _2)
    return _3
"""

LOOP = """
def loop(w: float, x: f64[n]) -> float | f64:
    at(3, 'for i in range(len(x)):', index=1)
    _1: int[n] = dim(x, axis=0)
    _2: [int, n] = range(0, _1, 1)
    s: float | f64
    for i in each(_2):
        s__2: float | f64 = carry((s := 0.5))
        at(4, 'if x[i] > w:', index=2)
        _3: f64 = get(x, i, index='@')
        _4: b1 = gt(_3, w)
        s__3: float | f64
        if _4:
            at(5, 's = s + x[i - 1]', index=3, target='s')
            _5 = sub(i, 1)
            _6: f64 = get(x, _5, index='@')
            s__4: f64 = add(s__2, _6)
            yield s__4
        else:
            yield s__2
        yield s__3
    at(6, 'return s * s', index=4)
    _7: float | f64 = mul(s, s)
    return _7
"""

SWEEPS = """
def square_value_and_grad(x: float, y: float) -> (float, (float, float)):
    at(2, 'return x * x', index=0)
    _1: float = mul(x, x)
    at(2, 'return x * x', index=0, why='adjoint')
    x_bar: float = mul(2, x)
    return _1, x_bar, 0.0
"""


def drawn(text: str, *results: str) -> Graph:
    return graph_of(parse(text), results or ("result",))


def flows(graph: Graph) -> list[str]:
    """The edges by the labels of their ends."""
    return [
        f"{graph.by_id[edge.source].label} -> {graph.by_id[edge.target].label}"
        + (f" ({edge.kind})" if edge.kind != "data" else "")
        + (f" [{edge.label}]" if edge.label else "")
        for edge in graph.edges
    ]


def test_nodes_are_data_and_operations() -> None:
    graph = drawn(MEAN)
    assert [(node.kind, node.label, node.detail) for node in graph.nodes] == [
        ("argument", "x", "f64[n]"),
        ("operation", "* 2", ""),
        ("value", "z", "f64[n]"),
        ("operation", "mean", ""),
        ("operation", "sum", "axis=0, keepdims"),
        ("operation", "-", ""),
        ("result", "result", "f64"),
    ]
    assert [node.line for node in graph.nodes] == [0, 3, 3, 4, 4, 4, 0]


def test_edges_are_data_flow_and_operands_that_differ_are_numbered() -> None:
    assert flows(drawn(MEAN)) == [
        "x -> * 2",
        "* 2 -> z",
        "z -> mean",
        "x -> sum",
        "mean -> - [1]",
        "sum -> - [2]",
        "- -> result",
    ]


def test_loops_and_branches_are_boxes() -> None:
    graph = drawn(LOOP)
    assert [(region.kind, region.title, region.parent) for region in graph.regions] == [
        ("loop", "for i in range(len(x))", ""),
        ("branch", "if x[i] > w", "r1"),
        ("arm", "then", "r2"),
    ]
    assert [node.label for node in graph.inside("r1")] == ["i", "s", "[i]", ">", "s"]
    assert [node.label for node in graph.inside("r3")] == ["[i - 1]", "+", "s"]
    assert {node.label: node.detail for node in graph.inside("r1")}["i"] == "in range(len(x))"
    assert [node.detail for node in graph.nodes if node.label == "s"][0] == "from 0.5"


def test_the_flow_of_a_loop() -> None:
    found = flows(drawn(LOOP))
    assert "x -> i (shape)" in found  # only its length
    assert "s -> s (carried)" in found
    assert "s -> s [else]" in found  # what the arm that does nothing gives
    assert "if -> s (control)" in found
    assert "i -> [i - 1] (shape)" in found  # an index, written into the label


def test_the_backward_sweep_has_a_box_and_names() -> None:
    graph = drawn(SWEEPS, "value", "gradient")
    assert [(region.kind, region.upwards) for region in graph.regions] == [("forward", False), ("backward", True)]
    assert [(node.kind, node.why, node.label, node.detail) for node in graph.inside("backward")] == [
        ("operation", "adjoint", "2 *", ""),
        ("result", "adjoint", "x_bar", "gradient[0]: float"),
        ("result", "adjoint", "gradient[1] = 0.0", "float"),
    ]
    assert [node.label for node in graph.inside("forward")] == ["x", "y", "*", "value"]


def test_a_while_loop_tests_what_it_carries() -> None:
    graph = drawn(
        """
def newton(a: float) -> float:
    def test(x: float):
        _1: bool = gt(x, 1.0)
        return _1
    x__2: float
    while test(a):
        x__3: float = carry(a)
        _5: float = div(a, x__3)
        yield _5
    return x__2
"""
    )
    assert "x -> > 1.0" in flows(graph)
    assert "> 1.0 -> while" in flows(graph)
    assert "/ -> x (carried)" in flows(graph)


def test_what_a_loop_makes_and_nobody_reads_is_left_out() -> None:
    text = LOOP.replace("_7: float | f64 = mul(s, s)", "_7: float = mul(w, w)")
    assert [node.label for node in drawn(text).inside("")] == ["w", "x", "*", "result"]


def test_an_argument_that_is_returned_is_a_result_too() -> None:
    graph = drawn("def same(x: float) -> (float, float):\n    return x, x")
    assert flows(graph) == ["x -> result[0]", "x -> result[1]"]


# --- collapsing


def chain(length: int) -> Graph:
    lines = [f"    at({k + 2}, 'y = sin(y)', index={k}, target='y')\n    y__{k + 2} = sin({'x' if not k else f'y__{k + 1}'})"
             for k in range(length)]  # fmt: skip
    return drawn("def chain(x: float) -> float:\n" + "\n".join(lines) + f"\n    return y__{length + 1}\n")


def test_small_graphs_stay_as_they_are() -> None:
    graph = chain(100)
    assert len(graph.nodes) == 201
    assert collapsed(graph) is graph


def test_large_graphs_are_collapsed_by_statement_and_then_by_runs_of_lines() -> None:
    graph = chain(200)
    small = collapsed(graph)
    assert len(small.nodes) == 202  # the result of the last statement stays
    assert (small.nodes[1].label, small.nodes[1].detail) == ("y = sin(y)", "line 2, 1 operation")
    large = collapsed(chain(2000))
    assert 100 < len(large.nodes) <= 300
    assert large.nodes[1].label.startswith("lines 2–")
    assert sum(node.count for node in large.nodes) == 2000


def test_a_collapsed_graph_has_no_cycles() -> None:
    graph = collapsed(chain(2000))
    order = {node.id: index for index, node in enumerate(graph.nodes)}
    assert all(order[edge.source] < order[edge.target] for edge in graph.edges)


def test_statements_and_regions_become_groups() -> None:
    graph = by_statement(drawn(LOOP))
    assert "s = s + x[i - 1]" in [node.label for node in graph.nodes if node.kind == "group"]
    graph = by_region(drawn(LOOP))
    (group,) = (node for node in graph.nodes if node.kind == "group")
    assert (group.label, group.detail, group.region) == ("for i in range(len(x))", "4 operations", "")
    assert flows(graph)[-1] == "* -> result"
    assert graph.regions == ()


@pytest.mark.parametrize("limit", [5, 8, 50])
def test_limits_are_kept(limit: int) -> None:
    assert len(collapsed(chain(60), limit).nodes) <= limit + 2


PARTS = """
def f(p: {'w': f64[n], 'q': record('tests.view.test_graph.Pair', a=float, k=int)}, x: f64[m]) -> {'y': (f64, record('tests.view.test_graph.Pair', a=float, k=int))}:
    w, a, k = leaves(p)
    _1: int[m] = dim(w, axis=0)
    _2: int = add(_1, k)
    y: f64[m] = mul(w, _2)
    _3: f64 = sum(y)
    return _3, a, k
"""


class Pair(NamedTuple):
    a: float
    k: int


def test_parts_of_containers_are_called_by_their_path() -> None:
    labels = [(node.kind, node.label, node.detail) for node in drawn(PARTS).nodes]
    assert labels[:4] == [
        ("argument", "p['w']", "f64[n]"),
        ("argument", "p['q'].a", "float"),
        ("argument", "p['q'].k", "int"),
        ("argument", "x", "f64[m]"),
    ]
    assert ("operation", "* len(p['w']) + p['q'].k", "") in labels
    assert [label for kind, label, _ in labels if kind == "result"][1:] == ["result['y'][1].a", "result['y'][1].k = p['q'].k"]
