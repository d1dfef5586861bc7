"""``jacobian``, ``hessian`` and ``hvp``: values, axes, structures, kinds, and what they refuse."""

from __future__ import annotations

import copy
import functools
import inspect
import pickle
from collections import namedtuple
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.diagnostics import SignatureError

X = np.array([1.0, -2.0, 3.0])

Pair = namedtuple("Pair", "w b")


@dataclass(frozen=True)
class Layer:
    w: Any
    b: Any
    name: str = "layer"


def same(got: Any, want: Any) -> None:
    """Equal in structure, kinds, dtypes and shapes, and in value up to rounding."""
    assert type(got) is type(want), f"{got!r} is no {type(want).__name__}"
    if isinstance(want, dict):
        assert got.keys() == want.keys()
        for key in want:
            same(got[key], want[key])
    elif isinstance(want, (tuple, list)):
        assert len(got) == len(want)
        for one, other in zip(got, want, strict=True):
            same(one, other)
    elif isinstance(want, Layer):
        same((got.w, got.b, got.name), (want.w, want.b, want.name))
    elif want is not None:
        if isinstance(want, (np.ndarray, np.generic)):
            assert (got.dtype, got.shape) == (want.dtype, want.shape)
        if isinstance(want, str):
            assert got == want
        else:
            np.testing.assert_allclose(got, want, rtol=1e-6 if getattr(want, "dtype", None) == np.float32 else 1e-12)


def area(w, b=3.0, *, scale=2.0):
    """The documentation of area."""
    return scale * w * w * b


def cubes(x):
    return np.sum(x**3)


# --- against PyTorch, on functions of several axes


def residual(w, x, y):
    return np.tanh(x @ w) * 2 - y[:, None] * np.exp(-w[0])


def energy(w, x):
    z = np.tanh(x @ w)
    return np.sum(z * z * z) + np.sum(w) ** 2


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(sum(shape)).standard_normal(shape)


@pytest.mark.parametrize("wrt", [0, 1, 2, (0, 2), (2, 0, 1)])
@pytest.mark.parametrize("rows", [1, 2, 5])
def test_jacobians_are_those_of_pytorch(wrt: Any, rows: int) -> None:
    """With 1, 2 and 5 rows the value has fewer entries than an argument, and more."""
    torch = pytest.importorskip("torch")
    arguments = random(4, 3), random(rows, 4), random(rows)

    def twin(w, x, y):
        return torch.tanh(x @ w) * 2 - y[:, None] * torch.exp(-w[0])

    expected = torch.func.jacrev(twin, wrt)(*map(torch.tensor, arguments))
    expected = tuple(map(np.asarray, expected)) if isinstance(wrt, tuple) else np.asarray(expected)
    same(srcdiff.jacobian(residual, wrt)(*arguments), expected)


@pytest.mark.parametrize("wrt", [0, 1, (1, 0)])
def test_hessians_are_those_of_pytorch(wrt: Any) -> None:
    torch = pytest.importorskip("torch")
    arguments = random(4, 3), random(2, 4)

    def twin(w, x):
        z = torch.tanh(x @ w)
        return torch.sum(z * z * z) + torch.sum(w) ** 2

    expected = torch.func.hessian(twin, wrt)(*map(torch.tensor, arguments))
    if isinstance(wrt, tuple):
        expected = tuple(tuple(map(np.asarray, row)) for row in expected)
    else:
        expected = np.asarray(expected)
    same(srcdiff.hessian(energy, wrt)(*arguments), expected)


@pytest.mark.parametrize("wrt", [0, (0, 1)])
def test_products_are_those_of_the_hessian(wrt: Any) -> None:
    w, x = random(4, 3), random(2, 4)
    hessian = srcdiff.hessian(energy, (0, 1))(w, x)
    v, u = random(4, 3) + 1, random(2, 4) + 2
    if wrt == 0:
        same(srcdiff.hvp(energy)(w, x, v), np.tensordot(hessian[0][0], v, 2))
    else:
        expected = tuple(np.tensordot(row[0], v, 2) + np.tensordot(row[1], u, 2) for row in hessian)
        same(srcdiff.hvp(energy, wrt)(w, x, v, u), expected)


# --- closed forms, loops and branches


def scan(w, x):
    y = x.copy()
    for i in range(1, len(y)):
        y[i] = np.tanh(w * y[i - 1]) + y[i] * y[i]
    return y


