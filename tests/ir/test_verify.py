"""The verifier: every rule of the IR, broken once; and faults planted into random functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

import pytest

import srcdiff.rules  # noqa: F401  (the table of operations)
from srcdiff.ir.core import IF, Block, Constant, Function, Op, Value
from srcdiff.ir.dims import Fact, axis, constant, size, symbol_dim
from srcdiff.ir.opdef import OPS, Storage, TypingError
from srcdiff.ir.parse import parse
from srcdiff.ir.structure import Leaf, Node, Parameter
from srcdiff.ir.types import BOOL, FLOAT, HOLE, INT, Array, List, Scalar
from srcdiff.ir.verify import VerifyError, verify

from .programs import random_function

# -------------------------------------------------------------------------------------------- faults that text can show

HEAD = "def f(x: float, c: bool, a: f64[n], b: f64[m], k: int) -> float:\n"

TEXTS = {
    "result 0 is f64[n], which is not a subtype of f64[m]": "y: f64[m] = mul(a, 2.0)\nreturn x",
    "result 0 is float, which is not a subtype of int": "y: int = mul(x, 2.0)\nreturn x",
    "mul cannot be typed": "y: [float] = range(0, k, 1)\nz: float = mul(y, x)\nreturn x",
    "is used out of its scope": "y: float\nif c:\n    z: float = neg(x)\n    yield z\nelse:\n    yield z\nreturn y",
    "1 then results are due, and 2 are there": (
        "y: float\nz: float\nif c:\n    yield x\nelse:\n    yield x, x\nreturn y"
    ),
    "1 else results are due, and 2 are there": (
        "y: float\nz: float\nif c:\n    yield x, x\nelse:\n    yield x\nreturn y"
    ),
    "then result 0 is f64[n], which": "y: float\nif c:\n    yield a\nelse:\n    yield x\nreturn y",
    "else result 0 is f64[n], which": "y: float\nif c:\n    yield x\nelse:\n    yield a\nreturn y",
    "the condition is f64[n]": "y: float\nif a:\n    yield x\nelse:\n    yield x\nreturn y",
    "the condition is [int]": "r: [int] = range(0, k, 1)\nif r:\n    pass\nelse:\n    pass\nreturn x",
    "cannot loop over a value of type float": "for i in each(x):\n    i: float\n    pass\nreturn x",
    "cannot loop over a value of type unknown": (
        "u: unknown\nif c:\n    yield x\nelse:\n    yield a\nfor i in each(u):\n    i: unknown\n    pass\nreturn x"
    ),
    "item 0 is f64, which is not a subtype of float": "for e in each(a):\n    e: float\n    pass\nreturn x",
    "item 0 is int, which is not a subtype of int[j + 1]": (
        "r: [int] = range(0, k, 1)\nfor i in each(r):\n    i: int[j + 1]\n    pass\nreturn x"
    ),
    "the symbol i_1 already stands": (
        "r: [int] = range(0, k, 1)\nfor i in each(r):\n    i: int[i_1]\n    for j in each(r):\n        j: int[i_1]\n"
        "        pass\n    pass\nreturn x"
    ),
    "names the item of one trip": (
        "r: [int] = range(0, k, 1)\nz: int\nfor i in each(r):\n    i: int[i_1]\n    j: int[i_1]"
        " = carry(hole(int[i_1]))\n    yield i\nreturn x"
    ),
    "the type of %z: [int[i_1]] names": (
        "r: [int] = range(0, k, 1)\nz: [int[i_1]]\nfor i in each(r):\n    i: int[i_1]\n    yield i\nreturn x"
    ),
    "initial value 0 is float, which": "z: int\nfor e in each(a):\n    y: int = carry(x)\n    yield y\nreturn x",
    "carried result 0 is float, which": "z: int\nfor e in each(a):\n    y: float = carry(x)\n    yield y\nreturn x",
    "yield 0 is f64, which is not a subtype of float": (
        "z: float\nfor e in each(a):\n    y: float = carry(x)\n    yield e\nreturn x"
    ),
    "the body yields too little": "for e in each(a):\n    y: float = carry(x)\n    pass\nreturn x",
    "the body's results and the op's differ": (
        "z: float\nfor e in each(a):\n    y: float = carry(x)\n    yield y, e\nreturn x"
    ),
    "what is stacked is float, not a list": "z: float\nfor e in each(a):\n    yield e\nreturn x",
    "out 0 is f64, which is not a subtype of int": "z: [int]\nfor e in each(a):\n    yield e\nreturn x",
    "initial value of the test 0 is float": (
        "def test(y: int):\n    return c\nz: float\nwhile test(x):\n    v: float = carry(x)\n    yield v\nreturn x"
    ),
    "carried value of the test 0 is float": (
        "def test(y: int):\n    return c\nz: float\nwhile test(0):\n    v: float = carry(x)\n    yield v\nreturn x"
    ),
    "the test has 2 results": (
        "def test(y: float):\n    return c, c\nz: float\nwhile test(x):\n    v: float = carry(x)\n    yield v\nreturn x"
    ),
    "parameters of the test and inputs differ": (
        "def test():\n    return c\nz: float\nwhile test(x):\n    v: float = carry(x)\n    yield v\nreturn x"
    ),
    "block parameters and inputs differ": (
        "def test(y: float):\n    return c\nz: float\nwhile test(x):\n    yield x\nreturn x"
    ),
    "the constant 1.5 is no int": "y: int = neg(const(1.5, int))\nreturn x",
    "the constant 'a' is no float": "y: float = neg(const('a', float))\nreturn x",
    "1 leaves of results, 2 values": "return x, x",
    "1 leaves of results, 0 values": "pass",
}


@pytest.mark.parametrize("problem", TEXTS)
def test_a_broken_rule_is_seen(problem: str) -> None:
    text = HEAD + "".join(f"    {line}\n" for line in TEXTS[problem].splitlines())
    with pytest.raises(VerifyError) as caught:
        verify(parse(text))
    assert problem in caught.value.problem
    if caught.value.op is not None:
        assert f"# <-- {caught.value.problem}" in str(caught.value)


@pytest.mark.parametrize(
    ("head", "problem"),
    [
        ("require(n == n + 1)", "the fact n == n + 1 never holds"),
        ("require(1 != 1)", "the fact 1 != 1 never holds"),
        ("require(2 == 3)", "the fact 2 == 3 never holds"),
        ("dims(p='size')\nrequire(p == n)", "no guard can check the fact p == n: no parameter gives p"),
        ("dims(p='length')\nenforced(p == n)", "symbol p has the unknown kind 'length'"),
    ],
)
def test_a_broken_fact_is_seen(head: str, problem: str) -> None:
    with pytest.raises(VerifyError) as caught:
        verify(parse(f"{head}\n{HEAD}    return x\n"))
    assert caught.value.problem == problem


def test_facts_that_hold_are_let_through() -> None:
    verify(parse(f"dims(p='size')\nrequire(n == m + 1)\nrequire(n - 1 != 1)\nenforced(p == n)\n{HEAD}    return x\n"))


def test_a_fact_that_the_text_rests_on_must_be_recorded() -> None:
    """`a * b` with two axes of which neither is 1: NumPy raises if they differ, unless one is 1 after all."""
    body = "    y: f64[n] = mul(a, b)\n    return x\n"
    recorded = parse(HEAD + body.replace("y: f64[n]", "y"))
    assert recorded.facts
    verify(recorded)
    with pytest.raises(VerifyError, match="relies on m == n|relies on n == m|relies on"):
        verify(replace(recorded, facts=()))


# ---------------------------------------------------------------------------------------------- lengths and their names

COUNTED = """
dims(n='axis', k_1='size', y_w1='size', y_w2='size')

