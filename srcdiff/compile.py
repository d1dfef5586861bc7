"""The whole way: a function and a signature become a gradient module.

    lower -> optimise -> differentiate -> optimise, keep -> in place -> emit -> exec

Where the cache has the module of a lowered program, all between lowering and execution is skipped.
"""

from __future__ import annotations

import gc
import hashlib
import itertools
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from srcdiff.ad.derivative import Wrt, gradient_only, jvp, pushforward, value_and_grad, vjp, without_aux, wrt_leaves
from srcdiff.ad.reverse import NoDerivative
from srcdiff.cache.entries import Made, Origin
from srcdiff.cache.key import key_of
from srcdiff.cache.store import load, obtain
from srcdiff.demands import check_fresh, check_scalar, result_types
from srcdiff.diagnostics import Diagnostic, NoRuleError, SignatureError, UnsupportedError
from srcdiff.emit.embedded import constants_text, embedded
from srcdiff.emit.header import Header
from srcdiff.emit.module import Emitted, Options, emit_part, module_text
from srcdiff.emit.text import readable
from srcdiff.finish import finished, texts
from srcdiff.frontend.annotations import of_text
from srcdiff.frontend.lower import ConstantError, Lowered, Written, lowered
from srcdiff.frontend.signature import Signature, of_arguments
from srcdiff.ir.core import Function, Value
from srcdiff.ir.dump import requested
from srcdiff.ir.interp import run as run_ir
from srcdiff.ir.literals import is_literal
from srcdiff.ir.opdef import OPS
from srcdiff.ir.structure import Path, leaf_count
from srcdiff.ir.text import to_text
from srcdiff.ir.types import is_inexact
from srcdiff.leaves import as_cotangent
from srcdiff.passes.activity import active_values, varied_values
from srcdiff.passes.buffers import Buffers
from srcdiff.passes.dce import eliminate_dead_values
from srcdiff.passes.order import Order
from srcdiff.passes.pipeline import FINISH, FINISH_APART, PREPARE, run
from srcdiff.passes.recognise import recognise
from srcdiff.request import Request, parameter_of
from srcdiff.rules.optional import OWN_OPS
from srcdiff.written import output_names, outputs_of, returning

OWN_OPS.update(OPS)

