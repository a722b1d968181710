"""Language values: plain Python objects, with two wrappers of our own.

String `str` · Int `int` (64 bit) · Float `float` · Boolean `bool` · List, Seq `list` or `tuple`, never mutated ·
Map `dict` in insertion order · record `dict[str, value]` in declared field order · Optional `Some(value)` or `NONE` ·
union `Variant(tag, value)`.

Invariant: nobody mutates a value; modules and the engine share them by reference.
"""

from __future__ import annotations

from typing import Any, Final, final


@final
class Some:
    """A present optional. Layers nest: `Some(Some(1))`, `Some(NONE)`."""

    __slots__ = ("value",)
    __match_args__ = ("value",)
    value: Any

    def __init__(self, value: Any) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Some) and self.value == other.value

    def __hash__(self) -> int:
        return hash((Some, self.value))

    def __repr__(self) -> str:
        return f"Some({self.value!r})"


@final
class Absent:
    """The type of `NONE`, the absent optional. There is one instance."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NONE"

    def __bool__(self) -> bool:
        return False

    def __reduce__(self) -> str:
        return "NONE"


NONE: Final = Absent()


@final
class Variant:
    """A value of a union type together with its member's tag (the key of the member's type)."""

    __slots__ = ("tag", "value")
    __match_args__ = ("tag", "value")
    tag: str
    value: Any

    def __init__(self, tag: str, value: Any) -> None:
        self.tag = tag
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Variant) and self.tag == other.tag and self.value == other.value

    def __hash__(self) -> int:
        return hash((self.tag, self.value))

    def __repr__(self) -> str:
        return f"Variant({self.tag!r}, {self.value!r})"
