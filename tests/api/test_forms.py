"""How a derivative is asked for: decorators, options, methods, partials, wrappers, aux."""

from __future__ import annotations

import dataclasses
import functools
import threading
from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.diagnostics import SignatureError, UnsupportedError

X = np.array([1.0, -2.0, 3.0])


def area(w, b=3.0, *, scale=2.0):
    """The documentation of area."""
    return scale * w * w * b


def weighted(x, a=1.5, weights=np.array([1.0, 2.0, 3.0])):
    return np.sum(a * weights * x * x)


# --- decorators and options


def test_bare_decorator() -> None:
    @srcdiff.grad
    def f(x):
        return x * x

    assert f(3.0) == 6.0


def test_decorator_with_options() -> None:
    @srcdiff.grad(wrt="w")
    def f(x, w):
        return x * w * w

    assert f(2.0, 5.0) == 20.0


@pytest.mark.parametrize("wrt", [("w", "b"), (0, 1), [0, "b"], (-3, -2)])
def test_several_arguments(wrt: Any) -> None:
    assert srcdiff.grad(area, wrt)(2.0, 5.0) == (40.0, 8.0)


def test_argnums() -> None:
    assert srcdiff.grad(area, argnums=(1, 0))(2.0, 5.0) == (8.0, 40.0)
    assert srcdiff.value_and_grad(argnums=1)(area)(2.0, 5.0) == (40.0, 8.0)


@pytest.mark.parametrize(
    ("wrt", "said"),
    [(1.5, "not 1.5"), ((), "an empty tuple"), (True, "not True"), (7, "no parameter 7"), ("q", "no parameter 'q'"),
     (-4, "no parameter -4")],
)
def test_wrong_wrt(wrt: Any, said: str) -> None:
    with pytest.raises(SignatureError, match=said) as caught:
        srcdiff.grad(area, wrt)(2.0)
    assert caught.value.code == "SD031"


# --- keywords and defaults


def test_keywords_and_defaults() -> None:
    derived = srcdiff.grad(area, ("w", "b", "scale"))
    assert derived(2.0) == (24.0, 8.0, 12.0)
    assert derived(2.0, scale=1.0, b=2.0) == (8.0, 4.0, 8.0)
    assert derived(b=2.0, w=1.0) == (8.0, 2.0, 2.0)


def test_tangents_stand_behind_what_was_given() -> None:
    assert srcdiff.jvp(area)(2.0, 1.0) == (24.0, 24.0)  # the default of b is not taken for the tangent
    assert srcdiff.jvp(area)(2.0, 1.0, b=1.0) == (8.0, 8.0)
    assert srcdiff.jvp(area, "scale")(2.0, 1.0, scale=5.0) == (60.0, 12.0)


def test_cotangents_stand_behind_what_was_given() -> None:
    value, pullback = srcdiff.vjp(area)(2.0, scale=1.0)
    assert (value, pullback(3.0)) == (12.0, 36.0)
    value, pullback = srcdiff.vjp(area, ("w", "b"))(w=2.0, b=1.0)
    assert (value, pullback(2.0)) == (8.0, (16.0, 16.0))


def test_a_default_that_is_no_literal() -> None:
    expected = 2 * 1.5 * np.array([1.0, 2.0, 3.0]) * X
    assert np.array_equal(srcdiff.grad(weighted)(X), expected)
    assert np.array_equal(srcdiff.grad(weighted, "weights")(X), 1.5 * X * X)
    assert srcdiff.jvp(weighted)(X, np.ones(3))[1] == np.sum(expected)
    assert np.array_equal(srcdiff.vjp(weighted)(X)[1](2.0), 2 * expected)


def test_a_default_that_is_an_int() -> None:
    def f(x, k=3):
        return x * k * k

    assert srcdiff.grad(f, "k")(2.0) == 12.0
    assert type(srcdiff.grad(f, "k")(2.0)) is float


def test_second_order_with_defaults() -> None:
    assert srcdiff.grad(srcdiff.grad(area))(2.0) == 12.0
    assert srcdiff.jvp(srcdiff.grad(area))(2.0, 1.0) == (24.0, 12.0)
    value, pullback = srcdiff.vjp(srcdiff.jvp(area))(2.0, 1.0)
    assert value == (24.0, 24.0)
    assert pullback((1.0, 1.0)) == 36.0


