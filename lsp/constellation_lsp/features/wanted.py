"""The type that the use of an unknown name asks for."""

from __future__ import annotations

from collections.abc import Sequence

from constellation.types.model import BOOLEAN, Type, TypeVariable
from constellation.types.signature import Signature
from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.occurrences import Place
from constellation_lsp.syntax_walk import path_to


def wanted_at(analysis: Analysis, place: Place) -> Type | None:
    """What the expression around a variable expects it to be; None when anything goes."""
    statement = analysis.program.statements[place.statement]
    path = path_to(statement.node, place.start - statement.offset)
    if len(path) < 2:
        return None
    use, outer = path[-1], path[-2]
    match outer:
        case syntax.Call():
            return _argument(analysis, place.statement, outer, use)
        case syntax.If() if outer.condition is use:
            return BOOLEAN
        case syntax.Guard() if outer.condition is use:
            return BOOLEAN
        case syntax.BooleanOperation() | syntax.Not():
            return BOOLEAN
        case syntax.Arithmetic() | syntax.Comparison():
            other = outer.right if outer.left is use else outer.left
            return analysis.type_of(place.statement, other)
        case _:
            return None


def _argument(analysis: Analysis, index: int, call: syntax.Call, use: syntax.Node) -> Type | None:
    spec = analysis.imports(index).resolve(call.function.text).function
    position = next((n for n, argument in enumerate(call.arguments) if argument is use), None)
    if spec is None or position is None:
        return None
    fitting = [s for s in spec.overloads if position < len(s.parameters)]
    known = [analysis.type_of(index, argument) for argument in call.arguments]
    best = max(fitting, key=lambda s: _agreement(s, known), default=None)
    if best is None:
        return None
    type_ = best.parameters[position].type
    if isinstance(type_, TypeVariable):
        others = [k for k, p in zip(known, best.parameters, strict=False) if k is not None and p.type == type_]
        return others[0] if others else (type_.bounds[0] if type_.bounds else None)
    return type_


def _agreement(signature: Signature, known: Sequence[Type | None]) -> int:
    return sum(k == p.type for k, p in zip(known, signature.parameters, strict=False))
