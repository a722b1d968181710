"""What a pipeline asks for: its inputs with types, examples and comments, for a form.

Owns the description of types for clients. Invariant: inputs are listed in declaration order, and a broken declaration
elsewhere hides none of them.
"""

from __future__ import annotations

from typing import Any

from constellation.engine.schema import object_schema
from constellation.types.model import (
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.hover import comment_above

_MISSING = object()


def input_fields(analysis: Analysis) -> list[dict[str, Any]]:
    """One entry per readable input declaration."""
    found: list[dict[str, Any]] = []
    for index, statement in enumerate(analysis.program.statements):
        node = statement.node
        type_ = analysis.assigned_type(index)
        if not isinstance(node, syntax.Input) or type_ is None:
            continue
        line = analysis.document.position_at(node.name.start + statement.offset)[0] + 1
        field: dict[str, Any] = {
            "name": node.name.text,
            "type": describe(node.type, type_),
            "line": line,
            "required": not isinstance(type_, OptionalType),
        }
        example = next((v for v in map(_example, node.annotations) if v is not _MISSING), _MISSING)
        if example is not _MISSING:
            field["example"] = example
        doc = comment_above(analysis.text, node.start + statement.offset)
        if doc:
            field["doc"] = doc
        found.append(field)
    return found


def output_fields(analysis: Analysis) -> list[dict[str, Any]]:
    """Name and printed type of every output."""
    found: list[dict[str, Any]] = []
    for index, checked in enumerate(analysis.checked.statements):
        type_ = analysis.output_type(index) if isinstance(checked.node, syntax.Output) else None
        if type_ is not None and checked.analysis.output_name:
            found.append({"name": checked.analysis.output_name, "type": str(type_)})
    return found


def inputs_json_schema(analysis: Analysis) -> dict[str, Any]:
    """The JSON Schema of the object that holds all inputs."""
    types = {
        node.name.text: type_
        for index, statement in enumerate(analysis.program.statements)
        if isinstance(node := statement.node, syntax.Input) and (type_ := analysis.assigned_type(index)) is not None
    }
    return object_schema(types, [name for name, type_ in types.items() if not isinstance(type_, OptionalType)])


def describe(node: syntax.TypeNode | None, type_: Type) -> dict[str, Any]:
    """A type for clients; a named one stays a reference, with what it stands for beside it."""
    while isinstance(node, syntax.ParenType):
        node = node.type
    if isinstance(node, syntax.NamedType) and node.name != str(type_):
        return {"kind": "ref", "name": node.name, "resolved": describe(None, type_)}
    match type_:
        case ListType():
            return {"kind": "list", "elementType": describe(_argument(node, 0), type_.element)}
        case MapType():
            key, value = describe(_argument(node, 0), type_.key_type), describe(_argument(node, 1), type_.value_type)
            return {"kind": "map", "keyType": key, "valueType": value}
        case OptionalType():
            return {"kind": "parameterized", "name": "Optional", "params": [describe(_argument(node, 0), type_.inner)]}
        case SeqType():
            return {"kind": "parameterized", "name": "Seq", "params": [describe(_argument(node, 0), type_.element)]}
        case RecordType():
            written = {f.name.text: f.type for f in node.fields} if isinstance(node, syntax.RecordType) else {}
            fields = [{"name": n, "type": describe(written.get(n), t)} for n, t in type_.fields]
            return {"kind": "record", "fields": fields}
        case UnionType():
            return {"kind": "union", "members": _members(node, type_)}
        case FunctionType():
            return {"kind": "parameterized", "name": "Function", "params": []}
        case _:
            return {"kind": "primitive", "name": str(type_)}


def _argument(node: syntax.TypeNode | None, index: int) -> syntax.TypeNode | None:
    return node.arguments[index] if isinstance(node, syntax.GenericType) and index < len(node.arguments) else None


def _members(node: syntax.TypeNode | None, type_: UnionType) -> list[dict[str, Any]]:
    if isinstance(node, syntax.UnionType) and len(node.members) == len(type_.members):
        return [describe(written, member) for written, member in zip(node.members, type_.members, strict=True)]
    return [describe(None, member) for member in type_.members]


def _example(annotation: syntax.Example | syntax.Source) -> object:
    return _literal(annotation.value) if isinstance(annotation, syntax.Example) else _MISSING


def _literal(node: syntax.Expression) -> object:
    """The JSON of a literal, however nested; `_MISSING` for anything else."""
    match node:
        case syntax.StringLiteral() | syntax.IntLiteral() | syntax.FloatLiteral() | syntax.BooleanLiteral():
            return node.value
        case syntax.Paren():
            return _literal(node.value)
        case syntax.ListLiteral():
            items = [_literal(item) for item in node.items]
            return _MISSING if any(item is _MISSING for item in items) else items
        case syntax.RecordLiteral():
            fields = {f.name.text: _literal(f.value) for f in node.fields}
            return _MISSING if any(value is _MISSING for value in fields.values()) else fields
        case _:
            return _MISSING


def with_examples(analysis: Analysis, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs, completed from `@example`."""
    filled = dict(given)
    for field in input_fields(analysis):
        if "example" in field:
            filled.setdefault(field["name"], field["example"])
    return filled
