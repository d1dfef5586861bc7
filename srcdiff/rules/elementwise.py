"""NumPy's element-wise functions, one line each: the text that the author writes, then the partials."""

from __future__ import annotations

import numpy as np

from .holomorphic import real_only
from .kinds import elementwise, elementwise_typing, step
from .powers import absolute_partial, base_partial, exponent_partial

INFINITE = float("inf")
POSITIVE = (0.0, INFINITE)

# --- arithmetic

elementwise("np.add(a, b)", "g", "g", name="np_add")
elementwise("np.subtract(a, b)", "g", "-g", name="np_subtract")
elementwise("np.multiply(a, b)", "g * b", "g * a", name="np_multiply")
elementwise("np.divide(a, b)", "g / b", "-g * y / b", name="np_divide")
elementwise("np.power(a, b)", base_partial, exponent_partial, name="np_power", domain=POSITIVE)
elementwise("np.float_power(a, b)", base_partial, exponent_partial, domain=POSITIVE)
elementwise("np.mod(a, b)", "g", "-g * (a // b)", name="np_mod")
elementwise("np.negative(x)", "-g", name="np_negative")
elementwise("np.positive(x)", "g", name="np_positive")
elementwise("np.reciprocal(x)", "-g * y * y")
elementwise("np.square(x)", "2 * g * x")
elementwise("np.sqrt(x)", "g / (2 * y)", domain=POSITIVE)
elementwise("np.cbrt(x)", "g / (3 * y * y)")
elementwise("np.absolute(x)", absolute_partial)
elementwise("np.conjugate(x)", "conjugate(g)")
elementwise("np.fabs(x)", "g * sign(x)")
elementwise(
    "np.hypot(a, b)",
    "g * a / where(y == 0, 1.0, y)",
    "g * b / where(y == 0, 1.0, y)",
    on_numbers=["g * a / y if y else 0.0", "g * b / y if y else 0.0"],
)

# --- exponentials and logarithms

elementwise("np.exp(x)", "g * y")
elementwise("np.exp2(x)", "g * y * log(2.0)")
elementwise("np.expm1(x)", "g * (y + 1)")
elementwise("np.log(x)", "g / x", domain=POSITIVE)
elementwise("np.log2(x)", "g / (x * log(2.0))", domain=POSITIVE)
elementwise("np.log10(x)", "g / (x * log(10.0))", domain=POSITIVE)
elementwise("np.log1p(x)", "g / (1 + x)", domain=(-1.0, INFINITE))
elementwise("np.logaddexp(a, b)", "exp(a - y)", "exp(b - y)")
elementwise("np.logaddexp2(a, b)", "exp2(a - y)", "exp2(b - y)")

# --- trigonometric and hyperbolic

elementwise("np.sin(x)", "cos(x)")
elementwise("np.cos(x)", "-g * sin(x)")
elementwise("np.tan(x)", "1 + y * y", domain=(-1.5, 1.5))
elementwise("np.arcsin(x)", "g / sqrt(1 - x * x)", domain=(-1.0, 1.0))
elementwise("np.arccos(x)", "-g / sqrt(1 - x * x)", domain=(-1.0, 1.0))
elementwise("np.arctan(x)", "g / (1 + x * x)")
elementwise("np.arctan2(a, b)", "g * b / (a * a + b * b)", "-g * a / (a * a + b * b)")
elementwise("np.sinh(x)", "cosh(x)")
elementwise("np.cosh(x)", "sinh(x)")
elementwise("np.tanh(x)", "1 - y * y")
elementwise("np.arcsinh(x)", "g / sqrt(x * x + 1)")
elementwise("np.arccosh(x)", "g / sqrt(x * x - 1)", domain=(1.0, INFINITE))
elementwise("np.arctanh(x)", "g / (1 - x * x)", domain=(-1.0, 1.0))
elementwise("np.deg2rad(x)", "deg2rad(g)")
elementwise("np.rad2deg(x)", "rad2deg(g)")
elementwise("np.radians(x)", "radians(g)")
elementwise("np.degrees(x)", "degrees(g)")

_NEAR_0 = "x * (x * x * (3.2469697011334144 - 1.144510529448083 * x * x) - 3.289868133696453)"
elementwise(  # near 0 the series, as the difference cancels there
    "np.sinc(x)",
    f"where(absolute(x) < 0.01, {_NEAR_0}, (cos(3.141592653589793 * x) - y) / where(x == 0, 1.0, x))",
    on_numbers=[f"g * ({_NEAR_0}) if absolute(x) < 0.01 else g * (cos(3.141592653589793 * x) - y) / x"],
    ufunc=np.sin,
)

# --- functions with kinks and steps

elementwise("np.copysign(a, b)", "g * sign(a) * copysign(1.0, b)", None)
elementwise("np.fmod(a, b)", "g", "-g * trunc(a / b)")
elementwise("np.nan_to_num(x)", "g * isfinite(x)", ufunc=np.positive)
elementwise("np.heaviside(x, h)", None, "g * (x == 0)")
step("np.sign(x)", infer=real_only("np.sign", elementwise_typing("sign", np.sign, None, "")))
step("np.fix(x)", ufunc=np.trunc)
step("np.floor(x)")
step("np.ceil(x)")
step("np.trunc(x)")
step("np.rint(x)")
step("np.round(x, decimals=0)", ufunc=np.positive)
step("np.floor_divide(a, b)", name="np_floor_divide")

# --- comparisons and tests

step("np.less(a, b)")
step("np.less_equal(a, b)")
step("np.greater(a, b)")
step("np.greater_equal(a, b)")
step("np.equal(a, b)")
step("np.not_equal(a, b)")
step("np.isnan(x)")
step("np.isinf(x)")
step("np.isfinite(x)")
step("np.signbit(x)")
step("np.logical_and(a, b)")
step("np.logical_or(a, b)")
step("np.logical_xor(a, b)")
step("np.logical_not(x)")
step("np.bitwise_and(a, b)")
step("np.bitwise_or(a, b)")
step("np.bitwise_xor(a, b)")
step("np.invert(x)", name="np_invert")
step("np.isneginf(x)", ufunc=np.isnan)
step("np.isposinf(x)", ufunc=np.isnan)
step("np.isclose(a, b, rtol=1e-05, atol=1e-08)", ufunc=np.equal)
