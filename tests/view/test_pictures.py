"""Pictures: well formed, without overlaps, the same each time, and honest about what is missing."""

from __future__ import annotations

import builtins
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from srcdiff.diagnostics import SrcdiffError
from srcdiff.ir.parse import parse
from srcdiff.view import dot
from srcdiff.view.build import graph_of
from srcdiff.view.dot import read_layout, to_dot
from srcdiff.view.layered import layered
from srcdiff.view.mermaid import to_mermaid
from srcdiff.view.model import Graph
from srcdiff.view.picture import Picture, picture
from srcdiff.view.style import size
from srcdiff.view.svg import to_svg

from .test_graph import LOOP, MEAN, SWEEPS, chain

ROOT = Path(__file__).resolve().parents[2]
TEXTS = {"mean": MEAN, "loop": LOOP, "sweeps": SWEEPS}


@pytest.fixture(autouse=True)
def without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    """The layout is ours, whatever the machine has."""
    monkeypatch.setattr(dot.shutil, "which", lambda name: None)


def graphs() -> dict[str, Graph]:
    found = {name: graph_of(parse(text), ("value", "gradient")) for name, text in TEXTS.items()}
    return {**found, "chain": chain(40)}


@pytest.mark.parametrize("name", [*TEXTS, "chain"])
def test_nodes_stand_apart_and_inside_their_boxes(name: str) -> None:
    graph = graphs()[name]
    placed = layered(graph)
    rectangles = []
    for node in graph.nodes:
        (x, y), (w, h) = placed.centres[node.id], size(node)
        rectangles.append((x - w / 2, y - h / 2, x + w / 2, y + h / 2))
        left, top, right, bottom = 0.0, 0.0, placed.width, placed.height
        if node.region:
            left, top, width, height = placed.boxes[node.region]
            right, bottom = left + width, top + height
        a, b, c, d = rectangles[-1]
        assert left <= a and top <= b and c <= right + 1 and d <= bottom + 1, node
    for index, (a, b, c, d) in enumerate(rectangles):
        for e, f, g, h in rectangles[:index]:
            assert c <= e + 1 or g <= a + 1 or d <= f + 1 or h <= b + 1


@pytest.mark.parametrize("name", [*TEXTS, "chain"])
def test_every_edge_leads_from_its_source_to_its_target(name: str) -> None:
    graph = graphs()[name]
    placed = layered(graph)
    for edge in graph.edges:
        curve = placed.curves[edge]
        assert len(curve) % 3 == 1
        for end, node in ((curve[0], edge.source), (curve[-1], edge.target)):
            (x, y), (w, h) = placed.centres[node], size(graph.by_id[node])
            assert abs(end[0] - x) <= w / 2 + 1 and abs(end[1] - y) <= h / 2 + 1, edge


def test_data_flows_downwards_and_adjoints_upwards() -> None:
    graph = graphs()["sweeps"]
    placed = layered(graph)
    assert placed.boxes["forward"][0] < placed.boxes["backward"][0]
    for edge in graph.edges:
        if graph.by_id[edge.source].region == graph.by_id[edge.target].region:
            down = placed.centres[edge.source][1] < placed.centres[edge.target][1]
            assert down == (graph.by_id[edge.source].region == "forward")


def test_an_svg_is_well_formed_and_names_everything() -> None:
    graph = graphs()["loop"]
    root = ET.fromstring(picture(LOOP))
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    for node in graph.nodes:
        assert ("result" if node.kind == "result" else node.label) in texts
    assert "for i in range(len(x))" in texts and "if x[i] > w" in texts
    titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "line 5: s = s + x[i - 1]" in titles


def test_text_is_escaped() -> None:
    text = "def f(x: float) -> float:\n    at(2, 'return x < \"a\" & b', index=0)\n    y: bool = lt(x, 2)\n    return x\n"
    graph = graph_of(parse(text))
    ET.fromstring(to_svg(graph, layered(graph)))
    assert "< 2" in "".join(ET.fromstring(picture(text)).itertext())
    assert '\\"a\\"' in to_dot(graph)
    assert "#lt; 2" in to_mermaid(graph)


def test_pictures_do_not_depend_on_the_hash_seed() -> None:
    code = "import sys; from srcdiff.view import dot; dot.shutil.which = lambda name: None\n" + (
        "from tests.view.test_graph import LOOP, SWEEPS; from srcdiff.view.picture import picture\n"
        "for text in (LOOP, SWEEPS):\n"
        "    for format in ('svg', 'dot', 'mermaid'):\n        sys.stdout.write(picture(text, format))"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
            capture_output=True, check=True,
        ).stdout
        for seed in "12"
    }  # fmt: skip
    assert len(made) == 1 and len(made.pop()) > 5000


