"""Declarations: what each introduces and how its parts are checked.

Owns inputs with their annotations, types, assignments, outputs, imports, and declarations that could not be read.
Rules about several declarations together (duplicates, unused names) stand in `lints.py`.

Invariant: a declaration that failed still introduces its name, with the error type.
"""

from __future__ import annotations

import logging

from constellation.compiler.checked import Analysis
from constellation.compiler.checking.coercion import as_written, coerce, convert, report_misfit
from constellation.compiler.checking.limits import bounded
from constellation.compiler.checking.type_expressions import resolve_type
from constellation.compiler.context import Context
from constellation.compiler.diagnostics import diagnostic
from constellation.compiler.resolver import Imports, undefined_namespace
from constellation.compiler.scope import TypeEntry, Variable
from constellation.image.graph import (
    ErrorNode,
    FieldValue,
    GraphExpression,
    GuardNode,
    ListNode,
    Literal,
    RecordNode,
)
from constellation.types.model import (
    BOOLEAN,
    ERROR,
    STRING,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
)
from constellation.types.relations import has_error
from constellation_grammar import syntax

__all__ = ["analyse", "output_name"]


def analyse(context: Context, node: syntax.Declaration, key: str) -> Analysis:
    """Check one declaration. `key` is the binding key an assignment gets. Never raises: a bug is reported as E900."""
    try:
        return _analyse(context, node, key)
    except Exception as error:  # a bug in a rule must not take the editor or the server down with it
        logging.getLogger(__name__).exception("Checking a declaration failed")
        context.diagnostics.append(
            diagnostic("internal-error", node.start, node.end, {"message": f"{type(error).__name__}: {error}"})
        )
        context.volatile = True
        return _failed(context, node, key)


def _analyse(context: Context, node: syntax.Declaration, key: str) -> Analysis:
    if isinstance(node, syntax.Assignment):
        value = context.infer(node.value)
        type_ = bounded(context, value.type, node.value)
        variable = Variable(node.name.text, type_, key, node.name)
        return _result(context, node, variable=variable, expression=value)
    if isinstance(node, syntax.Output):
        return _output(context, node)
    if isinstance(node, syntax.Input):
        return _input(context, node)
    if isinstance(node, syntax.TypeDefinition):
        type_ = bounded(context, resolve_type(context, node.type), node.type)
        return _result(context, node, type_entry=TypeEntry(node.name.text, type_, node.name))
    if isinstance(node, syntax.Use):
        return _use(context, node)
    return _failed(context, node, key)


def _result(
    context: Context,
    node: syntax.Declaration,
    *,
    imports_after: Imports | None = None,
    variable: Variable | None = None,
    type_entry: TypeEntry | None = None,
    expression: GraphExpression | None = None,
    examples: tuple[GraphExpression, ...] = (),
    output_name: str = "",
) -> Analysis:
    if variable is not None and not variable.name:
        variable = None
    return Analysis(
        node,
        context.imports,
        imports_after or context.imports,
        context.reads,
        context.type_reads,
        frozenset(context.imports_used),
        frozenset(context.functions),
        tuple(context.diagnostics),
        tuple(context.hints),
        variable,
        type_entry if type_entry is not None and type_entry.name else None,
        expression,
        examples,
        output_name,
        context.volatile,
        tuple(context.local_scopes),
        tuple(context.throttles),
    )


def _failed(context: Context, node: syntax.Declaration, key: str) -> Analysis:
    """A declaration of which only the name is known, if that."""
    name = getattr(node, "name", None)
    if isinstance(node, syntax.Use):
        return _result(context, node, imports_after=context.imports.importing(node, ""))
    if not isinstance(name, syntax.Name):
        return _result(context, node)
    if isinstance(node, syntax.Broken) and node.keyword == "use":
        found = name.text if name.text in context.table.namespace_prefixes else ""
        use = syntax.Use(node.start, node.end, name, None)
        return _result(context, node, imports_after=context.imports.importing(use, found))
    if isinstance(node, syntax.TypeDefinition) or (isinstance(node, syntax.Broken) and node.keyword == "type"):
        return _result(context, node, type_entry=TypeEntry(name.text, ERROR, name))
    if isinstance(node, syntax.Broken) and node.keyword not in ("in", "="):
        return _result(context, node)
    is_input = isinstance(node, syntax.Input) or (isinstance(node, syntax.Broken) and node.keyword == "in")
    return _result(context, node, variable=Variable(name.text, ERROR, "" if is_input else key, name))


# --------------------------------------------------------------------------------------------------------- inputs


def _input(context: Context, node: syntax.Input) -> Analysis:
    type_ = bounded(context, resolve_type(context, node.type), node.type)
    examples: list[GraphExpression] = []
    for annotation in node.annotations:
        if isinstance(annotation, syntax.Example):
            examples.append(_example(context, annotation.value, type_))
        else:
            _check_properties(context, annotation.properties)
    variable = Variable(node.name.text, type_, "", node.name)
    return _result(context, node, variable=variable, examples=tuple(examples))