def diffused(u, alpha, steps):
    for _ in range(steps):
        u[1:-1] += alpha * (u[2:] - 2 * u[1:-1] + u[:-2])
        if u[0] > 0:
            u[1:] *= u[0]
    return np.sum(u**3)


def test_a_loop_that_writes_its_state() -> None:
    """The Jacobian of the recurrence, from the recurrences of its rows."""
    w, x = 0.7, np.array([0.5, 0.2, -0.4, 0.9])
    y = scan(w, x)
    by_x, by_w = np.zeros((4, 4)), np.zeros(4)
    by_x[0, 0] = 1.0
    for i in range(1, 4):
        slope = 1 - np.tanh(w * y[i - 1]) ** 2
        by_x[i] = slope * w * by_x[i - 1]
        by_x[i, i] += 2 * x[i]
        by_w[i] = slope * (y[i - 1] + w * by_w[i - 1])
    same(srcdiff.jacobian(scan, (1, 0))(w, x), (by_x, by_w))
    assert np.array_equal(x, [0.5, 0.2, -0.4, 0.9])


@pytest.mark.parametrize("steps", [0, 1, 3])
def test_the_hessian_of_a_loop_with_writes(steps: int) -> None:
    u, alpha, step = random(5) + 2.0, 0.2, 1e-6
    hessian = srcdiff.hessian(diffused, (0, 1))(u, alpha, steps)
    gradient = srcdiff.grad(diffused, (0, 1))
    for k in range(5):
        delta = step * np.eye(5)[k]
        above, below = gradient(u + delta, alpha, steps), gradient(u - delta, alpha, steps)
        np.testing.assert_allclose(hessian[0][0][:, k], (above[0] - below[0]) / (2 * step), rtol=1e-6, atol=1e-6)
        np.testing.assert_allclose(hessian[1][0][k], (above[1] - below[1]) / (2 * step), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(hessian[0][1], hessian[1][0], rtol=1e-12)
    product = srcdiff.hvp(diffused)(u, alpha, steps, X_LONG)
    np.testing.assert_allclose(product, hessian[0][0] @ X_LONG, rtol=1e-10)


X_LONG = np.array([1.0, -2.0, 3.0, 0.5, -1.0])


def test_the_fewer_derivatives_are_run() -> None:
    def wide(x):
        return x[:2] * x[1:]

    def tall(x):
        return np.concatenate((x, x * x))

    derived = srcdiff.jacobian(wide)
    same(derived(X), np.array([[-2.0, 1.0, 0.0], [0.0, 3.0, -2.0]]))
    assert "pushforward" not in derived.source and "value_bar" in derived.source
    derived = srcdiff.jacobian(tall)
    same(derived(X), np.concatenate((np.eye(3), np.diag(2 * X))))
    assert "def tall_pushforward(x, x_dot):" in derived.source
    derived = srcdiff.jacobian(lambda x: tall(x) * 1.0)
    derived(np.ones(1))
    assert "_pushforward(x, x_dot):" in derived.source and len(derived.modules()) == 1  # one entry: one tangent


# --- kinds and shapes


@pytest.mark.parametrize(
    ("x", "six"),
    [(3.0, 6.0), (3, 6.0), (np.float32(3), np.float32(6)), (np.float64(3), np.float64(6)), (np.array(3.0), np.array(6.0)),
     (np.array(3.0, np.float32), np.array(6.0, np.float32))],
)
def test_numbers(x: Any, six: Any) -> None:
    same(srcdiff.jacobian(lambda x: x * x)(x), six)
    same(srcdiff.hessian(lambda x: x * x * x / 3 + x)(x), six)
    same(srcdiff.hvp(lambda x: x * x * x / 3 + x)(x, 1), six)
    zero = np.zeros_like(six) if isinstance(six, np.ndarray) else six * 0
    same(srcdiff.jacobian(lambda x, y: (x * x, y), (0, 1))(x, 1.0), ((six, 0.0), (zero, 1.0)))


def test_axes_of_the_value_come_first() -> None:
    x = random(2, 3)
    by_rows = srcdiff.jacobian(lambda x: x.T[:2])(x)
    by_columns = srcdiff.jacobian(lambda x, y: np.outer(y, x[0]) * 1.0, 0)(x, X)
    expected = np.zeros((2, 2, 2, 3))
    for i in range(2):
        for j in range(2):
            expected[i, j, j, i] = 1.0
    same(by_rows, expected)
    expected = np.zeros((3, 3, 2, 3))
    expected[:, :, 0] = X[:, None, None] * np.eye(3)
    same(by_columns, expected)


def test_an_argument_or_a_value_of_one_number() -> None:
    same(srcdiff.jacobian(lambda w, x: w * x)(2.0, X), X)
    same(srcdiff.jacobian(np_sum)(X), np.ones(3))
    same(srcdiff.hessian(lambda w, x: w * w * np.sum(x), (0, 1))(2.0, X), ((4.0, np.full(3, 4.0)),
                                                                          (np.full(3, 4.0), np.zeros((3, 3)))))


def np_sum(x):
    return np.sum(x)


def test_float32_stays() -> None:
    x = X.astype(np.float32)
    same(srcdiff.jacobian(lambda x: np.cumsum(x))(x), np.tri(3, dtype=np.float32))
    same(srcdiff.jacobian(lambda x: np.concatenate((x, x)))(x), np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2]])
    same(srcdiff.hessian(cubes)(x), np.diag(6 * x))
    same(srcdiff.hvp(cubes)(x, X), 6 * x * x)  # the vector takes the argument's dtype
    mixed = srcdiff.hessian(lambda x, y: np.sum(x * x * y), (0, 1))(x, X)
    assert [[block.dtype for block in row] for row in mixed] == [[np.float32, np.float64]] * 2


