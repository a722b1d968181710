"""Hover: what stands under the cursor.

Owns the Markdown people read. Refuses to guess: on anything without a meaning there is no hover.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from constellation.types.model import RecordType, Type
from constellation.types.signature import FunctionSpec
from constellation_grammar import syntax
from constellation_grammar.syntax import RESERVED_WORDS
from constellation_grammar.tokens import scan_exactly
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.option_guide import BUILTIN_TYPES, KEYWORDS, OPTIONS, UNITS, WORD_KINDS, WORDS
from constellation_lsp.occurrences import Place
from constellation_lsp.syntax_walk import path_to

_WIDTH = 80
_MILLISECONDS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about the token at `[start, end)`."""

    markdown: str
    start: int
    end: int


def hover(analysis: Analysis, offset: int) -> Hover | None:
    """What is known of the token at an offset."""
    place = analysis.occurrences.at(offset)
    if place is not None:
        text = _of_name(analysis, place, offset)
        return Hover(text, place.start, place.end) if text else None
    return _of_literal(analysis, offset) or _of_keyword(analysis, offset)


def _of_name(analysis: Analysis, place: Place, offset: int) -> str | None:
    name = place.occurrence
    match name.kind:
        case "function":
            return _function_or_alias(analysis, place, offset)
        case "variable":
            return _variable(analysis, place)
        case "type":
            return _type(analysis, name.name, place.statement)
        case "field":
            return _field(analysis, place)
        case "namespace" | "alias":
            return _namespace(analysis, place)
        case "option":
            return _option(name.name)
        case "word":
            return _word(analysis, place)
        case "output":
            type_ = analysis.output_type(place.statement)
            return _block(f"out {name.name}: {_pretty(type_)}") if type_ else None


def _block(code: str) -> str:
    return f"```constellation\n{code}\n```"


def _pretty(type_: Type, indent: str = "") -> str:
    """A type on one line, or over several when it is long."""
    shown = str(type_)
    if len(shown) <= _WIDTH or not isinstance(type_, RecordType):
        return shown
    inner = f"{indent}  "
    fields = ",\n".join(f"{inner}{name}: {_pretty(field, inner)}" for name, field in type_.fields)
    return f"{{\n{fields}\n{indent}}}"


# ------------------------------------------------------------------------------------------- functions


def _function_or_alias(analysis: Analysis, place: Place, offset: int) -> str | None:
    spec = analysis.imports(place.statement).resolve(place.occurrence.name).function
    if spec is None:
        return None
    written = place.occurrence.name.rpartition(".")[2]
    head = place.occurrence.name.partition(".")[0]
    if "." in place.occurrence.name and offset <= place.start + len(head):
        entry = analysis.imports(place.statement).aliases.get(head)
        if entry is not None:
            return namespace_text(analysis, entry.namespace)
    return function_text(spec, written)


def function_text(spec: FunctionSpec, written: str) -> str:
    """The page of a function: signatures, description, parameters, result."""
    lines = [_block("\n".join(f"{written}{signature}" for signature in spec.overloads))]
    if spec.deprecated:
        lines.append(f"**Deprecated**: {spec.deprecated}")
    if spec.description:
        lines.append(spec.description)
    parameters = spec.overloads[0].parameters if spec.overloads else ()
    if parameters:
        lines.append("### Parameters")
        lines.append("\n".join(f"- **{p.name}**: `{p.type}`{_about(p.description)}" for p in parameters))
    if spec.overloads:
        lines += ["### Returns", f"`{spec.overloads[0].returns}`"]
    facts = [f"`{spec.qualified_name}`", f"version {spec.version[0]}.{spec.version[1]}"]
    if spec.tags:
        facts.append("tags: " + ", ".join(spec.tags))
    if spec.namespace and not spec.prelude:
        facts.append(f"import with `use {spec.namespace}`")
    lines.append(" · ".join(facts))
    return "\n\n".join(lines)


def _about(description: str) -> str:
    return f" — {description}" if description else ""


# ------------------------------------------------------------------------------------------- variables


def _variable(analysis: Analysis, place: Place) -> str | None:
    definition = analysis.occurrences.definition(place)
    if definition is None:
        return None
    type_ = analysis.binding_type(definition)
    name = place.occurrence.name
    shown = _pretty(type_) if type_ is not None else "?"
    if definition.occurrence.scope in ("parameter", "pattern"):
        return _block(f"{name}: {shown}")
    statement = analysis.program.statements[definition.statement]
    if definition.occurrence.scope == "input":
        return _input(analysis, statement, f"in {name}: {shown}")
    source = analysis.text[statement.node.start + statement.offset : statement.node.end + statement.offset]
    parts = [_block(f"{name}: {shown}")]
    line = analysis.document.position_at(definition.start)[0] + 1
    parts.append(f"Defined on line {line}")
    if source.count("\n") < 3:
        parts.append(_block(source))
    return "\n\n".join(parts)


