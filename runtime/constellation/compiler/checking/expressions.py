"""Variables, literals, lists, interpolation, and the constructs that choose between values.

Owns their typing. Refuses operators (`operators.py`), records (`records.py`), calls and patterns.

Invariant: every rule checks all of its parts, also after one of them failed.
"""

from __future__ import annotations

from constellation.compiler.checking.coercion import coerce, convert, expect, join, report_misfit
from constellation.compiler.checking.undefined import undefined_variable
from constellation.compiler.context import Context, handles, strip_parens
from constellation.image.graph import (
    BindingRef,
    BoundRef,
    BranchNode,
    Case,
    CoalesceNode,
    ErrorNode,
    GraphExpression,
    GuardNode,
    IfNode,
    InputRef,
    InterpolateNode,
    ListNode,
    Literal,
    ParameterRef,
)
from constellation.types.model import (
    BOOLEAN,
    ERROR,
    FLOAT,
    INT,
    NOTHING,
    STRING,
    ListType,
    OptionalType,
)
from constellation.types.relations import has_error, is_subtype
from constellation_grammar import syntax

__all__ = ["condition"]


@handles(syntax.Variable)
def _variable(context: Context, node: syntax.Variable) -> GraphExpression:
    name = node.name
    if context.locals:
        local = context.locals.get(name)
        if local is not None:
            reference: GraphExpression
            if local.index >= 0:
                depth = context.lambda_depth - local.level - 1
                reference = ParameterRef(local.type, node.start, node.end, depth, local.index, name)
            else:
                depth = context.pattern_depth - local.level - 1
                reference = BoundRef(local.type, node.start, node.end, depth, name)
            if local.type is ERROR:
                return ErrorNode(ERROR, node.start, node.end)
            return convert(reference, local.seen_as)
    variable = context.variables.get(name)
    if variable is None:
        return undefined_variable(context, node)
    context.reads[name] = variable
    type_ = variable.type
    if type_ is ERROR:
        return ErrorNode(ERROR, node.start, node.end)
    if variable.key:
        return BindingRef(type_, node.start, node.end, variable.key)
    return InputRef(type_, node.start, node.end, name)


@handles(syntax.Hole)
def _hole(context: Context, node: syntax.Hole) -> GraphExpression:
    return ErrorNode(ERROR, node.start, node.end)


@handles(syntax.Paren)
def _paren(context: Context, node: syntax.Paren) -> GraphExpression:
    context.depth -= 1
    inner = context.infer(node.value)
    context.depth += 1
    return inner


@handles(syntax.StringLiteral)
def _string(context: Context, node: syntax.StringLiteral) -> GraphExpression:
    return Literal(STRING, node.start, node.end, node.value)


@handles(syntax.IntLiteral)
def _integer(context: Context, node: syntax.IntLiteral) -> GraphExpression:
    return Literal(INT, node.start, node.end, node.value)


@handles(syntax.FloatLiteral)
def _float(context: Context, node: syntax.FloatLiteral) -> GraphExpression:
    return Literal(FLOAT, node.start, node.end, node.value)


@handles(syntax.BooleanLiteral)
def _boolean(context: Context, node: syntax.BooleanLiteral) -> GraphExpression:
    return Literal(BOOLEAN, node.start, node.end, node.value)


@handles(syntax.Interpolation)
def _interpolation(context: Context, node: syntax.Interpolation) -> GraphExpression:
    expressions = tuple([context.infer(e) for e in node.expressions])
    return InterpolateNode(STRING, node.start, node.end, node.parts, expressions)


@handles(syntax.ListLiteral)
def _list(context: Context, node: syntax.ListLiteral) -> GraphExpression:
    if not node.items:
        return ListNode(ListType(NOTHING), node.start, node.end, ())
    element, items = join(context, [context.infer(item) for item in node.items], node)
    return ListNode(ListType(element), node.start, node.end, tuple(items))


# --------------------------------------------------------------------------------------------------- choosing


