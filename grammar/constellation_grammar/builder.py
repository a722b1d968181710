"""Reductions → nodes: declarations, types and call options.

Owns one function per named alternative of `constellation.lark`, found by that name in `BUILDERS`; the functions for
expressions are in `expressions.py`. Each gets the raw children of its alternative: tokens are tuples, lists are plain
lists that grow in place, everything else is a node. Refuses to look at the text or at any state. Invariant: a span
ends at the construct's last character.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constellation_grammar.expressions import EXPRESSION_BUILDERS
from constellation_grammar.literals import count_of, duration, negative_count
from constellation_grammar.names import joined_name, name_of
from constellation_grammar.options import check_option
from constellation_grammar.syntax import (
    Assignment,
    BooleanLiteral,
    Duration,
    Example,
    GenericType,
    Input,
    IntLiteral,
    MergeType,
    NamedType,
    Option,
    Output,
    ParenType,
    Quoted,
    Rate,
    RecordType,
    Sink,
    Source,
    TypeDefinition,
    TypeField,
    TypeNode,
    UnionType,
    Use,
    Word,
)

Children = list[Any]
Build = Callable[[Children], object]


# ---------------------------------------------------------------------------------------------------- lists


def _empty(c: Children) -> list[object]:
    return []


def _first(c: Children) -> list[object]:
    return [c[0]]


def _append(c: Children) -> list[object]:
    items: list[object] = c[0]
    items.append(c[1])
    return items


def _append_next(c: Children) -> list[object]:
    items: list[object] = c[0]
    items.append(c[2])
    return items


def _append_both(c: Children) -> list[object]:
    items: list[object] = c[0]
    items += (c[1], c[2])
    return items


def _ends(c: Children) -> list[object]:
    return [c[0], c[-1]]


def _start(c: Children) -> object:
    return c[0]


# ---------------------------------------------------------------------------------------------- declarations


def _type_definition(c: Children) -> TypeDefinition:
    return TypeDefinition(c[0][2], c[3].end, name_of(c[1]), c[3])


def _input(c: Children) -> Input:
    return Input(c[0][2], c[3].end, name_of(c[1]), c[3], ())


def _annotated_input(c: Children) -> Input:
    return Input(c[0][0].start, c[4].end, name_of(c[2]), c[4], tuple(c[0]))


def _output(c: Children) -> Output:
    return Output(c[0][2], c[1].end, c[1], None, ())


def _named_output(c: Children) -> Output:
    return Output(c[0][2], c[3][3], c[1], name_of(c[3]), ())


def _annotated_output(c: Children) -> Output:
    return Output(c[0][0].start, c[2].end, c[2], None, tuple(c[0]))


def _annotated_named_output(c: Children) -> Output:
    return Output(c[0][0].start, c[4][3], c[2], name_of(c[4]), tuple(c[0]))


def _use(c: Children) -> Use:
    path = joined_name(c[1])
    return Use(c[0][2], path.end, path, None)


def _use_as(c: Children) -> Use:
    return Use(c[0][2], c[3][3], joined_name(c[1]), name_of(c[3]))


def _assignment(c: Children) -> Assignment:
    return Assignment(c[0][2], c[2].end, name_of(c[0]), c[2])


def _example(c: Children) -> Example:
    return Example(c[0][2], c[3][3], c[2])


def _source(c: Children) -> Source:
    return Source(c[0][2], c[-1][3], c[2][1][1:-1], ())


def _source_with_properties(c: Children) -> Source:
    return Source(c[0][2], c[-1][3], c[2][1][1:-1], tuple(c[4]))


def _sink(c: Children) -> Sink:
    return Sink(c[0][2], c[-1][3], c[2][1][1:-1], ())


def _sink_with_properties(c: Children) -> Sink:
    return Sink(c[0][2], c[-1][3], c[2][1][1:-1], tuple(c[4]))


# ----------------------------------------------------------------------------------------------------- types


def _union_type(c: Children) -> UnionType:
    members: list[TypeNode] = c[0]
    return UnionType(members[0].start, members[-1].end, tuple(members))


def _merge_type(c: Children) -> MergeType:
    return MergeType(c[0].start, c[2].end, c[0], c[2])


def _named_type(c: Children) -> NamedType:
    return NamedType(c[0][2], c[0][3], c[0][1])


def _generic_type(c: Children) -> GenericType:
    return GenericType(c[0][2], c[-1][3], name_of(c[0]), tuple(c[2]))


def _empty_record_type(c: Children) -> RecordType:
    return RecordType(c[0][2], c[1][3], ())


def _record_type(c: Children) -> RecordType:
    return RecordType(c[0][2], c[-1][3], tuple(c[1]))


def _paren_type(c: Children) -> ParenType:
    return ParenType(c[0][2], c[2][3], c[1])


def _type_field(c: Children) -> TypeField:
    return TypeField(c[0][2], c[2].end, name_of(c[0]), c[2])


# --------------------------------------------------------------------------------------------------- options


def _option(c: Children) -> Option:
    return check_option(Option(c[0][2], c[2].end, name_of(c[0]), c[2]))


def _lazy_option(c: Children) -> Option:
    _, _, start, end = c[0]
    return Option(start, end, name_of(c[0]), BooleanLiteral(start, end, True))


def _lazy_option_with_value(c: Children) -> Option:
    _, text, start, end = c[2]
    return Option(c[0][2], end, name_of(c[0]), BooleanLiteral(start, end, text == "true"))


def _rate_option(c: Children) -> Option:
    per = duration(c[4][1], c[4][2])
    rate = Rate(c[2][2], c[4][3], count_of(c[2][1], c[2][2]), per)
    return Option(c[0][2], rate.end, name_of(c[0]), rate)


def _quoted_option(c: Children) -> Option:
    _, text, start, end = c[2]
    return Option(c[0][2], end, name_of(c[0]), Quoted(start, end, text[1:-1]))


def _count(c: Children) -> IntLiteral:
    _, text, start, end = c[0]
    return IntLiteral(start, end, count_of(text, start))


def _negative_count(c: Children) -> IntLiteral:
    return negative_count(c[0][2], c[1][1], c[1][2])


def _duration(c: Children) -> Duration:
    return duration(c[0][1], c[0][2])


def _option_word(c: Children) -> Word:
    return Word(c[0][2], c[0][3], c[0][1], None)


def _option_form(c: Children) -> Word:
    return Word(c[0][2], c[-1][3], c[0][1], tuple(c[2]))


BUILDERS: dict[str, Build] = {
    "start": _start,
    "empty": _empty,
    "first": _first,
    "append": _append,
    "append_next": _append_next,
    "append_both": _append_both,
    "ends": _ends,
    "type_definition": _type_definition,
    "input": _input,
    "annotated_input": _annotated_input,
    "output": _output,
    "named_output": _named_output,
    "annotated_output": _annotated_output,
    "annotated_named_output": _annotated_named_output,
    "use": _use,
    "use_as": _use_as,
    "assignment": _assignment,
    "example": _example,
    "source": _source,
    "source_with_properties": _source_with_properties,
    "sink": _sink,
    "sink_with_properties": _sink_with_properties,
    "union_type": _union_type,
    "merge_type": _merge_type,
    "named_type": _named_type,
    "generic_type": _generic_type,
    "empty_record_type": _empty_record_type,
    "record_type": _record_type,
    "paren_type": _paren_type,
    "type_field": _type_field,
    "option": _option,
    "lazy_option": _lazy_option,
    "lazy_option_with_value": _lazy_option_with_value,
    "rate_option": _rate_option,
    "quoted_option": _quoted_option,
    "count": _count,
    "negative_count": _negative_count,
    "duration": _duration,
    "option_word": _option_word,
    "option_form": _option_form,
    **EXPRESSION_BUILDERS,
}
"""The function of every named alternative of the grammar."""
