"""Parts of a layout → text.

Owns widths, indentation and the comments inside a declaration. Refuses to know constructs: `layout.py` says which
parts a node has. Works in three passes over flat lists, without recursion: the parts are expanded and matched with
the source, whose comments stick to the token behind them; the width of every group is measured; the text is written.

Invariant: the tokens written are those of the source in order, except that trailing commas are gone and a comment
before a comma stands behind it.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from constellation_grammar.layout import is_word, parts_of
from constellation_grammar.parts import Begin, Break, Marker, Part, Sign, Verbatim
from constellation_grammar.syntax import Node
from constellation_grammar.tokens import NEXT, QUOTED, TRIVIA

_TRIVIA = re.compile(TRIVIA)
_COMMENT = re.compile(r"#[^\n]*+")
_BREAKS_LINE = re.compile(r"[ \t\r]*+\n")
_FLAT_WIDTH = {
    Break.SPACE: 1, Break.LINE: 1, Break.SOFT: 0, Break.NEXT: 1, Break.LAST: 1, Break.LAST_SOFT: 0,
    Break.HARD: 0, Break.HARD_NEXT: 0, Break.HARD_LAST: 0,
}  # fmt: skip
_HARD = frozenset({Break.HARD, Break.HARD_NEXT, Break.HARD_LAST})
_LAST = frozenset({Break.LAST, Break.LAST_SOFT, Break.HARD_LAST})
_KEEPS_EMPTY_LINE = frozenset({Break.NEXT, Break.HARD_NEXT})


class Comment(NamedTuple):
    """A comment, whether it stands on a line of its own, and whether an empty line precedes it."""

    text: str
    own_line: bool
    after_empty_line: bool


class _Token(NamedTuple):
    text: str
    comments: tuple[Comment, ...]
    after_empty_line: bool


class _Group:
    """A group: from which entry to which it reaches, how it indents, and whether it must break."""

    __slots__ = ("begin", "breaks", "end", "has_text", "layout")

    def __init__(self, begin: int, layout: Begin) -> None:
        self.begin, self.end = begin, begin
        self.layout = layout
        self.breaks = layout.breaks
        self.has_text = False


_Entry = _Token | Break | _Group | None  # None: the innermost group ends


class Mismatch(Exception):
    """The parts of a node are not the tokens of its source: the layout is wrong, the source must stay."""


def canonical_comment(text: str) -> str:
    """A comment as it is written: `#x` becomes `# x`, trailing blanks go; `#!`, `#=` and `##` stay."""
    text = text.rstrip()
    if len(text) > 1 and text[1] not in " \t!=#":
        return "# " + text[1:]
    return text


def comments_in(trivia: str, line_broken: bool = False) -> tuple[tuple[Comment, ...], bool, bool]:
    """The comments between two tokens; then whether an empty line precedes the second, and whether any line break."""
    if "#" not in trivia:
        return (), trivia.count("\n") > 1, line_broken or "\n" in trivia
    found: list[Comment] = []
    at = 0
    for match in _COMMENT.finditer(trivia):
        breaks = trivia.count("\n", at, match.start())
        line_broken = line_broken or breaks > 0
        found.append(Comment(canonical_comment(match[0]), line_broken, breaks > 1))
        line_broken = True
        at = match.end()
    return tuple(found), trivia.count("\n", at) > 1, True


class _Expansion:
    """First pass: parts matched with the source."""

    def __init__(self, text: str, start: int, offset: int) -> None:
        self.entries: list[_Entry] = []
        self.at = start
        self._offset = offset
        self._text = text
        self._open: list[_Group] = []
        self._held: tuple[Comment, ...] = ()  # comments before a comma that move behind it
        self._line_broken = False

    def expand(self, node: Node) -> None:
        """Expand a node and everything in it."""
        pending: list[Part] = [node]
        while pending:
            part = pending.pop()
            if isinstance(part, Node):
                if is_word(part):
                    self._word(None)
                else:
                    pending.extend(reversed(parts_of(part)))
            elif isinstance(part, Break):
                self.entries.append(part)
            elif isinstance(part, Sign):
                self._sign(part)
            elif isinstance(part, Begin):
                group = _Group(len(self.entries), part)
                self._open.append(group)
                self.entries.append(group)
            elif isinstance(part, Verbatim):
                self._verbatim(part.end + self._offset)
            else:
                self._marker(part)

    def _sign(self, sign: Sign) -> None:
        if sign.text == ",":
            self._comma(required=True)
            self.entries.append(_Token(",", (), False))
            return
        self._word(sign.text)
        if sign.opens and _BREAKS_LINE.match(self._text, self.at):
            self._open[-1].breaks = True

    def _marker(self, marker: Marker) -> None:
        if marker is Marker.WORD:
            self._word(None)
        elif marker is Marker.TRAILING:
            self._comma(required=False)
        elif marker is Marker.QUOTED:
            trivia = _TRIVIA.match(self._text, self.at)
            quoted = QUOTED.match(self._text, trivia.end() if trivia else self.at)
            if quoted is None:
                raise Mismatch
            self._verbatim(quoted.end())
        elif marker is Marker.COMMENTS:
            trivia = _TRIVIA.match(self._text, self.at)
            if trivia and "#" in trivia[0]:
                self.entries.append(Break.HARD_LAST)
        else:
            self._open.pop().end = len(self.entries)
            self.entries.append(None)

    def _word(self, expected: str | None) -> None:
        found = NEXT.match(self._text, self.at)
        if found is None or not found[2] or (expected is not None and found[2] != expected):
            raise Mismatch(expected)
        self._token(found[1], found[2], found.end())

    def _verbatim(self, end: int) -> None:
        found = _TRIVIA.match(self._text, self.at)
        trivia = found[0] if found else ""
        self._token(trivia, self._text[self.at + len(trivia) : end], end)

    def _comma(self, required: bool) -> None:
        found = NEXT.match(self._text, self.at)
        if found is None or found[2] != ",":
            if required:
                raise Mismatch(",")
            return
        comments, _, self._line_broken = comments_in(found[1], self._line_broken)
        self._held += comments
        self.at = found.end()

    def _token(self, trivia: str, text: str, end: int) -> None:
        comments, after_empty_line, _ = comments_in(trivia, self._line_broken)
        comments = self._held + comments
        self._held, self._line_broken = (), False
        if comments:
            for group in self._open:
                group.breaks = group.breaks or group.has_text
        for group in reversed(self._open):
            if group.has_text:
                break
            group.has_text = True
        self.entries.append(_Token(text, comments, after_empty_line))
        self.at = end


class _Measures:
    """Second pass: how wide everything is on one line."""

    def __init__(self, entries: list[_Entry]) -> None:
        count = len(entries)
        self._before = [0] * (count + 1)  # width of all entries before each
        self._next_break = [count] * (count + 1)
        self._next_forced = [count] * (count + 1)  # a break that is taken for sure
        self._next_hard = [count] * (count + 1)  # one that every source of the same tokens takes
        forced = [False] * count
        open_: list[_Group] = []
        for index, entry in enumerate(entries):
            width = 0
            if isinstance(entry, _Token):
                width = len(entry.text.partition("\n")[0])
            elif isinstance(entry, _Group):
                open_.append(entry)
            elif entry is None:
                open_.pop()
            else:
                width = _FLAT_WIDTH[entry]
                forced[index] = entry in _HARD or (bool(open_) and open_[-1].breaks and entry is not Break.SPACE)
            self._before[index + 1] = self._before[index] + width
        for index in range(count - 1, -1, -1):
            entry = entries[index]
            breaks = isinstance(entry, Break) and entry is not Break.SPACE
            self._next_break[index] = index if breaks else self._next_break[index + 1]
            self._next_forced[index] = index if forced[index] else self._next_forced[index + 1]
            self._next_hard[index] = index if entry in _HARD else self._next_hard[index + 1]

    def fits(self, group: _Group, room: int) -> bool:
        """Whether a group, and what follows it up to the next place to break, fits into the room on its line.

        A chain is measured by its tokens alone. If it asked where its operands break, breaking them would change the
        answer the next time.
        """
        end = self._next_break[group.end]
        if group.layout.chain:
            end = min(end, self._next_hard[group.begin])
        elif self._next_forced[group.begin] < group.end:
            return False
        return self._before[end] - self._before[group.begin] <= room


class _Place(NamedTuple):
    """A break between two tokens, decided: the indentation behind it if the line breaks, and for comments before it."""

    kind: Break
    breaks: bool
    indent: int
    comment_indent: int


class _Writer:
    """Third pass: the text."""

    def __init__(self, width: int, ending: str) -> None:
        self.out: list[str] = []
        self._ending = ending
        self._width = width
        self._column = 0
        self._line_indent = 0
        self._pending: _Place | None = None
        self._groups: list[
            tuple[int, int, bool, bool]
        ] = []  # indentation outside, inside; it breaks; all in it is flat

    def write(self, entries: list[_Entry], measures: _Measures) -> None:
        """Write all entries."""
        for entry in entries:
            if isinstance(entry, _Token):
                self._write_token(entry)
            elif isinstance(entry, Break):
                self._pending = self._decide(entry)
            elif isinstance(entry, _Group):
                self._begin(entry, measures)
            else:
                self._groups.pop()

    def _decide(self, kind: Break) -> _Place:
        outside, inside, group_breaks, _ = self._groups[-1] if self._groups else (0, 0, False, False)
        breaks = kind in _HARD or (group_breaks and kind is not Break.SPACE)
        if not breaks:
            return _Place(kind, False, inside + 2, inside + 2)
        return _Place(kind, True, outside if kind in _LAST else inside, inside)

    def _begin(self, group: _Group, measures: _Measures) -> None:
        column, indent = self._column, self._line_indent
        if self._pending is not None:
            if self._pending.breaks:
                column = indent = self._pending.indent
            else:
                column += _FLAT_WIDTH[self._pending.kind]
        all_flat = bool(self._groups) and self._groups[-1][3]
        breaks = not all_flat and (group.breaks or not measures.fits(group, self._width - column))
        all_flat = all_flat or not (breaks or group.layout.chain)
        self._groups.append((indent, indent + group.layout.indent, breaks, all_flat))

    def _write_token(self, token: _Token) -> None:
        place, self._pending = self._pending, None
        if token.comments:
            self._write_comments(token, place or self._decide(Break.SPACE))
        elif place is not None and place.breaks:
            self._break_line(place.indent, token.after_empty_line and place.kind in _KEEPS_EMPTY_LINE)
        elif place is not None and _FLAT_WIDTH[place.kind]:
            self.out.append(" ")
            self._column += 1
        self.out.append(token.text)
        _, line_end, tail = token.text.rpartition("\n")
        self._column = len(tail) if line_end else self._column + len(token.text)

    def _write_comments(self, token: _Token, place: _Place) -> None:
        """The comments before a token, and the line break they need behind them."""
        keeps = place.kind in _KEEPS_EMPTY_LINE
        for comment in token.comments:
            if comment.own_line:
                self._break_line(place.comment_indent, comment.after_empty_line and keeps)
            else:
                self.out.append("  ")
            self.out.append(comment.text)
        self._break_line(place.indent, token.after_empty_line and keeps)

    def _break_line(self, indent: int, empty_line: bool) -> None:
        self.out.append(self._ending * (2 if empty_line else 1))
        self.out.append(" " * indent)
        self._column = self._line_indent = indent


def printed(node: Node, text: str, start: int, offset: int, width: int, ending: str) -> str:
    """A declaration in its canonical layout.

    Its source begins at `start`; `offset` added to its spans makes them offsets in the text. Raises `Mismatch` when
    the source does not have the node's tokens.
    """
    expansion = _Expansion(text, start, offset)
    expansion.expand(node)
    writer = _Writer(width, ending)
    writer.write(expansion.entries, _Measures(expansion.entries))
    return "".join(writer.out)
