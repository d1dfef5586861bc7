"""Every code of the table: its example is refused with it, and with nothing else."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from srcdiff.cli.explain import page
from srcdiff.diagnostics import CODES, SignatureError, SrcdiffError

AT_THE_CALL = ("SD002", "SD030", "SD031", "SD032", "SD033", "SD034")  # what is wrong is no line of the function


@pytest.mark.parametrize("code", CODES)
def test_the_example_is_refused_with_its_code(tmp_path: Path, code: str) -> None:
    path = tmp_path / "example.py"
    path.write_text(CODES[code].example, encoding="utf-8")
    with pytest.raises(SrcdiffError) as caught:
        runpy.run_path(str(path))
    text = str(caught.value)
    assert re.findall(r"error\[(SD\d+)\]", text) == [code], text
    if code in AT_THE_CALL:
        assert code == "SD002" or isinstance(caught.value, SignatureError)
    else:
        assert re.match(r".*example\.py:\d+:\d+: error", text), text
        assert "^" in text and "= hint: " in text, text


def test_every_code_that_is_raised_is_in_the_table() -> None:
    root = Path(__file__).resolve().parents[2] / "srcdiff"
    used = {code for path in root.rglob("*.py") for code in re.findall(r"\bSD\d{3}\b", path.read_text("utf-8"))}
    assert used <= set(CODES) | {"SD999"}


def test_the_page_of_all_codes_is_current() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "refused.md").read_text(encoding="utf-8")
    assert text == page()
