"""Types as written in programs.

Owns what a type expression denotes: names, constructors, records, merges, unions. Refuses expressions.

Invariant: a type that could not be read is the error type, so nothing that uses it is reported.
"""

from __future__ import annotations

from typing import Final

from constellation.compiler.checking.limits import bounded
from constellation.compiler.checking.records import report_repeated_fields
from constellation.compiler.checking.undefined import CONSTRUCTORS, undefined_type
from constellation.compiler.context import Context
from constellation.compiler.suggestions import similar_names
from constellation.types.model import (
    ERROR,
    PRIMITIVES,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
)
from constellation.types.relations import MergeError, merge_types, union_of
from constellation_grammar import syntax

__all__ = ["resolve_type"]

_ELSEWHERE: Final = {
    "array": "List",
    "set": "List",
    "vector": "List",
    "dict": "Map",
    "dictionary": "Map",
    "hashmap": "Map",
    "option": "Optional",
    "maybe": "Optional",
}
"""What other languages call our generic types."""

_ONE: Final[dict[str, type[ListType] | type[SeqType] | type[OptionalType]]] = {
    "List": ListType,
    "Seq": SeqType,
    "Candidates": SeqType,
    "Optional": OptionalType,
}


def resolve_type(context: Context, node: syntax.TypeNode) -> Type:
    """What a type expression denotes; everything wrong inside it is reported."""
    if isinstance(node, syntax.NamedType):
        return _named(context, node)
    if isinstance(node, syntax.GenericType):
        return _generic(context, node)
    if isinstance(node, syntax.RecordType):
        report_repeated_fields(context, [field.name for field in node.fields])
        return RecordType(tuple([(field.name.text, resolve_type(context, field.type)) for field in node.fields]))
    if isinstance(node, syntax.UnionType):
        return bounded(context, union_of(*[resolve_type(context, member) for member in node.members]), node)
    if isinstance(node, syntax.MergeType):
        return _merge(context, node)
    if isinstance(node, syntax.ParenType):
        return resolve_type(context, node.type)
    return ERROR


def _merge(context: Context, node: syntax.MergeType) -> Type:
    left = resolve_type(context, node.left)
    right = resolve_type(context, node.right)
    try:
        return merge_types(left, right)
    except MergeError as error:
        from constellation.compiler.checking.operators import report_merge

        report_merge(context, node, error)
        return ERROR


def _named(context: Context, node: syntax.NamedType) -> Type:
    name = node.name
    primitive = PRIMITIVES.get(name)
    if primitive is not None:
        return primitive
    entry = context.types.get(name)
    if entry is not None:
        context.type_reads[name] = entry
        return entry.type
    undefined_type(context, node, name)
    return ERROR


def _generic(context: Context, node: syntax.GenericType) -> Type:
    name = node.constructor.text
    arguments = [resolve_type(context, argument) for argument in node.arguments]
    count = CONSTRUCTORS.get(name)
    if count != len(arguments):
        _report_constructor(context, node, name, count, len(arguments))
        return ERROR
    if name == "Candidates":
        context.hint("legacy-candidates", node.constructor, {})
    if name == "Map":
        return MapType(arguments[0], arguments[1])
    return _ONE[name](arguments[0])


def _report_constructor(
    context: Context, node: syntax.GenericType, name: str, expected: int | None, actual: int
) -> None:
    if not name or any(isinstance(argument, syntax.Hole) for argument in node.arguments):
        return
    if expected is None:
        meant = _ELSEWHERE.get(name.lower())
        replacements = (meant,) if meant else tuple(similar_names(name, ["List", "Seq", "Map", "Optional"]))
        suggestions = tuple(f"Did you mean '{close}'?" for close in replacements) or (
            "Generic types are List<T>, Seq<T>, Map<K, V> and Optional<T>",
        )
        hint = ""
    else:
        replacements, suggestions = (), ()
        plural = "type argument" if expected == 1 else "type arguments"
        hint = f" ({name} takes {expected} {plural}, got {actual})"
    context.report(
        "undefined-generic-type",
        node.constructor,
        {"name": name, "hint": hint},
        suggestions=suggestions,
        data={"name": name, "replacements": replacements},
    )
