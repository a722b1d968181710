"""Calls: finding the function, choosing its signature, fitting the arguments.

Owns overload choice and argument errors. Lambdas are fitted by `lambdas.py`, options by `options.py`; name lookup is
the resolver's.

Invariant: a `CallNode`'s arguments have exactly its `parameter_types`, and its type is `returns`; neither mentions a
type variable.
"""

from __future__ import annotations

from collections.abc import Sequence

from constellation.compiler.checking.coercion import coerce, expect
from constellation.compiler.checking.literal_arguments import LITERAL_RULES, check_regular_expression
from constellation.compiler.checking.mentions import note_mentions
from constellation.compiler.checking.options import check_options
from constellation.compiler.checking.signatures import Matching, report_arguments, sequence_result, try_match
from constellation.compiler.context import Context, ResolvedCall, handles, strip_parens
from constellation.compiler.suggestions import similar_names
from constellation.image.graph import Argument, CallNode, ErrorNode, GraphExpression
from constellation.types.model import ERROR, FunctionType, Type
from constellation.types.relations import has_error
from constellation.types.signature import FunctionSpec, Signature
from constellation_grammar import syntax

__all__: list[str] = []

_REGULAR_EXPRESSIONS = "stdlib.regex"


@handles(syntax.Call)
def _call(context: Context, node: syntax.Call) -> GraphExpression:
    written = node.function.text
    resolution = context.imports.resolve(written)
    if resolution.used:
        context.imports_used.update(map(id, resolution.used))
    spec = resolution.function
    if spec is None:
        if resolution.problem is not None and written:
            _report_name(context, node, written)
        return _unknown(context, node)
    if not spec.generic and len(spec.overloads) == 1 and not _takes_functions(spec.overloads[0]):
        return _plain_call(context, node, spec)
    return _matched_call(context, node, spec)


def _takes_functions(signature: Signature) -> bool:
    return any(type(parameter.type) is FunctionType for parameter in signature.parameters)


def _plain_call(context: Context, node: syntax.Call, spec: FunctionSpec) -> GraphExpression:
    """A function with one signature without variables or lambdas: the common case."""
    signature = spec.overloads[0]
    parameters = signature.parameters
    if context.recorder is not None:
        context.recorder.calls.append(ResolvedCall(node, spec, 0, signature))
    if len(node.arguments) != len(parameters):
        _report_arity(context, node, spec)
        return _after_failure(context, node)
    failed = False
    arguments: list[Argument] = []
    types: list[Type] = []
    for argument, parameter in zip(node.arguments, parameters, strict=True):
        wanted = parameter.type
        value = _argument(context, argument)
        if value.type is not wanted:
            fitting = coerce(value, wanted)
            if fitting is None and spec.prelude:
                fitting = try_match(Signature((parameter,), wanted), [value], prelude=True).first
            if fitting is None:
                expect(context, value, wanted, "argument-type")
                failed = True
                continue
            value = fitting
        if isinstance(value, ErrorNode):
            failed = True
        arguments.append(Argument(parameter.name, value))
        types.append(value.type)
    if failed:
        return _after_failure(context, node)
    if spec.namespace == _REGULAR_EXPRESSIONS:
        for position, parameter in enumerate(parameters):
            if parameter.name == "pattern":
                check_regular_expression(context, node, position)
    return _finish(
        context, node, spec, 0, arguments, tuple(types), sequence_result(signature, types, signature.returns)
    )


def _argument(context: Context, node: syntax.Expression) -> GraphExpression:
    """An argument for a parameter of no function type: a lambda is typed so that the mismatch can name its type."""
    inner = strip_parens(node)
    if isinstance(inner, syntax.Lambda):
        from constellation.compiler.checking.lambdas import infer_lambda

        return infer_lambda(context, inner)
    return context.infer(node)


def _finish(
    context: Context,
    node: syntax.Call,
    spec: FunctionSpec,
    overload: int,
    arguments: Sequence[Argument],
    types: tuple[Type, ...],
    returns: Type,
) -> GraphExpression:
    options = check_options(context, node, spec, returns) if node.options else None
    context.functions.add(spec.qualified_name)
    written = node.function.text
    simple = written[written.rfind(".") + 1 :] if "." in written else written
    return CallNode(
        returns, node.start, node.end, spec.qualified_name, simple, tuple(arguments), types, returns, overload, options
    )


# ----------------------------------------------------------------------------------------------------- overloads


def _matched_call(context: Context, node: syntax.Call, spec: FunctionSpec) -> GraphExpression:
    if spec.qualified_name in LITERAL_RULES:
        return _literal_call(context, node, spec)
    candidates = [
        (index, signature)
        for index, signature in enumerate(spec.overloads)
        if len(signature.parameters) == len(node.arguments)
    ]
    if not candidates:
        _report_arity(context, node, spec)
        _record(context, node, spec, -1)
        return _after_failure(context, node)
    values = _values(context, node, [signature for _, signature in candidates])
    chosen = _choose(context, node, spec, candidates, values)
    if chosen is None:
        return _after_failure(context, node)
    index, matching = chosen
    _record(context, node, spec, index)
    signature = spec.overloads[index]
    if not matching.fit_lambdas(context, node.arguments):
        return _after_failure(context, node)
    nodes, types, returns = matching.result()
    if any(isinstance(value, ErrorNode) for value in nodes) or returns is ERROR:
        return _after_failure(context, node)
    arguments = [Argument(p.name, value) for p, value in zip(signature.parameters, nodes, strict=True)]
    return _finish(context, node, spec, index, arguments, tuple(types), returns)