def test_dtypes_do_not_hang_on_the_way() -> None:
    """The value is wider or narrower than the argument, by rows and by columns: blocks have the argument's dtype."""
    x = X.astype(np.float32)
    same(srcdiff.jacobian(lambda x: x.astype(np.float64)[:2])(x), np.eye(3, dtype=np.float32)[:2])
    same(srcdiff.jacobian(lambda x: np.concatenate((x, x)).astype(np.float64))(x), np.tile(np.eye(3, dtype="f4"), (2, 1)))
    same(srcdiff.jacobian(lambda x: x.astype(np.float32)[:2])(X), np.eye(3)[:2])
    same(srcdiff.jacobian(lambda x: np.concatenate((x, x)).astype(np.float32))(X), np.tile(np.eye(3), (2, 1)))


def test_integers_are_made_floats() -> None:
    same(srcdiff.jacobian(lambda x: x * x)(np.array([1, 2])), np.diag([2.0, 4.0]))
    same(srcdiff.hessian(cubes)(np.array([1, 2])), np.diag([6.0, 12.0]))
    same(srcdiff.hvp(cubes)(np.array([1, 2]), np.array([1, 0])), np.array([6.0, 0.0]))


def test_nothing_at_all() -> None:
    none = np.zeros((2, 0))
    same(srcdiff.jacobian(lambda x: x * x)(none), np.zeros((2, 0, 2, 0)))
    same(srcdiff.jacobian(lambda x: np.sum(x, axis=1))(none), np.zeros((2, 2, 0)))
    same(srcdiff.jacobian(lambda x: x[:0])(X), np.zeros((0, 3)))
    same(srcdiff.hessian(cubes)(np.zeros(0)), np.zeros((0, 0)))
    same(srcdiff.hvp(cubes)(np.zeros(0), np.zeros(0)), np.zeros(0))


def test_no_influence_is_zeros() -> None:
    same(srcdiff.jacobian(lambda x, y: y)(X, np.ones(2)), np.zeros((2, 3)))
    same(srcdiff.hessian(lambda x, y: np.sum(x) * y, (0, 1))(X, 2.0), ((np.zeros((3, 3)), np.ones(3)), (np.ones(3), 0.0)))
    same(srcdiff.hvp(np_sum)(X, X), np.zeros(3))


def test_results_share_no_memory() -> None:
    x = X.copy()
    derived = srcdiff.jacobian(lambda x: (x, x))
    first, second = derived(x)
    first[:] = 7.0
    same(second, np.eye(3))
    same(derived(x)[0], np.eye(3))
    assert np.array_equal(x, X)


# --- structures


def net(params, x):
    return {"out": params["w"] * x, "sum": (np.sum(params["w"]) * params["b"],)}