def _input(analysis: Analysis, statement: syntax.Statement, head: str) -> str:
    parts = [_block(head)]
    comment = comment_above(analysis.text, statement.node.start + statement.offset)
    if comment:
        parts.append(comment)
    if isinstance(statement.node, syntax.Input):
        for annotation in statement.node.annotations:
            start, end = annotation.start + statement.offset, annotation.end + statement.offset
            parts.append(f"`{analysis.text[start:end]}`")
    return "\n\n".join(parts)


def comment_above(text: str, start: int) -> str:
    """The text of the comment block directly above a declaration."""
    lines = re.split(r"\r\n|\r|\n", text[:start])[:-1]
    block: list[str] = []
    while lines and lines[-1].lstrip().startswith("#"):
        block.append(lines.pop().strip().lstrip("#").strip())
    return "\n".join(reversed(block)).strip()


# --------------------------------------------------------------------------------------- types and fields


def _type(analysis: Analysis, name: str, index: int) -> str | None:
    entry = analysis.named_types(len(analysis.program.statements)).get(name)
    if entry is not None:
        type_ = entry.type
        if isinstance(type_, RecordType):
            fields = "\n".join(f"  {field}: {_pretty(inner, '  ')}," for field, inner in type_.fields)
            return _block(f"type {name} = {{\n{fields.rstrip(',')}\n}}")
        return _block(f"type {name} = {_pretty(type_)}")
    about = BUILTIN_TYPES.get(name)
    return f"{_block(name)}\n\n{about}" if about else None


def _field(analysis: Analysis, place: Place) -> str | None:
    statement = analysis.program.statements[place.statement]
    path = path_to(statement.node, place.start - statement.offset)
    name = place.occurrence.name
    for node in reversed(path):
        if isinstance(node, syntax.FieldAccess):
            type_ = analysis.type_of(place.statement, node)
            source = analysis.type_of(place.statement, node.source)
            if type_ is None:
                return None
            return _block(f"{name}: {_pretty(type_)}") + (f"\n\nField of `{source}`" if source else "")
        if isinstance(node, syntax.TypeField):
            start, end = node.start + statement.offset, node.end + statement.offset
            return _block(analysis.text[start:end])
        if isinstance(node, syntax.RecordField):
            type_ = analysis.type_of(place.statement, node.value)
            return _block(f"{name}: {_pretty(type_)}") if type_ else None
        if isinstance(node, syntax.Projection):
            type_ = analysis.type_of(place.statement, node)
            found = type_.by_name.get(name) if isinstance(type_, RecordType) else None
            return _block(f"{name}: {_pretty(found)}") if found else None
    return None


def _namespace(analysis: Analysis, place: Place) -> str | None:
    node = analysis.program.statements[place.statement].node
    return namespace_text(analysis, node.path.text) if isinstance(node, syntax.Use) else None


def namespace_text(analysis: Analysis, namespace: str) -> str | None:
    """A namespace with its functions."""
    names = sorted({spec.name for spec in analysis.table.members(namespace).values()})
    if not names:
        return None
    shown = ", ".join(f"`{n}`" for n in names[:20]) + (", …" if len(names) > 20 else "")
    return f"{_block(namespace)}\n\n{len(names)} functions: {shown}"


# ---------------------------------------------------------------------------------------- options, literals


def _option(name: str) -> str | None:
    guide = OPTIONS.get(name)
    if guide is None:
        return None
    parts = [_block(f"{name}: {guide.type}"), guide.description, f"**Example**: `{guide.example}`"]
    if guide.related:
        parts.append("**Related options**: " + ", ".join(f"`{r}`" for r in guide.related))
    return "\n\n".join(parts)


def _word(analysis: Analysis, place: Place) -> str | None:
    statement = analysis.program.statements[place.statement]
    for node in reversed(path_to(statement.node, place.start - statement.offset)):
        if isinstance(node, syntax.Option):
            about = WORDS.get(node.name.text, {}).get(place.occurrence.name)
            kind = WORD_KINDS.get(node.name.text, "")
            return f"{_block(place.occurrence.name)}\n\n({kind}) {about}" if about else None
    return None


def _of_literal(analysis: Analysis, offset: int) -> Hover | None:
    index = analysis.statement_at(offset)
    if index is None:
        return None
    statement = analysis.program.statements[index]
    path = path_to(statement.node, offset - statement.offset)
    node = path[-1] if path else None
    if isinstance(node, syntax.Duration):
        total = node.count * _MILLISECONDS[node.unit]
        shown = f"{node.count} {UNITS[node.unit]} ({total:,} ms)".replace(",", " ")
        return Hover(shown, node.start + statement.offset, node.end + statement.offset)
    return None


def _of_keyword(analysis: Analysis, offset: int) -> Hover | None:
    index = analysis.statement_at(offset)
    if index is None:
        return None
    statement = analysis.program.statements[index]
    start, end = statement.node.start + statement.offset, statement.node.end + statement.offset
    if not start <= offset <= end:
        return None
    for _, word, first, last in scan_exactly(analysis.text[start:end], tuple):
        if first <= offset - start <= last and word in RESERVED_WORDS:
            about = KEYWORDS.get(word)
            return Hover(f"{_block(word)}\n\n{about}", first + start, last + start) if about else None
    return None
