"""What a layout is made of.

Owns the vocabulary between `layout.py`, which knows constructs, and `printing.py`, which knows widths, and its two
phrases: elements between brackets, operands in a chain. Invariant: the parts of a node, in order, are its tokens and
the places between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from constellation_grammar.syntax import Node


class Break(Enum):
    """A place between two tokens."""

    SPACE = "one blank"
    LINE = "one blank, or a line break where the group breaks"
    SOFT = "nothing, or a line break where the group breaks"
    NEXT = "like LINE, between elements: an empty line of the source stays"
    LAST = "like LINE, before a closing sign: comments keep the elements' indentation"
    LAST_SOFT = "like SOFT, before a closing sign"
    HARD = "always a line break"
    HARD_NEXT = "always a line break, between elements"
    HARD_LAST = "always a line break, before a closing sign"


class Sign(NamedTuple):
    """A token of fixed text. Behind one that `opens`, a line break in the source makes its group break."""

    text: str
    opens: bool = False


class Begin(NamedTuple):
    """A group begins: it stays on one line if it fits, and what breaks inside is indented.

    A `chain` may hold something that breaks without breaking itself: `branch {⏎…⏎} ?? x`.
    """

    indent: int
    breaks: bool = False
    chain: bool = False


class Verbatim(NamedTuple):
    """Everything up to an offset, as written."""

    end: int


class Marker(Enum):
    """The parts that carry no data."""

    END = "a group ends"
    WORD = "the next token, whatever it is"
    TRAILING = "a comma, if there is one, to be left out"
    QUOTED = "a plain quoted string"
    COMMENTS = "comments between brackets with nothing else in them, on lines of their own"


Part = Node | Sign | Begin | Verbatim | Marker | Break
Parts = list[Part]


def enclosed(opener: str, elements: Sequence[Part], closer: str, spaced: bool, hug: bool = False) -> Parts:
    """Elements between brackets: on one line, or one per line."""
    if not elements:
        return [Begin(2), Sign(opener), Marker.COMMENTS, Sign(closer), Marker.END]
    if hug:
        return [Sign(opener), elements[0], Marker.TRAILING, Sign(closer)]
    parts: Parts = [Begin(2), Sign(opener, opens=True), Break.LINE if spaced else Break.SOFT, elements[0]]
    for element in elements[1:]:
        parts += (Sign(","), Break.NEXT, element)
    parts += (Marker.TRAILING, Break.LAST if spaced else Break.LAST_SOFT, Sign(closer), Marker.END)
    return parts


def chain_of(operands: Sequence[Part]) -> Parts:
    """Operands with one-token operators between them, breaking before the operators."""
    parts: Parts = [Begin(2, chain=True), operands[0]]
    for operand in operands[1:]:
        parts += (Break.LINE, Marker.WORD, Break.SPACE, operand)
    return [*parts, Marker.END]
