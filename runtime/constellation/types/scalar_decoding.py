"""Plain scalars → language values, and the misfit every decoder raises.

Owns what is accepted as a text, a number or a truth value. Refuses containers (`decoding.py`).

Invariant: `bool` is never a number, an Int always fits 64 bits, and no text is a number but the three special floats.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan
from typing import Any, Final

from constellation.types.foreign import as_plain, kind_of_plain

Decode = Callable[[Any], Any]
Found = tuple[str, str, str, str]

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1
_SPECIAL: Final = {"NaN": nan, "Infinity": inf, "-Infinity": -inf}


class Misfit(Exception):
    """Raised inside decoders: (path, expected, got, sentence) of one or more problems, paths relative."""

    def __init__(self, *found: Found) -> None:
        super().__init__()
        self.found = found

    def under(self, prefix: str) -> list[Found]:
        """The problems seen from one level further out."""
        return [(_joined(prefix, path), expected, got, text) for path, expected, got, text in self.found]


def _joined(prefix: str, path: str) -> str:
    return prefix + path if not path or path.startswith("[") else f"{prefix}.{path}"


def expected(type_name: str, raw: object) -> Misfit:
    """The misfit of a value of another kind."""
    got = kind_of_plain(raw)
    return Misfit(("", type_name, got, f"expected {type_name}, got {got}"))


def nothing(raw: Any) -> Any:
    """The type without values accepts none."""
    raise expected("Nothing", raw)


def _string(raw: Any) -> str:
    if type(raw) is str:
        return raw
    plain = as_plain(raw)
    if type(plain) is str:
        return plain
    raise expected("String", raw)


def _int(raw: Any) -> int:
    if type(raw) is not int:
        raw = _whole(raw)
    if INT_MIN <= raw <= INT_MAX:
        return int(raw)
    raise Misfit(("", "Int", "integer out of range", "integer out of range"))


def _whole(raw: Any) -> int:
    plain = raw if type(raw) is float else as_plain(raw)
    if isinstance(plain, int) and not isinstance(plain, bool):
        return int(plain)
    if isinstance(plain, float):
        if plain.is_integer():
            return int(plain)
        raise Misfit(("", "Int", f"number {plain!r}", f"expected Int, got number {plain!r}"))
    raise expected("Int", raw)


def _float(raw: Any) -> float:
    if type(raw) is float:
        return raw
    plain = as_plain(raw)
    if isinstance(plain, str) and plain in _SPECIAL:
        return _SPECIAL[plain]
    if isinstance(plain, int | float) and not isinstance(plain, bool):
        try:
            return float(plain)
        except OverflowError:
            raise Misfit(("", "Float", "number out of range", "number out of range")) from None
    raise expected("Float", raw)


def _boolean(raw: Any) -> bool:
    if type(raw) is bool:
        return raw
    plain = as_plain(raw)
    if type(plain) is bool:
        return plain
    raise expected("Boolean", raw)


SCALARS: Final[dict[str, Decode]] = {"String": _string, "Int": _int, "Float": _float, "Boolean": _boolean}
