"""Sources, spans, rendering, errors, and the table of codes."""

from __future__ import annotations

import ast
import pickle
import re

import pytest

from srcdiff.diagnostics import (
    CODES,
    Diagnostic,
    InternalError,
    NoRuleError,
    ShapeError,
    Source,
    Span,
    SrcdiffError,
    UnsupportedError,
    error_of,
)

TEXT = "def f(x, y, flip):\n    a = x if flip else y\n    a[0] = 0.0\n    return np.sum(x)\n"


def span_of(text: str, part: str, first_line: int = 1) -> Span:
    """The span of the first occurrence of ``part`` in the last line of ``text`` that has it."""
    source = Source("f.py", text, first_line)
    for number, line in enumerate(text.split("\n")):
        if part in line:
            start = len(line[: line.index(part)].encode())
            row = first_line + number
            return Span(source, row, start, row, start + len(part.encode()))
    raise AssertionError(part)


def test_the_form_of_the_design() -> None:
    source = Source("loss.py", "    a = x if flip else y\n    a[0] = 0.0\n", first_line=13)
    problem = Diagnostic(
        "SD021",
        "this write may touch two arrays",
        Span(source, 14, 4, 14, 8),
        "`a` is `x` on one path and `y` on the other (line 13)",
        "write `a = (x if flip else y).copy()`, or write inside each branch",
    )
    assert problem.render() == (
        "loss.py:14:5: error[SD021]: this write may touch two arrays\n"
        "   13 |     a = x if flip else y\n"
        "   14 |     a[0] = 0.0\n"
        "      |     ^^^^ `a` is `x` on one path and `y` on the other (line 13)\n"
        "   = hint: write `a = (x if flip else y).copy()`, or write inside each branch"
    )


def test_label_and_hint_may_be_missing() -> None:
    text = Diagnostic("SD001", "no", span_of(TEXT, "a[0]")).render()
    assert text.endswith("      |     ^^^^\n   = hint: `srcdiff explain SD001` shows a way out")
    assert Diagnostic("XX001", "no", span_of(TEXT, "a[0]")).render().endswith("      |     ^^^^")


def test_first_line_of_the_file_has_no_line_in_front() -> None:
    lines = Diagnostic("XX001", "no", span_of(TEXT, "f(x")).render().split("\n")
    assert lines[1:] == ["    1 | def f(x, y, flip):", "      |     ^^^"]


def test_without_a_span() -> None:
    problem = Diagnostic("SD002", "the source was not found", None, "defined by exec", "put it in a file")
    assert problem.render() == (
        "error[SD002]: the source was not found\n   defined by exec\n   = hint: put it in a file"
    )


def test_a_hint_of_several_lines_is_indented() -> None:
    lines = Diagnostic("XX001", "no", None, "", "write\n  a = 1").render().split("\n")
    assert lines[1:] == ["   = hint: write", "             a = 1"]


def test_a_span_of_several_lines_is_marked_to_the_end_of_its_first() -> None:
    source = Source("f.py", "y = g(a,  \n      b)\n")
    lines = Diagnostic("XX001", "no", Span.of(ast.parse(source.text).body[0].value, source)).render().split("\n")
    assert lines[1:] == ["    1 | y = g(a,", "      |     ^^^^"]


def test_large_line_numbers_widen_the_gutter() -> None:
    source = Source("f.py", "a\nb", first_line=999_999)
    lines = Diagnostic("XX001", "no", Span(source, 1_000_000, 0, 1_000_000, 1)).render().split("\n")
    assert lines[1:] == [" 999999 | a", "1000000 | b", "        | ^"]


@pytest.mark.parametrize(
    ("text", "part", "offset", "carets"),
    [
        ("größe = x[i]", "x[i]", 9, "        ^^^^"),
        ("名 = x[i]", "x[i]", 5, "     ^^^^"),  # a wide character takes two columns
        ("名 = 名x", "名x", 5, "     ^^^"),
        ("\ty = x[i]", "x[i]", 6, "\t    ^^^^"),  # a tab stays a tab, so the caret stays below the text
    ],
)
def test_columns_are_bytes_inside_and_characters_outside(text: str, part: str, offset: int, carets: str) -> None:
    span = span_of(text, part)
    assert span.offset == offset
    rendered = Diagnostic("XX001", "no", span).render()
    assert rendered.startswith(f"f.py:1:{offset}: ")
    assert rendered.split("\n")[-1] == "      | " + carets


