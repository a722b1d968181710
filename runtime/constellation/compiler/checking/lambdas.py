"""Lambdas: as the argument of a function parameter, and everywhere else (where they are an error).

Owns parameter typing, scope and closures. Refuses the choice of signatures (`calls.py`).

Invariant: the body sees every name visible at the call; parameters hide outer names inside the body only.
"""

from __future__ import annotations

from typing import Final

from constellation.compiler.checking.coercion import arms_of, as_written, convert, expect
from constellation.compiler.checking.type_expressions import resolve_type
from constellation.compiler.context import Context, LocalScope, handles
from constellation.compiler.scope import Local
from constellation.image.graph import ErrorNode, GraphExpression, LambdaNode
from constellation.types.model import ERROR, FunctionType, Type, TypeVariable
from constellation.types.relations import has_error, is_generic, is_subtype
from constellation.types.signature import Signature
from constellation.types.unification import Bindings, variables_of
from constellation_grammar import syntax

__all__ = ["fit_lambda", "infer_lambda", "report_lambda_arity", "takes_function"]


def takes_function(signature: Signature, position: int) -> bool:
    """Whether a signature's parameter at a position is of function type."""
    return isinstance(signature.parameters[position].type, FunctionType)


@handles(syntax.Lambda)
def _misplaced(context: Context, node: syntax.Lambda) -> GraphExpression:
    """A lambda where no function is wanted."""
    before = len(context.diagnostics)
    infer_lambda(context, node)
    if len(context.diagnostics) == before:
        context.report("lambda-context", node)
    return ErrorNode(ERROR, node.start, node.end)


def infer_lambda(context: Context, node: syntax.Lambda) -> GraphExpression:
    """A lambda without expected type: every parameter needs an annotation."""
    types: list[Type] = []
    for parameter in node.parameters:
        if parameter.type is None:
            name = parameter.name.text
            context.report("lambda-annotation", parameter, {"name": name}, data={"name": name})
            types.append(ERROR)
        else:
            types.append(resolve_type(context, parameter.type))
    body = _body(context, node, types, types)
    if isinstance(body, ErrorNode) or any(map(has_error, types)):
        return ErrorNode(ERROR, node.start, node.end)
    names = tuple([parameter.name.text for parameter in node.parameters])
    return LambdaNode(FunctionType(tuple(types), body.type), node.start, node.end, names, body)


def report_lambda_arity(context: Context, node: syntax.Lambda, wanted: FunctionType) -> None:
    """Report E015 for a lambda with the wrong number of parameters."""
    values = {"actual": len(node.parameters), "expected": len(wanted.parameters)}
    context.report("lambda-arity", node, values, data=values)


def fit_lambda(
    context: Context,
    node: syntax.Lambda,
    wanted: FunctionType,
    bindings: Bindings,
    unknown: Type | None,
    *,
    widened: bool = False,
) -> GraphExpression:
    """A lambda for a parameter of function type; binds the variables its annotations and its body decide.

    `unknown` is what a variable stands for when the argument that would have bound it failed.
    """
    mark = context.mark()
    given: list[Type] = []
    seen: list[Type] = []
    good = True
    for parameter, type_ in zip(node.parameters, wanted.parameters, strict=True):
        annotation = resolve_type(context, parameter.type) if parameter.type is not None else None
        if annotation is not None and is_generic(bindings.resolve(type_)) and unknown is None:
            bindings.bind(type_, annotation)
        arrives = bindings.close(type_, unknown) if unknown else bindings.close(type_)
        if annotation is not None and not is_subtype(arrives, annotation):
            assert parameter.type is not None
            if not has_error(annotation) and not has_error(arrives):
                values = {"expected": arrives, "actual": annotation}
                context.report("type-mismatch", parameter.type, values, data={k: str(v) for k, v in values.items()})
            good = False
        given.append(arrives)
        seen.append(annotation if annotation is not None else arrives)
    body = _body(context, node, given, seen)
    if not widened and context.lambda_depth < _WIDENED and _widens(bindings, wanted, body):
        context.forget(mark)
        return fit_lambda(context, node, wanted, bindings, unknown, widened=True)
    result = bindings.resolve(wanted.result)
    body = _fit_body(context, body, result, bindings)
    if not good or isinstance(body, ErrorNode):
        return ErrorNode(ERROR, node.start, node.end)
    names = tuple([parameter.name.text for parameter in node.parameters])
    return LambdaNode(FunctionType(tuple(given), body.type), node.start, node.end, names, body)


_WIDENED: Final = 4
"""Levels of lambdas inside each other that may be checked once more: every level doubles the work."""


def _widens(bindings: Bindings, wanted: FunctionType, body: GraphExpression) -> bool:
    """Whether the result makes a variable wider that a parameter has too: folding from `[]` to a list of numbers makes
    the parameter a list of numbers, so the body is to be checked again."""
    variable = wanted.result
    if not isinstance(variable, TypeVariable) or variable not in wanted.parameters or has_error(body.type):
        return False
    bound = bindings.types.get(variable.name)
    if bound is None or is_subtype(body.type, bound) or not is_subtype(bound, body.type):
        return False
    return bindings.bind(variable, body.type)


def _fit_body(context: Context, body: GraphExpression, result: Type, bindings: Bindings) -> GraphExpression:
    free = variables_of(result)
    if not free:
        return expect(context, body, result)
    if isinstance(body, ErrorNode) or body.type is ERROR:
        for name in free:
            bindings.types.setdefault(name, ERROR)
        return ErrorNode(ERROR, body.start, body.end)
    if bindings.bind(result, body.type):
        closed = bindings.close(result)
        if is_subtype(body.type, closed):
            return convert(body, closed)
        return body
    for arm in arms_of(body):
        if bindings.bind(result, as_written(arm).type):
            break  # the arms differ: the first that fits says what the others should be
    return expect(context, body, bindings.resolve(result))


def _body(context: Context, node: syntax.Lambda, given: list[Type], seen: list[Type]) -> GraphExpression:
    outer = context.locals
    level = context.lambda_depth
    names: dict[str, Local] = {}
    for index, parameter in enumerate(node.parameters):
        name = parameter.name.text
        names[name] = Local(name, given[index], seen[index], level, index, parameter.name)
        if name in outer or name in context.variables:
            context.hint("shadowing", parameter.name, {"name": name})
    context.local_scopes.append(LocalScope(node.start, node.end, tuple(names.values())))
    context.locals = {**outer, **names}
    context.lambda_depth = level + 1
    body = context.infer(node.body)
    context.lambda_depth = level
    context.locals = outer
    return body
