"""Refactorings: extract and inline a variable.

Owns edits that keep a program's meaning. Refuses expressions that use lambda parameters or pattern names.
"""

from __future__ import annotations

from collections.abc import Iterator

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.imports import line_span
from constellation_lsp.syntax_walk import path_to, walk

_ATOMS = (syntax.Variable, syntax.Call, syntax.FieldAccess, syntax.Projection, syntax.Paren, syntax.ListLiteral)


def refactorings(analysis: Analysis, start: int, end: int) -> Iterator[Action]:
    """The refactorings for a selection, or for the cursor when it is empty."""
    if end > start:
        yield from _extract(analysis, start, end)
    else:
        yield from _inline(analysis, start)


def _extract(analysis: Analysis, start: int, end: int) -> Iterator[Action]:
    index = analysis.statement_at(start)
    if index is None:
        return
    statement = analysis.program.statements[index]
    if not isinstance(statement.node, syntax.Assignment | syntax.Output):
        return
    path = path_to(statement.node, start - statement.offset)
    span = (start - statement.offset, end - statement.offset)
    node = next((n for n in path if (n.start, n.end) == span), None)
    if node is None or isinstance(node, syntax.Name | syntax.Option) or node is statement.node:
        return
    if isinstance(node, syntax.Lambda) or _uses_local(analysis, index, span) or analysis.has_errors(index):
        return
    name = _fresh(analysis, "extracted")
    at = line_span(analysis.text, statement.node.start + statement.offset, statement.node.end + statement.offset)[0]
    definition = f"{name} = {analysis.text[start:end]}\n"
    yield Action("Extract variable", "refactor.extract", ((at, at, definition), (start, end, name)))


def _uses_local(analysis: Analysis, index: int, span: tuple[int, int]) -> bool:
    return any(
        o.binder is not None and o.role == "use" and span[0] <= o.start < span[1] and not span[0] <= o.binder < span[1]
        for o in analysis.occurrences.of(index)
    )


def _fresh(analysis: Analysis, base: str) -> str:
    taken = {p.occurrence.name for p in analysis.occurrences.everything()}
    name, number = base, 2
    while name in taken:
        name, number = f"{base}{number}", number + 1
    return name


def _inline(analysis: Analysis, offset: int) -> Iterator[Action]:
    place = analysis.occurrences.at(offset)
    target = analysis.occurrences.definition(place) if place is not None else None
    if target is None or target.occurrence.scope != "assignment":
        return
    statement = analysis.program.statements[target.statement]
    uses = analysis.occurrences.uses(target)
    if len(uses) != 1 or not isinstance(statement.node, syntax.Assignment) or analysis.has_errors(target.statement):
        return
    reader = analysis.program.statements[uses[0].statement].node
    if isinstance(reader, syntax.Output) and reader.alias is None and isinstance(reader.value, syntax.Variable):
        return
    if uses[0].statement < target.statement or any(isinstance(n, syntax.Hole) for n in walk(statement.node)):
        return
    value = statement.node.value
    text = analysis.text[value.start + statement.offset : value.end + statement.offset]
    if not isinstance(value, _ATOMS) and not _is_literal(value):
        text = f"({text})"
    removal = line_span(analysis.text, statement.node.start + statement.offset, statement.node.end + statement.offset)
    edits = ((removal[0], removal[1], ""), (uses[0].start, uses[0].end, text))
    yield Action("Inline variable", "refactor.inline", edits)


def _is_literal(value: syntax.Expression) -> bool:
    return isinstance(
        value,
        syntax.StringLiteral | syntax.Interpolation | syntax.IntLiteral | syntax.FloatLiteral | syntax.BooleanLiteral
        | syntax.RecordLiteral,
    )  # fmt: skip
