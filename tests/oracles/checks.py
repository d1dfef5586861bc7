"""One program against everything that its compiled gradient promises.

A `Case` is a function with arguments. `Checker` compiles it in the modes asked for and returns *findings*: sentences
that say what is wrong, each under the name of the oracle that saw it. A refusal (`SrcdiffError`) is not a finding; an
internal error or any other exception that the author's function does not raise is one, under `crash`.

The compiler is a parameter, so that tests can plant faults in a stand-in and see that every oracle can fail.
"""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.oracles import differences, trees


@dataclass(frozen=True)
class Case:
    """A function, arguments, and what it is differentiated by (a position, a name, or a tuple of them)."""

    f: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: Any = 0
    known_positions: tuple[int, ...] = ()  # where the signature of `f` does not tell

    @property
    def positions(self) -> tuple[int, ...]:
        """`wrt` as positions."""
        if self.known_positions:
            return self.known_positions
        names = list(inspect.signature(self.f).parameters)
        count = max(len(names), len(self.args))  # `*args` is one parameter
        wrt = self.wrt if isinstance(self.wrt, tuple) else (self.wrt,)
        return tuple(names.index(w) if isinstance(w, str) else w % count for w in wrt)

    def packed(self, parts: list[Any]) -> Any:
        """One gradient for one `wrt`, a tuple of them for a tuple."""
        return tuple(parts) if isinstance(self.wrt, tuple) else parts[0]

    def unpacked(self, gradient: Any) -> tuple[Any, ...]:
        """The inverse of `packed`."""
        return tuple(gradient) if isinstance(self.wrt, tuple) else (gradient,)

    @property
    def wanted(self) -> tuple[Any, ...]:
        """The arguments differentiated by."""
        return tuple(self.args[k] for k in self.positions)

    def direction(self, parts: tuple[Any, ...]) -> tuple[Any, ...]:
        """A tree like `args`: `parts` at the arguments differentiated by, zeros elsewhere."""
        full = [trees.zeros_like(arg) for arg in self.args]
        for k, part in zip(self.positions, parts, strict=True):
            full[k] = part
        return tuple(full)

    def author(self) -> Any:
        """What the author's function returns, on copies."""
        with np.errstate(all="ignore"):
            return self.f(*trees.clone(self.args))


@dataclass(frozen=True)
class Finding:
    """One broken promise."""

    oracle: str
    message: str

    def __str__(self) -> str:
        return f"{self.oracle}: {self.message}"


@dataclass
class Report:
    """What came out of checking one case."""

    findings: list[Finding] = field(default_factory=list)
    refusals: list[tuple[str, str, str]] = field(default_factory=list)  # mode, code, text
    kinks: int = 0
    compared: int = 0  # derivatives that were compared with differences
    missing: set[str] = field(default_factory=set)  # parts of the compiler that do not exist

    def add(self, oracle: str, message: str) -> None:
        """Note a broken promise."""
        self.findings.append(Finding(oracle, message))


@dataclass(frozen=True)
class Tolerances:
    """How far numbers may be apart: computed two ways by the compiler, and against differences."""

    exact: float = 1e-9
    differences: float = 2e-6

    def for_case(self, case: Case, value: Any) -> Tolerances:
        """Wider ones where single precision takes part."""
        if trees.uses_float32((case.args, value)):
            return Tolerances(max(self.exact, 2e-3), max(self.differences, 5e-3))
        return self


class Refused(Exception):
    """Ends the mode at hand: the program was refused, or something crashed, and the report says so."""


def refusal_code(error: Exception) -> str:
    """`SD021`, or the class name where an error carries no code."""
    found = getattr(error, "diagnostics", ())
    return found[0].code if found else type(error).__name__


