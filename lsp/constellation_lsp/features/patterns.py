"""Fields of record-like types and the patterns a `match` still lacks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from constellation.types.model import ListType, OptionalType, RecordType, SeqType, Type, UnionType
from constellation_lsp.analysis import Analysis


def record_fields(type_: Type | None) -> Iterator[tuple[str, Type]]:
    """The fields that can be read after a dot, with the type the access has: lifted over lists and optionals."""
    match type_:
        case RecordType():
            yield from type_.fields
        case ListType():
            for name, inner in record_fields(type_.element):
                yield name, ListType(inner)
        case SeqType():
            for name, inner in record_fields(type_.element):
                yield name, SeqType(inner)
        case OptionalType():
            for name, inner in record_fields(type_.inner):
                yield name, OptionalType(inner)
        case UnionType():
            yield from _common_fields(type_)
        case _:
            return


def _common_fields(union: UnionType) -> Iterator[tuple[str, Type]]:
    first, *others = [dict(record_fields(member)) for member in union.members]
    for name, type_ in first.items():
        if all(other.get(name) == type_ for other in others):
            yield name, type_


def scrutinee_type(analysis: Analysis, span: tuple[int, int]) -> Type | None:
    """The type of the expression a `match` looks at."""
    return analysis.type_of_span(*span)


def missing_patterns(type_: Type | None, covered: Iterable[str]) -> Iterator[str]:
    """A pattern for every member of a union that the given patterns do not cover."""
    if not isinstance(type_, UnionType):
        return
    known = [_names(pattern) for pattern in covered]
    tests = {pattern.removeprefix("is ").strip() for pattern in covered if pattern.startswith("is ")}
    for member in type_.members:
        if isinstance(member, RecordType):
            names = {name for name, _ in member.fields}
            if not any(found is not None and found <= names for found in known):
                yield "{ " + ", ".join(name for name, _ in member.fields) + " }"
        elif str(member) not in tests:
            yield f"is {member}"


def _names(pattern: str) -> set[str] | None:
    if not pattern.startswith("{"):
        return None
    return {name.strip() for name in pattern.strip("{} ").split(",") if name.strip()}
