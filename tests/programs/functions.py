"""Functions: any arguments, recursion, objects that are called, closures, texts and messages, contexts that are kept."""

import functools
import logging
import math
import warnings

import numpy as np

logger = logging.getLogger(__name__)


def _total(*values, scale=2.0):
    s = 0.0
    for v in values:
        s = s + v * v
    return s * scale


def _options(x, **options):
    return x * options["rate"] + options["shift"]


def any_arguments(a, b):
    return _total(a, b, a * b, scale=3.0) + _total(a) + _total()


def arguments_handed_on(a, b):
    def outer(*args, **kwargs):
        return _total(*args, **kwargs)

    return outer(a, b, scale=a)


def keywords_of_any_name(a, b):
    return _options(a, rate=b, shift=a * a)


def any_arguments_itself(first, *rest):
    s = first
    for v in rest:
        s = s * np.sin(v) + first
    return s


def _power(x, n):
    if n == 0:
        return 1.0
    half = _power(x, n // 2)
    return half * half * x if n % 2 else half * half


def recursion_to_a_constant(a):
    return _power(a, 7) + _power(a, 2)


def recursion_by_an_argument(a, n):
    return _power(a, n) * a


def _transform(x):
    n = len(x)
    if n == 1:
        return x
    even, odd = _transform(x[::2]), _transform(x[1::2])
    turn = np.cos(np.arange(n // 2) / n)
    return np.concatenate([even + turn * odd, even - turn * odd])


def recursion_by_length(x):
    return np.sum(_transform(x) ** 2 * np.arange(len(x)))


def _even(x, n):
    return x if n == 0 else np.sin(_odd(x, n - 1))


def _odd(x, n):
    return x if n == 0 else np.exp(-_even(x, n - 1))


def mutual_recursion(a):
    return _even(a, 5) * _odd(a, 2)


class Affine:
    """An object that is called, with a method, a property, a class method, a static one."""

    factor = 3.0

    def __init__(self, w, b):
        self.w = w
        self.b = b

    def __call__(self, x):
        return self._squash(self.w * x + self.b) * self.factor

    @staticmethod
    def _squash(v):
        return np.tanh(v)

    @classmethod
    def twice(cls, x):
        return cls._squash(x) * cls.factor

    @property
    def norm(self):
        return np.sum(self.w * self.w)

    def penalty(self, x):
        return self.norm * np.sum(x * x)


AFFINE = Affine(np.array([0.3, -0.8, 1.1]), 0.5)


def callable_object(x):
    return np.sum(AFFINE(x)) + AFFINE.penalty(x) + np.sum(Affine.twice(x))


def object_as_argument(x, model):
    return np.sum(model(x)) + model.penalty(x) * model.b + np.sum(model.twice(x))


class Doubled(Affine):
    """An object whose method calls that of its base."""

    def __call__(self, x):
        return super().__call__(x) * 2.0 + self.b


DOUBLED = Doubled(np.array([0.3, -0.8, 1.1]), 0.5)


def inherited_method(x, model):
    return np.sum(DOUBLED(x)) * model.b + np.sum(model(x))


def partial_made_inside(a, b):
    scaled = functools.partial(_total, b, scale=a)
    return scaled(a) * scaled()


def _compose(f, g):
    def composed(v):
        return f(g(v))

    return composed


def functions_of_functions(a):
    square = lambda v: v * v  # noqa: E731
    shifted = lambda v: v + a  # noqa: E731
    return _compose(square, _compose(square, shifted))(a)


def _classified(v):
    if v > 2.0:
        return v
    if v > 0.5:
        if v > 1.5:
            return v * v
        v = v * 3.0
    else:
        if v < 0.0:
            return -v
        return v / 2.0
    return np.sin(v)


def early_returns(a):
    return _classified(a) + _classified(a + 1.0) + _classified(a + 5.0) + _classified(-a) + _classified(a / 3.0)


def bits_of_an_int(a, k):
    s = a
    for bit in range(4):
        if (k >> bit) & 1:
            s = s * a + float(1 << bit)
    return s * (k | 8) / (k & 3)


def builtins_on_numbers(a, b):
    quotient, rest = divmod(a, 0.3)
    return max(a, b, 0.1) * min(a, b, 5.0) + abs(-a) * rest + round(2.6) * int(3.7) * b


def questions_about_classes(x, kind):
    y = np.array(x, copy=True)
    if hasattr(x, "shape") and isinstance(x, np.ndarray) and callable(np.sin):
        y = y * getattr(x, "ndim")
    return np.sum(y * y) if kind == "sum" else np.mean(y)


def deleted_names(a):
    t = a * a
    y = t * 2
    del t
    return y * a


def imports_inside(a):
    import math as m

    from numpy import cos

    return m.exp(a) * cos(a)


def messages(a, b):
    if a > 100:
        raise ValueError("a is %g, but b is %s" % (a, b))  # noqa: UP031
    assert math.isfinite(a), f"not finite: {a!r} {b:>{8}.2f}"
    name = "case_{}".format("one").upper()
    logger.debug("value %s of %s", a, name)
    logging.debug(f"again {a:.3f}")
    if b > 100:
        warnings.warn(f"b is {b}", RuntimeWarning, stacklevel=2)
    return a * b if name == "CASE_ONE" else a


def _safe_log(v):
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(v > 0, np.log(v), -1.0)


def context_around_statements(x):
    s = 0.0
    for i in range(3):
        with np.errstate(over="ignore"):
            y = np.exp(x * i)
            if i > 1:
                y = y * 2.0
        s = s + np.sum(y) + np.sum(_safe_log(x))
    return s


def context_with_a_return(x):
    with np.errstate(all="ignore"):
        if x[0] > 10.0:
            return np.sum(x)
        y = 1.0 / (x * x + 1.0)
    return np.sum(y)


def draws_made_inside(x):
    rng = np.random.default_rng(3)
    s = 0.0
    for _ in range(3):
        noise = rng.normal(0.0, 2.0, size=x.shape)
        if rng.random() < 0.7:
            s = s + np.sum(noise * x * x)
        x = x + 0.1 * rng.standard_normal(len(x)) * np.sin(x)
    order = rng.permutation(len(x))
    return s + x[order][0] * rng.uniform(1.0, high=2.0) - x[rng.integers(len(x))] * rng.choice(x.shape[0])


def draws_of_the_module(x):
    np.random.seed(5)
    w = np.random.randn(2, 3)
    mask = np.random.rand(3) < 0.8
    return np.sum((w @ x) ** 2) + np.sum(np.where(mask, x, 0.0)) * np.random.uniform()


def generator_or_none(x, *, rng=None):
    if rng is None:
        rng = np.random.default_rng(1)
    return np.sum(x * x * rng.normal(size=x.shape)) + rng.integers(3, size=3) @ x


CASES = {
    "any_arguments": lambda rng: (0.7, -0.4),
    "arguments_handed_on": lambda rng: (0.7, -0.4),
    "keywords_of_any_name": lambda rng: (0.7, -0.4),
    "any_arguments_itself": lambda rng: (0.7, -0.4, 1.2),
    "recursion_to_a_constant": lambda rng: (0.7,),
    "recursion_by_an_argument": lambda rng: (0.7, 5),
    "recursion_by_length": lambda rng: (rng.normal(size=8),),
    "mutual_recursion": lambda rng: (0.7,),
    "callable_object": lambda rng: (rng.normal(size=3),),
    "object_as_argument": lambda rng: (rng.normal(size=3), AFFINE),
    "inherited_method": lambda rng: (rng.normal(size=3), DOUBLED),
    "partial_made_inside": lambda rng: (0.7, -0.4),
    "functions_of_functions": lambda rng: (0.7,),
    "early_returns": lambda rng: (0.7,),
    "bits_of_an_int": lambda rng: (0.7, 5),
    "builtins_on_numbers": lambda rng: (0.7, -0.4),
    "questions_about_classes": lambda rng: (rng.normal(size=3), "sum"),
    "deleted_names": lambda rng: (0.7,),
    "imports_inside": lambda rng: (0.7,),
    "messages": lambda rng: (0.7, -0.4),
    "context_around_statements": lambda rng: (rng.uniform(0.2, 1.0, size=3),),
    "context_with_a_return": lambda rng: (rng.normal(size=3),),
    "draws_made_inside": lambda rng: (rng.normal(size=3),),
    "draws_of_the_module": lambda rng: (rng.normal(size=3),),
    "generator_or_none": lambda rng: (rng.normal(size=3),),
}
WRT = {"object_as_argument": 0, "inherited_method": 0}