LOCK = threading.RLock()
"""Held while anything is compiled."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=LOCK._at_fork_reinit)  # type: ignore[attr-defined]

OPTIMIZE = ("readable", "default", "none")


@dataclass(frozen=True)
class Module:
    """A compiled derivative.

    made: its text, and what is known of it; filename: where it stands, or ``<srcdiff …>`` if it is in memory only; key:
    of its file, or None if it may not have one; callable: the function in it.
    """

    request: Request
    signature: Signature
    lowered: Lowered
    key: str | None
    digest: str
    made: Made
    filename: str
    callable: Callable[..., Any]

    @property
    def text(self) -> str:
        """The source, as it is executed."""
        return self.made.text

    @property
    def written(self) -> tuple[str, ...]:
        """The parameters that hold arrays into which the author's function writes."""
        return self.made.written

    @cached_property
    def derivative(self) -> Function:
        """The IR before updates went in place."""
        with collector_paused():
            return _derivative(self.request, self.lowered.function)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The IR of the text: one function, or those of the two sweeps."""
        return _finished(self.request, self.lowered.function, self.derivative)

    @property
    def hidden(self) -> tuple[str, ...]:
        """Names of the globals and closure cells that are passed at run time."""
        return tuple(p.name for p in self.lowered.function.parameters if p.kind == "hidden")

    def hidden_values(self) -> dict[str, Any]:
        """What the globals and closure cells stand for now, by the names of the hidden parameters."""
        return hidden_values(self.lowered)

    def primal(self, *args: Any, **kwargs: Any) -> Any:
        """The author's function, or the derivative of it that is differentiated again."""
        of = self.request.of
        if not isinstance(of, Request):
            return returning(of, self.request.outputs)(*args, **kwargs)
        module = compile_module(of, self.signature)
        split = len(args) - of.tangents
        args = (*args[:split], *map(as_cotangent, args[split:]))
        return module.callable(*args, **kwargs, **module.hidden_values())

    def readable(self, command: str, source: str, checked: str) -> str:
        """The text of a file: header, module, a function for the gradient alone, formatted.

        command: makes the file again; source: the author's file as seen from this one; checked: what was checked.
        """
        functions = tuple(embedded(function, self.hidden_values()) for function in self.functions)
        header = Header(
            self.lowered.function.name,
            source,
            self.wrt,
            self.request.mode,
            self.signature.text(),
            self.digest,
            command,
            checked,
            constants_text(functions[0]),
            _called(self.functions),
            _left_in(self.request.chain()[0]),
        )
        parts = _texts(self.request, self.lowered.function, functions, self.made.name, command)
        if self.request.mode == "value_and_grad":
            whole = functions[0]
            alone = replace(whole, name=whole.name.replace("_value_and_grad", "_grad"))
            parts.append(emit_part(alone, whole, 1, f"The gradient alone: see {whole.name}."))
        return readable(module_text(parts, header.text()))

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names of the parameters that are differentiated."""
        return tuple(_parameter_name(self.lowered.function, w, self.request.skip) for w in self.request.wrt)


def digest_of(read: Lowered) -> str:
    """sha256 of a function as it was read, with its helpers, constants and types."""
    return hashlib.sha256(to_text(embedded(read.function, hidden_values(read))).encode()).hexdigest()


def hidden_values(read: Lowered) -> dict[str, Any]:
    """What the globals and closure cells that a function reads stand for now, by the names of the hidden parameters."""
    return {found.hidden: found.now() for found in read.hidden}



def compile_module(request: Request, signature: Signature) -> Module:
    """Compile a derivative for one signature.

    Raises UnsupportedError (with a caret) for source that is refused, NoRuleError where a function has no derivative,
    SignatureError where ``wrt`` names nothing that can be differentiated.
    """
    with LOCK, collector_paused():
        return _compiled(request, signature)


def compile_call(
    request: Request, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[Module, frozenset[Path]]:
    """The module for a call, and what became a constant of its signature: the paths of ints that must be known by
    value, of arrays whose lengths must be known. Raises as ``compile_module``."""
    fixed: frozenset[Path] = frozenset()
    while True:
        signature, _ = of_arguments(request.function, args, kwargs, fixed)
        try:
            return compile_module(request, signature), fixed
        except ConstantError as error:
            if error.paths <= fixed:
                raise
            fixed |= error.paths


def digest_for(
    function: Callable[..., Any], types: str | Sequence[Any] | None, mode: str = "value_and_grad", of: Any = None
) -> str:
    """The digest that a module has for these types; nothing is differentiated."""
    request = Request(function, (0,), True, mode, outputs=outputs_of(of))
    if types is None or isinstance(types, str):
        return digest_of(lowered(function, of_text(function, types or ""), written=_written_outputs(request)))
    fixed: frozenset[Path] = frozenset()
    while True:
        signature, _ = of_arguments(function, types, {}, fixed)
        try:
            return digest_of(lowered(function, signature, written=_written_outputs(request)))
        except ConstantError as error:
            if error.paths <= fixed:
                raise
            fixed |= error.paths


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without garbage collection: programs are trees that live as long as the compilation, and scanning them again and
    again would take a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _compiled(request: Request, signature: Signature) -> Module:
    read = lowered(request.function, signature, written=_written_outputs(request))
    key = _key(request, read.function)
    stem = "_".join([read.function.name, *(step.mode for step in request.chain())])
    digest = digest_of(read)  # before values get names in the derivative
    stages: dict[str, Any] = {}

    def make() -> Made:
        stages["derivative"] = derivative = _derivative(request, read.function)
        stages["functions"] = functions = _finished(request, read.function, derivative)
        return _made(_texts(request, read.function, functions, derivative.name), derivative.name, read.function)

    made, filename = obtain(key, stem, make, again=requested())
    module = Module(request, signature, read, key, digest, made, filename, load(made, filename))
    vars(module).update(stages)  # what has been computed need not be computed when it is asked for
    return module


def _called(functions: Sequence[Function]) -> str:
    """What of the author's modules the text calls: ``steps (of model), table (of data)``."""
    ops = (op for function in functions for op in function.body.walk())
    homes = dict.fromkeys(home for op in ops for home in op.attrs.get("imports", ()))
    return ", ".join(f"{name} (of {module})" for module, _, name in (home.partition(":") for home in homes))


def _written_outputs(request: Request) -> Written | None:
    """The arguments that hold the result of the author's function, if they do."""
    bottom = request.chain()[0]
    if bottom.outputs is None:
        return None
    names = output_names(request.function, bottom.outputs, bottom.skip)
    return Written(names, bottom.outputs.single, bottom.mode in ("grad", "value_and_grad", "hvp"))


