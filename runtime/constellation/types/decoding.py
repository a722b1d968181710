"""Plain JSON (and the Python objects that look like it) → language values: one generated function per type.

Owns the rules of acceptance and their wording. Refuses to read text: it gets what a JSON parser returned.

Invariant: each type has two decoders made by the same code; the fast one stops at the first misfit, the thorough one
goes through everything, is used only after the fast one has failed, and finds at least one problem then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from constellation.types.foreign import as_mapping, as_plain, as_sequence, kind_of_plain
from constellation.types.generated import function_of
from constellation.types.kinds import is_items, is_list, is_mapping
from constellation.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    STRING,
    Bottom,
    ListType,
    MapType,
    OptionalType,
    Primitive,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.problems import InputProblem, ValueRejected
from constellation.types.scalar_decoding import INT_MAX, INT_MIN, SCALARS, Decode, Found, Misfit, expected, nothing
from constellation.types.values import NONE, Some, Variant

MAX_ITEMS: Final = 1_000_000
MAX_DEPTH: Final = 50
_CACHED: Final = 4096


def decode_value(type_: Type, raw: Any) -> Any:
    """The language value of plain data. Raises `ValueRejected` with every problem."""
    known = _by_identity.get(id(type_))
    if known is None or known[0] is not type_:
        known = _remember(type_)
    _, fast, may_be_deep = known
    if may_be_deep and _depth(raw) > MAX_DEPTH:
        text = f"nested deeper than {MAX_DEPTH} levels"
        raise ValueRejected([InputProblem("", str(type_), "deeper nesting", text)])
    try:
        return fast(raw)
    except Misfit as misfit:
        found = misfit.found
    try:
        decoder(type_, thorough=True)(raw)
    except Misfit as misfit:
        found = misfit.found
    raise ValueRejected(_problem(*problem) for problem in found)


def _remember(type_: Type) -> tuple[Type, Decode, bool]:
    """Finds a decoder by the identity of its type: spelling a type takes longer than decoding most values."""
    if len(_by_identity) >= _CACHED:
        _by_identity.clear()
    spelled = str(type_)
    known = (type_, decoder(type_), spelled.count("<") + spelled.count("{") > MAX_DEPTH)
    _by_identity[id(type_)] = known
    return known


_by_identity: Final[dict[int, tuple[Type, Decode, bool]]] = {}


def _problem(path: str, wanted: str, got: str, text: str) -> InputProblem:
    return InputProblem(path, wanted, got, f"field '{path}': {text}" if path else text)


_fast: Final[dict[str, Decode]] = {}
_thorough: Final[dict[str, Decode]] = {}


def decoder(type_: Type, thorough: bool = False) -> Decode:
    """The decoder of a type, made once. It raises `Misfit`."""
    cache = _thorough if thorough else _fast
    spelled = str(type_)
    found = cache.get(spelled)
    if found is None:
        if len(cache) >= _CACHED:
            cache.clear()
        found = cache[spelled] = _make(type_, thorough)
    return found


def _make(type_: Type, thorough: bool) -> Decode:
    match type_:
        case Primitive():
            return SCALARS[type_.name]
        case ListType(element) | SeqType(element):
            return _list(element, decoder(element, thorough), thorough)
        case MapType(key, value):
            return _map(key, decoder(key, thorough), decoder(value, thorough))
        case OptionalType(inner):
            return _optional(decoder(inner, thorough))
        case RecordType():
            return _record(type_, thorough)
        case UnionType():
            return _union(type_, thorough)
        case Bottom():
            return nothing
        case _:
            raise TypeError(f"{type_} has no plain form")


_PYTHON: Final[dict[Type, type]] = {STRING: str, INT: int, FLOAT: float, BOOLEAN: bool}


def _list(element_type: Type, element: Decode, thorough: bool) -> Decode:
    all_of = {_PYTHON.get(element_type)}
    whole = element_type == INT

    def items_of(raw: Any) -> Sequence[Any]:
        items = as_sequence(raw)
        if items is None:
            raise expected("Array", raw)
        if len(items) > MAX_ITEMS:
            text = f"array of {len(items)} elements exceeds the limit of {MAX_ITEMS}"
            raise Misfit(("", "Array", "array", text))
        return items

    def fast(raw: Any) -> list[Any]:
        items = items_of(raw)
        if set(map(type, items)) == all_of and (not whole or (min(items) >= INT_MIN and max(items) <= INT_MAX)):
            return list(items)
        return [element(item) for item in items]

    def collect(raw: Any) -> list[Any]:
        values: list[Any] = []
        problems: list[Found] = []
        for index, item in enumerate(items_of(raw)):
            try:
                values.append(element(item))
            except Misfit as misfit:
                problems += misfit.under(f"[{index}]")
        if problems:
            raise Misfit(*problems)
        return values

    return collect if thorough else fast


def _optional(inner: Decode) -> Decode:
    def decode(raw: Any) -> Any:
        if raw is None or raw is NONE:
            return NONE
        return Some(inner(raw.value if type(raw) is Some else raw))

    return decode


def _record(type_: RecordType, thorough: bool) -> Decode:
    slow = _record_by_field(type_, thorough)
    return slow if thorough or not type_.fields else _record_at_once(type_, slow)


def _record_at_once(type_: RecordType, slow: Decode) -> Decode:
    """Reads a plain dict in one generated expression; anything unusual goes the slow way."""
    names: dict[str, Any] = {"type": type}
    parts: list[str] = []
    for index, (name, field) in enumerate(type_.fields):
        names[f"d{index}"] = decoder(field)
        names[f"t{index}"] = _PYTHON.get(field)
        read = f"record.get({name!r})" if isinstance(field, OptionalType) else f"record[{name!r}]"
        if field in (STRING, FLOAT, BOOLEAN):
            parts.append(f"{name!r}: value if type(value := {read}) is t{index} else d{index}(value)")
        else:
            parts.append(f"{name!r}: d{index}({read})")
    at_once = function_of("record", f"{{{', '.join(parts)}}}", names)

    def decode(raw: Any) -> Any:
        if type(raw) is dict:
            try:
                return at_once(raw)
            except KeyError:
                pass
        return slow(raw)

    return decode


def _record_by_field(type_: RecordType, thorough: bool) -> Decode:
    fields = [(name, decoder(t, thorough), isinstance(t, OptionalType)) for name, t in type_.fields]
    absent: Final = object()

    def decode(raw: Any) -> dict[str, Any]:
        source = as_mapping(raw)
        if source is None:
            raise expected("Object", raw)
        values: dict[str, Any] = {}
        problems: list[Found] = []
        for name, read, optional in fields:
            item = source.get(name, absent)
            try:
                if item is not absent:
                    values[name] = read(item)
                elif optional:
                    values[name] = NONE
                else:
                    problems.append(("", f"field {name}", "nothing", f"missing required field '{name}'"))
            except Misfit as misfit:
                problems += misfit.under(name)
        if problems:
            raise Misfit(*problems)
        return values

    return decode


def _map(key_type: Type, key: Decode, value: Decode) -> Decode:
    texts = key_type == STRING

    def decode(raw: Any) -> dict[Any, Any]:
        problems: list[Found] = []
        values: dict[Any, Any] = {}
        for name, item in _entries(raw, texts, key_type):
            try:
                found = key(name)
                if isinstance(found, list | tuple | dict):
                    kind = kind_of_plain(name)
                    raise Misfit(
                        (
                            "",
                            "a text, number or Boolean",
                            kind,
                            f"a key must be a text, a number or a Boolean, got {kind}",
                        )
                    )
                values[found] = value(item)
            except Misfit as misfit:
                problems += misfit.under(str(name))
        if problems:
            raise Misfit(*problems)
        return values

    return decode


def _entries(raw: Any, texts: bool, key_type: Type) -> list[tuple[Any, Any]]:
    mapping = None if is_list(raw) else as_mapping(raw)
    if mapping is not None:
        return list(mapping.items()) if texts else [(_parsed_key(key_type, k), v) for k, v in mapping.items()]
    items = as_sequence(raw)
    if items is None:
        raise expected("Object", raw)
    entries: list[tuple[Any, Any]] = []
    for index, item in enumerate(items):
        if is_mapping(item) and set(item) == {"key", "value"}:
            entries.append((item["key"], item["value"]))
        elif is_items(item) and len(item) == 2:
            entries.append((item[0], item[1]))
        else:
            text = "expected a [key, value] pair, got " + kind_of_plain(item)
            raise Misfit((f"[{index}]", "a [key, value] pair", kind_of_plain(item), text))
    return entries


def _parsed_key(key_type: Type, raw: Any) -> Any:
    """A key of a JSON object that stands for an Int or a Boolean."""
    if type(raw) is not str:
        return raw
    if key_type == INT and raw.removeprefix("-").isdecimal() and raw.isascii():
        return int(raw)
    if key_type == BOOLEAN and raw in ("true", "false"):
        return raw == "true"
    if key_type == FLOAT:
        try:
            return float(raw)
        except ValueError:
            return raw
    return raw


def _union(type_: UnionType, thorough: bool) -> Decode:
    by_key = {key: decoder(t, thorough) for key, t in type_.by_key.items()}
    tags = ", ".join(sorted(type_.by_tag))

    def decode(raw: Any) -> Variant:
        if type(raw) is Variant:
            known = _member_key(type_, raw.tag)
            return Variant(known, by_key[known](raw.value)) if known else _bad_tag(raw.tag)
        tag = _given_tag(raw)
        if tag and (known := _member_key(type_, tag)):
            return Variant(known, by_key[known](raw["value"]))
        for candidate in _candidates(type_, raw):
            try:
                return Variant(candidate, by_key[candidate](raw))
            except Misfit:
                continue
        if tag:
            return _bad_tag(tag)
        if as_mapping(raw) is not None:
            text = "could not match fields to any union variant"
            raise Misfit(("", str(type_), kind_of_plain(raw), text))
        raise expected(str(type_), raw)

    def _bad_tag(tag: str) -> Variant:
        text = f"invalid union tag '{tag}', expected one of: {tags}"
        raise Misfit(("", f"one of {tags}", tag, text))

    return decode


def _member_key(type_: UnionType, tag: str) -> str:
    """The key of the member a tag names, in whatever order it lists fields; empty when there is none."""
    if tag in type_.by_key:
        return tag
    member = type_.by_tag.get(tag)
    if member is not None:
        return member.key
    from constellation.types.notation import parse_type

    try:
        key = parse_type(tag).key if "{" in tag else ""
    except ValueError:
        return ""
    return key if key in type_.by_key else ""


def _given_tag(raw: object) -> str:
    """The tag of `{"tag": …, "value": …}`, else an empty text."""
    if is_mapping(raw) and set(raw) == {"tag", "value"}:
        tag = raw["tag"]
        return tag if isinstance(tag, str) else ""
    return ""


def _candidates(type_: UnionType, raw: Any) -> list[str]:
    """The keys worth trying: Int before Float, records with most fields first."""
    ranked: list[tuple[int, str]] = []
    for key, member in type_.by_key.items():
        match member:
            case RecordType():
                rank = 10 - len(member.fields)
            case MapType():
                rank = 1000
            case _:
                rank = 1 if member == FLOAT else 0
        if member == STRING and not isinstance(as_plain(raw), str):
            continue
        if member == FLOAT and isinstance(as_plain(raw), str):
            rank = 2000
        ranked.append((rank, key))
    return [key for _, key in sorted(ranked, key=lambda pair: pair[0])]


def _depth(raw: Any) -> int:
    level: list[Any] = [raw]
    depth = 0
    while level and depth <= MAX_DEPTH:
        depth += 1
        inner: list[Any] = []
        for item in level:
            if is_mapping(item):
                inner += item.values()
            elif is_items(item):
                inner += item
        level = inner
    return depth
