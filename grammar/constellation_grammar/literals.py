"""Literals: from the characters of a token to its value, and everything that may be wrong with them.

Owns the checks that a lexer cannot make (ranges, leading zeros, escapes). Pure functions on text and position, used
by both front ends, so that both reject the same literal with the same words at the same place. Invariant: a function
returns a node that spans exactly its token, or raises `Mistake`.
"""

from __future__ import annotations

import re
from math import copysign, isinf

from constellation_grammar.syntax import Duration, Expression, FloatLiteral, IntLiteral, Negation, SyntaxProblem

LARGEST_INT = 2**63 - 1
"""The largest Int. Its neighbour 2⁶³ is a literal only with a touching minus; `limits.py` refuses it elsewhere."""

_ESCAPE = re.compile(r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|(.)|\Z)", re.S)
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", '"': '"', "$": "$"}
_DURATION = re.compile(r"([0-9]+)(ms|s|min|h|d)")
_DIGITS_OF_LARGEST_INT = 19
_DIGITS_OF_LARGEST_COUNT = 100


class Mistake(Exception):
    """A piece of text that looks like a construct but is none. Carries the problem to report."""

    def __init__(self, start: int, end: int, slug: str, message: str, *suggestions: str) -> None:
        super().__init__(message)
        self.problem = SyntaxProblem(start, end, message, slug, suggestions)


def unescape(raw: str, start: int) -> str:
    """The text a string literal's characters denote. `raw` has no quotes around it and begins at `start`."""
    if "\\" not in raw:
        return raw

    def resolve(match: re.Match[str]) -> str:
        first, last = start + match.start(), start + match.end()
        if match[1] is not None:
            number = int(match[1], 16)
            if number > 0x10FFFF or 0xD800 <= number < 0xE000:
                raise Mistake(first, last, "bad-escape", f"'{match[0]}' is not a character: use a Unicode scalar value")
            return chr(number)
        plain = _PLAIN_ESCAPES.get(match[2])
        if plain is None:
            raise Mistake(
                first, last, "bad-escape", f"Unknown escape '{match[0]}': use \\n \\t \\r \\\\ \\\" \\$ \\u{{…}}"
            )
        return plain

    return _ESCAPE.sub(resolve, raw)


def check_digits(text: str, start: int) -> None:
    """Refuse leading zeros in a number's integer part."""
    if text[0] == "0" and len(text) > 1 and text[1].isdigit():
        plain = text.lstrip("0")
        plain = plain if plain[:1].isdigit() else "0" + plain
        raise Mistake(start, start + len(text), "bad-name", f"A number has no leading zeros: write {_short(plain)}")


def integer(text: str, start: int) -> IntLiteral:
    """An unsigned integer literal. 2⁶³ passes here, see `LARGEST_INT`."""
    check_digits(text, start)
    if len(text) > _DIGITS_OF_LARGEST_INT or int(text) > LARGEST_INT + 1:
        raise too_large(start, start + len(text))
    return IntLiteral(start, start + len(text), int(text))


def floating(text: str, start: int) -> FloatLiteral:
    """An unsigned float literal."""
    check_digits(text, start)
    value = float(text)
    if isinf(value):
        raise Mistake(
            start, start + len(text), "number-out-of-range", "The number is too large for a Float: the limit is 1.8e308"
        )
    return FloatLiteral(start, start + len(text), value)


def duration(text: str, start: int) -> Duration:
    """A duration such as `30s`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Mistake(
            start, start + len(text), "bad-option-value", "Expected a duration such as 30s (ms, s, min, h, d)"
        )
    check_digits(match[1], start)
    return Duration(start, start + len(text), count_of(match[1], start), match[2])


def count_of(digits: str, start: int) -> int:
    """The value of the digits in an option's value. How large it may be is the checker's business."""
    check_digits(digits, start)
    if len(digits) > _DIGITS_OF_LARGEST_COUNT:
        raise too_large(start, start + len(digits))
    return int(digits)


def negative_count(start: int, digits: str, digits_start: int) -> IntLiteral:
    """A count with a minus at `start`; the minus must touch the digits."""
    if digits_start != start + 1:
        raise Mistake(start, digits_start, "bad-option-value", "The minus must touch the number")
    return IntLiteral(start, digits_start + len(digits), -count_of(digits, digits_start))


def signed(start: int, value: Expression) -> Expression:
    """What a minus at `start` makes of the operand: a literal it touches takes the sign, all else is negated."""
    if value.start == start + 1 and not _has_sign(value):
        if isinstance(value, IntLiteral):
            return IntLiteral(start, value.end, -value.value)
        if isinstance(value, FloatLiteral):
            return FloatLiteral(start, value.end, -value.value)
    return Negation(start, value.end, value)


def _has_sign(value: Expression) -> bool:
    if isinstance(value, IntLiteral):
        return value.value < 0 or (value.value == 0 and value.end - value.start > 1)
    return isinstance(value, FloatLiteral) and copysign(1.0, value.value) < 0


def too_large(start: int, end: int) -> Mistake:
    """The mistake of an integer beyond 64 bits."""
    message = f"An integer literal out of range: the largest Int is {LARGEST_INT}"
    return Mistake(start, end, "number-out-of-range", message)


def _short(text: str) -> str:
    return text if len(text) <= 20 else text[:17] + "…"
