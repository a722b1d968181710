"""The vocabulary of places a cursor can be in.

Owns the kinds of places and of open brackets. Refuses to find them (`cursor.py` does).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from constellation_grammar.tokens import Token

Place = Literal[
    "none", "declaration", "input-name", "type", "output", "namespace", "namespace-done", "expression", "member",
    "projection", "after-operand", "option-name", "option-value", "match-arm", "branch-case", "record-key",
    "annotation",
]  # fmt: skip

FrameKind = Literal[
    "top", "call", "paren", "list", "record", "projection", "branch", "arms", "pattern", "annotation", "connector",
    "interpolation", "generic", "condition", "word",
]  # fmt: skip


@dataclass(slots=True)
class Frame:
    """An open bracket (or the declaration itself) and what has been seen inside it."""

    kind: FrameKind
    open: int
    function: str = ""
    function_start: int = -1
    index: int = 0
    names: list[Token] = field(default_factory=list[Token])
    keys: list[str] = field(default_factory=list[str])
    key: str = ""
    locals: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    options: list[str] | None = None
    option: str = ""
    option_call: str = ""
    in_match: bool = False
    covered: list[str] = field(default_factory=list[str])
    after_arrow: bool = False
    subject: tuple[int, int] = (-1, -1)
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the cursor is.

    `word` is the identifier being typed, standing at `[start, end)` (absolute; `end` includes what follows the cursor).
    `frames` are the open brackets, outermost first; `locals` the lambda parameters and pattern names in scope with
    the positions that bind them. `path` is the dotted text before a member or namespace, `path_start` its position.
    `boolean` says a Boolean is wanted here. `called` says a `(` follows the word. `operand_end` is where the operand
    before the cursor ends, absolute; `after_slash` that a number behind a rate's slash is being typed.
    """

    place: Place
    word: str
    start: int
    end: int
    frames: tuple[Frame, ...]
    locals: tuple[tuple[str, int], ...] = ()
    path: str = ""
    path_start: int = -1
    dot: int = -1
    boolean: bool = False
    after_call: bool = False
    after_number: bool = False
    keyword: str = ""
    called: bool = False
    operand_end: int = -1
    after_slash: bool = False

    @property
    def frame(self) -> Frame:
        """The innermost open bracket."""
        return self.frames[-1]