def _literal_call(context: Context, node: syntax.Call, spec: FunctionSpec) -> GraphExpression:
    """A function of `stdlib.record`: its result's type depends on the texts of its arguments."""
    rule, least, most = LITERAL_RULES[spec.qualified_name]
    _record(context, node, spec, 0)
    if len(node.arguments) < least or (most is not None and len(node.arguments) > most):
        _report_arity(context, node, spec)
        return _after_failure(context, node)
    values = [_argument(context, argument) for argument in node.arguments]
    if any(has_error(value.type) for value in values):
        return _after_failure(context, node)
    returns = rule(context, node, values[0])
    if returns is None:
        return _after_failure(context, node)
    names = [parameter.name for parameter in spec.overloads[0].parameters]
    names.extend(f"{names[-1]}{number}" for number in range(2, len(values) - len(names) + 2))
    arguments = [Argument(name, value) for name, value in zip(names, values, strict=False)]
    return _finish(context, node, spec, 0, arguments, tuple(value.type for value in values), returns)


def _record(context: Context, node: syntax.Call, spec: FunctionSpec, index: int) -> None:
    if context.recorder is not None:
        signature = spec.overloads[index] if index >= 0 else None
        context.recorder.calls.append(ResolvedCall(node, spec, index, signature))


def _values(
    context: Context, node: syntax.Call, signatures: Sequence[Signature]
) -> list[GraphExpression | syntax.Lambda]:
    """The arguments' graph nodes; a lambda stays syntax while some signature can give its parameters types."""
    from constellation.compiler.checking.lambdas import takes_function

    values: list[GraphExpression | syntax.Lambda] = []
    for position, argument in enumerate(node.arguments):
        inner = strip_parens(argument)
        if isinstance(inner, syntax.Lambda) and any(takes_function(s, position) for s in signatures):
            values.append(inner)
        else:
            values.append(_argument(context, argument))
    return values


def _choose(
    context: Context,
    node: syntax.Call,
    spec: FunctionSpec,
    candidates: Sequence[tuple[int, Signature]],
    values: Sequence[GraphExpression | syntax.Lambda],
) -> tuple[int, Matching] | None:
    """The first signature the arguments fit as they are, else the first they fit as literals; or a report."""
    first = [c for c in candidates if not c[1].last]
    ordered = [*first, *(c for c in candidates if c[1].last)]
    for literals in (False, True):
        for index, signature in ordered:
            matching = try_match(signature, values, prelude=spec.prelude, literals=literals)
            if matching.fits:
                return index, matching
    if not first:
        if not any(isinstance(value, ErrorNode) for value in values):
            _report_arity(context, node, spec)
        return None
    _record(context, node, spec, -1)
    report_arguments(context, node, first[0][1], values, prelude=spec.prelude)
    return None


# ------------------------------------------------------------------------------------------------------ failures


def _unknown(context: Context, node: syntax.Call) -> GraphExpression:
    """The arguments of a function nobody knows are still checked, lambdas excepted."""
    for argument in node.arguments:
        if isinstance(strip_parens(argument), syntax.Lambda):
            note_mentions(context, argument)
        else:
            context.infer(argument)
    return _after_failure(context, node)


def _after_failure(context: Context, node: syntax.Call) -> GraphExpression:
    """The options of a call that failed are still checked."""
    if node.options:
        check_options(context, node, None, ERROR)
    return ErrorNode(ERROR, node.start, node.end)


def _report_arity(context: Context, node: syntax.Call, spec: FunctionSpec) -> None:
    regular = [s for s in spec.overloads if not s.last] or list(spec.overloads)
    counts = [str(n) for n in sorted({len(s.parameters) for s in regular})]
    expected = counts[0] if len(counts) == 1 else f"{', '.join(counts[:-1])} or {counts[-1]}"
    for argument in node.arguments:
        note_mentions(context, argument)
    if context.broken:
        return  # arguments may be missing only because they are still being typed
    name = node.function.text.rpartition(".")[2]
    context.report(
        "arity",
        node.function,
        {"name": name, "expected": expected, "actual": len(node.arguments)},
        suggestions=tuple(f"Signature: {name}{signature}" for signature in regular[:3]),
        data={"name": spec.qualified_name, "expected": expected, "actual": len(node.arguments)},
    )


def _report_name(context: Context, node: syntax.Call, written: str) -> None:
    problem = context.imports.resolve(written).problem
    assert problem is not None
    values = dict(problem.values)
    suggestions = problem.suggestions
    end = node.function.end
    if problem.slug == "undefined-namespace":
        end = node.function.start + problem.namespace_length
        head, _, function = written.partition(".")
        if _is_variable(context, head) and "." not in function:
            meant = _function_meant(context, function)
            advice = f"write {meant}({head})" if meant else "a function takes the value as an argument"
            values["hint"] = f" (constellation-lang has no methods; {advice})"
            suggestions = (f"Write {meant or 'function'}({head})",)
    elif problem.slug == "undefined-function" and "." not in written and _is_variable(context, written):
        suggestions = (f"'{written}' is a variable; only functions can be called",)
    context.report(problem.slug, node.function, values, end=end, suggestions=suggestions, data=problem.data)


def _function_meant(context: Context, method: str) -> str:
    """The function somebody means who calls a method: of that name, of a similar one, or one that begins so."""
    if context.imports.resolve(method).function is not None:
        return method
    spellings = sorted(context.imports.table.spellings)
    close = (similar_names(method, spellings) if len(method) > 3 else []) or [
        s for s in spellings if len(method) > 2 and s.startswith(method)
    ]
    return close[0] if close else ""


def _is_variable(context: Context, name: str) -> bool:
    if name in context.locals:
        return True
    variable = context.variables.get(name)
    if variable is None:
        context.volatile = True
        return False
    context.reads[name] = variable
    return True
