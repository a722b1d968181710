"""`stdlib.compare`: equality and order.

Invariant: equality is structural; order exists for Int, Float, String (by code point) and Boolean (false first).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from constellation.stdlib.declare import Namespace, Site, extended
from constellation.stdlib.equality import equality_for

namespace = Namespace("stdlib.compare")
standard = namespace.standard
added = extended(namespace)


@standard("eq-int", "(a: Int, b: Int) -> Boolean")
def eq_int(a: int, b: int) -> bool:
    """Whether two integers are equal."""
    return a == b


@standard("eq-string", "(a: String, b: String) -> Boolean")
def eq_string(a: str, b: str) -> bool:
    """Whether two texts are equal, code point by code point."""
    return a == b


@standard("gt", "(a: O, b: O) -> Boolean", aliases=("greater-than",))
def gt(a: Any, b: Any) -> bool:
    """Whether the first value is greater; the same as `a > b`."""
    return bool(a > b)


@standard("lt", "(a: O, b: O) -> Boolean", aliases=("less-than",))
def lt(a: Any, b: Any) -> bool:
    """Whether the first value is less; the same as `a < b`."""
    return bool(a < b)


@standard("gte", "(a: O, b: O) -> Boolean", aliases=("greater-or-equal",))
def gte(a: Any, b: Any) -> bool:
    """Whether the first value is greater or equal; the same as `a >= b`."""
    return bool(a >= b)


@standard("lte", "(a: O, b: O) -> Boolean", aliases=("less-or-equal",))
def lte(a: Any, b: Any) -> bool:
    """Whether the first value is less or equal; the same as `a <= b`."""
    return bool(a <= b)


@standard("eq", "(a: T, b: T) -> Boolean", "last (a: N, b: N) -> Boolean", aliases=("equals",), binder=True)
def eq(site: Site) -> Callable[[Any, Any], bool]:
    """Whether two values are equal, by structure; Int and Float by value."""
    return equality_for(site.parameter_types[0])


@standard("neq", "(a: T, b: T) -> Boolean", "last (a: N, b: N) -> Boolean", aliases=("not-equals",), binder=True)
def neq(site: Site) -> Callable[[Any, Any], bool]:
    """Whether two values differ, by structure; Int and Float by value."""
    equal = equality_for(site.parameter_types[0])
    return operator.ne if equal is operator.eq else lambda a, b: not equal(a, b)


@added("between", "(value: O, low: O, high: O) -> Boolean")
def between(value: Any, low: Any, high: Any) -> bool:
    """Whether a value lies between two bounds, both included."""
    return bool(low <= value <= high)


@added("approx-eq", "(a: N, b: N, tolerance: N) -> Boolean")
def approx_eq(a: Any, b: Any, tolerance: Any) -> bool:
    """Whether two numbers differ by no more than a tolerance."""
    return bool(abs(a - b) <= tolerance)
