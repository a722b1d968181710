"""`match`: patterns, what they bind and cover, and whether a case is left open.

Owns the typing of `match`. Refuses `branch` (`expressions.py`).

Invariant: the bound field of a record pattern has the least upper bound of its types in the members that match.
"""

from __future__ import annotations

from constellation.compiler.checking.coercion import join
from constellation.compiler.checking.undefined import undefined_type
from constellation.compiler.context import Context, LocalScope, handles
from constellation.compiler.scope import Local
from constellation.image.graph import (
    AnyMatch,
    ErrorNode,
    GraphExpression,
    MatchCase,
    MatchNode,
    MatchPattern,
    RecordMatch,
    TypeMatch,
)
from constellation.types.model import ERROR, NOTHING, PRIMITIVES, OptionalType, RecordType, Type, UnionType
from constellation.types.relations import has_error, least_upper_bound
from constellation_grammar import syntax

__all__: list[str] = []


class _Coverage:
    """Which members of the scrutinee the cases so far take."""

    def __init__(self, type_: Type) -> None:
        self.type = type_
        self.unknown = has_error(type_)
        self.members: tuple[Type, ...] = type_.members if isinstance(type_, UnionType) else (type_,)
        self.is_union = isinstance(type_, UnionType)
        self.covered: set[str] = set()
        self.all_covered = False

    def take(self, members: list[Type], everything: bool) -> bool:
        """Note what a case takes; False when nothing was left for it."""
        fresh = not self.all_covered and (everything or any(m.key not in self.covered for m in members))
        if everything and len(self.covered) == len({m.key for m in self.members}):
            fresh = False
        self.covered.update(m.key for m in members)
        self.all_covered = self.all_covered or everything
        return fresh

    @property
    def missing(self) -> list[str]:
        """The members no case takes, printed and sorted."""
        if self.all_covered:
            return []
        return sorted(str(m) for m in self.members if m.key not in self.covered)


@handles(syntax.Match)
def _match(context: Context, node: syntax.Match) -> GraphExpression:
    scrutinee = context.infer(node.scrutinee)
    coverage = _Coverage(scrutinee.type)
    patterns: list[MatchPattern | None] = []
    values: list[GraphExpression] = []
    for arm in node.arms:
        pattern, bound = _pattern(context, arm, coverage)
        patterns.append(pattern)
        values.append(_value(context, arm, pattern, bound))
    exhaustive = _check_exhaustive(context, node, coverage, patterns)
    if not values:
        return ErrorNode(ERROR, node.start, node.end)
    type_, values = join(context, values, node)
    whole = [pattern for pattern in patterns if pattern is not None]
    if type_ is ERROR or coverage.unknown or not exhaustive or len(whole) != len(patterns):
        return ErrorNode(ERROR, node.start, node.end)
    cases = tuple([MatchCase(pattern, value) for pattern, value in zip(whole, values, strict=True)])
    return MatchNode(type_, node.start, node.end, scrutinee, cases)


def _check_exhaustive(
    context: Context, node: syntax.Match, coverage: _Coverage, patterns: list[MatchPattern | None]
) -> bool:
    if coverage.unknown or coverage.type is NOTHING or not node.arms:
        return True
    missing = coverage.missing
    if not missing:
        return True
    if None not in patterns:
        context.report(
            "non-exhaustive-match",
            node,
            {"type": coverage.type, "missing": ", ".join(missing)},
            end=node.scrutinee.end,
            suggestions=("Add the missing cases, or a last case for everything else: _ -> …",),
            data={"missing": tuple(missing)},
        )
    return False


def _value(
    context: Context, arm: syntax.MatchArm, pattern: MatchPattern | None, bound: dict[str, Local]
) -> GraphExpression:
    outer, level = context.locals, context.pattern_depth
    if bound:
        for name, local in bound.items():
            if name in outer or name in context.variables:
                context.hint("shadowing", local.declaration, {"name": name})
        context.local_scopes.append(LocalScope(arm.start, arm.end, tuple(bound.values())))
        context.locals = {**outer, **bound}
    if isinstance(arm.pattern, syntax.RecordPattern):
        context.pattern_depth = level + 1
    value = context.infer(arm.value)
    context.locals, context.pattern_depth = outer, level
    return value


