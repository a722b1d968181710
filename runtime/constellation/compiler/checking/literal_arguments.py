"""Functions whose type depends on literal arguments, and literal arguments that can be judged before a run.

Owns the typing rules of `stdlib.record` by canonical name, and the check of literal regular expressions. Refuses every
other call (`calls.py`).

Invariant: a rule gives the resolved parameter types and the result type of the call, or None after reporting.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from constellation.compiler.checking.coercion import mismatch
from constellation.compiler.checking.records import record_of, report_unknown_field
from constellation.compiler.context import Context, strip_parens
from constellation.image.graph import GraphExpression
from constellation.types.model import (
    BOOLEAN,
    NOTHING,
    STRING,
    ListType,
    MapType,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.relations import is_subtype
from constellation_grammar import syntax

__all__ = ["LITERAL_RULES", "check_regular_expression"]

Rule = Callable[[Context, syntax.Call, GraphExpression], "Type | None"]


def _literals(context: Context, node: syntax.Call) -> list[syntax.StringLiteral] | None:
    """The arguments after the first, which must be text literals."""
    found: list[syntax.StringLiteral] = []
    good = True
    for position, argument in enumerate(node.arguments[1:], 2):
        inner = strip_parens(argument)
        if isinstance(inner, syntax.StringLiteral):
            found.append(inner)
        else:
            good = False
            if not isinstance(inner, syntax.Hole):
                name = node.function.text.rpartition(".")[2]
                context.report("literal-argument", argument, {"position": position, "name": name})
    return found if good else None


def _record(context: Context, node: syntax.Call, source: GraphExpression) -> RecordType | None:
    record = record_of(source.type)
    if record is None:
        mismatch(context, source, RecordType((), "r"), "argument-type")
    return record


def _like(source: Type, record: RecordType) -> Type:
    return type(source)(record) if isinstance(source, (ListType, SeqType)) else record


def _known(context: Context, record: RecordType, literal: syntax.StringLiteral) -> bool:
    if literal.value in record.by_name:
        return True
    name = syntax.Name(literal.start, literal.end, literal.value)
    report_unknown_field(context, "unknown-projection-field", name, record, "")
    return False


def _omit(context: Context, node: syntax.Call, source: GraphExpression) -> Type | None:
    names = _literals(context, node)
    record = _record(context, node, source)
    if record is None or names is None:
        return None
    known = [_known(context, record, name) for name in names]
    if not all(known):
        return None
    gone = {name.value for name in names}
    return _like(source.type, RecordType(tuple((n, t) for n, t in record.fields if n not in gone)))


def _rename(context: Context, node: syntax.Call, source: GraphExpression) -> Type | None:
    names = _literals(context, node)
    record = _record(context, node, source)
    if record is None or names is None or not _known(context, record, names[0]):
        return None
    old, new = names[0].value, names[1].value
    if new != old and new in record.by_name:
        context.report("duplicate-field", names[1], {"name": new, "where": " in this record"}, data={"name": new})
        return None
    return _like(source.type, RecordType(tuple((new if n == old else n, t) for n, t in record.fields)))


def _has_field(context: Context, node: syntax.Call, source: GraphExpression) -> Type | None:
    names = _literals(context, node)
    type_ = source.type
    members = type_.members if isinstance(type_, UnionType) else (type_,)
    if not any(isinstance(member, RecordType) for member in members):
        mismatch(context, source, RecordType((), "r"), "argument-type")
        return None
    return BOOLEAN if names is not None else None


def _record_to_map(context: Context, node: syntax.Call, source: GraphExpression) -> Type | None:
    if not isinstance(source.type, RecordType):
        mismatch(context, source, RecordType((), "r"), "argument-type")
        return None
    shared: Type = NOTHING
    for name, type_ in source.type.fields:
        if is_subtype(shared, type_):
            shared = type_
        elif not is_subtype(type_, shared):
            values = {"expected": shared, "actual": type_}
            advice = (f"All fields must have one type; '{name}' differs",)
            context.report("argument-type", source, values, suggestions=advice)
            return None
    return MapType(STRING, shared)


LITERAL_RULES: Final[dict[str, tuple[Rule, int, int | None]]] = {
    "stdlib.record.omit": (_omit, 2, None),
    "stdlib.record.rename": (_rename, 3, 3),
    "stdlib.record.has-field": (_has_field, 2, 2),
    "stdlib.record.record-to-map": (_record_to_map, 1, 1),
}
"""The rule of each function with the least and most arguments it takes (None: any number)."""


def check_regular_expression(context: Context, node: syntax.Call, position: int) -> None:
    """Report E016 for a literal regular expression that is none."""
    literal = strip_parens(node.arguments[position])
    if not isinstance(literal, syntax.StringLiteral):
        return
    from constellation.stdlib.regex import is_valid

    if not is_valid(literal.value):
        values = {"option": "pattern", "value": f'"{literal.value}"', "constraint": "invalid regular expression"}
        context.report("invalid-pattern", literal, values, data={"option": "pattern"})
