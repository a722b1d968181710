"""`stdlib.bool`: functions of Booleans.

Invariant: `and` and `or` in a program evaluate their second argument only when it matters; that is the engine's
doing, these functions get both.
"""

from __future__ import annotations

from collections.abc import Sequence

from constellation.stdlib.declare import Namespace, extended

namespace = Namespace("stdlib.bool")
standard = namespace.standard
added = extended(namespace)


@standard("and", "(a: Boolean, b: Boolean) -> Boolean")
def both(a: bool, b: bool) -> bool:
    """Whether both hold; the same as `a and b`, the second is only looked at when the first holds."""
    return a and b


@standard("or", "(a: Boolean, b: Boolean) -> Boolean")
def either(a: bool, b: bool) -> bool:
    """Whether at least one holds; the same as `a or b`, the second is only looked at when the first does not hold."""
    return a or b


@standard("not", "(value: Boolean) -> Boolean")
def negation(value: bool) -> bool:
    """The opposite; the same as `not value`."""
    return not value


@added("xor", "(a: Boolean, b: Boolean) -> Boolean")
def exclusive(a: bool, b: bool) -> bool:
    """Whether exactly one holds."""
    return a is not b


@added("all-true", "(values: List<Boolean>) -> Boolean")
def all_true(values: Sequence[bool]) -> bool:
    """Whether all hold; true for none."""
    return all(values)


@added("any-true", "(values: List<Boolean>) -> Boolean")
def any_true(values: Sequence[bool]) -> bool:
    """Whether at least one holds; false for none."""
    return any(values)
