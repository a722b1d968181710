"""Codecs of classes the language has no type for: a class, the type it travels as, and both directions.

Owns the table of registered codecs and the ready-made ones, which apply only once registered. Refuses to guess: a
class without codec is rejected where it is annotated.

Invariant: `from_value(to_value(x)) == x`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

from constellation.types.model import STRING, Type

C = TypeVar("C")


@dataclass(frozen=True, slots=True)
class Codec:
    """How instances of `cls` become values of `type` and back."""

    cls: type[Any]
    type: Type
    to_value: Callable[[Any], Any]
    from_value: Callable[[Any], Any]

    def register(self) -> None:
        """Make the codec known to every annotation resolved from now on."""
        with _lock:
            _registered[self.cls] = self


_lock: Final = threading.Lock()
_registered: Final[dict[type[Any], Codec]] = {}


def register_type(cls: type[C], ctype: Type, to_value: Callable[[C], object], from_value: Callable[[Any], C]) -> None:
    """Let `cls` be annotated: its instances travel as values of the language type `ctype`.

    `from_value` may raise `ValueError` for values that are no `cls`; the call then fails with that message.
    """
    Codec(cls, ctype, to_value, from_value).register()


def unregister_type(cls: type[Any]) -> None:
    """Forget the codec of `cls`; modules already defined keep it."""
    with _lock:
        _registered.pop(cls, None)


def codec_for(cls: type[Any]) -> Codec | None:
    """The registered codec of exactly this class."""
    return _registered.get(cls)


DATETIME: Final = Codec(datetime, STRING, datetime.isoformat, datetime.fromisoformat)
DATE: Final = Codec(date, STRING, date.isoformat, date.fromisoformat)
TIME: Final = Codec(time, STRING, time.isoformat, time.fromisoformat)
DECIMAL: Final = Codec(Decimal, STRING, str, Decimal)
UUID_TEXT: Final = Codec(UUID, STRING, str, UUID)

STANDARD: Final = (DATETIME, DATE, TIME, DECIMAL, UUID_TEXT)


def register_standard() -> None:
    """Register all ready-made codecs: ISO text for dates and times, decimal text, UUID text."""
    for codec in STANDARD:
        codec.register()
