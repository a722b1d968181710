"""Writers of values: literals, references, operators, records, lists, text and conversions.

Invariant: an operand that may fail is announced (`Emitter.may_fail`) before the code that may fail.
"""

from __future__ import annotations

from typing import Final

from constellation.engine import operators
from constellation.engine.codegen import Emitter, ExpressionWriter
from constellation.engine.conversion import converter
from constellation.engine.layout import step
from constellation.image.graph import (
    BoundRef,
    ConvertNode,
    FieldNode,
    InterpolateNode,
    ListNode,
    Literal,
    MergeNode,
    Negate,
    NotNode,
    Operation,
    ParameterRef,
    ProjectNode,
    RecordNode,
)
from constellation.types.model import BOOLEAN, FLOAT, INT, STRING, RecordType, Type
from constellation.types.text import MAX_TEXT


def _literal(emitter: Emitter, node: Literal, key: str, depth: int) -> str:
    if node.type == FLOAT:
        return repr(float(node.value))
    if isinstance(node.value, str) and len(node.value) > 200:
        return emitter.writer.constant("k", ("literal", node.value), node.value)
    return repr(node.value)


def _parameter(emitter: Emitter, node: ParameterRef, key: str, depth: int) -> str:
    return emitter.scope.parameters[-1 - node.depth][node.index]


def _bound(emitter: Emitter, node: BoundRef, key: str, depth: int) -> str:
    return emitter.scope.bounds[-1 - node.depth](node.name, node.type)


def _operation(emitter: Emitter, node: Operation, key: str, depth: int) -> str:
    left, right = emitter.operands([(node.left, step(key, "a")), (node.right, step(key, "b"))], depth)
    operator = node.operator
    if operator in ("==", "!=", "<", ">", "<=", ">="):
        return f"({left} {operator} {right})"
    if node.type == INT:
        emitter.may_fail(None)
        if operator == "/":
            return f"divide_integers({left}, {right})"
        return _checked(emitter, f"{left} {operator} {right}")
    if operator == "/":
        emitter.may_fail(None)
        return f"divide_floats({left}, {right})"
    return f"({left} {operator} {right})"


def _checked(emitter: Emitter, text: str) -> str:
    name = emitter.writer.temporary()
    return f"({name} if -9223372036854775808 <= ({name} := {text}) <= 9223372036854775807 else overflow())"


def _negate(emitter: Emitter, node: Negate, key: str, depth: int) -> str:
    value = emitter.expression(node.value, step(key, "a"), depth)
    if node.type == INT:
        emitter.may_fail(None)
        return _checked(emitter, f"-{value}")
    return f"(-{value})"


def _not(emitter: Emitter, node: NotNode, key: str, depth: int) -> str:
    return f"(not {emitter.expression(node.value, step(key, 'a'), depth)})"


def _merge(emitter: Emitter, node: MergeNode, key: str, depth: int) -> str:
    left, right = emitter.operands([(node.left, step(key, "a")), (node.right, step(key, "b"))], depth)
    a, b = node.left.type, node.right.type
    if isinstance(a, RecordType) and isinstance(b, RecordType):
        return f"{{**{left}, **{right}}}"
    emitter.may_fail(None)
    name = emitter.writer.constant("merge", (a, b), operators.merge(a, b))
    return f"{name}({left}, {right})"


def _project(emitter: Emitter, node: ProjectNode, key: str, depth: int) -> str:
    source = emitter.expression(node.source, step(key, "e"), depth)
    type_ = node.source.type
    name = emitter.writer.constant("project", (type_, node.fields), operators.projection(type_, node.fields))
    return f"{name}({source})"


def _field(emitter: Emitter, node: FieldNode, key: str, depth: int) -> str:
    source = emitter.expression(node.source, step(key, "e"), depth)
    type_ = node.source.type
    if isinstance(type_, RecordType):
        return f"{source}[{node.field!r}]"
    access = operators.field_access(type_, node.field, lambda member: converter(member, node.type))
    name = emitter.writer.constant("field", (type_, node.field, node.type), access)
    return f"{name}({source})"


_FEW: Final = 8
"""Pieces of text that may be joined before the length is looked at."""


def _interpolate(emitter: Emitter, node: InterpolateNode, key: str, depth: int) -> str:
    parts = [(e, step(key, str(i))) for i, e in enumerate(node.expressions)]
    values = emitter.operands(parts, depth)
    pieces: list[str] = []
    for i, text in enumerate(node.parts):
        if text:
            pieces.append(repr(text))
        if i < len(values):
            pieces.append(_rendered(values[i], node.expressions[i].type))
    if not values:
        return pieces[0] if pieces else "''"
    emitter.may_fail(None)
    if len(pieces) > _FEW:
        return f"joined(({', '.join(pieces)},))"
    name = emitter.writer.temporary()
    return f"({name} if len({name} := ''.join(({', '.join(pieces)},))) <= {MAX_TEXT} else too_long())"


def _list(emitter: Emitter, node: ListNode, key: str, depth: int) -> str:
    items = emitter.operands([(e, step(key, str(i))) for i, e in enumerate(node.items)], depth)
    return f"[{', '.join(items)}]"


def _record(emitter: Emitter, node: RecordNode, key: str, depth: int) -> str:
    values = emitter.operands([(f.value, step(key, f.name)) for f in node.fields], depth)
    inside = ", ".join(f"{f.name!r}: {value}" for f, value in zip(node.fields, values, strict=True))
    return f"{{{inside}}}"


def _convert(emitter: Emitter, node: ConvertNode, key: str, depth: int) -> str:
    if isinstance(node.value, Literal) and node.type == FLOAT:
        return repr(float(node.value.value))
    value = emitter.expression(node.value, key, depth)
    source, target = node.value.type, node.type
    if source == INT and target == FLOAT:
        return f"float({value})"
    convert = converter(source, target)
    if convert is None:
        return value
    return f"{emitter.writer.constant('convert', (str(source), str(target)), convert)}({value})"


def _rendered(value: str, type_: Type) -> str:
    if type_ == STRING:
        return value
    if type_ == INT:
        return f"str({value})"
    if type_ == BOOLEAN:
        return f"('true' if {value} else 'false')"
    return f"text({value})"


VALUE_WRITERS: Final[dict[type, ExpressionWriter]] = {
    Literal: _literal,
    ParameterRef: _parameter,
    BoundRef: _bound,
    Operation: _operation,
    Negate: _negate,
    NotNode: _not,
    MergeNode: _merge,
    ProjectNode: _project,
    FieldNode: _field,
    InterpolateNode: _interpolate,
    ListNode: _list,
    RecordNode: _record,
    ConvertNode: _convert,
}
