"""Diagnostics as people and programs read them."""

from __future__ import annotations

from constellation.compiler.rendering import concise, line_message, markdown, one_line, render, render_all, to_json
from tests.runtime.compiler.judged import check

SOURCE = "in rate: Int\ntotal = rat * 2\nout total\n"


def test_a_block_shows_the_line_with_its_neighbours_and_carets() -> None:
    (found,) = check(SOURCE).errors
    shown = render(found, SOURCE, url="https://docs.example/E001").split("\n")
    assert shown[:7] == [
        "Error E001: Undefined variable",
        "  --> line 2, column 9",
        "  1 │ in rate: Int",
        "  2 │ total = rat * 2",
        "    │         ^^^",
        "  3 │ out total",
        "  Undefined variable: rat",
    ]
    assert shown[-2:] == ["  → Did you mean 'rate'?", "  See: https://docs.example/E001"]


def test_a_file_name_stands_in_the_place_line() -> None:
    (found,) = check(SOURCE).errors
    assert "  --> rates.cst:2:9" in render(found, SOURCE, file="rates.cst")


def test_short_forms() -> None:
    (found,) = check(SOURCE).errors
    assert one_line(found) == "E001: Undefined variable: rat"
    assert line_message(found, SOURCE) == "Line 2: Undefined variable: rat"
    assert concise(found, SOURCE, "rates.cst") == "rates.cst:2:9: E001 Undefined variable: rat"


def test_several_blocks_are_separated_by_an_empty_line() -> None:
    source = "in x: String\na = Uppercas(x)\nb = nope\nout x\n"
    errors = check(source).errors
    text = render_all(errors, source, omitted=7)
    assert text.count("\n\n") == 2
    assert text.endswith("… and 7 more")


def test_a_span_over_several_lines_is_underlined_to_the_end_of_its_first() -> None:
    source = "in a: { x: Int }\nr = a ==\n  a\nout r\n"
    (found,) = check(source).errors
    assert "    │     ^^^^\n" in render(found, source) + "\n"


def test_tabs_are_expanded_in_both_rows() -> None:
    source = "in a: Int\n\tr =\tnope\nout r\n"
    (found,) = check(source).errors
    rows = render(found, source).split("\n")
    line = next(row for row in rows if "nope" in row and "│" in row)
    carets = next(row for row in rows if "^" in row)
    assert line.index("nope") == carets.index("^")
    assert carets.count("^") == 4


def test_carriage_returns_are_not_shown() -> None:
    source = "in a: Int\r\nr = nope\r\nout r\r\n"
    (found,) = check(source).errors
    assert "\r" not in render(found, source)


def test_colour_changes_nothing_but_colour() -> None:
    (found,) = check(SOURCE).errors
    coloured = render(found, SOURCE, colour=True)
    plain = coloured
    for code in ("\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m"):
        plain = plain.replace(code, "")
    assert plain == render(found, SOURCE)
    assert coloured != plain


def test_json_is_complete_without_the_text() -> None:
    (found,) = check(SOURCE).errors
    shown = to_json(found, SOURCE)
    assert {k: shown[k] for k in ("code", "title", "category", "severity", "message", "slug")} == {
        "code": "E001",
        "title": "Undefined variable",
        "category": "Reference",
        "severity": "error",
        "message": "Undefined variable: rat",
        "slug": "undefined-variable",
    }
    assert (shown["line"], shown["column"], shown["endLine"], shown["endColumn"]) == (2, 9, 2, 12)
    assert shown["snippet"] == "total = rat * 2"
    assert shown["suggestions"] == ["Did you mean 'rate'?"]


def test_markdown_has_an_excerpt_and_the_suggestions() -> None:
    (found,) = check(SOURCE).errors
    shown = markdown(found, SOURCE)
    assert shown.startswith("**Error E001: Undefined variable**")
    assert "```\n  1 │ in rate: Int" in shown
    assert "- Did you mean 'rate'?" in shown


def test_a_position_at_the_end_of_the_text() -> None:
    source = "x ="
    found = check(source).errors
    assert all(render(d, source).startswith("Error E020") for d in found)