def test_lines_end_where_python_ends_them() -> None:
    source = Source("f.py", "a\r\nb\rc\x0cd\u2028e\nf")
    assert [source.line(number) for number in range(6)] == ["", "a", "b", "c\x0cd\u2028e", "f", ""]


def test_span_of_nodes() -> None:
    source = Source("f.py", TEXT)
    function = ast.parse(TEXT).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert Span.of(function.body[1], source) == Span(source, 3, 4, 3, 14)
    assert Span.of(function.args, source) == Span(source, 1, 6, 1, 7)  # no position of its own
    made = ast.Name("z", ast.Load(), lineno=2, col_offset=4)
    assert Span.of(made, source) == Span(source, 2, 4, 2, 5)
    assert Span.of(ast.Load(), source).line == 1


def test_a_place_outside_the_text_renders_without_an_excerpt() -> None:
    problem = Diagnostic("XX001", "no", Span(Source("f.py", ""), 7, 0, 7, 1), "here")
    assert problem.render() == "f.py:7:1: error[XX001]: no\n   here"


def test_unsupported_error_has_the_place_of_its_first_diagnostic() -> None:
    problem = Diagnostic("SD021", "two arrays", span_of(TEXT, "a[0]"))
    error = UnsupportedError([Diagnostic("SD002", "first"), problem])
    assert (error.filename, error.lineno, error.offset) == ("f.py", 3, 5)
    assert str(error) == Diagnostic("SD002", "first").render() + "\n" + problem.render()
    assert UnsupportedError(problem).diagnostics == (problem,)
    nowhere = UnsupportedError(Diagnostic("SD002", "first"))
    assert (nowhere.filename, nowhere.lineno, nowhere.offset) == (None, None, None)


def test_problems_of_several_files_stay_together() -> None:
    def at(name: str, line: int) -> Diagnostic:
        return Diagnostic("SD001", "no", Span(Source(name, "a\nb\nc"), line, 0, line, 1))

    found = UnsupportedError([at("b.py", 3), at("a.py", 1), at("b.py", 2), at("a.py", 1), Diagnostic("SD002", "no")])
    assert found.diagnostics == (Diagnostic("SD002", "no"), at("b.py", 2), at("b.py", 3), at("a.py", 1))


def test_error_of_sorts_joins_and_picks_the_class() -> None:
    late = Diagnostic("SD010", "late", span_of(TEXT, "np.sum"))
    early = Diagnostic("SD010", "early", span_of(TEXT, "a[0]"))
    error = error_of([late, early, late])
    assert error.diagnostics == (early, late)
    assert type(error) is NoRuleError
    assert type(error_of([Diagnostic("SD013", "no")])) is ShapeError
    assert type(error_of([early, Diagnostic("SD013", "no")])) is UnsupportedError


def test_errors_derive_from_one_class_and_pickle() -> None:
    errors: list[SrcdiffError] = [
        NoRuleError(Diagnostic("SD010", "no", span_of(TEXT, "a[0]"))),
        InternalError("no such value", "%1 = add(%0, %0)"),
    ]
    for error in errors:
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert str(again) == str(error)
    assert "bug in srcdiff" in str(errors[1])
    assert str(errors[1]).endswith("%1 = add(%0, %0)")


@pytest.mark.parametrize("code", CODES)
def test_the_table_of_codes(code: str) -> None:
    title, example, way_out = CODES[code]
    assert re.fullmatch(r"SD\d{3}", code)
    assert title and way_out and title[0].islower() and not title.endswith(".")
    assert way_out.endswith((".", ")")), "a way out is a sentence"
    assert example.endswith("\n")
    ast.parse(example)


def test_codes_are_in_order() -> None:
    assert list(CODES) == sorted(CODES)
