"""The guard: outside the signature there is TypeError, never another number."""

from __future__ import annotations

import timeit
from typing import Any

import numpy as np
import pytest

import srcdiff
import srcdiff.rules
from srcdiff.compile import derive
from srcdiff.emit.guard import UncheckableFact, signature_text
from srcdiff.emit.module import Options, emit
from srcdiff.emit.text import readable
from srcdiff.ir.parse import parse

from .support import execute

SUM = "def f(x: f64[n]) -> (f64):\n    _1 = sum(x)\n    return _1\n"
LOSS = """
dims(n='axis', d='axis', m='axis')
require(m == n)
require(n != 1)

def loss(w: f64[d], b: float, x: f64[n, d], y: f64[m], k: f64[1, m], n__2: int, i: i64[n]) -> (f64):
    _1 = matmul(x, w)
    _2 = add(_1, b)
    _3 = sub(_2, y)
    _4 = add(_3, k)
    _5 = add(_4, i)
    _6 = mul(_5, n__2)
    _7 = sum(_6)
    return _7
"""


def compiled(ir: str, **options: Any) -> Any:
    function = parse(ir.replace("n__2: int", "times: int").replace("n__2", "times"))
    return execute("import numpy as np\n" + emit(function, Options(**options)).text, function.name)


def good() -> dict[str, Any]:
    x = np.arange(6.0).reshape(3, 2)
    return dict(w=np.ones(2), b=0.5, x=x, y=np.ones(3), k=np.ones((1, 3)), times=2, i=np.arange(3))


def test_inside_the_signature() -> None:
    call = compiled(LOSS)
    assert np.isfinite(call(**good()))
    assert call(**{**good(), "b": np.float64(0.5)}) == call(**good())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("w", [1.0, 1.0]),
        ("w", np.ones((2, 1))),
        ("w", np.ones(2, np.float32)),
        ("w", np.ones(2, int)),
        ("w", np.ma.masked_array(np.ones(2))),
        ("w", np.ones(3)),
        ("w", None),
        ("b", 1),
        ("b", np.float32(1)),
        ("b", np.array(0.5)),
        ("b", "x"),
        ("x", np.ones((3, 2, 1))),
        ("y", np.ones(1)),
        ("y", np.ones(4)),
        ("y", np.ones((3, 1))),
        ("k", np.ones((3, 1))),
        ("k", np.ones((2, 3))),
        ("times", 2.0),
        ("times", np.ones(3)),
        ("i", np.arange(3.0)),
        ("i", np.arange(1)),
    ],
)
def test_outside_the_signature(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match="loss is written for"):
        compiled(LOSS)(**{**good(), name: value})


def test_an_axis_that_must_not_be_one() -> None:
    short = {**good(), "x": np.ones((1, 2)), "y": np.ones(1), "k": np.ones((1, 1)), "i": np.arange(1)}
    with pytest.raises(TypeError):
        compiled(LOSS)(**short)


def test_the_advice_is_part_of_the_message() -> None:
    with pytest.raises(TypeError, match="srcdiff grad a.py:loss"):
        compiled(LOSS, advice="make it again with srcdiff grad a.py:loss")(**{**good(), "b": None})


def test_the_guard_may_be_left_out() -> None:
    assert "TypeError" not in emit(parse(LOSS), Options(guard=False)).text


def test_facts_that_numpy_checks_are_not_repeated() -> None:
    ir = "dims(n='axis', m='axis')\n{}(n == m)\ndef f(x: f64[n], y: f64[m]) -> (f64):\n    _1 = sum(x)\n    return _1\n"
    assert "len" in emit(parse(ir.format("require"))).text
    assert "len" not in emit(parse(ir.format("enforced"))).text


def test_an_unknown_argument_is_not_checked() -> None:
    text = emit(parse("def f(x: unknown) -> (unknown):\n    y = add(x, 1.0)\n    return y\n")).text
    assert "if" not in text


