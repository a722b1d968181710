"""The catalogue of diagnostics: every page's examples are true."""

from __future__ import annotations

import pytest

from constellation.compiler.diagnostics import CATALOGUE, MESSAGES, DiagnosticKind
from tests.runtime.compiler.judged import check

PROVOKED = [kind for kind in CATALOGUE.values() if kind.wrong]


@pytest.mark.parametrize("kind", PROVOKED, ids=lambda kind: kind.code)
def test_the_wrong_example_gets_exactly_this_code(kind: DiagnosticKind) -> None:
    checked = check(kind.wrong, *kind.functions)
    found = checked.hints if kind.severity == "hint" else checked.diagnostics
    assert kind.code in {d.code for d in found}
    assert {d.code for d in checked.errors} == ({kind.code} if kind.severity == "error" else set())
    assert {d.severity for d in found if d.code == kind.code} == {kind.severity}


@pytest.mark.parametrize("kind", PROVOKED, ids=lambda kind: kind.code)
def test_the_right_example_is_clean(kind: DiagnosticKind) -> None:
    checked = check(kind.right, *kind.functions)
    assert checked.graph is not None
    assert checked.diagnostics == ()
    assert kind.code not in {d.code for d in checked.hints}


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.code)
def test_every_entry_is_a_page(kind: DiagnosticKind) -> None:
    assert kind.title
    assert kind.explanation.endswith(".")
    assert kind.messages
    assert bool(kind.wrong) == bool(kind.right)
    for slug in kind.messages:
        assert slug == slug.lower()
        assert MESSAGES[slug][0] is kind


def test_codes_that_no_program_can_provoke() -> None:
    assert {kind.code for kind in CATALOGUE.values() if not kind.wrong} == {"E011", "E019", "E021", "E900", "OPTS005"}


def test_slugs_are_unique() -> None:
    assert len(MESSAGES) == sum(len(kind.messages) for kind in CATALOGUE.values())
