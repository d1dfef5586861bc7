"""Derivatives as objects: signature, documentation, pickles, copies, threads."""

from __future__ import annotations

import copy
import functools
import inspect
import multiprocessing
import pickle
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import srcdiff
from srcdiff.diagnostics import SignatureError
from srcdiff.dispatch.portable import packed, unpacked
from tests.api.support import program, python

RATE = 3.0


def helper(x):
    return RATE * x * x


def loss(w: float, x: float = 1.0, *, power: float = 2.0) -> float:
    """The loss of the tests."""
    return helper(w) * x**power


@srcdiff.grad
def decorated(x):
    return x * x * x


@srcdiff.differentiable
def both(x):
    return x * x * x


class Model:
    def __init__(self, w):
        self.w = w

    @srcdiff.grad
    def loss(self, x):
        return self.w * x * x


def closure(k):
    weights = np.array([1.0, 2.0])

    def inner(x, p=2.0):
        return np.sum(k * helper(x) * weights) * p

    return inner


# --- what they say of themselves


def test_signature_and_documentation() -> None:
    derived = srcdiff.value_and_grad(loss, ("w", "x"))
    assert str(inspect.signature(derived)) == "(w: 'float', x: 'float' = 1.0, *, power: 'float' = 2.0)"
    assert derived.__doc__.startswith("Value of loss and its gradient with respect to w and x.")
    assert derived.__doc__.endswith("The loss of the tests.")
    assert derived.__wrapped__ is loss and derived.__name__ == "loss" and "loss" in repr(derived)
    assert list(inspect.signature(srcdiff.jvp(loss)).parameters) == ["w", "x", "w_dot", "power"]
    assert list(inspect.signature(srcdiff.grad(Model(1.0).loss)).parameters) == ["x"]
    assert str(inspect.signature(srcdiff.grad(functools.partial(loss, 2.0)))) == (
        "(x: 'float' = 1.0, *, power: 'float' = 2.0)"
    )


def test_signatures_and_source() -> None:
    derived = srcdiff.grad(helper)
    with pytest.raises(SignatureError, match="nothing is compiled yet"):
        derived.source
    derived(2.0)
    derived(np.float32(2.0))
    assert derived.signatures == ("x: float", "x: f32")
    assert "def helper_grad(x, *, RATE):" in derived.source


def test_save(tmp_path: Path) -> None:
    decorated(2.0)
    decorated.save(str(tmp_path / "cubic.py"))
    space: dict[str, Any] = {}
    exec((tmp_path / "cubic.py").read_text(), space)
    assert space["decorated_grad"](2.0) == 12.0


# --- pickles and copies


def again(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def test_what_can_be_imported_is_pickled_as_a_name() -> None:
    assert again(decorated) is decorated and again(both) is both
    assert len(pickle.dumps(decorated)) < 100


@pytest.mark.parametrize(
    "make",
    [
        lambda: srcdiff.grad(loss),
        lambda: srcdiff.grad(decorated),
        lambda: srcdiff.grad(functools.partial(loss, power=3.0)),
        lambda: Model(2.0).loss,
        lambda: srcdiff.grad(lambda x: RATE * x * x),
        lambda: both.grad,
        lambda: srcdiff.differentiable(lambda x: helper(x)).grad,
    ],
)
def test_pickles_and_copies_give_the_same(make: Any) -> None:
    derived = make()
    expected = derived(2.0)
    for other in (again(derived), copy.copy(derived), copy.deepcopy(derived), again(make())):
        assert other(2.0) == expected
        assert other.signatures == ("x: float",) or len(other.signatures) == 1


def test_closures_travel_with_their_helpers() -> None:
    derived = srcdiff.grad(closure(2.0))
    x = np.array([1.0, 3.0])
    assert np.array_equal(again(derived)(x), 24.0 * x * np.array([1.0, 2.0]))
    value, pullback = again(srcdiff.vjp(closure(2.0)))(x)
    assert value == 2 * 2 * 3 * (1 + 2 * 9) and np.array_equal(pullback(1.0), derived(x))


def test_functions_that_call_each_other_travel_together() -> None:
    def even(n):
        return n == 0 or odd(n - 1)

    def odd(n):
        return n > 0 and even(n - 1)

    def used(x):
        return inner(x) * x

    def inner(x):
        return helper(x)

    there = unpacked(again(packed(odd)))
    assert there is not odd and [there(n) for n in range(4)] == [False, True, False, True]
    assert again(srcdiff.grad(used))(2.0) == 36.0


def test_what_cannot_be_pickled_is_named() -> None:
    stream = sys.stdout
    with pytest.raises(pickle.PicklingError, match="it uses `a closure`, a"):
        pickle.dumps(srcdiff.grad(lambda x: x * stream.value))


def test_a_copy_of_a_method_has_a_copy_of_the_object() -> None:
    model = Model(2.0)
    copied = copy.deepcopy(model.loss)
    model.w = 5.0
    assert (copied(3.0), model.loss(3.0)) == (12.0, 30.0)


def test_compiled_modules_travel(tmp_path: Path) -> None:
    """The other process compiles nothing, though it finds no cache and no file of the function."""
    script = program(
        """
        import pickle, sys
        def helper(x): return 3.0 * x * x
        f = srcdiff.grad(lambda x, k=2.0: helper(x) * k)
        f(2.0)
        sys.stdout.buffer.write(pickle.dumps(f))
        """
    )
    (tmp_path / "made.py").write_text(script)
    load = program(
        f"""
        import pickle, subprocess, sys, os
        data = subprocess.run([sys.executable, {str(tmp_path / "made.py")!r}], stdout=subprocess.PIPE).stdout
        os.remove({str(tmp_path / "made.py")!r})
        import srcdiff.compile
        srcdiff.compile._derivative = None
        os.environ["SRCDIFF_CACHE_DIR"] = {str(tmp_path / "other")!r}
        f = pickle.loads(data)
        print(f(2.0), f.filename.startswith({str(tmp_path / "other")!r}))
        """
    )
    assert python("-c", load) == "24.0 True\n"


def test_worker_processes() -> None:
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        assert pool.map(srcdiff.grad(loss), [1.0, 2.0]) == [6.0, 12.0]


# --- threads


def test_threads_compile_once_and_share() -> None:
    def f(x, w):
        y = x.copy()
        for i in range(1, len(y)):
            y[i] = np.tanh(w * y[i - 1]) + y[i] * y[i]
        return np.sum(y)

    derived, results, barrier = srcdiff.value_and_grad(f, (0, 1)), [], threading.Barrier(8)
    rng = np.random.default_rng(0)
    inputs = [rng.standard_normal(5 + k) for k in range(8)]

    def work(k: int) -> None:
        barrier.wait()
        for _ in range(20):
            results.append((k, derived(inputs[k], 0.5)))

    threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 160 and len(derived.signatures) == 1
    for k, (value, (x_bar, w_bar)) in results:
        alone = srcdiff.value_and_grad(f, (0, 1))(inputs[k], 0.5) if k not in _known else _known[k]
        _known[k] = alone
        assert value == alone[0] and np.array_equal(x_bar, alone[1][0]) and w_bar == alone[1][1]


_known: dict[int, Any] = {}


def test_threads_with_functions_of_their_own() -> None:
    made = [srcdiff.grad(lambda x, k=k: x**k) for k in (2.0, 3.0, 4.0, 5.0)]
    results: dict[int, float] = {}
    threads = [
        threading.Thread(target=lambda n=n, f=f: results.__setitem__(n, f(2.0))) for n, f in enumerate(made)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {0: 4.0, 1: 12.0, 2: 32.0, 3: 80.0}