# --- aux


def with_aux(x, n):
    scaled = n * x
    return np.sum(scaled * x), {"scaled": scaled, "count": n, "kind": "square", "more": (None, True, [x.sum()])}


def test_aux_is_handed_on() -> None:
    gradient, aux = srcdiff.grad(with_aux, has_aux=True)(X, 4)
    assert np.array_equal(gradient, 8 * X)
    assert aux["kind"] == "square" and aux["count"] == 4 and aux["more"] == (None, True, [2.0])
    assert np.array_equal(aux["scaled"], 4 * X)


def test_aux_with_the_value() -> None:
    (value, aux), gradient = srcdiff.value_and_grad(with_aux, has_aux=True)(X, 4)
    assert value == 56.0 and np.array_equal(gradient, 8 * X) and aux["count"] == 4


def test_aux_beside_a_pullback() -> None:
    value, pullback, aux = srcdiff.vjp(lambda x: (x * x, (x, "aux")), has_aux=True)(X)
    assert np.array_equal(value, X * X) and aux[1] == "aux"
    assert np.array_equal(pullback(np.array([1.0, 2.0, 3.0])), 2 * X * np.array([1.0, 2.0, 3.0]))


def test_aux_has_no_derivative() -> None:
    def f(x):
        y = np.exp(x)
        return np.sum(x), np.sum(y * y)

    assert np.array_equal(srcdiff.grad(f, has_aux=True)(X)[0], np.ones(3))


def test_aux_shares_no_memory() -> None:
    x = X.copy()
    _, aux = srcdiff.grad(lambda x: (np.sum(x), x), has_aux=True)(x)
    aux[0] = 7.0
    assert np.array_equal(x, X)


def test_aux_at_second_order() -> None:
    inner = srcdiff.grad(lambda x: (x * x * x, (x, 1)), has_aux=True)
    assert srcdiff.grad(inner, has_aux=True)(2.0) == (12.0, (2.0, 1))


def test_aux_that_is_missing() -> None:
    with pytest.raises(SignatureError, match="returns float") as caught:
        srcdiff.grad(lambda x: x * x, has_aux=True)(2.0)
    assert caught.value.code == "SD033"
    with pytest.raises(SignatureError, match="has_aux=True"):
        srcdiff.grad(lambda x: (x * x, 1))(2.0)


def test_what_no_text_can_name_is_not_returned() -> None:
    with pytest.raises(SignatureError, match="returns `sin`"):
        srcdiff.grad(lambda x: (x * x, np.sin), has_aux=True)(2.0)


# --- methods


class Model:
    """An ordinary class."""

    rate = 3.0

    def __init__(self, w: float) -> None:
        self.w = w
        self._bias = 1.0
        self.generator = np.random.default_rng(0)
        self.lock = threading.Lock()
        self.parent: Any = self

    @property
    def bias(self):
        return self._bias

    @staticmethod
    def square(x):
        return x * x

    def scaled(self, x):
        return self.w * x

    def loss(self, x, power=1.0):
        return self.scaled(x) * x * self.rate * power + self.bias * self.square(x)

    @srcdiff.grad
    def decorated(self, x, y):
        return self.w * x * x * y

    @srcdiff.differentiable
    def both(self, x):
        return self.w * x * x

    @staticmethod
    @srcdiff.grad
    def above(x, y):
        return x * x * y

    @srcdiff.grad
    @staticmethod
    def below(x, y):
        return x * x * y

    @srcdiff.grad
    def unusual(this, x):
        return this.w * x * x

    def draws(self, x):
        return x * self.generator.normal()

    def locked(self, x):
        return x if self.lock is None else x * x

    def itself(self, x):
        return self

    def stores(self, x):
        self.w = x
        return x * x


@dataclasses.dataclass
class Line:
    slope: float
    offset: float = 0.0

    def loss(self, x):
        return self.slope * x * x + self.offset * x


def test_a_method_of_an_object() -> None:
    model = Model(2.0)
    derived = srcdiff.grad(model.loss)
    assert derived(2.0) == 2 * 2.0 * 2 * 3.0 + 2 * 2.0
    model.w = 5.0
    assert derived(2.0) == 2 * 5.0 * 2 * 3.0 + 2 * 2.0
    model.w = np.array([1.0, 2.0])  # type: ignore[assignment]
    value, pullback = srcdiff.vjp(model.loss)(1.0)
    assert np.array_equal(value, [4.0, 7.0]) and pullback(np.array([1.0, 1.0])) == 22.0


