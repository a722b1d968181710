"""The diagnostics an editor shows.

Owns how the compiler's messages look in an editor: severity under the session's lint settings, tags, ranges that can be
seen, order and number. Refuses to find anything itself.

Invariant: sorted by position, then severity, then code; at most `MOST` and one note about the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from constellation.compiler.diagnostics import Diagnostic
from constellation_lsp.analysis import Analysis

MOST = 200
SEVERITIES = ("error", "warning", "information", "hint")
_FADED = frozenset(("LANG002", "LANG003", "LANG004", "LANG007", "LANG008"))
_HINTS = frozenset(("LANG002", "LANG003", "LANG007", "LANG008", "LANG009", "LANG010", "LANG011", "LANG012"))


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a problem."""

    message: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A diagnostic as shown: absolute span, severity and tags (`unnecessary`, `deprecated`)."""

    code: str
    severity: str
    message: str
    start: int
    end: int
    tags: tuple[str, ...] = ()
    related: tuple[Related, ...] = ()
    data: Mapping[str, object] = field(default_factory=dict[str, object])
    source: Diagnostic | None = None


def diagnose(analysis: Analysis | None, lint: Mapping[str, str]) -> list[Problem]:
    """Everything there is to say about the current text; None is a document too large to understand."""
    if analysis is None:
        return [_too_large()]
    return _shown(analysis, (*analysis.checked_diagnostics, *analysis.hints), lint)


def diagnose_quickly(analysis: Analysis | None, lint: Mapping[str, str]) -> list[Problem]:
    """Syntax errors of the current text, and what was known of declarations that did not change since."""
    if analysis is None:
        return [_too_large()]
    return _shown(analysis, analysis.quick_diagnostics, lint)


def _too_large() -> Problem:
    message = "This document is larger than 2 MiB: it is kept, but not analysed"
    return Problem("LIMIT", "information", message, 0, 0, data={"slug": "document-too-large"})


def _shown(analysis: Analysis, found: Iterable[Diagnostic], lint: Mapping[str, str]) -> list[Problem]:
    if not analysis.program.statements and not analysis.program.problems:
        return []
    problems = [p for d in found if (p := _problem(analysis.text, d, lint)) is not None]
    problems.sort(key=lambda p: (p.start, SEVERITIES.index(p.severity), p.code))
    if len(problems) > MOST:
        rest = len(problems) - MOST
        note = f"{rest} more problems are not shown"
        problems = [*problems[:MOST], Problem("LIMIT", "information", note, 0, 0, data={"slug": "too-many"})]
    return problems


def _problem(text: str, found: Diagnostic, lint: Mapping[str, str]) -> Problem | None:
    severity = "hint" if found.code in _HINTS else found.severity
    severity = severity if severity in SEVERITIES else "information"
    if not found.is_error:
        severity = lint.get(found.slug, lint.get(found.code, severity))
    if severity == "off":
        return None
    tags: tuple[str, ...] = ("unnecessary",) if found.code in _FADED else ()
    if found.code == "LANG009":
        tags = ("deprecated",)
    start, end = _visible(text, found.start, found.end)
    message = "\n".join((found.message, *found.suggestions))
    related = tuple(Related(r.message, r.start, r.end) for r in found.related)
    return Problem(found.code, severity, message, start, end, tags, related, found.data, found)


def _visible(text: str, start: int, end: int) -> tuple[int, int]:
    """A place where something is missing covers the next character of its line, if there is one."""
    if end > start or start >= len(text) or text[start] in "\r\n":
        return start, end
    return start, start + 1


def own_span(problem: Problem) -> tuple[int, int]:
    """The compiler's own span, before it was widened to be seen."""
    return (problem.source.start, problem.source.end) if problem.source is not None else (problem.start, problem.end)
