"""The smallest example: the gradient of a mean, its source, and the closed form.

    python examples/mean.py

Its twin in generated/ comes from ``srcdiff grad examples/mean.py:f --wrt x -o generated/mean_grad.py``.
"""

import numpy as np

import srcdiff


def f(x):
    z = x * 2
    return z.mean()


def example():
    """Small arguments: srcdiff takes the types from them and checks the gradient at them."""
    return np.array([1.0, 2.0, 3.0])


def closed_form(x):
    """The mean of 2 x is a sum with the weights 2 / n."""
    return np.full(len(x), 2 / len(x))


def main():
    x = example()
    gradient = srcdiff.grad(f)
    print("gradient   ", gradient(x))
    print("closed form", closed_form(x))
    print()
    print(gradient.source)


if __name__ == "__main__":
    main()