def test_containers() -> None:
    params = {"w": np.array([1.0, 2.0]), "b": 3.0, "steps": 4, "kind": "net"}
    constants = {"steps": None, "kind": None}
    jacobian = srcdiff.jacobian(net)(params, 5.0)
    by_out = {"w": 5.0 * np.eye(2), "b": np.zeros(2), **constants}
    same(jacobian, {"out": by_out, "sum": ({"w": np.full(2, 3.0), "b": 3.0, **constants},)})
    both = srcdiff.jacobian(net, ("x", "params"))(params, 5.0)
    same(both["out"], (np.array([1.0, 2.0]), by_out))
    same(both["sum"][0][0], 0.0)


def test_hessians_of_containers() -> None:
    def loss(params):
        return np.sum(params["w"] ** 2) * params["b"]

    w = np.array([1.0, 2.0])
    expected = {"w": {"w": 6.0 * np.eye(2), "b": 2 * w, "n": None}, "b": {"w": 2 * w, "b": 0.0, "n": None}, "n": None}
    same(srcdiff.hessian(loss)({"w": w, "b": 3.0, "n": 1}), expected)
    product = srcdiff.hvp(loss)({"w": w, "b": 3.0, "n": 1}, {"b": 2, "w": np.array([1.0, 0.0]), "n": None})
    same(product, {"w": np.array([10.0, 8.0]), "b": 2.0, "n": None})


def test_records_and_tuples() -> None:
    def loss(p):
        return np.sum(p.w**2) * p.b

    w = np.array([1.0, 2.0])
    expected = [[6.0 * np.eye(2), 2 * w], [2 * w, 0.0]]
    same(srcdiff.hessian(loss)(Pair(w, 3.0)), Pair(*(Pair(*row) for row in expected)))
    same(srcdiff.hessian(loss)(Layer(w, 3.0)), Layer(*(Layer(*row, None) for row in expected), None))  # type: ignore
    same(srcdiff.hvp(loss)(Layer(w, 3.0), Layer(w, 0.0)), Layer(6.0 * w, 10.0, None))  # type: ignore[arg-type]
    same(srcdiff.jacobian(lambda p: [p[0] * p[1], p[1]])((w, 3.0)), [(3.0 * np.eye(2), w), (np.zeros(2), 1.0)])


def test_constants_in_the_value() -> None:
    same(srcdiff.jacobian(lambda x: (x * x, "kind", None))(X), (np.diag(2 * X), None, None))
    same(srcdiff.jacobian(lambda x: (np.concatenate((x, x)), "kind"))(X), (np.tile(np.eye(3), (2, 1)), None))


def test_lists_of_numbers() -> None:
    x = np.array([1.0, 5.0])
    same(srcdiff.jacobian(lambda ws, x: x * np.array(ws))([1.0, 2.0], x), [np.array([1.0, 0.0]), np.array([0.0, 5.0])])
    expected = [np.array([[1.0, 0.0], [5.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 5.0]])]
    same(srcdiff.jacobian(lambda ws, x: x[:, None] * np.array(ws))([1.0, 2.0], x), expected)
    same(srcdiff.hessian(lambda ws: np.sum(np.array(ws) ** 3))([1.0, 2.0]), [[6.0, 0.0], [0.0, 12.0]])
    same(srcdiff.hvp(lambda ws: np.sum(np.array(ws) ** 3))([1.0, 2.0], [0.0, 1.0]), [0.0, 12.0])


# --- how they are asked for


def test_decorators_and_options() -> None:
    @srcdiff.jacobian
    def squares(x, w):
        return x * x * w

    @srcdiff.hessian(wrt="w")
    def product(x, w):
        return np.sum(x) * w**3

    @srcdiff.hvp(argnums=(1, 0))
    def turned(x, w):
        return x * w

    same(squares(X, 2.0), np.diag(4 * X))
    assert product(X, 2.0) == 24.0
    assert turned(2.0, 3.0, 1.0, 10.0) == (10.0, 1.0)
    with pytest.raises(SignatureError, match="optimize is one of"):
        srcdiff.jacobian(squares.__wrapped__, optimize="fast")


def test_keywords_and_defaults() -> None:
    assert srcdiff.hessian(area, ("scale", "w"))(2.0, b=1.0) == ((0.0, 4.0), (4.0, 4.0))
    assert srcdiff.jacobian(area, ("w", "b", "scale"))(w=2.0) == (24.0, 8.0, 12.0)
    assert srcdiff.hvp(area)(2.0, 10.0) == 120.0  # the default of b is not taken for the vector
    assert srcdiff.hvp(area, ("w", "scale"))(2.0, 1.0, 0.0, b=1.0) == (4.0, 4.0)
    same(srcdiff.jacobian(lambda x, k=X: k * x, "k")(2.0), 2.0 * np.eye(3))


