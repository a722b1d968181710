"""The canonical form of a program graph and the structural hash.

Owns which parts of a graph are its identity: names, types, literals, called functions with their signatures, effective
options, edges, inputs and outputs. Refuses to look at spans, at the names a program wrote for a function or a lambda
parameter, at module versions, and at the order of inputs, outputs, independent bindings or record fields.

Invariant: equal programs have equal bytes in every process; the hash is SHA-256 over exactly these bytes.

The bytes are one JSON object, keys sorted by code point, no spaces, text literal in UTF-8:
`{"in":{name:type},"let":{key:expression},"out":{name:expression},"v":1}`. A graph's expressions are encoded one by one
and remembered by object, so hashing a program again after an edit encodes only what the checker rebuilt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, Final

from constellation.image.depth import allow_deep_expressions
from constellation.image.graph import (
    AndNode,
    AnyMatch,
    BindingRef,
    BoundRef,
    BranchNode,
    CallNode,
    CallOptions,
    CoalesceNode,
    ConvertNode,
    FieldNode,
    Graph,
    GraphExpression,
    GuardNode,
    IfNode,
    InputRef,
    InterpolateNode,
    LambdaNode,
    ListNode,
    Literal,
    MatchNode,
    MatchPattern,
    MergeNode,
    Negate,
    NotNode,
    Operation,
    OrNode,
    ParameterRef,
    ProjectNode,
    RecordMatch,
    RecordNode,
    TypeMatch,
    Window,
)
from constellation.image.identity_memo import IdentityMemo
from constellation.types.canonical import type_canon
from constellation.types.model import FLOAT, FunctionType

VERSION: Final = 1
_WRITER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
_quoted: Final = json.encoder.encode_basestring

Canon = dict[str, Any]


def canonical_json(value: object) -> str:
    """JSON with keys sorted by code point, no spaces, text unescaped as far as JSON allows."""
    return _WRITER.encode(value)


def content_hash(content: bytes | str | object) -> str:
    """SHA-256 in hex of bytes, of a text's UTF-8, or of a JSON value's canonical form."""
    if not isinstance(content, bytes):
        text = content if isinstance(content, str) else canonical_json(content)
        content = text.encode("utf-8", "surrogatepass")
    return hashlib.sha256(content).hexdigest()


def canonical_bytes(graph: Graph) -> bytes:
    """The bytes whose SHA-256 is the structural hash."""
    allow_deep_expressions()
    inputs = canonical_json({spec.name: type_canon(spec.type) for spec in graph.inputs})
    bindings = _object([(binding.key, _remembered(binding.expression)) for binding in graph.bindings])
    outputs = _object([(spec.name, _remembered(spec.expression)) for spec in graph.outputs])
    return f'{{"in":{inputs},"let":{bindings},"out":{outputs},"v":{VERSION}}}'.encode("utf-8", "surrogatepass")


def structural_hash(graph: Graph) -> str:
    """64 lower-case hexadecimal digits naming the program, whatever its layout, comments or order."""
    return hashlib.sha256(canonical_bytes(graph)).hexdigest()


def _object(members: list[tuple[str, str]]) -> str:
    return "{" + ",".join([f"{_quoted(name)}:{text}" for name, text in sorted(members)]) + "}"


def _text(expression: GraphExpression) -> str:
    return canonical_json(expression_canon(expression))


_remembered: Final = IdentityMemo(_text)


def expression_canon(node: GraphExpression) -> Canon:
    """An expression as JSON data: its kind `k`, its type `t` and what identifies it."""
    encode = _ENCODERS.get(type(node))
    if encode is None:
        raise TypeError(f"{type(node).__name__} has no canonical form")
    canon: Canon = encode(node)
    canon["t"] = type_canon(node.type)
    return canon


_expr = expression_canon


def _literal(node: Literal) -> Canon:
    return {"k": "lit", "v": {"f": repr(float(node.value))} if node.type == FLOAT else node.value}


def _call(node: CallNode) -> Canon:
    canon: Canon = {
        "k": "call",
        "fn": node.function,
        "args": {argument.name: _expr(argument.value) for argument in node.arguments},
        "sig": [[type_canon(t) for t in node.parameter_types], type_canon(node.returns)],
    }
    options = options_canon(node.options)
    if options:
        canon["opts"] = options
    return canon


_OPTION_NAMES: Final = (
    ("retry", "retry", 0),
    ("timeout_ms", "timeoutMs", None),
    ("delay_ms", "delayMs", None),
    ("backoff", "backoff", "fixed"),
    ("cache_ms", "cacheMs", None),
    ("cache_backend", "cacheBackend", None),
    ("throttle_count", "throttleCount", None),
    ("throttle_per_ms", "throttlePerMs", None),
    ("concurrency", "concurrency", None),
    ("on_error", "onError", "propagate"),
    ("lazy", "lazyEval", False),
    ("priority", "priority", 50),
    ("batch", "batchSize", None),
    ("batch_timeout_ms", "batchTimeoutMs", None),
    ("checkpoint_ms", "checkpointMs", None),
)


def options_canon(options: CallOptions | None, *, with_fallback: bool = True) -> Canon:
    """The effective options by their stored names; a value equal to the default is left out."""
    canon: Canon = {}
    if options is None:
        return canon
    for attribute, name, default in _OPTION_NAMES:
        value = getattr(options, attribute)
        if value is not None and value != default:
            canon[name] = value
    if options.window is not None:
        canon["window"] = _window(options.window)
    if options.join is not None:
        canon["joinStrategy"] = _window(options.join).replace("_", "-")
    if options.fallback is not None and with_fallback:
        canon["fallback"] = _expr(options.fallback)
    return canon


def _window(window: Window) -> str:
    return ":".join((window.kind, *map(str, window.arguments)))


def _match(node: MatchNode) -> Canon:
    cases = [[_pattern(case.pattern), _expr(case.value)] for case in node.cases]
    return {"k": "match", "s": _expr(node.scrutinee), "cases": cases}


def _pattern(pattern: MatchPattern) -> Canon:
    match pattern:
        case RecordMatch(fields=fields):
            return {"rec": sorted(set(fields))}
        case TypeMatch(type=type_):
            return {"is": type_canon(type_)}
        case AnyMatch():
            return {"any": True}


def _branch(node: BranchNode) -> Canon:
    cases = [[_expr(case.condition), _expr(case.value)] for case in node.cases]
    return {"k": "branch", "cases": cases, "else": _expr(node.otherwise)}


def _coalesce(node: CoalesceNode) -> Canon:
    return {"k": "coalesce", "a": _expr(node.left), "b": _expr(node.right)}


def _lambda(node: LambdaNode) -> Canon:
    if not isinstance(node.type, FunctionType):
        raise TypeError("a lambda's type is a function type")
    return {"k": "lam", "params": [type_canon(t) for t in node.type.parameters], "body": _expr(node.body)}


_ENCODERS: Final[dict[type, Callable[[Any], Canon]]] = {
    InputRef: lambda n: {"k": "in", "name": n.name},
    BindingRef: lambda n: {"k": "ref", "b": n.key},
    ParameterRef: lambda n: {"k": "param", "d": n.depth, "i": n.index},
    BoundRef: lambda n: {"k": "bound", "d": n.depth, "f": n.name},
    Literal: _literal,
    CallNode: _call,
    Operation: lambda n: {"k": "op", "o": n.operator, "a": _expr(n.left), "b": _expr(n.right)},
    Negate: lambda n: {"k": "op", "o": "neg", "a": _expr(n.value)},
    MergeNode: lambda n: {"k": "merge", "a": _expr(n.left), "b": _expr(n.right)},
    ProjectNode: lambda n: {"k": "proj", "e": _expr(n.source), "fields": sorted(set(n.fields))},
    FieldNode: lambda n: {"k": "field", "e": _expr(n.source), "f": n.field},
    IfNode: lambda n: {"k": "if", "c": _expr(n.condition), "a": _expr(n.then), "b": _expr(n.orelse)},
    AndNode: lambda n: {"k": "and", "a": _expr(n.left), "b": _expr(n.right)},
    OrNode: lambda n: {"k": "or", "a": _expr(n.left), "b": _expr(n.right)},
    NotNode: lambda n: {"k": "not", "e": _expr(n.value)},
    GuardNode: lambda n: {"k": "guard", "e": _expr(n.value), "c": _expr(n.condition)},
    CoalesceNode: _coalesce,
    BranchNode: _branch,
    MatchNode: _match,
    InterpolateNode: lambda n: {"k": "interp", "parts": list(n.parts), "exprs": [_expr(e) for e in n.expressions]},
    ListNode: lambda n: {"k": "list", "items": [_expr(e) for e in n.items]},
    RecordNode: lambda n: {"k": "rec", "fields": {f.name: _expr(f.value) for f in n.fields}},
    LambdaNode: _lambda,
    ConvertNode: lambda n: {"k": "conv", "e": _expr(n.value)},
}
