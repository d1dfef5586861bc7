"""SymPy drafts partial derivatives: a line ready to paste into a table of element-wise rules.

>>> print(draft("np.tanh(x)"))
elementwise("np.tanh(x)", "1 - y * y")
>>> print(draft("np.arctan2"))
elementwise("np.arctan2(a, b)", "g * b / (a * a + b * b)", "-g * a / (a * a + b * b)")

A draft is a proposal: the written line is the truth, and ``srcdiff.rules.referee`` holds it against SymPy. Forms in the
result ``y`` and forms that are finite where SymPy's are not (``diff(a**b, a)`` is ``a**b*b/a``, nan at 0) are tried
first, each checked by numbers. Steps (``sign``, ``floor``) have derivative 0; what SymPy gives for their jumps
(``DiracDelta``) is nothing that a program can compute.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from random import Random
from typing import Any

import numpy as np

DIGITS = 30
_WORKING_DIGITS = 60


class DraftError(Exception):
    """There is no draft: SymPy does not know the function, or its derivative is not in the notation of rules."""


PRIMITIVES = {
    **{
        name: name
        for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "sqrt", "erf", "erfc", "sign")
    },
    **{f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")},
    **{f"a{name}": f"a{name}" for name in ("sin", "cos", "tan", "tan2", "sinh", "cosh", "tanh")},
    **{"gamma": "gamma", "lgamma": "loggamma", "polygamma": "digamma"},
    **{"absolute": "Abs", "fabs": "Abs", "abs": "Abs", "floor": "floor", "ceil": "ceiling"},
    **{"maximum": "Max", "fmax": "Max", "max": "Max", "minimum": "Min", "fmin": "Min", "min": "Min"},
}
"""Functions by their names in rules -> by their names in SymPy."""

DERIVED = {
    **{"add": "a + b", "sub": "a - b", "subtract": "a - b", "mul": "a * b", "multiply": "a * b", "neg": "-x"},
    **{"negative": "-x", "pos": "x", "positive": "x", "float": "x", "complex": "x", "div": "a / b", "divide": "a / b"},
    **{"pow": "a ** b", "power": "a ** b", "square": "x * x", "reciprocal": "1 / x", "hypot": "sqrt(a * a + b * b)"},
    **{"floordiv": "floor(a / b)", "mod": "a - b * floor(a / b)", "fmod": "a - b * trunc(a / b)"},
    **{"trunc": "sign(x) * floor(absolute(x))", "rint": "floor(x + 1 / 2)", "round": "floor(x + 1 / 2)"},
    **{"exp2": "2 ** x", "expm1": "exp(x) - 1", "log1p": "log(1 + x)", "log2": "log(x) / log(2)"},
    **{"log10": "log(x) / log(10)", "logaddexp": "log(exp(a) + exp(b))", "copysign": "absolute(a) * sign(b)"},
    **{"logaddexp2": "log(2 ** a + 2 ** b) / log(2)", "cbrt": "sign(x) * absolute(x) ** (1 / 3)"},
    **{"deg2rad": "x * pi / 180", "radians": "x * pi / 180", "rad2deg": "x * 180 / pi", "degrees": "x * 180 / pi"},
    **{"heaviside": "(1 + sign(x)) / 2", "where": "c * a + (1 - c) * b", "clip": "minimum(maximum(x, lo), hi)"},
    **{"conjugate": "x", "float_power": "a ** b", "sinc": "sin(pi * x) / (pi * x)"},
    **{"remainder": "a - b * floor(a / b + 1 / 2)"},
    **{"nan_to_num": "x", "clip_low": "maximum(x, lo)", "clip_high": "minimum(x, hi)"},
}
"""What other functions mean, in the names of their operands (``x``, ``a`` and ``b``, …)."""

_FORMS = (
    *("g", "-g", "g * y", "g * (y + 1)", "g / (2 * y)", "g / (3 * y * y)", "-g * y * y", "1 - y * y", "1 + y * y"),
    *("g * y * (1 - y)", "1 - exp(-y)", "g * y * log(2.0)", "-g * y / b", "exp(a - y)", "exp(b - y)"),
    *("exp2(a - y)", "exp2(b - y)", "-g * trunc(a / b)"),
)
_GUARDED = (
    *("g * a / where(y == 0, 1.0, y)", "g * b / where(y == 0, 1.0, y)"),
    *("g * b * a ** where((a == 0) & (b == 0), 0.0, b - 1)", "g * y * log(where(a == 0, 1.0, a))"),
)
_GUARDED_ON_NUMBERS = (
    *("g * a / y if y else 0.0", "g * b / y if y else 0.0", "(g if x > 0 else -g) if x else 0.0"),
    *("g * b * a ** (b - 1) if (a != 0) | (b != 0) else 0.0", "g * y * log(a) if a else 0.0"),
)
_IN_MATH = {"absolute": "fabs", "sign": "copysign"}
_DOMAINS = ((-3.0, 3.0), (-1.0, np.inf), (0.0, np.inf), (1.0, np.inf), (-1.0, 1.0))


@cache
def _sympy() -> Any:
    import sympy

    return sympy


# --- what an expression of the notation means, on symbols and on numbers of many digits


def base_name(name: str) -> str:
    """The name of a function without the table's prefixes: ``math_sin``, ``np_add`` and ``abs_``."""
    return name.removeprefix("math_").removeprefix("np_").rstrip("_")


