"""The grammar of configuration values: text → bool, duration, size, number, choice.

Owns parsing one value and saying what is wrong with it. Refuses to know which settings exist. Invariant: a parser
either returns a value inside its documented range or raises ValueError with a sentence that names the accepted form.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

Parse = Callable[[str], Any]

_TRUE: Final = frozenset({"true", "1", "yes", "on"})
_FALSE: Final = frozenset({"false", "0", "no", "off"})
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h)?")
_SECONDS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, None: 1.0}
LONGEST: Final = 876_000 * 3600.0
"""A hundred years in seconds: what is longer cannot be reckoned with."""
_SIZE: Final = re.compile(r"(\d+)\s*([kKmMgG])?")
_FACTORS: Final = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}


def boolean(text: str) -> bool:
    """`true|1|yes|on` or `false|0|no|off`, any case."""
    lowered = text.strip().lower()
    if lowered in _TRUE:
        return True
    if lowered in _FALSE:
        return False
    raise ValueError(f"expected true or false, got {text!r}")


def duration(text: str) -> float:
    """Seconds: digits with `ms`, `s`, `m`, `min` or `h`; bare digits are seconds."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected a duration such as 500ms, 30s, 5m or 1h, got {text!r}")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if seconds > LONGEST:
        raise ValueError(f"expected a duration of at most {show_duration(LONGEST)}, got {text[:40]!r}")
    return seconds


def size(text: str) -> int:
    """Bytes: digits with an optional `K`, `M` or `G` (powers of 1024)."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"expected a size such as 65536, 64K or 10M, got {text!r}")
    return int(match[1]) * _FACTORS[(match[2] or "").lower()]


def integer(low: int | None = None, high: int | None = None) -> Parse:
    """A whole number in a range."""
    wanted = "a whole number"
    if low is not None and high is not None:
        wanted += f" from {low} to {high}"
    elif low is not None:
        wanted += f" of at least {low}"

    def parse(text: str) -> int:
        try:
            number = int(text.strip())
        except ValueError:
            raise ValueError(f"expected {wanted}, got {text!r}") from None
        if (low is not None and number < low) or (high is not None and number > high):
            raise ValueError(f"expected {wanted}, got {number}")
        return number

    return parse


def choice(*names: str) -> Parse:
    """One of a few words, any case; hyphens may be left out."""
    known = {name.lower().replace("-", ""): name for name in names}

    def parse(text: str) -> str:
        found = known.get(text.strip().lower().replace("-", ""))
        if found is None:
            raise ValueError(f"expected one of {', '.join(names)}, got {text!r}")
        return found

    return parse


def text(value: str) -> str:
    """Any non-empty text."""
    if not value.strip():
        raise ValueError("expected a value, got an empty text")
    return value.strip()


def path(value: str) -> Path:
    """A file or folder."""
    return Path(text(value)).expanduser()


def show_duration(seconds: float) -> str:
    """A duration in the spelling `duration` reads, in the largest unit that keeps it whole: `5m`, `90s`, `1ms`."""
    milliseconds = round(seconds * 1000)
    for unit, length in (("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if milliseconds and milliseconds % length == 0:
            return f"{milliseconds // length}{unit}"
    return f"{milliseconds}ms"
