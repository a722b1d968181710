"""A name that several imported namespaces have: every one of them is shown, and a fix names each."""

from __future__ import annotations

import pytest

from constellation import Constellation, module
from constellation.modules.registry import ModuleRegistry
from constellation_grammar.document import Document
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import code_actions
from constellation_lsp.features.diagnostics import diagnose
from constellation_lsp.features.hover import hover
from constellation_lsp.features.signature_help import signature_help

TEXT = "use a.one\nuse a.two\nin t: String\nr = go(t)\nout r\n"


@module(namespace="a.one", name="go")
def one(text: str) -> str:
    """The first of the name."""
    return text


@module(namespace="a.two", name="go")
def two(text: str, times: int) -> str:
    """The second of the name."""
    return text * times


@pytest.fixture(scope="module")
def registry() -> ModuleRegistry:
    """The standard library and two modules of one name."""
    return Constellation(modules=[one, two]).modules


def test_every_candidate_is_shown(registry: ModuleRegistry) -> None:
    analysis = Analysis(Document(TEXT), registry)
    found = signature_help(analysis, TEXT.index("(t") + 1)
    assert found is not None
    assert [s.label for s in found.signatures] == [
        "go(text: String) -> String", "go(text: String, times: Int) -> String"
    ]  # fmt: skip
    assert [s.documentation.partition(" ")[0] for s in found.signatures] == ["`a.one.go`", "`a.two.go`"]
    shown = hover(analysis, TEXT.index("go("))
    assert shown is not None
    assert "The first of the name." in shown.markdown
    assert "The second of the name." in shown.markdown
    assert "**E005**" in shown.markdown


def test_a_fix_names_each(registry: ModuleRegistry) -> None:
    analysis = Analysis(Document(TEXT), registry)
    at = TEXT.index("go(")
    titles = [a.title for a in code_actions(analysis, at, at, diagnose(analysis, {}), ["quickfix"])]
    assert titles == ["Use 'a.one.go'", "Use 'a.two.go'"]
