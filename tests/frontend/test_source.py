"""From functions to their text: lambdas, decorators, methods, files that change, odd files."""

from __future__ import annotations

import functools
import importlib.util
import linecache
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from srcdiff.diagnostics import UnsupportedError
from srcdiff.frontend.source import text_of
from tests.frontend.support import agree, read


def load(path: Path, text: str, newline: str | None = None) -> Any:
    """A module of this text."""
    path.write_text(text, encoding="utf-8", newline=newline)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def decorate(function):
    @functools.wraps(function)
    def wrapper(x):
        return 2 * function(x)

    return wrapper


def keep(function):
    return function


@keep
@functools.partial(lambda factor, function: function, 3)
def decorated(x):
    return x * 3


@decorate
def wrapped(x):
    return x * 5


def test_lambdas() -> None:
    one, two = lambda x: x + 1, lambda x: x * 2
    nested = lambda x: (lambda y: y * x)(x + 1)  # noqa: E731
    over_lines = [
        lambda x: x
        - 7  # seven
    ]
    for function in (one, two, nested, over_lines[0]):
        agree(function, 3.0)
    assert text_of(one).node is not text_of(two).node
    assert read(one, 3.0).function.name == "function"


def test_two_alike_lambdas_on_one_line() -> None:
    pair = (lambda x: x * 2, lambda x: x * 2 + 0)
    agree(pair[0], 1.5)
    agree(pair[1], 1.5)


def test_lambdas_from_inside_of_lambdas() -> None:
    make = lambda a: lambda x: a * x  # noqa: E731
    agree(make(3.0), 2.0)


def test_decorated_functions() -> None:
    agree(decorated, 2.0)
    agree(wrapped, 2.0)  # what is called is the wrapper


def test_methods() -> None:
    class Model:
        def value(self, x):
            return x * 2

        @staticmethod
        def double(x):
            return x * 2

    agree(Model.double, 2.0)
    assert text_of(Model.value).node.name == "value"


def test_lines_and_columns_are_those_of_the_file(tmp_path: Path) -> None:
    text = "import numpy as np\n\n\nclass A:\n    @staticmethod\n    def f(x):\n        # a comment\n        y = np.sin(x)  # sine\n        return y\n"
    module = load(tmp_path / "lines.py", text)
    function = agree(module.A.f, 2.0)
    assert function.comments == {7: "# a comment", 8: "# sine"}
    assert (function.body.ops[0].stmt.line, function.body.ops[0].loc.column) == (8, 12)
    assert function.source.first_line == 5


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_tabs_and_form_feeds(tmp_path: Path, newline: str) -> None:
    text = "import numpy as np\n\x0c\ndef f(x):\n\tif x > 0:\n\t\ty = x * 2  # größer\n\telse:\n\t\ty = -x\n\treturn y\n"
    module = load(tmp_path / f"ends{len(newline)}.py", text, newline)
    function = agree(module.f, 2.0)
    assert function.comments == {5: "# größer"}
    assert function.body.ops[0].stmt.text == "if x > 0:"


def test_conditional_headers_on_one_line(tmp_path: Path) -> None:
    text = "def f(x, n):\n    if (x > (0)): y = x; z = y\n    else: y = z = -x\n    for i in (range(n)): y += i\n    while (\n        y > 5\n    ):\n        y -= 1\n    return y * z\n"
    function = agree(load(tmp_path / "headers.py", text).f, 2.0, 4)
    texts = [op.stmt.text for op in function.body.walk()]
    assert "if (x > (0)):" in texts and "for i in (range(n)):" in texts and "while y > 5:" in texts


def test_a_file_that_changed_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "changing.py"
    module = load(path, "def f(x):\n    return x * 2\n")
    agree(module.f, 2.0)
    path.write_text("def f(x):\n    return x * 33\n", encoding="utf-8")
    with pytest.raises(UnsupportedError, match="SD002.*") as caught:
        text_of(module.f)
    assert "has changed since it was imported" in str(caught.value)


def test_functions_without_text() -> None:
    space: dict[str, Any] = {}
    exec("def f(x): return x", space)
    for function in (space["f"], np.sin, len, functools.partial(decorated)):
        with pytest.raises(UnsupportedError) as caught:
            text_of(function)
        assert caught.value.diagnostics[0].code == "SD002"


def test_functions_of_a_notebook() -> None:
    name, text = "<cell 1>", "def f(x):\n    return x * 2\n"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space: dict[str, Any] = {}
    exec(compile(text, name, "exec"), space)
    agree(space["f"], 2.0)


def test_functions_of_one_name(tmp_path: Path) -> None:
    first = load(tmp_path / "first.py", "def g(x):\n    return x + 1\n")
    second = load(tmp_path / "second.py", "def g(x):\n    return x * 7\n")

    def f(x):
        return first.g(x) * second.g(x)

    agree(f, 2.0)


def test_redefined_functions(tmp_path: Path) -> None:
    module = load(tmp_path / "twice.py", "def f(x):\n    return x + 1\n\n\nold = f\n\n\ndef f(x):\n    return x * 3\n")
    agree(module.f, 2.0)
    agree(module.old, 2.0)


def test_thousands_of_statements_are_read_in_linear_time(tmp_path: Path) -> None:
    lines = [f"    v{k + 1} = v{k} * 1.001 + x" for k in range(1500)]
    text = "def f(x):\n    v0 = x\n" + "\n".join(lines) + "\n    return v1500\n"
    function = agree(load(tmp_path / "long.py", text).f, 0.5)
    assert len(function.body.ops) == 3000
