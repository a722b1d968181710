"""Fitting arguments to one signature with type variables, open records and function parameters.

Owns the substitution of one call site: what every variable stands for, and the arguments at their resolved types.
Refuses overload choice (`calls.py`).

Invariant: a `Matching` that `fits` has every argument but lambdas bound; `result` is meaningful after `fit_lambdas`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from constellation.compiler.checking.coercion import coerce, convert, expect, mismatch
from constellation.compiler.checking.mentions import note_mentions
from constellation.compiler.context import Context
from constellation.image.graph import ErrorNode, GraphExpression
from constellation.types.model import (
    ERROR,
    FunctionType,
    ListType,
    RecordType,
    SeqType,
    Type,
)
from constellation.types.relations import has_error, is_subtype
from constellation.types.signature import Signature
from constellation.types.unification import Bindings
from constellation_grammar import syntax

__all__ = ["Matching", "report_arguments", "sequence_result", "try_match"]

Value = GraphExpression | syntax.Lambda

_NUMERIC: Final = re.compile(r"'[NO]\[")
"""A type variable that may stand for Float."""


class Matching:
    """One signature against the arguments of one call. `first`: its first argument, resolved."""

    def __init__(self, signature: Signature, values: Sequence[Value], prelude: bool) -> None:
        self.signature = signature
        self.values = list(values)
        self.bindings = Bindings(seq_for_list=prelude)
        self.misfits: list[int] = []
        self._has_error = False

    @property
    def fits(self) -> bool:
        """Whether every argument that is no lambda fits its parameter."""
        return not self.misfits

    @property
    def first(self) -> GraphExpression | None:
        """The first argument at its resolved type, or None when the arguments do not fit."""
        return self.result()[0][0] if self.fits else None

    def bind(self, literals: bool) -> None:
        """Bind the variables from the arguments in order, keeping note of those that do not fit."""
        for position, (parameter, value) in enumerate(zip(self.signature.parameters, self.values, strict=True)):
            wanted = parameter.type
            if isinstance(value, syntax.Lambda):
                if not isinstance(wanted, FunctionType) or len(wanted.parameters) != len(value.parameters):
                    self.misfits.append(position)
                continue
            if isinstance(value, ErrorNode):
                self._has_error = True
                continue
            if self.bindings.bind(wanted, value.type):
                continue
            if literals and self._bind_literal(position, wanted, value):
                continue
            self.misfits.append(position)

    def _bind_literal(self, position: int, wanted: Type, value: GraphExpression) -> bool:
        """A literal may take the form its parameter wants: an integer as Float, a list as list of Float."""
        target = self.bindings.close(wanted)
        fitting = coerce(value, target)
        if fitting is None and isinstance(target, ListType) and _NUMERIC.search(wanted.key):
            from constellation.types.model import FLOAT

            fitting = coerce(value, ListType(FLOAT))
        if fitting is None or not self.bindings.bind(wanted, fitting.type):
            return False
        self.values[position] = fitting
        return True

    def fit_lambdas(self, context: Context, arguments: Sequence[syntax.Expression]) -> bool:
        """Check the lambdas, their parameters typed by the variables bound so far; False when one is wrong."""
        from constellation.compiler.checking.lambdas import fit_lambda

        good = True
        for position, value in enumerate(self.values):
            if not isinstance(value, syntax.Lambda):
                good = good and not isinstance(value, ErrorNode)
                continue
            wanted = self.signature.parameters[position].type
            assert isinstance(wanted, FunctionType)
            unknown = ERROR if self._has_error else None
            node = fit_lambda(context, value, wanted, self.bindings, unknown)
            self.values[position] = node
            good = good and not isinstance(node, ErrorNode)
        return good

    def result(self) -> tuple[list[GraphExpression], list[Type], Type]:
        """The arguments at their parameters' resolved types, those types, and the resolved return type."""
        nodes: list[GraphExpression] = []
        types: list[Type] = []
        for parameter, value in zip(self.signature.parameters, self.values, strict=True):
            assert not isinstance(value, syntax.Lambda)
            type_ = self.bindings.close(parameter.type)
            if isinstance(type_, ListType) and isinstance(value.type, SeqType) and self.bindings.seq_for_list:
                type_ = SeqType(type_.element)
            nodes.append(convert(value, type_))
            types.append(type_)
        default = ERROR if self._has_error else None
        returns = self.bindings.close(self.signature.returns, default) if default else None
        if returns is None:
            returns = self.bindings.close(self.signature.returns)
        return nodes, types, sequence_result(self.signature, types, returns)


def sequence_result(signature: Signature, types: Sequence[Type], returns: Type) -> Type:
    """A list result is a sequence when an argument of a list parameter was one."""
    if isinstance(returns, ListType):
        for parameter, type_ in zip(signature.parameters, types, strict=True):
            if isinstance(type_, SeqType) and isinstance(parameter.type, ListType):
                return SeqType(returns.element)
    return returns


def try_match(signature: Signature, values: Sequence[Value], *, prelude: bool, literals: bool = True) -> Matching:
    """The signature bound to the arguments; `literals` lets integer literals become Float."""
    matching = Matching(signature, values, prelude)
    matching.bind(literals)
    return matching


def report_arguments(
    context: Context, node: syntax.Call, signature: Signature, values: Sequence[Value], *, prelude: bool
) -> None:
    """Report every argument that does not fit the signature, variables printed as what the others made them."""
    from constellation.compiler.checking.lambdas import report_lambda_arity

    matching = try_match(signature, values, prelude=prelude)
    for value in values:
        if isinstance(value, syntax.Lambda):
            note_mentions(context, value)
    for position in matching.misfits:
        value = values[position]
        wanted = matching.bindings.resolve(signature.parameters[position].type)
        if isinstance(value, syntax.Lambda):
            if isinstance(wanted, FunctionType):
                report_lambda_arity(context, value, wanted)
            continue
        if isinstance(wanted, RecordType) and wanted.row is not None and isinstance(value.type, RecordType):
            _report_open_record(context, node, position, wanted, value)
        elif isinstance(wanted, FunctionType) or coerce(value, wanted) is not None:
            mismatch(context, value, wanted, "argument-type")
        else:
            expect(context, value, wanted, "argument-type")


def _report_open_record(
    context: Context, node: syntax.Call, position: int, wanted: RecordType, value: GraphExpression
) -> None:
    assert isinstance(value.type, RecordType)
    name = node.function.text.rpartition(".")[2]
    have = value.type.by_name
    missing = [field for field, _ in wanted.fields if field not in have]
    if missing:
        context.report(
            "open-record-missing",
            value,
            {"position": position + 1, "name": name, "fields": ", ".join(missing)},
            data={"fields": tuple(missing)},
        )
    for field, type_ in wanted.fields:
        actual = have.get(field)
        if actual is not None and not is_subtype(actual, type_) and not has_error(actual):
            context.report(
                "open-record-field",
                value,
                {"position": position + 1, "name": name, "field": field, "actual": actual, "expected": type_},
                data={"field": field, "expected": str(type_), "actual": str(actual)},
            )