def f(a: f64[n], m: b1[n]) -> f64[{result}]:
    v: f64[k_1] = get(a, m, index='@')
    z: f64[{result}]
    for e in each(a):
        e: f64
        y: f64[{carried}] = carry(v)
        w: f64[{carried}] = mul(y, 2.0)
        yield {yielded}
    return z
"""


@pytest.mark.parametrize(
    ("result", "carried", "yielded", "problem"),
    [
        ("k_1", "k_1", "w", ""),
        ("y_w1", "y_w1", "w", ""),
        ("y_w1", "y_w1", "a", ""),
        ("y_w2", "y_w1", "a", ""),
        ("k_1", "k_1", "a", "yield 0 is f64[n], which is not a subtype of f64[k_1]"),
        ("k_1", "y_w1", "w", "carried result 0 is f64[y_w1], which is not a subtype of f64[k_1]"),
        ("n", "k_1", "w", "carried result 0 is f64[k_1], which is not a subtype of f64[n]"),
    ],
)
def test_a_length_that_has_a_name_is_that_length(result: str, carried: str, yielded: str, problem: str) -> None:
    """A carried array may have some length; it may not have the mask's count by its type and another in truth."""
    function = parse(COUNTED.format(result=result, carried=carried, yielded=yielded))
    if problem:
        with pytest.raises(VerifyError) as caught:
            verify(function)
        assert caught.value.problem == problem
    else:
        verify(function)