def test_an_array_of_unknown_rank_or_dtype() -> None:
    call = compiled("def f(x: f64[...], y: array[...]) -> (f64):\n    _1 = sum(x)\n    _2 = sum(y)\n    return _1\n")
    assert call(np.ones((2, 2)), np.arange(3)) == 4
    for args in ((1.0, np.arange(3)), (np.arange(3), np.arange(3)), (np.ones(2), [1])):
        with pytest.raises(TypeError):
            call(*args)


def test_lists_of_numbers() -> None:
    call = compiled("def f(xs: [float]) -> (float):\n    y = sum_items(xs, 0)\n    return y\n")
    assert call([1.0, 2.0]) == 3.0 and call([]) == 0
    for value in ((1.0, 2.0), [1], [np.ones(2)], np.ones(2)):
        with pytest.raises(TypeError):
            call(value)


def test_a_narrow_dtype_takes_python_floats_only() -> None:
    """A float64 scalar would promote float32 arrays."""
    call = compiled("dims(n='axis')\ndef f(x: f32[n], b: float) -> (f32[n]):\n    y = mul(x, b)\n    return y\n")
    assert call(np.ones(2, np.float32), 2.0).dtype == np.float32
    with pytest.raises(TypeError):
        call(np.ones(2, np.float32), np.float64(2.0))


def test_strong_scalars() -> None:
    body = "    a = mul(x, y)\n    b = mul(a, z)\n    return b\n"
    call = compiled(f"def f(x: f64, y: float | f64, z: bool) -> (f64):\n{body}")
    assert call(np.float64(2), 2.0, True) == 4 == call(np.float64(2), np.float64(2), True)
    for args in ((2.0, 2.0, True), (np.float64(2), 2, True), (np.float64(2), 2.0, 1)):
        with pytest.raises(TypeError):
            call(*args)


def test_shared_memory_of_what_is_written() -> None:
    ir = """
dims(n='axis')
def f(u: f64[n], v: f64[n]) -> (f64[n]):
    u__2 = copy(u)
    u__3 = set(u__2, 1.0, 0, index='@')
    y = add(u__3, v)
    return y
"""
    call, array = compiled(ir, written=("u",)), np.ones(4)
    assert call(array, np.ones(4))[0] == 2
    with pytest.raises(TypeError):
        call(array, array)
    with pytest.raises(TypeError):
        call(array, array[::-1])
    assert compiled(ir)(array, array)[0] == 2


def test_lengths_that_only_formulas_name() -> None:
    ir = """
dims(n='axis', m='axis')
require(m == max(n - 1, 0))
def f(x: f64[n], y: f64[m]) -> (f64):
    _1 = get(x, 1, index='@:')
    _2 = mul(_1, y)
    _3 = sum(_2)
    return _3
"""
    call = compiled(ir)
    assert call(np.ones(3), np.ones(2)) == 2
    with pytest.raises(TypeError):
        call(np.ones(3), np.ones(3))


def test_a_fact_that_nobody_can_see_is_a_defect() -> None:
    with pytest.raises(UncheckableFact):
        emit(parse(f"dims(n='axis', q='size')\nrequire(n == q)\n{SUM}"))


def test_signatures_are_written_in_the_one_notation() -> None:
    function = parse("dims(n='axis')\ndef f(p: {'w': f64[n]}, k: int) -> (float):\n    w = leaves(p)\n    return 1.0\n")
    assert signature_text(function) == "(p: {'w': f64[n]}, k: int)"


