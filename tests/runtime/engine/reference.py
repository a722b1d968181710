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


def duration(name: str, values: tuple[Any, ...]) -> float:
    """Virtual seconds a call takes."""
    return 0.25 * (1 + len(name + str(values)) % 5) if name.startswith("Slow") else 0.0


Timed = tuple[Any, float]
"""A value, or `ABSENT`, and the moment it is there."""


class Reference:
    """One evaluation: `outputs`, the `calls` that were made and when, and the variables whose evaluation `failed`.

    With lazy statements in the program the moments mean nothing: who demands first depends on moments themselves.
    """

    def __init__(self, tree: Tree, inputs: Mapping[str, Any], broken: Mapping[str, str]) -> None:
        self._inputs = {name: inputs.get(name, ABSENT) for name, _ in tree.inputs}
        if self._inputs["maybe"] is ABSENT:
            self._inputs["maybe"] = None
        self._broken = broken
        self._statements: dict[str, Statement] = {s.name: s for s in tree.statements}
        self._known: dict[str, Timed] = {}
        self._variable = ""
        self.calls: Counter[tuple[str, str]] = Counter()
        self.moments: Counter[tuple[str, str, float]] = Counter()
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
            return self._value_of(name)[0]
        self._variable = name
        wanted, _ = self._evaluate(condition, {}, 0.0)
        return wanted if wanted is ABSENT else self._value_of(name)[0] if wanted else None

    def _value_of(self, name: str, at: float = 0.0) -> Timed:
        """The value of an input or binding; a binding is evaluated once, whoever asks first."""
        if name in self._inputs:
            return self._inputs[name], 0.0
        if name not in self._known:
            outer, self._variable = self._variable, name
            statement = self._statements[name]
            self._known[name] = self._evaluate(statement.expression, {}, at if statement.lazy else 0.0)
            self._variable = outer
        return self._known[name]

    def _fail(self, names: Names, at: float) -> Timed:
        """A failure of the present variable; inside a lambda, of its element."""
        if "" not in names:
            self.failed.add(self._variable)
        return ABSENT, at

    # --- one expression ---

    def _evaluate(self, node: Expression, names: Names, at: float) -> Timed:
        """The value of an expression demanded at a moment."""
        match node.kind:
            case "literal":
                return node.value, at
            case "variable":
                value, then = (names[node.name], 0.0) if node.name in names else self._value_of(node.name, at)
                return value, max(at, then)
            case "if" | "branch" | "match" | "when":
                return self._choice(node, names, at)
            case "lambda":
                return self._lambda(node, names, at)
            case "operation" if node.name in ("and", "or", "??"):
                return self._early(node, names, at)
            case "call" if node.name in ("and", "or", "coalesce"):
                return self._early(node, names, at)
            case "call":
                return self._call(node, names, at)
            case _:
                values, at = self._all(node.parts, names, at)
                return (ABSENT, at) if ABSENT in values else self._strict(node, values, names, at)

    def _all(self, parts: tuple[Expression, ...], names: Names, at: float) -> tuple[list[Any], float]:
        """The values of operands evaluated side by side, and the moment all are there."""
        found = [self._evaluate(part, names, at) for part in parts]
        return [value for value, _ in found], max([at, *(then for _, then in found)])

    def _choice(self, node: Expression, names: Names, at: float) -> Timed:
        parts = node.parts
        condition, at = self._evaluate(parts[1 if node.kind == "when" else 0], names, at)
        if condition is ABSENT:
            return ABSENT, at
        if node.kind == "when":
            return self._evaluate(parts[0], names, at) if condition else (None, at)
        if node.kind == "match":
            bound, at = self._evaluate(parts[1 if condition else 2], names, at)
            name, arm = (node.names[0], parts[3]) if condition else (node.names[1], parts[4])
            return (ABSENT, at) if bound is ABSENT else self._evaluate(arm, {**names, name: bound}, at)
        if condition or node.kind == "if":
            return self._evaluate(parts[1 if condition else 2], names, at)
        second, at = self._evaluate(parts[2], names, at)
        return (ABSENT, at) if second is ABSENT else self._evaluate(parts[3 if second else 4], names, at)

    def _early(self, node: Expression, names: Names, at: float) -> Timed:
        """Operands of which the second may not be needed."""
        first, at = self._evaluate(node.parts[0], names, at)
        decided = {"and": False, "or": True}.get(node.name)
        if first is ABSENT or (first is not None if decided is None else first is decided):
            return first, at
        return self._evaluate(node.parts[1], names, at)

    def _strict(self, node: Expression, values: list[Any], names: Names, at: float) -> Timed:
        match node.kind:
            case "operation":
                return self._operation(node.name, values[0], values[1], names, at)
            case "not":
                return not values[0], at
            case "negate":
                return -values[0], at
            case "list":
                return values, at
            case "record":
                return {"a": values[0], "b": values[1]}, at
            case "field":
                return values[0][node.name], at
            case "project":
                return values[0], at
            case _:
                return "".join(f"<{str(v).lower()}>" for v in values), at

    def _operation(self, operator: str, left: Any, right: Any, names: Names, at: float) -> Timed:
        if operator == "/":
            if right == 0:
                return self._fail(names, at)
            return abs(left) // abs(right) * (1 if (left < 0) == (right < 0) else -1), at
        results = {"+": left + right, "-": left - right, ">": left > right, "==": left == right, "<=": left <= right}
        return results[operator], at

    def _call(self, node: Expression, names: Names, at: float) -> Timed:
        values, at = self._all(node.parts, names, at)
        if ABSENT in values:
            return ABSENT, at
        if node.name == "sum":
            return sum(values[0]), at
        arguments = tuple(values)
        for _ in range(node.options.retry + 1):
            self.calls[node.name, repr(arguments)] += 1
            self.moments[node.name, repr(arguments), at] += 1
            at += duration(node.name, arguments)
            try:
                refuse(self._broken, node.name, arguments)
            except Failure:
                continue
            return MODULES[node.name][2](*arguments), at
        return self._instead(node, names, at)

    def _instead(self, node: Expression, names: Names, at: float) -> Timed:
        """The value in place of a call that failed."""
        if node.options.fallback is not None:
            value, at = self._evaluate(node.options.fallback, names, at)
            return (value, at) if value is not ABSENT else self._fail(names, at)
        return (_ZERO[node.type], at) if node.options.skip else self._fail(names, at)

    # --- lambdas ---

    def _lambda(self, node: Expression, names: Names, at: float) -> Timed:
        source, body = node.parts
        captured = [Expression("variable", "", name=name) for name in _free(body) - {node.names[0], *names}]
        values, at = self._all((source, *captured), names, at)
        if ABSENT in values:
            return ABSENT, at
        together = node.name in ("map", "filter")
        results: list[Any] = []
        end = at
        for item in values[0]:
            value, then = self._evaluate(body, {**names, "": True, node.names[0]: item}, at if together else end)
            end = max(end, then)
            results.append(value)
            if value is ABSENT and not together:
                break
            if node.name in ("any", "all") and value is (node.name == "any"):
                break
        if ABSENT in results:
            return self._fail(names, end)
        return _collected(node.name, values[0], results), end


def _collected(name: str, items: list[Any], results: list[Any]) -> Any:
    if name == "map":
        return results
    if name == "filter":
        return [item for item, kept in zip(items, results, strict=True) if kept]
    return any(results) if name == "any" else all(results)


def _free(body: Expression) -> set[str]:
    bound = {name for node in body.inside() for name in node.names}
    return {node.name for node in body.inside() if node.kind == "variable"} - bound