# ----------------------------------------------------------------------------------------- faults that text cannot show

X, Y = Value(FLOAT, "x"), Value(FLOAT, "y")


def function_of(*ops: Op, params: tuple[Value, ...] = (X,), results: tuple[Value, ...] = (X,)) -> Function:
    parameters = tuple(Parameter(f"p{k}", Leaf()) for k in range(len(params)))
    returns = Node("tuple", tuple(range(len(results))), (Leaf(),) * len(results))
    return Function("f", parameters, Block(params, ops, results), returns)


def neg(x: Value, y: Value, **changes: object) -> Op:
    return replace(Op(OPS["neg"], (x,), (y,)), **changes)  # type: ignore[arg-type]


def changed(op: Op, **changes: object) -> Op:
    """The op with another declaration."""
    return replace(op, kind=replace(op.kind, **changes))  # type: ignore[arg-type]


EMPTY = Block((), (), ())
SET = Op(OPS["set"], (Value(Array("f64", (axis("n"),))), X, Constant(INT, "", 0)), (Value(Array("f64", (axis("n"),))),))


@pytest.mark.parametrize(
    ("function", "problem"),
    [
        (function_of(neg(Y, Value(FLOAT))), "is used before it is defined"),
        (function_of(neg(X, Y), neg(X, Y)), "is defined twice"),
        (function_of(neg(X, X)), "is defined twice"),
        (function_of(params=(X, X)), "is defined twice"),
        (function_of(params=(Constant(FLOAT, "", 1.0),)), "is defined"),
        (function_of(neg(X, Constant(FLOAT, "", 1.0))), "is defined"),
        (function_of(neg(X, Value(None))), "which is not a subtype of None"),  # type: ignore[arg-type]
        (function_of(params=(X, Value(HOLE))), "is typed as a hole"),
        (function_of(params=(X, Value(Array("f64", (symbol_dim("i.1", "size"),))))), "cannot be written"),
        (function_of(params=(X, Value(Array("f64", (symbol_dim("max(n, 0)", "axis"),))))), "cannot be written"),
        (function_of(results=(Constant(FLOAT, "", object()),)), "is no float"),
        (function_of(neg(X, Y, blocks=(EMPTY,))), "neg has blocks"),
        (function_of(neg(X, Y, attrs={"f": len})), "the attribute f=<built-in function len> is not a constant"),
        (function_of(neg(X, Y, attrs={"f": {"a": 1}})), "the attribute f={'a': 1} is not a constant"),
        (function_of(neg(X, Y, attrs={1: 2})), "the attribute 1=2 is not a constant"),
        (function_of(neg(X, Y, results=(Y, Value(FLOAT)))), "1 results are due, and 2 are there"),
        (function_of(neg(X, Y, results=())), "1 results are due, and 0 are there"),
        (function_of(changed(neg(X, Y), shape_only=(1,))), "neg declares input 1, which is not there"),
        (function_of(changed(neg(X, Y), storage=())), "neg declares the storage of 0 results"),
        (function_of(changed(neg(X, Y), storage=(Storage("view", 1),))), "neg views input 1"),
        (function_of(changed(neg(X, Y), storage=(Storage("shared", 0),))), "neg declares the storage shared"),
        (function_of(changed(neg(X, Y), updates=1)), "neg updates nothing"),
        (function_of(Op(IF, (), (), {}, (EMPTY, EMPTY))), "if_ has 0 inputs"),
        (function_of(Op(IF, (X,), (), {}, (EMPTY,))), "if_ has 1 blocks"),
        (function_of(Op(IF, (X,), (), {}, (EMPTY, Block((Y,), (), ())))), "the block else has parameters"),
        (function_of(Op(OPS["for_"], (X,), (), {}, (EMPTY,))), "for_ runs over None sequences"),
        (function_of(Op(OPS["for_"], (X,), (), {"seqs": 0}, (EMPTY,))), "for_ runs over 0 sequences"),
        (function_of(Op(OPS["for_"], (X,), (), {"seqs": 2}, (EMPTY,))), "for_ runs over 2 sequences"),
        (function_of(Op(OPS["for_"], (X,), (), {"seqs": 1, "reverse": 1}, (EMPTY,))), "reverse is not a bool"),
        (function_of(Op(OPS["for_"], (X,), (), {"seqs": 1}, (EMPTY,))), "block parameters and inputs differ in number"),
    ],
)
def test_a_broken_structure_is_seen(function: Function, problem: str) -> None:
    with pytest.raises(VerifyError) as caught:
        verify(function)
    assert problem in caught.value.problem


