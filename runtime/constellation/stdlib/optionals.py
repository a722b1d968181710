"""`stdlib.optional`: values that may be absent.

Invariant: layers of optionals are kept apart; nothing is unwrapped that was not asked for.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from constellation.stdlib.declare import Namespace, StandardError, extended, twin
from constellation.types.values import NONE, Absent, Some

namespace = Namespace("stdlib.optional")
standard = namespace.standard
added = extended(namespace)

Maybe = Some | Absent


@standard("coalesce", "(value: Optional<T>, default: T) -> T", aliases=("or-else",))
def coalesce(value: Maybe, default: Any) -> Any:
    """The content of an optional, or a default; the function form of `value ?? default`."""
    return value.value if isinstance(value, Some) else default


@standard("is-some", "(value: Optional<T>) -> Boolean", aliases=("exists",))
def is_some(value: Maybe) -> bool:
    """Whether an optional has content."""
    return value is not NONE


@added("is-none", "(value: Optional<T>) -> Boolean")
def is_none(value: Maybe) -> bool:
    """Whether an optional has no content."""
    return value is NONE


@added("some", "(value: T) -> Optional<T>")
def some(value: Any) -> Some:
    """An optional with a value as its content."""
    return Some(value)


@added("require", "(value: Optional<T>, message: String) -> T")
def require(value: Maybe, message: str) -> Any:
    """The content of an optional. Fails with the given message when there is none."""
    if isinstance(value, Some):
        return value.value
    raise StandardError(message)


async def _await_map(value: Maybe, transform: Callable[[Any], Awaitable[Any]]) -> Maybe:
    return Some(await transform(value.value)) if isinstance(value, Some) else NONE


@added("map-optional", "(value: Optional<T>, transform: (T) => U) -> Optional<U>")
@twin(_await_map)
def map_optional(value: Maybe, transform: Callable[[Any], Any]) -> Maybe:
    """What a lambda makes of the content of an optional, if there is any."""
    return Some(transform(value.value)) if isinstance(value, Some) else NONE


@added("first-some", "(values: List<Optional<T>>) -> Optional<T>")
def first_some(values: Sequence[Maybe]) -> Maybe:
    """The first optional with content, if there is one."""
    return next((value for value in values if value is not NONE), NONE)


@added("compact", "(values: List<Optional<T>>) -> List<T>")
def compact(values: Sequence[Maybe]) -> list[Any]:
    """The contents of those optionals that have one."""
    return [value.value for value in values if isinstance(value, Some)]