class Model:
    def __init__(self, w: Any) -> None:
        self.w = w

    @srcdiff.jacobian
    def scaled(self, x):
        return self.w * x

    @srcdiff.hessian
    def loss(self, x):
        return self.w * np.sum(x**3)

    @srcdiff.hvp
    def along(self, x):
        return self.w * np.sum(x**3)


def test_methods_and_partials() -> None:
    model = Model(2.0)
    same(model.scaled(X), 2.0 * np.eye(3))
    same(model.loss(X), np.diag(12 * X))
    same(Model.loss(model, X), np.diag(12 * X))
    same(model.along(X, X), 12 * X * X)
    model.w = 1.0
    same(model.loss(X), np.diag(6 * X))
    assert srcdiff.hessian(functools.partial(area, scale=5.0))(2.0) == 30.0
    assert srcdiff.hvp(functools.partial(area, 2.0), "scale")(1.0) == 0.0


def test_aux() -> None:
    same(srcdiff.jacobian(lambda x: (x * x, (x, len(x))), has_aux=True)(X), (np.diag(2 * X), (X, 3)))
    same(srcdiff.jacobian(lambda x: (x * X, "aux"), has_aux=True)(2.0), (X, "aux"))
    same(srcdiff.hessian(lambda x: (np.sum(x**3), {"x": x}), has_aux=True)(X), (np.diag(6 * X), {"x": X}))
    same(srcdiff.hvp(lambda x: (np.sum(x**3), len(x)), has_aux=True)(X, X), (6 * X * X, 3))
    with pytest.raises(SignatureError, match="has_aux: cubes has to return"):
        srcdiff.hessian(cubes, has_aux=True)(X)


def test_composition() -> None:
    same(srcdiff.jacobian(srcdiff.grad(cubes))(X), srcdiff.hessian(cubes)(X))
    same(srcdiff.hessian(srcdiff.grad(lambda x: x**4))(2.0), 48.0)
    same(srcdiff.grad(srcdiff.hvp(lambda x: x**4))(2.0, 10.0), 480.0)
    same(srcdiff.hvp(srcdiff.hvp(lambda x: x**4))(2.0, 1.0, 1.0), 24.0)
    same(srcdiff.jacobian(srcdiff.hvp(cubes), ("x", "x_dot"))(X, X), (np.diag(6 * X), np.diag(6 * X)))
    same(srcdiff.jacobian(srcdiff.jvp(lambda x: x**3), 1)(X, X), (np.zeros((3, 3)), np.diag(3 * X * X)))
    for made in (srcdiff.jacobian(area), srcdiff.hessian(area), Model(1.0).loss):
        with pytest.raises(SignatureError, match="many derivatives put together"):
            srcdiff.grad(made)


# --- as objects


def test_what_they_say_of_themselves(tmp_path: Path) -> None:
    hessian, product = srcdiff.hessian(area, ("w", "b")), srcdiff.hvp(area)
    assert hessian.__doc__ == "Hessian of area with respect to w and b.\n\nThe documentation of area."
    assert str(inspect.signature(hessian)) == "(w, b=3.0, *, scale=2.0)"
    assert list(inspect.signature(product).parameters) == ["w", "b", "w_dot", "scale"]
    assert hessian.__wrapped__ is product.__wrapped__ is area
    assert repr(hessian) == "<srcdiff.hessian of area>" and repr(product) == "<srcdiff.hvp of area>"
    with pytest.raises(SignatureError, match="nothing is compiled yet"):
        hessian.source
    hessian(2.0)
    product(2.0, 1.0)
    assert hessian.signatures == ("w: float, b: float, scale: float",)
    assert "def area_hvp(w, b, w_dot, b_dot, *, scale=2.0):" in hessian.source
    assert "Hessian of area (test_matrices.py:" in product.source
    assert "product: float" in product.graph("mermaid", backward=True)
    product.save(str(tmp_path / "product.py"))
    space: dict[str, Any] = {}
    exec((tmp_path / "product.py").read_text(), space)
    assert space["area_hvp"](2.0, 3.0, 10.0) == 120.0


