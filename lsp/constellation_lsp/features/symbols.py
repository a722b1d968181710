"""The outline of a document, broken declarations included as far as their name is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Symbol:
    """An entry of the outline. `start`/`end` cover the declaration, `name_start`/`name_end` the name."""

    name: str
    kind: str
    detail: str
    start: int
    end: int
    name_start: int
    name_end: int
    children: list[Symbol] = field(default_factory=list["Symbol"])


_Detail = Callable[[int, syntax.Statement], str]


def symbols(analysis: Analysis) -> list[Symbol]:
    """The declarations in document order, with their types."""

    def detail(index: int, statement: syntax.Statement) -> str:
        node, base = statement.node, statement.offset
        match node:
            case syntax.Input():
                return f"in {analysis.text[node.type.start + base : node.type.end + base]}".rstrip()
            case syntax.Assignment():
                type_ = analysis.assigned_type(index)
                return str(type_) if type_ is not None else ""
            case syntax.Output():
                type_ = analysis.output_type(index)
                return f"out {type_}" if type_ is not None else "out"
            case _:
                return ""

    return declared(analysis.program, detail)


def declared(program: syntax.Program, detail: _Detail = lambda index, statement: "") -> list[Symbol]:
    """The declarations of a program in order; `detail` says what is shown behind a name."""
    found = (
        _symbol(statement, partial(detail, index, statement)) for index, statement in enumerate(program.statements)
    )
    return [symbol for symbol in found if symbol is not None]


def _symbol(statement: syntax.Statement, detail: Callable[[], str]) -> Symbol | None:
    node, base = statement.node, statement.offset

    def made(name: syntax.Name, kind: str, shown: str = "", children: list[Symbol] | None = None) -> Symbol:
        return Symbol(
            name.text, kind, shown, node.start + base, node.end + base, name.start + base, name.end + base,
            children or [],
        )  # fmt: skip

    match node:
        case syntax.Use():
            return made(node.path, "module", f"as {node.alias.text}" if node.alias else "")
        case syntax.TypeDefinition():
            fields = _fields(node.type, base)
            return made(node.name, "struct" if isinstance(node.type, syntax.RecordType) else "type", "", fields)
        case syntax.Input():
            return made(node.name, "property", detail())
        case syntax.Assignment():
            return made(node.name, "variable", detail())
        case syntax.Output():
            name = output_name(node)
            return made(name, "property", detail()) if name else None
        case syntax.Broken():
            kinds = {"use": "module", "type": "struct", "in": "property", "out": "property", "=": "variable"}
            return made(node.name, kinds.get(node.keyword, "variable")) if node.name else None


def output_name(node: syntax.Output) -> syntax.Name | None:
    """What an output is called: its `as` name, or what its expression gives it."""
    if node.alias is not None:
        return node.alias
    value: syntax.Expression = node.value
    while True:
        match value:
            case syntax.Guard() | syntax.Paren():
                value = value.value
            case syntax.Coalesce():
                value = value.left
            case syntax.Projection():
                value = value.source
            case syntax.FieldAccess():
                return value.field
            case syntax.Variable():
                return syntax.Name(value.start, value.end, value.name)
            case _:
                return None


def _fields(node: syntax.TypeNode, base: int) -> list[Symbol]:
    if not isinstance(node, syntax.RecordType):
        return []
    return [
        Symbol(
            f.name.text, "field", "", f.start + base, f.end + base, f.name.start + base, f.name.end + base,
            _fields(f.type, base),
        )
        for f in node.fields
    ]  # fmt: skip