def crash_site(error: BaseException) -> str:
    """Exception type and the innermost place inside srcdiff (or else anywhere), without line numbers."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/srcdiff/" in frame.filename.replace("\\", "/")]
    place = (ours or frames)[-1]
    return f"{type(error).__name__} in {'/'.join(place.filename.split('/')[-2:])}:{place.name}"


class Checker:
    """Runs a compiler over one case; every public method is one mode and adds to `report`."""

    def __init__(
        self,
        case: Case,
        compiler: Any,
        rng: np.random.Generator,
        tolerances: Tolerances | None = None,
        entries: int = 3,
    ) -> None:
        self.case, self.compiler, self.rng, self.entries = case, compiler, rng, entries
        self.report = Report()
        self.value = case.author()
        self.scalar = trees.is_float(self.value) and np.ndim(self.value) == 0
        self.base = tolerances or Tolerances()
        self.tolerances = self.base.for_case(case, self.value)
        self.compiled: dict[tuple[str, str], Any] = {}

    # -- running

    @contextmanager
    def guarded(self, mode: str) -> Iterator[None]:
        """Turn a refusal or a crash inside one mode into an entry of the report and `Refused`."""
        try:
            with np.errstate(all="ignore"):
                yield
        except Refused:
            raise
        except Exception as error:
            known = getattr(self.compiler, "SrcdiffError", ())
            if isinstance(error, known) and "Internal" not in type(error).__name__:
                self.report.refusals.append((mode, refusal_code(error), str(error)))
            else:
                text = "".join(traceback.format_exception(error))[-2500:]
                self.report.add("crash", f"{mode}: {crash_site(error)}\n{text}")
            raise Refused from error

    def function(self, transform: str, optimize: str = "default") -> Any:
        """The compiled function, one for each transform and option, reused for further arguments."""
        key = (transform, optimize)
        if key not in self.compiled:
            extra = {} if optimize == "default" else {"optimize": optimize}
            self.compiled[key] = getattr(self.compiler, transform)(self.case.f, self.case.wrt, **extra)
        return self.compiled[key]

    def called(self, mode: str, function: Callable[..., Any], *extra: Any) -> Any:
        """Call on copies of the arguments, and see that they stay as they were and are not shared."""
        args = trees.clone(self.case.args)
        before = trees.clone(args)
        with self.guarded(mode):
            result = function(*args, *extra)
        if not trees.identical(args, before):
            self.report.add("arguments", f"{mode}: the call changed an argument")
        return result, args

    # -- modes

    def run(self, mode: str) -> Report:
        """Run one mode by name: reverse, vjp, jvp, none, readable, interpreter, order2, forward_over_reverse."""
        try:
            getattr(self, mode)()
        except Refused:
            pass
        return self.report

    def reverse(self, optimize: str = "default") -> tuple[Any, ...]:
        """The gradient of a scalar result, or the pullback of a random cotangent: types, memory, differences."""
        mode = "reverse" if optimize == "default" else f"reverse optimize={optimize}"
        bar = self.cotangent()
        if self.scalar:
            (value, packed), args = self.called(mode, self.function("value_and_grad", optimize))
            gradient = self.case.unpacked(packed)
            scaled = tuple(self._scaled(g) for g in gradient)
        else:
            (value, pullback), args = self.called(mode, self.function("vjp", optimize))
            with self.guarded(mode):
                gradient = scaled = self.case.unpacked(pullback(trees.clone(bar)))
        self.check_value(mode, value, args)
        if self.check_gradient(mode, gradient, args) and optimize == "default":
            self.against_differences(mode, scaled, bar)
        return gradient

    def _scaled(self, gradient: Any) -> Any:
        number = float(self.cotangent())
        return trees.map_leaves(lambda g: g * number if trees.is_float(g) else g, gradient)

    def cotangent(self) -> Any:
        """A random cotangent, the same one in every mode of this case."""
        if not hasattr(self, "_bar"):
            self._bar = trees.random_like(self.value, self.rng)
        return self._bar

    def tangent(self) -> tuple[Any, ...]:
        """A random direction in the arguments differentiated by, the same in every mode."""
        if not hasattr(self, "_dot"):
            self._dot = tuple(trees.random_like(part, self.rng) for part in self.case.wanted)
        return self._dot

    def vjp(self) -> None:
        """The pullback: called twice, with cotangents that it must leave alone."""
        bar = self.cotangent()
        (value, pullback), args = self.called("vjp", self.function("vjp"))
        self.check_value("vjp", value, args)
        kept = trees.clone(value)
        mine = trees.clone(bar)
        with self.guarded("pullback"):
            first = self.case.unpacked(pullback(mine))
            before = trees.clone(first)
            second = self.case.unpacked(pullback(mine))
        if not trees.identical(mine, bar):
            self.report.add("cotangent", "the pullback changed its cotangent")
        if not trees.identical(value, kept):
            self.report.add("memory", "the pullback changed the value returned before")
        if not self.check_gradient("vjp", first, args) or not self.check_gradient("vjp, second call", second, args):
            return
        if not trees.identical(before, second) or not trees.identical(before, first):
            self.report.add("twice", "two calls of one pullback with one cotangent differ")
        shared = trees.shared_memory(first, (second, mine, value))
        if shared:
            self.report.add("memory", f"vjp: gradient and (second gradient, cotangent, value) share memory: {shared}")
        self.against_differences("vjp", first, bar)

    def jvp(self) -> None:
        """Forward mode: types, memory, differences of the whole result, and agreement with the pullback."""
        dot = self.tangent()
        mine = trees.clone(dot)
        (value, value_dot), args = self.called("jvp", self.function("jvp"), *mine)
        self.check_value("jvp", value, args)
        if not trees.identical(mine, dot):
            self.report.add("cotangent", "jvp changed its tangents")
        wrong = trees.structure_difference(value_dot, self.value)
        if wrong:
            self.report.add("type", f"jvp: the tangent of the result: {wrong}")
            return
        shared = trees.shared_memory(value_dot, (value, mine, args))
        if shared:
            self.report.add("memory", f"jvp: tangent and (value, tangents, arguments) share memory: {shared}")
        self._tangent_against_differences(value_dot)
        bar = self.cotangent()
        (_, pullback), _ = self.called("vjp", self.function("vjp"))
        with self.guarded("pullback"):
            gradient = self.case.unpacked(pullback(trees.clone(bar)))
        if self._mismatch(gradient) is None:
            self._agree_on_products(bar, value_dot, gradient, dot)

    def _agree_on_products(self, bar: Any, value_dot: Any, gradient: Any, dot: Any) -> None:
        """`<v, J u> = <J^T v, u>`."""
        left, left_size = trees.dot(bar, value_dot, self.value)
        right, right_size = trees.dot(gradient, dot, self.case.wanted)
        if not abs(left - right) <= self.tolerances.exact * max(1.0, left_size, right_size):
            self.report.add("jvp against vjp", f"<bar, J dot> = {left!r}, <J^T bar, dot> = {right!r}")

    def none(self) -> None:
        """Without optimisation: the same as with it."""
        self._same_as_default("none")

    def readable(self) -> None:
        """The third setting: the same again."""
        self._same_as_default("readable")

    def _same_as_default(self, optimize: str) -> None:
        default = self.reverse_quietly("default")
        other = self.reverse(optimize)
        self._compare_gradients(f"optimize={optimize} against default", other, default)

    def reverse_quietly(self, optimize: str) -> tuple[Any, ...]:
        """The gradient alone, without the checks that another mode makes."""
        if self.scalar:
            (_, packed), _ = self.called("reverse", self.function("value_and_grad", optimize))
            return self.case.unpacked(packed)
        (_, pullback), _ = self.called("reverse", self.function("vjp", optimize))
        with self.guarded("reverse"):
            return self.case.unpacked(pullback(trees.clone(self.cotangent())))

    def _compare_gradients(self, oracle: str, got: tuple[Any, ...], wanted: tuple[Any, ...]) -> None:
        if self._mismatch(got) or self._mismatch(wanted):
            return
        apart = trees.distance(got, wanted)
        if not apart <= self.tolerances.exact:
            self.report.add(oracle, f"gradients are {apart:.3g} apart: {got!r} and {wanted!r}")

    def interpreter(self) -> None:
        """The reference evaluator on the gradient's IR: the same numbers as the emitted text."""
        interpret = getattr(getattr(self.compiler, "compile", None), "interpret", None)
        if interpret is None:
            self.report.missing.add("compile.interpret")
            return
        if not self.scalar:
            return
        args = trees.clone(self.case.args)
        before = trees.clone(args)
        with self.guarded("interpreter"):
            value, packed = interpret(self.case.f, self.case.wrt, args, mode="value_and_grad")
        if not trees.identical(args, before):
            self.report.add("arguments", "interpreter: the call changed an argument")
        if not self._same_value(value):
            self.report.add("interpreter", f"value {value!r}, the author's {self.value!r}")
        default = self.reverse_quietly("default")
        self._compare_gradients("interpreter", self.case.unpacked(packed), default)

    # -- single checks

    def _same_value(self, value: Any) -> bool:
        if trees.identical(value, self.value):
            return True
        strided = any(not (a.flags.c_contiguous or a.flags.f_contiguous) for _, a in trees.arrays(self.case.args))
        types_agree = trees.structure_difference(value, self.value) is None
        loose = max(1e-13, 1e-5 if self.tolerances.exact > 1e-6 else 0.0)
        return strided and types_agree and trees.distance(value, self.value) <= loose

    def check_value(self, mode: str, value: Any, args: Any) -> None:
        """The value: bit-identical, of the same type, sharing no memory with an argument."""
        wrong = trees.structure_difference(value, self.value)
        if wrong:
            self.report.add("value", f"{mode}: {wrong}")
        elif not self._same_value(value):
            self.report.add("value", f"{mode}: {value!r}, the author's function gives {self.value!r}")
        shared = trees.shared_memory(value, args)
        if shared:
            self.report.add("memory", f"{mode}: value and arguments share memory: {shared}")

    def _mismatch(self, gradient: tuple[Any, ...]) -> str | None:
        return trees.structure_difference(gradient, self.case.wanted)

    def check_gradient(self, mode: str, gradient: tuple[Any, ...], args: Any) -> bool:
        """Kind, shape, dtype, memory; False where the numbers cannot be compared."""
        wrong = self._mismatch(gradient)
        if wrong:
            self.report.add("type", f"{mode}: gradient {wrong}")
            return False
        for path, leaf in trees.arrays(gradient):
            if not leaf.flags.writeable:
                self.report.add("memory", f"{mode}: gradient {path} is not writable")
        shared = trees.shared_memory(gradient, args)
        if shared:
            self.report.add("memory", f"{mode}: gradient and arguments share memory: {shared}")
        within = trees.shared_within(gradient)
        if within:
            self.report.add("memory", f"{mode}: two gradients share memory: {within}")
        return True

    def _projected(self, bar: Any) -> Callable[..., float]:
        """The scalar function `<bar, f>`, on copies in double precision."""
        wide = trees.as_double(bar)

        def projected(*args: Any) -> float:
            return trees.dot(self.case.f(*args), wide, self.value)[0]

        return projected

    def against_differences(self, mode: str, gradient: tuple[Any, ...], bar: Any) -> None:
        """Two random directions and some single entries of the gradient of `<bar, f>`."""
        case, projected = self.case, self._projected(bar)
        wide = trees.as_double(case.args)
        directions = [("a random direction", trees.random_like(case.wanted, self.rng)) for _ in range(2)]
        units = trees.entry_directions(case.wanted)
        if units:
            picked = self.rng.permutation(len(units))[: self.entries]
            directions += [units[k] for k in picked]
        for name, parts in directions:
            estimate = differences.directional(projected, wide, case.direction(parts))
            if not estimate.smooth:
                self.report.kinks += 1
                continue
            self.report.compared += 1
            got, size = trees.dot(gradient, parts, case.wanted)
            scale = self.tolerances.differences * max(1.0, size) if self.tolerances.exact > 1e-6 else 0.0
            limit = float(estimate.tolerance(self.tolerances.differences)[0]) + scale
            if not abs(got - float(estimate.numbers[0])) <= limit:
                wanted = float(estimate.numbers[0])
                self.report.add("differences", f"{mode}: along {name} {got!r}, differences {wanted!r} (±{limit:.1g})")

    def _tangent_against_differences(self, value_dot: Any) -> None:
        estimate = differences.directional(
            self.case.f, trees.as_double(self.case.args), self.case.direction(self.tangent())
        )
        got = differences.flat(value_dot)
        if got.shape != estimate.numbers.shape:
            self.report.kinks += 1
            return
        self.report.kinks += 0 if estimate.smooth else 1
        self.report.compared += 1 if estimate.smooth else 0
        close = np.abs(got - estimate.numbers) <= estimate.tolerance(self.tolerances.differences)
        if not bool(np.all(close | estimate.kink)):
            self.report.add("differences", f"jvp: {got.tolist()}, differences {estimate.numbers.tolist()}")
