"""The values options take: reading each kind, and saying what is wrong with it.

Owns durations, counts, rates, words and stream shapes. Refuses to know which option takes which kind (`options.py`).

Invariant: a reader returns the normal form or raises `Invalid`; a value of another kind (which the parser has
reported) raises `Invalid` without a constraint.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from constellation.image.graph import Window
from constellation_grammar import syntax

__all__ = [
    "Invalid",
    "count",
    "duration",
    "milliseconds",
    "priority",
    "rate",
    "stream_shape",
    "word",
    "written",
]

MILLISECONDS: Final[Mapping[str, int]] = {"ms": 1, "s": 1_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
PRIORITIES: Final[Mapping[str, int]] = {"critical": 100, "high": 80, "normal": 50, "low": 20, "background": 0}
LARGEST: Final = 2**31 - 1
LONGEST_MS: Final = 2**53 - 1

Value = syntax.OptionValue


class Invalid(Exception):
    """A value an option does not take. `constraint` completes `Invalid value for 'x': v (…)`."""

    def __init__(self, constraint: str = "") -> None:
        super().__init__(constraint)
        self.constraint = constraint


def milliseconds(value: syntax.Duration) -> int:
    """A duration in milliseconds."""
    return value.count * MILLISECONDS.get(value.unit, 1)


def count(least: int) -> Callable[[Value], int]:
    """A reader of integers that are at least 0 or 1."""
    constraint = "must be >= 0" if least == 0 else "must be > 0"

    def read(value: Value) -> int:
        if not isinstance(value, syntax.IntLiteral):
            raise Invalid
        if value.value < least:
            raise Invalid(constraint)
        if value.value > LARGEST:
            raise Invalid(f"must be <= {LARGEST}")
        return value.value

    return read


def duration(value: Value) -> int:
    """A duration above zero, in milliseconds."""
    if not isinstance(value, syntax.Duration):
        raise Invalid
    return _positive(milliseconds(value))


def _positive(number: int) -> int:
    if number <= 0:
        raise Invalid("must be > 0")
    if number > LONGEST_MS:
        raise Invalid(f"must be <= {LONGEST_MS}ms")
    return number


def rate(value: Value) -> tuple[int, int]:
    """`100/1min` as (100, 60000)."""
    if not isinstance(value, syntax.Rate):
        raise Invalid
    if value.count > LARGEST:
        raise Invalid(f"must be <= {LARGEST}")
    return _positive(value.count), _positive(milliseconds(value.per))


def word(*known: str) -> Callable[[Value], str]:
    """A reader of one word out of a closed set."""

    def read(value: Value) -> str:
        if not isinstance(value, syntax.Word) or value.arguments is not None or value.name not in known:
            raise Invalid
        return value.name

    return read


def priority(value: Value) -> int:
    """A priority by name or number, clamped to 0-100."""
    if isinstance(value, syntax.IntLiteral):
        if abs(value.value) > LARGEST:
            raise Invalid(f"must be between {-LARGEST} and {LARGEST}")
        return min(100, max(0, value.value))
    if isinstance(value, syntax.Word) and value.arguments is None and value.name in PRIORITIES:
        return PRIORITIES[value.name]
    raise Invalid


def stream_shape(shapes: Mapping[str, str]) -> Callable[[Value], Window]:
    """A reader of `sliding(10min, 1min)` and the like; `shapes` gives each word's arguments (d duration, n count)."""

    def read(value: Value) -> Window:
        if not isinstance(value, syntax.Word) or value.name not in shapes:
            raise Invalid
        arguments = value.arguments or ()
        wanted = shapes[value.name]
        if len(arguments) != len(wanted):
            raise Invalid
        numbers: list[int] = []
        for kind, argument in zip(wanted, arguments, strict=True):
            if isinstance(argument, syntax.Duration) != (kind == "d"):
                raise Invalid
            number = milliseconds(argument) if isinstance(argument, syntax.Duration) else argument.value
            if kind == "n" and number > LARGEST:
                raise Invalid(f"must be <= {LARGEST}")
            numbers.append(_positive(number))
        if value.name == "sliding" and numbers[1] > numbers[0]:
            raise Invalid("the step must not be longer than the window")
        return Window(value.name, tuple(numbers))

    return read


def written(value: Value) -> str:
    """An option's value as it was written."""
    if isinstance(value, syntax.IntLiteral):
        return str(value.value)
    if isinstance(value, syntax.Duration):
        return f"{value.count}{value.unit}"
    if isinstance(value, syntax.Rate):
        return f"{value.count}/{written(value.per)}"
    if isinstance(value, syntax.Quoted):
        return f'"{value.value}"'
    if isinstance(value, syntax.Word):
        inside = "" if value.arguments is None else f"({', '.join(map(written, value.arguments))})"
        return value.name + inside
    return "true" if isinstance(value, syntax.BooleanLiteral) and value.value else "this"