def test_an_update_must_keep_the_type() -> None:
    narrowed = Value(Array("f64", (axis("n"), axis("n"))))
    fault = changed(replace(SET, results=(narrowed,), attrs={"index": "@"}), infer=lambda *_: (narrowed.type,))
    with pytest.raises(VerifyError, match=r"update 0 is f64\[n\], which is not a subtype of f64\[n, n\]"):
        verify(function_of(fault, params=(X, fault.inputs[0])))


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ((Parameter("a", Leaf()), Parameter("a", Leaf())), "two parameters have the same name"),
        ((Parameter("a", Leaf()), Parameter("b", Leaf(), "other")), "parameter b has the unknown kind other"),
        ((Parameter("a", Leaf(), "keyword"), Parameter("b", Leaf())), "not in the order positional, keyword, hidden"),
        ((Parameter("a", Leaf(), "hidden"), Parameter("b", Leaf())), "not in the order positional, keyword, hidden"),
        ((Parameter("a", Leaf()),), "1 leaves of parameters, 2 values"),
    ],
)
def test_a_broken_signature_is_seen(parameters: tuple[Parameter, ...], problem: str) -> None:
    with pytest.raises(VerifyError) as caught:
        verify(Function("f", parameters, Block((X, Y), (), (X,)), Leaf()))
    assert problem in caught.value.problem


def test_a_function_that_cannot_be_printed_is_reported_all_the_same() -> None:
    odd = function_of(neg(X, Value(None)))  # type: ignore[arg-type]
    with pytest.raises(VerifyError, match="is not a subtype"):
        verify(odd)


def test_facts_must_be_facts() -> None:
    for fault in (Fact(constant(1), constant(1)), Fact(size("k"))):
        outcome = replace(function_of(), facts=(fault,))
        if fault.right is None:
            with pytest.raises(VerifyError, match="no guard can check"):
                verify(outcome)
        else:
            verify(outcome)


# ------------------------------------------------------------------------------------------------------- planted faults

Fault = Callable[[Random, Block], Block | None]


def used_in(ops: tuple[Op, ...], results: tuple[Value, ...], value: Value) -> bool:
    return value in results or any(
        value in op.inputs or any(used_in(b.ops, b.results, value) for b in op.blocks) for op in ops
    )


def drop_an_op(random: Random, block: Block) -> Block | None:
    places = [k for k, op in enumerate(block.ops) if any(used_in(block.ops, block.results, v) for v in op.results)]
    if not places:
        return None
    k = random.choice(places)
    return replace(block, ops=block.ops[:k] + block.ops[k + 1 :])


def repeat_an_op(random: Random, block: Block) -> Block | None:
    places = [op for op in block.ops if op.results]
    return replace(block, ops=(*block.ops, random.choice(places))) if places else None


