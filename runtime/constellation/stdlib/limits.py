"""The bounds every standard function keeps: 64-bit integers, finite floats, texts and lists of bounded size.

Invariant: a size is checked before the memory is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from constellation.stdlib.declare import StandardError
from constellation.types.text import render_text
from constellation.types.values import Some, Variant

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


def check_text_form(value: Any) -> None:
    """Refuse a value whose text form, or JSON, is certainly too long, without writing it: lists may hold one long text
    many times."""
    length = 0
    waiting = [value]
    while waiting:
        found = waiting.pop()
        kind: Any = found.__class__
        if kind is str:
            length += len(found)
        elif kind is list or kind is tuple:
            length += 2 * len(found)
            waiting += found
        elif kind is dict:
            length += 2 * len(found)
            waiting += found
            waiting += found.values()
        elif kind is Some or kind is Variant:
            waiting.append(found.value)
        check_text(length)


_SHORT: Final = frozenset((int, float, bool))
"""Classes of values whose text is never long."""


def text_form(value: Any) -> str:
    """The text form of a value, its size checked."""
    if value.__class__ in _SHORT:
        return render_text(value)
    check_text_form(value)
    text = render_text(value)
    check_text(len(text))
    return text


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
