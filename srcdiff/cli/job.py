"""One gradient module to make: what ``srcdiff grad`` was asked for, and how ``srcdiff check`` asks again."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from srcdiff.cli import core
from srcdiff.cli.load import Target, example_args, parse_wrt
from srcdiff.cli.verify import check_drawn, check_example
from srcdiff.written import returning


@dataclass(frozen=True)
class Job:
    """The options of one ``srcdiff grad``; all paths are relative to ``base``, the folder where it was called."""

    target: str
    wrt: str | None
    of: str | None
    out: str | None
    sig: str | None
    example: str | None
    mode: str
    base: Path

    def command(self) -> str:
        """The command that makes the file again, for its header; no path in it leads upwards or names the machine."""
        file, _, name = self.target.rpartition(":")
        words = ["srcdiff", "grad", f"{self._relative(file)}:{name}"]
        if self.wrt is not None:
            words += ["--wrt", self.wrt]
        if self.of is not None:
            words += ["--of", self.of]
        if self.sig is not None:
            words += ["--sig", self.sig]
        if self.example is not None:
            example, _, name = self.example.rpartition(":")
            words += ["--example", f"{self._relative(example)}:{name}"]
        if self.mode != "value_and_grad":
            words += ["--mode", self.mode]
        if self.out is not None:
            words += ["-o", self._relative(self.out)]
        return shlex.join(words)

    def _root(self) -> Path:
        """The folder where the header's command is to be called: the present one if it holds all files."""
        files = [text.rpartition(":")[0] for text in (self.target, self.example) if text is not None]
        paths = [(self.base / file).resolve() for file in [*files, self.out] if file is not None]
        base = self.base.resolve()
        return base if all(path.is_relative_to(base) for path in paths) else Path(os.path.commonpath(paths))

    def _relative(self, file: str) -> str:
        return Path(os.path.relpath((self.base / file).resolve(), self._root())).as_posix()

    def text(self) -> tuple[str, str]:
        """The text of the module and what was checked; raises where the gradient disagrees with differences."""
        target, function, args = self._read()
        if self.out is not None and (self.base / self.out).resolve() == target.path:
            raise click.UsageError(f"{self.out} is the file of the function itself")
        wrt = parse_wrt(self.wrt) if self.wrt is not None else 0
        of = parse_wrt(self.of, "--of") if self.of is not None else None
        derived = core.derive(function, wrt, self.mode, self.sig, args, of)
        meant = returning(function, of)
        if args is not None:
            checked = check_example(meant, derived, args, wrt, self.mode)
        else:
            checked = check_drawn(meant, derived, wrt, self.mode)
        return derived.readable(self.command(), self._source(target), checked), checked

    def digest(self) -> str:
        """The sha256 that the header of the module would have now."""
        _, function, args = self._read()
        of = parse_wrt(self.of, "--of") if self.of is not None else None
        return core.digest(function, self.mode, self.sig, args, of)

    def _read(self) -> tuple[Target, Callable[..., Any], tuple[Any, ...] | None]:
        """Where the function is, the function, and example arguments if there are any."""
        target = Target.parse(self.target, self.base)
        function = target.load()
        return target, function, example_args(target, function, self.example, self.base)

    def _source(self, target: Target) -> str:
        """The author's file as seen from the generated one."""
        folder = (self.base / self.out).resolve().parent if self.out is not None else self.base
        return Path(os.path.relpath(target.path, folder)).as_posix()
