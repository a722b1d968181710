"""The types of the language as immutable values.

Owns what a type *is*: its kinds, equality, and its two spellings (the language's, the wire's). Refuses to know how
types relate (`relations.py`), how values look (`values.py`) or how Python annotations map (`hints.py`).

Invariant: two types are equal exactly when they denote the same type; the order of record fields and of union
members never matters for equality but is kept for display.
"""

from __future__ import annotations

from typing import ClassVar, Final


class Type:
    """Base of all types. Immutable, hashable, compared by structure."""

    __slots__ = ("_hash", "_key")

    _key: str
    _hash: int

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Type) and self._key == other._key)

    def __hash__(self) -> int:
        return self._hash

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), tuple(getattr(self, name) for name in self.__match_args__))

    __match_args__: ClassVar[tuple[str, ...]] = ()

    def __repr__(self) -> str:
        return f"<{self}>"

    @property
    def key(self) -> str:
        """A text equal for equal types and different for different ones."""
        return self._key

    @property
    def wire(self) -> str:
        """The compact spelling on the wire, such as `CList(CInt)`; record fields sorted."""
        raise TypeError(f"{self} has no wire form")

    def _seal(self, key: str, **fields: object) -> None:
        put = object.__setattr__
        for name, value in fields.items():
            put(self, name, value)
        put(self, "_key", key)
        put(self, "_hash", hash(key))


class Primitive(Type):
    """`String`, `Int`, `Float` or `Boolean`."""

    __slots__ = ("name",)
    __match_args__ = ("name",)
    name: str

    def __init__(self, name: str) -> None:
        self._seal(name, name=name)

    def __str__(self) -> str:
        return self.name

    @property
    def wire(self) -> str:
        return f"C{self.name}"


class ListType(Type):
    """`List<element>`: a materialised collection."""

    __slots__ = ("element",)
    __match_args__ = ("element",)
    element: Type

    def __init__(self, element: Type) -> None:
        self._seal(f"List<{element.key}>", element=element)

    def __str__(self) -> str:
        return f"List<{self.element}>"

    @property
    def wire(self) -> str:
        return f"CList({self.element.wire})"


class SeqType(Type):
    """`Seq<element>`: an ordered sequence a streaming runtime may process piecewise; a list in a single run."""

    __slots__ = ("element",)
    __match_args__ = ("element",)
    element: Type

    def __init__(self, element: Type) -> None:
        self._seal(f"Seq<{element.key}>", element=element)

    def __str__(self) -> str:
        return f"Seq<{self.element}>"

    @property
    def wire(self) -> str:
        return f"CSeq({self.element.wire})"


class MapType(Type):
    """`Map<key, value>`."""

    __slots__ = ("key_type", "value_type")
    __match_args__ = ("key_type", "value_type")
    key_type: Type
    value_type: Type

    def __init__(self, key_type: Type, value_type: Type) -> None:
        self._seal(f"Map<{key_type.key}, {value_type.key}>", key_type=key_type, value_type=value_type)

    def __str__(self) -> str:
        return f"Map<{self.key_type}, {self.value_type}>"

    @property
    def wire(self) -> str:
        return f"CMap({self.key_type.wire},{self.value_type.wire})"


class OptionalType(Type):
    """`Optional<inner>`; layers nest."""

    __slots__ = ("inner",)
    __match_args__ = ("inner",)
    inner: Type

    def __init__(self, inner: Type) -> None:
        self._seal(f"Optional<{inner.key}>", inner=inner)

    def __str__(self) -> str:
        return f"Optional<{self.inner}>"

    @property
    def wire(self) -> str:
        return f"COptional({self.inner.wire})"


