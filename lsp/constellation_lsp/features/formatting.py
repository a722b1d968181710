"""Formatting as minimal edits.

Owns the difference between a text and its formatted form. The form itself is the grammar's business.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate

from constellation_grammar.formatter import DEFAULT_WIDTH, format_range, format_text

MOST_COMPARED_LINES = 2000
"""Comparing lines takes quadratic time at worst; longer stretches are replaced as a whole."""


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace `[start, end)` by `text`."""

    start: int
    end: int
    text: str


def format_edits(text: str, width: int = DEFAULT_WIDTH, span: tuple[int, int] | None = None) -> list[TextEdit]:
    """The edits that format a text, or its declarations that meet a span; by lines, empty when nothing changes."""
    wanted = format_text(text, width) if span is None else format_range(text, *span, width)
    if wanted == text:
        return []
    old, new = text.splitlines(keepends=True), wanted.splitlines(keepends=True)
    first, last = _common(old, new)
    starts = list(accumulate(map(len, old), initial=0))
    changed_old, changed_new = old[first : len(old) - last], new[first : len(new) - last]
    if max(len(changed_old), len(changed_new)) > MOST_COMPARED_LINES:
        return [TextEdit(starts[first], starts[len(old) - last], "".join(changed_new))]
    edits: list[TextEdit] = []
    for tag, a, b, c, d in SequenceMatcher(None, changed_old, changed_new, autojunk=False).get_opcodes():
        if tag != "equal":
            edits.append(TextEdit(starts[first + a], starts[first + b], "".join(changed_new[c:d])))
    return edits


def _common(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many lines are equal at the beginning and, apart from those, at the end."""
    most = min(len(old), len(new))
    first = 0
    while first < most and old[first] == new[first]:
        first += 1
    last = 0
    while last < most - first and old[-1 - last] == new[-1 - last]:
        last += 1
    return first, last
