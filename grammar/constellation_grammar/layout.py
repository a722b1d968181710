"""The canonical layout of each construct.

Owns, per node kind, the sequence of its parts: words and signs, nested nodes, and the places where a line may or must
break. Refuses to know widths, comments or the source's own layout. `printing.py` turns the parts into text.

Invariant: the parts of a node, in order, are the tokens of its source (a trailing comma aside); only what stands
between them is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from constellation_grammar.parts import Begin, Break, Marker, Parts, Sign, Verbatim, chain_of, enclosed
from constellation_grammar.syntax import (
    Arithmetic,
    Assignment,
    BooleanOperation,
    Branch,
    BranchCase,
    Call,
    Coalesce,
    Comparison,
    Duration,
    Example,
    FieldAccess,
    FloatLiteral,
    GenericType,
    Guard,
    If,
    Input,
    Interpolation,
    IntLiteral,
    Lambda,
    ListLiteral,
    Match,
    MatchArm,
    MergeType,
    Name,
    Negation,
    Node,
    Not,
    Option,
    Output,
    Parameter,
    Paren,
    ParenType,
    Projection,
    Quoted,
    Rate,
    RecordField,
    RecordLiteral,
    RecordPattern,
    RecordType,
    Sink,
    Source,
    StringLiteral,
    TypeDefinition,
    TypeField,
    TypeTest,
    UnionType,
    Use,
    Word,
)

_END, _WORD, _TRAILING = Marker.END, Marker.WORD, Marker.TRAILING
_COMMA = Sign(",")


def parts_of(node: Node) -> Parts:
    """The parts of a node."""
    return _LAYOUTS[type(node)](node)


def _hugs(elements: Sequence[Node]) -> bool:
    """Whether the brackets of a lone element may share its lines."""
    return len(elements) == 1 and isinstance(elements[0], ListLiteral | RecordLiteral)


# ---------------------------------------------------------------------------------------------- declarations


def _type_definition(node: TypeDefinition) -> Parts:
    return [Sign("type"), Break.SPACE, node.name, Break.SPACE, Sign("="), Break.SPACE, node.type]


def _input(node: Input) -> Parts:
    parts: Parts = []
    for note in node.annotations:
        parts += (note, Break.HARD)
    parts += (Sign("in"), Break.SPACE, node.name, Sign(":"), Break.SPACE, node.type)
    return parts


def _assignment(node: Assignment) -> Parts:
    return [node.name, Break.SPACE, Sign("="), Break.SPACE, node.value]


def _output(node: Output) -> Parts:
    parts: Parts = []
    for note in node.annotations:
        parts += (note, Break.HARD)
    parts += (Sign("out"), Break.SPACE, node.value)
    if node.alias is not None:
        parts += (Break.SPACE, Sign("as"), Break.SPACE, node.alias)
    return parts


def _use(node: Use) -> Parts:
    parts: Parts = [Sign("use"), Break.SPACE, node.path]
    if node.alias is not None:
        parts += (Break.SPACE, Sign("as"), Break.SPACE, node.alias)
    return parts


def _example(node: Example) -> Parts:
    return [Sign("@example"), *enclosed("(", [node.value], ")", False, _hugs([node.value]))]


def _source(node: Source) -> Parts:
    return [Sign("@source"), *enclosed("(", [Marker.QUOTED, *node.properties], ")", False)]


def _sink(node: Sink) -> Parts:
    return [Sign("@sink"), *enclosed("(", [Marker.QUOTED, *node.properties], ")", False)]


# ----------------------------------------------------------------------------------------------------- types


def _generic_type(node: GenericType) -> Parts:
    parts: Parts = [node.constructor, _WORD, node.arguments[0]]
    for argument in node.arguments[1:]:
        parts += (_COMMA, Break.SPACE, argument)
    return [*parts, _TRAILING, _WORD]


def _record_type(node: RecordType) -> Parts:
    return enclosed("{", node.fields, "}", True)


def _type_field(node: TypeField) -> Parts:
    return [node.name, Sign(":"), Break.SPACE, node.type]


def _merge_type(node: MergeType) -> Parts:
    operands: Parts = [node.right]
    left = node.left
    while isinstance(left, MergeType):
        operands.append(left.right)
        left = left.left
    return chain_of([left, *reversed(operands)])


def _union_type(node: UnionType) -> Parts:
    return chain_of(node.members)


def _paren_type(node: ParenType) -> Parts:
    return [Sign("("), node.type, Sign(")")]


# ------------------------------------------------------------------------------------------------- operators


def _arithmetic(node: Arithmetic) -> Parts:
    signs = "+-" if node.operator in "+-" else "*/"
    operands: Parts = [node.right]
    left = node.left
    while isinstance(left, Arithmetic) and left.operator in signs:
        operands.append(left.right)
        left = left.left
    return chain_of([left, *reversed(operands)])


def _boolean_operation(node: BooleanOperation) -> Parts:
    operands: Parts = [node.right]
    left = node.left
    while isinstance(left, BooleanOperation) and left.operator == node.operator:
        operands.append(left.right)
        left = left.left
    return chain_of([left, *reversed(operands)])


def _comparison(node: Comparison) -> Parts:
    return chain_of([node.left, node.right])


def _guard(node: Guard) -> Parts:
    operands: Parts = [node.condition]
    value = node.value
    while isinstance(value, Guard):
        operands.append(value.condition)
        value = value.value
    return chain_of([value, *reversed(operands)])


def _coalesce(node: Coalesce) -> Parts:
    operands: Parts = [node.left]
    right = node.right
    while isinstance(right, Coalesce):
        operands.append(right.left)
        right = right.right
    return chain_of([*operands, right])


def _not(node: Not) -> Parts:
    return [Sign("not"), Break.SPACE, node.value]


def _negation(node: Negation) -> Parts:
    # a minus that touched the number would become its sign
    value = node.value
    literal = isinstance(value, IntLiteral | FloatLiteral) and value.start > node.start + 1
    return [Sign("-"), Break.SPACE, value] if literal else [Sign("-"), value]


# -------------------------------------------------------------------------------------------------- operands


def _verbatim(node: Node) -> Parts:
    return [Verbatim(node.end)]


def _list(node: ListLiteral) -> Parts:
    return enclosed("[", node.items, "]", False, _hugs(node.items))


def _record(node: RecordLiteral) -> Parts:
    return enclosed("{", node.fields, "}", True)


def _field(node: RecordField) -> Parts:
    return [node.name, Sign(":"), Break.SPACE, node.value]


def _paren(node: Paren) -> Parts:
    return _parenthesised(node.value)


def _parenthesised(value: Node) -> Parts:
    """A value between parentheses; a chain that is too long stands on lines of its own, not indented once more."""
    if not isinstance(value, Arithmetic | BooleanOperation | Comparison | Guard | Coalesce):
        return [Sign("("), value, Sign(")")]
    chain = [Begin(0, chain=True), *parts_of(value)[1:]]
    return [Begin(2), Sign("("), Break.SOFT, *chain, Break.LAST_SOFT, Sign(")"), _END]


def _call(node: Call) -> Parts:
    parts: Parts = [node.function, *enclosed("(", node.arguments, ")", False, _hugs(node.arguments))]
    if node.options:
        parts += [Begin(4, breaks=len(node.options) > 2), Break.SPACE, Sign("with"), Break.LINE, node.options[0]]
        for option in node.options[1:]:
            parts += (_COMMA, Break.NEXT, option)
        parts.append(_END)
    return parts


def _field_access(node: FieldAccess) -> Parts:
    return [node.source, Sign("."), node.field]


def _projection(node: Projection) -> Parts:
    opener, closer = ("{", "}") if node.braces else ("[", "]")
    return [node.source, *enclosed(opener, node.fields, closer, False)]


def _if(node: If) -> Parts:
    """Conditions in a row have all their `else` on the line or none; a single one may break its condition alone."""
    begin = Begin(2, chain=True)
    if not isinstance(node.orelse, If):
        return [*_condition(node), begin, *_arms(node), node.orelse, _END]
    parts: Parts = [begin]
    current: Node = node
    while isinstance(current, If):
        parts += (*_condition(current), *_arms(current))
        current = current.orelse
    return [*parts, current, _END]


def _condition(node: If) -> Parts:
    return [Sign("if"), Break.SPACE, *_parenthesised(node.condition), Break.SPACE]


def _arms(node: If) -> Parts:
    closes_line = isinstance(node.then, ListLiteral | RecordLiteral | Branch | Match)
    return [node.then, Break.SPACE if closes_line else Break.LINE, Sign("else"), Break.SPACE]


def _branch(node: Branch) -> Parts:
    parts: Parts = [Begin(2, breaks=True), Sign("branch"), Break.SPACE, Sign("{"), Break.HARD]
    for case in node.cases:
        parts += (case, _COMMA, Break.HARD_NEXT)
    parts += (Sign("otherwise"), Break.SPACE, Sign("->"), Break.SPACE, node.otherwise)
    return [*parts, _TRAILING, Break.HARD_LAST, Sign("}"), _END]


def _case(node: BranchCase) -> Parts:
    return [node.condition, Break.SPACE, Sign("->"), Break.SPACE, node.value]


def _match(node: Match) -> Parts:
    parts: Parts = [
        Sign("match"),
        Break.SPACE,
        node.scrutinee,
        Break.SPACE,
        Begin(2, breaks=True),
        Sign("{"),
        Break.HARD,
    ]
    parts.append(node.arms[0])
    for arm in node.arms[1:]:
        parts += (_COMMA, Break.HARD_NEXT, arm)
    return [*parts, _TRAILING, Break.HARD_LAST, Sign("}"), _END]


def _arm(node: MatchArm) -> Parts:
    return [node.pattern, Break.SPACE, Sign("->"), Break.SPACE, node.value]


def _record_pattern(node: RecordPattern) -> Parts:
    return enclosed("{", node.fields, "}", True)


def _type_test(node: TypeTest) -> Parts:
    return [Sign("is"), Break.SPACE, node.type]


def _lambda(node: Lambda) -> Parts:
    body: Parts = [Break.SPACE, Sign("=>"), Break.SPACE, node.body]
    bare = len(node.parameters) == 1 and node.parameters[0].start == node.start
    head: Parts = [node.parameters[0]] if bare else enclosed("(", node.parameters, ")", False)
    return [*head, *body]


def _parameter(node: Parameter) -> Parts:
    return [node.name] if node.type is None else [node.name, Sign(":"), Break.SPACE, node.type]


# --------------------------------------------------------------------------------------------------- options


def _option(node: Option) -> Parts:
    if node.value.end == node.name.end:  # a bare `lazy`
        return [node.name]
    return [node.name, Sign(":"), Break.SPACE, node.value]


def _rate(node: Rate) -> Parts:
    return [_WORD, Sign("/"), node.per]


def _word(node: Word) -> Parts:
    if node.arguments is None:
        return [_WORD]
    return [_WORD, *enclosed("(", node.arguments, ")", False)]


_LAYOUTS: dict[type[Node], Callable[..., Parts]] = {
    TypeDefinition: _type_definition,
    Input: _input,
    Assignment: _assignment,
    Output: _output,
    Use: _use,
    Example: _example,
    Source: _source,
    Sink: _sink,
    GenericType: _generic_type,
    RecordType: _record_type,
    TypeField: _type_field,
    MergeType: _merge_type,
    UnionType: _union_type,
    ParenType: _paren_type,
    Arithmetic: _arithmetic,
    BooleanOperation: _boolean_operation,
    Comparison: _comparison,
    Guard: _guard,
    Coalesce: _coalesce,
    Not: _not,
    Negation: _negation,
    ListLiteral: _list,
    RecordLiteral: _record,
    RecordField: _field,
    Paren: _paren,
    Call: _call,
    FieldAccess: _field_access,
    Projection: _projection,
    If: _if,
    Branch: _branch,
    BranchCase: _case,
    Match: _match,
    MatchArm: _arm,
    RecordPattern: _record_pattern,
    TypeTest: _type_test,
    Lambda: _lambda,
    Parameter: _parameter,
    Option: _option,
    Rate: _rate,
    Word: _word,
    Interpolation: _verbatim,
    StringLiteral: _verbatim,
    Quoted: _verbatim,
    IntLiteral: _verbatim,
    FloatLiteral: _verbatim,
    Duration: _verbatim,
    Name: _verbatim,
}
"""The kinds not listed here are single words."""


def is_word(node: Node) -> bool:
    """Whether a node is a single token: a variable, a named type, a truth value, a wildcard."""
    return type(node) not in _LAYOUTS
