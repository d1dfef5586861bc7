"""The trainer: gradient descent with gradient modules, compiled functions, or any ``value_and_grad(params, *batch)``.

>>> import numpy as np, srcdiff
>>> from srcdiff.train import SGD, fit
>>> def loss(w, x, y):
...     r = x @ w - y
...     return np.mean(r * r)
>>> x = np.random.default_rng(0).standard_normal((100, 2))
>>> data = x, x @ np.array([1.0, -2.0])
>>> w, history = fit(srcdiff.value_and_grad(loss), data, optimizer=SGD(lr=0.1), params=np.zeros(2))
>>> np.round(w, 1)
array([ 1., -2.])
"""

from srcdiff.train.data import Data
from srcdiff.train.errors import DivergedError, Interrupted, StoppedError, TrainingError
from srcdiff.train.history import Epoch, History
from srcdiff.train.metrics import Metrics, accuracy
from srcdiff.train.model import Model
from srcdiff.train.optimizers import OPTIMIZERS, SGD, Optimizer
from srcdiff.train.progress import Lines, Progress
from srcdiff.train.training import fit

__all__ = [
    "OPTIMIZERS",
    "SGD",
    "Data",
    "DivergedError",
    "Epoch",
    "History",
    "Interrupted",
    "Lines",
    "Metrics",
    "Model",
    "Optimizer",
    "Progress",
    "StoppedError",
    "TrainingError",
    "accuracy",
    "fit",
]
