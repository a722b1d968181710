"""The tolerant front end's reading of expressions, see `tree.py`.

Owns every expression. Invariant: a chain of operators is read in a loop, so only real nesting costs
stack.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import ClassVar

from tree_sitter import Node

from constellation_grammar import literals
from constellation_grammar.literals import Mistake
from constellation_grammar.syntax import (
    Arithmetic,
    BooleanLiteral,
    BooleanOperation,
    Branch,
    BranchCase,
    Call,
    Coalesce,
    Comparison,
    Expression,
    FieldAccess,
    Guard,
    Hole,
    If,
    Interpolation,
    IntLiteral,
    Lambda,
    ListLiteral,
    Match,
    MatchArm,
    Name,
    Negation,
    Not,
    Option,
    Parameter,
    Paren,
    Pattern,
    Projection,
    RecordField,
    RecordLiteral,
    RecordPattern,
    StringLiteral,
    TypeTest,
    Variable,
    Wildcard,
)
from constellation_grammar.tree_options import OptionReader

_LEFT_OPERANDS = {
    "sum": "left", "product": "left", "comparison": "left", "and": "left", "or": "left", "coalesce": "left",
    "guard": "value", "field_access": "source", "projection": "source",
}  # fmt: skip
_NOT_CHILDREN = frozenset({"comment", "ERROR"})
_FLOAT = re.compile(r"[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?")


def ends_open(expression: Expression) -> bool:
    """Whether the expression ends in a construct that takes everything to its right, so that nothing may follow."""
    while True:
        match expression:
            case If() | Lambda():
                return True
            case Call(options=options):
                return bool(options) and options[-1].name.text == "fallback"
            case Coalesce(right=last) | BooleanOperation(right=last) | Comparison(right=last) | Arithmetic(right=last):
                expression = last
            case Guard(condition=last) | Not(value=last) | Negation(value=last):
                expression = last
            case _:
                return False


def ends_in_options(expression: Expression) -> bool:
    """Whether the expression ends in a `with` clause, which a comma could continue."""
    while True:
        match expression:
            case Call(options=options):
                return bool(options)
            case If(orelse=last) | Lambda(body=last):
                expression = last
            case Coalesce(right=last) | BooleanOperation(right=last) | Comparison(right=last) | Arithmetic(right=last):
                expression = last
            case Guard(condition=last) | Not(value=last) | Negation(value=last):
                expression = last
            case _:
                return False


def _means_otherwise(condition: Expression) -> bool:
    """Whether a condition is the word other languages have for the last case."""
    return isinstance(condition, Variable) and condition.name in ("_", "default")


class ExpressionReader(OptionReader):
    """Reads expressions; each `_read_KIND` takes a node of that kind, each `_fold_KIND` also its left operand."""

    def expression(self, node: Node) -> Expression:
        """The expression of a node; a hole in its place if the parser skipped something directly in it."""
        chain: list[Node] = []
        value: Expression | None = None
        while (side := _LEFT_OPERANDS.get(node.type)) is not None:
            left = node.child_by_field_name(side)
            if self.damaged(node):
                value = Hole(*self.span(node), "expression")
                break
            chain.append(node)
            if left is None:
                value = self.hole(self.start(node), "expression")
                break
            node = left
        if value is None:
            read = None if self.damaged(node) else self._readers.get(node.type)
            value = read(self, node) if read is not None else Hole(*self.span(node), "expression")
        for parent in reversed(chain):
            if ends_open(value):
                self.faulty = True
            value = self._folders[parent.type](self, parent, value)
        return value

    def _read_hole(self, node: Node) -> Expression:
        return self.hole(self.start(node), "expression")

    # -------------------------------------------------------------------------------------------- operators

    def _fold_arithmetic(self, node: Node, left: Expression) -> Expression:
        operator, right = self._operation(node, left)
        return Arithmetic(left.start, right.end, operator, left, right)

    def _fold_comparison(self, node: Node, left: Expression) -> Expression:
        operator, right = self._operation(node, left)
        return Comparison(left.start, right.end, operator, left, right)

    def _operation(self, node: Node, left: Expression) -> tuple[str, Expression]:
        operator = node.child_by_field_name("operator")
        right = self._right(node, "right", left if operator is None else None, operator)
        return (operator.type if operator is not None else ""), right

    def _fold_boolean(self, node: Node, left: Expression) -> Expression:
        right = self._right(node, "right", None, self.token(node, node.type))
        return BooleanOperation(left.start, right.end, node.type, left, right)

    def _fold_coalesce(self, node: Node, left: Expression) -> Expression:
        right = self._right(node, "right", None, self.token(node, "??"))
        return Coalesce(left.start, right.end, left, right)

    def _fold_guard(self, node: Node, left: Expression) -> Expression:
        right = self._right(node, "condition", None, self.token(node, "when"))
        return Guard(left.start, right.end, left, right)

    def _right(self, node: Node, field: str, left: Expression | None, token: Node | None) -> Expression:
        found = node.child_by_field_name(field)
        if found is not None:
            return self.expression(found)
        behind = self.end(token) if token is not None else left.end if left is not None else self.end(node)
        return self.hole(behind, "expression")

    def _read_not(self, node: Node) -> Expression:
        value = self.value_field(node, "operand", "not")
        return Not(self.start(node), value.end, value)

    def _read_negated_call(self, node: Node) -> Expression:
        start, end = self.span(node)
        bracket = self.token(node, "(")
        opening = self.start(bracket) if bracket is not None else start
        return Not(start, end, Paren(opening, end, self._inner(node)))

    def _read_negation(self, node: Node) -> Expression:
        return literals.signed(self.start(node), self.value_field(node, "operand", "-"))

    def _fold_field_access(self, node: Node, source: Expression) -> Expression:
        field = self.name_after(node.child_by_field_name("field"), self.token(node, "."))
        return FieldAccess(source.start, field.end, source, field)

    def _fold_projection(self, node: Node, source: Expression) -> Expression:
        names = [self.name(c, node) for c in node.named_children[1:] if c.type == "identifier"]
        fields = tuple([name for name in names if name.text])
        return Projection(source.start, self.end(node), source, fields, self.token(node, "{") is not None)

    # --------------------------------------------------------------------------------------------- operands

    def _read_variable(self, node: Node) -> Expression:
        start, end = self.span(node)
        if start == end:
            return self.hole(start, "expression")
        return Variable(start, end, self.text[start:end])

    def _read_boolean(self, node: Node) -> BooleanLiteral:
        return BooleanLiteral(*self.span(node), node.type == "true")

    def _read_integer(self, node: Node) -> Expression:
        start, end = self.span(node)
        literal = self.attempt(lambda: self._plain_integer(start, end))
        return Hole(start, end, "expression") if literal is None else literal

    def _plain_integer(self, start: int, end: int) -> IntLiteral:
        text = self.text[start:end]
        if not (text.isascii() and text.isdigit()):
            raise Mistake(start, end, "bad-name", "")
        return literals.integer(text, start)

    def _read_float(self, node: Node) -> Expression:
        start, end = self.span(node)
        text = self.text[start:end]
        if _FLOAT.fullmatch(text) is None:
            self.faulty = True
            return Hole(start, end, "expression")
        literal = self.attempt(lambda: literals.floating(text, start))
        return Hole(start, end, "expression") if literal is None else literal

    def _read_parenthesized(self, node: Node) -> Expression:
        return Paren(*self.span(node), self._inner(node))

    def _inner(self, node: Node) -> Expression:
        for child in node.named_children:
            if child.type not in _NOT_CHILDREN:
                return self.expression(child)
        return self.missing(node, "(", "expression")

    def _read_string(self, node: Node) -> Expression:
        parts: list[str] = []
        expressions: list[Expression] = []
        current: list[str] = []
        for child in node.named_children:
            kind = child.type
            if kind == "text":
                current.append(self.slice(child))
            elif kind == "escape":
                start, end = self.span(child)
                raw = self.text[start:end]
                plain = self.attempt(lambda raw=raw, start=start: literals.unescape(raw, start))  # type: ignore[misc]
                current.append(raw if plain is None else plain)
            elif kind == "interpolation":
                parts.append("".join(current))
                current = []
                expressions.append(self._interpolated(child))
        parts.append("".join(current))
        if not expressions:
            return StringLiteral(*self.span(node), parts[0])
        return Interpolation(*self.span(node), tuple(parts), tuple(expressions))

    def _interpolated(self, node: Node) -> Expression:
        for child in node.named_children:
            if child.type not in _NOT_CHILDREN:
                return self.expression(child)
        return self.missing(node, "${", "expression")

    def _read_list(self, node: Node) -> Expression:
        items: list[Expression] = []
        for child in node.named_children:
            if child.type not in _NOT_CHILDREN:
                items.append(self.expression(child))
        return ListLiteral(*self.span(node), tuple(items))

    def _read_record(self, node: Node) -> Expression:
        fields: list[RecordField] = []
        for child in node.named_children:
            if child.type == "field":
                fields.append(self.record_field(child))
        return RecordLiteral(*self.span(node), tuple(fields))

    def record_field(self, node: Node) -> RecordField:
        """`name: value`, in a record or an annotation."""
        name = self.name(node.child_by_field_name("name"), node)
        value = self.value_field(node, "value", ":")
        return RecordField(name.start, value.end, name, value)

    # ----------------------------------------------------------------------------------- calls and lambdas

    def _read_call(self, node: Node) -> Expression:
        function = self._function(node.child_by_field_name("function"), node)
        arguments: list[Expression] = []
        close = function.end
        found = node.child_by_field_name("arguments")
        if found is not None:
            close = self.end(found)
            for child in found.named_children:
                if child.type not in _NOT_CHILDREN:
                    arguments.append(self.expression(child))
        options: tuple[Option, ...] = ()
        end = close
        last = node.named_children[-1]
        if last.type == "with_clause":
            options = tuple([self.option(c) for c in last.named_children if c.type == "option"])
            end = options[-1].end if options else self.end(last)
            if not options:
                self.faulty = True
        return Call(self.start(node), end, function, tuple(arguments), options, close)

    def _function(self, node: Node | None, call: Node) -> Name:
        if node is not None and node.type == "field_access":
            name = self.dotted(node)
            return Name(name.start, name.end, "") if self.text[name.end - 1] == "." else name
        return self.name(node, call)

    def _read_lambda(self, node: Node) -> Expression:
        found = node.child_by_field_name("parameters")
        parameters: list[Parameter] = []
        if found is not None and found.type == "parameter":
            parameters.append(self._parameter(found))
            if parameters[0].type is not None:
                self.faulty = True
        elif found is not None:
            parameters = [self._parameter(c) for c in found.named_children if c.type == "parameter"]
        body = self.value_field(node, "body", "=>")
        return Lambda(self.start(node), body.end, tuple(parameters), body)

    def _parameter(self, node: Node) -> Parameter:
        name = self.name(node.child_by_field_name("name"), node)
        if self.token(node, ":") is None:
            return Parameter(name.start, name.end, name, None)
        type_ = self.type_field(node, "type", ":")
        return Parameter(name.start, max(type_.end, name.end), name, type_)

    # ---------------------------------------------------------------------------------------------- choices

    def _read_conditional(self, node: Node) -> Expression:
        condition = self.value_field(node, "condition", "(")
        then = self.value_field(node, "consequence", ")")
        orelse = self.value_field(node, "alternative", "else")
        return If(self.start(node), orelse.end, condition, then, orelse)

    def _read_branch(self, node: Node) -> Expression:
        cases: list[BranchCase] = []
        otherwise: Expression | None = None
        for child in node.named_children:
            if child.type == "case":
                condition = self.value_field(child, "condition", "->")
                value = self.value_field(child, "value", "->")
                cases.append(BranchCase(condition.start, value.end, condition, value))
            elif child.type == "otherwise":
                otherwise = self.value_field(child, "value", "->")
        start, end = self.span(node)
        if otherwise is None and cases and _means_otherwise(cases[-1].condition):
            self.faulty = True
            otherwise = cases.pop().value
        if otherwise is None:
            otherwise = self.hole(max(start, end - 1), "expression")
        return Branch(start, end, tuple(cases), otherwise)

    def _read_match(self, node: Node) -> Expression:
        scrutinee = self.value_field(node, "scrutinee", "match")
        if ends_open(scrutinee):
            self.faulty = True
        arms: list[MatchArm] = []
        for child in node.named_children:
            if child.type == "arm":
                pattern = self._pattern(child.child_by_field_name("pattern"), child)
                value = self.value_field(child, "value", "->")
                arms.append(MatchArm(pattern.start, value.end, pattern, value))
        if not arms:
            self.faulty = True
        return Match(*self.span(node), scrutinee, tuple(arms))

    def _pattern(self, node: Node | None, arm: Node) -> Pattern:
        if node is None:
            return self.hole(self.start(arm), "pattern")
        start, end = self.span(node)
        if self.damaged(node):
            return Hole(start, end, "pattern")
        if node.type == "record_pattern":
            return RecordPattern(
                start, end, tuple([self.name(c, node) for c in node.named_children if c.type == "identifier"])
            )
        if node.type == "type_test":
            found = next((c for c in node.named_children if c.type == "identifier"), None)
            return TypeTest(start, end, self.name(found, node))
        if self.text[start:end] == "_":
            return Wildcard(start, end)
        self.faulty = True
        return Hole(start, end, "pattern")

    # -------------------------------------------------------------------------------------------- which reads

    _readers: ClassVar[dict[str, Callable[[ExpressionReader, Node], Expression]]] = {
        "variable": _read_variable, "call": _read_call, "string": _read_string, "integer": _read_integer,
        "float": _read_float, "true": _read_boolean, "false": _read_boolean, "list": _read_list,
        "record": _read_record, "parenthesized": _read_parenthesized, "lambda": _read_lambda, "not": _read_not,
        "negated_call": _read_negated_call, "negation": _read_negation, "conditional": _read_conditional,
        "branch": _read_branch, "match": _read_match, "hole": _read_hole,
    }  # fmt: skip
    _folders: ClassVar[dict[str, Callable[[ExpressionReader, Node, Expression], Expression]]] = {
        "sum": _fold_arithmetic, "product": _fold_arithmetic, "comparison": _fold_comparison, "and": _fold_boolean,
        "or": _fold_boolean, "coalesce": _fold_coalesce, "guard": _fold_guard, "field_access": _fold_field_access,
        "projection": _fold_projection,
    }  # fmt: skip
