"""Using a value where a supertype of its type is wanted.

Owns implicit conversions: every one becomes a `ConvertNode`, at the outermost place where it is needed. Literals and
constructs made of arms adapt from the inside (`[1, 2]` is a `List<Float>` where one is wanted). Refuses to convert
anything the language does not: primitives among each other, values to optionals, sequences to lists.

Invariant: `coerce` gives a node whose type is the expected one, or None; it never reports.
"""

from __future__ import annotations

from collections.abc import Sequence

from constellation.compiler.checking.limits import upper_bound
from constellation.compiler.context import Context
from constellation.image.graph import (
    BranchNode,
    Case,
    CoalesceNode,
    ConvertNode,
    ErrorNode,
    FieldValue,
    GraphExpression,
    GuardNode,
    IfNode,
    ListNode,
    Literal,
    MatchCase,
    MatchNode,
    Negate,
    RecordNode,
)
from constellation.types.model import (
    ERROR,
    FLOAT,
    INT,
    PRIMITIVES,
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.relations import has_error, is_generic, is_subtype
from constellation_grammar import syntax

__all__ = ["advice", "arms_of", "as_written", "coerce", "convert", "expect", "join", "report_misfit", "union_advice"]


def convert(node: GraphExpression, type_: Type) -> GraphExpression:
    """The node at a supertype of its own type."""
    if node.type is type_ or node.type == type_ or isinstance(node, ErrorNode):
        return node
    return ConvertNode(type_, node.start, node.end, node)


def join(context: Context, nodes: Sequence[GraphExpression], at: syntax.Node) -> tuple[Type, list[GraphExpression]]:
    """The least upper bound of nodes' types, and the nodes at that type."""
    type_ = nodes[0].type
    if all(node.type is type_ for node in nodes):
        return type_, list(nodes)
    type_ = upper_bound(context, [node.type for node in nodes], at)
    return type_, [convert(node, type_) for node in nodes]


def expect(context: Context, node: GraphExpression, expected: Type, slug: str = "type-mismatch") -> GraphExpression:
    """The node at the expected type; reports a misfit at the smallest place that explains it."""
    have = node.type
    if have is expected:
        return node
    fitting = coerce(node, expected)
    if fitting is not None:
        return fitting
    report_misfit(context, node, expected, slug)
    return ErrorNode(ERROR, node.start, node.end)


def coerce(node: GraphExpression, expected: Type) -> GraphExpression | None:
    """The node at the expected type, or None when it does not fit."""
    have = node.type
    if have is expected or have == expected or isinstance(node, ErrorNode):
        return node
    if is_subtype(have, expected):
        return ConvertNode(expected, node.start, node.end, node)
    return _from_inside(node, expected)


def as_written(node: GraphExpression) -> GraphExpression:
    """An item or arm before it was converted to the type all of them share."""
    return node.value if isinstance(node, ConvertNode) else node


def _all(nodes: Sequence[GraphExpression], expected: Type) -> list[GraphExpression] | None:
    fitting: list[GraphExpression] = []
    for node in nodes:
        fit = coerce(as_written(node), expected)
        if fit is None:
            return None
        fitting.append(fit)
    return fitting


def _from_inside(node: GraphExpression, expected: Type) -> GraphExpression | None:
    if isinstance(expected, UnionType):
        fits = [fit for member in expected.members if (fit := coerce(node, member)) is not None]
        return convert(fits[0], expected) if len(fits) == 1 else None
    start, end = node.start, node.end
    if isinstance(node, Literal):
        wanted = expected is FLOAT and node.type is INT
        return ConvertNode(FLOAT, start, end, node) if wanted else None
    if isinstance(node, Negate):
        value = coerce(node.value, expected) if expected is FLOAT else None
        return Negate(FLOAT, start, end, value) if value is not None else None
    if isinstance(node, ListNode) and isinstance(expected, (ListType, SeqType)):
        items = _all(node.items, expected.element)
        return (
            None if items is None else convert(ListNode(ListType(expected.element), start, end, tuple(items)), expected)
        )
    if isinstance(node, RecordNode) and isinstance(expected, RecordType):
        return _record(node, expected)
    if isinstance(node, GuardNode) and isinstance(expected, OptionalType):
        value = coerce(as_written(node.value), expected.inner)
        return None if value is None else GuardNode(expected, start, end, value, node.condition)
    if isinstance(node, CoalesceNode) and node.unwrap:
        left = coerce(as_written(node.left), OptionalType(expected))
        right = coerce(as_written(node.right), expected)
        return None if left is None or right is None else CoalesceNode(expected, start, end, left, right, True)
    return _arms_from_inside(node, expected)


def _arms_from_inside(node: GraphExpression, expected: Type) -> GraphExpression | None:
    values = _all(arms_of(node), expected)
    if not values:
        return None
    start, end = node.start, node.end
    if isinstance(node, IfNode):
        return IfNode(expected, start, end, node.condition, values[0], values[1])
    if isinstance(node, BranchNode):
        cases = tuple(Case(case.condition, value) for case, value in zip(node.cases, values, strict=False))
        return BranchNode(expected, start, end, cases, values[-1])
    assert isinstance(node, MatchNode)
    arms = tuple(MatchCase(case.pattern, value) for case, value in zip(node.cases, values, strict=True))
    return MatchNode(expected, start, end, node.scrutinee, arms)


def arms_of(node: GraphExpression) -> tuple[GraphExpression, ...]:
    """The values a construct chooses from; nothing for one that chooses nothing."""
    if isinstance(node, IfNode):
        return (node.then, node.orelse)
    if isinstance(node, BranchNode):
        return (*(case.value for case in node.cases), node.otherwise)
    if isinstance(node, MatchNode):
        return tuple(case.value for case in node.cases)
    return ()


def _record(node: RecordNode, expected: RecordType) -> GraphExpression | None:
    fields: list[FieldValue] = []
    for field in node.fields:
        wanted = expected.by_name.get(field.name)
        value = field.value if wanted is None else coerce(field.value, wanted)
        if value is None:
            return None
        fields.append(FieldValue(field.name, value))
    have = {field.name for field in fields}
    if not have.issuperset(expected.by_name):
        return None
    type_ = RecordType(tuple((field.name, field.value.type) for field in fields))
    return convert(RecordNode(type_, node.start, node.end, tuple(fields)), expected)


def report_misfit(context: Context, node: GraphExpression, expected: Type, slug: str = "type-mismatch") -> None:
    """Say why a node does not have the expected type, once for every part of it that is wrong."""
    if isinstance(node, RecordNode) and isinstance(expected, RecordType):
        _report_record(context, node, expected)
        return
    inside: tuple[GraphExpression, ...] = arms_of(node)
    target = expected
    if isinstance(node, GuardNode) and isinstance(expected, OptionalType):
        inside, target = (node.value,), expected.inner
    if inside:
        for arm in map(as_written, inside):
            if coerce(arm, target) is None:
                report_misfit(context, arm, target, slug)
        return
    mismatch(context, node, expected, slug)


def mismatch(context: Context, node: GraphExpression, expected: Type, slug: str = "type-mismatch") -> None:
    """Report E010 at a node, unless an earlier error already explains its type."""
    if has_error(node.type) or has_error(expected):
        return
    context.report(
        slug,
        node,
        {"expected": expected, "actual": node.type},
        suggestions=advice(context, expected, node.type),
        data={"expected": str(expected), "actual": str(node.type)},
    )


def _report_record(context: Context, node: RecordNode, expected: RecordType) -> None:
    for field in node.fields:
        wanted = expected.by_name.get(field.name)
        if wanted is not None and coerce(field.value, wanted) is None:
            report_misfit(context, field.value, wanted)
    have = {field.name for field in node.fields}
    missing = [name for name, _ in expected.fields if name not in have]
    if missing:
        context.report(
            "missing-fields",
            node,
            {"fields": ", ".join(missing)},
            suggestions=tuple(f"Add the field: {name}: {expected.by_name[name]}" for name in missing[:3]),
            data={"fields": tuple(missing), "expected": str(expected)},
        )


def advice(context: Context, expected: Type, actual: Type) -> tuple[str, ...]:
    """What may be done about a value of one type where another is wanted."""
    wanted, have = str(expected), str(actual)

    def offer(function: str, text: str) -> tuple[str, ...]:
        return (text,) if context.table.prelude(function) else ()

    if wanted == "String" and have in ("Int", "Float", "Boolean"):
        return (*offer("to-string", "Convert it to text: to-string(x)"), 'Put it into a text: "${x}"')
    if wanted == "Int" and have == "Float":
        return offer("to-int", "Convert it, dropping the fraction: to-int(x)")
    if wanted == "Float" and have == "Int":
        return offer("to-float", "Convert it: to-float(x)")
    if wanted == "Boolean" and not isinstance(actual, OptionalType):
        return ("Compare it with something, for example x > 0 or x == y",)
    if isinstance(expected, OptionalType) and not isinstance(actual, OptionalType):
        return ("Guard it to make it optional: value when true",)
    if isinstance(actual, OptionalType) and not isinstance(expected, OptionalType):
        return ("Give a value for when it is absent: value ?? default",)
    if isinstance(actual, UnionType) and (
        is_generic(expected) or any(is_subtype(member, expected) for member in actual.members)
    ):
        return union_advice(actual)
    if isinstance(expected, ListType) and isinstance(actual, SeqType):
        return offer("collect", "Make it a list: collect(x)")
    if isinstance(expected, RecordType) and isinstance(actual, RecordType):
        return _record_difference(expected, actual)
    if isinstance(expected, FunctionType) and not isinstance(actual, FunctionType):
        names = ("x",) if len(expected.parameters) == 1 else tuple("abcdefgh"[: len(expected.parameters)])
        return (f"A function is wanted here: write a lambda such as ({', '.join(names)}) => …",)
    if isinstance(expected, MapType) and isinstance(actual, RecordType):
        return offer("map-from-entries", 'Make it a map: map-from-entries([{ key: "a", value: x }])')
    return ()


def union_advice(type_: UnionType) -> tuple[str, ...]:
    """How to get at one member of a union."""
    first = next((str(member) for member in type_.members if member in PRIMITIVES.values()), "")
    record = next((member for member in type_.members if isinstance(member, RecordType) and member.fields), None)
    if not first and record is None:
        return ()
    pattern = f"is {first}" if record is None else f"{{ {record.fields[0][0]} }}"
    return (f"Choose by what it is: match value {{ {pattern} -> …, _ -> … }}",)


def _record_difference(expected: RecordType, actual: RecordType) -> tuple[str, ...]:
    reasons: list[str] = []
    for name, wanted in expected.fields:
        have = actual.by_name.get(name)
        if have is None:
            reasons.append(f"The record has no field '{name}'")
        elif not is_subtype(have, wanted):
            reasons.append(f"Field '{name}' has type {have} but {wanted} is expected")
    return tuple(reasons[:3])
