"""Python annotations ⇄ types of the language, with the conversions of their values.

Owns the mapping of annotations: which are understood, as what, and why the others are not. Refuses to know modules,
parameters or JSON.

Invariant: every annotation either has one conversion or raises `HintError` with a sentence saying what to write
instead; nothing is guessed.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, Literal, TypeVar, Union, get_args, get_origin

from constellation.types.codecs import codec_for
from constellation.types.containers import (
    function_conversion,
    list_conversion,
    map_conversion,
    optional_conversion,
    union_conversion,
)
from constellation.types.conversion import Conversion
from constellation.types.model import OptionalType, SeqType, Type, TypeVariable
from constellation.types.records import fields_of, record_conversion
from constellation.types.scalars import (
    PRIMITIVE_CONVERSIONS,
    codec_conversion,
    enum_conversion,
    literal_conversion,
    variable_conversion,
)

T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")
V = TypeVar("V")
N = TypeVar("N", int, float)
"""A number: the language's `Int` or `Float`, the same everywhere in one signature."""
Ord = TypeVar("Ord", int, float, str, bool)
"""A type with an order: `Int`, `Float`, `String` or `Boolean`."""

if TYPE_CHECKING:
    Seq = Sequence
else:

    class Seq(Generic[T]):
        """Annotates `Seq<T>`: an ordered sequence, a list at run time."""


@dataclasses.dataclass(frozen=True, slots=True)
class Doc:
    """`Annotated[X, Doc("…")]`: what a parameter, field or result means."""

    documentation: str


class HintError(Exception):
    """An annotation has no type in the language; the text says which and what to do."""


_LISTS: Final = (list, tuple, collections.abc.Sequence, collections.abc.Collection, collections.abc.Iterable)
_MAPS: Final = (dict, collections.abc.Mapping)
_CALLABLE: Final[Any] = vars(collections.abc)["Callable"]
_BARE: Final[dict[object, str]] = {
    list: "list[T]",
    tuple: "tuple[T, ...]",
    dict: "dict[K, V]",
    collections.abc.Sequence: "Sequence[T]",
    collections.abc.Mapping: "Mapping[K, V]",
    typing.List: "list[T]",  # noqa: UP006
    typing.Dict: "dict[K, V]",  # noqa: UP006
    typing.Tuple: "tuple[T, ...]",  # noqa: UP006
    _CALLABLE: "Callable[[A], B]",
}
_CODEC_HINT: Final = "register one with constellation.register_type, or use constellation.codecs"


def type_of(annotation: Any) -> Type:
    """The language type of an annotation. Raises `HintError`."""
    return conversion_of(annotation).type


def conversion_of(annotation: Any, *, parameter: bool = False, names: Mapping[str, Any] | None = None) -> Conversion:
    """The conversion of an annotation; `Callable` is understood where `parameter` is true.

    `names` are extra names for annotations written as text inside record classes. Raises `HintError`.
    """
    return _Resolver(dict(names or {})).resolve(annotation, parameter)


def description_of(annotation: Any) -> str:
    """The text of a `Doc` (or a plain string) in an `Annotated`, else an empty text."""
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            text = extra if isinstance(extra, str) else getattr(extra, "documentation", None)
            if isinstance(text, str):
                return text
    return ""


