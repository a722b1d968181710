"""`stdlib.convert`: between texts and numbers.

Invariant: texts are read in one fixed form (ASCII digits, `.` as decimal point), whatever the locale.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any, Final

from constellation.stdlib.declare import Namespace, Site, StandardError, extended
from constellation.stdlib.limits import INT_MAX, INT_MIN, finite, int64, text_form
from constellation.types.model import FLOAT, INT
from constellation.types.text import render_float
from constellation.types.values import NONE, Absent, Some

namespace = Namespace("stdlib.convert")
standard = namespace.standard
added = extended(namespace)

_INT: Final = re.compile(r"[+-]?[0-9]+")
_FLOAT: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST_INT: Final = 400


@standard("to-string", "(value: T) -> String", aliases=("int-to-string",))
def to_string(value: Any) -> str:
    """The text form of a value: what `${…}` writes."""
    return text_form(value)


def unchanged(value: Any) -> Any:
    """The value itself."""
    return value


def read_int(text: str) -> int | None:
    """The integer a text spells, unbounded; None when it spells none."""
    digits = text.strip()
    if not _INT.fullmatch(digits):
        return None
    if len(digits) > _LONGEST_INT:
        digits = digits[0].lstrip("0") + digits[1:].lstrip("0") or "0"
    return int(digits) if len(digits) <= _LONGEST_INT else INT_MAX + 1


def read_float(text: str) -> float | None:
    """The finite number a text spells; None when it spells none."""
    digits = text.strip()
    if not _FLOAT.fullmatch(digits):
        return None
    value = float(digits)
    return value if math.isfinite(value) else None


def text_to_int(text: str) -> int:
    """The integer a text spells."""
    value = read_int(text)
    if value is None:
        raise StandardError(f"cannot convert '{text}' to Int")
    return int64(value)


def float_to_int(value: float) -> int:
    """A Float truncated toward zero."""
    return int64(math.trunc(finite(value)))


def text_to_float(text: str) -> float:
    """The number a text spells."""
    value = read_float(text)
    if value is None:
        raise StandardError(f"cannot convert '{text}' to Float")
    return value


@standard("to-int", "(value: Float) -> Int", "(value: String) -> Int", "(value: Int) -> Int", binder=True)
def to_int(site: Site) -> Callable[[Any], int]:
    """A Float truncated toward zero, or the integer a text spells (whitespace around it is ignored). Fails with
    `cannot convert '<text>' to Int`, `integer overflow`."""
    kind = site.parameter_types[0]
    return unchanged if kind == INT else float_to_int if kind == FLOAT else text_to_int


@standard("to-float", "(value: Int) -> Float", "(value: String) -> Float", "(value: Float) -> Float", binder=True)
def to_float(site: Site) -> Callable[[Any], float]:
    """An Int as Float, or the number a text spells: decimal, with an optional exponent. Fails with `cannot convert
    '<text>' to Float`."""
    kind = site.parameter_types[0]
    return unchanged if kind == FLOAT else float if kind == INT else text_to_float


def grouped(number: Any) -> str:
    """A number with a comma after every three digits."""
    if type(number) is int:
        return f"{number:,}"
    text = render_float(finite(number))
    if "e" in text:
        text = f"{number:.1f}" if abs(number) >= 1 else _plain(number)
    whole, _, decimals = text.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}" + (f".{decimals}" if decimals else "")


def _plain(number: float) -> str:
    from decimal import Decimal

    return f"{Decimal(repr(number)):f}"


def grouped_to(number: Any, decimals: int) -> str:
    """A number with that many decimals, grouped; the exact binary value rounded half to even."""
    if not 0 <= decimals <= 20:
        raise StandardError("decimals must be between 0 and 20")
    if type(number) is int:
        return f"{number:,}" + ("." + "0" * decimals if decimals else "")
    return f"{finite(number):,.{decimals}f}"


@standard("format-number", "(number: N) -> String", "(number: N, decimals: Int) -> String", binder=True)
def format_number(site: Site) -> Callable[..., str]:
    """A number with a comma after every three digits, if wanted with a fixed number of decimals. Fails with
    `decimals must be between 0 and 20`."""
    return grouped if len(site.parameter_types) == 1 else grouped_to


@added("parse-int", "(text: String) -> Optional<Int>")
def parse_int(text: str) -> Some | Absent:
    """The integer a text spells, if it does."""
    value = read_int(text)
    return Some(value) if value is not None and INT_MIN <= value <= INT_MAX else NONE


@added("parse-float", "(text: String) -> Optional<Float>")
def parse_float(text: str) -> Some | Absent:
    """The number a text spells, if it does."""
    value = read_float(text)
    return NONE if value is None else Some(value)


@added("parse-bool", "(text: String) -> Optional<Boolean>")
def parse_bool(text: str) -> Some | Absent:
    """True or false for the texts `true` and `false` in any case, nothing for others."""
    found = {"true": True, "false": False}.get(text.strip().lower())
    return NONE if found is None else Some(found)
