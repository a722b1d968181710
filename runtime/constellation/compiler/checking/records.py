"""Records: literals, field access, projection.

Owns their typing, element-wise through lists and through optionals. Refuses merge (`operators.py`).

Invariant: fields keep the order in which they were declared or asked for.
"""

from __future__ import annotations

from collections.abc import Iterable

from constellation.compiler.context import Context, handles
from constellation.compiler.diagnostics import RelatedPlace
from constellation.compiler.suggestions import similar_names
from constellation.image.graph import ErrorNode, FieldNode, FieldValue, GraphExpression, ProjectNode, RecordNode
from constellation.types.model import (
    ERROR,
    NOTHING,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.relations import has_error, least_upper_bound
from constellation_grammar import syntax

__all__ = ["record_of", "report_repeated_fields", "report_unknown_field"]


@handles(syntax.RecordLiteral)
def _record(context: Context, node: syntax.RecordLiteral) -> GraphExpression:
    report_repeated_fields(context, [field.name for field in node.fields])
    values: dict[str, GraphExpression] = {}
    for field in node.fields:
        values[field.name.text] = context.infer(field.value)
    type_ = RecordType(tuple([(name, value.type) for name, value in values.items()]))
    fields = tuple([FieldValue(name, value) for name, value in values.items()])
    return RecordNode(type_, node.start, node.end, fields)


def report_repeated_fields(context: Context, names: Iterable[syntax.Name]) -> None:
    """Report E030 for every field named a second time."""
    seen: dict[str, syntax.Name] = {}
    for name in names:
        first = seen.setdefault(name.text, name)
        if first is not name and name.text:
            context.report(
                "duplicate-field",
                name,
                {"name": name.text, "where": " in this record"},
                related=(RelatedPlace("First defined here", first.start, first.end),),
                data={"name": name.text},
            )


# ------------------------------------------------------------------------------------------------- field access


@handles(syntax.FieldAccess)
def _field(context: Context, node: syntax.FieldAccess) -> GraphExpression:
    if not node.field.text and _may_become_a_path(context, node.source):
        return ErrorNode(ERROR, node.start, node.end)
    source = context.infer(node.source)
    name = node.field.text
    if source.type is ERROR or not name:
        return ErrorNode(ERROR, node.start, node.end)
    type_ = _field_type(source.type, name)
    if type_ is None:
        return _report_field(context, node, source)
    if type_ is ERROR:
        return ErrorNode(ERROR, node.start, node.end)
    return FieldNode(type_, node.start, node.end, source, name)


def _may_become_a_path(context: Context, node: syntax.Expression) -> bool:
    """Whether what stands before an unfinished dot may be the start of a qualified name: `stdlib.math.`."""
    while isinstance(node, syntax.FieldAccess):
        node = node.source
    if not isinstance(node, syntax.Variable):
        return False
    context.volatile = True
    return node.name not in context.variables and node.name not in context.locals


def _field_type(source: Type, name: str) -> Type | None:
    """The type of a field of a value, or None when it has no such field."""
    if isinstance(source, RecordType):
        return source.by_name.get(name)
    if isinstance(source, (ListType, SeqType)):
        if source.element is NOTHING:
            return source
        inner = source.element.by_name.get(name) if isinstance(source.element, RecordType) else None
        return None if inner is None else type(source)(inner)
    if isinstance(source, OptionalType):
        inner = source.inner.by_name.get(name) if isinstance(source.inner, RecordType) else None
        return inner if inner is None or isinstance(inner, OptionalType) else OptionalType(inner)
    if isinstance(source, UnionType):
        found = [m.by_name.get(name) if isinstance(m, RecordType) else None for m in source.members]
        present = [type_ for type_ in found if type_ is not None]
        return least_upper_bound(*present) if len(present) == len(found) else None
    return source if source is NOTHING else None


def _record_inside(type_: Type) -> RecordType | None:
    if isinstance(type_, (ListType, SeqType)):
        type_ = type_.element
    elif isinstance(type_, OptionalType):
        type_ = type_.inner
    return type_ if isinstance(type_, RecordType) else None


def _report_field(context: Context, node: syntax.FieldAccess, source: GraphExpression) -> GraphExpression:
    name = node.field.text
    record = _record_inside(source.type)
    if record is None:
        if not has_error(source.type):
            context.report(
                "field-access-on-non-record",
                source,
                {"type": source.type},
                suggestions=_access_advice(context, node.source, source.type, name),
                data={"actual": str(source.type), "name": name},
            )
        return ErrorNode(ERROR, node.start, node.end)
    report_unknown_field(context, "unknown-field", node.field, record, ".")
    return ErrorNode(ERROR, node.start, node.end)


def _access_advice(context: Context, node: syntax.Expression, type_: Type, name: str) -> tuple[str, ...]:
    value = node.name if isinstance(node, syntax.Variable) else "value"
    if isinstance(type_, UnionType):
        return (f"Not every member has this field; choose by member: match {value} {{ {{ {name} }} -> …, _ -> … }}",)
    if isinstance(type_, MapType):
        return _offer(context, "map-get", f'Read an entry of a map: map-get({value}, "{name}")')
    inside = _nested_record_advice(context, value, type_, name)
    if inside:
        return inside
    if context.imports.resolve(name).function is not None:
        return (f"There are no methods; call the function: {name}({value})",)
    return ()


def _offer(context: Context, function: str, text: str) -> tuple[str, ...]:
    return (text,) if context.table.prelude(function) is not None else ()


def _nested_record_advice(context: Context, value: str, type_: Type, name: str) -> tuple[str, ...]:
    """What to do about a field of records that lie two containers deep: one step at a time."""
    if isinstance(type_, OptionalType) and isinstance(type_.inner, (ListType, SeqType)):
        return (f"Give a value for when it is absent: ({value} ?? []).{name}",)
    if isinstance(type_, (ListType, SeqType)) and isinstance(type_.element, (ListType, SeqType, OptionalType)):
        return _offer(context, "map", f"Take the field element by element: map({value}, (x) => x.{name})")
    if isinstance(type_, (ListType, SeqType)) and isinstance(type_.element, UnionType):
        if _field_type(type_.element, name) is not None:
            return _offer(context, "map", f"Take the field element by element: map({value}, (x) => x.{name})")
        text = f"Choose element by element: map({value}, (x) => match x {{ {{ {name} }} -> …, _ -> … }})"
        return _offer(context, "map", text)
    return ()


def record_of(type_: Type) -> RecordType | None:
    """The record a value is, or that the elements of a list or sequence are."""
    if isinstance(type_, (ListType, SeqType)):
        type_ = type_.element
    return type_ if isinstance(type_, RecordType) else None


def report_unknown_field(context: Context, slug: str, name: syntax.Name, record: RecordType, dot: str) -> None:
    """Report that a record has no field of this name; `dot` is what stands before a field here."""
    available = [field for field, _ in record.fields]
    replacements = similar_names(name.text, available)
    listed = ", ".join(available) if available else "none"
    suggestions = [f"Did you mean '{dot}{close}'?" for close in replacements]
    suggestions.append(f"Available fields: {listed}")
    context.report(
        slug,
        name,
        {"name": name.text, "available": listed},
        suggestions=tuple(suggestions),
        data={"name": name.text, "replacements": tuple(replacements), "available": tuple(available)},
    )


# --------------------------------------------------------------------------------------------------- projection


@handles(syntax.Projection)
def _projection(context: Context, node: syntax.Projection) -> GraphExpression:
    source = context.infer(node.source)
    type_ = source.type
    if type_ is ERROR:
        return ErrorNode(ERROR, node.start, node.end)
    if type_ is NOTHING or (isinstance(type_, (ListType, SeqType)) and type_.element is NOTHING):
        names = tuple(dict.fromkeys(name.text for name in node.fields))
        return ProjectNode(type_, node.start, node.end, source, names)
    record = type_.element if isinstance(type_, (ListType, SeqType)) else type_
    if not isinstance(record, RecordType):
        if has_error(type_):
            return ErrorNode(ERROR, node.start, node.end)
        context.report(
            "projection-on-non-record",
            source,
            {"type": type_},
            suggestions=_projection_advice(context, node, type_),
            data={"actual": str(type_)},
        )
        return ErrorNode(ERROR, node.start, node.end)
    return _project(context, node, source, record)


def _projection_advice(context: Context, node: syntax.Projection, type_: Type) -> tuple[str, ...]:
    value = node.source.name if isinstance(node.source, syntax.Variable) else "value"
    fields = ", ".join(name.text for name in node.fields)
    if isinstance(type_, OptionalType):
        return (f"Give a value for when it is absent: ({value} ?? default)[{fields}]",)
    if isinstance(type_, UnionType):
        return (f"Choose by member: match {value} {{ {{ {fields} }} -> …, _ -> … }}",)
    if isinstance(type_, (ListType, SeqType)):
        return _offer(context, "map", f"Project element by element: map({value}, (x) => x[{fields}])")
    if isinstance(type_, MapType) and node.fields:
        return _offer(context, "map-get", f'Read an entry of a map: map-get({value}, "{node.fields[0].text}")')
    return ()


def _project(context: Context, node: syntax.Projection, source: GraphExpression, record: RecordType) -> GraphExpression:
    chosen: dict[str, Type] = {}
    failed = False
    for name in node.fields:
        field = record.by_name.get(name.text)
        if field is not None:
            chosen[name.text] = field
            continue
        failed = True
        if name.text:
            report_unknown_field(context, "unknown-projection-field", name, record, "")
    if failed:
        return ErrorNode(ERROR, node.start, node.end)
    projected: Type = RecordType(tuple(chosen.items()))
    if isinstance(source.type, (ListType, SeqType)):
        projected = type(source.type)(projected)
    return ProjectNode(projected, node.start, node.end, source, tuple(chosen))
