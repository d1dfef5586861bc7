"""What ops declare about memory is what NumPy does: the in-place pass rests on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from srcdiff.ir.core import Op, storages
from srcdiff.ir.types import Array

from .harness import Case, evaluate, needed
from .operands import arguments
from .test_functions import CASES
from .test_indexing import READS


def problems(case: Case) -> list[str]:
    """Where an op's declaration and the memory of its result disagree."""
    found = []
    params, args = list(case.params.values()), list(case.args.values())
    for op in needed(case.b.ops, case.result):
        for result, storage in zip(op.results, storages(op)):
            if not isinstance(result.type, Array):
                continue
            inputs = [evaluate(case.b.ops, params, value, args) for value in op.inputs]
            found += declared(op, inputs, op.kind.evaluate(*inputs, **op.attrs), storage.kind, storage.of)
    return found


def declared(op: Op, inputs: list[Any], value: Any, kind: str, of: int) -> list[str]:
    shared = [k for k, x in enumerate(inputs) if isinstance(x, np.ndarray) and np.shares_memory(value, x)]
    if kind == "fresh" and shared:
        return [f"{op} is declared fresh and shares memory with input {shared[0]}"]
    if kind == "view" and value.size and isinstance(inputs[of], np.ndarray) and shared != [of]:
        return [f"{op} is declared a view of input {of} and shares memory with {shared}"]
    if kind == "maybe" and not set(shared) <= {of}:
        return [f"{op} may be a view of input {of} and shares memory with {shared}"]
    return []


@pytest.mark.parametrize("case", [*CASES, *(read for read in READS if "len(x)), j" not in read)])
def test_declarations(case: str) -> None:
    text, spec = case.split(" | ")
    assert problems(Case(text, arguments(spec))) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("x.reshape(-1)", "maybe"), ("x.ravel()", "maybe"), ("x.flatten()", "fresh"), ("x.T", "view"),
        ("x[1:]", "view"),
        ("x[None]", "view"), ("x[0]", "view"), ("x[0, 0]", "fresh"), ("x[..., 0, 0]", "view"), ("x.copy()", "fresh"),
        ("x[np.arange(2)]", "fresh"), ("x[x > 0]", "fresh"), ("x + 1", "fresh"),
        ("np.broadcast_to(x, (2, 3, 4))", "view"),
        ("np.expand_dims(x, 0)", "view"), ("np.flip(x)", "view"), ("x.astype(float)", "fresh"), ("np.diag(x)", "fresh"),
    ],
)  # fmt: skip
def test_what_is_declared(text: str, kind: str) -> None:
    case = Case(text, {"x": np.ones((3, 4))})
    assert [storage.kind for storage in storages(case.b.ops[-1])] == [kind]


def test_a_wrong_declaration_is_seen() -> None:
    class Wrong:
        kind = type("Kind", (), {})

    x = np.ones(3)
    assert declared(Wrong, [x], x[1:], "fresh", 0)  # type: ignore[arg-type]
    assert declared(Wrong, [x], x.copy(), "view", 0)  # type: ignore[arg-type]
    assert not declared(Wrong, [x], x[1:], "view", 0)  # type: ignore[arg-type]
