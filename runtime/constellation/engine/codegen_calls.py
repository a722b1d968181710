"""Writers of calls and lambdas.

Invariant: a call without options in effect is a plain Python call of the module's implementation, awaited if it waits.
"""

from __future__ import annotations

from typing import Final

from constellation.engine.codegen import CallForm, Emitter, ExpressionWriter, SiteForm
from constellation.engine.codegen_choices import call_form
from constellation.engine.layout import Site, decides_early, step
from constellation.image.graph import CallNode, GraphExpression, LambdaNode


def _call(emitter: Emitter, node: CallNode, key: str, depth: int) -> str:
    site = emitter.writer.layout.site_at[key]
    form = emitter.writer.forms[site.index]
    if site.cell < 0:
        return _call_code(emitter, site, form, depth, inside_lambda=True)
    own = site.cell == emitter.node.cell and not emitter.conditional
    if own:
        return _call_code(emitter, site, form, depth)
    return _stored_call(emitter, site, form, depth)


def _stored_call(emitter: Emitter, site: Site, form: SiteForm, depth: int) -> str:
    """A call inside a node: its value goes to a cell of its own."""
    cell = site.cell
    if emitter.segment:
        if emitter.conditional:
            emitter.nested_sites.append(cell)
        value = _call_code(emitter, site, form, depth)
        emitter.emit(f"v{cell} = {value}")
        return f"v{cell}"
    emitter.emit(f"v{cell} = c[{cell}]")
    emitter.emit(f"if v{cell} is UNSET:")
    with emitter.block() as lines:
        if emitter.careful:
            emitter.emit(f"R.unless_failed({cell})")
        value = _call_code(emitter, site, form, depth)
        emitter.emit(f"v{cell} = c[{cell}] = {value}")
    emitter.lines += lines
    emitter.last_mark = None
    return f"v{cell}"


def _call_code(emitter: Emitter, site: Site, form: SiteForm, depth: int, inside_lambda: bool = False) -> str:
    call = site.call
    if decides_early(call):
        value = call_form(emitter, call, site.key, depth)
        if form.form is CallForm.DIRECT:
            return value
        return _invoked(emitter, site, form, [emitter.spilled(value)], inside_lambda)
    lambdas = [a.value.body for a in call.arguments if isinstance(a.value, LambdaNode)]
    captured = emitter.captures(lambdas) if lambdas else []
    plain: list[tuple[GraphExpression, str]] = [
        (a.value, step(site.key, a.name)) for a in call.arguments if not isinstance(a.value, LambdaNode)
    ]
    texts = emitter.operands([*plain, *((reference, "") for reference in captured)], depth)
    if not lambdas:
        return _invoked(emitter, site, form, _settled(emitter, texts), inside_lambda)
    values = iter(_settled(emitter, texts[: len(plain)]))
    with emitter.capturing(captured, texts[len(plain) :]):
        arguments = [
            _lambda(emitter, a.value, step(site.key, a.name), form.awaits_lambdas)
            if isinstance(a.value, LambdaNode)
            else next(values)
            for a in call.arguments
        ]
        return _invoked(emitter, site, form, arguments, inside_lambda)


def _settled(emitter: Emitter, texts: list[str]) -> list[str]:
    """Arguments that cannot fail any more, so that a failure of the call's line is the call's."""
    return [emitter.spilled(text) if _fallible(text) else text for text in texts]


def _invoked(emitter: Emitter, site: Site, form: SiteForm, values: list[str], inside_lambda: bool) -> str:
    """The call itself."""
    emitter.may_fail(site)
    function = f"f{site.index}"
    path = f"({', '.join(emitter.scope.counters)},)" if inside_lambda and form.record else "None"
    if form.form is CallForm.WRAPPED:
        fallback = _fallback(emitter, site.call, site.key)
        return f"(await R.call(S{site.index}, ({''.join(f'{v}, ' for v in values)}), {fallback}, {path}))"
    if form.context:
        values = [f"R.context(S{site.index})", *values]
    if path != "None":
        method = "element_async" if form.awaits else "element"
        text = f"R.{method}(S{site.index}, {path}, {function}, {', '.join(values)})"
    else:
        text = f"{function}({', '.join(values)})"
    return f"(await {text})" if form.awaits else text


def _fallback(emitter: Emitter, call: CallNode, key: str) -> str:
    if call.options is None or call.options.fallback is None:
        return "None"
    name = emitter.writer.temporary("b")
    mark, careful = emitter.last_mark, emitter.careful
    emitter.conditional, emitter.careful = emitter.conditional + 1, True
    emitter.emit(f"async def {name}():")
    with emitter.block() as lines:
        emitter.emit("n = 0")
        emitter.last_mark = None
        value = emitter.expression(call.options.fallback, step(key, "!fb"))
        emitter.emit(f"return {value}")
    emitter.lines += lines
    emitter.conditional, emitter.careful = emitter.conditional - 1, careful
    emitter.last_mark = mark
    return name


def _lambda(emitter: Emitter, node: LambdaNode, key: str, awaits: bool) -> str:
    scope = emitter.scope
    name = emitter.writer.temporary("l")
    parameters = tuple(f"p{name}_{i}" for i in range(len(node.parameters)))
    records = any(
        site.key.startswith(f"{key}/") and emitter.writer.forms[site.index].record for site in emitter.node.sites
    )
    counter = f"e{name}"
    scope.parameters.append(parameters)
    scope.names.extend(parameters)
    if records:
        scope.counters.append(counter)
        scope.names.append(counter)
    was, emitter.asynchronous = emitter.asynchronous, awaits
    try:
        with emitter.block() as lines:
            value = emitter.expression(node.body, step(key, "λ"))
    finally:
        emitter.asynchronous = was
        scope.parameters.pop()
        del scope.names[len(scope.names) - len(parameters) - (1 if records else 0) :]
        if records:
            scope.counters.pop()
    return _lambda_code(emitter, name, parameters, lines, value, counter if records else "", awaits)


def _lambda_code(
    emitter: Emitter, name: str, parameters: tuple[str, ...], lines: list[str], value: str, counter: str, awaits: bool
) -> str:
    inside = ", ".join(parameters)
    if not lines and not awaits and not counter:
        return f"(lambda {inside}: {value})"
    arguments = ", ".join([*([counter] if counter else []), *parameters])
    emitter.emit(f"{'async def' if awaits else 'def'} {name}({arguments}):")
    emitter.lines += lines
    emitter.lines.append("    " * (emitter.indent + 1) + f"return {value}")
    if not counter:
        return name
    numbers = emitter.writer.temporary("k")
    emitter.emit(f"{numbers} = count()")
    return f"(lambda {inside}: {name}({', '.join([f'next({numbers})', *parameters])}))"


def _fallible(text: str) -> bool:
    """Whether an operator in the text may fail (the names are those of `Writer.namespace`)."""
    return any(name in text for name in ("overflow()", "divide_", "merge", "no_case()")) and "lambda" not in text


CALL_WRITERS: Final[dict[type, ExpressionWriter]] = {CallNode: _call}