def call(name: str, *arguments: Any) -> Any:
    """What the operation of this name gives for SymPy expressions or numbers."""
    name = base_name(name)
    if name == "where" and isinstance(truth(arguments[0]), bool):
        return arguments[1] if truth(arguments[0]) else arguments[2]
    if name in PRIMITIVES:
        return getattr(_sympy(), PRIMITIVES[name])(*arguments)
    if name not in DERIVED:
        raise DraftError(f"SymPy knows nothing of `{name}`")
    names = operand_names(DERIVED[name])
    if name == "heaviside":
        names = ("x", "h")
    return meaning(DERIVED[name], dict(zip(names, arguments, strict=True)))


def operand_names(text: str) -> tuple[str, ...]:
    """The operands of an expression, in the order of rules: ``x`` first, then by the alphabet."""
    tree = ast.parse(text, mode="eval")
    functions = {id(part) for node in ast.walk(tree) if isinstance(node, ast.Call) for part in ast.walk(node.func)}
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions}
    order = ("x", "c", "a", "b", "lo", "hi")
    return tuple(sorted(found - {"pi"}, key=lambda name: (order.index(name) if name in order else len(order), name)))


def meaning(text: str, values: Mapping[str, Any]) -> Any:
    """The value of an expression of the notation; ``np.f`` and ``math.f`` are ``f``."""
    return _meaning(ast.parse(text, mode="eval").body, values)


