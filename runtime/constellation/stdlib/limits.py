"""The bounds every standard function keeps: 64-bit integers, finite floats, texts and lists of bounded size.

Invariant: a size is checked before the memory is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from constellation.stdlib.declare import StandardError
from constellation.types import text

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
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
    if length > text.MAX_TEXT:
        raise StandardError(str(text.TextTooLong()))


def check_items(count: int) -> None:
    """Refuse a list of that many elements."""
    if count > MAX_ITEMS:
        raise StandardError(f"result too large: more than {MAX_ITEMS} elements")


def check_text_form(value: Any) -> None:
    """Refuse a value whose text form, or JSON, is certainly too long."""
    try:
        text.check_text_form(value)
    except text.TextTooLong as problem:
        raise StandardError(str(problem)) from None


def text_form(value: Any) -> str:
    """The text form of a value, its size checked."""
    try:
        return text.text_form(value)
    except text.TextTooLong as problem:
        raise StandardError(str(problem)) from None


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
