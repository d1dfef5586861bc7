"""From a function of the IR to its computation graph.

Shapes and counters are no data that a reader follows: ``len(x)``, ``range(n)`` and ``i - 1`` are written into the label
of the operation that uses them, and an edge of kind ``shape`` says where they come from.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from srcdiff.ir.core import FOR, IF, WHILE, Block, Constant, Function, Loop, Op, Value, is_hole
from srcdiff.ir.literals import literal
from srcdiff.ir.structure import Node as Container
from srcdiff.ir.structure import Path, Tree, access, leaf_paths
from srcdiff.ir.types import Scalar, is_integer

from .labels import HOLE, OPERATORS, ORDERED, label, short
from .model import Edge, Graph, Node, Region

_INLINE = {"dim", "size", "ndim", "length", "range"}
_ARITHMETIC = {"add", "sub", "mul", "neg", "floordiv", "mod"}
_Ends = list[tuple[str, str]]
"""Where something comes from: nodes, and the kind of the edge from each."""


@dataclass(frozen=True)
class _Inline:
    """A value without a node: its text, and the nodes that it is made of."""

    text: str
    ends: tuple[tuple[str, str], ...] = ()


def graph_of(function: Function, results: Sequence[str] = ("result",)) -> Graph:
    """The computation graph of a function.

    function: as ``srcdiff.ir.parse`` reads it; results: names for what it returns and has no name (one name: for all of
    it; several: for the parts of the tuple). Operations of the backward sweep go into a region of their own.
    """
    return _Drawer(function).graph(results)


class _Drawer:
    def __init__(self, function: Function) -> None:
        self.function = function
        self.nodes: list[Node] = []
        self.edges: dict[Edge, None] = {}
        self.regions: list[Region] = []
        self.home: dict[Value, str] = {}
        self.inline: dict[Value, _Inline] = {}
        self.region = ""
        self.op: Op | None = None
        self.unread: set[str] = set()
        self.called = _arguments(function)
        self.sweeps = any(op.why == "adjoint" for op in function.body.ops)

    def graph(self, results: Sequence[str]) -> Graph:
        if self.sweeps:
            self.regions += [
                Region("forward", "forward", "forward"),
                Region("backward", "backward", "backward", upwards=True),
            ]
            self.region = "forward"
        for value in self.function.params:
            self.home[value] = self.node("argument", self.called[value], str(value.type))
        self.block(self.function.body)
        self.results(results)
        graph = Graph(self.function.name, tuple(self.nodes), tuple(self.edges), tuple(self.regions))
        return _pruned(graph, self.unread)

    # ------------------------------------------------------------------------------------------------ nodes and edges

    def node(self, kind: str, text: str, detail: str = "") -> str:
        """A new node in the present region, of the present op's statement."""
        op, name = self.op, f"n{len(self.nodes) + 1}"
        stmt = op.stmt if op is not None else None
        why = op.why if op is not None else ""
        line, said, place = (stmt.line, stmt.text, stmt.index) if stmt is not None else (0, "", -1)
        count = int(kind == "operation")
        self.nodes.append(Node(name, kind, short(text), short(detail), self.region, why, line, said, place, count))
        return name

    def edge(self, source: str, target: str, kind: str = "data", text: str = "") -> None:
        if source != target:
            self.edges.setdefault(Edge(source, target, kind, text))

    def connect(self, ends: Iterable[tuple[str, str]], target: str, text: str = "") -> None:
        for source, kind in ends:
            self.edge(source, target, kind, text)

    def ends(self, value: Value) -> _Ends:
        """The nodes that a value comes from."""
        if value in self.inline:
            return list(self.inline[value].ends)
        return [] if isinstance(value, Constant) else [(self.home[value], "data")]

    def text(self, value: Value) -> str | None:
        """The text of a value that is written into labels; None for one that comes along an edge."""
        if isinstance(value, Constant):
            return "nothing" if is_hole(value) else value.name or _number(value.value)
        if value in self.inline:
            return self.inline[value].text
        return self.name(value) if _is_count(value) and value.name else None

    def name(self, value: Value) -> str:
        """What a value is called: an argument by its path."""
        return self.called.get(value, value.name)

    # ------------------------------------------------------------------------------------------------ operations

    def block(self, block: Block) -> None:
        outer = self.op, self.region
        for op in block.ops:
            self.op, self.region = op, self.sweep(op, outer[1])
            if op.kind is IF:
                self.branch(op)
            elif op.kind in (FOR, WHILE):
                self.loop(op)
            elif not self.written_in(op):
                self.ordinary(op)
        self.op, self.region = outer

    def sweep(self, op: Op, region: str) -> str:
        """The region of an op: at the top of the function, its sweep."""
        if region in ("forward", "backward"):
            return "backward" if op.why == "adjoint" else "forward"
        return region

    def written_in(self, op: Op) -> bool:
        """Whether an op becomes a text in the labels of others; one that the author named is a node as well."""
        counts = op.name in _ARITHMETIC and all(map(_is_count, (*op.inputs, *op.results)))
        if op.name not in _INLINE and not counts:
            return False
        texts = [self.operand(value) for value in op.inputs]
        ends = tuple(dict.fromkeys((name, "shape") for value in op.inputs for name, _ in self.ends(value)))
        text = _inline_text(op, texts)
        if op.result.name and op.name != "range":
            self.home[op.result] = self.node("value", op.result.name, text)
            self.connect(ends, self.home[op.result])
        else:
            self.inline[op.result] = _Inline(text, ends)
        return True

    def operand(self, value: Value) -> str:
        """A value inside a text: what it is called, as far as it has a name."""
        return self.text(value) or self.name(value) or HOLE

    def ordinary(self, op: Op) -> None:
        """An operation: a node, edges from its operands, and a node for each result with a name."""
        said, options = label(op, [self.text(value) for value in op.inputs])
        name = self.node("operation", said, options)
        drawn = [value for value in op.inputs if self.text(value) is None]
        for number, value in enumerate(op.inputs):
            shape = number in op.kind.shape_only
            order = "12"[number] if op.name in ORDERED and len(drawn) == 2 and len(op.inputs) == 2 else ""
            for source, kind in self.ends(value):
                self.edge(source, name, "shape" if shape else kind, order)
        for value in op.results:
            self.home[value] = name
            if value.name:
                self.home[value] = self.node("value", value.name, str(value.type))
                self.edge(name, self.home[value])

    # ------------------------------------------------------------------------------------------------ regions

    def open(self, kind: str, title: str) -> str:
        name = f"r{len(self.regions) + 1}"
        upwards = any(region.id == self.region and region.upwards for region in self.regions)
        self.regions.append(Region(name, kind, short(title, 60), self.region, upwards))
        return name

    def branch(self, op: Op) -> None:
        """A box with a part for each arm; what the arms give meets in a node behind the box."""
        outside = self.region
        said = op.stmt.text.rstrip(":") if op.stmt is not None else "if"
        self.region = box = self.open("branch", said)
        test = self.node("condition", "if", "" if op.inputs[0] not in self.inline else self.inline[op.inputs[0]].text)
        self.connect(self.ends(op.inputs[0]), test)
        made: list[set[str]] = []
        for block, title in zip(op.blocks, ("then", "else"), strict=True):
            self.region = box
            self.region = self.open("arm", title)
            before = len(self.nodes)
            self.block(block)
            made.append({node.id for node in self.nodes[before:]})
        self.region = outside
        for number, value in enumerate(op.results):
            self.merge(op, number, value, test, made)

    def merge(self, op: Op, number: int, value: Value, test: str, made: list[set[str]]) -> None:
        """The node of one result of a branch."""
        yields = [block.results[number] for block in op.blocks]
        if yields[0] is yields[1] and yields[0] in self.home:
            self.home[value] = self.home[yields[0]]
            return
        plain = [
            f"{title}: {self.text(given)}"
            for title, given in zip(("then", "else"), yields, strict=True)
            if self.text(given) is not None and not is_hole(given)
        ]
        name = self.node("value", value.name or "either", ", ".join(plain) or str(value.type))
        self.home[value] = name
        for title, given, own in zip(("then", "else"), yields, made, strict=True):
            for source, kind in self.ends(given):
                self.edge(source, name, kind, "" if source in own else title)
        self.edge(test, name, "control")

    def loop(self, op: Op) -> None:
        """A box with the items and the carried values at its top; results stand behind it."""
        loop, outside = Loop.of(op), self.region
        said = op.stmt.text.rstrip(":") if op.stmt is not None else ("while" if op.kind is WHILE else "for each")
        self.region = self.open("loop", f"reversed: {said}" if op.attrs.get("reverse") else said)
        for item, seq in zip(loop.items, loop.seqs, strict=True):
            inline = self.inline.get(seq)
            self.home[item] = self.node("value", item.name or "item", f"in {inline.text}" if inline else str(item.type))
            self.connect(self.ends(seq), self.home[item])
            self.unread.add(self.home[item])
        for index, (value, init) in enumerate(zip(loop.carried_params, loop.init, strict=True)):
            text = _number(init.value) if isinstance(init, Constant) and not is_hole(init) else self.text(init)
            text = None if is_hole(init) else text
            named = value.name or loop.carried_results[index].name or "carried"
            self.home[value] = self.node("value", named, f"from {text}" if text else str(value.type))
            self.connect(self.ends(init), self.home[value])
        if op.kind is WHILE:
            self.condition(op, loop)
        self.block(loop.body)
        for value, given in zip(loop.carried_params, loop.carried_yields, strict=True):
            for source, _ in self.ends(given):
                self.edge(source, self.home[value], "carried")
        self.region = outside
        for value, given in zip((*loop.carried_results, *loop.stacks), (*loop.carried_yields, *loop.outs), strict=True):
            if value in loop.stacks and not value.name:
                name = self.node("value", "kept", str(value.type))
            else:
                name = self.node("value", value.name or given.name or "result", str(value.type))
            self.home[value] = name
            self.unread.add(name)
            self.connect(self.ends(given), name)

    def condition(self, op: Op, loop: Loop) -> None:
        """The test of a while loop, on the carried values."""
        test = op.blocks[0]
        for value, carried in zip(test.params, loop.carried_params, strict=True):
            self.home[value] = self.home[carried]
        self.block(test)
        name = self.node("condition", "while", self.text(test.results[0]) or "")
        self.connect(self.ends(test.results[0]), name)

    # ------------------------------------------------------------------------------------------------ results

    def results(self, names: Sequence[str]) -> None:
        paths = leaf_paths(self.function.returns)
        arguments = {self.home[value] for value in self.function.params}
        taken: set[str] = set()
        for path, value in zip(paths, self.function.body.results, strict=True):
            several = len(names) > 1 and bool(path) and isinstance(path[0], int) and path[0] < len(names)
            said = names[path[0]] if several else names[0]
            said = access(said, *_part(self.function.returns, path, several))
            home = self.home.get(value)
            self.region = "backward" if self.sweeps and len(names) > 1 and path[:1] != (0,) else self.region
            index = int(home[1:]) - 1 if home is not None else -1
            if home is not None and self.nodes[index].kind == "value" and home not in taken | arguments:
                self.nodes[index] = replace(self.nodes[index], kind="result", detail=_detail(self.nodes[index], said))
                taken.add(home)
                continue
            text = self.text(value)
            kind = str(value.type)
            name = self.node("result", said if text is None else f"{said} = {text}", kind)
            if self.region == "backward":
                self.nodes[-1] = replace(self.nodes[-1], why="adjoint")
            self.connect(self.ends(value), name)


