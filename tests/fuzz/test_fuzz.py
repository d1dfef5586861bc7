"""The fuzzer in the test suite: fixed failures, some quick programs, and proof that its oracles can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.fuzz import files, stand_in
from tests.fuzz.examine import Plan, examine, real_compiler
from tests.fuzz.program import Program, Workspace, generate
from tests.fuzz.shrink import shrink
from tests.fuzz.validate import look, same
from tests.oracles import orders

COMPILER = real_compiler()
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="srcdiff.value_and_grad does not exist yet")
SEED, PER_LEVEL = 20240, 20


@pytest.fixture
def workspace() -> Any:
    made = Workspace()
    yield made
    made.close()


# -- the compiler


@needs_compiler
@pytest.mark.parametrize("path", sorted(files.REGRESSIONS.glob("*.py")), ids=lambda path: path.stem)
def test_fixed_failures_stay_fixed(path: Path, workspace: Workspace) -> None:
    verdict = examine(files.read(path), COMPILER, workspace, Plan(orders=orders.MODES, readable=True))
    assert verdict.status in ("right", "refused"), "\n".join(verdict.messages)


@needs_compiler
@pytest.mark.parametrize("level", range(1, 6))
def test_random_programs(level: int, workspace: Workspace) -> None:
    bad = []
    for index in range(PER_LEVEL):
        program = generate(SEED, level, index, workspace)
        verdict = examine(program, COMPILER, workspace, Plan(orders=orders.MODES if index % 20 == 0 else ()))
        if verdict.status in ("wrong", "crashed"):
            bad.append(files.render(program, verdict))
    assert not bad, f"{len(bad)} of {PER_LEVEL} programs failed\n\n" + "\n\n".join(bad[:2])


# -- the generator


@pytest.mark.parametrize("level", range(1, 6))
def test_programs_run_are_smooth_and_repeatable(level: int, workspace: Workspace) -> None:
    figures = look(SEED, level, list(range(30)), workspace)
    assert figures.programs == 30
    assert figures.kinks <= 6
    assert same(generate(1, level, 7, workspace), generate(1, level, 7, workspace))
    assert not same(generate(1, level, 7, workspace), generate(2, level, 7, workspace))


# -- the oracles: a fault in the compiler is seen, by the oracle that should see it

SCALAR = """
import numpy as np

def f(x, s):
    x = x * x * s
    return np.sum(np.sin(x)) + 0.5 * s
"""

VECTOR = """
import numpy as np

def f(x, s):
    x[0] = x[1] * s
    return np.tanh(x * s) + s * s * x
"""

FAULTS = [
    ("one entry scaled", "differences"),
    ("zero", "differences"),
    ("not a number", "differences"),
    ("none", "type"),
    ("another type", "type"),
    ("another shape", "type"),
    ("argument returned", "memory"),
    ("read only", "memory"),
    ("argument written", "arguments"),
    ("value off", "value"),
    ("value of another type", "value"),
    ("gradients share memory", "memory"),
    ("pullback used up", "twice"),
    ("cotangent written", "cotangent"),
    ("jvp wrong", "differences"),
    ("not optimised wrong", "optimize=none against default"),
    ("interpreter wrong", "interpreter"),
    ("state between calls", "interleaved"),
    ("second order reverse", "order2"),
    ("second order forward", "forward_over_reverse"),
    ("crash", "crash"),
]


def small_program(source: str, wrt: Any = (0, 1)) -> Program:
    x, s = np.array([0.3, -0.7, 1.1]), np.float64(0.8)
    return Program(source, (x, s), wrt, (np.array([0.9, 0.2]), np.float64(-0.4)))


def planted(source: str, fault: str, workspace: Workspace, wrt: Any = (0, 1)) -> Any:
    plan = Plan(orders=orders.MODES, tolerances=stand_in.TOLERANCES)
    return examine(small_program(source, wrt), stand_in.compiler(fault), workspace, plan)


@pytest.mark.parametrize("source", [SCALAR, VECTOR], ids=["scalar", "vector"])
def test_no_fault_is_no_finding(source: str, workspace: Workspace) -> None:
    verdict = planted(source, "", workspace)
    assert (verdict.status, verdict.messages) == ("right", [])
    assert verdict.compared > 8


@pytest.mark.parametrize(("fault", "oracle"), FAULTS, ids=[fault for fault, _ in FAULTS])
def test_a_planted_fault_is_seen(fault: str, oracle: str, workspace: Workspace) -> None:
    source = VECTOR if fault in ("argument written", "cotangent written") else SCALAR
    if fault == "gradients share memory":
        source = SCALAR.replace("x * x * s", "x * x * s * s")
        program = Program(source, (np.array([0.3, 0.5]), np.array([0.8, -0.2])), (0, 1))
        program = program.with_changes(source=source.replace("0.5 * s", "np.sum(s)"))
        verdict = examine(program, stand_in.compiler(fault), workspace, Plan(tolerances=stand_in.TOLERANCES))
    else:
        verdict = planted(source, fault, workspace)
    assert verdict.status == ("crashed" if fault == "crash" else "wrong"), verdict
    assert any(message.startswith(oracle) for message in verdict.messages), verdict.messages


def test_a_refusal_is_not_a_failure(workspace: Workspace) -> None:
    verdict = planted(SCALAR, "refused", workspace)
    assert (verdict.status, verdict.key) == ("refused", "StandInRefusal")


def test_a_kink_is_counted_and_not_compared(workspace: Workspace) -> None:
    source = "import numpy as np\n\ndef f(x):\n    return np.sum(np.abs(x)) + np.max(x)\n"
    program = Program(source, (np.zeros(2),), 0)
    verdict = examine(program, stand_in.compiler(), workspace, Plan(tolerances=stand_in.TOLERANCES))
    assert verdict.kinks > 0
    assert verdict.status == "kink"


def test_the_author_raising_must_be_repeated(workspace: Workspace) -> None:
    source = "import numpy as np\n\ndef f(x):\n    return x[2] * x[0]\n"
    program = Program(source, (np.array([1.0, 2.0, 3.0]),), 0, (np.array([1.0]),))
    verdict = examine(program, stand_in.compiler(), workspace, Plan(tolerances=stand_in.TOLERANCES))
    assert verdict.status == "right", verdict.messages
    silent = stand_in.compiler("exception swallowed")
    verdict = examine(program, silent, workspace, Plan(tolerances=stand_in.TOLERANCES))
    assert (verdict.status, verdict.key) == ("wrong", "raises")


def test_shrinking_keeps_the_failure_and_drops_the_rest(workspace: Workspace) -> None:
    program = next(
        found
        for found in (generate(3, 3, index, workspace) for index in range(100))
        if "np.mean" in found.source and found.source.count("\n") > 12
    )
    small = shrink(program, lambda candidate: "np.mean" in candidate.source, workspace, seconds=20)
    assert "np.mean" in small.source
    assert small.source.count("\n") <= 8, small.source


def test_failure_files_can_be_read_again(tmp_path: Path, workspace: Workspace) -> None:
    for index in range(5):
        program = generate(4, 5, index, workspace)
        verdict = examine(program, stand_in.compiler("refused"), workspace)
        again = files.read(files.write(program, verdict, tmp_path))
        assert repr(again.args) == repr(program.args)
        assert (again.wrt, repr(again.more_args)) == (program.wrt, repr(program.more_args))
