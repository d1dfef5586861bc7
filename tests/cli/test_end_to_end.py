"""The commands with the real compiler, in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAMS = '''\
import numpy as np


def ridge(w, x, y):
    """Ridge."""
    # the residual
    r = x @ w - y
    return np.mean(r * r) + 0.1 * np.sum(w * w)


def ridge_example():
    rng = np.random.default_rng(1)
    return rng.normal(size=3), rng.normal(size=(5, 3)), rng.normal(size=5)


def power(x: float, n: int = 3) -> float:
    y = 1.0
    for _ in range(n):
        y = y * x
    return y


def wave(a, x):
    return a * np.sin(x)


def wave_example():
    return 2.0, np.linspace(0.0, 1.0, 4)


def refused(x):
    with open("f"):
        y = x
    with open("g"):
        y = x
    return y
'''

# what a machine without srcdiff would see
ALONE = "import sys; sys.modules['srcdiff'] = None; sys.path.insert(0, 'gen')\n"


def process(*words: str, cwd: Path, seed: str = "0") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
    return subprocess.run([sys.executable, *words], cwd=cwd, env=environment, capture_output=True, text=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "m.py").write_text(PROGRAMS)
    return tmp_path


def test_a_module_that_stands_alone(project: Path) -> None:
    made = process("-m", "srcdiff", "grad", "m.py:ridge", "-o", "gen/g.py", cwd=project)
    assert made.returncode == 0, made.stderr
    use = (
        "import numpy as np, g; args = np.ones(2), np.eye(2), np.zeros(2)\n"
        "value, w_bar = g.ridge_value_and_grad(*args); print(value, w_bar, g.ridge_grad(*args))"
    )
    used = process("-c", ALONE + use, cwd=project)
    assert used.stdout == "1.2 [1.2 1.2] [1.2 1.2]\n", used.stderr
    text = (project / "gen/g.py").read_text()
    assert "# the residual" in text and "checked against finite differences" in text
    assert "srcdiff grad m.py:ridge -o gen/g.py" in text and str(project) not in text


def test_check_follows_the_source(project: Path) -> None:
    process("-m", "srcdiff", "grad", "m.py:ridge", "-o", "gen/g.py", cwd=project)
    assert process("-m", "srcdiff", "check", "gen", cwd=project).stdout == "gen/g.py: current\n"
    (project / "m.py").write_text("# a line more\n" + PROGRAMS)
    moved = process("-m", "srcdiff", "check", "gen", cwd=project)
    assert (moved.returncode, moved.stdout) == (0, "gen/g.py: current\n")
    (project / "m.py").write_text(PROGRAMS.replace("0.1 *", "0.2 *"))
    stale = process("-m", "srcdiff", "check", "gen", cwd=project)
    assert stale.returncode == 1 and "gen/g.py: out of date" in stale.stdout


def test_the_text_does_not_depend_on_the_hash_seed(project: Path) -> None:
    texts = {process("-m", "srcdiff", "grad", "m.py:ridge", cwd=project, seed=seed).stdout for seed in "0123"}
    assert len(texts) == 1 and "def ridge_value_and_grad" in texts.pop()


@pytest.mark.parametrize(
    "words",
    [
        ["m.py:power"],
        ["m.py:wave", "--wrt", "a,x", "--mode", "vjp"],
        ["m.py:wave", "--wrt", "x", "--mode", "jvp"],
        ["m.py:ridge", "--wrt", "-1,0", "--sig", "w: f64[d], x: f64[n, d], y: f64[n]"],
    ],
)
def test_every_way_to_the_types_and_every_mode(project: Path, words: list[str]) -> None:
    made = process("-m", "srcdiff", "grad", *words, "-o", "gen/g.py", cwd=project)
    assert made.returncode == 0, made.stderr
    assert process("-c", ALONE + "import g", cwd=project).returncode == 0
    assert process("-m", "srcdiff", "check", "gen/g.py", cwd=project).returncode == 0


def test_all_problems_are_shown_without_a_traceback(project: Path) -> None:
    made = process("-m", "srcdiff", "grad", "m.py:refused", "--sig", "x: float", "-o", "gen/g.py", cwd=project)
    assert made.returncode == 1 and made.stdout == ""
    assert made.stderr.startswith("m.py:32:5: error[SD001]: ") and "\nm.py:34:5: error[SD001]: " in made.stderr
    assert "Traceback" not in made.stderr and not (project / "gen").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["m.py:wave"], "one number"),
        (["m.py:ridge", "--wrt", "q"], "q"),
        (["m.py:ridge", "--sig", "w: f64[d"], "w: f64[d"),
    ],
)
def test_mistakes_at_the_call_are_one_message(project: Path, words: list[str], says: str) -> None:
    made = process("-m", "srcdiff", "grad", *words, cwd=project)
    assert made.returncode == 1 and says in made.stderr and "error" in made.stderr
    assert "Traceback" not in made.stderr and made.stdout == ""
