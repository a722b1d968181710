"""The tolerant front end's reading of types and names, see `tree.py`.

Owns the way from tree-sitter's byte offsets to code points, names, and type expressions. Invariant: whatever is
missing sets `faulty`.
"""

from __future__ import annotations

from tree_sitter import Node

from constellation_grammar.syntax import (
    GenericType,
    Hole,
    MergeType,
    Name,
    NamedType,
    ParenType,
    RecordType,
    TypeField,
    TypeNode,
    UnionType,
)

_PARTS = frozenset({"arguments", "with_clause", "option", "parameters", "field", "case", "otherwise", "arm", "path"})
"""Nodes that are read together with the one they are in."""


def code_point_table(text: str) -> list[int]:
    """For every byte offset of the text in UTF-8, and its end, the code point it belongs to."""
    table: list[int] = []
    for index, character in enumerate(text):
        width = 1 if character < "\x80" else 2 if character < "\u0800" else 3 if character < "\U00010000" else 4
        table += [index] * width
    table.append(len(text))
    return table


class TypeReader:
    """Reads names and types of one text's tree. Spans count code points from the beginning of the text."""

    def __init__(self, text: str, ending: str = "") -> None:
        """`ending` was put behind the text to parse it; what lies in it counts as missing."""
        self.text = text
        self.faulty = False
        self._length = len(text)
        self._table = None if text.isascii() else code_point_table(text + ending)

    # ------------------------------------------------------------------------------------ places and tokens

    def start(self, node: Node) -> int:
        """Where a node begins."""
        place = node.start_byte if self._table is None else self._table[node.start_byte]
        return min(place, self._length)

    def end(self, node: Node) -> int:
        """Where a node ends."""
        place = node.end_byte if self._table is None else self._table[node.end_byte]
        return min(place, self._length)

    def span(self, node: Node) -> tuple[int, int]:
        """Where a node begins and ends."""
        return self.start(node), self.end(node)

    def slice(self, node: Node) -> str:
        """The text of a node."""
        return self.text[self.start(node) : self.end(node)]

    def field(self, node: Node, name: str) -> Node | None:
        """The child in a field."""
        return node.child_by_field_name(name)

    def token(self, node: Node, kind: str) -> Node | None:
        """The first child that is the token `kind`."""
        for child in node.children:
            if child.type == kind:
                return child
        return None

    def damaged(self, node: Node) -> bool:
        """Whether the parser skipped something directly in this node, so that it may not be what it looks like."""
        if not node.has_error:
            return False
        if any(child.is_error for child in node.children):
            return True
        return any(child.is_error for part in node.children if part.type in _PARTS for child in part.children)

    def hole(self, at: int, expected: str) -> Hole:
        """Something is missing at a place."""
        self.faulty = True
        return Hole(at, at, expected)

    # ------------------------------------------------------------------------------------------------ names

    def name(self, node: Node | None, parent: Node) -> Name:
        """The name a node spells; without one, a name without text at the end of `parent`."""
        start, end = self.span(parent if node is None else node)
        if node is None or start == end:
            self.faulty = True
            return Name(end, end, "")
        return Name(start, end, self.text[start:end])

    def name_after(self, node: Node | None, token: Node | None) -> Name:
        """The name a node spells; without one, a name without text behind `token`."""
        if node is not None and node.start_byte != node.end_byte:
            start, end = self.span(node)
            return Name(start, end, self.text[start:end])
        self.faulty = True
        at = self.end(token) if token is not None else len(self.text)
        return Name(at, at, "")

    def dotted(self, node: Node) -> Name:
        """`a.b.c` as one name, without the member that is still missing; no text if it is anything else.

        Blanks around its dots are a mistake.
        """
        start, end = self.span(node)
        text = self.text[start:end]
        pieces = text.split(".")
        if all(piece and piece.isascii() and piece.replace("-", "_").isidentifier() for piece in pieces):
            return Name(start, end, text)
        self.faulty = True
        words = [piece for piece in pieces if piece]
        half_typed = all(word.isascii() and word.replace("-", "_").isidentifier() for word in words)
        return Name(start, end, ".".join(words) if half_typed else "")

    # ------------------------------------------------------------------------------------------------ types

    def type_field(self, node: Node, field: str, after: str) -> TypeNode:
        """The type in a field; without one, a hole behind the token `after`, or behind everything."""
        found = node.child_by_field_name(field)
        token = self.token(node, after)
        if found is not None and not self._skipped_between(node, token, found):
            return self.type(found)
        return self.hole(self.end(token if token is not None else node), "type")

    @staticmethod
    def _skipped_between(node: Node, token: Node | None, found: Node) -> bool:
        """Whether the parser skipped something between a token and what should follow it."""
        first = token.end_byte if token is not None else node.start_byte
        return node.has_error and any(c.is_error and first <= c.start_byte < found.start_byte for c in node.children)

    def type(self, node: Node) -> TypeNode:
        """The type expression of a node."""
        chain: list[Node] = []
        while node.type == "merge_type":
            left = node.child_by_field_name("left")
            if left is None:
                break
            chain.append(node)
            node = left
        value = Hole(*self.span(node), "type") if self.damaged(node) else self._type_operand(node)
        for parent in reversed(chain):
            right = parent.child_by_field_name("right")
            other = self.type(right) if right is not None else self.hole(self.end(parent), "type")
            value = MergeType(value.start, other.end, value, other)
        return value

    def _type_operand(self, node: Node) -> TypeNode:
        kind = node.type
        start, end = self.span(node)
        if kind == "type_name":
            return NamedType(start, end, self.text[start:end]) if start < end else self.hole(start, "type")
        if kind == "generic_type":
            return self._generic(node)
        if kind == "record_type":
            fields: list[TypeField] = []
            for child in node.named_children:
                if child.type == "field_type":
                    name = self.name(child.child_by_field_name("name"), child)
                    type_ = self.type_field(child, "type", ":")
                    fields.append(TypeField(name.start, max(type_.end, name.end), name, type_))
            return RecordType(start, end, tuple(fields))
        members = self._members(node)
        if kind == "union_type" and len(members) > 1:
            return UnionType(members[0].start, members[-1].end, tuple(members))
        if kind == "parenthesized_type" and members:
            return ParenType(start, end, members[0])
        return members[0] if members else self.hole(start, "type")

    def _members(self, node: Node) -> list[TypeNode]:
        members: list[TypeNode] = []
        for child in node.named_children:
            if child.type not in ("comment", "ERROR", "type_constructor"):
                members.append(self.type(child))
        return members

    def _generic(self, node: Node) -> TypeNode:
        constructor = self.name(node.child_by_field_name("constructor"), node)
        arguments = self._members(node)
        if not arguments:
            arguments.append(self.hole(max(constructor.end, self.end(node) - 1), "type"))
        return GenericType(*self.span(node), constructor, tuple(arguments))
