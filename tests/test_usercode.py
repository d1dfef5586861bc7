"""Importing the author's files: as they are now, with their faults in one message."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from srcdiff.usercode import UserCodeError, call_user_code, load_fresh, load_module


def test_a_fresh_import_sees_an_edit_of_the_same_second(tmp_path: Path) -> None:
    file = tmp_path / "usercode_edited.py"
    values = []
    for value in "123":
        file.write_text(f"value = {value}\n")
        values.append(load_fresh(file).value)
    assert values == [1, 2, 3]
    kept = load_module(file)
    file.write_text("value = 4\n")
    assert (load_module(file), kept.value, load_fresh(file).value) == (kept, 3, 4)
    assert sys.modules["usercode_edited"] is kept


def test_a_part_of_a_package_is_imported_as_one(tmp_path: Path) -> None:
    package = tmp_path / "usercode_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "sizes.py").write_text("rows = 3\n")
    (package / "net.py").write_text("from .sizes import rows\n")
    assert load_fresh(package / "net.py").rows == 3
    assert load_fresh(package / "net.py").__name__ == "usercode_package.net"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = 1\nx.y\n", r"broken.py cannot be imported\n  .*broken.py:2: AttributeError: 'int' object"),
        ("x = (\n", r"broken.py cannot be imported\n.*broken.py:1:5: SyntaxError"),
        ("raise SystemExit(3)\n", r"the file calls exit \(3\)"),
    ],
)
def test_faults_are_one_message_with_their_place(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "broken.py").write_text(text)
    for load in (load_fresh, load_module):
        with pytest.raises(UserCodeError, match=says):
            load(tmp_path / "broken.py")


def test_calls() -> None:
    assert call_user_code(max, (1, 2), "max fails") == 2
    with pytest.raises(UserCodeError, match=r"max fails\n  .*TypeError"):
        call_user_code(max, (1, "a"), "max fails")
