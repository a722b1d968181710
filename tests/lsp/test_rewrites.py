"""Rewrites keep what a program computes, and its comments: checked on generated programs, run before and after."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constellation.stdlib.demo import demo_modules
from constellation.sync import Constellation
from constellation_grammar.document import Document
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action, code_actions
from constellation_lsp.features.edits import apply_edits
from constellation_lsp.syntax_walk import walk
from tests.conformance.lsp_transports import shout, splice, twice

COMMENT = re.compile(r"#[^\n]*")


@st.composite
def blanks(draw: st.DrawFn) -> str:
    """What stands between two words: a blank, a line break, or a comment."""
    return draw(st.sampled_from([" ", " ", " ", "\n  ", "  # note\n  "]))


def joined(*parts: str | st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """The parts one after another."""
    return st.tuples(*(p if isinstance(p, st.SearchStrategy) else st.just(p) for p in parts)).map("".join)


def numbers(depth: int) -> st.SearchStrategy[str]:
    """Expressions of type Int."""
    plain = st.sampled_from(["a", "b", "1", "-2", "abs(a)"])
    if depth == 0:
        return plain
    n, c, s = numbers(depth - 1), conditions(depth - 1), blanks()
    return st.one_of(
        plain,
        joined("(", n, s, "+", s, n, ")"),
        joined("if (", c, ")", s, n, s, "else", s, n),
        joined("branch {", s, c, " ->", s, n, ",", s, c, " -> ", n, ",", s, "otherwise ->", s, n, s, "}"),
        joined("(", n, ")", s, "when", s, "(", c, ")", s, "??", s, n),
        joined("acme.num.twice(", n, ")"),
        joined("list-length(map([a, b], (x) => x + ", "(", n, ")))"),
        joined("(", n, ") * 2"),
    )


def conditions(depth: int) -> st.SearchStrategy[str]:
    """Expressions of type Boolean."""
    plain = st.sampled_from(["a > 1", "flag", "not flag", "b == a"])
    if depth == 0:
        return plain
    n, c = numbers(depth - 1), conditions(depth - 1)
    choice = joined("if (", c, ") ", c, " else ", c)
    return st.one_of(plain, joined("(", n, ") < (", n, ")"), joined(c, " and ", c), choice)


PROGRAMS = joined("in a: Int\nin b: Int\nin flag: Boolean\nr = ", numbers(2), "\nout r\n")


@pytest.fixture(scope="module")
def engine() -> Iterator[Constellation]:
    """An engine with the functions of the cases."""
    with Constellation(modules=[*demo_modules(), splice, shout, twice]) as made:
        yield made


def outcomes(engine: Constellation, text: str) -> list[object]:
    found: list[object] = []
    for a, b, flag in ((0, 0, True), (3, 3, False), (-5, 7, True), (2, 1, False)):
        result = engine.run_source(text, {"a": a, "b": b, "flag": flag})
        found.append((result.status, result.error, dict(result.outputs)))
    return found


def actions(engine: Constellation, text: str, at: int, kind: str) -> list[Action]:
    analysis = Analysis(Document(text), engine.modules)
    return code_actions(analysis, at, at, [], [kind])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=PROGRAMS, place=st.floats(0, 1))
def test_a_rewrite_computes_the_same_and_keeps_comments(engine: Constellation, text: str, place: float) -> None:
    start = text.index("r = ")
    at = start + int(place * (len(text) - start - len("out r\n")))
    before = outcomes(engine, text)
    for action in actions(engine, text, at, "refactor.rewrite"):
        after = apply_edits(text, action.edits)
        assert outcomes(engine, after) == before, after
        assert Counter(COMMENT.findall(after)) == Counter(COMMENT.findall(text)), after


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=PROGRAMS, first=st.floats(0, 1), last=st.floats(0, 1))
def test_extracting_and_inlining_compute_the_same(engine: Constellation, text: str, first: float, last: float) -> None:
    analysis = Analysis(Document(text), engine.modules)
    statement = analysis.program.statements[3]
    nodes = sorted(walk(statement.node), key=lambda n: (n.start, n.end))
    chosen = nodes[int(first * (len(nodes) - 1))]
    span = (chosen.start + statement.offset, chosen.end + statement.offset)
    before = outcomes(engine, text)
    for action in code_actions(analysis, *span, [], ["refactor.extract"]):
        after = apply_edits(text, action.edits)
        assert outcomes(engine, after) == before, after
        back = actions(engine, after, after.index("extracted"), "refactor.inline")
        assert len(back) == 1, after
        assert outcomes(engine, apply_edits(after, back[0].edits)) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(types=st.lists(st.sampled_from(["Int", "List<Int>", "{ z: Int }", "Optional<{ q: String }>"]), min_size=1))
def test_a_named_record_type_changes_no_hash(engine: Constellation, types: list[str]) -> None:
    fields = ", ".join(f"f{n}: {t}" for n, t in enumerate(types))
    text = f"# about it\nin order-line: {{ {fields} }}\nr = order-line.f0\nout r\n"
    found = actions(engine, text, text.index("f0"), "refactor.rewrite")
    assert [a.title for a in found] == ["Extract into type 'OrderLine'"]
    after = apply_edits(text, found[0].edits)
    assert after.startswith("type OrderLine = { f0")
    assert "# about it\nin order-line: OrderLine\n" in after
    assert engine.compile(after).structural_hash == engine.compile(text).structural_hash


@pytest.mark.parametrize(
    ("text", "title", "after"),
    [
        ('in n: Int\nx = i^f (n > 1) "a" else "b"\nout x\n', "Convert to 'branch'",
         'x = branch {\n  n > 1 -> "a",\n  otherwise -> "b"\n}\n'),
        ('in n: Int\nx = if (n > 1) "a" else i^f (n > 0) "b" else "c"\nout x\n', "Convert to 'branch'",
         'x = branch {\n  n > 1 -> "a",\n  n > 0 -> "b",\n  otherwise -> "c"\n}\n'),
        ('in n: Int\nx = bra^nch { n > 1 -> "a", otherwise -> "b" }\nout x\n', "Convert to if/else",
         'x = if (n > 1) "a" else "b"\n'),
        ('in n: Int\nx = "a" wh^en n > 1 ?? "b"\nout x\n', "Convert to if/else", 'x = if (n > 1) "a" else "b"\n'),
        ('in n: Int\nx = i^f (n > 1) "a" else "b"\nout x\n', "Convert to 'when' and '??'",
         'x = "a" when n > 1 ?? "b"\n'),
        ('in n: Int\nx = 1 + bra^nch { n > 1 -> 1, otherwise -> 2 } * 2\nout x\n', "Convert to if/else",
         "x = 1 + (if (n > 1) 1 else 2) * 2\n"),
        ("in t: String\nx = Tr^im(t)\nout x\n", "Add retry and timeout",
         "x = Trim(t) with retry: 3, timeout: 30s\n"),
        ("in n: Int\nx = ab^s(n) + 1\nout x\n", "Add retry and timeout",
         "x = (abs(n) with retry: 3, timeout: 30s) + 1\n"),
        ("in xs: List<{ v: I^nt }>\nout xs\n", "Extract into type 'Xs'", "type Xs = { v: Int }\nin xs: List<Xs>\n"),
    ],
)  # fmt: skip
def test_a_rewrite_is_written_in_canonical_form(engine: Constellation, text: str, title: str, after: str) -> None:
    at, text = text.index("^"), text.replace("^", "")
    found = [a for a in actions(engine, text, at, "refactor") if a.title == title]
    assert len(found) == 1, [a.title for a in actions(engine, text, at, "refactor")]
    assert after in apply_edits(text, found[0].edits)


@pytest.mark.parametrize(
    "text",
    [
        "in n: Int\nin o: Optional<Int>\nx = o wh^en n > 1 ?? o\nout x\n",  # absence would mean something else
        "in t: String\nx = Trim(t) with re^try: 1\nout x\n",
        "in n: Int\nx = nope^(n)\nout x\n",
    ],
)  # fmt: skip
def test_what_cannot_be_rewritten_is_not(engine: Constellation, text: str) -> None:
    at, text = text.index("^"), text.replace("^", "")
    assert not actions(engine, text, at, "refactor.rewrite")


@pytest.mark.parametrize(
    "text",
    [
        "in x: Int\nin xs: List<Int>\ny = x + 1\nz = map(xs, (x) => x + ^y)\nout z\n",  # would be captured
        "in a: Int\nx = a + 1\ny = x\nx = 5\nz = ^y + x\nout z\n",  # x means something else there
        "in t: String\nb = Trim(t)\nout ^b\n",  # the output would lose its name
    ],
)  # fmt: skip
def test_what_would_change_its_meaning_is_not_inlined(engine: Constellation, text: str) -> None:
    at, text = text.index("^"), text.replace("^", "")
    assert not actions(engine, text, at, "refactor.inline")
