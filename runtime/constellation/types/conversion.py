"""Conversions between Python objects and language values: what `hints.py` makes of an annotation.

Owns the shape of a conversion and the error of a failed one. Refuses to know annotations.

Invariant: `from_value(to_value(x))` equals `x` for every object the annotation describes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from constellation.errors import ConstellationError
from constellation.types.model import Type

Converter = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Conversion:
    """One annotation as a type with its two directions.

    `to_value` checks a Python object and makes it a language value (None: anything passes unchanged, for type
    variables). `from_value` makes the annotated Python object of a language value (None: the value itself).
    `accepts` says cheaply whether an object looks like one of these; unions choose with it.
    """

    type: Type
    to_value: Converter | None
    from_value: Converter | None
    accepts: Callable[[Any], bool]


class ConversionError(ConstellationError):
    """A Python object is not what its annotation promised. `path` leads to the part that is wrong."""

    default_code = "TYPE_CONVERSION"
    default_category = "type"

    def __init__(self, expected: str, got: str, path: str = "") -> None:
        self.expected = expected
        self.got = got
        self.path = path
        super().__init__(f"{path}: expected {expected}, got {got}" if path else f"expected {expected}, got {got}")

    def under(self, prefix: str) -> ConversionError:
        """The same error seen from one level further out; `prefix` is a field name or `[i]`."""
        joiner = "" if not self.path or self.path.startswith("[") else "."
        return ConversionError(self.expected, self.got, f"{prefix}{joiner}{self.path}")


class ReturnedValueError(ConversionError):
    """A body returned something other than the type it declares."""

    def __init__(self, error: ConversionError) -> None:
        super().__init__(error.expected, error.got, error.under("result").path if error.path else "")
        self.message = f"returned value does not match declared type: {self.message}"


def kind_of(value: object) -> str:
    """What a message calls a Python object: None, or its class."""
    return "None" if value is None else type(value).__name__