def test_mermaid() -> None:
    assert picture(SWEEPS, "mermaid", ("value", "gradient")).splitlines()[:16] == [
        "flowchart TD",
        '  subgraph forward["forward"]',
        '    n1("x<br>float"):::argument',
        '    n2("y<br>float"):::argument',
        '    n3(("#42;")):::operation',
        '    n6("value<br>float"):::result',
        "  end",
        '  subgraph backward["backward"]',
        '    n4(["2 #42;"]):::adjoint_operation',
        '    n5("x_bar<br>gradient[0]: float"):::adjoint_result',
        '    n7("gradient[1] = 0.0<br>float"):::adjoint_result',
        "  end",
        "  n1 --> n3",
        "  n1 --> n4",
        "  n4 --> n5",
        "  n3 --> n6",
    ]


def test_dot_nests_clusters_and_turns_the_backward_sweep() -> None:
    text = picture(SWEEPS, "dot", ("value", "gradient"))
    assert "subgraph cluster_backward {" in text
    lines = [line.strip() for line in text.splitlines() if "->" in line]
    assert any(line.startswith("n5 -> n4 ") and "dir=back" in line for line in lines)  # 2 * gives x_bar, from below
    assert any(line.startswith("n1 -> n4 ") and "constraint=false" in line for line in lines)
    assert text.count("{") == text.count("}")


def test_another_format_is_refused() -> None:
    with pytest.raises(SrcdiffError, match="svg, dot, mermaid, not as 'png'"):
        picture(MEAN, "png")


def test_without_graphviz_and_grandalf_an_svg_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("grandalf"):
            raise ImportError(name)
        return imported(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(SrcdiffError, match="pip install grandalf.*or ask for the format dot or mermaid"):
        picture(MEAN)
    assert picture(MEAN, "dot").startswith("digraph")


# --- Graphviz

LAID_OUT = {
    "bb": "0,0,100,200",
    "objects": [{"name": "cluster_forward", "bb": "0,0,60,200"}, {"name": "cluster_backward", "bb": "60,0,100,200"}]
    + [{"name": f"n{k}", "pos": f"{10 * k},{20 * k}"} for k in range(1, 8)],
    "edges": [
        {"id": "e0", "pos": "e,10,20 10,50 10,40 10,30 10,25"},
        {"id": "e1", "pos": "10,50 10,40 10,30 10,25"},
        {"id": "e2", "pos": "s,50,100 50,90 50,80 50,70 40,60"},
        {"id": "e3", "pos": "e,10,20 10,50 10,40 10,30 10,25"},
    ],
}


def test_what_graphviz_says_is_read() -> None:
    graph = graphs()["sweeps"]
    placed = read_layout(graph, json.loads(json.dumps(LAID_OUT)))
    assert (placed.width, placed.height) == (120.0, 220.0)
    assert placed.centres["n1"] == (20.0, 190.0)
    assert placed.boxes["backward"] == (70.0, 10.0, 40.0, 200.0)
    assert placed.curves[graph.edges[0]][0] == (20.0, 160.0) and placed.curves[graph.edges[0]][-1] == (20.0, 190.0)
    turned = placed.curves[graph.edges[2]]
    assert turned[0] == (50.0, 150.0) and turned[-1] == (60.0, 110.0)  # from the source, whichever end was written first
    to_svg(graph, placed)


def test_graphviz_is_used_where_it_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {}

    def run(command: list[str], **options: Any) -> Any:
        asked.update(options, command=command)
        return subprocess.CompletedProcess(command, 0, json.dumps(LAID_OUT), "")

    monkeypatch.setattr(dot.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(dot.subprocess, "run", run)
    text = picture(SWEEPS, "svg", ("value", "gradient"))
    assert asked["command"] == ["/bin/dot", "-Tjson"] and "fixedsize=true" in asked["input"]
    assert 'width="120" height="220"' in text


@pytest.mark.parametrize("answer", [subprocess.CompletedProcess([], 1, "", "no"), OSError("gone")])
def test_a_graphviz_that_fails_is_done_without(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def run(command: list[str], **options: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    plain = picture(SWEEPS)
    monkeypatch.setattr(dot.shutil, "which", lambda name: f"/bin/{name}")
    monkeypatch.setattr(dot.subprocess, "run", run)
    assert picture(SWEEPS) == plain


def test_notebooks_show_an_svg_as_a_picture() -> None:
    made = picture(MEAN)
    assert isinstance(made, Picture) and made._repr_svg_() == made
    assert picture(MEAN, "dot")._repr_svg_() is None
