"""Graph expressions as program text again, for people: difference reports, graph labels.

Owns a readable rendering. Refuses to be a formatter: what the graph does not keep (comments, parentheses, spellings) is
not brought back. Invariant: equal expressions give equal text.
"""

from __future__ import annotations

import json
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
    return json.dumps(node.value, ensure_ascii=False) if isinstance(node.value, str) else repr(node.value)


def _call(node: g.CallNode) -> str:
    arguments = ", ".join(_text(a.value) for a in node.arguments)
    options = option_texts(node.options)
    clause = " with " + ", ".join(f"{k}: {v}" for k, v in options.items()) if options else ""
    return f"{node.function.rpartition('.')[2]}({arguments}){clause}"


def option_texts(options: g.CallOptions | None) -> dict[str, str]:
    """The effective options by their stored names, values as text."""
    found = {k: str(v) for k, v in options_canon(options, with_fallback=False).items()}
    if options is not None and options.fallback is not None:
        found["fallback"] = _text(options.fallback)
    return found


def _binary(operator: str) -> Callable[[Any], str]:
    return lambda node: f"{_operand(node.left)} {operator} {_operand(node.right)}"


def _operand(node: g.GraphExpression) -> str:
    text = _text(node)
    inner = node.value if isinstance(node, g.ConvertNode) else node
    return f"({text})" if isinstance(inner, _COMPOUND) else text


def _interpolation(node: g.InterpolateNode) -> str:
    parts = [json.dumps(part, ensure_ascii=False)[1:-1] for part in node.parts]
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
    g.Negate: lambda n: f"-{_operand(n.value)}",
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
