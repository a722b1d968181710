"""Lines and positions: where the lines of a text begin, and what an editor calls an offset.

Owns LSP's idea of a line (it ends at `\\n`, `\\r\\n` or `\\r`) and of a character (a unit of UTF-8, UTF-16 or UTF-32).
Refuses to hold the text. Invariant: `starts` is what a fresh index of the current text would hold, after any edit.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import Literal, NamedTuple

Encoding = Literal["utf-8", "utf-16", "utf-32"]

_LINE_END = re.compile(r"\r\n|\r|\n")


class Position(NamedTuple):
    """A zero-based line, and a zero-based count of the encoding's units from its start."""

    line: int
    character: int


def units(text: str, encoding: Encoding) -> int:
    """How many units of `encoding` the text takes."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-16":
        return len(text.encode("utf-16-le", "surrogatepass")) // 2
    return len(text.encode("utf-8", "surrogatepass"))


def code_points(line: str, count: int, encoding: Encoding) -> int:
    """The code points that the first `count` units cover; a position inside a character means its beginning."""
    if encoding == "utf-32" or line.isascii():
        return min(count, len(line))
    if encoding == "utf-16":
        head = line.encode("utf-16-le", "surrogatepass")[: 2 * count].decode("utf-16-le", "surrogatepass")
        # a cut pair leaves its first half behind
        return len(head) - 1 if head and not line.startswith(head) else len(head)
    data = line.encode("utf-8", "surrogatepass")
    while 0 < count < len(data) and 0x80 <= data[count] < 0xC0:
        count -= 1
    return len(data[:count].decode("utf-8", "surrogatepass"))


class LineIndex:
    """The offsets, in code points, at which the lines of a text begin."""

    __slots__ = ("starts",)

    def __init__(self, text: str) -> None:
        self.starts = [0, *(m.end() for m in _LINE_END.finditer(text))]

    def edit(self, start: int, old_end: int, new_end: int, text: str) -> None:
        """The code points `[start, old_end)` became `[start, new_end)` of `text`; look again at those lines only."""
        starts = self.starts
        first = bisect_right(starts, max(start - 1, 0)) - 1
        after = bisect_right(starts, old_end)
        shift = new_end - old_end
        begin = starts[first]
        stop = starts[after] + shift if after < len(starts) else len(text)
        fresh = [m.end() for m in _LINE_END.finditer(text, begin, stop)]
        if after < len(starts):
            # the last line end found is the one in front of starts[after]
            tail = starts[after + 1 :]
            self.starts[first + 1 :] = fresh + ([s + shift for s in tail] if shift else tail)
        else:
            self.starts[first + 1 :] = fresh

    def position(self, text: str, offset: int, encoding: Encoding) -> Position:
        """The position of an offset; one outside the text, or between `\\r` and `\\n`, is moved to the nearest."""
        offset = min(max(offset, 0), len(text))
        line = bisect_right(self.starts, offset) - 1
        start = self.starts[line]
        return Position(line, units(text[start : min(offset, self._content_end(text, line))], encoding))

    def offset(self, text: str, line: int, character: int, encoding: Encoding) -> int:
        """The offset of a position. Beyond a line's end means its end, beyond the last line the end of the text."""
        if line < 0:
            return 0
        if line >= len(self.starts):
            return len(text)
        start = self.starts[line]
        if character <= 0:
            return start
        return start + code_points(text[start : self._content_end(text, line)], character, encoding)

    def _content_end(self, text: str, line: int) -> int:
        if line + 1 == len(self.starts):
            return len(text)
        end = self.starts[line + 1] - 1
        return end - 1 if text[end] == "\n" and end > self.starts[line] and text[end - 1] == "\r" else end
