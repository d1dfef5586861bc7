"""Functions that are not element-wise: one line a case, in three knowledges of the operands' types."""

from __future__ import annotations

import numpy as np
import pytest

from srcdiff.ir.opdef import TypingError

from .checks import check_derivatives
from .operands import arguments

CASES = """
np.sum(x) | x=V
np.sum(x) | x=M
np.sum(x) | x=ZERO
np.sum(x) | x=EMPTY
np.sum(x) | x=s
np.sum(x, axis=0) | x=M
np.sum(x, axis=0) | x=V
np.sum(x, 1) | x=M
np.sum(x, axis=-1, keepdims=True) | x=M
np.sum(x, axis=(0, 2)) | x=C
np.sum(x, axis=(0, -1), keepdims=True) | x=C
x.sum() | x=V
x.sum(axis=1) | x=M
np.mean(x) | x=V
np.mean(x) | x=M
np.mean(x, axis=1) | x=M
np.mean(x, axis=(0, 1), keepdims=True) | x=C
x.mean(axis=0) | x=M
np.cumsum(x) | x=V
np.cumsum(x) | x=M
np.cumsum(x, axis=0) | x=M
np.cumsum(x, axis=-1) | x=M
np.max(x) | x=V
np.max(x, axis=0) | x=M
np.max(x, axis=1, keepdims=True) | x=M
np.amax(x) | x=V
np.min(x) | x=M
np.min(x, axis=(0, 1)) | x=C
x.max() | x=V
np.var(x) | x=V
np.var(x, axis=0, ddof=1) | x=M
np.var(x, axis=1, keepdims=True) | x=M
np.std(x) | x=V
np.std(x, axis=1) | x=M
np.std(x, ddof=1) | x=M
x.std(axis=0, keepdims=True) | x=M
np.prod(x) | x=V
np.prod(x) | x=M
np.prod(x) | x=HOLES
np.prod(x) | x=ONE
np.prod(x, axis=0) | x=M
np.prod(x, axis=-1, keepdims=True) | x=M
np.cumprod(x) | x=V
np.cumprod(x) | x=M
np.cumprod(x) | x=HOLES
np.cumprod(x, axis=1) | x=M
np.linalg.norm(x) | x=V
np.linalg.norm(x) | x=M
np.linalg.norm(x, axis=1) | x=M
np.linalg.norm(x, axis=0, keepdims=True) | x=M
x @ y | x=V, y=V
x @ y | x=M, y=V4
x @ y | x=V4, y=T
x @ y | x=M, y=T
x @ y | x=C, y=V4
x @ y | x=V4, y=CT
x @ y | x=C, y=CT
x @ y | x=M, y=CT
x @ y | x=C, y=T
x @ y | x=C1, y=CT
x.T @ y | x=M, y=V3
np.matmul(x, y) | x=M, y=T
np.dot(x, y) | x=V, y=V
np.dot(x, y) | x=M, y=T
np.dot(x, y) | x=M, y=V4
np.dot(x, y) | x=V4, y=T
np.dot(x, y) | x=f, y=V
np.dot(x, y) | x=V, y=f
np.dot(x, y) | x=f, y=s
x.dot(y) | x=V, y=V
np.inner(x, y) | x=V, y=V
np.inner(x, y) | x=M, y=M
np.inner(x, y) | x=M, y=V4
np.inner(x, y) | x=V4, y=M
np.outer(x, y) | x=V, y=V4
np.vdot(x, y) | x=V, y=V
np.vdot(x, y) | x=M, y=M
np.trace(x) | x=Q
np.diag(x) | x=V
np.diag(x) | x=Q
np.diag(x) | x=M
np.tril(x) | x=Q
np.triu(x, k=1) | x=Q
np.linalg.inv(x) | x=Q
np.linalg.solve(x, y) | x=Q, y=V4
np.linalg.solve(x, y) | x=Q, y=T
np.reshape(x, (4, 3)) | x=M
x.reshape(2, 6) | x=M
x.reshape(-1) | x=M
x.reshape((2, -1)) | x=M
x.reshape(-1, 2) | x=M
x.reshape(x.shape[1], x.shape[0]) | x=M
x.ravel() | x=M
np.ravel(x) | x=V
x.flatten() | x=M
x.T | x=M
x.T | x=V
np.transpose(x) | x=C
np.transpose(x, (2, 0, 1)) | x=C
x.transpose(1, 2, 0) | x=C
x.transpose() | x=M
np.transpose(x, axes=(1, -1, 0)) | x=C
np.swapaxes(x, 0, 2) | x=C
x.swapaxes(-1, 0) | x=M
np.moveaxis(x, 0, -1) | x=C
np.moveaxis(x, (0, 1), (2, 0)) | x=C
np.expand_dims(x, 1) | x=M
np.expand_dims(x, (0, -1)) | x=V
np.squeeze(x, axis=0) | x=ROW
np.squeeze(x, axis=(0,)) | x=ROW
np.broadcast_to(x, (2, 3, 4)) | x=M
np.broadcast_to(x, (3, 4)) | x=f
np.broadcast_to(x, (3, 4)) | x=ROW
np.concatenate([x, y]) | x=V, y=V4
np.concatenate([x, y, x], axis=1) | x=M, y=M
np.concatenate((x, y), axis=0) | x=M, y=M
np.concatenate([x, y], axis=-1) | x=M, y=M2
np.stack([x, y]) | x=V, y=V
np.stack([x, y, x], axis=1) | x=V, y=V
np.stack([x, y], axis=-1) | x=M, y=M
np.vstack([x, y]) | x=V, y=V
np.vstack([x, y]) | x=M, y=M
np.hstack([x, y]) | x=V, y=V4
np.hstack([x, y]) | x=M, y=M2
np.column_stack([x, y]) | x=V, y=V
np.flip(x) | x=M
np.flip(x, axis=1) | x=M
np.roll(x, 2) | x=V
np.roll(x, -1, axis=1) | x=M
np.roll(x, k) | x=M, k=2
np.repeat(x, 3) | x=V
np.repeat(x, 2) | x=M
np.repeat(x, 2, axis=0) | x=M
np.repeat(x, 2, axis=1) | x=M
np.tile(x, 3) | x=V
np.tile(x, (2, 1)) | x=V
np.tile(x, (2, 3)) | x=M
np.tile(x, 2) | x=M
np.where(x > 0, x, y) | x=V, y=V
np.where(x > 0, x, 0.0) | x=V
np.where(x > 0, y, x) | x=M, y=f
np.where(x > y, x * y, y) | x=f, y=f2
np.where(c, x, y) | c=B, x=V, y=f
np.where(x, x * x, 1.0) | x=V
np.clip(x, -0.5, 0.5) | x=V
np.clip(x, y, z) | x=V, y=-0.7, z=0.8
np.clip(x, y, z) | x=M, y=ROW, z=f2
np.clip(x, None, 0.5) | x=V
np.clip(x, 0.0, None) | x=M
x.clip(0, 1) | x=V
np.zeros(3) + x | x=f
np.ones((2, 3)) * x | x=f
np.full(3, x) | x=f
np.full((2, 2), x) | x=s
np.eye(3) * x | x=f
np.arange(5) * x | x=f
np.arange(x, y, z) | x=0.3, y=5.0, z=0.7
np.linspace(x, y, 5) | x=f, y=f2
np.linspace(x, y, 5, endpoint=False) | x=f, y=s
np.zeros_like(x) + x | x=M
np.full_like(x, y) | x=M, y=f
np.copy(x) | x=M
x.copy() | x=M
np.array(x) | x=M
np.array([x, y, 1.0]) | x=f, y=f2
np.array([[x, y], [y, 2.0]]) | x=f, y=s
np.array([x, y]) | x=V, y=V
np.asarray([x, y]) | x=s, y=s
np.float64(x) * x | x=f
x.astype(float) * 2 | x=V
float(x) * x | x=s
x.item() * 2.0 | x=s
x.item() * 2.0 | x=ONE
abs(x) | x=V
sum([x, y]) | x=f, y=f2
sum(x) | x=L
sum(x) | x=V
max(x, y) | x=f, y=f2
min(x, y, 0.1) | x=f, y=s
max(x) | x=L
min(x) | x=V
np.mean(x) | x=L
np.array(x) * 2 | x=L
np.sum(x * y) | x=V, y=f
math.fsum(x) | x=L
math.log(x, 2) | x=f2
divmod(x, y)[1] | x=f, y=f2
np.round(x) + x | x=V
x.round(1) * x | x=V
round(x, 1) * x | x=f
np.sum((x[2:] - 2 * x[1:-1] + x[:-2]) ** 2) | x=V
x / len(x) | x=V
x * x.size + x.shape[0] * x.ndim | x=M
""".strip().splitlines()