class RecordType(Type):
    """`{ a: T, b: U }`, closed, or open with a row variable (`{ a: T | r }`, in signatures only).

    `fields` keeps declaration order; `by_name` is the same as a dict.
    """

    __slots__ = ("by_name", "fields", "row")
    __match_args__ = ("fields", "row")
    fields: tuple[tuple[str, Type], ...]
    row: str | None
    by_name: dict[str, Type]

    def __init__(self, fields: tuple[tuple[str, Type], ...] = (), row: str | None = None) -> None:
        by_name = dict(fields)
        if len(by_name) != len(fields):
            fields = tuple(by_name.items())
        inside = ", ".join(f"{name}: {type_.key}" for name, type_ in sorted(by_name.items()))
        self._seal(
            f"{{{inside}|{row}}}" if row is not None else f"{{{inside}}}", fields=fields, row=row, by_name=by_name
        )

    def __str__(self) -> str:
        inside = ", ".join(f"{name}: {type_}" for name, type_ in self.fields)
        if self.row is not None:
            return f"{{ {inside} | {self.row} }}" if inside else f"{{ | {self.row} }}"
        return f"{{ {inside} }}" if inside else "{}"

    @property
    def wire(self) -> str:
        return "CProduct(Map({}))".format(", ".join(f"{n} -> {t.wire}" for n, t in sorted(self.by_name.items())))


class UnionType(Type):
    """`A | B`. At least two members, flat, without duplicates; build with `relations.union_of`.

    A member's tag, for people and on the wire, is its printed type; `by_tag` maps tags to members. Equal types may be
    printed differently, so a value says which member it is by the member's `key`; `by_key` maps keys to members.
    """

    __slots__ = ("by_key", "by_tag", "members")
    __match_args__ = ("members",)
    members: tuple[Type, ...]
    by_tag: dict[str, Type]
    by_key: dict[str, Type]

    def __init__(self, members: tuple[Type, ...]) -> None:
        key = "(" + " | ".join(sorted(m.key for m in members)) + ")"
        self._seal(key, members=members, by_tag={str(m): m for m in members}, by_key={m.key: m for m in members})

    def __str__(self) -> str:
        return " | ".join(sorted(str(m) for m in self.members))

    @property
    def wire(self) -> str:
        return "CUnion(Map({}))".format(", ".join(f"{tag} -> {t.wire}" for tag, t in sorted(self.by_tag.items())))


class FunctionType(Type):
    """`(A, B) => C`: the type of a lambda; exists in signatures only."""

    __slots__ = ("parameters", "result")
    __match_args__ = ("parameters", "result")
    parameters: tuple[Type, ...]
    result: Type

    def __init__(self, parameters: tuple[Type, ...], result: Type) -> None:
        key = "({}) => {}".format(", ".join(p.key for p in parameters), result.key)
        self._seal(key, parameters=parameters, result=result)

    def __str__(self) -> str:
        return "({}) => {}".format(", ".join(map(str, self.parameters)), self.result)


class TypeVariable(Type):
    """A variable of a generic signature. `bounds` are the types it may stand for; empty means any."""

    __slots__ = ("bounds", "name")
    __match_args__ = ("name", "bounds")
    name: str
    bounds: tuple[Type, ...]

    def __init__(self, name: str, bounds: tuple[Type, ...] = ()) -> None:
        self._seal(f"'{name}[{'|'.join(b.key for b in bounds)}]", name=name, bounds=bounds)

    def __str__(self) -> str:
        if not self.bounds:
            return self.name
        names = [str(b) for b in self.bounds]
        return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else names[0]


class Bottom(Type):
    """`Nothing`: the type without values, a subtype of every type (the element type of `[]`)."""

    __slots__ = ()

    def __init__(self) -> None:
        self._seal("Nothing")

    def __str__(self) -> str:
        return "Nothing"

    @property
    def wire(self) -> str:
        return "CNothing"


class ErrorType(Type):
    """The type of what could not be typed. Compatible with everything, so that one mistake is reported once."""

    __slots__ = ()

    def __init__(self) -> None:
        self._seal("?")

    def __str__(self) -> str:
        return "?"

    @property
    def wire(self) -> str:
        return "CUnknown"


STRING: Final = Primitive("String")
INT: Final = Primitive("Int")
FLOAT: Final = Primitive("Float")
BOOLEAN: Final = Primitive("Boolean")
NOTHING: Final = Bottom()
ERROR: Final = ErrorType()

PRIMITIVES: Final[dict[str, Primitive]] = {p.name: p for p in (STRING, INT, FLOAT, BOOLEAN)}