def test_positions_are_counted_after_self() -> None:
    model = Model(2.0)
    assert srcdiff.grad(Model.loss)(model, 2.0) == srcdiff.grad(model.loss)(2.0) == 28.0
    assert srcdiff.grad(model.loss, 1)(2.0) == srcdiff.grad(model.loss, -1)(2.0) == 24.0
    with pytest.raises(SignatureError, match="its parameters are x, power"):
        srcdiff.grad(model.loss, -3)(2.0)


def test_decorated_methods() -> None:
    model = Model(2.0)
    assert model.decorated(3.0, 5.0) == Model.decorated(model, 3.0, 5.0) == 60.0
    assert model.above(3.0, 5.0) == Model.above(3.0, 5.0) == 30.0
    assert model.below(3.0, 5.0) == Model.below(3.0, 5.0) == 30.0
    assert model.unusual(3.0) == 12.0
    assert (model.both(3.0), model.both.grad(3.0), model.both.value_and_grad(3.0)) == (18.0, 12.0, (18.0, 12.0))
    assert Model.both.grad(model, 3.0) == 12.0
    assert "def both_value_and_grad(self, x):" in model.both.source


def test_a_derivative_used_as_an_attribute_of_a_class() -> None:
    def f(model, x, y):
        return model.w * x * x * y

    class Holder(Model):
        gradient = srcdiff.grad(f, 0)

    assert Holder(2.0).gradient(3.0, 5.0) == 60.0  # counted after the instance


def test_second_order_of_methods() -> None:
    model = Model(2.0)
    assert srcdiff.grad(srcdiff.grad(model.both))(3.0) == srcdiff.grad(model.both.grad)(3.0) == 4.0
    assert srcdiff.jvp(model.loss)(2.0, 1.0) == (28.0, 28.0)


def test_methods_of_dataclasses() -> None:
    line = Line(2.0, 1.0)
    assert srcdiff.grad(line.loss)(3.0) == 13.0
    assert srcdiff.grad(line.loss, "self")(3.0) == Line(9.0, 3.0)
    line.slope = 4.0
    assert srcdiff.grad(line.loss)(3.0) == 25.0


def test_callable_objects() -> None:
    class Cubic:
        def __init__(self):
            self.w = 2.0

        def __call__(self, x):
            return self.w * x**3

    assert srcdiff.grad(Cubic())(2.0) == 24.0


def test_draws_from_a_generator_of_an_object() -> None:
    model, twin = Model(2.0), np.random.default_rng(0)
    assert [srcdiff.grad(model.draws)(2.0) for _ in range(3)] == [twin.normal() for _ in range(3)]


def test_what_of_an_object_is_refused() -> None:
    model = Model(2.0)
    with pytest.raises(UnsupportedError, match="`self.lock` is nothing that can be passed") as caught:
        srcdiff.grad(model.locked)(2.0)
    assert caught.value.filename == __file__ and "^" in str(caught.value)
    with pytest.raises(SignatureError, match="only dataclasses and named tuples"):
        srcdiff.vjp(model.itself)(2.0)
    with pytest.raises(SignatureError, match="gradient of self of loss would be a Model"):
        srcdiff.grad(model.loss, "self")(2.0)
    with pytest.raises(UnsupportedError):
        srcdiff.grad(model.stores)(2.0)
    assert model.w == 2.0
    with pytest.raises(SignatureError, match="classmethod"):
        srcdiff.grad(classmethod(lambda cls, x: x))


# --- partials and wrappers


def test_partials() -> None:
    assert srcdiff.grad(functools.partial(area, scale=5.0))(2.0) == 60.0
    assert srcdiff.grad(functools.partial(area, 2.0))(5.0) == 8.0  # with respect to b
    assert srcdiff.jvp(functools.partial(area, b=1.0))(2.0, 1.0) == (8.0, 8.0)
    assert srcdiff.grad(functools.partial(srcdiff.grad(area), 2.0))(5.0) == 8.0
    assert srcdiff.grad(functools.partial(Model.loss, Model(2.0)))(2.0) == 28.0


