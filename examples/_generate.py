"""What the examples share: the call of the command line that writes a gradient module."""

import importlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def generate(function, wrt):
    """Write generated/NAME_grad.py for ``NAME.py:FUNCTION`` in this folder, and import it like any other module."""
    name = f"{function.partition('.')[0]}_grad"
    command = ["grad", f"examples/{function}", "--wrt", wrt, "-o", f"generated/{name}.py"]
    subprocess.run([sys.executable, "-m", "srcdiff", *command], cwd=ROOT, check=True)
    sys.path.insert(0, str(ROOT / "generated"))
    return importlib.import_module(name)
