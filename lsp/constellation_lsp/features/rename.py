"""Renaming a binding of the document.

Owns which names may be renamed, which new names are refused, and the edits. Refuses to rename what the document does
not define: functions, keywords, fields and names bound by patterns (those are field names).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from constellation_grammar.document import Document
from constellation_grammar.syntax import RESERVED_WORDS, Input, Output
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import apply_edits
from constellation_lsp.features.navigation import binding_at, references
from constellation_lsp.features.symbols import output_name
from constellation_lsp.occurrences import Place

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-+[A-Za-z0-9_]+)*")


class RenameRefused(Exception):
    """Why the new name cannot be taken: a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Rename:
    """The spans to replace by the new name. `public` says the pipeline's inputs or outputs change their names."""

    spans: tuple[tuple[int, int], ...]
    public: bool


def renameable(analysis: Analysis, offset: int) -> tuple[int, int, str] | None:
    """Span and name of the token at an offset if it can be renamed."""
    place = analysis.occurrences.at(offset)
    target = binding_at(analysis, offset)
    if place is None or target is None or target.occurrence.scope == "pattern":
        return None
    start = place.start
    return start, start + len(target.occurrence.name), target.occurrence.name


def rename(analysis: Analysis, offset: int, new_name: str) -> Rename | None:
    """The edits that rename the binding at an offset; None when there is nothing to rename.

    Raises `RenameRefused` when the name is none, is reserved, or means something else where it would stand.
    """
    if renameable(analysis, offset) is None:
        return None
    target = binding_at(analysis, offset)
    assert target is not None
    if not _NAME.fullmatch(new_name):
        raise RenameRefused(f"'{new_name}' is not a valid name: use letters, digits, '_' and single hyphens inside")
    if new_name in RESERVED_WORDS:
        raise RenameRefused(f"'{new_name}' is a reserved word and cannot be a name")
    if new_name != target.occurrence.name:
        _refuse_clash(analysis, target, new_name)
    spans = tuple((r.start, r.end) for r in references(analysis, offset))
    if new_name != target.occurrence.name and not _keeps_meanings(analysis, spans, new_name):
        raise RenameRefused(f"'{new_name}' would make another name mean something else; choose another name")
    return Rename(spans, _is_public(analysis, target))


def _refuse_clash(analysis: Analysis, target: Place, new_name: str) -> None:
    kind = target.occurrence.kind
    if kind == "type" and new_name in analysis.builtin_types:
        raise RenameRefused(f"'{new_name}' is a builtin type; choose another name")
    for place in analysis.occurrences.everything():
        if place.occurrence.kind == kind and place.occurrence.name == new_name and _clashes(analysis, target, place):
            line = analysis.document.position_at(place.start)[0] + 1
            raise RenameRefused(f"'{new_name}' is already used on line {line}; choose another name")


def _clashes(analysis: Analysis, target: Place, other: Place) -> bool:
    """Whether one name for both would make either mean something else."""
    is_local, other_is_local = target.occurrence.binder is not None, other.occurrence.binder is not None
    affected = [target, *analysis.occurrences.uses(target)]
    if not other_is_local and not is_local:
        return True
    if not other_is_local:  # a lambda parameter would hide a variable of the program
        return (other.occurrence.role == "definition" and other.statement < target.statement) or (
            other.statement == target.statement and _within(_scope(analysis, target), other)
        )
    if other.occurrence.role != "definition":
        return False
    if is_local and other.statement != target.statement:
        return False
    hides = any(_within(_scope(analysis, other), place) for place in affected)
    return hides or (is_local and _within(_scope(analysis, target), other))


def _within(scope: tuple[int, int], place: Place) -> bool:
    return scope[0] <= place.start and place.end <= scope[1]


def _scope(analysis: Analysis, binder: Place) -> tuple[int, int]:
    """Where a lambda parameter or a pattern name can be seen; at worst its whole declaration."""
    checked = analysis.checked.statements[binder.statement]
    for scope in checked.analysis.local_scopes:
        if any(local.declaration.start + checked.offset == binder.start for local in scope.names):
            return scope.start + checked.offset, scope.end + checked.offset
    statement = analysis.program.statements[binder.statement]
    return statement.node.start + statement.offset, statement.node.end + statement.offset


def _keeps_meanings(analysis: Analysis, spans: Iterable[tuple[int, int]], new_name: str) -> bool:
    """Whether every name still means what it meant, and the checker finds nothing new."""
    text = apply_edits(analysis.text, [(start, end, new_name) for start, end in spans])
    after = Analysis(Document(text), analysis.registry, analysis.backends)
    return _meanings(after) == _meanings(analysis) and not _mistakes(after) - _mistakes(analysis)


def _mistakes(analysis: Analysis) -> Counter[str]:
    return Counter(d.code for d in analysis.checked_diagnostics if d.is_error)


def _meanings(analysis: Analysis) -> list[int]:
    """For each name the number of the name it means."""
    places = list(analysis.occurrences.everything())
    numbers = {place.start: number for number, place in enumerate(places)}
    found = [analysis.occurrences.definition(place) for place in places]
    return [numbers[place.start] if place is not None else -1 for place in found]


def _is_public(analysis: Analysis, target: Place) -> bool:
    """Whether a name is an input's, or an output gets its name from it."""
    if target.occurrence.kind != "variable" or target.occurrence.binder is not None:
        return False
    if isinstance(analysis.program.statements[target.statement].node, Input):
        return True
    uses = {place.start for place in analysis.occurrences.uses(target)}
    for statement in analysis.program.statements:
        if isinstance(statement.node, Output) and statement.node.alias is None:
            name = output_name(statement.node)
            if name is not None and name.start + statement.offset in uses:
                return True
    return False
