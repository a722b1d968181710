"""tree-sitter tree → syntax nodes, with holes where something is missing.

Owns the tolerant front end's reading of one declaration: for valid text the node the compiler's parser makes, for
half-typed text as much of it as can be told. Refuses to explain mistakes: it only notes that there is one (`faulty`),
and `document.py` asks the compiler's parser for the words.

A missing expression, type or pattern is a `Hole`; a missing name is a `Name` without text. Both are empty and stand
right behind the last token before them.

Invariant: nothing here raises, and `faulty` is false exactly when the text is one valid declaration.
"""

from __future__ import annotations

import re
import threading

from tree_sitter import Language, Node, Parser, Tree

from constellation_grammar import _binding
from constellation_grammar.limits import check_limits
from constellation_grammar.literals import Mistake
from constellation_grammar.mending import endings
from constellation_grammar.recovery import recovered
from constellation_grammar.segments import segment
from constellation_grammar.syntax import (
    Assignment,
    Broken,
    Declaration,
    Example,
    Expression,
    Hole,
    Input,
    Name,
    Output,
    RecordField,
    Sink,
    Source,
    TypeDefinition,
    Use,
)
from constellation_grammar.tree_expressions import ExpressionReader
from constellation_grammar.tree_expressions import ends_in_options as _ends_in_options

LANGUAGE = Language(_binding.language())
"""The tree-sitter language of constellation-lang."""

_OF_THREAD = threading.local()
_SURROGATE = re.compile("[\ud800-\udfff]")
_KEYWORDS = {"type_definition": "type", "input": "in", "output": "out", "import": "use", "assignment": "="}


