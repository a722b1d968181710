"""Reductions → nodes: expressions.

The other half of `builder.py`, with the same rules. A function that is only called when its operands are there reads
them by position; where a trailing comma shifts the last child, it counts from the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constellation_grammar.literals import Mistake, floating, integer, signed, unescape
from constellation_grammar.names import joined_name, name_of
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
    FloatLiteral,
    Guard,
    If,
    Interpolation,
    IntLiteral,
    Lambda,
    ListLiteral,
    Match,
    MatchArm,
    Name,
    Not,
    Option,
    Parameter,
    Paren,
    Projection,
    RecordField,
    RecordLiteral,
    RecordPattern,
    StringLiteral,
    TypeTest,
    Variable,
    Wildcard,
)
from constellation_grammar.tokens import Token

Children = list[Any]

# --------------------------------------------------------------------------------------------------- lambdas


def _lone(c: Children) -> Parameter:
    return Parameter(c[0][2], c[0][3], name_of(c[0]), None)


def _typed_parameter(c: Children) -> Parameter:
    return Parameter(c[0][2], c[2].end, name_of(c[0]), c[2])


def _bare_lambda(c: Children) -> Lambda:
    return Lambda(c[0][2], c[2].end, (_lone(c),), c[2])


def _lambda_without_parameters(c: Children) -> Lambda:
    return Lambda(c[0][2], c[3].end, (), c[3])


def _lambda_of_one(c: Children) -> Lambda:
    return Lambda(c[0][2], c[-1].end, (c[1],), c[-1])


def _lambda_of_many(c: Children) -> Lambda:
    return Lambda(c[0][2], c[-1].end, tuple(c[1]), c[-1])


# ------------------------------------------------------------------------------------------------- operators


def _coalesce(c: Children) -> Coalesce:
    return Coalesce(c[0].start, c[2].end, c[0], c[2])


def _guard(c: Children) -> Guard:
    return Guard(c[0].start, c[2].end, c[0], c[2])


def _boolean_operation(c: Children) -> BooleanOperation:
    return BooleanOperation(c[0].start, c[2].end, c[1][1], c[0], c[2])


def _negate(c: Children) -> Not:
    return Not(c[0][2], c[1].end, c[1])


def _comparison(c: Children) -> Comparison:
    return Comparison(c[0].start, c[2].end, c[1][1], c[0], c[2])


def _arithmetic(c: Children) -> Arithmetic:
    return Arithmetic(c[0].start, c[2].end, c[1][1], c[0], c[2])


def _minus(c: Children) -> Expression:
    return signed(c[0][2], c[1])


# -------------------------------------------------------------------------------------------------- operands


def _variable(c: Children) -> Variable:
    _, text, start, end = c[0]
    return Variable(start, end, text)


def _field_chain(c: Children) -> Expression:
    words: list[Token] = c[0]
    _, text, start, end = words[0]
    value: Expression = Variable(start, end, text)
    for word in words[1:]:
        value = FieldAccess(start, word[3], value, name_of(word))
    return value


def _field_access(c: Children) -> FieldAccess:
    return FieldAccess(c[0].start, c[2][3], c[0], name_of(c[2]))


def _projection(c: Children) -> Projection:
    return Projection(c[0].start, c[-1][3], c[0], tuple([name_of(word) for word in c[2]]), c[1][1] == "{")


def _parenthesis(c: Children) -> Paren:
    return Paren(c[0][2], c[2][3], c[1])


def _parenthesis_of_lone(c: Children) -> Paren:
    return Paren(c[0][2], c[2][3], _variable_of(c[1]))


def _variable_of(parameter: Parameter) -> Variable:
    return Variable(parameter.start, parameter.end, parameter.name.text)


def _not_call(c: Children) -> Not:
    return Not(c[0][2], c[3][3], Paren(c[1][2], c[3][3], c[2]))


def _not_call_of_lone(c: Children) -> Not:
    return Not(c[0][2], c[3][3], Paren(c[1][2], c[3][3], _variable_of(c[2])))


# A call is a (function, arguments, offset behind the parenthesis) until it is known whether options follow.
_Called = tuple[Name, tuple[Expression, ...], int]


def _called_without_arguments(c: Children) -> _Called:
    return name_of(c[0]), (), c[2][3]


def _called_with_arguments(c: Children) -> _Called:
    return name_of(c[0]), tuple(c[2]), c[-1][3]


def _qualified_without_arguments(c: Children) -> _Called:
    return joined_name(c[0]), (), c[2][3]


def _qualified_with_arguments(c: Children) -> _Called:
    return joined_name(c[0]), tuple(c[2]), c[-1][3]


def _call(c: Children) -> Call:
    function, arguments, close = c[0]
    return Call(function.start, close, function, arguments, (), close)


def _call_with_options(c: Children) -> Call:
    function, arguments, close = c[0]
    options: list[Option] = c[2]
    return Call(function.start, options[-1].end, function, arguments, tuple(options), close)


def _conditional(c: Children) -> If:
    return If(c[0][2], c[6].end, c[2], c[4], c[6])


def _match(c: Children) -> Match:
    return Match(c[0][2], c[-1][3], c[1], tuple(c[3]))


def _case(c: Children) -> BranchCase:
    return BranchCase(c[0].start, c[2].end, c[0], c[2])


def _arm(c: Children) -> MatchArm:
    return MatchArm(c[0].start, c[2].end, c[0], c[2])


def _branch_of_otherwise(c: Children) -> Branch:
    return Branch(c[0][2], c[-1][3], (), c[4])


def _branch(c: Children) -> Branch:
    return Branch(c[0][2], c[-1][3], tuple(c[2]), c[5])


def _wildcard(c: Children) -> Wildcard:
    return wildcard(c[0][1], c[0][2])


def wildcard(text: str, start: int) -> Wildcard:
    """The pattern `_`. Another name in its place is no pattern."""
    if text != "_":
        message = f"'{text}' is not a pattern: use {{ field, … }}, is Type or _"
        if text in ("String", "Int", "Float", "Boolean"):
            message = f"'{text}' is not a pattern: write is {text}"
        raise Mistake(start, start + len(text), "unexpected-token", message)
    return Wildcard(start, start + 1)


def _type_test(c: Children) -> TypeTest:
    return TypeTest(c[0][2], c[1][3], name_of(c[1]))


def _record_pattern(c: Children) -> RecordPattern:
    return RecordPattern(c[0][2], c[-1][3], tuple([name_of(word) for word in c[1]]))


# -------------------------------------------------------------------------------------------------- literals


def _string(c: Children) -> StringLiteral:
    _, text, start, end = c[0]
    return StringLiteral(start, end, unescape(text[1:-1], start + 1))


def _interpolation(c: Children) -> Interpolation:
    pieces: list[Any] = c[0]  # opening text, expression, text, expression, …
    _, last, last_start, end = c[1]
    parts = [unescape(token[1][1:-2], token[2] + 1) for token in pieces[0::2]]
    parts.append(unescape(last[1:-1], last_start + 1))
    return Interpolation(pieces[0][2], end, tuple(parts), tuple(pieces[1::2]))


def _integer(c: Children) -> IntLiteral:
    return integer(c[0][1], c[0][2])


def _float(c: Children) -> FloatLiteral:
    return floating(c[0][1], c[0][2])


def _boolean(c: Children) -> BooleanLiteral:
    _, text, start, end = c[0]
    return BooleanLiteral(start, end, text == "true")


def _empty_list(c: Children) -> ListLiteral:
    return ListLiteral(c[0][2], c[1][3], ())


def _list(c: Children) -> ListLiteral:
    return ListLiteral(c[0][2], c[-1][3], tuple(c[1]))


def _empty_record(c: Children) -> RecordLiteral:
    return RecordLiteral(c[0][2], c[1][3], ())


def _record(c: Children) -> RecordLiteral:
    return RecordLiteral(c[0][2], c[-1][3], tuple(c[1]))


def _field(c: Children) -> RecordField:
    return RecordField(c[0][2], c[2].end, name_of(c[0]), c[2])


EXPRESSION_BUILDERS: dict[str, Callable[[Children], object]] = {
    "lone": _lone,
    "typed_parameter": _typed_parameter,
    "bare_lambda": _bare_lambda,
    "lambda_without_parameters": _lambda_without_parameters,
    "lambda_of_one": _lambda_of_one,
    "lambda_of_many": _lambda_of_many,
    "coalesce": _coalesce,
    "guard": _guard,
    "boolean_operation": _boolean_operation,
    "negate": _negate,
    "comparison": _comparison,
    "arithmetic": _arithmetic,
    "minus": _minus,
    "variable": _variable,
    "field_chain": _field_chain,
    "field_access": _field_access,
    "projection": _projection,
    "parenthesis": _parenthesis,
    "parenthesis_of_lone": _parenthesis_of_lone,
    "not_call": _not_call,
    "not_call_of_lone": _not_call_of_lone,
    "called_without_arguments": _called_without_arguments,
    "called_with_arguments": _called_with_arguments,
    "qualified_without_arguments": _qualified_without_arguments,
    "qualified_with_arguments": _qualified_with_arguments,
    "call": _call,
    "call_with_options": _call_with_options,
    "conditional": _conditional,
    "match": _match,
    "case": _case,
    "arm": _arm,
    "branch_of_otherwise": _branch_of_otherwise,
    "branch": _branch,
    "wildcard": _wildcard,
    "type_test": _type_test,
    "record_pattern": _record_pattern,
    "string": _string,
    "interpolation": _interpolation,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "empty_list": _empty_list,
    "list": _list,
    "empty_record": _empty_record,
    "record": _record,
    "field": _field,
}
