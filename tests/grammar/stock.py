"""The oracle: stock Lark on the same grammar file, with Lark's own contextual lexer and its own loop.

The one thing Lark's lexer cannot know is whether a `}` ends an interpolation; two lexers over the same table and a
count of braces decide.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any, NamedTuple

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError
from lark.lexer import ContextualLexer

from constellation_grammar.builder import BUILDERS
from constellation_grammar.limits import check_limits
from constellation_grammar.literals import Mistake
from constellation_grammar.syntax import Declaration
from constellation_grammar.tables import GRAMMAR_FILE

_RESUMING = {"STRING_MIDDLE", "STRING_END"}


class _Fields(NamedTuple):
    type: str
    text: str
    start_pos: int
    end_pos: int


class _Token(_Fields):
    """A token in the builders' form that also answers what Lark's loop asks."""

    line = column = end_line = end_column = None


class _BraceAware(ContextualLexer):
    def __init__(self, conf: Any, states: dict[Any, Any], always_accept: Any = ()) -> None:
        conf = copy(conf)
        conf.skip_validation = True
        self.outside = ContextualLexer(conf, {s: set(a) - _RESUMING for s, a in states.items()})
        self.inside = ContextualLexer(conf, {s: set(a) - {"RBRACE"} for s, a in states.items()})

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
        braces: list[int] = []
        try:
            while True:
                lexer = self.inside if braces and braces[-1] == 0 else self.outside
                token = lexer.lexers[parser_state.position].next_token(lexer_state, parser_state)
                if token.type == "STRING_START":
                    braces.append(0)
                elif token.type == "STRING_END":
                    braces.pop()
                elif braces and token.type == "LBRACE":
                    braces[-1] += 1
                elif braces and token.type == "RBRACE":
                    braces[-1] -= 1
                assert token.start_pos is not None and token.end_pos is not None
                yield _Token(token.type, str(token), token.start_pos, token.end_pos)
        except EOFError:
            return


class _Transformer:
    """Lark looks the builders up as attributes."""


for _name, _build in BUILDERS.items():
    setattr(_Transformer, _name, staticmethod(_build))


class Stock:
    """Parses with stock Lark."""

    def __init__(self) -> None:
        self._lark = Lark(
            GRAMMAR_FILE.read_text(encoding="utf-8"),
            parser="lalr",
            lexer="contextual",
            keep_all_tokens=True,
            maybe_placeholders=False,
            transformer=_Transformer(),
            _plugins={"ContextualLexer": _BraceAware},
        )

    def parse(self, text: str) -> list[Declaration] | None:
        """The declarations; None for a text that is no program."""
        if "\0" in text:
            return None
        if text[:1] == "\ufeff":
            text = " " + text[1:]
        try:
            declarations: list[Declaration] = self._lark.parse(text)  # type: ignore[assignment]
            for declaration in declarations:
                check_limits(declaration, text)
        except (UnexpectedCharacters, UnexpectedToken, Mistake):
            return None
        except VisitError as error:
            if isinstance(error.orig_exc, Mistake):
                return None
            raise
        return declarations
