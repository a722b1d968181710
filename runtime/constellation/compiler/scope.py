"""What a program's names stand for at one point of it.

Owns the entries of the variable and type name spaces. Refuses to resolve functions (`resolver.py`).

Invariant: entries are compared by identity; an entry that is still the same object after an edit means the same.
"""

from __future__ import annotations

from msgspec import Struct

from constellation.types.model import Type
from constellation_grammar.syntax import Name

__all__ = ["Local", "TypeEntry", "Variable"]


class Variable(Struct, frozen=True, eq=False):
    """An input or a binding. `key` is the binding's key (`total#1`), empty for an input.

    `declaration` is the name where it is introduced, its span relative to its statement.
    """

    name: str
    type: Type
    key: str
    declaration: Name

    @property
    def is_input(self) -> bool:
        """Whether it is an input and no binding."""
        return not self.key


class TypeEntry(Struct, frozen=True, eq=False):
    """A type defined by the program."""

    name: str
    type: Type
    declaration: Name


class Local(Struct, frozen=True, eq=False):
    """A lambda parameter or a field bound by a pattern.

    `level` counts the enclosing lambdas (of a parameter) or record patterns (of a bound field) outside its own;
    `type` is what arrives, `seen_as` what the body sees (an annotation may be wider). `index` is -1 for bound fields.
    """

    name: str
    type: Type
    seen_as: Type
    level: int
    index: int
    declaration: Name