def _pattern(
    context: Context, arm: syntax.MatchArm, coverage: _Coverage
) -> tuple[MatchPattern | None, dict[str, Local]]:
    pattern = arm.pattern
    if isinstance(pattern, syntax.Wildcard):
        if not coverage.take([], everything=True):
            _unreachable(context, arm, coverage)
        return AnyMatch(), {}
    if isinstance(pattern, syntax.TypeTest):
        return _type_test(context, arm, pattern, coverage), {}
    if isinstance(pattern, syntax.RecordPattern):
        return _record_pattern(context, arm, pattern, coverage)
    return None, {}


def _unreachable(context: Context, arm: syntax.MatchArm, coverage: _Coverage) -> None:
    if not coverage.unknown and coverage.type is not NOTHING:
        context.report("unreachable-case", arm)


def _record_pattern(
    context: Context, arm: syntax.MatchArm, pattern: syntax.RecordPattern, coverage: _Coverage
) -> tuple[MatchPattern | None, dict[str, Local]]:
    names = list(dict.fromkeys(name.text for name in pattern.fields))
    level = context.pattern_depth
    if coverage.unknown or coverage.type is NOTHING:
        unknown: Type = ERROR if coverage.unknown else NOTHING
        anything = {n.text: Local(n.text, unknown, unknown, level, -1, n) for n in pattern.fields}
        return (None if coverage.unknown else RecordMatch(tuple(names), ())), anything
    matching = [m for m in coverage.members if isinstance(m, RecordType) and all(n in m.by_name for n in names)]
    if not matching:
        if all(names):
            shown = "{ " + ", ".join(names) + " }" if names else "{}"
            _report_mismatch(context, pattern, shown, coverage)
        return None, {n.text: Local(n.text, ERROR, ERROR, level, -1, n) for n in pattern.fields}
    if not coverage.take(list(matching), everything=False):
        _unreachable(context, arm, coverage)
    bound: dict[str, Local] = {}
    for name in pattern.fields:
        type_ = least_upper_bound(*(m.by_name[name.text] for m in matching))
        bound[name.text] = Local(name.text, type_, type_, level, -1, name)
    tags = tuple(str(m) for m in matching) if coverage.is_union else ()
    return RecordMatch(tuple(names), tags), bound


def _type_test(
    context: Context, arm: syntax.MatchArm, pattern: syntax.TypeTest, coverage: _Coverage
) -> MatchPattern | None:
    name = pattern.type.text
    type_: Type | None = PRIMITIVES.get(name)
    if type_ is None:
        entry = context.types.get(name)
        if entry is None:
            undefined_type(context, pattern if name else pattern.type, name)
            return None
        context.type_reads[name] = entry
        type_ = entry.type
    if coverage.unknown or has_error(type_):
        return None
    member = next((m for m in coverage.members if m == type_), None)
    if member is None:
        if coverage.type is NOTHING:
            return TypeMatch(type_, "")
        _report_mismatch(context, pattern, f"is {name}", coverage)
        return None
    if not coverage.take([member], everything=False):
        _unreachable(context, arm, coverage)
    return TypeMatch(member, str(member) if coverage.is_union else "")


def _report_mismatch(context: Context, pattern: syntax.Node, shown: str, coverage: _Coverage) -> None:
    members = sorted(str(member) for member in coverage.members)
    suggestions: tuple[str, ...] = ()
    if coverage.is_union:
        suggestions = (f"The value can be: {', '.join(members)}",)
    elif isinstance(coverage.type, OptionalType):
        suggestions = ("Give a value for when it is absent: value ?? default",)
    context.report(
        "pattern-mismatch",
        pattern,
        {"pattern": shown, "type": coverage.type},
        suggestions=suggestions,
        data={"members": tuple(members)},
    )
