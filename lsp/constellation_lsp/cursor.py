"""What may stand at the cursor: told from the tokens of its declaration, complete or not.

Owns the walk over the tokens between a declaration's start and the cursor. Refuses to know types or which functions
exist; it says *where* the cursor is, never *what* to offer there.

Invariant: only the text of the declaration around the cursor is read, so the cost does not grow with the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from constellation_grammar.syntax import OPTION_NAMES
from constellation_grammar.tokens import Token, scan_exactly
from constellation_lsp.cursor_frames import Cursor, Frame, FrameKind, Place

_WORD_BEFORE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:-+[A-Za-z0-9_]+)*-*\Z")
_WORD_AFTER = re.compile(r"[A-Za-z0-9_]*(?:-+[A-Za-z0-9_]+)*")
_OPERATORS = frozenset(("PLUS", "MINUS", "STAR", "SLASH", "COMPARE", "LESS", "GREATER", "COALESCE", "AND", "OR"))
_OPENERS = ("LPAREN", "LBRACKET", "LBRACE", "STRING_START", "STRING_MIDDLE")
_LEADING = ("EQUALS", "THEN", "ARROW", "NOT", "ELSE", "WHEN", "OUT", "MATCH", "COLON")
_COMMAS = frozenset(("COMMA", "OPTION_COMMA", "CLOSING_COMMA"))
_BEFORE_OPERAND = frozenset((*_OPERATORS, *_OPENERS, *_LEADING, *_COMMAS))
_BOOLEAN_BEFORE = frozenset(["WHEN", "AND", "OR", "NOT"])
_UNFINISHED = frozenset((*_BEFORE_OPERAND, "IN", "USE", "TYPE", "IS", "WITH", "IF", "AS", "BAR"))
_ANNOTATIONS = frozenset(("EXAMPLE", "SOURCE", "SINK"))
_STARTS = {"IN": "in", "OUT": "out", "USE": "use", "TYPE": "type"}


def cursor_at(text: str, declaration: int, offset: int) -> Cursor:
    """The cursor at an absolute `offset`, inside or behind the declaration that starts at `declaration`."""
    head = text[declaration:offset]
    typed = _WORD_BEFORE.search(head)
    word = typed[0] if typed else ""
    tail = _WORD_AFTER.match(text, offset)
    end = tail.end() if tail and word else offset
    start = offset - len(word)
    tokens = list(scan_exactly(text[declaration:start], tuple))
    if _is_quoted_option(tokens):
        start = declaration + tokens[-1][2]
        end += text[end : end + 1] == '"'
        return _Walk(tokens[:-1], declaration, start, text).finish(text[start:offset], end, False)
    if _inside_text(text, declaration, start, tokens):
        return Cursor("none", word, start, end, (Frame("top", declaration),))
    called = text[end : end + 1] == "("
    walk = _Walk(tokens, declaration, start, text)
    return walk.finish(word, end, called)


def _is_quoted_option(tokens: Sequence[Token]) -> bool:
    """Whether the cursor is in the quoted name of a cache backend."""
    if len(tokens) < 3 or tokens[-1][0] != "BAD" or tokens[-1][1] != '"':
        return False
    return tokens[-2][0] == "COLON" and tokens[-3][1] == "cache_backend"


def _inside_text(text: str, declaration: int, start: int, tokens: Sequence[Token]) -> bool:
    """Whether the cursor is in a comment, in a string or glued to a number."""
    last = declaration + tokens[-1][3] if tokens else declaration
    gap = text[last:start]
    comment = gap.rfind("#")
    if comment >= 0 and "\n" not in gap[comment:]:
        return True
    if not tokens:
        return False
    kind, shown, _, _ = tokens[-1]
    if kind == "BAD" and shown.startswith(('"', "}")):
        return True
    return last == start and kind in ("FLOAT", "DURATION", "STRING", "STRING_END", "QUOTED")


class _Walk:
    """Reads the tokens before the cursor once."""

    def __init__(self, tokens: Sequence[Token], base: int, start: int, text: str) -> None:
        self.tokens = tokens
        self.base = base
        self.start = start
        self.text = text
        self.keyword = ""
        self.in_type = False
        self.frames: list[Frame] = [Frame("top", base)]
        self.previous = ""
        self.operand: tuple[int, int] = (-1, -1)
        for at, token in enumerate(tokens):
            self.step(at, token)
            self.previous = token[0]

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def step(self, at: int, token: Token) -> None:
        kind, _, start, end = token
        if kind in _STARTS and len(self.frames) == 1 and self.previous != "DOT":
            self.begin(_STARTS[kind])
        elif kind in _ANNOTATIONS and len(self.frames) == 1:
            self.begin("")
        elif kind in ("LPAREN", "LBRACKET", "LBRACE", "STRING_START") or (kind == "LESS" and self.opens_generic()):
            self.open(at, token)
        elif kind in ("RPAREN", "RBRACKET", "RBRACE", "STRING_END") or (kind == "GREATER" and self.in_generic()):
            self.close(end)
        elif kind in _COMMAS:
            self.comma(kind)
        elif kind == "EQUALS":
            self.in_type = self.keyword == "type"
            if not self.keyword:
                self.keyword = "="
        elif kind == "COLON":
            self.colon(at)
        elif kind == "ARROW":
            self.arrow(at)
        elif kind == "THEN":
            self.then()
        elif kind == "MATCH":
            self.frame.in_match = True
        elif kind == "WITH":
            self.frame.options = []
            self.frame.option_call = self.called_before(at)
        elif kind == "IS" or (kind == "NAME" and self.frame.kind in ("pattern", "paren", "record", "projection")):
            if kind == "NAME":
                self.frame.names.append(token)
        elif kind == "LAZY" and self.frame.options is not None:
            self.frame.options.append("lazy")
        self.note_operand(at, start, end)

    def begin(self, keyword: str) -> None:
        self.keyword = keyword
        self.in_type = False
        self.frames = [Frame("top", self.base)]

    def note_operand(self, at: int, start: int, end: int) -> None:
        if self.previous in _BEFORE_OPERAND or at == 0:
            self.operand = (start, end)
        else:
            self.operand = (self.operand[0], end)

    def opens_generic(self) -> bool:
        return self.previous == "NAME" and (self.in_type or self.frame.typed)

    def in_generic(self) -> bool:
        return self.frame.kind == "generic"

    def open(self, at: int, token: Token) -> None:
        kind, _, start, _ = token
        made = Frame(self.frame_kind(kind), self.base + start, typed=self.frame.typed and kind == "LESS")
        if made.kind == "call":
            made.function, made.function_start = self.called_name(at)
        elif made.kind == "word":
            made.option = self.frame.option if self.tokens[at - 1][1] != "count" else ""
        elif made.kind in ("arms", "projection"):
            made.subject = (self.base + self.operand_start(at), self.base + self.tokens[at - 1][3])
            self.frame.in_match = False
        self.frames.append(made)

    def frame_kind(self, kind: str) -> FrameKind:
        previous = self.previous
        if kind == "STRING_START":
            return "interpolation"
        if kind == "LESS" or (kind == "LBRACKET" and self.in_type):
            return "generic"
        operand = previous not in _BEFORE_OPERAND and previous != ""
        if kind == "LPAREN" and self.frame.option in ("window", "join") and previous == "NAME":
            return "word"
        if kind == "LPAREN":
            named: dict[str, FrameKind] = {
                "IF": "condition", "EXAMPLE": "annotation", "SOURCE": "connector", "SINK": "connector",
            }  # fmt: skip
            return named.get(previous, "call" if previous == "NAME" and not self.in_type else "paren")
        if kind == "LBRACKET":
            return "projection" if operand else "list"
        if previous == "BRANCH":
            return "branch"
        if self.frame.in_match and operand:
            return "arms"
        if self.frame.kind == "arms" and not self.frame.after_arrow:
            return "pattern"
        return "projection" if operand and not self.in_type else "record"

    def close(self, end: int) -> None:
        if len(self.frames) == 1:
            return
        closed = self.frames.pop()
        if closed.kind == "pattern":
            self.frame.names = closed.names
            self.frame.covered.append("{ " + ", ".join(n[1] for n in closed.names) + " }")
        elif closed.kind == "paren":
            self.frame.names = closed.names

    def comma(self, kind: str) -> None:
        frame = self.frame
        frame.index += 1
        frame.locals.clear()
        frame.typed = False
        frame.after_arrow = False
        if kind != "OPTION_COMMA" and frame.kind != "top":
            frame.options = None
        frame.option = frame.option if frame.kind == "word" else ""
        frame.key = ""

    def colon(self, at: int) -> None:
        frame = self.frame
        word = self.tokens[at - 1][1] if at else ""
        if frame.options is not None and word in OPTION_NAMES and frame.kind != "record":
            frame.options.append(word)
            frame.option = word
        elif frame.kind == "top" and self.keyword == "in":
            self.in_type = True
        elif frame.kind == "paren":
            frame.typed = True
        elif frame.kind == "record":
            frame.key = word
            frame.keys.append(word)

    def arrow(self, at: int) -> None:
        frame = self.frame
        names = frame.names if self.previous == "RPAREN" else [self.tokens[at - 1]]
        frame.locals.extend((n[1], self.base + n[2]) for n in names)
        frame.typed = False

    def then(self) -> None:
        frame = self.frame
        frame.after_arrow = True
        if frame.kind == "arms":
            if self.previous == "RBRACE":
                frame.locals.extend((n[1], self.base + n[2]) for n in frame.names)
            else:
                frame.covered.append(self.tokens_before_then())

    def tokens_before_then(self) -> str:
        return self.text[self.base + self.operand[0] : self.base + self.operand[1]].strip()

    def called_name(self, at: int) -> tuple[str, int]:
        """The dotted name in front of a `(` and its absolute start."""
        first = at - 1
        while first >= 2 and self.tokens[first - 1][0] == "DOT":
            first -= 2
        return "".join(t[1] for t in self.tokens[first:at]), self.base + self.tokens[first][2]

    def called_before(self, at: int) -> str:
        """The function of the call that ends just before a token."""
        depth = 0
        for index in range(at - 1, -1, -1):
            kind = self.tokens[index][0]
            if kind == "RPAREN":
                depth += 1
            elif kind == "LPAREN":
                depth -= 1
                if depth == 0:
                    return self.called_name(index)[0] if index else ""
            if depth == 0:
                return ""
        return ""

    def operand_start(self, at: int) -> int:
        """Where the postfix chain that ends before a token starts."""
        index = at - 1
        while index >= 0:
            kind = self.tokens[index][0]
            if kind in ("RPAREN", "RBRACKET", "RBRACE"):
                index = self.matching(index)
                before = self.tokens[index - 1][0] if index else ""
                if before not in ("NAME", "RPAREN", "RBRACKET", "RBRACE"):
                    return self.tokens[index][2]
                index -= 1
                continue
            if index and self.tokens[index - 1][0] == "DOT":
                index -= 2
                continue
            return self.tokens[index][2]
        return 0

    def matching(self, at: int) -> int:
        depth = 0
        for index in range(at, -1, -1):
            kind = self.tokens[index][0]
            depth += kind in ("RPAREN", "RBRACKET", "RBRACE")
            depth -= kind in ("LPAREN", "LBRACKET", "LBRACE")
            if depth == 0:
                return index
        return 0

    # ------------------------------------------------------------------------------------------ the verdict

    def finish(self, word: str, end: int, called: bool) -> Cursor:
        place = self.place()
        if place != "option-value" and self.previous == "INTEGER" and self.base + self.tokens[-1][3] == self.start:
            place = "none"
        path, path_start, dot = "", -1, -1
        if place in ("member", "namespace"):
            path, path_start, dot = self.dotted()
        before = self.previous
        boolean = before in _BOOLEAN_BEFORE or (self.frame.kind == "condition" and before == "LPAREN")
        boolean = boolean or place == "branch-case"
        last = self.tokens[-1] if self.tokens else None
        return Cursor(
            place, word, self.start, end, tuple(self.frames), self.visible_locals(), path, path_start, dot, boolean,
            before == "RPAREN", last is not None and last[0] == "INTEGER", self.keyword, called,
            self.base + last[3] if last is not None else -1, len(self.tokens) > 1 and self.tokens[-2][0] == "SLASH",
        )  # fmt: skip

    def visible_locals(self) -> tuple[tuple[str, int], ...]:
        found: dict[str, int] = {}
        for frame in self.frames:
            found.update(frame.locals)
        return tuple(found.items())

    def place(self) -> Place:
        previous, frame = self.previous, self.frame
        if not self.tokens:
            return "declaration"
        if previous == "DOT":
            return "namespace" if self.keyword == "use" else "member"
        if previous == "BAD":
            return "annotation" if self.tokens[-1][1] == "@" else "none"
        if self.on_new_line() and frame.kind == "top" and not frame.option and previous not in _UNFINISHED:
            return "declaration"
        if self.keyword == "use":
            return "namespace" if previous == "USE" else "none" if previous == "AS" else "namespace-done"
        if self.in_type or frame.typed or frame.kind == "generic":
            return self.type_place()
        if self.keyword in ("in", "type") and frame.kind == "top":
            return "input-name" if previous == "IN" else "none"
        return self.expression_place()

    def on_new_line(self) -> bool:
        last = self.base + self.tokens[-1][3]
        return "\n" in self.text[last : self.start]

    def type_place(self) -> Place:
        previous = self.previous
        if self.frame.kind in ("record", "paren") and previous in ("LBRACE", *_COMMAS):
            return "none"
        expecting = previous in ("COLON", "LESS", "BAR", "PLUS", "EQUALS", "LPAREN", "LBRACKET", *_COMMAS)
        return "type" if expecting else "none"

    def expression_place(self) -> Place:
        previous, frame = self.previous, self.frame
        if previous == "OUT":
            return "output"
        if previous == "IS":
            return "type"
        if previous == "AS" or previous == "IF" or frame.kind == "connector":
            return "none"
        if frame.kind == "word":
            return "option-value" if previous == "INTEGER" and frame.option else "none"
        if frame.options is not None:
            found = self.option_place()
            if found is not None:
                return found
        if frame.kind == "projection":
            return "projection" if previous in ("LBRACKET", "LBRACE", *_COMMAS) else "none"
        if frame.kind == "pattern":
            return "none"
        if frame.kind == "record" and previous in ("LBRACE", *_COMMAS):
            return "record-key"
        if frame.kind in ("arms", "branch") and previous in ("LBRACE", *_COMMAS):
            return "match-arm" if frame.kind == "arms" else "branch-case"
        if previous in _BEFORE_OPERAND or previous in ("BRANCH",):
            return "expression" if previous != "BRANCH" else "none"
        if previous == "RPAREN" and frame.kind == "top" and self.keyword == "":
            return "declaration"
        if not self.keyword and frame.kind == "top":
            return "none"
        if self.ends_condition():
            return "expression"
        return "after-operand"

    def option_place(self) -> Place | None:
        previous, frame = self.previous, self.frame
        if previous == "WITH" or (previous in _COMMAS and (frame.kind == "top" or previous == "OPTION_COMMA")):
            return "option-name"
        if frame.option == "fallback" and previous == "COLON":
            return "expression"
        if frame.option and frame.option != "fallback":
            if previous in ("COLON", "INTEGER"):
                return "option-value"
            return "none"
        return None

    def ends_condition(self) -> bool:
        """Whether the last `)` closes the condition of an `if`: an operand follows it."""
        if self.previous != "RPAREN":
            return False
        opener = self.matching(len(self.tokens) - 1)
        return opener > 0 and self.tokens[opener - 1][0] == "IF"

    def dotted(self) -> tuple[str, int, int]:
        """The dotted names in front of the last dot: text, absolute start; and the dot's absolute position."""
        last = len(self.tokens) - 1
        first = last
        while first >= 1 and self.tokens[first][0] == "DOT" and self.tokens[first - 1][0] == "NAME":
            first -= 2
        first += 1
        words = self.tokens[first:last]
        start = self.tokens[first][2] if words else self.tokens[last][2]
        return "".join(t[1] for t in words), self.base + start, self.base + self.tokens[last][2]
