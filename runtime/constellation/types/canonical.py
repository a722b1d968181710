"""Canonical forms: types as JSON that is equal for equal types, and the hash of a set of functions.

Owns the canonical JSON text and the registry hash. Refuses to know graphs (`constellation.image.canonical`).

Invariant: what is equal in meaning has one text, whatever the order of fields, members or registration and whatever
the process's hash seed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from constellation.types.model import (
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    TypeVariable,
    UnionType,
)
from constellation.types.signature import FunctionSpec, Signature

Json: TypeAlias = "str | int | bool | list[Json] | dict[str, Json] | None"


def canonical_json(document: Json) -> str:
    """JSON with keys sorted by code point, no blanks, and non-ASCII characters as they are."""
    return json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def type_canon(type_: Type) -> Json:
    """The canonical JSON of a type: a primitive's name, `["List", T]`, `{"record": {…}}`, `{"union": […]}`, …"""
    match type_:
        case ListType(element):
            return ["List", type_canon(element)]
        case SeqType(element):
            return ["Seq", type_canon(element)]
        case MapType(key, value):
            return ["Map", type_canon(key), type_canon(value)]
        case OptionalType(inner):
            return ["Optional", type_canon(inner)]
        case RecordType(fields, row):
            record: dict[str, Json] = {name: type_canon(t) for name, t in fields}
            return {"record": record} if row is None else {"record": record, "row": row}
        case UnionType(members):
            canons: list[Json] = [type_canon(m) for m in members]
            return {"union": sorted(canons, key=canonical_json)}
        case FunctionType(parameters, result):
            return ["Function", [type_canon(p) for p in parameters], type_canon(result)]
        case TypeVariable(name, bounds):
            return ["Variable", name, [type_canon(b) for b in bounds]]
        case _:
            return str(type_)


def registry_hash(specs: Iterable[FunctionSpec]) -> str:
    """SHA-256 over names, spellings, versions, signatures and flags of functions.

    Texts, tags and implementations are not in it; whatever makes a program compile differently is.
    """
    rows = [_rows(spec) for spec in sorted(specs, key=lambda s: s.qualified_name)]
    return hashlib.sha256(f"[{','.join(rows)}]".encode()).hexdigest()


@lru_cache(maxsize=4096)
def _rows(spec: FunctionSpec) -> str:
    """The rows of one function as JSON text, remembered: engines share the standard library's specifications."""
    return ",".join(canonical_json(_row(spec, signature)) for signature in spec.overloads)


def _row(spec: FunctionSpec, signature: Signature) -> Json:
    flags: list[Json] = [spec.pure, spec.effectful]
    if spec.prelude or signature.last or spec.deprecated:
        flags += [spec.prelude, signature.last, spec.deprecated]
    row: list[Json] = [
        spec.qualified_name,
        spec.name,
        spec.version[0],
        spec.version[1],
        [[p.name, type_canon(p.type)] for p in signature.parameters],
        type_canon(signature.returns),
        flags,
    ]
    if spec.spellings != (spec.name,):
        row.append(list(spec.spellings))
    return row
