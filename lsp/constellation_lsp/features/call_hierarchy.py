"""The flow of data, told as a call hierarchy: who reads a variable, and what its definition reads.

Owns the edges between declarations. Refuses names that belong to one expression only: lambda parameters and names bound
by patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constellation.types.signature import FunctionSpec
from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import span_of
from constellation_lsp.features.symbols import Symbol, declared
from constellation_lsp.occurrences import Place

Spans = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Flow:
    """An edge: the declaration or function at its other end, and the places where the name is read."""

    other: Symbol | FunctionSpec
    spans: Spans


def variable_at(analysis: Analysis, offset: int) -> Symbol | None:
    """The declaration of the variable at an offset."""
    place = analysis.occurrences.at(offset)
    if place is None or place.occurrence.kind != "variable":
        return None
    found = analysis.occurrences.definition(place)
    return _declaration(analysis, found.statement) if found is not None and found.occurrence.binder is None else None


def readers(analysis: Analysis, offset: int) -> list[Flow]:
    """The declarations that read the variable declared at an offset."""
    definition = analysis.occurrences.at(offset)
    if definition is None or definition.occurrence.role != "definition":
        return []
    by_statement: dict[int, list[tuple[int, int]]] = {}
    for use in analysis.occurrences.uses(definition):
        by_statement.setdefault(use.statement, []).append((use.start, use.end))
    found = ((_declaration(analysis, index), spans) for index, spans in by_statement.items())
    return [Flow(symbol, tuple(spans)) for symbol, spans in found if symbol is not None]


def sources(analysis: Analysis, offset: int) -> list[Flow]:
    """The variables and functions that the declaration at an offset reads."""
    index = analysis.statement_at(offset)
    if index is None:
        return []
    variables: dict[int, list[tuple[int, int]]] = {}
    functions: dict[str, tuple[FunctionSpec, list[tuple[int, int]]]] = {}
    for place in _places(analysis, index):
        occurrence = place.occurrence
        if occurrence.kind == "function":
            spec = analysis.imports(index).resolve(occurrence.name).function
            if spec is not None:
                functions.setdefault(spec.qualified_name, (spec, []))[1].append((place.start, place.end))
        elif occurrence.kind == "variable" and occurrence.role == "use" and occurrence.binder is None:
            found = analysis.occurrences.definition(place)
            if found is not None:
                variables.setdefault(found.statement, []).append((place.start, place.end))
    flows = ((_declaration(analysis, n), spans) for n, spans in variables.items())
    read = [Flow(symbol, tuple(spans)) for symbol, spans in flows if symbol is not None]
    return [*read, *(Flow(spec, tuple(spans)) for spec, spans in functions.values())]


def _places(analysis: Analysis, index: int) -> Iterator[Place]:
    offset = analysis.program.statements[index].offset
    for occurrence in analysis.occurrences.of(index):
        yield Place(index, occurrence.start + offset, occurrence.end + offset, occurrence)


def _declaration(analysis: Analysis, index: int) -> Symbol | None:
    """A declaration as an item; an output without a name of its own is called by its text."""
    statement = analysis.program.statements[index]
    found = declared(syntax.Program((statement,), 0))
    if found:
        return found[0]
    start, end = span_of(statement)
    if not isinstance(statement.node, syntax.Output):
        return None
    value = statement.node.value
    text = analysis.text[value.start + statement.offset : value.end + statement.offset]
    return Symbol(text, "property", "", start, end, value.start + statement.offset, value.end + statement.offset)
