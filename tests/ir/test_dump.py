"""What the environment asks to see between the stages."""

from __future__ import annotations

import pytest

import srcdiff.rules  # noqa: F401  (the table of operations)
from srcdiff.ir.dump import dump, wanted
from srcdiff.ir.equal import equal
from srcdiff.ir.parse import parse

FUNCTION = parse("def f(x: float) -> float:\n    at(3, 'y = -x', index=0, target='y')\n    y = neg(x)\n    return y\n")


@pytest.mark.parametrize(
    ("request_", "shown"),
    [("after=reverse,keep", "keep reverse"), ("after= keep ", "keep"), ("after=all", "cse keep reverse"), ("", "")],
)
def test_stages_that_are_asked_for(request_: str, shown: str) -> None:
    assert " ".join(stage for stage in ("cse", "keep", "reverse") if wanted(stage, request_)) == shown


@pytest.mark.parametrize("request_", ["reverse", "before=keep", "1"])
def test_requests_of_another_form(request_: str) -> None:
    with pytest.raises(ValueError, match="write after=STAGE,STAGE"):
        wanted("keep", request_)


def test_the_dump_is_ir_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SRCDIFF_DUMP", "after=keep")
    dump("cse", FUNCTION)
    dump("keep", FUNCTION)
    out, err = capsys.readouterr()
    assert out == "" and err.startswith("# after keep\ndef f(") and "at(3, 'y = -x', index=0, target='y')" in err
    assert equal(parse(err), FUNCTION)
    monkeypatch.delenv("SRCDIFF_DUMP")
    dump("keep", FUNCTION)
    assert capsys.readouterr().err == ""
