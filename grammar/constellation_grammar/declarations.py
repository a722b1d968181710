"""Where the declarations of an edited text are, without cutting the whole text again.

Owns the offsets of a text's segments under edits. Refuses to parse. Cuts a window around an edit that begins at a
declaration in front of it and goes on until a declaration behind it is found again; from there on nothing can have
changed. Invariant: after `update`, the segments are those `segment` finds in the whole text.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import NamedTuple

from constellation_grammar.segments import UNCLOSED, Segment, segment

_BEFORE = 2
"""How many declarations before the edited one are cut again: an edit may undo the boundary before it."""
_BEHIND = 2
"""How many declarations behind the edit the first window holds."""


class Change(NamedTuple):
    """The segments `[first, old_stop)` of before became `[first, new_stop)`; those behind only moved."""

    first: int
    old_stop: int
    new_stop: int


class Declarations:
    """The segments of a text. `loose` says which hold a string that ends only because no quote follows anywhere."""

    def __init__(self, text: str) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []
        self._loose: list[bool] = []
        self._length = 0
        self._take(0, 0, text, 0, segment(text), len(text))

    def update(self, text: str, prefix: int, suffix: int) -> Change:
        """The text became `text`; its first `prefix` and last `suffix` code points are as they were."""
        shift = len(text) - self._length
        first = self._restart(text, prefix)
        if first > 0 and any(self._loose[:first]) and '"' in text[self.ends[self._loose.index(True)] :]:
            first = 0
        begin = self._line_start(text, self.starts[first]) if first > 0 else 0
        behind = bisect_left(self.starts, self._length - suffix)
        reach = _BEHIND
        while True:
            stop = behind + reach
            end = self.starts[stop] + shift if stop < len(self.starts) else len(text)
            found = segment(text[begin:end])
            if end == len(text):
                return self._take(first, len(self.starts), text, begin, found, end)
            cut = self._meet(text, begin, found, behind, stop, shift)
            if cut is not None and not self._undecided(text, begin, found[: cut[0]], end):
                return self._take(first, cut[1], text, begin, found[: cut[0]], self.starts[cut[1]] + shift)
            reach *= 4

    def _restart(self, text: str, prefix: int) -> int:
        """The segment to begin with: some before the edit, and the first on its line; 0 for the text's beginning."""
        first = bisect_right(self.starts, prefix) - 1 - _BEFORE
        while first > 0 and not self._leads_line(text, self.starts[first]):
            first -= 1
        return max(first, 0)

    def _meet(
        self, text: str, begin: int, found: list[Segment], behind: int, stop: int, shift: int
    ) -> tuple[int, int] | None:
        """A new segment and an old one that are the same declaration behind the edit, and begin their line."""
        places = {start + shift: behind + i for i, start in enumerate(self.starts[behind:stop])}
        for index, new in enumerate(found):
            old = places.get(begin + new.start)
            if old is not None and self._leads_line(text, begin + new.start):
                return index, old
        return None

    def _undecided(self, text: str, begin: int, found: list[Segment], end: int) -> bool:
        """Whether a string in these segments was ended although a quote follows behind the window."""
        return any(_unclosed(part) for part in found) and any(
            _is_loose(text, begin, found, index) and '"' in text[end:] for index in range(len(found))
        )

    def _take(self, first: int, old_stop: int, text: str, begin: int, found: list[Segment], end: int) -> Change:
        """Put the found segments in the place of the old ones, move the others."""
        shift = len(text) - self._length
        self.starts[first:] = [begin + s.start for s in found] + [s + shift for s in self.starts[old_stop:]]
        self.ends[first:] = [begin + s.end for s in found] + [e + shift for e in self.ends[old_stop:]]
        loose = [_unclosed(part) and _is_loose(text, begin, found, index) for index, part in enumerate(found)]
        self._loose[first:old_stop] = loose
        self._length = len(text)
        return Change(first, old_stop, first + len(found))

    def _leads_line(self, text: str, start: int) -> bool:
        return not text[self._line_start(text, start) : start].strip(" \t\r")

    @staticmethod
    def _line_start(text: str, offset: int) -> int:
        return text.rfind("\n", 0, offset) + 1


def _unclosed(part: Segment) -> bool:
    return any(token[0] == UNCLOSED for token in part.tokens)


def _is_loose(text: str, begin: int, found: list[Segment], index: int) -> bool:
    """Whether an unclosed string of this segment is not ended by a declaration on the very next line."""
    following = begin + found[index + 1].start if index + 1 < len(found) else -1
    for token in found[index].tokens:
        if token[0] == UNCLOSED and text.find("\n", begin + token[3]) + 1 != following:
            return True
    return False
