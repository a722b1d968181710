"""Edits of a document's text: where whole lines begin and end, and what a text is after edits.

Owns the plain arithmetic of insertions and removals. Refuses to know why something is edited.

Invariant: what is inserted as a declaration gets a line of its own, whatever stands before and behind it.
"""

from __future__ import annotations

from collections.abc import Iterable

from constellation_grammar import syntax

Edit = tuple[int, int, str]
"""Replace `[start, end)` by a text. Line breaks in it are `\\n`; `in_ending` makes them the document's."""


def span_of(statement: syntax.Statement) -> tuple[int, int]:
    """The absolute span of a declaration, its annotations included."""
    return statement.node.start + statement.offset, statement.node.end + statement.offset


def line_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of a declaration with the blanks before it and its line end, if it has its lines to itself."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last + 1
    if text[first:start].strip() or text[end:last].strip():
        return start, end
    return first, last


def removal(text: str, statement: syntax.Statement) -> Edit:
    """Deletes a declaration with its line."""
    return (*line_span(text, *span_of(statement)), "")


def above(text: str, statement: syntax.Statement, line: str) -> Edit:
    """Inserts a line above a declaration."""
    start, end = span_of(statement)
    at = line_span(text, start, end)[0]
    first = text.rfind("\n", 0, at) + 1
    lead = "" if not text[first:at].strip() else "\n"
    return at, at, f"{lead}{line}\n"


def below(text: str, statement: syntax.Statement, line: str) -> Edit:
    """Inserts a line below a declaration and the comment behind it."""
    _, end = span_of(statement)
    last = text.find("\n", end)
    rest = text[end : last if last >= 0 else len(text)].strip()
    if rest and not rest.startswith("#"):
        return end, end, f"\n{line}\n"
    return at_line_end(text, last, line)


def at_line_end(text: str, last: int, line: str) -> Edit:
    """Inserts a line behind the line break at `last`, or at the end of the text when that is negative."""
    if last < 0:
        return at_end(text, line)
    return last + 1, last + 1, f"{line}\n"


def at_end(text: str, line: str) -> Edit:
    """Inserts a line at the end of the text."""
    lead = "" if text.endswith(("\n", "\r")) or not text else "\n"
    return len(text), len(text), f"{lead}{line}\n"


def above_comments(text: str, start: int) -> int:
    """Where the comment block directly above a declaration starts; the declaration's own line when there is none."""
    first = text.rfind("\n", 0, start) + 1
    if text[first:start].strip():
        return start
    while first > 0:
        line = text.rfind("\n", 0, first - 1) + 1
        if not text[line : first - 1].lstrip().startswith("#"):
            break
        first = line
    return first


def in_ending(text: str, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """The edits with the line breaks most lines of the text have."""
    if text.count("\r\n") * 2 <= text.count("\n"):
        return tuple(edits)
    return tuple((start, end, new.replace("\r\n", "\n").replace("\n", "\r\n")) for start, end, new in edits)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits that do not overlap; those at one place in their order."""
    ordered = sorted(edits, key=lambda edit: (edit[0], edit[1]))
    for start, end, new in ordered[::-1]:
        text = text[:start] + new + text[end:]
    return text
