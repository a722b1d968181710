"""Plain feature results ⇄ lsprotocol's types.

Owns positions on the wire and the numbers LSP gives to kinds. Refuses to compute anything else.

Invariant: every offset that leaves is converted by the document it belongs to, in the session's encoding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast

from lsprotocol import types as t

from constellation_lsp.analysis import Analysis
from constellation_lsp.documents import OpenDocument
from constellation_lsp.features.completion import Completions
from constellation_lsp.features.completion_items import Item
from constellation_lsp.features.diagnostics import Problem
from constellation_lsp.features.semantic_tokens import MODIFIERS, TOKEN_TYPES, SemanticToken
from constellation_lsp.features.symbols import Symbol

SEVERITIES = {
    "error": t.DiagnosticSeverity.Error,
    "warning": t.DiagnosticSeverity.Warning,
    "information": t.DiagnosticSeverity.Information,
    "hint": t.DiagnosticSeverity.Hint,
}
TAGS = {"unnecessary": t.DiagnosticTag.Unnecessary, "deprecated": t.DiagnosticTag.Deprecated}
COMPLETION_KINDS = {
    "function": t.CompletionItemKind.Function,
    "variable": t.CompletionItemKind.Variable,
    "struct": t.CompletionItemKind.Struct,
    "type": t.CompletionItemKind.TypeParameter,
    "field": t.CompletionItemKind.Field,
    "module": t.CompletionItemKind.Module,
    "keyword": t.CompletionItemKind.Keyword,
    "property": t.CompletionItemKind.Property,
    "enum": t.CompletionItemKind.EnumMember,
    "unit": t.CompletionItemKind.Unit,
    "snippet": t.CompletionItemKind.Snippet,
}
SYMBOL_KINDS = {
    "module": t.SymbolKind.Module,
    "struct": t.SymbolKind.Struct,
    "type": t.SymbolKind.TypeParameter,
    "field": t.SymbolKind.Field,
    "property": t.SymbolKind.Property,
    "variable": t.SymbolKind.Variable,
}
LEGEND = t.SemanticTokensLegend(list(TOKEN_TYPES), list(MODIFIERS))

_TYPE_NUMBERS = {name: number for number, name in enumerate(TOKEN_TYPES)}
_MODIFIER_BITS = {name: 1 << number for number, name in enumerate(MODIFIERS)}


def position(analysis: Analysis, offset: int) -> t.Position:
    """An offset as a position."""
    line, character = analysis.document.position_at(offset)
    return t.Position(line, character)


def range_of(analysis: Analysis, start: int, end: int) -> t.Range:
    """A span as a range."""
    return t.Range(position(analysis, start), position(analysis, end))


def offset(analysis: Analysis, at: t.Position) -> int:
    """A position as an offset; one out of range means the nearest place."""
    return analysis.document.offset_at(at.line, at.character)


def span(analysis: Analysis, given: t.Range) -> tuple[int, int]:
    """A range as a span."""
    first, last = offset(analysis, given.start), offset(analysis, given.end)
    return min(first, last), max(first, last)


def edit(analysis: Analysis, start: int, end: int, text: str) -> t.TextEdit:
    """A replacement."""
    return t.TextEdit(range_of(analysis, start, end), text)


def workspace_edit(document: OpenDocument, edits: Sequence[t.TextEdit], versioned: bool) -> t.WorkspaceEdit:
    """Edits of one document, bound to its version where the client supports it."""
    if not versioned:
        return t.WorkspaceEdit(changes={document.uri: list(edits)})
    identifier = t.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return t.WorkspaceEdit(document_changes=[t.TextDocumentEdit(identifier, list(edits))])


def annotated_edit(document: OpenDocument, edits: Iterable[t.TextEdit], label: str) -> t.WorkspaceEdit:
    """Edits of one document that the user is asked to confirm."""
    changes = [t.AnnotatedTextEdit("interface", edit.range, edit.new_text) for edit in edits]
    identifier = t.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    annotations = {"interface": t.ChangeAnnotation(label, needs_confirmation=True)}
    return t.WorkspaceEdit(document_changes=[t.TextDocumentEdit(identifier, changes)], change_annotations=annotations)


def snippet_edit(document: OpenDocument, edits: Iterable[tuple[int, int, str]]) -> t.WorkspaceEdit:
    """Edits of one document whose texts have placeholders."""
    analysis = document.analysis
    assert analysis is not None
    changes = [t.SnippetTextEdit(range_of(analysis, start, end), t.StringValue(text)) for start, end, text in edits]
    identifier = t.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return t.WorkspaceEdit(document_changes=[t.TextDocumentEdit(identifier, changes)])


# ------------------------------------------------------------------------------------------------ diagnostics


def diagnostic(document: OpenDocument, problem: Problem) -> t.Diagnostic:
    """A diagnostic of a document."""
    analysis = document.analysis
    if analysis is None:
        place = t.Range(t.Position(0, 0), t.Position(0, 0))
        return t.Diagnostic(place, problem.message, SEVERITIES[problem.severity], problem.code, source="constellation")
    related = [
        t.DiagnosticRelatedInformation(t.Location(document.uri, range_of(analysis, r.start, r.end)), r.message)
        for r in problem.related
    ]
    return t.Diagnostic(
        range_of(analysis, problem.start, problem.end),
        problem.message,
        SEVERITIES[problem.severity],
        problem.code,
        source="constellation",
        tags=[TAGS[tag] for tag in problem.tags] or None,
        related_information=related or None,
        data={name: value for name, value in problem.data.items() if _is_plain(value)},
    )


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | list):
        return all(_is_plain(item) for item in cast("tuple[object, ...] | list[object]", value))
    return value is None or isinstance(value, str | int | float | bool)


def published(document: OpenDocument, problems: Iterable[Problem]) -> tuple[str, t.PublishDiagnosticsParams]:
    """The notification that publishes a document's diagnostics."""
    found = [diagnostic(document, problem) for problem in problems]
    return t.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, t.PublishDiagnosticsParams(document.uri, found, document.version)