class _Resolver:
    """Resolves one annotation; remembers the record classes it is inside of, to refuse recursive ones."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._inside: list[type] = []

    def resolve(self, hint: Any, parameter: bool = False) -> Conversion:
        primitive = PRIMITIVE_CONVERSIONS.get(hint) if isinstance(hint, type) else None
        if primitive is not None:
            return primitive
        if hint in (Any, object):
            raise HintError(f"{_written(hint)} has no type in the language; name the type")
        if hint in _BARE:
            raise HintError(f"{_written(hint)} does not say what it holds; write {_BARE[hint]}")
        origin = get_origin(hint)
        if origin is not None:
            return self._generic(hint, origin, get_args(hint), parameter)
        if isinstance(hint, TypeVar):
            return self._variable(hint)
        if hint is Seq:
            raise HintError("Seq does not say what it holds; write Seq[T]")
        if hint is None or hint is type(None):
            raise HintError("None alone has no type in the language; return a value")
        if isinstance(hint, type):
            return self._class(hint)
        supertype = getattr(hint, "__supertype__", None)
        if supertype is not None:
            return self.resolve(supertype)
        aliased = getattr(hint, "__value__", None)
        if aliased is not None:
            return self.resolve(aliased, parameter)
        raise HintError(f"{_written(hint)} has no type in the language")

    def _generic(self, hint: Any, origin: Any, arguments: tuple[Any, ...], parameter: bool) -> Conversion:
        if origin in (typing.Required, typing.NotRequired) or str(origin).endswith("ReadOnly"):
            return self.resolve(arguments[0])
        if origin is Annotated:
            return self.resolve(arguments[0], parameter)
        if origin is Literal:
            found = literal_conversion(arguments)
            if found is None:
                raise HintError(f"{_written(hint)} mixes kinds; use texts only, or integers only")
            return found
        if origin in (Union, types.UnionType):
            return self._union(hint, arguments)
        if origin is Seq:
            element = self.resolve(arguments[0])
            return list_conversion(SeqType(element.type), element, list)
        if origin is tuple and not (len(arguments) == 2 and arguments[1] is Ellipsis):
            raise HintError(f"{_written(hint)} is no list; write tuple[T, ...], or a NamedTuple for a record")
        if origin in _LISTS:
            return list_conversion(None, self.resolve(arguments[0]), tuple if origin is tuple else list)
        if origin in _MAPS:
            return self._map(hint, arguments)
        if origin is _CALLABLE:
            return self._callable(hint, arguments, parameter)
        if _is_record(origin, self._names):
            raise HintError(f"{_written(hint)} is a generic record; use a class with concrete fields")
        raise HintError(f"{_written(hint)} has no type in the language")

    def _union(self, hint: Any, arguments: tuple[Any, ...]) -> Conversion:
        members = [a for a in arguments if a is not type(None)]
        if not members:
            raise HintError("None alone has no type in the language")
        conversions = [self.resolve(m) for m in members]
        inner = conversions[0]
        if len(conversions) > 1:
            try:
                inner = union_conversion(conversions)
            except ValueError as error:
                raise HintError(f"{_written(hint)}: {error}") from None
        if len(members) == len(arguments):
            return inner
        if isinstance(inner.type, OptionalType):
            raise HintError(f"{_written(hint)} is optional twice; None cannot say which layer is absent")
        return optional_conversion(inner)

    def _map(self, hint: Any, arguments: tuple[Any, ...]) -> Conversion:
        key, value = self.resolve(arguments[0]), self.resolve(arguments[1])
        if key.type not in _KEYS and not isinstance(key.type, TypeVariable):
            raise HintError(f"{_written(hint)}: keys must be String, Int or Boolean, not {key.type}")
        return map_conversion(key, value)

    def _callable(self, hint: Any, arguments: tuple[Any, ...], parameter: bool) -> Conversion:
        if not parameter:
            raise HintError("Callable is understood only as a parameter")
        if len(arguments) != 2 or arguments[0] is Ellipsis:
            raise HintError(f"{_written(hint)} does not say what it takes; write Callable[[A], B]")
        result = arguments[1]
        awaits = get_origin(result) in (collections.abc.Awaitable, collections.abc.Coroutine)
        if awaits:
            result = get_args(result)[-1]
        return function_conversion([self.resolve(p) for p in arguments[0]], self.resolve(result), awaits)

    def _variable(self, variable: TypeVar) -> Conversion:
        bounds: tuple[Any, ...] = variable.__constraints__
        if not bounds and variable.__bound__ is not None:
            bound = variable.__bound__
            bounds = get_args(bound) if get_origin(bound) in (Union, types.UnionType) else (bound,)
        return variable_conversion(variable, tuple(self.resolve(b).type for b in bounds))

    def _class(self, cls: type[Any]) -> Conversion:
        codec = codec_for(cls)
        if codec is not None:
            return codec_conversion(codec)
        if issubclass(cls, Enum):
            found = enum_conversion(cls)
            if found is None:
                raise HintError(f"enumeration {cls.__name__} needs members that are all texts or all integers")
            return found
        shape = fields_of(cls, self._names)
        if shape is None:
            raise HintError(f"class {cls.__name__} has no codec; {_CODEC_HINT}")
        if isinstance(shape, str):
            raise HintError(shape)
        if cls in self._inside:
            raise HintError(f"class {cls.__name__} contains itself; the language has no recursive types")
        self._inside.append(cls)
        try:
            return record_conversion(shape, self._resolve_field)
        finally:
            self._inside.pop()

    def _resolve_field(self, owner: type, name: str, hint: Any) -> Conversion:
        try:
            return self.resolve(hint)
        except HintError as error:
            raise HintError(f"field '{name}' of {owner.__name__}: {error}") from None


def _is_record(origin: Any, names: Mapping[str, Any]) -> bool:
    return inspect.isclass(origin) and fields_of(origin, names) is not None


_KEYS: Final = frozenset(PRIMITIVE_CONVERSIONS[p].type for p in (str, int, bool))

Resolve = Callable[[type, str, Any], Conversion]


def _written(hint: Any) -> str:
    if isinstance(hint, type) and get_origin(hint) is None:
        return hint.__name__
    return str(hint).replace("typing.", "").replace("collections.abc.", "")