MODES = ("exact", "open", "untyped", "unknown")
"""Axes known not to be 1; axes that may be 1; dtypes not known; numbers and arrays not told apart."""


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("case", CASES)
def test_value_type_and_derivatives(case: str, mode: str) -> None:
    text, spec = case.split(" | ")
    try:
        check_derivatives(text, arguments(spec), mode)
    except TypingError as error:
        assert mode in ("untyped", "unknown") and error.code == "SD011", str(error)


FLOAT32 = [case for case in CASES if "norm" not in case and "=L" not in case and "linspace" not in case]


@pytest.mark.parametrize("case", [case for case in FLOAT32 if "float" not in case and "item" not in case])
def test_float32_stays_float32(case: str) -> None:
    text, spec = case.split(" | ")
    args = {
        name: value.astype(np.float32)
        if isinstance(value, (np.ndarray, np.float64)) and value.dtype.kind == "f"
        else value
        for name, value in arguments(spec).items()
    }
    check_derivatives(text, args, order=0)


def test_an_axis_that_is_1_is_squeezed() -> None:
    check_derivatives("np.squeeze(x)", arguments("x=ROW"))
    with pytest.raises(TypingError, match="not known"):
        check_derivatives("np.squeeze(x)", arguments("x=ROW"), mode="open")
