"""How large types may become.

Owns the limits that keep small programs from making huge types (aliases that double in size, lists of thousands of
different records). Refuses to limit anything a person writes on purpose.

Invariant: work on a type within these limits is quick.
"""

from __future__ import annotations

from collections.abc import Sequence

from constellation.compiler.context import Context
from constellation.types.model import ERROR, Type, UnionType
from constellation.types.relations import least_upper_bound, nesting_depth
from constellation_grammar import syntax

__all__ = ["bounded", "upper_bound"]

LONGEST = 100_000
"""Characters in a type's own spelling."""

DEEPEST = 250
"""Levels of nesting."""

WIDEST = 250
"""Members of a union."""


def bounded(context: Context, type_: Type, at: syntax.Node) -> Type:
    """The type, or the error type (reported) when it is too large to work with."""
    size = len(type_.key)
    if size < 2 * DEEPEST:
        return type_
    too_wide = isinstance(type_, UnionType) and len(type_.members) > WIDEST
    if not too_wide and size <= LONGEST and nesting_depth(type_) <= DEEPEST:
        return type_
    return _too_large(context, at)


def upper_bound(context: Context, types: Sequence[Type], at: syntax.Node) -> Type:
    """The least upper bound of types; the error type (reported) when too many of them differ."""
    different = list(dict.fromkeys(types))
    if len(different) > WIDEST:
        return _too_large(context, at)
    return least_upper_bound(*different)


def _too_large(context: Context, at: syntax.Node) -> Type:
    context.report("type-too-large", at, {"depth": DEEPEST, "size": LONGEST, "width": WIDEST})
    return ERROR
