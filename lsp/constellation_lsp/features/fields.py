"""Where a field is written down, and which named type something has.

Owns the way from an expression back to the record type in the document that declares its fields. Refuses to invent:
fields of types that are not written in the document have no place.
"""

from __future__ import annotations

from constellation.types.model import ListType, OptionalType, RecordType, SeqType, Type
from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.occurrences import Place
from constellation_lsp.syntax_walk import path_to, walk

Located = tuple[int, syntax.TypeNode]
"""A statement's index and a type node in it."""

_MOST_STEPS = 50


def field_definition(analysis: Analysis, place: Place) -> tuple[int, int] | None:
    """The absolute span of the field in the written record type that a field name comes from."""
    if place.occurrence.role == "definition":
        return place.start, place.end
    statement = analysis.program.statements[place.statement]
    path = path_to(statement.node, place.start - statement.offset)
    for node in reversed(path):
        written: Located | None = None
        if isinstance(node, syntax.FieldAccess | syntax.Projection):
            written = _written_type(analysis, place.statement, node.source, _MOST_STEPS)
            if written is None:
                written = _written_like(analysis, analysis.type_of(place.statement, node.source))
        elif isinstance(node, syntax.RecordLiteral) and isinstance(statement.node, syntax.Input):
            written = (place.statement, statement.node.type)
        if written is not None:
            return _field_span(analysis, written, place.occurrence.name)
    return None


def _written_like(analysis: Analysis, type_: Type | None) -> Located | None:
    """The first record type in the document with the fields of a type, when nothing says where the type is from."""
    while isinstance(type_, ListType | SeqType | OptionalType):
        type_ = type_.inner if isinstance(type_, OptionalType) else type_.element
    if not isinstance(type_, RecordType):
        return None
    wanted = set(type_.by_name)
    for index, statement in enumerate(analysis.program.statements):
        if isinstance(statement.node, syntax.TypeDefinition | syntax.Input):
            for node in walk(statement.node.type):
                if isinstance(node, syntax.RecordType) and {f.name.text for f in node.fields} == wanted:
                    return index, node
    return None


def named_type_of(analysis: Analysis, place: Place) -> str | None:
    """The name of the declared type of the variable or the field at a place."""
    types = analysis.named_types(len(analysis.program.statements))
    if place.occurrence.kind == "field":
        statement = analysis.program.statements[place.statement]
        path = path_to(statement.node, place.start - statement.offset)
        access = next((n for n in reversed(path) if isinstance(n, syntax.FieldAccess)), None)
        found = analysis.type_of(place.statement, access) if access is not None else None
        return next((name for name, entry in types.items() if entry.type == found), None)
    definition = analysis.occurrences.definition(place)
    if definition is None:
        return None
    node = analysis.program.statements[definition.statement].node
    if isinstance(node, syntax.Input) and isinstance(node.type, syntax.NamedType):
        return node.type.name
    type_ = analysis.binding_type(definition)
    return next((name for name, entry in types.items() if entry.type == type_), None)


def _field_span(analysis: Analysis, written: Located, name: str) -> tuple[int, int] | None:
    record = _record(analysis, written, _MOST_STEPS)
    if record is None:
        return None
    index, node = record
    offset = analysis.program.statements[index].offset
    for item in node.fields:
        if item.name.text == name:
            return item.name.start + offset, item.name.end + offset
    return None


def _record(analysis: Analysis, written: Located, steps: int) -> tuple[int, syntax.RecordType] | None:
    """The record type behind names, parentheses and collections."""
    index, node = written
    if steps == 0:
        return None
    match node:
        case syntax.RecordType():
            return index, node
        case syntax.ParenType():
            return _record(analysis, (index, node.type), steps - 1)
        case syntax.GenericType() if len(node.arguments) == 1:
            return _record(analysis, (index, node.arguments[0]), steps - 1)
        case syntax.NamedType():
            definitions = [d for d in analysis.occurrences.definitions("type", node.name) if d.statement < index]
            if not definitions:
                return None
            declared = analysis.program.statements[definitions[-1].statement].node
            if isinstance(declared, syntax.TypeDefinition):
                return _record(analysis, (definitions[-1].statement, declared.type), steps - 1)
            return None
        case _:
            return None


def _written_type(analysis: Analysis, index: int, node: syntax.Expression, steps: int) -> Located | None:
    """The type node that says what an expression is, when there is one."""
    if steps == 0:
        return None
    if isinstance(node, syntax.Paren):
        return _written_type(analysis, index, node.value, steps - 1)
    if isinstance(node, syntax.FieldAccess):
        source = _written_type(analysis, index, node.source, steps - 1)
        record = _record(analysis, source, steps) if source else None
        if record is None:
            return None
        return next(((record[0], f.type) for f in record[1].fields if f.name.text == node.field.text), None)
    if not isinstance(node, syntax.Variable):
        return None
    earlier = [d for d in analysis.occurrences.definitions("variable", node.name) if d.statement < index]
    if not earlier:
        return None
    declared = analysis.program.statements[earlier[-1].statement].node
    if isinstance(declared, syntax.Input):
        return earlier[-1].statement, declared.type
    if isinstance(declared, syntax.Assignment):
        return _written_type(analysis, earlier[-1].statement, declared.value, steps - 1)
    return None
