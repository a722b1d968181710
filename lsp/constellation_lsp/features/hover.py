"""Hover: what stands under the cursor.

Owns the Markdown people read. Refuses to guess: on anything without a meaning there is no hover.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from constellation.compiler.catalogue import CATALOGUE
from constellation.types.model import ListType, OptionalType, RecordType, SeqType, Type
from constellation.types.signature import FunctionSpec
from constellation_grammar import syntax
from constellation_grammar.syntax import RESERVED_WORDS
from constellation_grammar.tokens import scan_exactly
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.hover_words import word_text
from constellation_lsp.features.option_guide import BUILTIN_TYPES, OPERATORS, OPTIONS, UNITS, WORD_KINDS, WORDS
from constellation_lsp.features.patterns import record_fields
from constellation_lsp.last_run import LastRun
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


def hover(analysis: Analysis, offset: int, last_run: LastRun | None = None) -> Hover | None:
    """What is known of the token at an offset; `last_run` is what a run of this text gave."""
    place = analysis.occurrences.at(offset)
    if place is None:
        return _explained(analysis, _of_literal(analysis, offset) or _of_word(analysis, offset), offset)
    found = _of_qualifier(analysis, place, offset)
    if found is None:
        text = _of_name(analysis, place, last_run)
        found = Hover(text, place.start, place.end) if text else None
    return _explained(analysis, found, offset)


def _explained(analysis: Analysis, found: Hover | None, offset: int) -> Hover | None:
    """With the explanation of the mistake that is reported at the offset, if there is one."""
    mistake = next((d for d in analysis.checked_diagnostics if d.is_error and d.start <= offset <= d.end), None)
    kind = CATALOGUE.get(mistake.code) if mistake is not None and mistake.start < mistake.end else None
    if mistake is None or kind is None or (found is None and mistake.code == "E020"):
        return found
    note = f"**{kind.code}** {kind.title}: {kind.notes.get(mistake.slug, kind.explanation)}"
    if found is None:
        return Hover(note, mistake.start, mistake.end)
    return Hover(f"{found.markdown}\n\n---\n\n{note}", found.start, found.end)


def _of_qualifier(analysis: Analysis, place: Place, offset: int) -> Hover | None:
    """The namespace in front of a called function's last name."""
    if place.occurrence.kind != "function" or "." not in place.occurrence.name:
        return None
    written = analysis.text[place.start : place.end]
    end = place.start + written.rindex(".")
    spec = analysis.imports(place.statement).resolve(place.occurrence.name).function
    text = namespace_text(analysis, spec.namespace) if spec is not None and offset <= end else None
    return Hover(text, place.start, end) if text else None


def _of_name(analysis: Analysis, place: Place, last_run: LastRun | None) -> str | None:
    name = place.occurrence
    match name.kind:
        case "function":
            return _function(analysis, place)
        case "variable":
            return _variable(analysis, place, last_run)
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
    if len(shown) <= _WIDTH:
        return shown
    if isinstance(type_, ListType | SeqType | OptionalType):
        inner_type = type_.inner if isinstance(type_, OptionalType) else type_.element
        return f"{shown[: shown.index('<')]}<{_pretty(inner_type, indent)}>"
    if not isinstance(type_, RecordType):
        return shown
    inner = f"{indent}  "
    fields = ",\n".join(f"{inner}{name}: {_pretty(field, inner)}" for name, field in type_.fields)
    return f"{{\n{fields}\n{indent}}}"


# ------------------------------------------------------------------------------------------- functions


def _function(analysis: Analysis, place: Place) -> str | None:
    written = place.occurrence.name.rpartition(".")[2]
    pages = [function_text(spec, written) for spec in analysis.meant(place.statement, place.occurrence.name)]
    return "\n\n---\n\n".join(pages) or None


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


def _variable(analysis: Analysis, place: Place, last_run: LastRun | None) -> str | None:
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
    ran = last_run.shown(name) if last_run is not None else None
    if ran is not None:
        parts.append(f"Last run: `{ran}`")
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
            found = dict(record_fields(analysis.type_of(place.statement, node))).get(name)
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
    return f"{_block(namespace)}\n\n{len(names)} {'function' if len(names) == 1 else 'functions'}: {shown}"


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
    rate = next((n for n in reversed(path) if isinstance(n, syntax.Rate)), None)
    if rate is not None:
        shown = f"at most {rate.count} {'call' if rate.count == 1 else 'calls'} in {_duration(rate.per)}"
        node = rate
    elif isinstance(node, syntax.Duration):
        shown = _duration(node)
    else:
        return None
    start, end = node.start + statement.offset, node.end + statement.offset
    return Hover(f"{_block(analysis.text[start:end])}\n\n{shown}", start, end)


def _duration(node: syntax.Duration) -> str:
    """`5min` = 5 minutes (300 000 ms)."""
    total = f"{node.count * _MILLISECONDS[node.unit]:,}".replace(",", " ")
    unit = UNITS[node.unit]
    return f"{node.count} {unit.removesuffix('s') if node.count == 1 else unit} ({total} ms)"


def _of_word(analysis: Analysis, offset: int) -> Hover | None:
    """An operator or a keyword; where two touch, the one that starts here."""
    index = analysis.statement_at(offset)
    if index is None:
        return None
    statement = analysis.program.statements[index]
    start, end = statement.node.start + statement.offset, statement.node.end + statement.offset
    if not start <= offset <= end:
        return None
    found: Hover | None = None
    for _, word, first, last in scan_exactly(analysis.text[start:end], tuple):
        if first <= offset - start <= last and (word in RESERVED_WORDS or word in OPERATORS):
            path = path_to(statement.node, first + start - statement.offset)
            text = word_text(analysis, index, path, word)
            found = Hover(text, first + start, last + start) if text else found
    return found
