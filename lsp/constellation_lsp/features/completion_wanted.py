"""Which types are wanted at the cursor, told from the brackets around it.

Owns the way from an argument, a list element or a record field to its type. Refuses to offer anything itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from constellation.types.model import (
    BOOLEAN,
    FunctionType,
    ListType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    TypeVariable,
    UnionType,
)
from constellation.types.signature import FunctionSpec
from constellation_lsp.analysis import Analysis
from constellation_lsp.cursor_frames import Cursor, Frame


def wanted_types(analysis: Analysis, cursor: Cursor) -> tuple[Type, ...]:
    """The types that fit at the cursor; empty when anything does."""
    if cursor.boolean:
        return (BOOLEAN,)
    frame = cursor.frame
    index = analysis.index_before(cursor.start)
    if frame.options is not None and frame.option == "fallback":
        spec = analysis.imports(index).resolve(frame.option_call).function
        return tuple(s.returns for s in spec.overloads) if spec else ()
    return _wanted_in(analysis, cursor.frames, index)


def record_types(analysis: Analysis, cursor: Cursor) -> list[RecordType]:
    """The record types that the record literal around the cursor may have."""
    index = analysis.index_before(cursor.start)
    return [record for type_ in _wanted_in(analysis, cursor.frames[:-1], index) for record in _records(type_)]


def _wanted_in(analysis: Analysis, frames: Sequence[Frame], index: int) -> tuple[Type, ...]:
    if not frames:
        return ()
    frame, outer = frames[-1], frames[:-1]
    match frame.kind:
        case "call":
            spec = analysis.imports(index).resolve(frame.function).function
            found = _parameter_types(spec, frame.index) if spec else ()
            in_body = bool(frame.locals)
            return tuple(t.result if in_body and isinstance(t, FunctionType) else t for t in found)
        case "annotation":
            type_ = analysis.example_type(frame.open)
            return (type_,) if type_ is not None else ()
        case "record" if frame.key:
            fields = (
                record.by_name.get(frame.key) for t in _wanted_in(analysis, outer, index) for record in _records(t)
            )
            return tuple(type_ for type_ in fields if type_ is not None)
        case "list":
            return tuple(t.element for t in _wanted_in(analysis, outer, index) if isinstance(t, ListType | SeqType))
        case "paren":
            return tuple(t for t in _wanted_in(analysis, outer, index) if not isinstance(t, FunctionType))
        case _:
            return ()


def _records(type_: Type) -> Iterator[RecordType]:
    """The record types a value may be written as where a type is wanted."""
    match type_:
        case RecordType():
            yield type_
        case OptionalType():
            yield from _records(type_.inner)
        case UnionType():
            for member in type_.members:
                yield from _records(member)
        case _:
            return


def _parameter_types(spec: FunctionSpec, position: int) -> tuple[Type, ...]:
    found = [s.parameters[position].type for s in spec.overloads if position < len(s.parameters)]
    return tuple(dict.fromkeys(found))


def parameter_names(analysis: Analysis, cursor: Cursor) -> list[str]:
    """Names for the parameter being typed of a lambda: `x`, and the fields of what it gets."""
    frames = cursor.frames
    if len(frames) < 2 or frames[-1].kind != "paren":
        return []
    index = analysis.index_before(cursor.start)
    wanted = [t for t in _wanted_in(analysis, frames[:-1], index) if isinstance(t, FunctionType)]
    position = frames[-1].index
    if not wanted or position >= len(wanted[0].parameters):
        return []
    given = {token[1] for token in frames[-1].names}
    type_ = _bound(analysis, frames[-2], wanted[0].parameters[position], index)
    fields = [name for record in _records(type_) for name, _ in record.fields]
    names = dict.fromkeys(("xyzuvw"[min(position, 5)], *fields))
    return [name for name in names if name not in given]


def _bound(analysis: Analysis, call: Frame, type_: Type, index: int) -> Type:
    """What a type variable of a called function stands for, told from the list before the lambda."""
    if not isinstance(type_, TypeVariable) or call.kind != "call" or not 0 <= index < len(analysis.checked.statements):
        return type_
    for typed in analysis.details(index).nodes:
        start = typed.node.start + analysis.checked.statements[index].offset
        if call.open < start and isinstance(typed.type, ListType | SeqType):
            return typed.type.element
    return type_
