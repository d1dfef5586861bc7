"""Signatures: from arguments, from annotations, from text; and their notation."""

from __future__ import annotations

import dataclasses
import enum
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from srcdiff.diagnostics import SignatureError
from srcdiff.frontend.annotations import of_annotations, of_text
from srcdiff.frontend.lower import ConstantError, lowered
from srcdiff.frontend.signature import of_arguments, value_names
from srcdiff.ir.notation import notation_of, read_notation
from srcdiff.ir.structure import Fixed, Leaf, Node
from srcdiff.ir.verify import verify
from tests.frontend.support import same


@dataclasses.dataclass
class Gaussian:
    mean: np.ndarray
    scale: float


class Pair(NamedTuple):
    left: float
    right: np.ndarray


class Color(enum.Enum):
    RED = 1


def signature(function, *args, **kwargs) -> str:
    return str(of_arguments(function, args, kwargs)[0])


def test_numbers_and_arrays() -> None:
    def f(a, b, c, d, e, f, g): ...

    found, leaves = of_arguments(
        f, (1.0, 2, 1j, np.float32(1.0), np.ones((2, 1, 0), np.float32), np.array(3.0), np.array([True])), {}
    )
    assert str(found) == "a: float, b: int[b], c: complex, d: f32, e: f32[n, 1, m], f: f64[()], g: b1[1]"
    assert len(leaves) == 7
    assert [dim.is_one() for dim in found.types[4].dims] == [False, True, False]


def test_each_axis_has_a_symbol_of_its_own() -> None:
    def f(n, x, y): ...

    assert signature(f, 3, np.ones((2, 2)), np.ones(2)) == "n: int[n], x: f64[d, m], y: f64[k]"
    found, _ = of_arguments(f, (3, np.ones((5,) * 12), np.ones(2)), {})
    names = [str(dim) for type_ in found.types[1:] for dim in type_.dims]
    assert len(set(names)) == 13 and "n" not in names


def test_constants_of_the_signature() -> None:
    def f(x, mode="fast", flag=True, *, nothing=None, function=len, kind=Color.RED): ...

    found, leaves = of_arguments(f, (1.0,), {})
    assert leaves == [1.0]
    assert [type(p.tree) for p in found.parameters] == [Leaf] + [Fixed] * 5
    assert [p.kind for p in found.parameters] == ["positional"] * 3 + ["keyword"] * 3
    assert [p.default for p in found.parameters] == ["", "'fast'", "True", "None", "", ""]


def test_containers() -> None:
    def f(a, b, c, d, e, g): ...

    args = ([1.0, 2.0], (1.0, [np.ones(2)]), {"w": np.ones(3), "k": {"b": 2.0}}, Gaussian(np.ones(2), 1.0), Pair(1.0, np.ones(2)), [])
    found, leaves = of_arguments(f, args, {})
    assert str(found) == (
        "a: [float, n], b: (float, [f64[m]]), c: {'w': f64[k], 'k': {'b': float}}, "
        "d: Gaussian(mean=f64[p], scale=float), e: Pair(left=float, right=f64[q]), g: []"
    )
    assert len(leaves) == 9
    assert value_names(found.parameters) == ["a", "b_0", "b_1_0", "w", "k_b", "mean", "scale", "left", "right"]


def test_names_of_leaves() -> None:
    def f(params, w): ...

    found, _ = of_arguments(f, ({"w": 1.0, "b": 2.0, "in": {"x": 1.0}, "out": {"x": 2.0}}, 3.0), {})
    assert value_names(found.parameters) == ["params_w", "b", "in_x", "out_x", "w"]


def test_lists_of_ints_and_mixed_numbers() -> None:
    def f(a, b, c): ...

    assert signature(f, [1, 2], [1, 2.0], [True]) == "a: [int, n], b: [float, d], c: [bool, m]"


def test_what_cannot_be_passed() -> None:
    def f(x): ...

    class Matrix(np.ndarray):
        pass

    for value in (object(), np.array(["a"]), np.ones(2).view(Matrix), np.ones(2, np.longdouble), {1, 2}, [object()]):
        with pytest.raises(SignatureError, match="`x"):
            of_arguments(f, (value,), {})
    with pytest.raises(TypeError):
        of_arguments(f, (1.0, 2.0), {})


def test_shared_memory_is_seen() -> None:
    def f(x, y, z): ...

    x = np.ones((3, 3))
    assert of_arguments(f, (x, np.ones(3), x[1:]), {})[0].shared == ((0, 2),)
    assert of_arguments(f, (x[0], x[1], x[2, ::-1]), {})[0].shared == ()
    assert of_arguments(f, ([x, 1.0], x.T, np.zeros(0)), {})[0].shared == ((0, 2),)


def test_defaults_methods_and_keywords() -> None:
    def f(x, y=2.0, *, z=3): ...

    assert signature(f, 1.0, z=4) == "x: float, y: float, z: int[z]"
    q = Gaussian(np.ones(2), 1.0)

    class Model:
        def value(self, x): ...

    Gaussian.value = Model.value
    assert signature(q.value, 1.0) == "self: Gaussian(mean=f64[n], scale=float), x: float"