def test_what_the_guard_says_can_be_given_as_a_signature() -> None:
    def f(params, x, axes, k=2, kind="sum"):
        y = x @ params["w"] + params["b"][0] * k
        return np.sum(np.sum(y * y, axis=axes[1])) * params["b"][1]

    args = {"w": np.ones((3, 2)), "b": (1.0, np.float64(2.0))}, np.ones((4, 3)), (0, -1)
    gradient = srcdiff.value_and_grad(f)
    gradient(*args)
    names: dict[str, Any] = {}
    exec(gradient.source, names)
    with pytest.raises(TypeError) as caught:
        names["f_value_and_grad"](*args, kind="mean")
    said = str(caught.value).removeprefix("f_value_and_grad is written for (").removesuffix(")")
    assert said == (
        "params: {'w': f64[n, d], 'b': (float, f64)}, x: f64[m, n], axes: (int, -1), k: int, kind: 'sum'"
    )
    again = derive(f, 0, said)
    assert again.signature.text() == said
    value, params_bar = again.callable(*args)
    expected, expected_bar = gradient(*args)
    assert value == expected and np.array_equal(params_bar["w"], expected_bar["w"])
    assert derive(f, 0, said).made.text == again.made.text


def test_long_lines_of_a_guard_are_wrapped() -> None:
    def f(first_of_the_long_names, second_of_the_long_names, params):
        return first_of_the_long_names @ second_of_the_long_names * params["scale_of_the_product"] + params["b"]

    gradient = srcdiff.value_and_grad(f)
    gradient(np.ones(2), np.ones(2), {"scale_of_the_product": 2.0, "b": np.float64(1.0)})
    head, _, body = gradient.source.partition("    if (\n")
    guard, _, rest = body.partition("        )\n")
    assert "def f_value_and_grad" in head and rest.startswith("    value = first")
    assert max(map(len, guard.splitlines())) <= 120 and "        or len(params) != 2\n" not in guard
    assert guard.splitlines()[0] == "        len(params) != 2"
    assert guard.splitlines()[-3:] == [
        "        raise TypeError(",
        '            "f_value_and_grad is written for (first_of_the_long_names: f64[n], second_of_the_long_names: f64[n], "',
        '            "params: {\'scale_of_the_product\': float, \'b\': f64})"',
    ]
    assert readable(gradient.source).partition("    if (\n")[2].partition("        )\n")[0] == guard


def test_the_guard_is_cheap() -> None:
    ir = "dims(n='axis')\ndef f(w: float, x: f64[n]) -> (float):\n    return w\n"
    ir = ir.replace("return w", "_1 = dim(x, axis=0)\n    _2 = mul(w, _1)\n    return _2")
    call, bare = compiled(ir), compiled(ir, guard=False)
    x = np.ones(3)
    costs = [min(timeit.repeat(lambda: f(1.0, x), number=2000, repeat=7)) / 2000 for f in (call, bare)]
    assert costs[0] - costs[1] < 1e-6


def test_constants_of_the_signature_are_checked() -> None:
    def f(x, square=False, kind="a", of=np.sin):
        return x * x if square else x * 3.0

    names: dict[str, Any] = {}
    gradient = srcdiff.grad(f)
    assert gradient(2.0, True) == 4.0
    exec(gradient.source, names)
    assert names["f_grad"](2.0, True, "a", np.sin) == 4.0
    for others in ((False, "a", np.sin), (1, "a", np.sin), (True, "b", np.sin), (True, "a", np.cos)):
        with pytest.raises(TypeError, match="square: True, kind: 'a', of: sin"):
            names["f_grad"](2.0, *others)


def test_containers_of_another_length_are_refused() -> None:
    def f(layers, x):
        for layer in layers:
            x = np.tanh(layer["w"] * x)
        return x

    names: dict[str, Any] = {}
    gradient = srcdiff.value_and_grad(f, 1)
    layers = [{"w": 0.5}, {"w": 0.7}]
    value, _ = gradient(layers, 1.0)
    exec(gradient.source, names)
    assert names["f_value_and_grad"](layers, 1.0)[0] == value
    with pytest.raises(TypeError, match="f_value_and_grad is written for"):
        names["f_value_and_grad"]([*layers, {"w": 0.9}], 1.0)
    with pytest.raises(TypeError, match="f_value_and_grad is written for"):
        names["f_value_and_grad"]([layers[0], {"w": 0.7, "b": 0.1}], 1.0)
