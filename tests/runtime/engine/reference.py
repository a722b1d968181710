"""A slow, plain evaluation of program trees, made from the rules of evaluation alone.

It knows no plan, no order of time and no event loop: it walks down from what is demanded, evaluates every operand that
is not in a conditional position, even beside one that has no value, and remembers what was called and what failed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.runtime.engine.program_trees import BOOLEAN, INT, LIST, OPTIONAL, RECORD, STRING, Expression, Statement, Tree

Body = Callable[..., Any]

MODULES: Final[dict[str, tuple[tuple[str, ...], str, Body]]] = {
    "Inc": ((INT,), INT, lambda v: v + 1),
    "SlowInc": ((INT,), INT, lambda v: v + 1),
    "Two": ((INT, INT), INT, lambda a, b: a - b),
    "SlowTwo": ((INT, INT), INT, lambda a, b: a - b),
    "Test": ((INT,), BOOLEAN, lambda v: v > 1),
    "SlowTest": ((INT,), BOOLEAN, lambda v: v > 1),
    "Maybe": ((INT,), OPTIONAL, lambda v: None if v % 2 else v),
    "SlowMaybe": ((INT,), OPTIONAL, lambda v: None if v % 2 else v),
    "Total": ((LIST, RECORD), INT, lambda xs, r: sum(xs) - r["a"]),
    "SlowSize": ((STRING,), INT, len),
    "Pack": ((INT, INT), RECORD, lambda a, b: {"a": a, "b": b}),
    "SlowRange": ((INT,), LIST, lambda v: list(range(v % 4))),
}  # fmt: skip
"""Parameter types, result type and body of every module. Those called `Slow…` take time."""

_ZERO: Final[dict[str, Any]] = {INT: 0, BOOLEAN: False, OPTIONAL: None, LIST: [], RECORD: {"a": 0, "b": 0}}


class Failure(Exception):
    """What a broken module raises."""


def refuse(broken: Mapping[str, str], name: str, values: tuple[Any, ...]) -> None:
    """Raises when the module is broken for these arguments."""
    how = broken.get(name)
    if how == "always" or (how == "odd" and len(str(values)) % 2):
        raise Failure(f"{name} is broken")


class _Absent:
    """The value of what is blocked or failed."""


ABSENT: Final = _Absent()
Names = Mapping[str, Any]


class Reference:
    """One evaluation: `outputs`, the `calls` that were made, and the variables whose evaluation `failed`."""

    def __init__(self, tree: Tree, inputs: Mapping[str, Any], broken: Mapping[str, str]) -> None:
        self._inputs = {name: inputs.get(name, ABSENT) for name, _ in tree.inputs}
        if self._inputs["maybe"] is ABSENT:
            self._inputs["maybe"] = None
        self._broken = broken
        self._statements: dict[str, Statement] = {s.name: s for s in tree.statements}
        self._known: dict[str, Any] = {}
        self._variable = ""
        self._failures = 0
        self.calls: Counter[tuple[str, str]] = Counter()
        self.failed: set[str] = set()
        self.missing = {name for name, value in self._inputs.items() if value is ABSENT}
        for statement in tree.statements:
            if not statement.lazy:
                self._value_of(statement.name)
        found = {name: self._output(name, condition) for name, condition in tree.outputs}
        self.outputs = {name: value for name, value in found.items() if value is not ABSENT}

    @property
    def status(self) -> str:
        """How the run ends."""
        return "failed" if self.failed else "suspended" if self.missing else "completed"

    def _output(self, name: str, condition: Expression | None) -> Any:
        if condition is None:
            return self._value_of(name)
        self._variable = name
        wanted = self._evaluate(condition, {})
        return wanted if wanted is ABSENT else self._value_of(name) if wanted else None

    def _value_of(self, name: str) -> Any:
        """The value of an input or binding; a binding is evaluated once, whoever asks first."""
        if name in self._inputs:
            return self._inputs[name]
        if name not in self._known:
            outer, self._variable = self._variable, name
            self._known[name] = self._evaluate(self._statements[name].expression, {})
            self._variable = outer
        return self._known[name]

    def _fail(self, names: Names) -> Any:
        """A failure of the present variable; inside a lambda, of its element."""
        self._failures += 1
        if "" not in names:
            self.failed.add(self._variable)
        return ABSENT

    # --- one expression ---

    def _evaluate(self, node: Expression, names: Names) -> Any:
        match node.kind:
            case "literal":
                return node.value
            case "variable":
                return names[node.name] if node.name in names else self._value_of(node.name)
            case "if" | "branch" | "match" | "when":
                return self._choice(node, names)
            case "lambda":
                return self._lambda(node, names)
            case "operation" if node.name in ("and", "or", "??"):
                return self._early(node, names)
            case "call" if node.name in ("and", "or", "coalesce"):
                return self._early(node, names)
            case "call":
                return self._call(node, names)
            case _:
                values = [self._evaluate(part, names) for part in node.parts]
                return ABSENT if ABSENT in values else self._strict(node, values, names)

    def _choice(self, node: Expression, names: Names) -> Any:
        parts = node.parts
        if node.kind == "when":
            wanted = self._evaluate(parts[1], names)
            return wanted if wanted is ABSENT else self._evaluate(parts[0], names) if wanted else None
        condition = self._evaluate(parts[0], names)
        if condition is ABSENT:
            return ABSENT
        if node.kind == "match":
            bound = self._evaluate(parts[1 if condition else 2], names)
            name = node.names[0 if condition else 1]
            return bound if bound is ABSENT else self._evaluate(parts[3 if condition else 4], {**names, name: bound})
        if condition or node.kind == "if":
            return self._evaluate(parts[1 if condition else 2], names)
        second = self._evaluate(parts[2], names)
        return second if second is ABSENT else self._evaluate(parts[3 if second else 4], names)

    def _early(self, node: Expression, names: Names) -> Any:
        """Operands of which the second may not be needed."""
        first = self._evaluate(node.parts[0], names)
        decided = {"and": False, "or": True}.get(node.name)
        if first is ABSENT or (first is not None if decided is None else first is decided):
            return first
        return self._evaluate(node.parts[1], names)

    def _strict(self, node: Expression, values: list[Any], names: Names) -> Any:
        match node.kind:
            case "operation":
                return self._operation(node.name, values[0], values[1], names)
            case "not":
                return not values[0]
            case "negate":
                return -values[0]
            case "list":
                return values
            case "record":
                return {"a": values[0], "b": values[1]}
            case "field":
                return values[0][node.name]
            case "project":
                return values[0]
            case _:
                return "".join(f"<{str(v).lower()}>" for v in values)

    def _operation(self, operator: str, left: Any, right: Any, names: Names) -> Any:
        if operator == "/":
            if right == 0:
                return self._fail(names)
            return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1)
        results = {"+": left + right, "-": left - right, ">": left > right, "==": left == right, "<=": left <= right}
        return results[operator]

    def _call(self, node: Expression, names: Names) -> Any:
        values = [self._evaluate(part, names) for part in node.parts]
        if ABSENT in values:
            return ABSENT
        if node.name == "sum":
            return sum(values[0])
        try:
            return self._attempts(node, tuple(values))
        except Failure:
            return self._instead(node, names)

    def _attempts(self, node: Expression, values: tuple[Any, ...]) -> Any:
        for attempt in range(node.options.retry + 1):
            self.calls[node.name, repr(values)] += 1
            try:
                refuse(self._broken, node.name, values)
            except Failure:
                if attempt == node.options.retry:
                    raise
                continue
            return MODULES[node.name][2](*values)
        raise AssertionError

    def _instead(self, node: Expression, names: Names) -> Any:
        """The value in place of a call that failed."""
        if node.options.fallback is not None:
            value = self._evaluate(node.options.fallback, names)
            return value if value is not ABSENT else self._fail(names)
        return _ZERO[node.type] if node.options.skip else self._fail(names)

    # --- lambdas ---

    def _lambda(self, node: Expression, names: Names) -> Any:
        source, body = node.parts
        items = self._evaluate(source, names)
        captured = [self._value_of(name) for name in _free(body) - {node.names[0], *names}]
        if items is ABSENT or ABSENT in captured:
            return ABSENT
        results: list[Any] = []
        for item in items:
            value = self._evaluate(body, {**names, "": True, node.names[0]: item})
            results.append(value)
            if value is ABSENT and not (node.name in ("map", "filter") and _waits(body)):
                break
            if node.name in ("any", "all") and value is (node.name == "any"):
                break
        if ABSENT in results:
            return self._fail(names)
        if node.name == "map":
            return results
        if node.name == "filter":
            return [item for item, kept in zip(items, results, strict=True) if kept]
        return any(results) if node.name == "any" else all(results)


def _free(body: Expression) -> set[str]:
    bound = {name for node in body.inside() for name in node.names}
    return {node.name for node in body.inside() if node.kind == "variable"} - bound


def _waits(body: Expression) -> bool:
    """Whether elements are evaluated side by side: the body has a call that takes time."""
    calls = [node for node in body.inside() if node.kind == "call"]
    return any(call.name.startswith("Slow") or call.options.any for call in calls)