@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (lambda: srcdiff.jacobian(lambda x: np.outer(x, x)[0]), (X,)),
        (lambda: srcdiff.jacobian(lambda x: np.outer(x, x)), (X,)),
        (lambda: srcdiff.hessian(cubes), (X,)),
        (lambda: srcdiff.hvp(cubes), (X, X)),
        (lambda: Model(2.0).loss, (X,)),
    ],
)
def test_pickles_and_copies(make: Any, arguments: Any) -> None:
    made = make()
    expected = made(*arguments)
    for other in (pickle.loads(pickle.dumps(made)), copy.copy(made), copy.deepcopy(made)):
        same(other(*arguments), expected)
        assert other.source == made.source and other.signatures == made.signatures


def test_a_rebound_constant_is_seen() -> None:
    rate = 2.0
    derived, product = srcdiff.hessian(lambda x: rate * x * x), srcdiff.hvp(lambda x: rate * x * x)
    assert (derived(1.0), product(1.0, 1.0)) == (4.0, 4.0)
    rate = 5.0
    assert (derived(1.0), product(1.0, 1.0)) == (10.0, 10.0)


# --- what they refuse


@pytest.mark.parametrize("derived", [srcdiff.hessian(lambda x: x * x), srcdiff.hvp(lambda x: x * x)])
def test_a_hessian_needs_one_number(derived: Any) -> None:
    arguments = (X, X) if "hvp" in repr(derived) else (X,)
    with pytest.raises(SignatureError, match=r"a Hessian needs .* returns f64\[n\] \(use srcdiff.jacobian") as caught:
        derived(*arguments)
    assert caught.value.code == "SD030"


def test_integers_have_no_jacobian() -> None:
    with pytest.raises(SignatureError, match="integers have no derivative"):
        srcdiff.jacobian(lambda x: len(x))(X)


@pytest.mark.parametrize("wrt", [3, "q", -2, (0, "q")])
def test_wrt_that_names_nothing(wrt: Any) -> None:
    for derive in (srcdiff.jacobian, srcdiff.hessian, srcdiff.hvp):
        vectors = (X, X) if isinstance(wrt, tuple) else (X,)
        with pytest.raises(SignatureError, match="cubes has no parameter") as caught:
            derive(cubes, wrt)(X, *(vectors if derive is srcdiff.hvp else ()))
        assert caught.value.code == "SD031"


def test_complex_numbers() -> None:
    with pytest.raises(SignatureError, match=r"x\['a'\] is complex: Jacobians and Hessians are those of real numbers"):
        srcdiff.jacobian(lambda x: x["a"] * 2)({"a": 1 + 2j})
    with pytest.raises(SignatureError, match="the value is c128"):
        srcdiff.jacobian(lambda x: x * np.exp(1j))(np.ones(1))


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        (np.ones(2), r"the vector for x has to be an array of shape \(3,\) like x itself; it is f64\[2\]"),
        (np.ones((3, 1)), r"it is f64\[3, 1\]"),
        (1.0, "it is float"),
        (None, "not None"),
        ([1.0, 2.0, 3.0], "not a list"),
        (X * 1j, r"of dtype float64 like x itself; it is c128\[3\]"),
    ],
)
def test_wrong_vectors(vector: Any, said: str) -> None:
    with pytest.raises(SignatureError, match=said):
        srcdiff.hvp(cubes)(X, vector)


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        (X, r"the vector for p has to be a dict of \['w'\], \['b'\] like p itself, not a ndarray"),
        ({"w": X}, r"not a dict of \['w'\]"),
        ({"w": X, "b": X}, r"the vector for p\['b'\] has to be a number like p\['b'\] itself; it is f64\[3\]"),
        ({"w": X[:2], "b": 1.0}, r"the vector for p\['w'\] has to be an array of shape \(3,\)"),
    ],
)
def test_wrong_vectors_of_containers(vector: Any, said: str) -> None:
    with pytest.raises(SignatureError, match=said):
        srcdiff.hvp(lambda p: np.sum(p["w"]) * p["b"])({"w": X, "b": 2.0}, vector)


def test_vectors_that_are_missing() -> None:
    with pytest.raises(SignatureError, match="takes the vector for w as its last positional argument, and got 0"):
        srcdiff.hvp(area)(w=2.0)
    with pytest.raises(SignatureError, match="takes the vectors for w, b as its last 2 .* missing a required"):
        srcdiff.hvp(area, (0, 1))(2.0, 3.0)
    with pytest.raises(SignatureError, match="too many positional arguments"):
        srcdiff.hvp(area)(2.0, 3.0, 4.0, 1.0)
