"""Matching the types of arguments against the parameters of a generic signature.

Owns how type variables and row variables get their types at one call. Refuses to know syntax and diagnostics.

Invariant: `Bindings.bind` either extends the bindings and returns True, or leaves them as they were and returns False.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from constellation.types.model import (
    FLOAT,
    INT,
    NOTHING,
    Bottom,
    ErrorType,
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
from constellation.types.relations import Fields, is_generic, is_subtype, parts, substitute

__all__ = ["Bindings", "variables_of"]


def variables_of(type_: Type) -> dict[str, TypeVariable]:
    """The type variables a type mentions, by name."""
    if isinstance(type_, TypeVariable):
        return {type_.name: type_}
    found: dict[str, TypeVariable] = {}
    if is_generic(type_):
        for part in parts(type_):
            found.update(variables_of(part))
    return found


class Bindings:
    """What the variables of one signature stand for at one call.

    `seq_for_list` lets a `Seq` pass where a parameter says `List` (the standard library's rule).
    """

    def __init__(self, seq_for_list: bool = False) -> None:
        self.types: dict[str, Type] = {}
        self.rows: dict[str, Fields] = {}
        self.seq_for_list = seq_for_list

    def bind(self, parameter: Type, argument: Type) -> bool:
        """Make `argument` fit `parameter`, binding variables on the way."""
        types, rows = dict(self.types), dict(self.rows)
        if self._bind(parameter, argument):
            return True
        self.types, self.rows = types, rows
        return False

    def resolve(self, type_: Type) -> Type:
        """The type with every variable bound so far replaced; the others stay."""
        return substitute(type_, self.types, self.rows)

    def close(self, type_: Type, default: Type = NOTHING) -> Type:
        """The type with every variable replaced; an unbound one is its first bound, or `default`."""
        resolved = self.resolve(type_)
        if not is_generic(resolved):
            return resolved
        free = {n: (v.bounds[0] if v.bounds else default) for n, v in variables_of(resolved).items()}
        return substitute(resolved, free, _EVERY_ROW_EMPTY)

    def _bind(self, parameter: Type, argument: Type) -> bool:
        if not is_generic(parameter):
            return is_subtype(argument, parameter) or self._is_seq_for_list(parameter, argument)
        if isinstance(argument, ErrorType):
            return True
        if isinstance(parameter, TypeVariable):
            return self._bind_variable(parameter, argument)
        if isinstance(argument, Bottom):
            return True
        if isinstance(parameter, UnionType):
            return any(self.bind(member, argument) for member in parameter.members)
        if isinstance(parameter, (ListType, SeqType)):
            if not isinstance(argument, (ListType, SeqType)):
                return False
            if isinstance(parameter, ListType) and isinstance(argument, SeqType) and not self.seq_for_list:
                return False
            return self._bind(parameter.element, argument.element)
        if isinstance(parameter, OptionalType):
            return isinstance(argument, OptionalType) and self._bind(parameter.inner, argument.inner)
        if isinstance(parameter, MapType):
            return (
                isinstance(argument, MapType)
                and self._bind(parameter.key_type, argument.key_type)
                and self._bind(parameter.value_type, argument.value_type)
            )
        if isinstance(parameter, RecordType):
            return isinstance(argument, RecordType) and self._bind_record(parameter, argument)
        assert isinstance(parameter, FunctionType)
        return isinstance(argument, FunctionType) and is_subtype(argument, self.resolve(parameter))

    def _is_seq_for_list(self, parameter: Type, argument: Type) -> bool:
        return (
            self.seq_for_list
            and isinstance(parameter, ListType)
            and isinstance(argument, SeqType)
            and is_subtype(argument.element, parameter.element)
        )

    def _bind_variable(self, variable: TypeVariable, argument: Type) -> bool:
        name = variable.name
        bound = self.types.get(name)
        if variable.bounds and not isinstance(argument, Bottom) and argument not in variable.bounds:
            return False
        if bound is None or isinstance(bound, Bottom):
            if not (variable.bounds and isinstance(argument, Bottom)):
                self.types[name] = argument
            return True
        if is_subtype(argument, bound):
            return True
        if is_subtype(bound, argument):
            self.types[name] = argument
            return True
        if variable.bounds and {bound, argument} == {INT, FLOAT}:
            self.types[name] = FLOAT
            return True
        return False

    def _bind_record(self, parameter: RecordType, argument: RecordType) -> bool:
        for name, wanted in parameter.fields:
            have = argument.by_name.get(name)
            if have is None or not self._bind(wanted, have):
                return False
        if parameter.row is None:
            return argument.row is None
        extra = tuple((n, t) for n, t in argument.fields if n not in parameter.by_name)
        known = self.rows.get(parameter.row)
        if known is None:
            self.rows[parameter.row] = extra
            return True
        mine = dict(extra)
        return all(name in mine and is_subtype(mine[name], type_) for name, type_ in known)


class _EveryRowEmpty(Mapping[str, Fields]):
    """Rows nothing was bound to have no fields."""

    def __getitem__(self, name: str) -> Fields:
        return ()

    def __contains__(self, name: object) -> bool:
        return True

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


_EVERY_ROW_EMPTY = _EveryRowEmpty()
