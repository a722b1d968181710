"""The outline of a document, broken declarations included as far as their name is known."""

from __future__ import annotations

from dataclasses import dataclass, field

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


def symbols(analysis: Analysis) -> list[Symbol]:
    """The declarations in document order."""
    found = (_symbol(analysis, index, s) for index, s in enumerate(analysis.program.statements))
    return [symbol for symbol in found if symbol is not None]


def _symbol(analysis: Analysis, index: int, statement: syntax.Statement) -> Symbol | None:
    node, base = statement.node, statement.offset

    def made(name: syntax.Name, kind: str, detail: str = "", children: list[Symbol] | None = None) -> Symbol:
        return Symbol(
            name.text, kind, detail, node.start + base, node.end + base, name.start + base, name.end + base,
            children or [],
        )  # fmt: skip

    match node:
        case syntax.Use():
            return made(node.path, "module", f"as {node.alias.text}" if node.alias else "")
        case syntax.TypeDefinition():
            fields = _fields(node.type, base)
            return made(node.name, "struct" if isinstance(node.type, syntax.RecordType) else "type", "", fields)
        case syntax.Input():
            written = analysis.text[node.type.start + base : node.type.end + base]
            return made(node.name, "property", f"in {written}")
        case syntax.Assignment():
            type_ = analysis.assigned_type(index)
            return made(node.name, "variable", str(type_) if type_ is not None else "")
        case syntax.Output():
            name = _output_name(node)
            type_ = analysis.output_type(index)
            return made(name, "property", f"out {type_}" if type_ is not None else "out") if name else None
        case syntax.Broken():
            kinds = {"use": "module", "type": "struct", "in": "property", "out": "property", "=": "variable"}
            return made(node.name, kinds.get(node.keyword, "variable")) if node.name else None


def _output_name(node: syntax.Output) -> syntax.Name | None:
    if node.alias is not None:
        return node.alias
    value: syntax.Expression = node.value
    while isinstance(value, syntax.Guard | syntax.Paren):
        value = value.value
    return syntax.Name(value.start, value.end, value.name) if isinstance(value, syntax.Variable) else None


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
