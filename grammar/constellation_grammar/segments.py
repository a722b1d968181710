"""Where declarations begin: a text cut into segments by its tokens alone.

Owns the boundaries that confine a mistake to its declaration, and the tolerant reading of strings they need. Refuses
to parse. Both front ends read a broken text segment by segment, so both find the same mistakes.

A declaration starts at a run of annotations, at `in`, `out`, `use` or `type`, or at a name (or reserved word) before
`=`. Where a bracket is still open, only what comes first on its line counts, and only if it is not indented deeper
than the declaration it would end: `{⏎  a = 1⏎}` stays whole, an unclosed call does not swallow the next line.

A string counts as unterminated at the end of its line (token kind `UNCLOSED`) when its closing quote is not on that
line and either no quote follows or the next line begins, at column 0, with a declaration.

Invariant: segments are in order, disjoint, start and end at a token, and hold every token of the text; cutting the
text of a segment yields that segment alone.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import NamedTuple

from constellation_grammar.long_strings import GoesOn
from constellation_grammar.syntax import RESERVED_WORDS
from constellation_grammar.tokens import (
    BAD,
    CLOSERS,
    NEXT,
    OPENERS,
    QUOTED,
    TRIVIA,
    WORD,
    WORD_END,
    Token,
    kind_of,
    mark_commas,
    needs_exact,
    scan,
    string_kind,
    string_part,
)

UNCLOSED = "UNCLOSED"
"""The kind of a string token that does not end on its line."""

_KEYWORDS = frozenset({"IN", "OUT", "USE", "TYPE"})
_NOTES = frozenset({"EXAMPLE", "SOURCE", "SINK"})
_RESERVED_KINDS = frozenset(word.upper() for word in RESERVED_WORDS)
_NOT_BEFORE_ASSIGNED_NAME = frozenset({"DOT", "COLON", "IN", "OUT", "TYPE", "USE", "AS", "WITH"})
_MARKS = frozenset({"EQUALS", *_KEYWORDS, *_NOTES, *OPENERS, *CLOSERS})
_COMPOUND_SIGNS = frozenset({"COLON", "PLUS", "MINUS", "STAR", "SLASH"})
_IN_A_LIST = re.compile(rf"{TRIVIA}[:,}}\]]")
_PLAIN_WORD = rf"{TRIVIA}(?!(?:{'|'.join(sorted(RESERVED_WORDS))}){WORD_END}){WORD}"
_BEHIND_KEYWORD = {
    "IN": re.compile(rf"{_PLAIN_WORD}{TRIVIA}:"),
    "OUT": re.compile(rf"{_PLAIN_WORD}(?!{TRIVIA}=(?![=>]))"),
    "USE": re.compile(rf"{_PLAIN_WORD}(?!{TRIVIA}=(?![=>]))"),
    "TYPE": re.compile(r"(?!)"),
}
"""What follows a keyword behind a dot when it is no member's name but begins a declaration."""
_BEGINS = {**_BEHIND_KEYWORD, "TYPE": re.compile(rf"{_PLAIN_WORD}{TRIVIA}=(?![=>])")}
"""What follows a keyword that begins a declaration."""
_WANTS_MORE = frozenset(
    {"IN", "OUT", "TYPE", "USE", "AS", "EQUALS", "COLON", "PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "LESS"}
    | {"COALESCE", "AND", "OR", "NOT", "WHEN", "ELSE", "THEN", "ARROW", "BAR"}
)
"""Tokens that cannot end a declaration."""
_LOOPS = frozenset({"for", "foreach"})
_HEAD_AT_COLUMN_0 = re.compile(rf"@|(?:in|out|use|type){WORD_END}(?!{TRIVIA}:)|{WORD}{TRIVIA}=(?![=>])")


class Segment(NamedTuple):
    """The tokens of one declaration, or of what stands before the first; offsets are the text's."""

    start: int
    end: int
    tokens: list[Token]


def segment(text: str, goes_on: GoesOn | None = None) -> list[Segment]:
    """Cut a text into its declarations. `goes_on` may overrule that a string was not closed."""
    tokens = None if needs_exact(text) or "\0" in text else scan(text)
    if tokens is None or ('"' in text and any(looks_unclosed(token) for token in tokens)):
        tokens, cuts = _scan_tolerantly(text, goes_on)
    else:
        cutter = _Cutter(text)
        for index, token in enumerate(tokens):
            if token[0] in _MARKS or (token[0] == BAD and token[1][0] == "@"):
                cutter.see(tokens, index)
        cuts = cutter.cuts
        if cutter.cut_inside and "${" in text:
            tokens, cuts = _scan_tolerantly(text, goes_on)
    if not tokens:
        return []
    bounds = [0, *(cut for cut in cuts if cut), len(tokens)]
    parts = [tokens[first:last] for first, last in pairwise(bounds)]
    return [Segment(part[0][2], part[-1][3], part) for part in parts]


def looks_unclosed(token: Token) -> bool:
    """Whether a string that does end reads like one that was not closed and swallowed the next declaration."""
    if token[0] not in ("STRING", "STRING_START", "STRING_MIDDLE", "STRING_END", "QUOTED"):
        return False
    line_end = token[1].find("\n")
    return line_end >= 0 and _HEAD_AT_COLUMN_0.match(token[1], line_end + 1) is not None


class _Cutter:
    """Finds the tokens that begin a declaration. Sees the marked tokens of a text in order."""

    def __init__(self, text: str) -> None:
        self.cuts: list[int] = []
        self.cut_inside = False
        self._text = text
        self._depth = 0
        self._interpolations = 0
        self._base = 0
        self._notes_open = False

    def see(self, tokens: list[Token], index: int) -> bool:
        """Take note of a token; true when a declaration begins at it (or at the name before this `=`)."""
        kind = tokens[index][0]
        if kind in OPENERS:
            self._depth += 1
            self._interpolations += kind == "STRING_START"
        elif kind in CLOSERS:
            self._depth = max(0, self._depth - 1)
            self._interpolations -= kind == "STRING_END"
        elif kind == "EQUALS":
            if index > 1 and self._is_compound_assignment(tokens, index):
                return self._cut(tokens, index - 2, False)
            if index > 2 and self._is_typed_assignment(tokens, index - 1):
                return self._may_start(tokens, index - 3) and self._cut(tokens, index - 3, False)
            if index and self._starts_assignment(tokens, index - 1):
                return self._cut(tokens, index - 1, False)
        elif kind in _KEYWORDS:
            if self._notes_open:
                if self._ends_notes(tokens, index):
                    self._notes_open = False
                    self._depth = 0
            elif self._starts_declaration(tokens, index):
                return self._cut(tokens, index, False)
        elif not self._notes_open and self._may_start(tokens, index):
            return self._cut(tokens, index, True)
        return False

    def _cut(self, tokens: list[Token], index: int, notes: bool) -> bool:
        column = self._column(tokens, index)
        if column is not None:
            self._base = column
        self.cut_inside = self.cut_inside or self._depth > 0 or self._interpolations > 0
        self._depth = self._interpolations = 0
        self._notes_open = notes
        self.cuts.append(index)
        return True

    def _starts_assignment(self, tokens: list[Token], index: int) -> bool:
        kind = tokens[index][0]
        if kind != "NAME" and (kind not in _RESERVED_KINDS or kind in _KEYWORDS):
            return False
        if index and tokens[index - 1][0] == "TYPE" and self.cuts and self.cuts[-1] == index - 1:
            return False
        if self._text.startswith("=<", tokens[index + 1][2]):
            return False
        before = tokens[index - 1][0] if index else ""
        if before in _RESERVED_KINDS and index > 1 and tokens[index - 2][0] == "DOT":
            before = "NAME"
        if before in _NOT_BEFORE_ASSIGNED_NAME and self._column(tokens, index) is None:
            return False
        return self._may_start(tokens, index)

    def _is_typed_assignment(self, tokens: list[Token], index: int) -> bool:
        """Whether `index` is the type in `name: Type = value` on one line: a mistake, but one declaration."""
        if tokens[index][0] != "NAME" or tokens[index - 1][0] != "COLON" or tokens[index - 2][0] != "NAME":
            return False
        begins = index == 2 or self._column(tokens, index - 2) is not None
        return begins and self._column(tokens, index) is None and self._column(tokens, index - 1) is None

    def _is_compound_assignment(self, tokens: list[Token], index: int) -> bool:
        """Whether `=` at `index` ends `name :=` or `name +=` on one line: a mistake, but one declaration."""
        name, sign, equals = tokens[index - 2 : index + 1]
        if name[0] != "NAME" or sign[0] not in _COMPOUND_SIGNS or sign[3] != equals[2]:
            return False
        begins = index == 2 or self._column(tokens, index - 2) is not None
        return begins and self._column(tokens, index - 1) is None and self._may_start(tokens, index - 2)

    def _starts_declaration(self, tokens: list[Token], index: int) -> bool:
        if index and tokens[index - 1][0] == "DOT":
            # a reserved word may be the member; on a line of its own it may also be what it always is
            behind = _BEHIND_KEYWORD[tokens[index][0]]
            if self._column(tokens, index) is None or behind.match(self._text, tokens[index][3]) is None:
                return False
        if self._depth and _IN_A_LIST.match(self._text, tokens[index][3]):
            return False
        return not self._stands_for_a_name(tokens, index) and self._may_start(tokens, index)

    def _stands_for_a_name(self, tokens: list[Token], index: int) -> bool:
        """Whether a keyword stands where something else belongs and begins nothing: `in type: Int`, `x = type + 1`, or
        the loop `for x in xs` of other languages."""
        if not index or self._column(tokens, index) is not None:
            return False
        if index > 1 and tokens[index][0] == "IN" and tokens[index - 1][0] == "NAME" and tokens[index - 2][1] in _LOOPS:
            return True
        if tokens[index - 1][0] not in _WANTS_MORE:
            return False
        if index > 1 and tokens[index - 2][0] == "DOT":
            return False  # what stands before is a member's name
        return _BEGINS[tokens[index][0]].match(self._text, tokens[index][3]) is None

    def _ends_notes(self, tokens: list[Token], index: int) -> bool:
        """Whether a keyword behind annotations is the one they belong to, and no field's name inside them."""
        if index and tokens[index - 1][0] == "DOT":
            return False
        return not (self._depth and _IN_A_LIST.match(self._text, tokens[index][3]))

    def _may_start(self, tokens: list[Token], index: int) -> bool:
        """Whether a declaration may begin here as far as open brackets go."""
        if self._depth == 0:
            return True
        column = self._column(tokens, index)
        return column is not None and column <= self._base

    def _column(self, tokens: list[Token], index: int) -> int | None:
        """The column of a token that is the first on its line; None for others."""
        start = tokens[index][2]
        before = tokens[index - 1][3] if index else 0
        line_end = self._text.rfind("\n", before, start)
        if line_end < 0 and index:
            return None
        return start - line_end - 1


def _scan_tolerantly(text: str, goes_on: GoesOn | None) -> tuple[list[Token], list[int]]:
    """The tokens one by one, unclosed strings ended at their line and interpolations at the next declaration."""
    tokens: list[Token] = []
    cutter = _Cutter(text)
    strings = _Strings(text, goes_on)
    braces: list[int] = []  # one entry per open interpolation: the braces open inside it
    at = 0
    while found := NEXT.match(text, at):
        start, word = found.start(2), found[2]
        if not word:
            break
        if word == '"' or (word == "}" and braces and braces[-1] == 0):
            first = cutter.cuts[-1] if cutter.cuts else 0
            strings.declaration = tokens[first][2] if cutter.cuts else 0
            token = strings.token(start, word, word == '"' and _takes_quoted(tokens, first))
            kind = token[0]
            if kind == "STRING_START":
                braces.append(0)
            elif word == "}" and kind != "STRING_MIDDLE":
                braces.pop()
        else:
            kind = kind_of(word)
            token = (kind, word, start, found.end())
            if braces and kind in ("LBRACE", "RBRACE"):
                braces[-1] += 1 if kind == "LBRACE" else -1
        tokens.append(token)
        at = token[3]
        if (kind in _MARKS or (kind == BAD and word[0] == "@")) and cutter.see(tokens, len(tokens) - 1):
            braces.clear()
    mark_commas(tokens)
    return tokens, cutter.cuts


class _Strings:
    """Reads strings at ascending places, in linear time however many of them do not end."""

    def __init__(self, text: str, goes_on: GoesOn | None) -> None:
        self.declaration = 0
        self._text = text
        self._goes_on = goes_on
        self._end, self._closer = 0, ""

    def token(self, start: int, word: str, may_be_quoted: bool) -> Token:
        """The string, or part of one, at `start`; `UNCLOSED` when it does not end on its line."""
        text = self._text
        if may_be_quoted:
            quoted = QUOTED.match(text, start)
            stop = text.find("\n", start, quoted.end() if quoted else len(text))
            if quoted and not self._stops_at(stop, start, quoted.end()):
                return "QUOTED", quoted[0], start, quoted.end()
            line = text[start : stop if stop >= 0 else len(text)].rstrip(" \t\r")
            return UNCLOSED, line, start, start + len(line)
        if start >= self._end - (self._closer == '"'):
            self._end, self._closer = string_part(text, start)
        # else: a quote that an earlier string took for an escaped one; what follows it ends at the same place
        stop = text.find("\n", start, self._end)
        kind = string_kind(word, self._closer)
        if kind == BAD or self._stops_at(stop, start, self._end):
            line = text[start : stop if stop >= 0 else self._end].rstrip(" \t\r")
            return UNCLOSED, line, start, start + len(line)
        return kind, text[start : self._end], start, self._end

    def _stops_at(self, line_end: int, start: int, end: int) -> bool:
        """Whether the string `[start, end)` rather ends at its first line's end: a declaration begins behind it."""
        if line_end < 0 or not _HEAD_AT_COLUMN_0.match(self._text, line_end + 1):
            return False
        return self._goes_on is None or not self._goes_on(start, end, self.declaration)


def _takes_quoted(tokens: list[Token], first: int) -> bool:
    """Whether a plain quoted string belongs behind these tokens: a connector's name, a cache backend's.

    Tokens before `first` belong to another declaration and say nothing.
    """
    count = len(tokens) - first
    if count < 2:
        return False
    last, before = tokens[-1], tokens[-2]
    if last[0] == "LPAREN":
        return before[0] in ("SOURCE", "SINK")
    if last[0] != "COLON" or before[1] != "cache_backend" or count < 3:
        return False
    return tokens[-3][0] == "WITH" or (tokens[-3][0] in ("COMMA", "OPTION_COMMA") and _in_options(tokens, first))


def _in_options(tokens: list[Token], first: int) -> bool:
    """Whether a `with` clause is open at the end of these tokens: one in the innermost open bracket."""
    depth = 0
    for index in range(len(tokens) - 1, first - 1, -1):
        kind = tokens[index][0]
        if kind in CLOSERS:
            depth += 1
        elif kind in OPENERS:
            if depth == 0:
                return False
            depth -= 1
        elif depth == 0 and kind == "WITH":
            return True
        elif depth == 0 and kind == "EQUALS":
            return False
    return False
