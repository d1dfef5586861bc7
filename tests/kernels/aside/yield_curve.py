"""Bootstrapping discount factors from par swaps, and the yields of bonds (in basis points) by Newton iteration."""

from typing import NamedTuple

import numpy as np


class Bond(NamedTuple):
    coupon: float
    years: int
    face: float = 100.0


def bootstrap(swap_rates: np.ndarray) -> np.ndarray:
    dfs: list[float] = []
    for rate in swap_rates:
        annuity = sum(dfs)
        dfs.append((1 - rate * annuity) / (1 + rate))
    return np.array(dfs)


def bond_price(bond: Bond, dfs: np.ndarray) -> float:
    cash = np.full(bond.years, bond.coupon * bond.face)
    cash[-1] += bond.face
    return float(cash @ dfs[: bond.years])


def yield_to_maturity(bond: Bond, price: float, guess: float = 0.05) -> float:
    y = guess
    for _ in range(50):
        value = 0.0
        slope = 0.0
        for t in range(1, bond.years + 1):
            c = bond.coupon * bond.face + (bond.face if t == bond.years else 0.0)
            value += c / (1 + y) ** t
            slope -= t * c / (1 + y) ** (t + 1)
        step = (value - price) / slope
        y -= step
        if abs(step) < 1e-12:
            return y
    raise ArithmeticError("yield iteration did not converge")


def portfolio_yield(swap_rates: np.ndarray, bonds: list, holdings: np.ndarray) -> float:
    dfs = bootstrap(swap_rates)
    prices = [bond_price(b, dfs) for b in bonds]
    yields = [yield_to_maturity(b, p) for b, p in zip(bonds, prices)]
    worth = sum(h * p for h, p in zip(holdings, prices))
    return 1e4 * sum(h * p * y for h, p, y in zip(holdings, prices, yields)) / worth


def example(rng):
    rates = np.array([0.021, 0.024, 0.027, 0.029, 0.030])
    bonds = [Bond(0.03, 3), Bond(0.055, 5), Bond(coupon=0.0, years=2)]
    return rates, bonds, np.array([10.0, 4.0, 7.0])


MAIN = "portfolio_yield"
WRT = ("swap_rates", "holdings")