def _detail(node: Node, said: str) -> str:
    """The second line of a named result: the part of the result that it is."""
    return f"{said}: {node.detail}" if node.detail else said


def _part(returned: Tree, path: Path, several: bool) -> tuple[Tree, Path]:
    """The part of what is returned that has a name of its own, and the path from there."""
    if not several:
        return returned, path
    assert isinstance(returned, Container)
    return returned.children[path[0]], path[1:]


def _arguments(function: Function) -> dict[Value, str]:
    """The arguments, with what they are called: ``params['w1']``."""
    leaves = iter(function.params)
    paths = [(p, path) for p in function.parameters for path in leaf_paths(p.tree)]
    return {next(leaves): access(p.name, p.tree, path) for p, path in paths}


def _number(value: object) -> str:
    try:
        return literal(value)
    except ValueError:
        return str(value)


def _is_count(value: Value) -> bool:
    """Whether a value is a Python int: a length, a counter, an index."""
    return isinstance(value.type, Scalar) and value.type.strength == "python" and is_integer(value.type)


def _inline_text(op: Op, texts: Sequence[str]) -> str:
    """The text of a length, a range, or arithmetic of counters."""
    name = op.name
    if name == "dim":
        axis = op.attrs["axis"]
        return f"len({texts[0]})" if axis == 0 else f"{texts[0]}.shape[{axis}]"
    if name == "range":
        start, stop, step = texts
        shown = [start, stop, step] if step != "1" else [start, stop] if start != "0" else [stop]
        return f"range({', '.join(shown)})"
    if name in OPERATORS:
        left, right = (f"({text})" if " " in text and name != "add" else text for text in texts)
        return f"{left} {OPERATORS[name]} {right}"
    return f"-{texts[0]}" if name == "neg" else f"{ {'length': 'len'}.get(name, name)}({texts[0]})"


def _pruned(graph: Graph, optional: set[str]) -> Graph:
    """Without what a loop makes and nobody reads, and without the regions that hold nothing."""
    read = {edge.source for edge in graph.edges}
    gone = {node.id for node in graph.nodes if node.id in optional and node.id not in read and node.kind == "value"}
    nodes = tuple(node for node in graph.nodes if node.id not in gone)
    edges = tuple(edge for edge in graph.edges if edge.target not in gone)
    used = {name for node in nodes for name in graph.path(node.id)}
    return Graph(graph.name, nodes, edges, tuple(region for region in graph.regions if region.id in used))
