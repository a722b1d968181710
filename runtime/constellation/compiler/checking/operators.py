"""Operators: arithmetic, merge, comparison, and the Boolean ones.

Owns their typing; they are built in and never looked up. Refuses to know any function.

Invariant: both operands of an `Operation` have one type; an Int meeting a Float is converted first.
"""

from __future__ import annotations

from constellation.compiler.checking.coercion import convert, expect, union_advice
from constellation.compiler.context import Context, handles
from constellation.image.graph import (
    AndNode,
    ErrorNode,
    GraphExpression,
    MergeNode,
    Negate,
    NotNode,
    Operation,
    OrNode,
)
from constellation.types.model import BOOLEAN, ERROR, FLOAT, INT, NOTHING, STRING, OptionalType, Type, UnionType
from constellation.types.relations import MergeError, has_error, is_mergeable, merge_types
from constellation_grammar import syntax

__all__: list[str] = []

_NUMBERS = (INT, FLOAT)
_OPTIONAL_ADVICE = ("Give a value for when it is absent: (value ?? default)",)
_EQUAL = frozenset({"==", "!="})


def _unify_numbers(left: GraphExpression, right: GraphExpression) -> tuple[GraphExpression, GraphExpression]:
    """Operands at one type: an Int beside a Float becomes a Float, `Nothing` becomes what is beside it."""
    if left.type is NOTHING and right.type is NOTHING:
        return convert(left, INT), convert(right, INT)
    if left.type is NOTHING:
        return convert(left, right.type), right
    if right.type is NOTHING:
        return left, convert(right, left.type)
    if left.type is INT and right.type is FLOAT:
        return convert(left, FLOAT), right
    if left.type is FLOAT and right.type is INT:
        return left, convert(right, FLOAT)
    return left, right


@handles(syntax.Arithmetic)
def _arithmetic(context: Context, node: syntax.Arithmetic) -> GraphExpression:
    left, right = _unify_numbers(context.infer(node.left), context.infer(node.right))
    type_ = left.type
    if type_ is right.type and (type_ is INT or type_ is FLOAT):
        return Operation(type_, node.start, node.end, node.operator, left, right)
    if type_ is ERROR or right.type is ERROR:
        return ErrorNode(ERROR, node.start, node.end)
    if node.operator == "+" and is_mergeable(type_) and is_mergeable(right.type):
        return _merge(context, node, left, right)
    if has_error(type_) or has_error(right.type):
        return ErrorNode(ERROR, node.start, node.end)
    return context.report(
        "unsupported-arithmetic",
        node,
        {"operator": node.operator, "left": type_, "right": right.type},
        suggestions=_arithmetic_advice(context, node.operator, type_, right.type),
        data={"operator": node.operator, "left": str(type_), "right": str(right.type)},
    )


def _merge(context: Context, node: syntax.Arithmetic, left: GraphExpression, right: GraphExpression) -> GraphExpression:
    try:
        merged = merge_types(left.type, right.type)
    except MergeError as error:
        return report_merge(context, node, error)
    return MergeNode(merged, node.start, node.end, left, right)


def report_merge(context: Context, node: syntax.Arithmetic | syntax.MergeType, error: MergeError) -> ErrorNode:
    """Report E012 with the combinations that can be merged."""
    return context.report(
        "incompatible-merge",
        node,
        {"left": error.left, "right": error.right},
        suggestions=(
            "A record merges with a record: the right side wins on shared fields",
            "A List or Seq of records merges with another one, position by position",
            "A record merges with every element of a List or Seq, on either side",
        ),
    )


def _arithmetic_advice(context: Context, operator: str, left: Type, right: Type) -> tuple[str, ...]:
    if _container_advice(left, right):
        return _container_advice(left, right)
    if operator == "+" and STRING in (left, right):
        return ('Join texts with an interpolation: "${a}${b}"', "Join two texts: concat(a, b)")
    if operator == "+" and left == right and str(left).startswith("List<") and context.table.prelude("list-concat"):
        return ("Append one list to another: list-concat(a, b)",)
    return ()


@handles(syntax.Negation)
def _negation(context: Context, node: syntax.Negation) -> GraphExpression:
    value = context.infer(node.value)
    if value.type is NOTHING:
        value = convert(value, INT)
    if value.type in _NUMBERS:
        return Negate(value.type, node.start, node.end, value)
    if has_error(value.type):
        return ErrorNode(ERROR, node.start, node.end)
    return context.report(
        "unsupported-negation",
        node,
        {"type": value.type},
        suggestions=_container_advice(value.type, value.type),
        data={"actual": str(value.type)},
    )


def _container_advice(left: Type, right: Type) -> tuple[str, ...]:
    """How to get at the content of an operand that is optional or a union."""
    if isinstance(left, OptionalType) or isinstance(right, OptionalType):
        return _OPTIONAL_ADVICE
    union = left if isinstance(left, UnionType) else right
    return union_advice(union) if isinstance(union, UnionType) else ()


@handles(syntax.Comparison)
def _comparison(context: Context, node: syntax.Comparison) -> GraphExpression:
    left, right = _unify_numbers(context.infer(node.left), context.infer(node.right))
    type_ = left.type
    if has_error(type_) or has_error(right.type):
        return ErrorNode(ERROR, node.start, node.end)
    if type_ != right.type:
        return context.report(
            "comparison-types",
            node,
            {"expected": type_, "actual": right.type},
            suggestions=_container_advice(type_, right.type),
            data={"expected": str(type_), "actual": str(right.type)},
        )
    if type_ is INT or type_ is STRING or type_ is FLOAT or (type_ is BOOLEAN and node.operator in _EQUAL):
        return Operation(BOOLEAN, node.start, node.end, node.operator, left, right)
    offer = node.operator in _EQUAL and context.table.prelude("eq") is not None
    return context.report(
        "unsupported-comparison",
        node,
        {"operator": node.operator, "left": type_, "right": right.type},
        suggestions=("Compare any two values of one type: eq(a, b)",) if offer else (),
        data={"operator": node.operator, "left": str(type_), "right": str(right.type)},
    )


@handles(syntax.BooleanOperation)
def _boolean_operation(context: Context, node: syntax.BooleanOperation) -> GraphExpression:
    left = expect(context, context.infer(node.left), BOOLEAN, "condition-not-boolean")
    right = expect(context, context.infer(node.right), BOOLEAN, "condition-not-boolean")
    if isinstance(left, ErrorNode) or isinstance(right, ErrorNode):
        return ErrorNode(ERROR, node.start, node.end)
    kind = AndNode if node.operator == "and" else OrNode
    return kind(BOOLEAN, node.start, node.end, left, right)


@handles(syntax.Not)
def _not(context: Context, node: syntax.Not) -> GraphExpression:
    value = expect(context, context.infer(node.value), BOOLEAN, "condition-not-boolean")
    if isinstance(value, ErrorNode):
        return ErrorNode(ERROR, node.start, node.end)
    return NotNode(BOOLEAN, node.start, node.end, value)
