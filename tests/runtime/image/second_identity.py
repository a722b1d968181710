"""A second way to a structural hash, made from docs/identity.md alone: it reads a stored image's JSON and nothing else.

It shares no code with the product on purpose. When the two disagree, one of them or the page is wrong.
"""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

FIELDS = {
    line.split()[0]: line.split()[1:]
    for line in """
graph inputs bindings outputs
input name type examples
let key name expression offset
output name expression offset
in type start end name
ref type start end key
param type start end depth index name
bound type start end depth name
lit type start end value
call type start end function written arguments parameter_types returns overload options
op type start end operator left right
neg type start end value
merge type start end left right
proj type start end source fields
field type start end source field
if type start end condition then orelse
and type start end left right
or type start end left right
not type start end value
guard type start end value condition
coalesce type start end left right unwrap
branch type start end cases otherwise
match type start end scrutinee cases
interp type start end parts expressions
list type start end items
rec type start end fields
lam type start end parameters body
conv type start end value
arg name value
case condition value
arm pattern value
entry name value
is-record fields tags
is-type type tag
is-any
window kind arguments
""".strip().splitlines()
}
OPTIONS = {
    "retry": ("retry", 0), "timeout_ms": ("timeoutMs", None), "delay_ms": ("delayMs", None),
    "backoff": ("backoff", "fixed"), "cache_ms": ("cacheMs", None), "cache_backend": ("cacheBackend", None),
    "throttle_count": ("throttleCount", None), "throttle_per_ms": ("throttlePerMs", None),
    "concurrency": ("concurrency", None), "on_error": ("onError", "propagate"), "lazy": ("lazyEval", False),
    "priority": ("priority", 50), "batch": ("batchSize", None), "batch_timeout_ms": ("batchTimeoutMs", None),
    "checkpoint_ms": ("checkpointMs", None),
}  # fmt: skip
# kind → the canonical members, each made of a stored field
SIMPLE = {
    "merge": {"a": "left", "b": "right"}, "field": {"e": "source", "f": "field"},
    "if": {"c": "condition", "a": "then", "b": "orelse"}, "and": {"a": "left", "b": "right"},
    "or": {"a": "left", "b": "right"}, "not": {"e": "value"}, "guard": {"e": "value", "c": "condition"},
    "coalesce": {"a": "left", "b": "right"}, "conv": {"e": "value"}, "list": {"items": "items"},
    "interp": {"parts": "parts", "exprs": "expressions"}, "in": {"name": "name"}, "ref": {"b": "key"},
    "param": {"d": "depth", "i": "index"}, "bound": {"d": "depth", "f": "name"},
    "op": {"o": "operator", "a": "left", "b": "right"},
}  # fmt: skip


def canonical_text(image: dict[str, Any]) -> str:
    """The canonical document of a stored image."""
    return _Reader(image["types"]).document(image["ir"])


def identity(image: dict[str, Any]) -> str:
    """The structural hash of a stored image."""
    return hashlib.sha256(canonical_text(image).encode("utf-8", "surrogatepass")).hexdigest()


def json_text(value: Any) -> str:
    """JSON by the page's rules."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json_text(k)}:{json_text(value[k])}" for k in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(json_text, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(map(_character, value)) + '"'
    return (
        {True: "true", False: "false", None: "null"}[value]
        if value is None or value is True or value is False
        else str(value)
    )


def _character(c: str) -> str:
    short = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
    return short.get(c) or (f"\\u00{ord(c):02x}" if c < " " else c)


def float_text(value: float) -> str:
    """The shortest digits that give the double back, laid out by the page's rules."""
    negative = str(value).startswith("-")
    digits = next(d for n in range(1, 18) if float(d := f"{abs(value):.{n - 1}e}") == abs(value))
    exact = Decimal(digits)
    exponent = exact.adjusted() if exact else 0
    figures = "".join(map(str, exact.as_tuple().digits)).rstrip("0") or "0"
    if -4 <= exponent < 16:
        if exponent < 0:
            text = "0." + "0" * (-exponent - 1) + figures
        else:
            figures = figures.ljust(exponent + 1, "0")
            text = f"{figures[: exponent + 1]}.{figures[exponent + 1 :] or '0'}"
    else:
        mantissa = figures[0] + (f".{figures[1:]}" if len(figures) > 1 else "")
        text = f"{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent):02d}"
    return f"-{text}" if negative else text