def _finished(request: Request, primal: Function, derivative: Function) -> tuple[Function, ...]:
    return finished(derivative, request.mode, request.optimize, _document(request, primal))


def _texts(
    request: Request, primal: Function, functions: Sequence[Function], name: str, advice: str = ""
) -> list[Emitted]:
    """The texts of the functions of a module; name: of the one that is called; advice: for other arguments."""
    options = Options(advice=advice, written=_written_arguments(primal))
    return texts(functions, name, _document(request, primal), request.has_aux, options)


def _made(parts: Sequence[Emitted], name: str, primal: Function) -> Made:
    origins = {
        part.name: tuple(None if s is None else Origin(s.file, s.line, s.text) for s in part.origins) for part in parts
    }
    return Made(module_text(parts), name, _written_arguments(primal), origins)


def _key(request: Request, primal: Function) -> str | None:
    """What the text of a derivative depends on, as a key; None if not all of it can be told by a text."""
    if len(OPS) != len(OWN_OPS) or any(OPS[name] is not opdef for name, opdef in OWN_OPS.items()):
        return None  # rules from elsewhere: nothing says when they change
    ops = list(primal.body.walk())
    if not all(is_literal(value) for op in ops for value in op.attrs.values()):
        return None
    steps = [repr((s.mode, s.wrt, s.single, s.optimize, s.has_aux, s.skip, s.outputs)) for s in request.chain()]
    files = dict.fromkeys(text for op in ops if op.stmt is not None for text in (op.stmt.file, op.stmt.context))
    comments = repr(sorted(primal.comments.items()))
    program = to_text(primal, statements=True)
    return key_of([program, comments, primal.doc, _home(request.function), *steps, *files])


def derive(
    function: Callable[..., Any], wrt: Any, types: str | Sequence[Any] | None, mode: str = "value_and_grad",
    of: Any = None,
) -> Module:
    """Compile one derivative of a function without calling it.

    types: a signature such as ``"w: f64[d], b: float"``, example arguments, or None for the annotations; of: the
    arguments that hold the result, where the function works through them.

    >>> def f(x: float) -> float:
    ...     return x * x
    >>> derive(f, "x", None).callable(3.0)
    (9.0, 6.0)
    """
    single = not isinstance(wrt, (tuple, list))
    request = Request(function, (wrt,) if single else tuple(wrt), single, mode, outputs=outputs_of(of))
    if types is None or isinstance(types, str):
        return compile_module(request, of_text(function, types or ""))
    return compile_call(request, types, {})[0]


def signature_of(function: Callable[..., Any], types: str | Sequence[Any] | None) -> Signature:
    """The signature that a text, example arguments, or the annotations (None) say."""
    if isinstance(types, (str, type(None))):
        return of_text(function, types or "")
    return of_arguments(function, types, {})[0]


def interpret(function: Callable[..., Any], wrt: Any, args: Sequence[Any], mode: str = "value_and_grad") -> Any:
    """What a derivative returns by the reference interpreter, from the IR before updates go in place."""
    module = derive(function, wrt, tuple(args), mode)
    return run_ir(module.derivative, *args, **module.hidden_values())


def _written_arguments(primal: Function) -> tuple[str, ...]:
    """The parameters that hold arrays into which the author's function writes."""
    if not any(op.kind.updates is not None for op in primal.body.walk()):
        return ()
    written = Buffers(primal, Order(primal)).written
    leaves = iter(primal.params)
    owners = {leaf: p.name for p in primal.parameters for leaf in itertools.islice(leaves, leaf_count(p.tree))}
    return tuple(dict.fromkeys(name for leaf, name in owners.items() if leaf in written))


def _derivative(request: Request, primal: Function) -> Function:
    """The derivative as optimised IR, before updates go in place."""
    if isinstance(request.of, Request):
        primal = _derivative(request.of, primal)
    if request.mode != "hvp":
        return _step(request, primal, request.mode)
    along = _step(request, _step(request, primal, "grad"), "pushforward")
    return replace(along, name=f"{primal.name}_hvp")


def _step(request: Request, primal: Function, mode: str) -> Function:
    """One differentiation, with what is optimised before and after it."""
    primal = run(primal, PREPARE if request.optimize != "none" else (recognise,))
    wrt = Wrt(tuple(_parameter_name(primal, position, request.skip) for position in request.wrt), request.single)
    leaves = _checked_leaves(request, primal, wrt, mode)
    try:
        derivative = _transformed(primal, wrt, leaves, mode, request.has_aux)
    except NoDerivative as missing:
        raise _no_rule(missing) from None
    if request.optimize == "none":
        return derivative
    alone = (eliminate_dead_values,) if mode in ("grad", "pushforward") else ()
    return run(derivative, (*alone, *(FINISH_APART if mode == "vjp" else FINISH), *alone))


