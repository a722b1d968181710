"""Where the parser got stuck: the unexpected token and what surrounds it.

Owns the questions the rules of `messages.py` ask. Refuses to word anything. Invariant: `index` is the position of the
unexpected token in `tokens`, or their number when the text ended too early.
"""

from __future__ import annotations

from constellation_grammar.loop import State, acceptable
from constellation_grammar.segments import UNCLOSED
from constellation_grammar.syntax import RESERVED_WORDS, Related, SyntaxProblem
from constellation_grammar.tables import END
from constellation_grammar.tokens import BAD, CLOSERS, OPENERS, OPTION_KINDS, Token

_BEFORE_VALUES = frozenset({"COLON", "EQUALS"})

NOTHING: Token = (END, "", -1, -1)
"""Stands for a token that is not there."""

RESERVED_KINDS = frozenset(word.upper() for word in RESERVED_WORDS)
COMPARISONS = frozenset({"COMPARE", "LESS", "GREATER"})
COMMAS = frozenset({"COMMA", "OPTION_COMMA", "CLOSING_COMMA"})
OPERATORS = frozenset({*COMPARISONS, "PLUS", "MINUS", "STAR", "SLASH", "COALESCE", "AND", "OR", "WHEN"})
_OPERAND_ENDS = frozenset(
    {"NAME", "INTEGER", "FLOAT", "DURATION", "STRING", "STRING_END", "QUOTED", "TRUE", "FALSE", "LAZY",
     "RPAREN", "RBRACKET", "RBRACE"}
)  # fmt: skip


class Situation:
    """An unexpected token in its surroundings."""

    def __init__(self, text: str, tokens: list[Token], index: int, stack: list[State]) -> None:
        self.text = text
        self.tokens = tokens
        self.index = index
        self.stack = stack
        self.found = self.at(0)
        self.previous = self.at(-1)
        self.openers = self._open_brackets()
        self.opener = self.tokens[self.openers[-1]] if self.openers else NOTHING

    def at(self, distance: int) -> Token:
        """The token so many places behind (or before) the unexpected one."""
        index = self.index + distance
        return self.tokens[index] if 0 <= index < len(self.tokens) else NOTHING

    def accepts(self, *kinds: str) -> bool:
        """Whether the parser could take a token of any of these kinds here."""
        return any(acceptable(self.stack, kind) for kind in kinds)

    @property
    def ended(self) -> bool:
        """Whether the text ended too early."""
        return self.found[0] == END

    @property
    def wants_expression(self) -> bool:
        """Whether an expression may begin here."""
        return self.accepts("FLOAT")

    @property
    def wants_type(self) -> bool:
        """Whether a type must begin here."""
        begins = self.accepts("NAME") and self.accepts("LBRACE") and self.accepts("LPAREN")
        return begins and not self.wants_expression and not self.accepts("DOT")

    @property
    def in_type(self) -> bool:
        """Whether a type just ended here."""
        return self.accepts("BAR")

    @property
    def starts_line(self) -> bool:
        """Whether the unexpected token is the first on its line."""
        if self.ended or self.previous[0] == END:
            return True
        return "\n" in self.text[self.previous[3] : self.found[2]]

    def begins_line(self, distance: int) -> bool:
        """Whether the token there is the first on its line."""
        before, token = self.at(distance - 1), self.at(distance)
        return before[0] == END or "\n" in self.text[before[3] : token[2]]

    @property
    def after_operand(self) -> bool:
        """Whether the token before can end an operand."""
        return self.previous[0] in _OPERAND_ENDS or self.at(-2)[0] == "DOT"

    def touches(self, left: int, right: int) -> bool:
        """Whether two tokens stand without a blank between them."""
        return self.at(left)[3] == self.at(right)[2] and self.at(left)[0] != END

    def level(self, index: int | None = None) -> list[Token]:
        """The tokens from the innermost bracket open at an index (or here) to it, without nested brackets."""
        result: list[Token] = []
        depth = 0
        for token in reversed(self.tokens[: self.index if index is None else index]):
            if token[0] in CLOSERS:
                depth += 1
            elif token[0] in OPENERS:
                if depth == 0:
                    break
                depth -= 1
            elif depth == 0:
                result.append(token)
        return result[::-1]

    @property
    def option(self) -> Token:
        """The name before the colon that stands right before here, in a `with` clause."""
        name = self.at(-2)
        if self.previous[0] != "COLON" or self.at(-3)[0] not in ("WITH", *COMMAS):
            return NOTHING
        known = name[1] in OPTION_KINDS or name[0] == "LAZY"
        return name if known and any(token[0] == "WITH" for token in self.level()) else NOTHING

    @property
    def follows_branch(self) -> bool:
        """Whether the innermost open bracket is the brace of a `branch`."""
        return self._word_before_opener(1) == "BRANCH"

    @property
    def follows_match(self) -> bool:
        """Whether the innermost open bracket may be the brace of a `match`."""
        return self.opener[0] == "LBRACE" and any(token[0] == "MATCH" for token in self.level(self.openers[-1]))

    @property
    def stray(self) -> Token:
        """The word right before here, if the parser can only take it for the beginning of an assignment."""
        if self.previous[0] != "NAME" or self.openers or not self.accepts("EQUALS") or self.at(-2)[0] == "TYPE":
            return NOTHING
        return self.previous

    @property
    def in_arms(self) -> bool:
        """Whether a match's pattern or case may be complete here and waits for its result."""
        return self.accepts("THEN")

    def before_opener(self, distance: int = 1) -> Token:
        """The token so many places before the innermost open bracket."""
        if not self.openers:
            return NOTHING
        index = self.openers[-1] - distance
        return self.tokens[index] if index >= 0 else NOTHING

    def _word_before_opener(self, distance: int) -> str:
        return self.before_opener(distance)[0]

    def _open_brackets(self) -> list[int]:
        open_: list[int] = []
        for index in range(self.index):
            kind = self.tokens[index][0]
            if kind in OPENERS:
                open_.append(index)
            elif kind in CLOSERS and open_:
                open_.pop()
        return open_

    # ------------------------------------------------------------------------------------------------ problems

    def gap(self) -> tuple[int, int]:
        """The empty span right behind the previous token."""
        end = max(self.previous[3], 0)
        return end, end

    def here(self) -> tuple[int, int]:
        """The unexpected token's span; behind the last token when the text ended."""
        return self.gap() if self.ended else (self.found[2], self.found[3])

    def missing(self) -> tuple[int, int]:
        """Where something is missing: the wrong token in its place, or the gap if there is none on this line."""
        if self.starts_line or self.found[0] in CLOSERS or self.found[0] in COMMAS or self.found[0] in _BEFORE_VALUES:
            return self.gap()
        return self.here()

    def problem(
        self, span: tuple[int, int], slug: str, message: str, *suggestions: str, related: tuple[Related, ...] = ()
    ) -> SyntaxProblem:
        """A problem at a span."""
        return SyntaxProblem(span[0], span[1], message, slug, suggestions, related)

    def is_bad(self, distance: int = 0) -> bool:
        """Whether the token there is none of the language."""
        return self.at(distance)[0] in (BAD, UNCLOSED)


def span_of(first: Token, last: Token) -> tuple[int, int]:
    """From the beginning of one token to the end of another."""
    return first[2], last[3]


def shown(token: Token) -> str:
    """A token as messages quote it."""
    text = token[1].partition("\n")[0]
    return text if len(text) <= 30 else text[:29] + "…"
