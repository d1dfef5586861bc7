"""Names: shadowed ones, ones that look generated, parameters called like modules and builtins, aliases of NumPy."""

import math as m
from math import exp as e_to_the

import numpy as np
import numpy as xp
from numpy import sin
from numpy import tanh as squash


def look_generated(x_bar, g, _t1):
    y_kept = x_bar * g
    value = np.sum(y_kept * _t1)
    x_dot = value * g
    g_bar = x_dot * x_dot
    return g_bar + value


def pullback_and_result(x, value_bar):
    pullback = x * value_bar
    result = np.sin(pullback)
    return np.sum(result * pullback)


def parameter_called_sum(sum, x):
    return sum * np.sum(x) * sum


def parameter_called_range(range, len):
    return range * len + np.sum(np.zeros(2) + range)


def parameter_called_np(np, x):
    return xp.sum(x * np) * np


def locals_called_like_builtins(x):
    max = np.max(x)
    abs = x - max
    return np.sum(abs * abs) * max


def module_alias(x):
    return xp.sum(xp.exp(x) * xp.tanh(x)) + m.sqrt(2.0) * xp.mean(x)


def imported_functions(a):
    return sin(a) * e_to_the(a) + squash(a)


def shadowed_import(a):
    sin = a * a
    return sin * a


def helper_named_like_generated(x):
    return np.sum(unbroadcast(x)) + value_and_grad(x[0])


def unbroadcast(x):
    return x * x


def value_and_grad(a):
    return a * a * a


def non_ascii(α, größe):
    β = α * größe
    return β * β + α


def underscores(_, __x):
    _y = _ * __x
    return _y * _


def one_letter_l_and_o(l, O):
    I = l * O
    return I * I + l


def loop_variable_shadows_parameter(x, i):
    s = i * i
    for i in range(len(x)):
        s = s + x[i] * i
    return s * i


def parameter_rebound(x):
    x = x * x
    x, y = x + 1, x * 2
    return np.sum(x * y)


def same_name_in_both_arms(a, t):
    if a > 0:
        t = a * t
        u = t
    else:
        u = t
        t = a
    return t * u


CASES = {
    "look_generated": lambda rng: (rng.normal(size=3), 0.7, rng.normal(size=3)),
    "pullback_and_result": lambda rng: (rng.normal(size=3), 0.7),
    "parameter_called_sum": lambda rng: (0.7, rng.normal(size=3)),
    "parameter_called_range": lambda rng: (0.7, -0.4),
    "parameter_called_np": lambda rng: (0.7, rng.normal(size=3)),
    "locals_called_like_builtins": lambda rng: (rng.normal(size=3),),
    "module_alias": lambda rng: (rng.normal(size=3),),
    "imported_functions": lambda rng: (0.7,),
    "shadowed_import": lambda rng: (0.7,),
    "helper_named_like_generated": lambda rng: (rng.normal(size=3),),
    "non_ascii": lambda rng: (0.7, -0.4),
    "underscores": lambda rng: (0.7, -0.4),
    "one_letter_l_and_o": lambda rng: (0.7, -0.4),
    "loop_variable_shadows_parameter": lambda rng: (rng.normal(size=4), 0.7),
    "parameter_rebound": lambda rng: (rng.normal(size=3),),
    "same_name_in_both_arms": lambda rng: (0.7, -0.4),
}
