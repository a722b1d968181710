"""Program text → canonical program text.

Owns what stands between declarations: one per line start, empty lines shrunk to one, comments, the line ending, the
final line break. A declaration's own layout is in `layout.py`. Never fails: a declaration with a mistake stays byte
for byte.

Invariant: formatting twice is formatting once; the formatted text parses to the same program; no comment is lost.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from constellation_grammar.parser import Parser
from constellation_grammar.printing import Mismatch, comments_in, printed
from constellation_grammar.syntax import Broken, Declaration, Program, Statement
from constellation_grammar.tokens import TRIVIA

__all__ = ["DEFAULT_WIDTH", "format_range", "format_text", "has_mistakes"]

DEFAULT_WIDTH = 100
"""The width lines are kept to where they can be broken."""

_FINAL_COMMA = re.compile(rf"{TRIVIA},")
_ONLY_TRIVIA = re.compile(TRIVIA)
_parser: Parser | None = None


class _Item(NamedTuple):
    """A declaration in the text: from where to where, what to add to its node's offsets, and the node if it is good."""

    start: int
    end: int
    offset: int
    node: Declaration | None


def format_text(text: str, width: int = DEFAULT_WIDTH) -> str:
    """The text in canonical layout."""
    return _format(text, width, 0, len(text))


def format_range(text: str, start: int, end: int, width: int = DEFAULT_WIDTH) -> str:
    """The text with only those declarations in canonical layout that meet the range `[start, end]`."""
    return _format(text, width, start, end)


def has_mistakes(text: str) -> bool:
    """Whether the text has declarations that formatting leaves as they are, because of syntax errors."""
    program = _shared_parser().parse(text.removeprefix("\ufeff"))
    return bool(program.problems) or any(statement.problems for statement in program.statements)


def _format(text: str, width: int, first: int, last: int) -> str:
    mark = "\ufeff" if text[:1] == "\ufeff" else ""
    body = text[len(mark) :]
    parser = _shared_parser()
    program = parser.parse(body)
    if program.problems:
        return text
    wanted = first - len(mark), last - len(mark)
    items = _items(body, program, parser)
    return mark + _Assembly(body, width, _line_ending(body, items), wanted).run(items)


def _line_ending(text: str, items: list[_Item]) -> str:
    """What most lines end with: between declarations, where formatting leaves no other; else anywhere."""
    edges = [0, *(edge for item in items for edge in (item.start, item.end)), len(text)]
    between = "".join([text[start:end] for start, end in zip(edges[0::2], edges[1::2], strict=True)])
    if "\n" not in between:
        between = text
    return "\r\n" if between.count("\r\n") * 2 > between.count("\n") else "\n"


def _shared_parser() -> Parser:
    global _parser
    if _parser is None:
        _parser = Parser()
    return _parser


def _items(text: str, program: Program, parser: Parser) -> list[_Item]:
    """The declarations; one whose segment has a mistake has no node and reaches to the end of its segment."""

    def item(statement: Statement) -> _Item:
        node, offset = statement.node, statement.offset
        return _Item(node.start + offset, node.end + offset, offset, node)

    statements = program.statements
    if not any(statement.problems for statement in statements):
        return [item(statement) for statement in statements]
    items: list[_Item] = []
    index = 0
    for part in parser.segments(text):
        first = index
        while index < len(statements) and statements[index].node.start + statements[index].offset < part.end:
            index += 1
        if any(isinstance(s.node, Broken) or s.problems for s in statements[first:index]):
            items.append(_Item(part.start, part.end, 0, None))
        else:
            items += [item(statement) for statement in statements[first:index]]
    return items


class _Assembly:
    """Puts declarations and what stands between them together."""

    def __init__(self, text: str, width: int, ending: str, wanted: tuple[int, int]) -> None:
        self._text = text
        self._width = width
        self._ending = ending
        self._wanted = wanted
        self._out: list[str] = []

    def run(self, items: list[_Item]) -> str:
        """The whole text."""
        at = 0
        previous: _Item | None = None
        for item in items:
            self._between(self._text[at : item.start], previous, item)
            self._out.append(self._declaration(item))
            at, previous = item.end, item
        self._between(self._text[at:], previous, None)
        return "".join(self._out)

    def _declaration(self, item: _Item) -> str:
        source = self._text[item.start : item.end]
        if item.node is None or not self._is_wanted(item):
            return source
        try:
            return printed(item.node, self._text, item.start, item.offset, self._width, self._ending)
        except Mismatch:
            return source

    def _is_wanted(self, item: _Item) -> bool:
        first, last = self._wanted
        return item.start <= last and item.end >= first

    def _between(self, gap: str, previous: _Item | None, following: _Item | None) -> None:
        """What stands between two declarations, before the first or behind the last."""
        neighbours = [item for item in (previous, following) if item is not None]
        touched = not neighbours or any(self._is_wanted(item) for item in neighbours)
        as_written = any(item.node is None for item in neighbours) and "\n" not in gap and following is not None
        comma = _FINAL_COMMA.match(gap)
        only_comments = _ONLY_TRIVIA.fullmatch(gap, comma.end() if comma else 0)
        if as_written or not touched or not only_comments:
            self._out.append(gap)
            return
        comments, empty_line, line_broken = comments_in(gap[: comma.end() - 1] if comma else gap, previous is None)
        if comma:
            more, empty_line, _ = comments_in(gap[comma.end() :], line_broken)
            comments += more
        add, ending = self._out.append, self._ending
        started = previous is not None
        for comment in comments:
            if comment.own_line:
                if started:
                    add(ending * (2 if comment.after_empty_line else 1))
                add(comment.text)
            else:
                add("  " + comment.text)
            started = True
        if following is None:
            add(ending if started else "")
        elif started:
            add(ending * (2 if empty_line else 1))
        if following is not None and following.node is None:
            add(gap[len(gap.rstrip(" \t")) :])
