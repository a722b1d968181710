"""Inlay hints: types of variables and lambda parameters, names of parameters at literal arguments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from constellation.types.model import Type
from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import Edit
from constellation_lsp.settings import Settings
from constellation_lsp.syntax_walk import walk

_LITERALS = (
    syntax.StringLiteral, syntax.IntLiteral, syntax.FloatLiteral, syntax.BooleanLiteral, syntax.ListLiteral,
    syntax.RecordLiteral, syntax.Lambda, syntax.Interpolation,
)  # fmt: skip
_PLAIN = (syntax.StringLiteral, syntax.IntLiteral, syntax.FloatLiteral, syntax.BooleanLiteral)


@dataclass(frozen=True, slots=True)
class Hint:
    """A label at a position. `kind` is `type` or `parameter`; `edits` is what accepting it writes."""

    offset: int
    label: str
    kind: str
    tooltip: str = ""
    edits: tuple[Edit, ...] = ()


def inlay_hints(analysis: Analysis, first: int, last: int, settings: Settings) -> list[Hint]:
    """The hints inside the span `[first, last)`, by position."""
    found: list[Hint] = []
    for index, statement in enumerate(analysis.program.statements):
        node, base = statement.node, statement.offset
        if node.end + base < first or node.start + base >= last:
            continue
        found.extend(_statement(analysis, index, node, base, settings))
    return sorted((h for h in found if first <= h.offset < last), key=lambda h: h.offset)


def _statement(
    analysis: Analysis, index: int, node: syntax.Declaration, base: int, settings: Settings
) -> Iterator[Hint]:
    if settings.inlay_hints_variable_types and isinstance(node, syntax.Assignment):
        type_ = analysis.assigned_type(index)
        if type_ is not None and not isinstance(node.value, _PLAIN) and not analysis.has_errors(index):
            yield _type_hint(node.name.end + base, type_, settings)
    for inner in walk(node):
        if isinstance(inner, syntax.Lambda) and settings.inlay_hints_lambda_parameter_types:
            for parameter in inner.parameters:
                type_ = analysis.local_type(index, parameter.name.start + base) if parameter.type is None else None
                if type_ is not None:
                    hint = _type_hint(parameter.name.end + base, type_, settings)
                    yield replace(hint, edits=_annotation(analysis.text, inner, parameter, base, type_))
        elif isinstance(inner, syntax.Call) and settings.inlay_hints_parameter_names != "off":
            yield from _parameters(analysis, index, inner, base, settings.inlay_hints_parameter_names == "all")


def _annotation(
    text: str, function: syntax.Lambda, parameter: syntax.Parameter, base: int, type_: Type
) -> tuple[Edit, ...]:
    """The edits that write a parameter's type; a lone parameter gets the parentheses it needs then."""
    start, end = parameter.name.start + base, parameter.name.end + base
    if text[function.start + base] == "(":
        return ((end, end, f": {type_}"),)
    return ((start, start, "("), (end, end, f": {type_})"))


def _type_hint(offset: int, type_: Type, settings: Settings) -> Hint:
    full = str(type_)
    most = settings.inlay_hints_max_length
    shown = full if len(full) <= most else f"{full[: most - 1]}…"
    return Hint(offset, f": {shown}", "type", full)


def _parameters(analysis: Analysis, index: int, call: syntax.Call, base: int, everything: bool) -> Iterator[Hint]:
    spec = analysis.imports(index).resolve(call.function.text).function
    resolved = analysis.call(index, call)
    signature = resolved.signature if resolved is not None else None
    if signature is None and spec is not None and spec.overloads:
        signature = spec.overloads[0]
    if signature is None or len(signature.parameters) < 2:
        return
    for parameter, argument in zip(signature.parameters, call.arguments, strict=False):
        if isinstance(argument, syntax.Variable) and argument.name == parameter.name:
            continue
        if everything or isinstance(argument, _LITERALS):
            yield Hint(argument.start + base, f"{parameter.name}:", "parameter", f"{parameter.name}: {parameter.type}")
