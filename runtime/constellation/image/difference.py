"""What differs between two program graphs, declaration by declaration, in words.

Owns the comparison. Refuses to load images or print. Invariant: there is no change exactly when the structural hashes
are equal.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from constellation.image import graph as g
from constellation.image.canonical import canonical_json, expression_canon
from constellation.image.source_text import expression_text, option_texts


@dataclass(frozen=True, slots=True)
class Change:
    """One declaration that differs. `kind` is added, removed or changed; `subject` input, step or output.

    `before` and `after` are program text; `details` say what exactly differs inside a changed expression.
    """

    kind: str
    subject: str
    name: str
    before: str | None = None
    after: str | None = None
    details: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind == "added":
            return f"{self.subject} {self.name} added: {self.after}"
        if self.kind == "removed":
            return f"{self.subject} {self.name} removed (was: {self.before})"
        return f"{self.subject} {self.name} changed: {'; '.join(self.details)}"

    def to_json(self) -> dict[str, Any]:
        """The change as a JSON object; absent sides are left out."""
        document: dict[str, Any] = {"kind": self.kind, "subject": self.subject, "name": self.name}
        for key in ("before", "after"):
            if getattr(self, key) is not None:
                document[key] = getattr(self, key)
        if self.details:
            document["details"] = list(self.details)
        return document


def differences(old: g.Graph, new: g.Graph) -> tuple[Change, ...]:
    """Every declaration that differs: inputs, then steps, then outputs, each in the new program's order."""
    changes = [*_inputs(old, new)]
    changes += _expressions("step", _steps(old), _steps(new))
    changes += _expressions(
        "output", {o.name: o.expression for o in old.outputs}, {o.name: o.expression for o in new.outputs}
    )
    return tuple(changes)


def _steps(graph: g.Graph) -> dict[str, g.GraphExpression]:
    return {b.key.removesuffix("#1"): b.expression for b in graph.bindings}


def _inputs(old: g.Graph, new: g.Graph) -> Iterator[Change]:
    before, after = ({i.name: i.type for i in graph.inputs} for graph in (old, new))
    for name, type_ in after.items():
        if name not in before:
            yield Change("added", "input", name, after=str(type_))
        elif before[name] != type_:
            detail = f"type {before[name]} is now {type_}"
            yield Change("changed", "input", name, str(before[name]), str(type_), (detail,))
    for name, type_ in before.items():
        if name not in after:
            yield Change("removed", "input", name, before=str(type_))


def _expressions(
    subject: str, before: dict[str, g.GraphExpression], after: dict[str, g.GraphExpression]
) -> Iterator[Change]:
    for name, expression in after.items():
        text = expression_text(expression)
        if name not in before:
            yield Change("added", subject, name, after=text)
        elif not _same(before[name], expression):
            details = tuple(dict.fromkeys(_details(before[name], expression)))
            yield Change("changed", subject, name, expression_text(before[name]), text, details)
    for name, expression in before.items():
        if name not in after:
            yield Change("removed", subject, name, before=expression_text(expression))


def _same(old: g.GraphExpression, new: g.GraphExpression) -> bool:
    return canonical_json(expression_canon(old)) == canonical_json(expression_canon(new))


def _details(old: g.GraphExpression, new: g.GraphExpression) -> Iterator[str]:
    """The smallest differing parts of two expressions, in reading order."""
    if type(old) is not type(new):
        yield f"{expression_text(old)} is now {expression_text(new)}"
        return
    found = False
    if isinstance(old, g.CallNode) and isinstance(new, g.CallNode):
        own = list(_call_details(old, new))
        yield from own
        if old.function != new.function or len(old.arguments) != len(new.arguments):
            return
        found = bool(own)
    children = list(zip(_children(old), _children(new), strict=False))
    if len(list(_children(old))) == len(list(_children(new))) and _head(old) == _head(new):
        for left, right in children:
            if not _same(left, right):
                found = True
                yield from _details(left, right)
    if not found:
        before, after = expression_text(old), expression_text(new)
        yield f"{before} is now {after}" if before != after else f"{after} is of type {new.type} instead of {old.type}"


def _call_details(old: g.CallNode, new: g.CallNode) -> Iterator[str]:
    if old.function != new.function:
        yield f"calls {new.function} instead of {old.function}"
    elif (old.parameter_types, old.returns) != (new.parameter_types, new.returns):
        yield f"the signature of {new.function} changed"
    before, after = option_texts(old.options), option_texts(new.options)
    for name in [*after, *(n for n in before if n not in after)]:
        if before.get(name) != after.get(name):
            yield f"option {name} of {new.function}: {before.get(name, 'not set')} is now {after.get(name, 'not set')}"


def _head(node: g.GraphExpression) -> str:
    """What identifies a node apart from its children and its type."""
    own = {n: v for n, v in _fields(node) if n not in {"type", "start", "end", "written"} and not _holds(v)}
    return repr(own)


def _fields(node: Any) -> Iterator[tuple[str, Any]]:
    for name in node.__struct_fields__:
        yield name, getattr(node, name)


def _holds(value: Any) -> bool:
    if isinstance(value, g.GraphNode | g.CallOptions):
        return True
    items = cast("tuple[object, ...]", value) if isinstance(value, tuple) else ()
    return any(isinstance(v, g.GraphNode | g.Argument | g.Case | g.MatchCase | g.FieldValue) for v in items)


def _children(node: Any) -> Iterator[g.GraphExpression]:
    for _, value in _fields(node):
        items = cast("tuple[object, ...]", value) if isinstance(value, tuple) else (value,)
        for item in items:
            if isinstance(item, g.GraphNode):
                yield item  # type: ignore[misc]
            elif isinstance(item, g.Argument | g.Case | g.MatchCase | g.FieldValue):
                yield from _children(item)
