"""Code actions: quick fixes of diagnostics, refactorings, and actions on the whole document.

Owns which actions apply where. The edits of single fixes stand in `fixes.py` and `refactorings.py`.

Invariant: every action's edits do not overlap and refer to the current text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from constellation_lsp.analysis import Analysis
from constellation_lsp.features.diagnostics import Problem
from constellation_lsp.features.edits import Edit, in_ending
from constellation_lsp.features.imports import organize_imports


@dataclass(frozen=True, slots=True)
class Action:
    """A change that can be made. `fixes` is the diagnostic it answers; `preferred` marks the one safe fix.

    `snippets` are the same edits with placeholders, for editors that can fill them in.
    """

    title: str
    kind: str
    edits: tuple[Edit, ...]
    fixes: Problem | None = None
    preferred: bool = False
    snippets: tuple[Edit, ...] = ()


def code_actions(
    analysis: Analysis,
    start: int,
    end: int,
    problems: Sequence[Problem],
    only: Sequence[str] | None,
    *,
    automatic: bool = False,
) -> list[Action]:
    """The actions for a span, in the order they are shown. `only` limits them to kinds and their sub-kinds;
    `automatic` says the cursor merely moved there, so that nobody asked for refactorings yet."""
    found: dict[tuple[str, tuple[Edit, ...]], Action] = {}
    for action in _all(analysis, start, end, problems, only, automatic):
        if action.edits and _wanted(action.kind, only):
            edits, snippets = (in_ending(analysis.text, e) for e in (action.edits, action.snippets))
            made = replace(action, edits=edits, snippets=snippets)
            found.setdefault((made.title, made.edits), made)
    return list(found.values())


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    return only is None or any(kind == o or kind.startswith(f"{o}.") for o in only)


def _may_want(prefix: str, only: Sequence[str] | None) -> bool:
    return only is None or any(o.startswith(prefix) or prefix.startswith(o) for o in only)


def _all(
    analysis: Analysis,
    start: int,
    end: int,
    problems: Sequence[Problem],
    only: Sequence[str] | None,
    automatic: bool,
) -> Iterator[Action]:
    from constellation_lsp.features.fixes import fixes
    from constellation_lsp.features.refactorings import refactorings

    if _may_want("quickfix", only):
        lines = _line_start(analysis.text, start), _line_end(analysis.text, end)
        for problem in problems:
            near = lines[0] <= problem.end and problem.start <= lines[1]
            if near or _covers_declaration(analysis, problem, start):
                yield from fixes(analysis, problem)
    if _may_want("refactor", only) and (only is not None or start < end or not automatic):
        yield from refactorings(analysis, start, end)
    if only is not None and _may_want("source.organizeImports", only):
        edits = organize_imports(analysis)
        yield Action("Organize imports", "source.organizeImports", tuple(edits))
    if only is not None and _may_want("source.fixAll", only):
        yield from _fix_all(analysis, problems)


def _covers_declaration(analysis: Analysis, problem: Problem, start: int) -> bool:
    """A syntax error belongs to its whole declaration."""
    if problem.code != "E020":
        return False
    return analysis.statement_at(problem.start) == analysis.statement_at(start)


def _fix_all(analysis: Analysis, problems: Iterable[Problem]) -> Iterator[Action]:
    from constellation_lsp.features.fixes import fixes

    edits: list[Edit] = []
    for problem in problems:
        if not problem.code.startswith("LANG"):
            continue
        chosen = next((a for a in fixes(analysis, problem) if a.preferred), None)
        if chosen is not None and all(_apart(a, b) for a in chosen.edits for b in edits):
            edits.extend(chosen.edits)
    yield Action("Fix all", "source.fixAll.constellation", tuple(edits))


def _apart(left: Edit, right: Edit) -> bool:
    return left[1] <= right[0] or right[1] <= left[0]


def _line_start(text: str, offset: int) -> int:
    return text.rfind("\n", 0, offset) + 1


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end
