"""The format of the programs: a module with its functions as a user has them and, at the end, what is asked of it.

* ``example(rng)``: the arguments of a small call, fresh each time;
* ``MAIN``: the name of the function that is differentiated, ``WRT``: the parameters to differentiate by;
* ``OF`` (optional): the parameter that holds the result of a function that works through its arguments;
* ``OPTIONS`` (optional): keyword arguments for the compiler.
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

SEED = 20


@dataclass(frozen=True)
class Program:
    """One program: its module and what its last lines say of it."""

    module: ModuleType
    main: str
    wrt: tuple[str, ...]
    of: str | None
    options: dict[str, Any]

    @property
    def name(self) -> str:
        """The file's name without its suffix."""
        return self.module.__name__.rsplit(".", 1)[-1]

    @property
    def function(self) -> Callable[..., Any]:
        """The function as its author wrote it."""
        function: Callable[..., Any] = getattr(self.module, self.main)
        return function

    @property
    def positions(self) -> tuple[int, ...]:
        """Where the parameters of ``wrt`` stand in the call."""
        names = list(inspect.signature(self.function).parameters)
        return tuple(names.index(name) for name in self.wrt)

    def arguments(self) -> tuple[Any, ...]:
        """Fresh arguments of the example call: equal each time, sharing nothing."""
        arguments: tuple[Any, ...] = self.module.example(np.random.default_rng(SEED))
        return arguments

    def returning(self) -> Callable[..., Any]:
        """The function itself, or with ``of`` one that returns what it leaves in that argument."""
        if self.of is None:
            return self.function
        function = self.function
        place = list(inspect.signature(function).parameters).index(self.of)

        @functools.wraps(function)
        def through_arguments(*args: Any) -> Any:
            function(*args)
            return np.copy(args[place])

        return through_arguments


def load(path: Path) -> Program:
    """The program in the file ``path``."""
    name = f"{path.parent.name}.{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    options = getattr(module, "OPTIONS", {})
    return Program(module, module.MAIN, tuple(module.WRT), getattr(module, "OF", None), options)


def files(folder: Path) -> list[Path]:
    """The programs in ``folder``, by name."""
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