def to_bytes(text: str) -> bytes:
    """The text as tree-sitter reads it. A lone surrogate, which UTF-8 cannot say, is replaced by U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return _SURROGATE.sub("\ufffd", text).encode()


def parse_tree(text: str | bytes, old: Tree | None = None) -> Tree:
    """The tree of a text; `old` is the tree of an earlier text, told of every edit since."""
    data = to_bytes(text) if isinstance(text, str) else text
    parser: Parser | None = getattr(_OF_THREAD, "parser", None)
    if parser is None:
        parser = _OF_THREAD.parser = Parser(LANGUAGE)
    return parser.parse(data, old) if old is not None else parser.parse(data)


class Reading:
    """One declaration as read: its node with spans from the beginning of `text`, and whether anything is wrong."""

    __slots__ = ("faulty", "node")

    def __init__(self, text: str) -> None:
        root = parse_tree(text).root_node
        mended = _mended(text) if root.has_error else None
        reader = _DeclarationReader(text, "" if mended is None else mended[0])
        try:
            self.node = reader.statement(root if mended is None else mended[1])
        except RecursionError:
            reader.faulty = True
            self.node = _head_only(text)
        if mended is not None or "\0" in text:
            reader.faulty = True
        self.faulty = reader.faulty or not _within_limits(self.node, text)


def _mended(text: str) -> tuple[str, Node] | None:
    """An ending that makes the text a declaration without skipped parts, and the tree it has then."""
    for ending in endings(text):
        root = parse_tree(text + ending).root_node
        if not root.has_error:
            return ending, root
    return None


def _within_limits(node: Declaration, text: str) -> bool:
    try:
        check_limits(node, text)
    except Mistake:
        return False
    return True


def _head_only(text: str) -> Broken:
    """A declaration of which only the first words can be told."""
    parts = segment(text)
    return recovered(text, parts[0]) if len(parts) == 1 else Broken(0, len(text), "", None)


class _DeclarationReader(ExpressionReader):
    """Reads the declaration of one text."""

    def statement(self, root: Node) -> Declaration:
        """The one declaration; the longest-reaching choice when the text holds several or none."""
        children = [c for c in root.named_children if c.type != "comment"]
        self.faulty = root.has_error or len(children) != 1
        if len(children) == 1 and children[0].type in _KEYWORDS:
            return self._declaration(children[0])
        return self._salvage(children)

    def _salvage(self, children: list[Node]) -> Declaration:
        """What can be told of a declaration whose tree fell apart: its name, an input's or type's type, no value."""
        self.faulty = True
        head = _head_only(self.text)
        for child in children:
            if head.name is not None and _KEYWORDS.get(child.type) == head.keyword:
                found = self._declaration(child)
                if getattr(found, "name", None) == head.name:
                    return self._without_value(found, head.end)
        if head.keyword == "=" and head.name is not None:
            return Assignment(head.start, head.end, head.name, Hole(head.end, head.end, "expression"))
        return head

    def _without_value(self, node: Declaration, end: int) -> Declaration:
        """The declaration with a hole for the expression that was cut off somewhere; types stay."""
        if isinstance(node, Assignment):
            hole = Hole(node.value.start, max(node.end, end), "expression")
            return Assignment(node.start, hole.end, node.name, hole)
        return node

    def _declaration(self, node: Node) -> Declaration:
        kind = node.type
        if kind == "assignment":
            return self._assignment(node)
        if kind == "input":
            return self._input(node)
        if kind == "output":
            return self._output(node)
        if kind == "type_definition":
            return self._type_definition(node)
        return self._use(node)

    def _assignment(self, node: Node) -> Declaration:
        name_node = self.field(node, "name")
        name = self.name(name_node, node)
        if not name.text:
            return self._broken(node, "=", None)
        value = self._value(node, "=")
        if self._has(node, "trailing_comma") and not _ends_in_options(value):
            self.faulty = True
        return Assignment(name.start, max(value.end, name.end), name, value)

    def _value(self, node: Node, after: str) -> Expression:
        """The value of a declaration; a hole for all of it if something was skipped around it."""
        value = self.value_field(node, "value", after)
        if not any(child.is_error for child in node.children):
            return value
        token = self.token(node, after)
        start = self.end(token) if token is not None else value.start
        return Hole(start, max(start, self.end(node)), "expression")

    def _type_definition(self, node: Node) -> Declaration:
        found = self.field(node, "name")
        if found is None:
            return self._broken(node, "type", None)
        name = self.name(found, node)
        type_ = self.type_field(node, "type", "=")
        return TypeDefinition(self.start(node), max(type_.end, name.end), name, type_)

    def _input(self, node: Node) -> Declaration:
        found = self.field(node, "name")
        if found is None:
            return self._broken(node, "in", None)
        name = self.name(found, node)
        type_ = self.type_field(node, "type", ":")
        annotations = [a for c in node.named_children if (a := self._annotation(c)) is not None]
        kept = tuple([a for a in annotations if not isinstance(a, Sink)])
        return Input(self.start(node), max(type_.end, name.end), name, type_, kept)

    def _output(self, node: Node) -> Declaration:
        value = self._value(node, "out")
        start, end = self.start(node), value.end
        annotations = [a for c in node.named_children if (a := self._annotation(c)) is not None]
        sinks = tuple([a for a in annotations if isinstance(a, Sink)])
        alias = None
        if (token := self.token(node, "as")) is not None:
            alias = self.name_after(self.field(node, "alias"), token)
            end = max(alias.end, self.end(token))
        if self._has(node, "trailing_comma") and (alias is not None or not _ends_in_options(value)):
            self.faulty = True
        return Output(start, end, value, alias, sinks)

    def _use(self, node: Node) -> Declaration:
        path = self.field(node, "path")
        if path is None:
            return self._broken(node, "use", None)
        name = self.dotted(path)
        end, alias = name.end, None
        if (token := self.token(node, "as")) is not None:
            alias = self.name_after(self.field(node, "alias"), token)
            end = max(alias.end, self.end(token))
        return Use(self.start(node), end, name, alias)

    def _broken(self, node: Node, keyword: str, name: Name | None) -> Broken:
        self.faulty = True
        return Broken(self.start(node), self.end(node), keyword, name)

    def _has(self, node: Node, kind: str) -> bool:
        return any(c.type == kind for c in node.named_children)

    # ------------------------------------------------------------------------------------------ annotations

    def _annotation(self, node: Node) -> Example | Source | Sink | None:
        kind = node.type
        if kind == "example":
            damaged = any(child.is_error for child in node.children)
            value = self.missing(node, "(", "expression") if damaged else self.value_field(node, "value", "(")
            return Example(*self.span(node), value)
        if kind not in ("source", "sink"):
            return None
        found = self.field(node, "connector")
        connector = self.slice(found)[1:-1] if found is not None else ""
        properties: list[RecordField] = [self.record_field(c) for c in node.named_children if c.type == "field"]
        made = Source if kind == "source" else Sink
        return made(*self.span(node), connector, tuple(properties))
