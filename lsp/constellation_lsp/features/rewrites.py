"""Rewrites: the same program, said in another form.

Owns the ways between `if`, `branch` and `when … ??`, the naming of a record type, and the options added to a call.
Refuses a rewrite whose text, read again, does not say exactly what was meant: parentheses are added until it does.

Invariant: comments are kept, and except for the added options nothing that is computed changes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import product

from constellation.types.model import OptionalType
from constellation_grammar import syntax as s
from constellation_grammar.formatter import format_text
from constellation_grammar.parser import Parser
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.edits import Edit, above_comments, span_of
from constellation_lsp.features.shapes import Shape, shape
from constellation_lsp.syntax_walk import path_to, walk

_KIND = "refactor.rewrite"
_COMMENT = re.compile(r"#[^\r\n]*")
_WORD = re.compile(r"[A-Za-z0-9]+")
_OPERATORS = (s.Arithmetic, s.Comparison, s.BooleanOperation, s.Coalesce, s.Guard, s.Not, s.Negation)
_parser = Parser()
_Writer = Callable[[s.Node, bool], str]
"""How a form is written: the node it replaces, and whether its parts get parentheses."""


def rewrites(analysis: Analysis, start: int, end: int) -> Iterator[Action]:
    """The rewrites of what stands around a span, the innermost of each form."""
    index = analysis.statement_at(start)
    if index is None or analysis.has_errors(index):
        return
    statement = analysis.program.statements[index]
    path = [n for n in path_to(statement.node, start - statement.offset) if n.end + statement.offset >= end]
    if not path:
        return
    if isinstance(statement.node, s.Input):
        yield from _name_record(analysis, statement, path)
    if not isinstance(statement.node, s.Assignment | s.Output):
        return
    around = _Rewriter(analysis, index, statement)
    yield from around.choices(path)
    yield from around.options(path)


# ------------------------------------------------------------------------------------------------- choices


class _Rewriter:
    """Rewrites inside one declaration."""

    def __init__(self, analysis: Analysis, index: int, statement: s.Statement) -> None:
        self.analysis = analysis
        self.index = index
        self.statement = statement
        self.text = analysis.text
        self.offset = statement.offset

    def choices(self, path: Sequence[s.Node]) -> Iterator[Action]:
        """`if`, `branch` and `when … ??` into each other."""
        found_if = next((n for n in reversed(path) if isinstance(n, s.If)), None)
        if found_if is not None:
            head = _chain_head(path, found_if)
            yield from self._made("Convert to 'branch'", head, self._branch_of(head), self._branch_text)
            if self._says_the_same(found_if.then, found_if.orelse):
                guarded = s.Coalesce(0, 0, s.Guard(0, 0, found_if.then, found_if.condition), found_if.orelse)
                yield from self._made("Convert to 'when' and '??'", found_if, guarded, self._when_text)
        branch = next((n for n in reversed(path) if isinstance(n, s.Branch)), None)
        if branch is not None and branch.cases:
            yield from self._made("Convert to if/else", branch, _ifs_of(branch), self._ifs_text)
        guard = next((n for n in reversed(path) if isinstance(n, s.Coalesce) and _guard_in(n) is not None), None)
        if guard is not None:
            inner = _guard_in(guard)
            assert inner is not None
            if self._says_the_same(inner.value, guard.right):
                wanted = s.If(0, 0, inner.condition, inner.value, guard.right)
                yield from self._made("Convert to if/else", guard, wanted, self._guard_text)

    def options(self, path: Sequence[s.Node]) -> Iterator[Action]:
        """Retry and timeout for the innermost call that has no options."""
        call = next((n for n in reversed(path) if isinstance(n, s.Call)), None)
        if call is None or call.options or self.analysis.call(self.index, call) is None:
            return
        options = (
            s.Option(0, 0, s.Name(0, 0, "retry"), s.IntLiteral(0, 0, 3)),
            s.Option(0, 0, s.Name(0, 0, "timeout"), s.Duration(0, 0, 30, "s")),
        )
        wanted = s.Call(0, 0, call.function, call.arguments, options, 0)
        target = shape(self.statement.node, {id(call): wanted})
        first, last = call.start + self.offset, call.end + self.offset
        outer = path[path.index(call) - 1]
        for opened, closed in (("(", ")"), ("", "")) if isinstance(outer, _OPERATORS) else (("", ""), ("(", ")")):
            tail = f" with retry: 3, timeout: 30s{closed}"
            edits: tuple[Edit, ...] = ((first, first, opened), (last, last, tail)) if opened else ((last, last, tail),)
            start, end = span_of(self.statement)
            new = self.text[start:first] + opened + self.text[first:last] + tail + self.text[last:end]
            if _reads_as(new, target):
                slots = f" with retry: ${{1:3}}, timeout: ${{2:30s}}{closed}"
                yield Action("Add retry and timeout", _KIND, edits, snippets=(*edits[:-1], (last, last, slots)))
                return

    def _made(self, title: str, node: s.Node, wanted: s.Expression, write: _Writer) -> Iterator[Action]:
        """The declaration with the node rewritten, in the fewest parentheses that keep its meaning."""
        target = shape(self.statement.node, {id(node): wanted})
        start, end = span_of(self.statement)
        first, last = node.start + self.offset, node.end + self.offset
        for around_whole, around_parts in product((False, True), repeat=2):
            text = write(node, around_parts)
            text = f"({text}\n)" if around_whole else text
            new = self.text[start:first] + text + self.text[last:end]
            if _reads_as(new, target):
                yield Action(title, _KIND, ((start, end, format_text(new).rstrip("\r\n")),))
                return

    # -------------------------------------------------------------------------------------- texts of forms

    def _branch_of(self, head: s.If) -> s.Branch:
        cases: list[s.BranchCase] = []
        last: s.Expression = head
        while isinstance(last, s.If):
            cases.append(s.BranchCase(0, 0, last.condition, last.then))
            last = last.orelse
        return s.Branch(0, 0, tuple(cases), last)

    def _branch_text(self, node: s.Node, parens: bool) -> str:
        made, at = ["branch {"], node.start
        last: s.Node = node
        while isinstance(last, s.If):
            made += [self._comments(at, last.condition.start) or "\n", self._part(last.condition, parens)]
            made += [self._comments(last.condition.end, last.then.start), " -> ", self._part(last.then, parens), ","]
            at, last = last.then.end, last.orelse
        made += [self._comments(at, last.start) or "\n", "otherwise -> ", self._part(last, parens), "\n}"]
        return "".join(made)

    def _ifs_text(self, node: s.Node, parens: bool) -> str:
        assert isinstance(node, s.Branch)
        made, at = list[str](), node.start
        for case in node.cases:
            made += ["if (", self._comments(at, case.condition.start), self._part(case.condition, False)]
            made += [self._comments(case.condition.end, case.value.start), ") ", self._part(case.value, parens)]
            made.append(" else ")
            at = case.value.end
        made += [self._comments(at, node.otherwise.start), self._part(node.otherwise, parens)]
        return "".join((*made, self._comments(node.otherwise.end, node.end)))

    def _when_text(self, node: s.Node, parens: bool) -> str:
        assert isinstance(node, s.If)
        made = [self._comments(node.start, node.condition.start), self._comments(node.condition.end, node.then.start)]
        made += [self._part(node.then, parens), " when ", self._part(node.condition, parens)]
        return "".join(
            (*made, " ?? ", self._comments(node.then.end, node.orelse.start), self._part(node.orelse, parens))
        )

    def _guard_text(self, node: s.Node, parens: bool) -> str:
        assert isinstance(node, s.Coalesce)
        guard = _guard_in(node)
        assert guard is not None
        made = ["if (", self._comments(node.start, guard.value.start)]
        made += [self._comments(guard.value.end, guard.condition.start), self._part(guard.condition, False), ") "]
        made += [self._part(guard.value, parens), " else "]
        return "".join((*made, self._comments(guard.condition.end, node.right.start), self._part(node.right, parens)))

    def _part(self, node: s.Node, parens: bool) -> str:
        written = self.text[node.start + self.offset : node.end + self.offset]
        simple = isinstance(node, s.Paren | s.Variable | s.IntLiteral | s.StringLiteral | s.BooleanLiteral)
        return f"({written})" if parens and not simple else written

    def _comments(self, start: int, end: int) -> str:
        """The comments between two parts, each with its line end."""
        between = self.text[start + self.offset : max(start, end) + self.offset]
        return "".join(f" {found[0]}\n" for found in _COMMENT.finditer(between))

    def _says_the_same(self, one: s.Expression, other: s.Expression) -> bool:
        """Whether choosing between two values gives one type in either form, and absence stays absence."""
        left, right = self._type(one), self._type(other)
        return left is not None and left == right and not isinstance(left, OptionalType)

    def _type(self, node: s.Expression) -> object:
        while isinstance(node, s.Paren):
            node = node.value
        return self.analysis.type_of(self.index, node)


def _chain_head(path: Sequence[s.Node], node: s.If) -> s.If:
    """The `if` that a chain of `else if` starts with."""
    head = node
    for outer in reversed(path):
        if isinstance(outer, s.If) and outer.orelse is head:
            head = outer
    return head


def _ifs_of(branch: s.Branch) -> s.Expression:
    made: s.Expression = branch.otherwise
    for case in reversed(branch.cases):
        made = s.If(0, 0, case.condition, case.value, made)
    return made


def _guard_in(node: s.Coalesce) -> s.Guard | None:
    left: s.Expression = node.left
    while isinstance(left, s.Paren):
        left = left.value
    return left if isinstance(left, s.Guard) else None


def _reads_as(declaration: str, target: Shape) -> bool:
    program = _parser.parse(declaration)
    return program.is_valid and len(program.statements) == 1 and shape(program.statements[0].node) == target


# ------------------------------------------------------------------------------------------------- types


def _name_record(analysis: Analysis, statement: s.Statement, path: Sequence[s.Node]) -> Iterator[Action]:
    """The record type of an input gets a name, declared above the input."""
    assert isinstance(statement.node, s.Input)
    records = [n for n in walk(statement.node.type) if isinstance(n, s.RecordType)]
    chosen = next((n for n in reversed(path) if isinstance(n, s.RecordType)), None)
    record = chosen or min(records, key=lambda n: n.start, default=None)
    if record is None:
        return
    name = _type_name(analysis, statement.node.name.text)
    first, last = record.start + statement.offset, record.end + statement.offset
    at = above_comments(analysis.text, span_of(statement)[0])
    lead = "" if not analysis.text[analysis.text.rfind("\n", 0, at) + 1 : at].strip() else "\n"
    definition = f"{lead}type {name} = {analysis.text[first:last]}\n"
    yield Action(f"Extract into type '{name}'", _KIND, ((at, at, definition), (first, last, name)))


def _type_name(analysis: Analysis, name: str) -> str:
    """`order-line` → `OrderLine`, with a number behind it when that is taken."""
    base = "".join(word[:1].upper() + word[1:] for word in _WORD.findall(name)) or "Record"
    base = base if base[0].isalpha() else f"T{base}"
    return analysis.occurrences.free_name(base, analysis.builtin_types)
