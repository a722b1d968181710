"""The tolerant front end's reading of call options, see `tree.py`.

Owns which node of the tree makes which option value, and the checks both front ends share. Invariant: a value that
does not fit its option sets `faulty`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from tree_sitter import Node

from constellation_grammar import literals
from constellation_grammar.literals import Mistake
from constellation_grammar.options import check_option
from constellation_grammar.syntax import (
    BooleanLiteral,
    Duration,
    Expression,
    Hole,
    IntLiteral,
    Option,
    OptionValue,
    Quoted,
    Rate,
    Word,
)
from constellation_grammar.tree_types import TypeReader

_T = TypeVar("_T")


class OptionReader(TypeReader, ABC):
    """Reads the options behind `with`."""

    @abstractmethod
    def expression(self, node: Node) -> Expression:
        """The expression of a node."""

    def value_field(self, node: Node, field: str, after: str) -> Expression:
        """The expression in a field; without one, a hole behind the token `after`."""
        found = node.child_by_field_name(field)
        if found is not None:
            return self.expression(found)
        return self.missing(node, after, "expression")

    def missing(self, node: Node, after: str, expected: str) -> Hole:
        """A hole behind the token `after`."""
        token = self.token(node, after)
        return self.hole(self.end(token) if token is not None else self.end(node), expected)

    def attempt(self, make: Callable[[], _T]) -> _T | None:
        """What `make` returns; None, and a fault noted, if it finds a mistake."""
        try:
            return make()
        except (Mistake, ValueError):
            self.faulty = True
            return None

    def option(self, node: Node) -> Option:
        name = self.name(node.child_by_field_name("name"), node)
        found = node.child_by_field_name("value")
        colon = self.token(node, ":")
        if found is None and colon is None and name.text == "lazy":
            return Option(name.start, name.end, name, BooleanLiteral(name.start, name.end, True))
        if found is None:
            behind = self.end(colon) if colon is not None else name.end
            return Option(name.start, behind, name, self.hole(behind, "option"))
        value = self.attempt(lambda: self._option_value(found))
        if value is None:
            value = Hole(*self.span(found), "option")
        option = Option(name.start, value.end, name, value)
        if not isinstance(value, Hole):
            self.attempt(lambda: check_option(option))
        return option

    def _option_value(self, node: Node) -> OptionValue:
        kind = node.type
        start, end = self.span(node)
        text = self.text[start:end]
        if kind == "duration":
            return literals.duration(text, start)
        if kind == "negative":
            return self._number(node)
        if kind == "rate":
            count, per = node.child_by_field_name("count"), node.child_by_field_name("per")
            if count is None or per is None:
                raise Mistake(start, end, "bad-option-value", "")
            digits = self.slice(count)
            if not digits.isdigit():
                raise Mistake(start, end, "bad-option-value", "")
            return Rate(start, end, literals.count_of(digits, start), self._duration(per))
        if kind == "quoted":
            return Quoted(start, end, text[1:-1])
        if kind == "word":
            return Word(start, end, text, None)
        if kind == "window":
            return self._window(node)
        parent = node.parent
        if kind == "integer" and parent is not None and self._option_name(parent) != "fallback":
            return self._number(node)
        return self.expression(node)

    def _option_name(self, node: Node) -> str:
        name = node.child_by_field_name("name")
        return self.slice(name) if name is not None else ""

    def _duration(self, node: Node) -> Duration:
        return literals.duration(self.slice(node), self.start(node))

    def _number(self, node: Node) -> IntLiteral:
        start, end = self.span(node)
        text = self.text[start:end]
        sign = 1 if text[:1] == "-" else 0
        digits = text[sign:]
        if not (digits.isascii() and digits.isdigit()):
            raise Mistake(start, end, "bad-option-value", "")
        if sign:
            return literals.negative_count(start, digits, start + 1)
        return IntLiteral(start, end, literals.count_of(digits, start))

    def _window(self, node: Node) -> Word:
        name = node.child_by_field_name("name")
        arguments: list[IntLiteral | Duration] = []
        for child in node.named_children:
            if child.type == "integer" and not self.slice(child).isdigit():
                arguments.append(self._duration(child))
            elif child.type in ("integer", "negative"):
                arguments.append(self._number(child))
        return Word(*self.span(node), self.name(name, node).text, tuple(arguments))
