"""Structural equality of values, and keys to find equal values by hash.

Invariant: `key(a) == key(b)` exactly when the values are equal: lists by elements, maps and records whatever their
order, Int and Float by value.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from constellation.types.model import Bottom, Primitive, Type
from constellation.types.values import Some, Variant

Key = Callable[[Any], Any]


def key(value: Any) -> Any:
    """A hashable object equal for equal values."""
    kind: Any = value.__class__
    if kind is list or kind is tuple:
        return ("list", *map(key, value))
    if kind is dict:
        return ("entries", frozenset((key(k), key(v)) for k, v in value.items()))
    if kind is Some:
        return ("some", key(value.value))
    if kind is Variant:
        return ("variant", value.tag, key(value.value))
    return value


def key_for(type_: Type) -> Key | None:
    """The cheapest key for values of a type; None when the values are their own keys."""
    return None if isinstance(type_, Primitive | Bottom) else key


def equal(left: Any, right: Any) -> bool:
    """Whether two values are structurally equal."""
    return bool(left == right) or bool(key(left) == key(right))


def equality_for(type_: Type) -> Callable[[Any, Any], bool]:
    """The cheapest equality for values of a type."""
    return operator.eq if isinstance(type_, Primitive) else equal