def _transformed(primal: Function, wrt: Wrt, leaves: Sequence[Value], mode: str, has_aux: bool) -> Function:
    main = without_aux(primal) if has_aux else primal
    if mode == "jvp":
        return jvp(primal, wrt, varied_values(primal, leaves))
    if mode == "pushforward":
        return pushforward(primal, wrt, varied_values(main, leaves), has_aux)
    active = active_values(main, leaves)
    if mode == "vjp":
        return vjp(primal, wrt, active, has_aux)
    both = value_and_grad(primal, wrt, active, has_aux)
    return gradient_only(both, has_aux) if mode == "grad" else both


def _main(request: Request, primal: Function) -> Function:
    """The function without what it hands on beside its result."""
    try:
        return without_aux(primal) if request.has_aux else primal
    except KeyError:
        message = f"has_aux: {primal.name} has to return (result, aux), but it returns {result_types(primal)}"
        raise SignatureError(message, code="SD033") from None


def _parameter_name(function: Function, position: int | str, skip: int = 0) -> str:
    names = [p.name for p in function.parameters if p.kind != "hidden"]
    return parameter_of(function.name, names, position, skip)


SAID = {
    "value_and_grad": "Value of {} and its gradient with respect to {}: (value, gradient).",
    "grad": "Gradient of {} with respect to {}.",
    "vjp": "Value of {} and its pullback to {}: (value, pullback), and pullback(value_bar) is the gradient.",
    "jvp": "Value of {} and its change along tangents of {}: (value, value_dot).",
    "pushforward": "Change of {} along tangents of {}.",
    "hvp": "Hessian of {} with respect to {}, multiplied by the vectors that come last.",
}


def _document(request: Request, primal: Function) -> str:
    """The docstring of a derivative: what it is of, with respect to what, and what has no influence."""
    bottom = request.chain()[0]
    names = [_parameter_name(primal, w, bottom.skip) for w in bottom.wrt]
    wrt = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    if isinstance(request.of, Request):
        return SAID[request.mode].format(f"a derivative of {primal.name} (with respect to {wrt})", "its arguments")
    subject = f"{_left_in(bottom)}{primal.name}{_home(request.function)}"
    said = SAID[request.mode].format(subject, wrt)
    main = _main(bottom, primal)
    idle = [name for name in names if not active_values(main, wrt_leaves(main, Wrt((name,), True)))]
    return f"{said} No influence, hence zeros: {', '.join(idle)}." if idle else said


def _left_in(request: Request) -> str:
    """``the final u of ``: in front of the name of a function that works through its arguments."""
    if request.outputs is None:
        return ""
    return f"the final {' and '.join(output_names(request.function, request.outputs, request.skip))} of "


def _home(function: Callable[..., Any]) -> str:
    """`` (scan.py:4)``: where a function stands, without the path to it."""
    code = getattr(function, "__code__", None)
    if code is None or not code.co_filename.endswith(".py"):
        return ""
    return f" ({os.path.basename(code.co_filename)}:{code.co_firstlineno})"


def _checked_leaves(request: Request, primal: Function, wrt: Wrt, mode: str) -> list[Value]:
    leaves = wrt_leaves(primal, wrt)
    if not leaves:
        message = f"nothing in {', '.join(wrt.names)} of {primal.name} can be differentiated"
        raise SignatureError(message, code="SD032")
    check_fresh(request, primal, wrt)
    primal = _main(request, primal)
    if mode in ("grad", "value_and_grad"):
        check_scalar(primal, "a Hessian" if request.mode == "hvp" else "grad", request)
    elif not all(is_inexact(value.type) for value in primal.body.results):
        raise SignatureError(f"{primal.name} returns {result_types(primal)}: integers have no derivative")
    return leaves


def _no_rule(missing: NoDerivative) -> UnsupportedError:
    if missing.problem is not None:
        problem = missing.problem
        return UnsupportedError((Diagnostic(problem.code, str(problem), missing.op.loc, hint=problem.hint),))
    diagnostic = Diagnostic(
        "SD010",
        f"no derivative rule for `{missing.op.name}`",
        missing.op.loc,
        hint="declare one with srcdiff.rules, or keep what is differentiated out of it",
    )
    return NoRuleError((diagnostic,))