def test_numbers_that_become_constants() -> None:
    def f(x, k, options):
        return np.sum(np.max(x, axis=k)) + options["layers"][options["at"] + 0]

    args = (np.ones((2, 3)), 1, {"layers": (1.0, 2.0), "at": 1})
    found, _ = of_arguments(f, args, {})
    with pytest.raises(ConstantError) as caught:
        lowered(f, found)
    assert caught.value.paths == {("k",)}  # the rest of the statement is not read
    with pytest.raises(ConstantError) as again:
        lowered(f, of_arguments(f, args, {}, caught.value.paths)[0])
    assert again.value.paths == {("options", "at")}
    found, leaves = of_arguments(f, args, {}, frozenset({("k",), ("options", "at")}))
    assert str(found) == "x: f64[n, d], k: 1, options: {'layers': (float, float), 'at': 1}"
    verify(lowered(f, found).function)

    def g(layers, n, x):
        for i in range(n):
            x = x * layers[i]
        return x

    with pytest.raises(ConstantError) as caught:
        lowered(g, of_arguments(g, ((1.0, np.ones(2)), 2, 1.0), {})[0])
    assert caught.value.paths == {("n",)}


# --- annotations


def test_annotations() -> None:
    def f(
        a: float, b: int, c: np.ndarray, d: NDArray[np.float32], e: np.float64, g: tuple[float, np.ndarray],
        h: Gaussian, i: Pair, j: list[float], k, m="text", n=0.5, o=None,
    ): ...

    assert str(of_annotations(f)) == (
        "a: float, b: int[b], c: array[...], d: f32[...], e: f64, g: (float, array[...]), "
        "h: Gaussian(mean=array[...], scale=float), i: Pair(left=float, right=array[...]), j: [float], "
        "k: unknown, m: 'text', n: float, o: None"
    )


def test_jaxtyping_and_quoted_notation() -> None:
    def f(x, y, z, w, v): ...

    notes = ("Float[Array, 'n d']", "f64[d, 1]", "'Float32[np.ndarray, \"...\"]'", "np.ndarray", "nonsense!")
    f.__annotations__ = dict(zip("xyzwv", notes))
    assert str(of_annotations(f)) == "x: f64[n, d], y: f64[m, 1], z: f32[...], w: array[...], v: unknown"
    assert [str(fact) for fact in of_annotations(f).facts] == ["m == d"]


# --- text


def test_text() -> None:
    def f(w, b: float, x, labels=None): ...

    found = of_text(f, "w: f64[d], x: f64[n, d], labels: i64[n]")
    assert str(found) == "w: f64[d], b: float, x: f64[n, m], labels: i64[k]"
    assert [str(fact) for fact in found.facts] == ["m == d", "k == n"]
    for wrong in ("v: float", "w: nonsense", "w", "w: f64[n"):
        with pytest.raises(SignatureError):
            of_text(f, wrong)


def test_equal_names_of_axes_are_facts_of_the_function() -> None:
    def f(x, y):
        return np.sum(x * y)

    function = lowered(f, of_text(f, "x: f64[n], y: f64[n]")).function
    verify(function)
    assert [str(fact) for fact in function.facts] == ["d == n"]


def test_ints_of_a_text_are_numbers_of_the_parameter() -> None:
    def f(x, k):
        return np.sum(x[:k])

    assert str(of_text(f, "x: f64[n], k: int")) == "x: f64[n], k: int[k]"


@pytest.mark.parametrize(
    "text",
    [
        "float", "f64[n, 1]", "f64[...]", "array[n]", "unknown", "float | f64", "[float]", "(float,)", "(f64[n], i64[n])",
        "{'w': f64[d], 'b': {'c': float}}", "[f64[n], f64[d]]", "[(f64[n], float), (f64[d], float)]", "'text'", "None",
        "True", "Gaussian(mean=f64[d], scale=float)", "()", "{}", "[[float], f64[n]]",
    ],
)
def test_the_notation_reads_what_it_writes(text: str) -> None:
    tree, types = read_notation(text, {"Gaussian": Gaussian})
    assert notation_of(tree, types) == text


def test_the_notation_of_lists() -> None:
    assert isinstance(read_notation("[float, n]")[0], Leaf)
    assert isinstance(read_notation("[f64[n]]")[0], Node)
    assert isinstance(read_notation("[float, float]")[0], Node)
    assert [read_notation(text)[0] for text in ("-1", "2.5", "None")] == [Fixed(-1), Fixed(2.5), Fixed(None)]
    for wrong in ("list", "f64[n", "{x: float}", "Unknown(a=float)", "-x"):
        with pytest.raises(ValueError):
            read_notation(wrong)


def test_results_have_the_structure_of_the_source() -> None:
    def f(x):
        return {"a": (x, [x * 2]), "b": None}

    function = lowered(f, of_arguments(f, (1.0,), {})[0]).function
    assert same(notation_of(function.returns, [value.type for value in function.body.results]),
                "{'a': (float, [float]), 'b': None}")