def condition(context: Context, node: syntax.Expression) -> GraphExpression:
    """A Boolean where one is needed to decide something."""
    value = expect(context, context.infer(node), BOOLEAN, "condition-not-boolean")
    literal = strip_parens(node)
    if isinstance(literal, syntax.BooleanLiteral):
        context.hint("constant-condition", literal, {"value": "true" if literal.value else "false"})
    return value


@handles(syntax.If)
def _if(context: Context, node: syntax.If) -> GraphExpression:
    test = condition(context, node.condition)
    type_, arms = join(context, [context.infer(node.then), context.infer(node.orelse)], node)
    if type_ is ERROR or isinstance(test, ErrorNode):
        return ErrorNode(ERROR, node.start, node.end)
    return IfNode(type_, node.start, node.end, test, arms[0], arms[1])


@handles(syntax.Branch)
def _branch(context: Context, node: syntax.Branch) -> GraphExpression:
    tests: list[GraphExpression] = []
    values: list[GraphExpression] = []
    always = False
    for case in node.cases:
        if always:
            context.report("unreachable-case", case)
        test = condition(context, case.condition)
        always = always or (isinstance(test, Literal) and test.value is True)
        tests.append(test)
        values.append(context.infer(case.value))
    values.append(context.infer(node.otherwise))
    type_, values = join(context, values, node)
    if type_ is ERROR or any(isinstance(test, ErrorNode) for test in tests):
        return ErrorNode(ERROR, node.start, node.end)
    cases = tuple([Case(test, value) for test, value in zip(tests, values, strict=False)])
    return BranchNode(type_, node.start, node.end, cases, values[-1])


@handles(syntax.Guard)
def _guard(context: Context, node: syntax.Guard) -> GraphExpression:
    if isinstance(node.value, syntax.Guard):
        return _chained_guard(context, node, node.value)
    value = context.infer(node.value)
    test = condition(context, node.condition)
    if value.type is ERROR or isinstance(test, ErrorNode):
        return ErrorNode(ERROR, node.start, node.end)
    return GuardNode(OptionalType(value.type), node.start, node.end, value, test)


def _chained_guard(context: Context, node: syntax.Guard, inner: syntax.Guard) -> GraphExpression:
    """`a when b when c` is `a when (b and c)`: one layer of Optional."""
    both = syntax.BooleanOperation(inner.condition.start, node.condition.end, "and", inner.condition, node.condition)
    return _guard(context, syntax.Guard(node.start, node.end, inner.value, both))


@handles(syntax.Coalesce)
def _coalesce(context: Context, node: syntax.Coalesce) -> GraphExpression:
    left = context.infer(node.left)
    right = context.infer(node.right)
    if left.type is NOTHING:
        left = convert(left, OptionalType(right.type if right.type is not ERROR else NOTHING))
    optional = left.type
    if not isinstance(optional, OptionalType):
        if not has_error(optional):
            context.report("coalesce-not-optional", left, {"type": optional}, data={"actual": str(optional)})
        return ErrorNode(ERROR, node.start, node.end)
    _hint_redundant(context, node, left)
    return _choose_right(context, node, left, optional, right)


def _choose_right(
    context: Context, node: syntax.Coalesce, left: GraphExpression, optional: OptionalType, right: GraphExpression
) -> GraphExpression:
    if isinstance(right, ErrorNode) or right.type is ERROR:
        return ErrorNode(ERROR, node.start, node.end)
    content = optional.inner
    fitting = coerce(right, content)
    if fitting is not None:
        return CoalesceNode(content, node.start, node.end, left, fitting, True)
    fitting = coerce(right, optional)
    if fitting is not None:
        return CoalesceNode(optional, node.start, node.end, left, fitting, False)
    if "Nothing" in content.key and is_subtype(content, right.type):
        # the left side holds an empty list, which says nothing about elements: the right side does
        return CoalesceNode(right.type, node.start, node.end, convert(left, OptionalType(right.type)), right, True)
    report_misfit(context, right, content)
    return ErrorNode(ERROR, node.start, node.end)


def _hint_redundant(context: Context, node: syntax.Coalesce, left: GraphExpression) -> None:
    if isinstance(left, GuardNode) and isinstance(left.condition, Literal) and left.condition.value is True:
        context.hint("redundant-coalesce", node.left, {})