# ------------------------------------------------------------------------------------------------- completion


def completion_list(analysis: Analysis, found: Completions, *, snippets: bool, two_ranges: bool) -> dict[str, Any]:
    """The list as JSON-ready data: it may hold hundreds of items, so no classes are built for them. `two_ranges` says
    the editor wants to choose between inserting a word and replacing one."""
    places = [analysis.document.position_at(at) for at in (found.start, found.end, max(found.cursor, found.start))]
    first, last, cursor = ({"line": p[0], "character": p[1]} for p in places)
    place: dict[str, Any] = {"range": {"start": first, "end": last}}
    if two_ranges:
        place = {"insert": {"start": first, "end": cursor}, "replace": {"start": first, "end": last}}
    items = [_item(analysis, item, place, snippets) for item in found.items if snippets or not item.template]
    return {"isIncomplete": found.incomplete, "items": items}


def _item(analysis: Analysis, item: Item, place: dict[str, Any], snippets: bool) -> dict[str, Any]:
    as_snippet = snippets and bool(item.snippet)
    data: dict[str, Any] = {
        "label": item.label,
        "kind": COMPLETION_KINDS[item.kind].value,
        "sortText": item.sort or item.label,
        "textEdit": {**place, "newText": item.snippet if as_snippet else item.insert or item.label},
    }
    if item.detail:
        data["detail"] = item.detail
    if item.documentation:
        data["documentation"] = {"kind": "markdown", "value": item.documentation}
    if item.kind == "function":
        data["labelDetails"] = {"detail": item.detail.removeprefix(item.label), "description": item.description}
    if as_snippet:
        data["insertTextFormat"] = 2
    if item.deprecated:
        data["tags"] = [1]
    if item.edits:
        data["additionalTextEdits"] = [_json_edit(analysis, *change) for change in item.edits]
    return data


def _json_edit(analysis: Analysis, start: int, end: int, text: str) -> dict[str, Any]:
    at = [{"line": p[0], "character": p[1]} for p in map(analysis.document.position_at, (start, end))]
    return {"range": {"start": at[0], "end": at[1]}, "newText": text}


# ------------------------------------------------------------------------------------------- symbols and tokens


def symbol(analysis: Analysis, found: Symbol) -> t.DocumentSymbol:
    """An entry of the outline with its children."""
    return t.DocumentSymbol(
        found.name or "?",
        SYMBOL_KINDS[found.kind],
        range_of(analysis, found.start, found.end),
        range_of(analysis, found.name_start, found.name_end),
        detail=found.detail or None,
        children=[symbol(analysis, child) for child in found.children] or None,
    )


def token_data(analysis: Analysis, tokens: Sequence[SemanticToken]) -> list[int]:
    """Tokens in LSP's relative encoding."""
    data: list[int] = []
    at = analysis.document.position_at
    line = column = 0
    for token in tokens:
        start, end = at(token.start), at(token.end)
        length = end[1] - start[1] if end[0] == start[0] else token.end - token.start
        bits = 0
        for modifier in token.modifiers:
            bits |= _MODIFIER_BITS[modifier]
        down = start[0] - line
        data += (down, start[1] if down else start[1] - column, length, _TYPE_NUMBERS[token.type], bits)
        line, column = start
    return data
