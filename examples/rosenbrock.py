"""Rosenbrock's valley, minimised by SciPy with a gradient from srcdiff.

    python examples/rosenbrock.py

writes generated/rosenbrock_grad.py from the function ``rosenbrock`` below. Its ``rosenbrock_value_and_grad`` returns
value and gradient together, which is what ``scipy.optimize.minimize`` calls ``jac=True``.
"""

import numpy as np
from _generate import generate
from scipy.optimize import minimize


def rosenbrock(x):
    """Its minimum is 0, where every entry is 1."""
    head, tail = x[:-1], x[1:]
    return np.sum(100 * (tail - head**2) ** 2 + (1 - head) ** 2)


def example():
    """Small arguments: srcdiff takes the types from them and checks the gradient at them."""
    return np.array([-1.2, 1.0, 0.5, 2.0])


def main():
    gradient = generate("rosenbrock.py:rosenbrock", "x")
    start = np.tile([-1.2, 1.0], 10)
    with_gradient = minimize(gradient.rosenbrock_value_and_grad, start, jac=True, method="BFGS")
    without = minimize(rosenbrock, start, method="BFGS")
    for name, result in (("gradient", with_gradient), ("differences", without)):
        error = np.max(np.abs(result.x - 1))
        print(f"{name:<11}  {result.nfev:5d} calls, {result.nit:4d} iterations, largest error {error:.1e}")


if __name__ == "__main__":
    main()
