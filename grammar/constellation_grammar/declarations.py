"""Where the declarations of an edited text are, without cutting the whole text again.

Owns the offsets of a text's segments under edits. Refuses to parse; whether a piece of text is valid, it asks. Cuts a
window around an edit that begins at a declaration in front of it and goes on until a declaration behind it is found
again; from there on nothing can have changed.

Invariant: after `update`, the segments are those a cut of the whole text finds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import NamedTuple

from constellation_grammar.long_strings import going_on, last_witness
from constellation_grammar.segments import UNCLOSED, Segment, looks_unclosed, segment
from constellation_grammar.tokens import string_part

_BEFORE = 2
"""How many declarations before the edited one are cut again: an edit may undo the boundary before it."""
_BEHIND = 2
"""How many declarations behind the edit the first window holds."""
_ANYWHERE = -1
"""How far an unclosed string looks for its end when none follows."""


class Change(NamedTuple):
    """The segments `[first, old_stop)` of before became `[first, new_stop)`; those behind only moved."""

    first: int
    old_stop: int
    new_stop: int


class Declarations:
    """The segments of a text, told of every edit."""

    def __init__(self, text: str, is_valid: Callable[[str], bool]) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._reach: list[int] = []  # how far behind its end a segment's unclosed string may look; mostly 0
        self._length = 0
        self._is_valid = is_valid
        self._take(0, 0, text, 0, segment(text, going_on(text, is_valid)))

    def update(self, text: str, prefix: int, suffix: int) -> Change:
        """The text became `text`; its first `prefix` and last `suffix` code points are as they were."""
        shift = len(text) - self._length
        first = self._restart(text, prefix)
        begin = self._line_start(text, self.starts[first]) if first > 0 else 0
        behind = bisect_left(self.starts, self._length - suffix)
        reach = _BEHIND
        while True:
            stop = behind + reach
            end = self.starts[stop] + shift if stop < len(self.starts) else len(text)
            found = segment(text[begin:end], going_on(text, self._is_valid, begin))
            if end == len(text):
                return self._take(first, len(self.starts), text, begin, found)
            met = self._meet(text, begin, found, range(behind, stop), len(text) - suffix)
            if met is not None and not _undecided(text, begin, found[: met[0]], end):
                return self._take(first, met[1], text, begin, found[: met[0]])
            reach *= 4

    def _restart(self, text: str, prefix: int) -> int:
        """The segment to begin with: some before the edit, and the first on its line; 0 for the text's beginning.

        An unclosed string before the edit may end in it now, or go on until there.
        """
        first = max(bisect_right(self.starts, prefix) - 1 - _BEFORE, 0)
        if any(self._reach[:first]):
            for index, (end, reach) in enumerate(zip(self.ends[:first], self._reach, strict=False)):
                if reach and (_may_end_string(text, end) if reach == _ANYWHERE else end + reach >= prefix):
                    first = max(index - 1, 0)
                    break
        while first > 0 and not self._leads_line(text, self.starts[first]):
            first -= 1
        return max(first, 0)

    def _meet(self, text: str, begin: int, found: list[Segment], old: range, unchanged: int) -> tuple[int, int] | None:
        """A new segment and one of the old that are the same declaration behind the edit.

        It begins its line, and the line begins behind the edit: its column decides what may follow it.
        """
        shift = len(text) - self._length
        places = {self.starts[index] + shift: index for index in old if index < len(self.starts)}
        for index, new in enumerate(found):
            start = begin + new.start
            if start in places and self._leads_line(text, start) and self._line_start(text, start) > unchanged:
                return index, places[start]
        return None

    def _take(self, first: int, old_stop: int, text: str, begin: int, found: list[Segment]) -> Change:
        """Put the found segments in the place of the old ones, move the others."""
        shift = len(text) - self._length
        self.starts[first:] = [begin + s.start for s in found] + [s + shift for s in self.starts[old_stop:]]
        self.ends[first:] = [begin + s.end for s in found] + [e + shift for e in self.ends[old_stop:]]
        self._reach[first:old_stop] = [_reach(text, begin, part) for part in found]
        self._length = len(text)
        return Change(first, old_stop, first + len(found))

    def _leads_line(self, text: str, start: int) -> bool:
        return not text[self._line_start(text, start) : start].strip(" \t\r")

    @staticmethod
    def _line_start(text: str, offset: int) -> int:
        return text.rfind("\n", 0, offset) + 1


def _undecided(text: str, begin: int, found: list[Segment], end: int) -> bool:
    """Whether an unclosed string in these segments might end behind the window they were cut from."""
    for part in found:
        for kind, _, start, _ in part.tokens:
            if kind == UNCLOSED:
                last, closer = string_part(text, begin + start)
                # a plain quoted string ends at the next quote, whatever stands before it
                if (closer and last > end) or text.find('"', begin + start + 1) >= end:
                    return True
    return False


def _reach(text: str, begin: int, part: Segment) -> int:
    """How far behind its end the cut of a segment depends on the text, because of strings that may be unclosed."""
    farthest = part.end
    for token in part.tokens:
        kind, _, start, end = token
        if looks_unclosed(token):
            farthest = max(farthest, last_witness(text, begin + end) - begin)
        elif kind == UNCLOSED:
            last, closer = string_part(text, begin + start)
            plain = text.find('"', begin + start + 1)
            if not closer or plain < 0:
                return _ANYWHERE
            farthest = max(farthest, last_witness(text, max(last, plain + 1)) - begin)
    return farthest - part.end


def _may_end_string(text: str, start: int) -> bool:
    """Whether something behind `start` could end a string part that is open there."""
    return text.find('"', start) >= 0 or text.find("${", start) >= 0