class _Reader:
    def __init__(self, types: list[Any]) -> None:
        self.types = types

    def document(self, graph: Any) -> str:
        node = self.fields(graph)
        inputs = [self.fields(i) for i in self.items(node["inputs"])]
        bindings = [self.fields(b) for b in self.items(node["bindings"])]
        outputs = [self.fields(o) for o in self.items(node["outputs"])]
        return json_text({
            "v": 1,
            "in": {i["name"]: self.type(i["type"]) for i in inputs},
            "let": {b["key"]: self.expression(b["expression"]) for b in bindings},
            "out": {o["name"]: self.expression(o["expression"]) for o in outputs},
        })  # fmt: skip

    def fields(self, node: list[Any]) -> dict[str, Any]:
        return dict(zip(FIELDS[node[0]], node[1:], strict=True))

    def items(self, sequence: dict[str, Any]) -> list[Any]:
        items: list[Any] = sequence["l"]
        return items

    def type(self, reference: dict[str, int]) -> Any:
        return self.type_of(self.types[reference["t"]])

    def type_of(self, stored: Any) -> Any:
        if isinstance(stored, str):
            return stored
        kind, *rest = stored
        if kind == "Record":
            return {"record": {name: self.type_of(t) for name, t in rest[0]}}
        if kind == "Union":
            return {"union": sorted(map(self.type_of, rest), key=json_text)}
        if kind == "Function":
            return ["Function", [self.type_of(p) for p in rest[0]], self.type_of(rest[1])]
        return [kind, *map(self.type_of, rest)]

    def value(self, stored: Any) -> Any:
        """A field that is a node, a sequence, or plain."""
        if isinstance(stored, list):
            return self.expression(stored)
        if isinstance(stored, dict):
            return [self.value(item) for item in stored["l"]]
        return stored

    def expression(self, stored: list[Any]) -> dict[str, Any]:
        kind, node = stored[0], self.fields(stored)
        own = getattr(self, f"_{kind}", None)
        made = own(node) if own else {m: self.value(node[f]) for m, f in SIMPLE[kind].items()}
        return {"k": "op" if kind == "neg" else kind, "t": self.type(node["type"]), **made}

    def _lit(self, node: dict[str, Any]) -> dict[str, Any]:
        value = node["value"]
        return {"v": {"f": float_text(float(value["f"]))} if isinstance(value, dict) else value}

    def _neg(self, node: dict[str, Any]) -> dict[str, Any]:
        return {"o": "neg", "a": self.expression(node["value"])}

    def _proj(self, node: dict[str, Any]) -> dict[str, Any]:
        return {"e": self.expression(node["source"]), "fields": sorted(set(self.items(node["fields"])))}

    def _rec(self, node: dict[str, Any]) -> dict[str, Any]:
        entries = [self.fields(e) for e in self.items(node["fields"])]
        return {"fields": {e["name"]: self.expression(e["value"]) for e in entries}}

    def _lam(self, node: dict[str, Any]) -> dict[str, Any]:
        function = self.type(node["type"])
        return {"params": function[1], "body": self.expression(node["body"])}

    def _branch(self, node: dict[str, Any]) -> dict[str, Any]:
        cases = [self.fields(c) for c in self.items(node["cases"])]
        pairs = [[self.expression(c["condition"]), self.expression(c["value"])] for c in cases]
        return {"cases": pairs, "else": self.expression(node["otherwise"])}

    def _match(self, node: dict[str, Any]) -> dict[str, Any]:
        arms = [self.fields(a) for a in self.items(node["cases"])]
        pairs = [[self.pattern(a["pattern"]), self.expression(a["value"])] for a in arms]
        return {"s": self.expression(node["scrutinee"]), "cases": pairs}

    def pattern(self, stored: list[Any]) -> dict[str, Any]:
        node = self.fields(stored)
        if stored[0] == "is-record":
            return {"rec": sorted(set(self.items(node["fields"])))}
        return {"is": self.type(node["type"])} if stored[0] == "is-type" else {"any": True}

    def _call(self, node: dict[str, Any]) -> dict[str, Any]:
        arguments = [self.fields(a) for a in self.items(node["arguments"])]
        parameters = [self.type(t) for t in self.items(node["parameter_types"])]
        made: dict[str, Any] = {
            "fn": node["function"],
            "args": {a["name"]: self.expression(a["value"]) for a in arguments},
            "sig": [parameters, self.type(node["returns"])],
        }
        options = self.options(node["options"])
        return made | ({"opts": options} if options else {})

    def options(self, stored: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in (stored[1] if stored else {}).items():
            if name == "fallback":
                found["fallback"] = self.expression(value)
            elif name in {"window", "join"}:
                window = self.fields(value)
                word = window["kind"].replace("_", "-") if name == "join" else window["kind"]
                text = ":".join([word, *map(str, self.items(window["arguments"]))])
                found["window" if name == "window" else "joinStrategy"] = text
            elif value is not None and value != OPTIONS[name][1]:
                found[OPTIONS[name][0]] = value
        return found
