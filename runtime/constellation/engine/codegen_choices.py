"""Writers of everything that evaluates some operands only when selected.

Invariant: an arm's code stands where only its condition leads; a choice whose arms are simple is one expression.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from constellation.engine import operators
from constellation.engine.codegen import SPILL, Emitter, ExpressionWriter
from constellation.engine.conversion import converter
from constellation.engine.layout import step
from constellation.image.graph import (
    AndNode,
    AnyMatch,
    BranchNode,
    CallNode,
    CoalesceNode,
    GuardNode,
    IfNode,
    MatchCase,
    MatchNode,
    MatchPattern,
    OrNode,
    RecordMatch,
    TypeMatch,
)
from constellation.types.model import RecordType, Type, UnionType


def _choice(emitter: Emitter, condition: str, then: tuple[list[str], str], orelse: tuple[list[str], str]) -> str:
    if not then[0] and not orelse[0]:
        return f"({then[1]} if {condition} else {orelse[1]})"
    name = emitter.writer.temporary()
    emitter.emit(f"if {condition}:")
    _assign(emitter, name, *then)
    emitter.emit("else:")
    _assign(emitter, name, *orelse)
    emitter.last_mark = None
    return name


def _assign(emitter: Emitter, name: str, lines: list[str], value: str) -> None:
    emitter.lines += lines
    emitter.lines.append("    " * (emitter.indent + 1) + f"{name} = {value}")


def _if(emitter: Emitter, node: IfNode, key: str, depth: int) -> str:
    condition = emitter.expression(node.condition, step(key, "c"), depth)
    then, orelse = emitter.arm(node.then, step(key, "a")), emitter.arm(node.orelse, step(key, "b"))
    return _choice(emitter, condition, then, orelse)


def _and(emitter: Emitter, node: AndNode, key: str, depth: int) -> str:
    left = emitter.expression(node.left, step(key, "a"), depth)
    return _choice(emitter, left, emitter.arm(node.right, step(key, "b")), ([], "False"))


def _or(emitter: Emitter, node: OrNode, key: str, depth: int) -> str:
    left = emitter.expression(node.left, step(key, "a"), depth)
    return _choice(emitter, left, ([], "True"), emitter.arm(node.right, step(key, "b")))


def _guard(emitter: Emitter, node: GuardNode, key: str, depth: int) -> str:
    condition = emitter.expression(node.condition, step(key, "c"), depth)
    lines, value = emitter.arm(node.value, step(key, "a"))
    return _choice(emitter, condition, (lines, f"Some({value})"), ([], "NONE"))


def _coalesce(emitter: Emitter, node: CoalesceNode, key: str, depth: int) -> str:
    left = emitter.expression(node.left, step(key, "a"), depth)
    name = emitter.writer.temporary()
    present: tuple[list[str], str] = ([], f"{name}.value" if node.unwrap else name)
    return _choice(emitter, f"({name} := {left}) is not NONE", present, emitter.arm(node.right, step(key, "b")))


def call_form(emitter: Emitter, call: CallNode, key: str, depth: int) -> str:
    """A call of the function behind `and`, `or` or `??`: like the operator."""
    first, second = call.arguments
    left = emitter.expression(first.value, step(key, first.name), depth)
    arm = emitter.arm(second.value, step(key, second.name))
    if call.function == "stdlib.bool.and":
        return _choice(emitter, left, arm, ([], "False"))
    if call.function == "stdlib.bool.or":
        return _choice(emitter, left, ([], "True"), arm)
    name = emitter.writer.temporary()
    return _choice(emitter, f"({name} := {left}) is not NONE", ([], f"{name}.value"), arm)


def _branch(emitter: Emitter, node: BranchNode, key: str, depth: int) -> str:
    return _cases(emitter, node, key, 0)


def _cases(emitter: Emitter, node: BranchNode, key: str, index: int) -> str:
    if index == len(node.cases):
        return emitter.expression(node.otherwise, step(key, "else"))
    case = node.cases[index]
    condition = emitter.expression(case.condition, step(key, f"{index}c"))
    then = emitter.arm(case.value, step(key, str(index)))
    text = _choice(emitter, condition, then, emitter.selected(lambda emitter: _cases(emitter, node, key, index + 1)))
    return emitter.spilled(text) if index and index % SPILL == 0 else text


def _match(emitter: Emitter, node: MatchNode, key: str, depth: int) -> str:
    scrutinee = emitter.expression(node.scrutinee, step(key, "s"), depth)
    name = emitter.writer.temporary()
    emitter.emit(f"{name} = {scrutinee}")
    emitter.may_fail(None)
    emitter.scope.names.append(name)
    try:
        return _arms(emitter, node, key, name, 0)
    finally:
        emitter.scope.names.pop()


def _arms(emitter: Emitter, node: MatchNode, key: str, name: str, index: int) -> str:
    if index == len(node.cases):
        return "no_case()"
    case = node.cases[index]
    condition = _test(case.pattern, node.scrutinee.type, name)
    if condition is None:
        return _matched(emitter, node, case, name, step(key, str(index)))
    then = emitter.selected(lambda emitter: _matched(emitter, node, case, name, step(key, str(index))))
    rest = emitter.selected(lambda emitter: _arms(emitter, node, key, name, index + 1))
    text = _choice(emitter, condition, then, rest)
    return emitter.spilled(text) if index and index % SPILL == 0 else text


def _matched(emitter: Emitter, node: MatchNode, case: MatchCase, name: str, key: str) -> str:
    if not isinstance(case.pattern, RecordMatch):
        return emitter.expression(case.value, key)
    emitter.scope.bounds.append(_binder(emitter, node.scrutinee.type, case.pattern, name))
    try:
        return emitter.expression(case.value, key)
    finally:
        emitter.scope.bounds.pop()


def _binder(emitter: Emitter, type_: Type, pattern: RecordMatch, name: str) -> Callable[[str, Type], str]:
    if not isinstance(type_, UnionType):
        return lambda field_name, _: f"{name}[{field_name!r}]"

    def bound(field_name: str, wanted: Type) -> str:
        access = operators.field_access(type_, field_name, lambda member: converter(member, wanted))
        found = [
            m.by_name[field_name] for t, m in type_.by_tag.items() if t in pattern.tags and isinstance(m, RecordType)
        ]
        if all(converter(t, wanted) is None for t in found):
            return f"{name}.value[{field_name!r}]"
        return f"{emitter.writer.constant('field', (type_, field_name, wanted), access)}({name})"

    return bound


def _test(pattern: MatchPattern, type_: Type, name: str) -> str | None:
    """The condition of an arm, None when it always matches."""
    match pattern:
        case RecordMatch(tags=tags):
            pass
        case TypeMatch(tag=tag):
            tags = (tag,) if tag else ()
        case AnyMatch():
            return None
    if not tags or not isinstance(type_, UnionType):
        return None
    keys = tuple(type_.by_tag[tag].key for tag in tags)
    return f"{name}.tag == {keys[0]!r}" if len(keys) == 1 else f"{name}.tag in {keys!r}"


CHOICE_WRITERS: Final[dict[type, ExpressionWriter]] = {
    IfNode: _if,
    AndNode: _and,
    OrNode: _or,
    GuardNode: _guard,
    CoalesceNode: _coalesce,
    BranchNode: _branch,
    MatchNode: _match,
}
