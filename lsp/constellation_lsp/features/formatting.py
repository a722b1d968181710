"""Formatting as minimal edits.

Owns the difference between a text and its formatted form. The form itself is the grammar's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

from constellation_grammar.formatter import format_text


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace `[start, end)` by `text`."""

    start: int
    end: int
    text: str


def format_edits(text: str) -> list[TextEdit]:
    """The edits that format a text, by lines; empty when it is formatted already."""
    wanted = format_text(text)
    if wanted == text:
        return []
    old, new = text.splitlines(keepends=True), wanted.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    edits: list[TextEdit] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            edits.append(TextEdit(starts[a], starts[b], "".join(new[c:d])))
    return edits
