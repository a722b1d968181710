"""Features on programs with markers: `# ^hover TEXT` below a token says what its hover contains, `# ^definition L:C`
where its definition stands (line and column, from 0), `# ^error CODE` that a diagnostic starts there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from constellation.modules.registry import ModuleRegistry
from constellation_grammar.document import Document
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.diagnostics import diagnose
from constellation_lsp.features.hover import hover
from constellation_lsp.features.navigation import definition
from tests.conformance.lsp_transports import case_engine

FIXTURES = sorted((Path(__file__).parent / "fixtures").glob("*.cst"))
MARKER = re.compile(r"^#(?P<indent> *)\^(?P<kind>hover|definition|error) (?P<wanted>.*)$")


def marked(text: str) -> tuple[str, list[tuple[int, int, str, str]]]:
    """The program without its markers, and `(line, column, kind, wanted)` of each."""
    lines: list[str] = []
    found: list[tuple[int, int, str, str]] = []
    for line in text.splitlines():
        match = MARKER.match(line)
        if match:
            found.append((len(lines) - 1, len(match["indent"]) + 1, match["kind"], match["wanted"]))
        else:
            lines.append(line)
    return "\n".join(lines) + "\n", found


@pytest.fixture(scope="module")
def registry() -> ModuleRegistry:
    """The functions of the demo registry."""
    return case_engine().modules


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_markers_hold(path: Path, registry: ModuleRegistry) -> None:
    text, markers = marked(path.read_text(encoding="utf-8"))
    analysis = Analysis(Document(text), registry)
    complaints: list[str] = []
    for line, column, kind, wanted in markers:
        complaint = judged(analysis, analysis.document.offset_at(line, column), kind, wanted)
        if complaint:
            complaints.append(f"line {line + 1}, column {column + 1}: {complaint}")
    assert not complaints, "\n".join(complaints)
    expected = {(line, column) for line, column, kind, _ in markers if kind == "error"}
    errors = [p for p in diagnose(analysis, {}) if p.severity == "error"]
    assert {tuple(analysis.document.position_at(p.start)) for p in errors} == expected


def judged(analysis: Analysis, offset: int, kind: str, wanted: str) -> str | None:
    if kind == "hover":
        found = hover(analysis, offset)
        shown = found.markdown if found else "nothing"
        return None if wanted in shown else f"expected hover with {wanted!r}, got {shown!r}"
    if kind == "error":
        codes = [p.code for p in diagnose(analysis, {}) if p.start == offset]
        return None if wanted in codes else f"expected {wanted} here, got {codes}"
    link = definition(analysis, offset)
    got = ":".join(map(str, analysis.document.position_at(link.start))) if link else "nowhere"
    return None if got == wanted else f"expected the definition at {wanted}, got {got}"
