"""`stdlib.record`: records as such.

Owns what happens to the values. The compiler types these functions by rules of its own: field names are literals,
and the result's type follows from them.

Invariant: a record given is never changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from constellation.stdlib.declare import Namespace, Site, extended
from constellation.types.model import ListType, RecordType, SeqType, Type, UnionType

namespace = Namespace("stdlib.record")
standard = namespace.standard
added = extended(namespace)

Record = dict[str, Any]


@standard("has-field", "(record: { | r }, name: String) -> Boolean", binder=True)
def has_field(site: Site) -> Callable[[Any, str], bool]:
    """Whether a record has a field of that name. The name is a literal; for a union the value decides."""
    kind = site.parameter_types[0]
    if isinstance(kind, UnionType):
        return lambda value, name: _has(kind.by_key[value.tag], name)
    return lambda _, name: _has(kind, name)


def _has(kind: Type, name: str) -> bool:
    return isinstance(kind, RecordType) and name in kind.by_name


@added("record-to-map", "(record: { | r }) -> Map<String, T>")
def record_to_map(record: Record) -> Record:
    """The fields of a record as a map. All fields must have one type."""
    return dict(record)


def _per_record(kind: Type, change: Callable[[Record], Record]) -> Callable[..., Any]:
    def of_list(records: Sequence[Record], *_: str) -> list[Record]:
        return [change(record) for record in records]

    def of_one(record: Record, *_: str) -> Record:
        return change(record)

    return of_list if isinstance(kind, ListType | SeqType) else of_one


@added("omit", "(record: { | r }, field: String) -> { | r }", binder=True)
def omit(site: Site) -> Callable[..., Any]:
    """The record, or every record of a list, without the named fields (one or more). The names are literals."""
    result = site.returns.element if isinstance(site.returns, ListType | SeqType) else site.returns
    kept = tuple(result.by_name) if isinstance(result, RecordType) else ()
    return _per_record(site.returns, lambda record: {name: record[name] for name in kept})


@added("rename", "(record: { | r }, from: String, to: String) -> { | r }", binder=True)
def rename(site: Site) -> Callable[..., Any]:
    """The record, or every record of a list, with one field under another name. The names are literals."""

    def renamed(value: Any, old: str, new: str) -> Any:
        change = _per_record(site.returns, lambda record: {new if n == old else n: v for n, v in record.items()})
        return change(value)

    return renamed
