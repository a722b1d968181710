"""The bounds every standard function keeps: 64-bit integers, finite floats, texts and lists of bounded size.

Invariant: a size is checked before the memory is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from constellation.stdlib.declare import StandardError

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
MAX_TEXT: Final = 10 * 2**20
"""Code points of a text a function may produce."""
MAX_ITEMS: Final = 1_000_000
"""Elements of a list a function may produce."""


def int64(value: int) -> int:
    """The integer, if it fits 64 bits."""
    if INT_MIN <= value <= INT_MAX:
        return value
    raise StandardError("integer overflow")


def finite(value: float) -> float:
    """The float, if it is a number."""
    if value - value == 0.0:
        return value
    raise StandardError("result is not a finite number")


def real(value: Any) -> Any:
    """The value of an ordered type, unless it is a Float that is no number."""
    return finite(value) if type(value) is float else value


def check_text(length: int) -> None:
    """Refuse a text of that many code points."""
    if length > MAX_TEXT:
        raise StandardError(f"result too large: more than {MAX_TEXT} characters")


def check_items(count: int) -> None:
    """Refuse a list of that many elements."""
    if count > MAX_ITEMS:
        raise StandardError(f"result too large: more than {MAX_ITEMS} elements")


def texts_joined(separator: str, pieces: Sequence[str]) -> str:
    """`separator.join(pieces)`, its size checked first."""
    check_text(sum(map(len, pieces)) + len(separator) * max(0, len(pieces) - 1))
    return separator.join(pieces)


def lists_joined(*lists: Sequence[Any]) -> list[Any]:
    """The lists one after the other, the size checked first."""
    check_items(sum(map(len, lists)))
    result: list[Any] = []
    for items in lists:
        result += items
    return result
