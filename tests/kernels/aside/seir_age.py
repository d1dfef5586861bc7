"""Age-structured SEIR epidemic with an intervention date; peak prevalence (smooth) plus weighted deaths."""

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Disease:
    beta: float
    incubation: float = 5.0
    infectious: float = 7.0
    ifr: np.ndarray = field(default_factory=lambda: np.array([0.0005, 0.005, 0.05]))

    @property
    def r_naught(self):
        return self.beta * self.infectious


def force_of_infection(I, contacts, N, beta):
    return beta * (contacts @ (I / N))


def simulate(disease, contacts, N, seed, days, lockdown=20, strength=0.4, dt=0.5):
    S = N - seed
    E = seed.copy()
    I = np.zeros_like(N)
    R = np.zeros_like(N)
    deaths = np.zeros_like(N)
    prevalence = []
    t = 0.0
    while t < days:
        beta = disease.beta
        if t >= lockdown:
            beta *= 1 - strength
        lam = force_of_infection(I, contacts, N, beta)
        new_E = dt * lam * S
        new_I = dt * E / disease.incubation
        new_R = dt * I / disease.infectious
        S, E, I, R = S - new_E, E + new_E - new_I, I + new_I - new_R, R + new_R
        deaths += disease.ifr * new_R
        prevalence.append(I.sum())
        t += dt
    return {"S": S, "R": R, "deaths": deaths, "prevalence": np.array(prevalence)}


def burden(disease, contacts, N, seed, strength):
    out = simulate(disease, contacts, N, seed, days=30, strength=strength)
    p = out["prevalence"] / N.sum()
    peak = np.log(np.sum(np.exp(200 * p))) / 200
    return 100 * peak + out["deaths"].sum() / N.sum() * 1000 + 0.001 * disease.r_naught


def example(rng):
    contacts = np.array([[3.0, 1.0, 0.3], [1.0, 2.0, 0.6], [0.3, 0.6, 1.0]])
    return Disease(beta=0.12), contacts, np.array([200.0, 500.0, 150.0]), np.array([2.0, 4.0, 1.0]), 0.35


MAIN = "burden"
WRT = ("disease", "contacts", "seed", "strength")