def _example(context: Context, node: syntax.Expression, type_: Type) -> GraphExpression:
    value = context.infer(node)
    if has_error(type_) or isinstance(value, ErrorNode):
        return ErrorNode(ERROR, node.start, node.end)
    value = _adapted(value, type_)
    fitting = coerce(value, type_)
    if fitting is not None:
        return fitting
    report_misfit(context, value, type_)
    return ErrorNode(ERROR, node.start, node.end)


def _adapted(value: GraphExpression, type_: Type) -> GraphExpression:
    """An example may leave out an Optional layer and write a map with text keys as a record, at any depth.

    Gives the value as written wherever that does not help.
    """
    if coerce(value, type_) is not None:
        return value
    start, end = value.start, value.end
    if isinstance(type_, OptionalType):
        inner = coerce(_adapted(value, type_.inner), type_.inner)
        return value if inner is None else GuardNode(type_, start, end, inner, Literal(BOOLEAN, start, end, True))
    if isinstance(value, RecordNode) and isinstance(type_, RecordType):
        wanted = type_.by_name
        fields = [(f.name, _adapted(f.value, wanted[f.name]) if f.name in wanted else f.value) for f in value.fields]
        return _record(value, fields)
    if isinstance(value, RecordNode) and isinstance(type_, MapType) and type_.key_type is STRING:
        entries = [(f.name, coerce(_adapted(f.value, type_.value_type), type_.value_type)) for f in value.fields]
        fitting = [(name, entry) for name, entry in entries if entry is not None]
        return convert(_record(value, fitting), type_) if len(fitting) == len(entries) else value
    if isinstance(value, ListNode) and isinstance(type_, (ListType, SeqType)):
        element = type_.element
        items = [coerce(_adapted(as_written(item), element), element) for item in value.items]
        kept = tuple([item for item in items if item is not None])
        return value if len(kept) != len(items) else convert(ListNode(ListType(element), start, end, kept), type_)
    return value


def _record(node: RecordNode, fields: list[tuple[str, GraphExpression]]) -> RecordNode:
    type_ = RecordType(tuple([(name, value.type) for name, value in fields]))
    return RecordNode(type_, node.start, node.end, tuple([FieldValue(name, value) for name, value in fields]))


def _check_properties(context: Context, properties: tuple[syntax.RecordField, ...]) -> None:
    for item in properties:
        if not _is_literal(item.value):
            name = item.name.text
            context.report("connector-property", item.value, {"name": name}, data={"name": name})


def _is_literal(node: syntax.Expression) -> bool:
    if isinstance(node, (syntax.Paren, syntax.Negation)):
        return _is_literal(node.value)
    if isinstance(node, syntax.ListLiteral):
        return all(map(_is_literal, node.items))
    if isinstance(node, syntax.RecordLiteral):
        return all(_is_literal(field.value) for field in node.fields)
    plain = (syntax.StringLiteral, syntax.IntLiteral, syntax.FloatLiteral, syntax.BooleanLiteral, syntax.Hole)
    return isinstance(node, plain)


# -------------------------------------------------------------------------------------------------------- outputs


def _output(context: Context, node: syntax.Output) -> Analysis:
    for sink in node.annotations:
        _check_properties(context, sink.properties)
    name = node.alias.text if node.alias is not None else output_name(node.value)
    value = context.infer(node.value)
    if name is None:
        context.report("unnamed-output", node.value)
        return _result(context, node, expression=value)
    bounded(context, value.type, node.value)
    return _result(context, node, expression=value, output_name=name)


def output_name(node: syntax.Expression) -> str | None:
    """The name an output without `as` takes from its expression; None when it has none, empty for a hole."""
    while True:
        if isinstance(node, syntax.Variable):
            return node.name
        if isinstance(node, syntax.FieldAccess):
            return node.field.text
        if isinstance(node, syntax.Projection):
            node = node.source
        elif isinstance(node, (syntax.Paren, syntax.Guard)):
            node = node.value
        elif isinstance(node, syntax.Coalesce):
            node = node.left
        else:
            return "" if isinstance(node, syntax.Hole) else None


# -------------------------------------------------------------------------------------------------------- imports


def _use(context: Context, node: syntax.Use) -> Analysis:
    path = node.path.text
    if path in context.table.namespace_prefixes:
        return _result(context, node, imports_after=context.imports.importing(node, path))
    if path and not context.broken:
        problem = undefined_namespace(context.table, path)
        context.report(problem.slug, node.path, problem.values, suggestions=problem.suggestions, data=problem.data)
    return _result(context, node, imports_after=context.imports.importing(node, ""))