def test_cached_functions_are_looked_through() -> None:
    @functools.cache
    def helper(x):
        return x * x

    assert srcdiff.grad(functools.cache(area))(2.0) == 24.0
    assert srcdiff.grad(lambda x: helper(x) * x)(2.0) == 12.0


def test_jitted_functions_are_looked_through() -> None:
    numba = pytest.importorskip("numba")
    cubic = numba.njit(lambda x: x * x * x)
    assert srcdiff.grad(cubic)(2.0) == 12.0
    assert srcdiff.grad(lambda x: cubic(x) + x)(2.0) == 13.0


def hands_on(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        """Does nothing."""
        return function(*args, **kwargs)

    return wrapper


def doubles(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return 2.0 * function(*args, **kwargs)

    return wrapper


def doubles_one(function):
    @functools.wraps(function)
    def wrapper(x):
        return 2.0 * function(x)

    return wrapper


def square(x):
    return x * x


def test_wrappers() -> None:
    handed_on, doubled = hands_on(square), doubles(square)
    assert srcdiff.grad(handed_on)(3.0) == 6.0
    assert srcdiff.grad(doubles_one(square))(3.0) == 12.0  # the wrapper is a program like any other
    assert srcdiff.grad(doubled.__wrapped__)(3.0) == 6.0
    for function in (doubled, lambda x: doubled(x), hands_on(doubled)):
        with pytest.raises(UnsupportedError, match=r"`doubles.<locals>.wrapper` \(test_forms.py:\d+\)") as caught:
            srcdiff.grad(function)(3.0)
        assert caught.value.diagnostics[0].code == "SD003"


@pytest.mark.parametrize("function", [np.sin, abs, Model, np.vectorize(square)])
def test_what_has_no_source(function: Any) -> None:
    with pytest.raises(UnsupportedError, match="not a function written in Python"):
        srcdiff.grad(function)(3.0)


# --- differentiable


@srcdiff.differentiable(wrt=("x", "a"))
def scaled(x, *, a=2.0):
    return x * x * a


def test_differentiable() -> None:
    assert scaled(3.0) == 18.0
    assert scaled.grad(3.0) == (12.0, 9.0)
    assert scaled.value_and_grad(3.0, a=1.0) == (9.0, (6.0, 9.0))
    assert "def scaled_value_and_grad(x, *, a=2.0):" in scaled.source
    assert srcdiff.grad(lambda x: scaled(x) * 2.0)(3.0) == 24.0
    assert srcdiff.grad(scaled)(3.0) == 12.0


def test_pullbacks_have_no_derivative() -> None:
    with pytest.raises(SignatureError, match="pullback"):
        srcdiff.grad(srcdiff.vjp(area))


# --- what a pullback remembers


def test_a_pullback_is_that_of_the_value() -> None:
    """Objects, containers and constants may change between the value and its pullback."""
    model, line = Model(2.0), Line(2.0, 1.0)
    model.w = np.array([1.0, 2.0])  # type: ignore[assignment]
    weights, x = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    of_model = srcdiff.vjp(model.loss)(1.0)[1]
    of_line = srcdiff.vjp(line.loss)(3.0)[1]
    of_closure = srcdiff.vjp(lambda x: np.sum(weights * x * x))(x)[1]
    model.w[0] = 50.0  # type: ignore[index]
    model._bias, line.slope, weights[0], x[0] = 9.0, 7.0, 100.0, 100.0
    assert of_model(np.array([1.0, 1.0])) == 22.0
    assert of_line(1.0) == 13.0
    assert np.array_equal(of_closure(1.0), [6.0, 16.0])


def test_objects_that_answer_to_every_name() -> None:
    class Odd:
        def __getattr__(self, name):
            return 5.0

        def f(self, x):
            return self.w * x

    odd = Odd()
    with pytest.raises(UnsupportedError, match="`self.w` is nothing that can be passed"):
        srcdiff.grad(odd.f)(2.0)
    odd.w = 3.0  # type: ignore[attr-defined]
    assert srcdiff.grad(odd.f)(2.0) == 3.0


def test_a_class_with_slots_is_refused() -> None:
    class Tight:
        __slots__ = ("w",)

        def f(self, x):
            return self.w * x

    with pytest.raises(SignatureError, match="a value of type Tight cannot be passed"):
        srcdiff.grad(Tight().f)(2.0)
