"""What a layout is made of.

Owns the vocabulary between `layout.py`, which knows constructs, and `printing.py`, which knows widths. Invariant: the
parts of a node, in order, are its tokens and the places between them.
"""

from __future__ import annotations

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
