"""Language features: convert the position, ask the feature, convert the answer."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import TYPE_CHECKING, Any

from lsprotocol import types as t

from constellation_lsp import convert
from constellation_lsp.analysis import Analysis
from constellation_lsp.documents import LONG_CHARACTERS, OpenDocument
from constellation_lsp.features import diagnostics as diagnostics_feature
from constellation_lsp.features import folding, formatting, navigation, selection
from constellation_lsp.features import rename as rename_feature
from constellation_lsp.features.completion import complete
from constellation_lsp.features.hover import hover as hover_feature
from constellation_lsp.features.inlay_hints import inlay_hints
from constellation_lsp.features.lenses import lenses
from constellation_lsp.features.semantic_tokens import semantic_tokens
from constellation_lsp.features.signature_help import signature_help as signature_feature
from constellation_lsp.features.symbols import symbols
from constellation_lsp.features.workspace_symbols import matching_symbols
from constellation_lsp.protocol import CONTENT_MODIFIED, REQUEST_FAILED, RequestError

if TYPE_CHECKING:
    from constellation_lsp.session import Session

MOST_TOKEN_LINES = 10_000
_result_ids = count(1)


def _open(session: Session, identifier: t.TextDocumentIdentifier) -> tuple[OpenDocument, Analysis] | None:
    """The document and its analysis; None when it is not open or too large."""
    document = session.documents.get(identifier.uri)
    if document is None or document.analysis is None:
        return None
    return document, document.analysis


def completion(session: Session, params: t.CompletionParams) -> dict[str, Any]:
    """textDocument/completion"""
    found = _open(session, params.text_document)
    if found is None:
        return {"isIncomplete": False, "items": []}
    analysis = found[1]
    auto_import = session.settings.completion_auto_import
    answer = complete(analysis, convert.offset(analysis, params.position), auto_import=auto_import)
    return convert.completion_list(analysis, answer, snippets=_snippets(session))


def _snippets(session: Session) -> bool:
    text = session.capabilities.text_document
    item = text.completion.completion_item if text is not None and text.completion is not None else None
    return item is not None and bool(item.snippet_support)


def resolve_completion(session: Session, params: t.CompletionItem) -> t.CompletionItem:
    """completionItem/resolve: items are complete already."""
    return params


def hover(session: Session, params: t.HoverParams) -> t.Hover | None:
    """textDocument/hover"""
    found = _open(session, params.text_document)
    if found is None:
        return None
    analysis = found[1]
    answer = hover_feature(analysis, convert.offset(analysis, params.position))
    if answer is None:
        return None
    content = t.MarkupContent(t.MarkupKind.Markdown, answer.markdown)
    return t.Hover(content, convert.range_of(analysis, answer.start, answer.end))


def signature_help(session: Session, params: t.SignatureHelpParams) -> t.SignatureHelp | None:
    """textDocument/signatureHelp"""
    found = _open(session, params.text_document)
    if found is None:
        return None
    answer = signature_feature(found[1], convert.offset(found[1], params.position))
    if answer is None:
        return None
    signatures = [
        t.SignatureInformation(
            s.label,
            t.MarkupContent(t.MarkupKind.Markdown, s.documentation) if s.documentation else None,
            [t.ParameterInformation((a, b), type_) for a, b, type_ in s.parameters],
        )
        for s in answer.signatures
    ]
    return t.SignatureHelp(signatures, 0, answer.active_parameter)


def _linked(session: Session, document: OpenDocument, analysis: Analysis, link: navigation.Link | None) -> Any:
    if link is None:
        return None
    target = convert.range_of(analysis, link.start, link.end)
    text = session.capabilities.text_document
    if text is not None and text.definition is not None and text.definition.link_support:
        origin = convert.range_of(analysis, link.origin_start, link.origin_end)
        return [t.LocationLink(document.uri, target, target, origin)]
    return t.Location(document.uri, target)


def definition(session: Session, params: t.DefinitionParams) -> Any:
    """textDocument/definition and declaration"""
    found = _open(session, params.text_document)
    if found is None:
        return None
    document, analysis = found
    answer = navigation.definition(analysis, convert.offset(analysis, params.position))
    return _linked(session, document, analysis, answer)


def type_definition(session: Session, params: t.TypeDefinitionParams) -> Any:
    """textDocument/typeDefinition"""
    found = _open(session, params.text_document)
    if found is None:
        return None
    document, analysis = found
    answer = navigation.type_definition(analysis, convert.offset(analysis, params.position))
    return _linked(session, document, analysis, answer)


def references(session: Session, params: t.ReferenceParams) -> list[t.Location]:
    """textDocument/references"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    document, analysis = found
    at = convert.offset(analysis, params.position)
    answer = navigation.references(analysis, at, with_definition=params.context.include_declaration)
    return [t.Location(document.uri, convert.range_of(analysis, r.start, r.end)) for r in answer]


