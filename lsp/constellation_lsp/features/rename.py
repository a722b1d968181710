"""Renaming a binding of the document.

Owns which names may be renamed, which new names are refused, and the edits. Refuses to rename what the document does
not define: functions, keywords, fields and names bound by patterns (those are field names).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from constellation_grammar.syntax import RESERVED_WORDS, Assignment, Declaration, Input, Output, Variable
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.navigation import binding_at, references
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
    return Rename(spans, _is_public(analysis, target))


def _refuse_clash(analysis: Analysis, target: Place, new_name: str) -> None:
    kind = target.occurrence.kind
    for place in analysis.occurrences.everything():
        other = place.occurrence
        if other.kind == kind and other.name == new_name and (other.role == "definition" or kind == "variable"):
            both_local = target.occurrence.binder is not None and other.binder is not None
            if both_local and place.statement != target.statement:
                continue
            line = analysis.document.position_at(place.start)[0] + 1
            raise RenameRefused(f"'{new_name}' is already used on line {line}; choose another name")
    if kind == "type" and new_name in analysis.builtin_types:
        raise RenameRefused(f"'{new_name}' is a builtin type; choose another name")


def _is_public(analysis: Analysis, target: Place) -> bool:
    if target.occurrence.kind != "variable" or target.occurrence.binder is not None:
        return False
    node = analysis.program.statements[target.statement].node
    if isinstance(node, Input):
        return True
    if not isinstance(node, Assignment):
        return False
    return any(_puts_out(statement.node, target.occurrence.name) for statement in analysis.program.statements)


def _puts_out(node: Declaration, name: str) -> bool:
    """Whether a declaration is `out NAME`."""
    return (
        isinstance(node, Output) and node.alias is None and isinstance(node.value, Variable) and node.value.name == name
    )
