"""Refactorings: extract and inline a variable.

Owns edits that keep a program's meaning. Refuses expressions that use lambda parameters or pattern names, values whose
names mean something else where they would go, and every edit after which the checker finds more to complain about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import get_args

from constellation_grammar import syntax
from constellation_grammar.document import Document
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.edits import Edit, above, apply_edits, removal
from constellation_lsp.features.rewrites import rewrites
from constellation_lsp.occurrences import Place
from constellation_lsp.syntax_walk import walk

_ATOMS = (
    syntax.Variable, syntax.FieldAccess, syntax.Projection, syntax.Paren, syntax.ListLiteral, syntax.StringLiteral,
    syntax.Interpolation, syntax.IntLiteral, syntax.FloatLiteral, syntax.BooleanLiteral, syntax.RecordLiteral,
)  # fmt: skip
_VALUES = tuple(set(get_args(syntax.Expression)) - {syntax.Lambda, syntax.Hole})


def refactorings(analysis: Analysis, start: int, end: int) -> Iterator[Action]:
    """The refactorings for a selection, or for the cursor when it is empty."""
    if end > start:
        yield from _extract(analysis, start, end)
    else:
        yield from _inline(analysis, start)
    yield from rewrites(analysis, start, end)


def _extract(analysis: Analysis, start: int, end: int) -> Iterator[Action]:
    start, end = _without_blanks(analysis.text, start, end)
    index = analysis.statement_at(start)
    if index is None or analysis.has_errors(index):
        return
    statement = analysis.program.statements[index]
    if not isinstance(statement.node, syntax.Assignment | syntax.Output):
        return
    span = (start - statement.offset, end - statement.offset)
    node = next((n for n in walk(statement.node) if (n.start, n.end) == span and isinstance(n, _VALUES)), None)
    if node is None or _uses_local(analysis, index, span):
        return
    name = analysis.occurrences.free_name("extracted")
    definition = above(analysis.text, statement, f"{name} = {analysis.text[start:end]}")
    edits: tuple[Edit, ...] = (definition, (start, end, name))
    if _stays_sound(analysis, edits):
        yield Action("Extract variable", "refactor.extract", edits)


def _without_blanks(text: str, start: int, end: int) -> tuple[int, int]:
    """A selection without the blanks at its ends."""
    inside = text[start:end]
    return start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip())


def _uses_local(analysis: Analysis, index: int, span: tuple[int, int]) -> bool:
    return any(
        o.binder is not None and o.role == "use" and span[0] <= o.start < span[1] and not span[0] <= o.binder < span[1]
        for o in analysis.occurrences.of(index)
    )


def _inline(analysis: Analysis, offset: int) -> Iterator[Action]:
    place = analysis.occurrences.at(offset)
    target = analysis.occurrences.definition(place) if place is not None else None
    if target is None or target.occurrence.scope != "assignment":
        return
    statement = analysis.program.statements[target.statement]
    uses = analysis.occurrences.uses(target)
    if len(uses) != 1 or not isinstance(statement.node, syntax.Assignment) or analysis.has_errors(target.statement):
        return
    use = uses[0]
    reader = analysis.program.statements[use.statement]
    if use.statement < target.statement or any(isinstance(n, syntax.Hole) for n in walk(statement.node)):
        return
    if _names_the_output(reader, use) or not _means_the_same(analysis, target.statement, use):
        return
    value = statement.node.value
    text = analysis.text[value.start + statement.offset : value.end + statement.offset]
    if not isinstance(value, _ATOMS) and not (isinstance(value, syntax.Call) and not value.options):
        text = f"({text})"
    edits: tuple[Edit, ...] = (removal(analysis.text, statement), (use.start, use.end, text))
    if _stays_sound(analysis, edits):
        yield Action("Inline variable", "refactor.inline", edits)


def _names_the_output(reader: syntax.Statement, use: Place) -> bool:
    """Whether the use is what an output without `as` gets its name from."""
    if not isinstance(reader.node, syntax.Output) or reader.node.alias is not None:
        return False
    condition = [n.condition for n in walk(reader.node) if isinstance(n, syntax.Guard)]
    return not any(c.start + reader.offset <= use.start < c.end + reader.offset for c in condition)


def _means_the_same(analysis: Analysis, index: int, use: Place) -> bool:
    """Whether every name in a declaration's value means the same where the value would go."""
    names = {o.name for o in analysis.occurrences.of(index) if o.kind == "variable" and o.binder is None}
    names -= {use.occurrence.name}
    hidden = {o.name for o in analysis.occurrences.of(use.statement) if o.binder is not None}
    between = range(index + 1, use.statement)
    again = {o.name for i in between for o in analysis.occurrences.of(i) if o.role == "definition" and o.binder is None}
    return not names & (hidden | again)


def _stays_sound(analysis: Analysis, edits: Sequence[Edit]) -> bool:
    """Whether the checker finds no more mistakes after the edits than before."""
    after = Analysis(Document(apply_edits(analysis.text, edits)), analysis.registry, analysis.backends)
    return _mistakes(after) <= _mistakes(analysis)


def _mistakes(analysis: Analysis) -> int:
    return sum(found.is_error for found in analysis.checked_diagnostics)