def highlights(session: Session, params: t.DocumentHighlightParams) -> list[t.DocumentHighlight]:
    """textDocument/documentHighlight"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    analysis = found[1]
    kinds = {True: t.DocumentHighlightKind.Write, False: t.DocumentHighlightKind.Read}
    answer = navigation.references(analysis, convert.offset(analysis, params.position))
    return [t.DocumentHighlight(convert.range_of(analysis, r.start, r.end), kinds[r.write]) for r in answer]


def prepare_rename(session: Session, params: t.PrepareRenameParams) -> t.PrepareRenamePlaceholder | None:
    """textDocument/prepareRename"""
    found = _open(session, params.text_document)
    if found is None:
        return None
    analysis = found[1]
    answer = rename_feature.renameable(analysis, convert.offset(analysis, params.position))
    if answer is None:
        return None
    return t.PrepareRenamePlaceholder(convert.range_of(analysis, answer[0], answer[1]), answer[2])


def rename(session: Session, params: t.RenameParams) -> t.WorkspaceEdit | None:
    """textDocument/rename"""
    found = _open(session, params.text_document)
    if found is None:
        return None
    document, analysis = found
    try:
        answer = rename_feature.rename(analysis, convert.offset(analysis, params.position), params.new_name)
    except rename_feature.RenameRefused as refusal:
        raise RequestError(REQUEST_FAILED, str(refusal)) from refusal
    if answer is None:
        raise RequestError(REQUEST_FAILED, "There is nothing to rename here")
    edits = [convert.edit(analysis, start, end, params.new_name) for start, end in answer.spans]
    return convert.workspace_edit(document, edits, session.versioned_edits)


def document_symbols(session: Session, params: t.DocumentSymbolParams) -> Any:
    """textDocument/documentSymbol: a tree, or a flat list for clients without hierarchy"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    document, analysis = found
    tree = [convert.symbol(analysis, s) for s in symbols(analysis)]
    text = session.capabilities.text_document
    symbol = text.document_symbol if text is not None else None
    if symbol is not None and symbol.hierarchical_document_symbol_support:
        return tree
    return [t.SymbolInformation(t.Location(document.uri, s.range), s.name, s.kind) for s in tree]


def workspace_symbols(session: Session, params: t.WorkspaceSymbolParams) -> list[t.SymbolInformation]:
    """workspace/symbol over the open documents"""
    found: list[t.SymbolInformation] = []
    for document in session.documents:
        analysis = document.analysis
        if analysis is None:
            continue
        container = document.uri.rpartition("/")[2]
        for symbol in matching_symbols(analysis, params.query):
            place = t.Location(document.uri, convert.range_of(analysis, symbol.name_start, symbol.name_end))
            found.append(
                t.SymbolInformation(place, symbol.name, convert.SYMBOL_KINDS[symbol.kind], None, None, container)
            )
    return found


def tokens_full(session: Session, params: t.SemanticTokensParams) -> dict[str, Any]:
    """textDocument/semanticTokens/full"""
    found = _open(session, params.text_document)
    if found is None:
        return {"data": []}
    document, analysis = found
    last = analysis.document.line_start(MOST_TOKEN_LINES)
    last = len(analysis.text) if analysis.document.line_count <= MOST_TOKEN_LINES else last
    data = convert.token_data(analysis, semantic_tokens(analysis, 0, last))
    document.tokens = (str(next(_result_ids)), data)
    return {"resultId": document.tokens[0], "data": data}


def tokens_delta(session: Session, params: t.SemanticTokensDeltaParams) -> dict[str, Any]:
    """textDocument/semanticTokens/full/delta: one edit that replaces what differs"""
    document = session.documents.get(params.text_document.uri)
    known = document.tokens if document is not None else None
    full = tokens_full(session, t.SemanticTokensParams(params.text_document))
    if known is None or known[0] != params.previous_result_id:
        return full
    old, new = known[1], full["data"]
    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    same = 0
    while same < min(len(old), len(new)) - start and old[-1 - same] == new[-1 - same]:
        same += 1
    edit = {"start": start, "deleteCount": len(old) - start - same, "data": new[start : len(new) - same]}
    return {"resultId": full["resultId"], "edits": [edit] if old != new else []}


