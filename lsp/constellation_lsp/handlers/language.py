"""Language features: convert the position, ask the feature, convert the answer."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from lsprotocol import types as t

from constellation_lsp import convert
from constellation_lsp.analysis import Analysis
from constellation_lsp.documents import OpenDocument
from constellation_lsp.features import folding, navigation, selection
from constellation_lsp.features.completion import complete
from constellation_lsp.features.hover import hover as hover_feature
from constellation_lsp.features.inlay_hints import inlay_hints
from constellation_lsp.features.lenses import lenses
from constellation_lsp.features.module_source import source_of
from constellation_lsp.features.semantic_tokens import semantic_tokens
from constellation_lsp.features.signature_help import signature_help as signature_feature
from constellation_lsp.features.symbols import symbols
from constellation_lsp.features.workspace_symbols import module_uri

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
    text = session.capabilities.text_document
    item = text.completion.completion_item if text is not None and text.completion is not None else None
    snippets = item is not None and bool(item.snippet_support)
    two_ranges = item is not None and bool(item.insert_replace_support)
    return convert.completion_list(analysis, answer, snippets=snippets, two_ranges=two_ranges)


def resolve_completion(session: Session, params: t.CompletionItem) -> t.CompletionItem:
    """completionItem/resolve: items are complete already."""
    return params


def hover(session: Session, params: t.HoverParams) -> t.Hover | None:
    """textDocument/hover"""
    found = _open(session, params.text_document)
    if found is None:
        return None
    document, analysis = found
    answer = hover_feature(analysis, convert.offset(analysis, params.position), document.current_run)
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


def _place(analysis: Analysis, uri: str, origin: tuple[int, int], target: t.Range, linked: bool) -> Any:
    """Where something leads: a link for clients that show where it starts, else a location."""
    if linked:
        return [t.LocationLink(uri, target, target, convert.range_of(analysis, *origin))]
    return t.Location(uri, target)


def _text_support(session: Session) -> t.TextDocumentClientCapabilities:
    return session.capabilities.text_document or t.TextDocumentClientCapabilities()


def definition(session: Session, params: t.DefinitionParams) -> Any:
    """textDocument/definition"""
    support = _text_support(session).definition
    return _definition(session, params, support is not None and bool(support.link_support))


def declaration(session: Session, params: t.DeclarationParams) -> Any:
    """textDocument/declaration: the definition"""
    support = _text_support(session).declaration
    return _definition(session, params, support is not None and bool(support.link_support))


def _definition(session: Session, params: t.DefinitionParams | t.DeclarationParams, linked: bool) -> Any:
    found = _open(session, params.text_document)
    if found is None:
        return None
    document, analysis = found
    offset = convert.offset(analysis, params.position)
    link = navigation.definition(analysis, offset)
    if link is None:
        return _module(session, analysis, offset, linked)
    target = convert.range_of(analysis, link.start, link.end)
    return _place(analysis, document.uri, (link.origin_start, link.origin_end), target, linked)


def _module(session: Session, analysis: Analysis, offset: int, linked: bool) -> Any:
    """The Python code of a called module, else its page where the client can show one."""
    called = navigation.called_function(analysis, offset)
    if called is None:
        return None
    place, spec = called
    source = source_of(session.engine.modules, spec.qualified_name) if session.files.allowed else None
    if source is not None:
        uri, line = source
    elif session.shows_pages:
        uri, line = module_uri(spec), 0
    else:
        return None
    target = t.Range(t.Position(line, 0), t.Position(line, 0))
    return _place(analysis, uri, (place.start, place.end), target, linked)


def type_definition(session: Session, params: t.TypeDefinitionParams) -> Any:
    """textDocument/typeDefinition"""
    found = _open(session, params.text_document)
    if found is None:
        return None
    document, analysis = found
    support = _text_support(session).type_definition
    linked = support is not None and bool(support.link_support)
    link = navigation.type_definition(analysis, convert.offset(analysis, params.position))
    if link is None:
        return None
    target = convert.range_of(analysis, link.start, link.end)
    return _place(analysis, document.uri, (link.origin_start, link.origin_end), target, linked)


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
    flat: list[t.SymbolInformation] = []
    pending = [(entry, "") for entry in tree]
    for entry, container in pending:
        place = t.Location(document.uri, entry.range)
        flat.append(t.SymbolInformation(place, entry.name, entry.kind, container_name=container or None))
        pending.extend((child, entry.name) for child in entry.children or ())
    return flat


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
        edits = [convert.edit(analysis, *edit) for edit in hint.edits] or None
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


def code_lenses(session: Session, params: t.CodeLensParams) -> list[t.CodeLens]:
    """textDocument/codeLens"""
    found = _open(session, params.text_document)
    if found is None or not session.settings.code_lens_enable:
        return []
    document, analysis = found
    argument = {"uri": document.uri, "version": document.version}
    last_run = None if session.settings.run_show_inline_results else document.current_run
    return [
        t.CodeLens(
            convert.range_of(analysis, x.start, x.end),
            t.Command(x.title, x.command, None, [argument] if x.command else None),
        )
        for x in lenses(analysis, last_run)
    ]


def links(session: Session, params: t.DocumentLinkParams) -> list[t.DocumentLink]:
    """textDocument/documentLink: what a program names has no page of its own here"""
    return []
