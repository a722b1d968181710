"""Formatting while typing: the indent of a new line, and of a construct whose closing brace was just typed.

Owns blanks at the beginning of lines. Refuses to touch anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from constellation_grammar.tokens import Token, scan_exactly
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import Edit

_OPENERS = {"LPAREN": "RPAREN", "LBRACKET": "RBRACKET", "LBRACE": "RBRACE"}
_CLOSERS = frozenset(_OPENERS.values())
_COMMAS = frozenset(("COMMA", "OPTION_COMMA", "CLOSING_COMMA"))
_UNFINISHED = frozenset((
    "EQUALS", "PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "LESS", "GREATER", "COALESCE", "AND", "OR", "NOT", "WHEN",
    "THEN", "ARROW", "ELSE", "BAR", "COLON", "AS", "IF", "MATCH", "BRANCH", "IN", "OUT", "USE", "TYPE",
))  # fmt: skip
_BLANKS = re.compile(r"[ \t]*")
_STEP = 2
_OPTION_STEP = 4


def new_line(analysis: Analysis, offset: int) -> list[Edit]:
    """The indent of the line at an offset, by what stands before it."""
    text = analysis.text
    start = text.rfind("\n", 0, offset) + 1
    tokens = _tokens_before(analysis, start)
    if tokens is None:
        return []
    blanks = _BLANKS.match(text, start)
    assert blanks is not None
    closes = text[blanks.end() : blanks.end() + 1] in (")", "]", "}")
    return _indented(text, start, _indent_of(text, tokens, closes))


def closing_brace(analysis: Analysis, offset: int) -> list[Edit]:
    """The lines of the construct that a brace just before an offset closes."""
    text = analysis.text
    if text[offset - 1 : offset] != "}":
        return []
    tokens = _tokens_before(analysis, offset)
    if not tokens or tokens[-1][0] != "RBRACE":
        return []
    opener = _matching(tokens, len(tokens) - 1)
    if opener is None:
        return []
    base = _line_indent(text, tokens[opener][2])
    edits: list[Edit] = []
    depth, shift = 0, 0
    line = text.rfind("\n", 0, tokens[opener][2])
    for at in range(opener, len(tokens)):
        kind, _, start, _ = tokens[at]
        own_line = text.rfind("\n", 0, start)
        depth -= kind in _CLOSERS
        if own_line != line:
            line = own_line
            found = start - line - 1
            is_first = tokens[at - 1][0] in (*_OPENERS, *_COMMAS) or kind in _CLOSERS
            wanted = base + _STEP * depth if is_first else max(0, found + shift)
            shift = wanted - found if is_first else shift
            edits += _indented(text, line + 1, wanted)
        depth += kind in _OPENERS
    return edits


def _tokens_before(analysis: Analysis, offset: int) -> list[Token] | None:
    """The tokens of the declaration before an offset, at absolute places; None inside a string."""
    start = analysis.declaration_start(offset)
    if start > offset:
        return []
    found = [
        (kind, word, first + start, last + start)
        for kind, word, first, last in scan_exactly(analysis.text[start:offset], tuple)
    ]
    inside_text = bool(found) and found[-1][0] == "BAD" and found[-1][1].startswith('"')
    return None if inside_text else found


def _indent_of(text: str, tokens: Sequence[Token], closes: bool) -> int:
    if not tokens:
        return 0
    openers: list[int] = []
    for at, token in enumerate(tokens):
        if token[0] in _OPENERS:
            openers.append(at)
        elif token[0] in _CLOSERS and openers:
            openers.pop()
    last = tokens[-1][0]
    base = _line_indent(text, tokens[openers[-1]][2]) if openers else _line_indent(text, tokens[0][2])
    level = [token[0] for token in _at_level(tokens, openers[-1] if openers else -1)]
    if last == "WITH" or (last in _COMMAS and "WITH" in level):
        return base + _OPTION_STEP + (_STEP if openers else 0)
    if openers:
        return base if closes else base + _STEP
    return base + _STEP if last in _UNFINISHED else 0


def _at_level(tokens: Sequence[Token], opener: int) -> Iterator[Token]:
    """The tokens behind an opening bracket (or from the start) that are in no further bracket."""
    depth = 0
    for token in tokens[opener + 1 :]:
        depth -= token[0] in _CLOSERS
        if depth == 0:
            yield token
        depth += token[0] in _OPENERS


def _matching(tokens: Sequence[Token], closer: int) -> int | None:
    depth = 0
    for at in range(closer, -1, -1):
        depth += tokens[at][0] in _CLOSERS
        depth -= tokens[at][0] in _OPENERS
        if depth == 0:
            return at
    return None


def _line_indent(text: str, offset: int) -> int:
    start = text.rfind("\n", 0, offset) + 1
    blanks = _BLANKS.match(text, start)
    assert blanks is not None
    return blanks.end() - start


def _indented(text: str, start: int, width: int) -> list[Edit]:
    """The blanks at a line's start, when they differ from so many."""
    blanks = _BLANKS.match(text, start)
    assert blanks is not None
    return [(start, blanks.end(), " " * width)] if blanks[0] != " " * width else []
