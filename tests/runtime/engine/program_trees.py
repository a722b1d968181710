"""Programs as small trees: what the generator makes, the reference interpreter runs, and the text the engine gets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

INT, BOOLEAN, STRING = "Int", "Boolean", "String"
OPTIONAL, LIST, RECORD = "Optional<Int>", "List<Int>", "{ a: Int, b: Int }"


@dataclass(frozen=True)
class Options:
    """What a call is called with. `fallback` is an expression of the call's type."""

    retry: int = 0
    skip: bool = False
    fallback: Expression | None = None

    @property
    def any(self) -> bool:
        """Whether there is an option at all."""
        return bool(self.retry or self.skip or self.fallback is not None)


@dataclass(frozen=True)
class Expression:
    """One expression. `name` is its variable, function, operator or field; `names` what a lambda or a pattern binds."""

    kind: str
    type: str
    parts: tuple[Expression, ...] = ()
    name: str = ""
    names: tuple[str, ...] = ()
    value: object = None
    options: Options = Options()

    def inside(self) -> Iterator[Expression]:
        """This expression and everything in it."""
        yield self
        for part in self.parts:
            yield from part.inside()
        if self.options.fallback is not None:
            yield from self.options.fallback.inside()


@dataclass(frozen=True)
class Statement:
    """A binding."""

    name: str
    expression: Expression
    lazy: bool = False


@dataclass(frozen=True)
class Tree:
    """A whole program. `outputs` are names; one with a condition is `out name when condition`."""

    inputs: tuple[tuple[str, str], ...]
    statements: tuple[Statement, ...]
    outputs: tuple[tuple[str, Expression | None], ...]

    @property
    def text(self) -> str:
        """The program as it is written."""
        lines = [f"in {name}: {type_}" for name, type_ in self.inputs]
        for statement in self.statements:
            written = text(statement.expression)
            if statement.lazy:
                call = statement.expression
                written = f"{text(call, bare=True)}{', lazy' if call.options.any else ' with lazy'}"
            lines.append(f"{statement.name} = {written}")
        for name, condition in self.outputs:
            lines.append(f"out {name}" + (f" when {text(condition)}" if condition is not None else ""))
        return "".join(f"{line}\n" for line in lines)


def text(node: Expression, bare: bool = False) -> str:
    """An expression as it is written; everything that could end too early stands in parentheses, unless `bare`."""
    parts = [text(part) for part in node.parts]
    match node.kind:
        case "variable":
            return node.name
        case "literal":
            return str(node.value).lower() if node.type == BOOLEAN else str(node.value)
        case "operation":
            return f"({parts[0]} {node.name} {parts[1]})"
        case "not" | "negate":
            return f"({'not ' if node.kind == 'not' else '-'}{parts[0]})"
        case "if":
            return f"(if ({parts[0]}) {parts[1]} else {parts[2]})"
        case "when":
            return f"({parts[0]} when {parts[1]})"
        case "branch":
            return f"branch {{ {parts[0]} -> {parts[1]}, {parts[2]} -> {parts[3]}, otherwise -> {parts[4]} }}"
        case "match":
            first, second = node.names
            subject = f"(if ({parts[0]}) {{ {first}: {parts[1]} }} else {{ {second}: {parts[2]} }})"
            return f"match {subject} {{ {{ {first} }} -> {parts[3]}, {{ {second} }} -> {parts[4]} }}"
        case "list":
            return f"[{', '.join(parts)}]"
        case "record":
            return f"{{ a: {parts[0]}, b: {parts[1]} }}"
        case "field":
            return f"({parts[0]}).{node.name}"
        case "project":
            return f"({parts[0]})[a, b]"
        case "interpolation":
            return '"' + "".join(f"<${{{part}}}>" for part in parts) + '"'
        case "lambda":
            return f"{node.name}({parts[0]}, ({node.names[0]}) => {parts[1]})"
        case "call":
            return _call(node, parts, bare)
    raise AssertionError(node.kind)


def _call(node: Expression, parts: list[str], bare: bool) -> str:
    written, options = f"{node.name}({', '.join(parts)})", node.options
    if not options.any:
        return written
    clauses: list[str] = []
    if options.retry:
        clauses.append(f"retry: {options.retry}")
    if options.skip:
        clauses.append("on_error: skip")
    if options.fallback is not None:
        clauses.append(f"fallback: {text(options.fallback)}")
    whole = f"{written} with {', '.join(clauses)}"
    return whole if bare else f"({whole})"
