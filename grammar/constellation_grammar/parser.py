"""Text → `Program`: the strict front end.

Owns the order of attempts: pieces known from before, the whole text, and, for a text with mistakes, declaration by
declaration. Refuses to know what a declaration means. Never raises, whatever the text.

Invariant: the answer depends on the text alone, not on what was parsed before (spans up to a statement's offset).
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain

from constellation_grammar.builder import BUILDERS
from constellation_grammar.limits import check_limits, may_break_limits
from constellation_grammar.literals import Mistake
from constellation_grammar.long_strings import going_on
from constellation_grammar.loop import Machine, State, Unexpected
from constellation_grammar.messages import explain
from constellation_grammar.recovery import complete_before, recovered
from constellation_grammar.segments import Segment, segment
from constellation_grammar.statements import Memory, pieces
from constellation_grammar.syntax import Declaration, Program, Statement, SyntaxProblem
from constellation_grammar.tables import END, load
from constellation_grammar.tokens import Token, needs_exact, scan, scan_exactly, text_hash, token_hash

__all__ = ["Parser", "parse", "text_hash", "token_hash"]

_Nodes = tuple[tuple[Declaration, tuple[SyntaxProblem, ...]], ...]

_Known = tuple[int, tuple[Declaration, ...]]
"""The declarations of a piece, and the offset in the coordinates of their spans where the piece began."""

_FEW_MISSING = 8
_EXPLAINED_MISTAKES = 1_000  # of one text; further broken declarations only become `Broken`


class Parser:
    """A parser with a memory of the declarations it has seen. Threads may share one."""

    def __init__(self) -> None:
        self._machine = Machine(load(), BUILDERS)
        self._memory: Memory[_Known] = Memory()
        self._broken: Memory[_Nodes] = Memory(entries=2_000, characters=1_000_000)

    def parse(self, text: str) -> Program:
        """The program the text spells, its syntax errors included."""
        length = len(text)
        if text[:1] == "\ufeff":
            text = " " + text[1:]
        parts = pieces(text)
        found = self._memory.find(parts)
        missing = found.count(None)
        if missing <= _FEW_MISSING or missing * 4 <= len(parts):
            program = self._from_pieces(parts, found, length)
            if program is not None:
                return program
        try:
            declarations = self._declarations(text)
        except (Mistake, Unexpected) as error:
            return self._recover(text, length, error)
        self._file(parts, declarations)
        return Program(tuple([Statement(0, node) for node in declarations]), length)

    def _from_pieces(self, parts: list[str], found: list[_Known | None], length: int) -> Program | None:
        """The program if every piece parses on its own."""
        statements: list[Statement] = []
        add = statements.append
        at = 0
        for part, known in zip(parts, found, strict=True):
            if known is None:
                try:
                    known = (0, tuple(self._declarations(part)))
                except (Mistake, Unexpected):
                    return None
                self._memory.put(part, known)
            origin, nodes = known
            for node in nodes:
                add(Statement(at - origin, node))
            at += len(part)
        return Program(tuple(statements), length)

    def _file(self, parts: list[str], declarations: list[Declaration]) -> None:
        """Remember the declarations of a whole text under the pieces they lie in."""
        known: dict[str, _Known] = {}
        index, at, count = 0, 0, len(declarations)
        for part in parts:
            end = at + len(part)
            if index < count and declarations[index].start < end:
                first = index
                index += 1
                while index < count and declarations[index].start < end:
                    index += 1
                if declarations[index - 1].end > end:
                    break  # what looked like a head lies inside this declaration
                known[part] = (at, tuple(declarations[first:index]))
            at = end
        self._memory.put_all(known)

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
        for declaration in may_break_limits(declarations, text):
            check_limits(declaration, text)
        return declarations

    def accepts(self, text: str) -> bool:
        """Whether a text is valid, without looking for words when it is not."""
        try:
            self._declarations(text)
        except (Mistake, Unexpected):
            return False
        return True

    def segments(self, text: str) -> list[Segment]:
        """The declarations of a text with mistakes, told apart by their tokens."""
        return segment(text, going_on(text, self.accepts))

    def _recover(self, text: str, length: int, error: Mistake | Unexpected) -> Program:
        """The program of a text with mistakes, declaration by declaration."""
        statements: list[Statement] = []
        mistakes = 0
        parts = self.segments(text)
        for part in parts:
            body = text[part.start : part.end]
            nodes = self._broken.get(body)
            if nodes is None:
                nodes = self._segment(body, part, mistakes < _EXPLAINED_MISTAKES)
                if mistakes < _EXPLAINED_MISTAKES:
                    self._broken.put(body, nodes)
            for node, problems in nodes:
                explained = problems if mistakes < _EXPLAINED_MISTAKES else ()
                statements.append(Statement(part.start, node, explained))
                mistakes += len(problems)
        if any(statement.problems for statement in statements):
            return Program(tuple(statements), length)
        # every declaration is one by itself, but their sequence is not
        tokens = [token for part in parts for token in part.tokens]
        return Program(tuple(statements), length, (self._problem(text, tokens, error),))

    def _segment(self, text: str, part: Segment, explained: bool) -> _Nodes:
        """The declarations of one segment, spans from its beginning, and the one mistake in it, if any."""
        try:
            return tuple([(node, ()) for node in self._declarations(text)])
        except (Mistake, Unexpected) as error:
            if not explained:
                return ((recovered(text, part), ()),)
            tokens = [(kind, word, start - part.start, end - part.start) for kind, word, start, end in part.tokens]
            problem = self._problem(text, tokens, error)
            if isinstance(error, Unexpected):
                kept = complete_before(text, tokens, _index_of(error, tokens), self._machine.start)
                if kept is not None:
                    return self._kept(text[: tokens[kept - 1][3]], problem) or ((recovered(text, part), (problem,)),)
            return ((recovered(text, part), (problem,)),)

    def _kept(self, text: str, problem: SyntaxProblem) -> _Nodes:
        """The one declaration of the text with the problem that follows it; nothing if there is another mistake."""
        try:
            nodes = self._declarations(text)
        except (Mistake, Unexpected):
            return ()
        return ((nodes[0], (problem,)),) if len(nodes) == 1 else ()

    def _problem(self, text: str, tokens: list[Token], error: Mistake | Unexpected) -> SyntaxProblem:
        if isinstance(error, Mistake):
            return error.problem
        return explain(text, tokens, _index_of(error, tokens), self._machine.start)


def _index_of(error: Unexpected, tokens: list[Token]) -> int:
    """Where the unexpected token is among tokens read tolerantly."""
    kind, _, start, _ = error.token
    return len(tokens) if kind == END else bisect_left([token[2] for token in tokens], start)


_shared: Parser | None = None


def parse(text: str) -> Program:
    """Parse with the parser everybody shares."""
    global _shared
    if _shared is None:
        _shared = Parser()
    return _shared.parse(text)
