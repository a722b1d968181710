"""A text under an editor's hands: edits in, the recovered program out.

Owns the text, its lines, its declarations and what is known of each. Refuses to know types or to judge meaning.

Declarations are told apart by tokens alone, and each is read on its own: whatever is broken stays inside its
declaration. After an edit only declarations whose text changed are read again (`parsed_statements` counts them); the
others keep their very node, even when they moved. The words for a mistake come from the compiler's parser, which then
sees the text of that one declaration.

Invariant: after any edits, `text`, `program` and positions are those of a fresh document with the same text, and
nothing raises on any text or edit; positions out of range mean the nearest place.
"""

from __future__ import annotations

import re

from tree_sitter import Point, Tree

from constellation_grammar.declarations import Declarations
from constellation_grammar.lines import Encoding, LineIndex, Position
from constellation_grammar.parser import Parser
from constellation_grammar.segments import segment
from constellation_grammar.syntax import Declaration, Program, Statement, SyntaxProblem
from constellation_grammar.tokens import Token
from constellation_grammar.tree import Reading, parse_tree, to_bytes

__all__ = ["Document", "Encoding", "Position"]

_parser = Parser()
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Known:
    """What is known of one declaration's text: its node and its problems, `shift` away from the text's beginning."""

    __slots__ = ("_tokens", "node", "problems", "shift", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        reading = Reading(text)
        self.node: Declaration = reading.node
        self.shift = 0
        self.problems: tuple[SyntaxProblem, ...] = ()
        self._tokens: list[Token] | None = None
        if reading.faulty:
            self._ask_parser(text)

    @property
    def tokens(self) -> list[Token]:
        """The tokens of the text; a string that does not end on its line has the kind `UNCLOSED`."""
        if self._tokens is None:
            self._tokens = [token for part in segment(self.text) for token in part.tokens]
        return self._tokens

    def _ask_parser(self, text: str) -> None:
        answer = _parser.parse(text)
        problems = list(answer.problems)
        for statement in answer.statements:
            problems += [_moved(problem, statement.offset) for problem in statement.problems]
        if problems:
            self.problems = tuple(problems)
        elif len(answer.statements) == 1:
            # the compiler's parser is the authority on what is valid
            self.node, self.shift = answer.statements[0].node, answer.statements[0].offset


def _moved(problem: SyntaxProblem, by: int) -> SyntaxProblem:
    if by == 0:
        return problem
    related = tuple([type(r)(r.start + by, r.end + by, r.message) for r in problem.related])
    return SyntaxProblem(
        problem.start + by, problem.end + by, problem.message, problem.slug, problem.suggestions, related
    )


class Document:
    """A text that is edited. Offsets count code points; positions are LSP's, in the given encoding."""

    def __init__(self, text: str, encoding: Encoding = "utf-16") -> None:
        self.encoding: Encoding = encoding
        self.version = 0
        self._text = ""
        self._lines = LineIndex("")
        self._has_surrogates = False
        self._tree: Tree | None = None
        self._tree_is_old = False
        self._program: Program | None = None
        self._prefix = self._suffix = 0  # how much of the text is as it was when `program` was last made
        self._declarations: Declarations | None = None
        self._entries: list[_Known] = []
        self._statements: tuple[Statement, ...] = ()
        self._parsed = 0
        self._built_length = 0
        self._set(text)

    # ------------------------------------------------------------------------------------------------- edits

    @property
    def text(self) -> str:
        """The whole text."""
        return self._text

    def apply(self, start: Position | tuple[int, int], end: Position | tuple[int, int], new_text: str) -> None:
        """Replace what stands between two positions. The later of the two is the end."""
        first, last = sorted((self.offset_at(*start), self.offset_at(*end)))
        self.version += 1
        old = self._text
        text = old[:first] + new_text + old[last:]
        if _SURROGATE.search(new_text) or self._has_surrogates:
            self._set(text)
            return
        if self._tree is not None:
            _edit_tree(self._tree, old, first, last, new_text)
            self._tree_is_old = True
        self._text = text
        self._lines.edit(first, last, first + len(new_text), text)
        self._prefix = min(self._prefix, first)
        self._suffix = min(self._suffix, len(old) - last)
        self._program = None

    def replace(self, text: str) -> None:
        """Replace the whole text."""
        self.version += 1
        self._set(text)

    def _set(self, text: str) -> None:
        self._has_surrogates = False
        if not text.isascii() and _SURROGATE.search(text):
            # halves of a pair that met are one character; one that stays alone is kept as it is
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
            self._has_surrogates = _SURROGATE.search(text) is not None
        self._text = text
        self._lines = LineIndex(text)
        self._tree = None
        self._tree_is_old = False
        self._prefix = self._suffix = 0
        self._program = None

    # ---------------------------------------------------------------------------------------------- positions

    def position_at(self, offset: int) -> Position:
        """The position of an offset."""
        return self._lines.position(self._text, offset, self.encoding)

    def offset_at(self, line: int, character: int) -> int:
        """The offset of a position."""
        return self._lines.offset(self._text, line, character, self.encoding)

    @property
    def line_count(self) -> int:
        """How many lines the text has; at least one."""
        return len(self._lines.starts)

    def line_start(self, line: int) -> int:
        """The offset at which a line begins."""
        return self._lines.offset(self._text, line, 0, self.encoding)

    # -------------------------------------------------------------------------------------------- what it says

    @property
    def program(self) -> Program:
        """The recovered program: holes where something is missing, problems where something is wrong."""
        if self._program is None:
            self._read_changes()
            self._program = Program(self._statements, len(self._text), self._between_statements())
            self._prefix = self._suffix = len(self._text)
        return self._program

    def _between_statements(self) -> tuple[SyntaxProblem, ...]:
        """The one character that is wrong even where nothing stands, in a comment: U+0000."""
        at = self._text.find("\0")
        if at < 0 or any(statement.problems for statement in self._statements):
            return ()
        return (SyntaxProblem(at, at + 1, "Unexpected character U+0000", "stray-character"),)

    @property
    def parsed_statements(self) -> int:
        """How many declarations had to be read for the present program; all others were known."""
        assert self.program is not None
        return self._parsed

    @property
    def tokens(self) -> list[Token]:
        """Every token of the text with its absolute place, comments aside."""
        assert self.program is not None
        tokens: list[Token] = []
        for entry, start in zip(self._entries, self._starts(), strict=True):
            tokens += [(kind, word, first + start, last + start) for kind, word, first, last in entry.tokens]
        return tokens

    def _starts(self) -> list[int]:
        return self._declarations.starts if self._declarations is not None else []

    @property
    def tree(self) -> Tree:
        """The tree-sitter tree of the whole text, which is UTF-8 to it: see `byte_at` and `offset_of_byte`."""
        if self._tree is None or self._tree_is_old:
            self._tree = parse_tree(self._text, self._tree)
            self._tree_is_old = False
        return self._tree

    def byte_at(self, offset: int) -> int:
        """The tree's byte offset of an offset."""
        return offset if self._text.isascii() else len(to_bytes(self._text[:offset]))

    def offset_of_byte(self, byte: int) -> int:
        """The offset of one of the tree's byte offsets."""
        return byte if self._text.isascii() else len(to_bytes(self._text)[:byte].decode("utf-8", "replace"))

    def _read_changes(self) -> None:
        """Bring the statements up to date: those of a window around the edits anew, the others moved."""
        text = self._text
        if text[:1] == "\ufeff":
            text = " " + text[1:]
        if self._declarations is None:
            self._declarations = Declarations(text, _parser.accepts)
            first, old_stop, new_stop = 0, 0, len(self._declarations.starts)
            shift = 0
        else:
            shift = len(text) - self._built_length
            first, old_stop, new_stop = self._declarations.update(text, self._prefix, self._suffix)
        self._built_length = len(text)
        starts, ends = self._declarations.starts, self._declarations.ends
        known = {entry.text: entry for entry in self._entries[first:old_stop]}
        self._parsed = 0
        entries: list[_Known] = []
        fresh: list[Statement] = []
        for start, end in zip(starts[first:new_stop], ends[first:new_stop], strict=True):
            piece = text[start:end]
            entry = known.get(piece)
            if entry is None:
                entry = known[piece] = _Known(piece)
                self._parsed += 1
            entries.append(entry)
            fresh.append(Statement(start + entry.shift, entry.node, entry.problems))
        moved = self._statements[old_stop:]
        if shift:
            moved = tuple([Statement(s.offset + shift, s.node, s.problems) for s in moved])
        self._statements = (*self._statements[:first], *fresh, *moved)
        self._entries[first:old_stop] = entries


def _edit_tree(tree: Tree, old: str, start: int, old_end: int, new_text: str) -> None:
    """Tell a tree of `old` about an edit. Its rows end at `\\n` alone."""
    if old.isascii():
        first, last = start, old_end
    else:
        first = len(to_bytes(old[:start]))
        last = first + len(to_bytes(old[start:old_end]))
    start_point = _point(old, start)
    new = to_bytes(new_text)
    tree.edit(
        start_byte=first,
        old_end_byte=last,
        new_end_byte=first + len(new),
        start_point=start_point,
        old_end_point=_advanced(start_point, to_bytes(old[start:old_end])),
        new_end_point=_advanced(start_point, new),
    )


def _point(text: str, offset: int) -> Point:
    row = text.count("\n", 0, offset)
    return Point(row, len(to_bytes(text[text.rfind("\n", 0, offset) + 1 : offset])))


def _advanced(point: Point, data: bytes) -> Point:
    rows = data.count(b"\n")
    column = len(data) - data.rfind(b"\n") - 1 if rows else point.column + len(data)
    return Point(point.row + rows, column)
