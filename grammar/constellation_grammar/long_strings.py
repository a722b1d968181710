"""The benefit of the doubt for strings over several lines.

A string whose second line reads like a declaration was most likely never closed. But it may be a text that begins a
line with `in` or `type`. Owns the decision: such a string goes on if the declaration around it is valid that way.
Refuses to parse; whether a text is valid, it asks.

Invariant: the decision depends on a bounded piece of text around the string alone (`last_witness` tells how far).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from constellation_grammar.tokens import TRIVIA, WORD, WORD_END

GoesOn = Callable[[int, int, int], bool]
"""Whether the string `[start, end)` of the declaration that begins at the third offset goes on over its lines."""

_LONGEST = 10_000
_PIECES = 5
_HEAD = re.compile(rf"^(?:@|(?:in|out|use|type){WORD_END}(?!{TRIVIA}:)|{WORD}{TRIVIA}=(?![=>]))", re.M)


def going_on(text: str, is_valid: Callable[[str], bool], begin: int = 0) -> GoesOn:
    """The decision for strings of `text`, for somebody who counts offsets from `begin`."""

    def decide(start: int, end: int, declaration: int) -> bool:
        first = begin + declaration
        return any(is_valid(text[first:stop]) for stop in _stops(text, first, begin + end))

    return decide


def last_witness(text: str, end: int) -> int:
    """How far the decision on a string that ends at `end` looks, at most."""
    stops = _stops(text, end, end)
    head = _HEAD.match(text, stops[-1]) if len(stops) == _PIECES else None
    return head.end() + 1 if head is not None else end + _LONGEST


def _stops(text: str, declaration: int, end: int) -> list[int]:
    """Where the declaration may end: in front of the next lines that read like the head of another."""
    stops: list[int] = []
    at = end
    while len(stops) < _PIECES and at - declaration <= _LONGEST:
        head = _HEAD.search(text, at)
        stop = head.start() if head is not None else len(text)
        if stop - declaration > _LONGEST:
            break
        stops.append(stop)
        if head is None:
            break
        at = stop + 1
    return stops
