"""Graph expressions as program text again, for people: difference reports, graph labels.

Owns a readable rendering. Refuses to be a formatter: what the graph does not keep (comments, parentheses, spellings) is
not brought back. Invariant: equal expressions give equal text.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constellation.image import graph as g
from constellation.image.canonical import options_canon


def expression_text(node: g.GraphExpression) -> str:
    """One line of program text with the expression's meaning; conversions are invisible, as they are in programs."""
    return _RENDERERS[type(node)](node)


_text = expression_text


def _literal(node: g.Literal) -> str:
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    return f'"{_escaped(node.value)}"' if isinstance(node.value, str) else repr(node.value)


_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escaped(text: str) -> str:
    """A text as it stands between double quotes."""
    shown = "".join(_ESCAPES.get(c) or (c if c.isprintable() else f"\\u{{{ord(c):X}}}") for c in text)
    return shown.replace("${", "\\${")


def _call(node: g.CallNode) -> str:
    arguments = ", ".join(_text(a.value) for a in node.arguments)
    options = option_texts(node.options)
    clause = " with " + ", ".join(f"{k}: {v}" for k, v in options.items()) if options else ""
    return f"{node.function.rpartition('.')[2]}({arguments}){clause}"


def option_texts(options: g.CallOptions | None) -> dict[str, str]:
    """The effective options as programs write them: by name, with durations in their largest whole unit."""
    found: dict[str, str] = {}
    if options is None:
        return found
    effective = options_canon(options, with_fallback=False)
    for stored, value in effective.items():
        written = _WRITTEN.get(stored)
        if written is not None:
            found[written[0]] = written[1](value)
    if options.throttle_count is not None and options.throttle_per_ms is not None:
        found["throttle"] = f"{options.throttle_count}/{_duration(options.throttle_per_ms)}"
    for name, form in (("window", options.window), ("join", options.join)):
        if form is not None:
            found[name] = _form(form)
    if options.fallback is not None:
        found["fallback"] = _text(options.fallback)
    return found


def _duration(milliseconds: int) -> str:
    for unit, length in (("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if milliseconds and milliseconds % length == 0:
            return f"{milliseconds // length}{unit}"
    return f"{milliseconds}ms"


def _form(form: g.Window) -> str:
    if not form.arguments:
        return form.kind
    shown = map(str if form.kind == "count" else _duration, form.arguments)
    return f"{form.kind}({', '.join(shown)})"


def _flag(value: bool) -> str:
    return "true" if value else "false"


_WRITTEN: dict[str, tuple[str, Callable[[Any], str]]] = {
    "retry": ("retry", str),
    "timeoutMs": ("timeout", _duration),
    "delayMs": ("delay", _duration),
    "backoff": ("backoff", str),
    "cacheMs": ("cache", _duration),
    "cacheBackend": ("cache_backend", lambda name: f'"{_escaped(name)}"'),
    "concurrency": ("concurrency", str),
    "onError": ("on_error", str),
    "lazyEval": ("lazy", _flag),
    "priority": ("priority", str),
    "batchSize": ("batch", str),
    "batchTimeoutMs": ("batch_timeout", _duration),
    "checkpointMs": ("checkpoint", _duration),
}


def _binary(operator: str) -> Callable[[Any], str]:
    return lambda node: f"{_operand(node.left)} {operator} {_operand(node.right)}"


def _operand(node: g.GraphExpression) -> str:
    text = _text(node)
    inner = node.value if isinstance(node, g.ConvertNode) else node
    return f"({text})" if isinstance(inner, _COMPOUND) else text


def _interpolation(node: g.InterpolateNode) -> str:
    parts = [_escaped(part) for part in node.parts]
    middle = "".join(f"${{{_text(e)}}}{part}" for e, part in zip(node.expressions, parts[1:], strict=True))
    return f'"{parts[0]}{middle}"'


def _pattern(pattern: g.MatchPattern) -> str:
    match pattern:
        case g.RecordMatch(fields=fields):
            return f"{{ {', '.join(fields)} }}"
        case g.TypeMatch(type=type_):
            return f"is {type_}"
        case _:
            return "_"


def _branch(node: g.BranchNode) -> str:
    cases = "".join(f"{_text(c.condition)} -> {_text(c.value)}, " for c in node.cases)
    return f"branch {{ {cases}otherwise -> {_text(node.otherwise)} }}"


def _match(node: g.MatchNode) -> str:
    cases = ", ".join(f"{_pattern(c.pattern)} -> {_text(c.value)}" for c in node.cases)
    return f"match {_operand(node.scrutinee)} {{ {cases} }}"


_COMPOUND = (
    g.Operation, g.AndNode, g.OrNode, g.NotNode, g.GuardNode, g.CoalesceNode, g.IfNode, g.MergeNode, g.Negate,
    g.LambdaNode,
)  # fmt: skip

_RENDERERS: dict[type[Any], Callable[[Any], str]] = {
    g.InputRef: lambda n: n.name,
    g.BindingRef: lambda n: n.key.rpartition("#")[0],
    g.ParameterRef: lambda n: n.name,
    g.BoundRef: lambda n: n.name,
    g.Literal: _literal,
    g.CallNode: _call,
    g.Operation: lambda n: _binary(n.operator)(n),
    # -7 is a number, -(7) a computation
    g.Negate: lambda n: f"-({_text(n.value)})" if isinstance(n.value, g.Literal) else f"-{_operand(n.value)}",
    g.MergeNode: _binary("+"),
    g.ProjectNode: lambda n: f"{_operand(n.source)}[{', '.join(n.fields)}]",
    g.FieldNode: lambda n: f"{_operand(n.source)}.{n.field}",
    g.IfNode: lambda n: f"if ({_text(n.condition)}) {_text(n.then)} else {_text(n.orelse)}",
    g.AndNode: _binary("and"),
    g.OrNode: _binary("or"),
    g.NotNode: lambda n: f"not {_operand(n.value)}",
    g.GuardNode: lambda n: f"{_operand(n.value)} when {_operand(n.condition)}",
    g.CoalesceNode: _binary("??"),
    g.BranchNode: _branch,
    g.MatchNode: _match,
    g.InterpolateNode: _interpolation,
    g.ListNode: lambda n: f"[{', '.join(map(_text, n.items))}]",
    g.RecordNode: lambda n: "{ " + ", ".join(f"{f.name}: {_text(f.value)}" for f in n.fields) + " }",
    g.LambdaNode: lambda n: f"({', '.join(n.parameters)}) => {_text(n.body)}",
    g.ConvertNode: lambda n: _text(n.value),
    g.ErrorNode: lambda n: "?",
}
