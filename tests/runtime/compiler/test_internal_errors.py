"""A bug in a rule is a diagnostic for whoever asked, and a log record for us."""

from __future__ import annotations

import logging
from typing import cast

import pytest

from constellation.compiler import context
from constellation.compiler.checker import Checker
from constellation.compiler.checking.lints import ProgramDiagnostics
from constellation_grammar import syntax
from constellation_grammar.parser import parse
from tests.runtime.compiler.judged import report, table

SOURCE = "in n: Int\na = n + 1\nb = nope\nout a\n"


def _fail(*_: object) -> None:
    raise RuntimeError("a rule is broken")


def test_a_bug_in_one_rule_spoils_one_declaration(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    rules = cast("dict[object, object]", context.HANDLERS)
    monkeypatch.setitem(rules, syntax.Arithmetic, _fail)
    with caplog.at_level(logging.ERROR):
        checked = Checker(table()).check(parse(SOURCE), text=SOURCE)
    assert [report(SOURCE, e) for e in checked.errors] == [("E900", 2, "a = n + 1"), ("E001", 3, "nope")]
    assert checked.errors[0].message == "Internal compiler error: RuntimeError: a rule is broken"
    assert len(caplog.records) == 1


def test_a_bug_in_a_rule_about_the_program_is_reported(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(ProgramDiagnostics, "collect", _fail)
    with caplog.at_level(logging.ERROR):
        checked = Checker(table()).check(parse(SOURCE), text=SOURCE)
    assert [e.code for e in checked.errors] == ["E900"]
    assert checked.graph is None
    assert len(caplog.records) == 1
