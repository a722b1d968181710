"""No feature fails on any text, wherever the cursor is; and what they return stays inside the text."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from constellation.image.dag import build_dag
from constellation.modules.registry import ModuleRegistry
from constellation_grammar.document import Document
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.call_hierarchy import readers, sources, variable_at
from constellation_lsp.features.code_actions import code_actions
from constellation_lsp.features.diagnostics import diagnose, diagnose_quickly
from constellation_lsp.features.edits import apply_edits
from constellation_lsp.features.folding import folds
from constellation_lsp.features.hover import hover
from constellation_lsp.features.inlay_hints import inlay_hints
from constellation_lsp.features.input_schema import input_fields, output_fields
from constellation_lsp.features.lenses import lenses
from constellation_lsp.features.navigation import definition, references, type_definition
from constellation_lsp.features.on_type import closing_brace, new_line
from constellation_lsp.features.rename import RenameRefused, rename
from constellation_lsp.features.selection import selection_spans
from constellation_lsp.features.semantic_tokens import semantic_tokens
from constellation_lsp.features.signature_help import signature_help
from constellation_lsp.features.symbols import symbols
from constellation_lsp.settings import Settings
from tests.conformance.lsp_transports import case_engine

STATEMENTS = st.sampled_from(
    [
        "in a: Int", "in t: String", "in u: { name: String, age: Int }", "in xs: List<{ v: Int }>", "b = add(a, 1)",
        "c = filter(xs, (x) => gt(x.v, a))", "d = match u { { name } -> name, _ -> t }", 'e = "${t} ${u.name}"',
        "f = branch { a > 1 -> t, otherwise -> t }", "g = Uppercase(t) with retry: 3, delay: 1s", "type N = { v: Int }",
        "use stdlib.math as m", "h = m.abs(a)", "i = t when a > 2", "j = i ?? t", "out b", "out a + 1 as z", "b = b",
        "k = Uppercase(", "l = [1, 2", 'm = "open', "n = ", "in", "out", "type", "use", "@example(3)\nin q: Int",
        "o = t + t", "p = nope(a)", "q = a.b", "# ====\n# head\n# ====", "r = branch { a > 1 -> t }",
        "s = u[name, age]", "é = 1",
    ]
)  # fmt: skip


@pytest.fixture(scope="module")
def registry() -> ModuleRegistry:
    """The functions of the demo registry."""
    return case_engine().modules


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(lines=st.lists(STATEMENTS, max_size=9), at=st.integers(0, 400), newline=st.sampled_from(["\n", "\r\n"]))
def test_no_feature_fails(registry: ModuleRegistry, lines: list[str], at: int, newline: str) -> None:
    text = newline.join(lines)
    offset = min(at, len(text))
    analysis = Analysis(Document(text), registry)
    problems = diagnose(analysis, {})
    assert all(0 <= p.start <= p.end <= len(text) for p in problems)
    quick = [p for p in diagnose_quickly(analysis, {}) if p.code == "E020"]
    assert {p.start for p in quick} <= {p.start for p in problems}
    for found in (hover(analysis, offset), definition(analysis, offset), type_definition(analysis, offset)):
        assert found is None or 0 <= found.start <= found.end <= len(text)
    spans = selection_spans(analysis, offset)
    assert all(b[0] <= a[0] and a[1] <= b[1] for a, b in pairwise(spans))
    tokens = semantic_tokens(analysis)
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    assert all(f.first < f.last for f in folds(analysis))
    assert len(symbols(analysis)) <= len(analysis.program.statements)
    inlay_hints(analysis, 0, len(text), Settings(inlay_hints_parameter_names="all"))
    for feature in (lenses, input_fields, output_fields):
        feature(analysis)
    signature_help(analysis, offset)
    for end in {offset, min(offset + 7, len(text))}:
        for action in code_actions(analysis, offset, end, problems, None):
            Document(apply_edits(text, list(action.edits)))
    for edit in (*new_line(analysis, offset), *closing_brace(analysis, offset)):
        assert not text[edit[0] : edit[1]].strip()
    for flow in (*readers(analysis, offset), *sources(analysis, offset)):
        assert all(0 <= a < b <= len(text) for a, b in flow.spans)
    variable_at(analysis, offset)
    if analysis.checked.graph is not None:
        assert len({n.id for n in build_dag(analysis.checked.graph).nodes}) == len(
            build_dag(analysis.checked.graph).nodes
        )


def mistakes(analysis: Analysis) -> list[str]:
    return sorted(p.code for p in diagnose(analysis, {}) if p.severity == "error")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(lines=st.lists(STATEMENTS, max_size=9), at=st.integers(0, 200))
def test_renaming_keeps_what_the_program_means(registry: ModuleRegistry, lines: list[str], at: int) -> None:
    text = "\n".join(lines)
    analysis = Analysis(Document(text), registry)
    offset = min(at, len(text))
    assume("E030" not in mistakes(analysis))  # a new name is the cure for a name defined twice
    try:
        change = rename(analysis, offset, "renamed")
    except RenameRefused:
        return
    if change is None:
        return
    assert {(r.start, r.end) for r in references(analysis, offset)} == set(change.spans)
    after = Analysis(Document(apply_edits(text, [(a, b, "renamed") for a, b in change.spans])), registry)
    assert mistakes(after) == mistakes(analysis)


@pytest.mark.parametrize(
    ("text", "code", "title", "after"),
    [
        ("in a: Optional<String>\nr = Uppercase(a)\nout r\n", "E010", "Provide", 'r = Uppercase(a ?? "")'),
        ("in a: String\nr = Uppercase(a) with concurrency: 0\nout r\n", "E016", "smallest", "concurrency: 1"),
        ("in a: String\nr = Uppercase(a) with backoff: fixed, retry: 2\nout r\n", "OPTS001", "Remove", "with retry: 2"),
        ("in a: String\nr = Uppercase(a) with retry: 1, delay: 1s, window: count(5), batch: 3\nout r\n", "OPTS002",
         "Remove", "window: count(5)\n"),
        ("in a: Int\nb = add(c, 1)\nc = add(a, 1)\nout b\n", "E001", "Move", "c = add(a, 1)\nb = add(c, 1)"),
        ("in a: Int\nb = add(a, 1)\n", "E020", "Add 'out b'", "out b\n"),
        ("use stdlib.math\nin a: Int\nout a\n", "LANG003", "Remove unused import", "in a: Int\nout a\n"),
        ("in a: Int\nb = 1\nout a\n", "LANG002", "Make it an output", "out b\n"),
        ("in xs: Candidates<Int>\nout xs\n", "LANG009", "Replace", "in xs: Seq<Int>"),
        ("@example({ name: \"A\" })\nin u: { name: String, age: Int }\nout u\n", "E015", "Add missing fields",
         '{ name: "A", age: 0 }'),
        ("in a: Boolean\nb = a && a\nout b\n", "E020", "Change to 'and'", "a and a"),
        ("in a: Int\nr = if (a > 1) 2\nout r\n", "E020", "else", "2 else "),
    ],
)  # fmt: skip
def test_a_quick_fix_does_what_it_says(registry: ModuleRegistry, text: str, code: str, title: str, after: str) -> None:
    analysis = Analysis(Document(text), registry)
    problems = [p for p in diagnose(analysis, {}) if p.code == code]
    assert problems, [p.code for p in diagnose(analysis, {})]
    actions = code_actions(analysis, problems[0].start, problems[0].start, problems, ["quickfix"])
    chosen = [a for a in actions if title in a.title]
    assert chosen, [a.title for a in actions]
    assert after in apply_edits(text, list(chosen[0].edits))