def _meaning(node: ast.expr, values: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return _sympy().nsimplify(node.value)
    if isinstance(node, ast.Name):
        return _sympy().pi if node.id == "pi" else values[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        operand = _meaning(node.operand, values)
        return -operand if isinstance(node.op, ast.USub) else operand
    if isinstance(node, ast.BinOp):
        return binary(_OPERATORS[type(node.op)], _meaning(node.left, values), _meaning(node.right, values))
    if isinstance(node, ast.Compare):
        left, right = _meaning(node.left, values), _meaning(node.comparators[0], values)
        return binary(_COMPARISONS[type(node.ops[0])], left, right)
    if isinstance(node, ast.IfExp):
        return _meaning(node.body if truth(_meaning(node.test, values)) else node.orelse, values)
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
        return call(name, *(_meaning(argument, values) for argument in node.args))
    raise DraftError(f"not in the notation of rules: {ast.unparse(node)}")


_OPERATORS: dict[type[ast.operator], str] = {
    **{ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.FloorDiv: "//", ast.Mod: "%"},
    **{ast.BitAnd: "&", ast.BitOr: "|"},
}
_COMPARISONS: dict[type[ast.cmpop], str] = {
    **{ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!="},
}


def binary(operator: str, left: Any, right: Any) -> Any:
    """Two operands combined; comparisons are of numbers, equality up to the working digits."""
    if operator in ("==", "!="):
        return equal(left, right) is (operator == "==")
    if operator in ("//", "%"):
        return call("floordiv" if operator == "//" else "mod", left, right)
    functions: dict[str, Callable[[Any, Any], Any]] = {
        **{"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b},
        **{"**": lambda a, b: a**b, "<": lambda a, b: bool(a < b), "<=": lambda a, b: bool(a <= b)},
        **{"&": lambda a, b: truth(a) and truth(b), "|": lambda a, b: truth(a) or truth(b)},
        **{">": lambda a, b: bool(a > b), ">=": lambda a, b: bool(a >= b)},
    }
    return functions[operator](left, right)


def equal(left: Any, right: Any) -> bool:
    """Whether two numbers agree to nearly the working digits."""
    return bool(abs(left - right) < _sympy().Float(10, _WORKING_DIGITS) ** (10 - _WORKING_DIGITS))


def truth(value: Any) -> Any:
    """The truth of a bool or a number, an expression as it is."""
    if isinstance(value, bool) or getattr(value, "is_Symbol", True):
        return value
    return not equal(value, 0) if value.is_number else value


def number(value: Any) -> Any:
    """A number of the working precision."""
    return _sympy().sympify(value).evalf(_WORKING_DIGITS)


def written_number(literal: float) -> Any:
    """The number that a literal of a rule stands for: pi and e are written to 16 digits."""
    sympy = _sympy()
    known = {math.pi: sympy.pi, math.e: sympy.E}
    return number(known.get(literal, literal))


# --- derivatives


@cache
def derivative(text: str, operands: tuple[str, ...], operand: str) -> Any:
    """The partial derivative as a SymPy expression of real symbols; that of a step is 0."""
    sympy = _sympy()
    symbols = {name: sympy.Symbol(name, real=True) for name in operands}
    expression = meaning(text, symbols)
    steps = {step: sympy.Dummy(real=True) for step in expression.atoms(sympy.floor, sympy.ceiling, sympy.sign)}
    found = sympy.diff(expression.xreplace(steps), symbols[operand])
    found = found.xreplace({dummy: step for step, dummy in steps.items()})
    return found.replace(sympy.DiracDelta, lambda *_: sympy.Integer(0))


def at_point(expression: Any, point: Mapping[str, Any]) -> Any:
    """The value of an expression of symbols at a point."""
    sympy = _sympy()
    return expression.subs({sympy.Symbol(name, real=True): value for name, value in point.items()}).evalf(
        _WORKING_DIGITS
    )


def points(operands: Sequence[str], domain: tuple[float, float], count: int = 8) -> list[dict[str, Any]]:
    """Points spread over a domain, the same each time; ``c`` is 0 or 1, ``hi`` is above ``lo``."""
    random, sympy = Random(7), _sympy()
    low, high = domain[0], min(domain[1], domain[0] + 4)
    found = []
    for index in range(count):
        strata = [(index * (2 * k + 1) + random.uniform(0.1, 0.9)) % count / count for k in range(len(operands))]
        drawn = {
            name: sympy.Rational(str(round(low + (high - low) * share, 4)))
            for name, share in zip(operands, strata, strict=True)
        }
        drawn.update({"c": sympy.Integer(index % 2)} if "c" in drawn else {})
        if {"lo", "hi"} <= set(drawn):
            drawn["lo"], drawn["hi"] = sorted((drawn["lo"], drawn["hi"]))
        found.append({name: number(value) for name, value in drawn.items()})
    return found


def agree(left: Any, right: Any, digits: int = DIGITS) -> bool:
    """Whether two numbers agree to so many digits."""
    if not (left.is_real and right.is_real and left.is_finite and right.is_finite):
        return False
    scale = max(abs(left), abs(right), number(1))
    return bool(abs(left - right) <= scale * number(10) ** -digits)


# --- the draft


def draft(text: str, definition: str = "") -> str:
    """The declaration line of a function such as ``np.sinh``, ``np.hypot(a, b)`` or ``math.sin(x)``.

    definition: what the function computes, in the notation of rules, where SymPy does not know it by name.
    """
    text = _with_operands(text) if re.fullmatch(r"[\w.]+", text) else text
    definition = definition or text
    operands = operand_names(text)
    domain = _domain(definition, operands)
    found = partials(definition, operands, domain, on_numbers=text.startswith("math."))
    if not any(found):
        return f'step("{text}")'
    parts = [f'"{text}"', *("None" if partial is None else f'"{partial}"' for partial in found)]
    if domain != _DOMAINS[0]:
        parts.append(f"domain=({domain[0]}, {'INFINITE' if domain[1] == np.inf else domain[1]})")
    return f"elementwise({', '.join(parts)})"


def partials(
    definition: str,
    operands: Sequence[str] = (),
    domain: tuple[float, float] = _DOMAINS[0],
    on_numbers: bool = False,
) -> tuple[str | None, ...]:
    """The partials of an expression by each operand, in the notation of rules; None for one that is zero.

    on_numbers: for functions of one number, which may branch and call ``math``.
    """
    operands = tuple(operands) or operand_names(definition)
    return tuple(_partial(definition, operands, operand, domain, on_numbers) for operand in operands)


def _with_operands(text: str) -> str:
    function = getattr(np, text.removeprefix("np."), None)
    count = function.nin if isinstance(function, np.ufunc) else 1
    if base_name(text.rpartition(".")[2]) in ("atan2", "hypot", "pow", "fmod", "copysign"):
        count = 2
    return f"{text}({'x' if count == 1 else 'a, b'})"


def _domain(definition: str, operands: tuple[str, ...]) -> tuple[float, float]:
    """The first of the usual domains inside which value and partials are real and finite."""
    for domain in _DOMAINS:
        if all(_is_regular(definition, operands, point) for point in points(operands, domain, 12)):
            return domain
    raise DraftError(f"{definition} is not real on any of the usual domains")


def _is_regular(definition: str, operands: tuple[str, ...], point: Mapping[str, Any]) -> bool:
    values = [meaning(definition, point)]
    values += [at_point(derivative(definition, operands, operand), point) for operand in operands]
    return all(value.is_real and value.is_finite for value in values)


def _partial(
    definition: str, operands: tuple[str, ...], operand: str, domain: tuple[float, float], on_numbers: bool
) -> str | None:
    exact = derivative(definition, operands, operand)
    if exact == 0:
        return None
    places = points(operands, domain)
    truths = [at_point(exact, point) for point in places]
    results = [meaning(definition, point) for point in places]
    known = {*operands, "y", "g"}

    def fits(form: str) -> bool:
        factor = form if "g" in operand_names(form) else f"g * ({form})"
        values = [meaning(factor, {**p, "y": y, "g": number(1)}) for p, y in zip(places, results, strict=True)]
        return all(map(agree, values, truths))

    forms = (*_FORMS, *(_GUARDED_ON_NUMBERS if on_numbers else _GUARDED))
    for form in forms:
        if set(operand_names(form)) <= known and fits(form):
            return _with_prefix(form, on_numbers)
    sympy = _sympy()
    combined = sympy.powsimp(exact)
    texts = [_factor_text(form) for form in (combined, sympy.factor_terms(combined))]
    return _with_prefix(min(texts, key=len), on_numbers)


def _with_prefix(text: str, on_numbers: bool) -> str:
    """Functions of one number are those of ``math``."""
    if not on_numbers:
        return text
    tree = ast.parse(text, mode="eval")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "sign":
                node.args.insert(0, ast.Constant(1.0))
            name = _IN_MATH.get(node.func.id, node.func.id.replace("arc", "a"))
            node.func.id = f"math_{name}"
    return ast.unparse(tree)


# --- SymPy's expressions as text of the notation


def _factor_text(expression: Any) -> str:
    """``g`` times an expression, the product with ``g`` left to the rule where that reads better."""
    sympy = _sympy()
    minus = "-" if expression.could_extract_minus_sign() else ""
    above, below = sympy.fraction(-expression if minus else expression, exact=True)
    if below == 1 and not minus and not above.is_Mul:
        return _text(above, 0)
    factor, above = above.as_coeff_Mul()
    scale = "" if factor == 1 else f"{_text(factor, 2)} * "
    product = f"{scale}g" if above == 1 else f"{scale}g * {_text(above, 2)}"
    return f"{minus}{product}" + ("" if below == 1 else f" / {_text(below, 3)}")


def _text(expression: Any, strength: int) -> str:
    """The text of an expression; in brackets where its context binds more strongly (1 sum, 2 product, 3 power)."""
    text, own = _parts(expression)
    return f"({text})" if own < strength else text


def _parts(expression: Any) -> tuple[str, int]:
    sympy = _sympy()
    if expression.is_Symbol:
        return str(expression), 4
    if expression.is_Integer:
        return str(expression), 4 if expression >= 0 else 2
    if expression.is_Number or expression is sympy.pi:
        return repr(float(expression)), 4 if expression > 0 else 2
    if expression.is_Add:
        return _sum_text(expression), 1
    if expression.is_Mul:
        if expression.could_extract_minus_sign():
            return f"-{_text(-expression, 2)}", 2
        above, below = sympy.fraction(expression, exact=True)
        if below != 1:
            return f"{_text(above, 2)} / {_text(below, 3)}", 2
        return " * ".join(_text(factor, 2) for factor in expression.as_ordered_factors()), 2
    if expression.is_Pow:
        return _power_text(expression)
    names = {sympy_name: name for name, sympy_name in reversed(PRIMITIVES.items())}
    names.update(Abs="absolute", exp="exp", asin="arcsin", acos="arccos", atan="arctan")
    name = names.get(type(expression).__name__)
    if name is None:
        raise DraftError(f"not in the notation of rules: {expression}")
    arguments = [_argument_text(argument) for argument in expression.args]
    return f"{name}({', '.join(arguments)})", 4


def _argument_text(expression: Any) -> str:
    """A number as an operand of a function is a float."""
    return repr(float(expression)) if expression.is_Integer else _text(expression, 0)


def _sum_text(expression: Any) -> str:
    """Positive terms first, constants before powers that are taken away: ``1 - x * x``."""
    terms = sorted(expression.as_ordered_terms(), key=lambda term: term.could_extract_minus_sign())
    text = _text(terms[0], 1)
    for term in terms[1:]:
        minus = term.could_extract_minus_sign()
        text += f" - {_text(-term, 2)}" if minus else f" + {_text(term, 1)}"
    return text


def _power_text(expression: Any) -> tuple[str, int]:
    base, exponent = expression.as_base_exp()
    if exponent == 2 and base.is_Symbol:
        return f"{base} * {base}", 2
    if exponent == _sympy().Rational(1, 2):
        return f"sqrt({_text(base, 0)})", 4
    if exponent.could_extract_minus_sign():
        return f"1 / {_text(base**-exponent, 3)}", 2
    return f"{_text(base, 4)} ** {_text(exponent, 4)}", 3
