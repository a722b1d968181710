"""Text → `Program`: the strict front end.

Owns the order of attempts: pieces known from before, the whole text, and, for a text with mistakes, declaration by
declaration. Refuses to know what a declaration means. Never raises, whatever the text.

Invariant: the answer depends on the text alone, not on what was parsed before (spans up to a statement's offset).
"""

from __future__ import annotations

from itertools import chain

from constellation_grammar.builder import BUILDERS
from constellation_grammar.limits import check_limits
from constellation_grammar.literals import Mistake
from constellation_grammar.loop import Machine, State, Unexpected
from constellation_grammar.syntax import Broken, Declaration, Program, Statement, SyntaxProblem
from constellation_grammar.tables import END, load
from constellation_grammar.tokens import needs_exact, scan, scan_exactly, text_hash, token_hash

__all__ = ["Parser", "parse", "text_hash", "token_hash"]


class Parser:
    """A parser with a memory of the statements it has seen."""

    def __init__(self) -> None:
        self._machine = Machine(load(), BUILDERS)

    def parse(self, text: str) -> Program:
        """The program the text spells, its syntax errors included."""
        length = len(text)
        if text[:1] == "\ufeff":
            text = " " + text[1:]
        try:
            declarations = self._declarations(text)
        except Mistake as mistake:
            return self._broken(mistake.problem, length)
        except Unexpected as unexpected:
            _, word, start, end = unexpected.token
            found = f"Unexpected '{word}'" if word else "Unexpected end of the text"
            return self._broken(SyntaxProblem(start, end, found, "unexpected-token"), length)
        return Program(tuple(Statement(0, node) for node in declarations), length)

    def _declarations(self, text: str) -> list[Declaration]:
        """The declarations of a text without mistakes; raises `Unexpected` or `Mistake` at the first one."""
        length = len(text)
        stack: list[State] = [self._machine.start]
        if "\0" in text:
            at = text.index("\0")
            raise Mistake(at, at + 1, "stray-character", "Unexpected character U+0000")
        tokens = None if needs_exact(text) else scan(text)
        end = (END, "", length, length)
        if tokens is None:
            declarations = self._machine.run(chain(scan_exactly(text, lambda: stack[-1]), [end]), stack)
        else:
            tokens.append(end)
            declarations = self._machine.run(tokens, stack)
        for declaration in declarations:
            check_limits(declaration, text)
        return declarations

    def _broken(self, problem: SyntaxProblem, length: int) -> Program:
        return Program((Statement(0, Broken(0, length, "", None), (problem,)),), length)


_shared: Parser | None = None


def parse(text: str) -> Program:
    """Parse with the parser everybody shares."""
    global _shared
    if _shared is None:
        _shared = Parser()
    return _shared.parse(text)