def tokens_range(session: Session, params: t.SemanticTokensRangeParams) -> dict[str, Any]:
    """textDocument/semanticTokens/range"""
    found = _open(session, params.text_document)
    if found is None:
        return {"data": []}
    first, last = convert.span(found[1], params.range)
    return {"data": convert.token_data(found[1], semantic_tokens(found[1], first, last))}


def hints(session: Session, params: t.InlayHintParams) -> list[t.InlayHint]:
    """textDocument/inlayHint"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    analysis = found[1]
    first, last = convert.span(analysis, params.range)
    kinds = {"type": t.InlayHintKind.Type, "parameter": t.InlayHintKind.Parameter}
    answer: list[t.InlayHint] = []
    for hint in inlay_hints(analysis, first, last, session.settings):
        at = convert.position(analysis, hint.offset)
        edits = [t.TextEdit(t.Range(at, at), hint.insert)] if hint.insert else None
        right = hint.kind == "parameter" or None
        answer.append(t.InlayHint(at, hint.label, kinds[hint.kind], edits, hint.tooltip or None, None, right))
    return answer


def folds(session: Session, params: t.FoldingRangeParams) -> list[t.FoldingRange]:
    """textDocument/foldingRange"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    answer = [t.FoldingRange(f.first, f.last, kind=f.kind or None) for f in folding.folds(found[1])]
    text = session.capabilities.text_document
    limit = text.folding_range.range_limit if text is not None and text.folding_range is not None else None
    return answer[:limit] if limit else answer


def selections(session: Session, params: t.SelectionRangeParams) -> list[t.SelectionRange]:
    """textDocument/selectionRange"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    analysis = found[1]
    answer: list[t.SelectionRange] = []
    for at in params.positions:
        chain: t.SelectionRange | None = None
        for start, end in reversed(selection.selection_spans(analysis, convert.offset(analysis, at))):
            chain = t.SelectionRange(convert.range_of(analysis, start, end), chain)
        assert chain is not None
        answer.append(chain)
    return answer


async def formatted(session: Session, params: t.DocumentFormattingParams) -> list[t.TextEdit]:
    """textDocument/formatting"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    analysis, text = found[1], found[1].text
    edits = await _format(text)
    if analysis.text != text:
        raise RequestError(CONTENT_MODIFIED, "The document changed while it was being formatted")
    return [convert.edit(analysis, e.start, e.end, e.text) for e in edits]


async def _format(text: str) -> list[formatting.TextEdit]:
    """The edits; those of a long text are found beside the event loop."""
    if len(text) <= LONG_CHARACTERS:
        return formatting.format_edits(text)
    return await asyncio.to_thread(formatting.format_edits, text)


async def range_formatted(session: Session, params: t.DocumentRangeFormattingParams) -> list[t.TextEdit]:
    """textDocument/rangeFormatting: the edits that touch the range"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    analysis, text = found[1], found[1].text
    first, last = convert.span(analysis, params.range)
    edits = [e for e in await _format(text) if e.start <= last and e.end >= first]
    if analysis.text != text:
        raise RequestError(CONTENT_MODIFIED, "The document changed while it was being formatted")
    return [convert.edit(analysis, e.start, e.end, e.text) for e in edits]


def code_lenses(session: Session, params: t.CodeLensParams) -> list[t.CodeLens]:
    """textDocument/codeLens"""
    found = _open(session, params.text_document)
    if found is None or not session.settings.code_lens_enable:
        return []
    document, analysis = found
    argument = {"uri": document.uri, "version": document.version}
    return [
        t.CodeLens(convert.range_of(analysis, x.start, x.end), t.Command(x.title, x.command, None, [argument]))
        for x in lenses(analysis)
    ]


def pull_diagnostics(session: Session, params: t.DocumentDiagnosticParams) -> Any:
    """textDocument/diagnostic"""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return t.RelatedFullDocumentDiagnosticReport([])
    analysis = document.analysis
    lint = session.settings.lint
    identity = analysis.identity if analysis is not None else str(document.version)
    result_id = f"{identity}-{hash(tuple(sorted(lint.items()))) & 0xFFFFFFFF:x}"
    if params.previous_result_id == result_id:
        return t.RelatedUnchangedDocumentDiagnosticReport(result_id)
    problems = diagnostics_feature.diagnose(analysis, lint)
    return t.RelatedFullDocumentDiagnosticReport(
        [convert.diagnostic(document, p) for p in problems], result_id=result_id
    )