def move_an_op_down(random: Random, block: Block) -> Block | None:
    places = [
        k for k, op in enumerate(block.ops) if any(used_in(block.ops[k + 1 :], (), value) for value in op.results)
    ]
    if not places:
        return None
    k = random.choice(places)
    return replace(block, ops=(*block.ops[:k], *block.ops[k + 1 :], block.ops[k]))


def lose_a_result(random: Random, block: Block) -> Block | None:
    return replace(block, results=block.results[1:]) if block.results else None


def add_a_result(random: Random, block: Block) -> Block | None:
    return replace(block, results=(*block.results, Constant(FLOAT, "", 0.0)))


def narrow_a_type(random: Random, block: Block) -> Block | None:
    places = [k for k, op in enumerate(block.ops) if op.results and not isinstance(op.results[0].type, List)]
    if not places:
        return None
    k = random.choice(places)
    op = block.ops[k]
    wrong = Value(BOOL if op.results[0].type != BOOL else Scalar("u8"), op.results[0].name)
    ops = (*block.ops[:k], replace(op, results=(wrong, *op.results[1:])), *block.ops[k + 1 :])
    if any(used_in(ops, block.results, value) for value in op.results[:1]):
        return None
    return replace(block, ops=ops)


def leak_an_inner_value(random: Random, block: Block) -> Block | None:
    inner = [value for op in block.ops for b in op.blocks for o in b.ops for value in o.results]
    if not inner or not block.results:
        return None
    return replace(block, results=(random.choice(inner), *block.results[1:]))


def lose_an_input(random: Random, block: Block) -> Block | None:
    places = [k for k, op in enumerate(block.ops) if op.blocks and op.inputs]
    if not places:
        return None
    k = random.choice(places)
    op = block.ops[k]
    return replace(block, ops=(*block.ops[:k], replace(op, inputs=op.inputs[:-1]), *block.ops[k + 1 :]))


def swap_yields(random: Random, block: Block) -> Block | None:
    """Exchange a number and an array among the results of an inner block."""
    for k, op in enumerate(block.ops):
        for j, inner in enumerate(op.blocks):
            kinds = [isinstance(value.type, Array) for value in inner.results[:2]]
            if len(set(kinds)) == 2:
                a, b, *rest = inner.results
                blocks = (*op.blocks[:j], replace(inner, results=(b, a, *rest)), *op.blocks[j + 1 :])
                return replace(block, ops=(*block.ops[:k], replace(op, blocks=blocks), *block.ops[k + 1 :]))
    return None


FAULTS: list[Fault] = [
    drop_an_op,
    repeat_an_op,
    move_an_op_down,
    lose_a_result,
    add_a_result,
    narrow_a_type,
    leak_an_inner_value,
    lose_an_input,
    swap_yields,
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_planted_faults_are_caught(fault: Fault) -> None:
    planted = 0
    for seed in range(60):
        random = Random(seed)
        function = random_function(seed)
        verify(function)
        body = fault(random, function.body)
        if body is not None:
            planted += 1
            with pytest.raises(VerifyError):
                verify(replace(function, body=body))
    assert planted >= 20


def test_planted_faults_are_caught_inside_blocks() -> None:
    planted = 0
    for seed in range(80):
        random = Random(seed)
        function = random_function(seed)
        for k, op in enumerate(function.body.ops):
            for j, inner in enumerate(op.blocks):
                fault = random.choice(FAULTS)
                found = fault(random, inner)
                if found is not None:
                    planted += 1
                    mutant = replace(op, blocks=(*op.blocks[:j], found, *op.blocks[j + 1 :]))
                    ops = (*function.body.ops[:k], mutant, *function.body.ops[k + 1 :])
                    with pytest.raises(VerifyError):
                        verify(replace(function, body=replace(function.body, ops=ops)))
    assert planted >= 100


def test_typing_errors_are_chained() -> None:
    text = HEAD + "    y: [float] = range(0, k, 1)\n    z: float = mul(y, x)\n    return x\n"
    with pytest.raises(VerifyError) as caught:
        verify(parse(text))
    assert isinstance(caught.value.__cause__, TypingError)
