"""Changes of the text that the editor asks for: renaming and formatting."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from lsprotocol import types as t

from constellation_lsp import convert
from constellation_lsp.analysis import Analysis
from constellation_lsp.documents import LONG_CHARACTERS, OpenDocument
from constellation_lsp.features import formatting, on_type
from constellation_lsp.features import rename as rename_feature
from constellation_lsp.protocol import CONTENT_MODIFIED, REQUEST_FAILED, RequestError

if TYPE_CHECKING:
    from constellation_lsp.session import Session


def _open(session: Session, identifier: t.TextDocumentIdentifier) -> tuple[OpenDocument, Analysis] | None:
    document = session.documents.get(identifier.uri)
    if document is None or document.analysis is None:
        return None
    return document, document.analysis


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
    if answer.public and session.annotated_edits:
        return convert.annotated_edit(document, edits, "Changes the pipeline's interface")
    return convert.workspace_edit(document, edits, session.versioned_edits)


async def formatted(session: Session, params: t.DocumentFormattingParams) -> list[t.TextEdit]:
    """textDocument/formatting"""
    return await _format(session, params.text_document, None)


async def range_formatted(session: Session, params: t.DocumentRangeFormattingParams) -> list[t.TextEdit]:
    """textDocument/rangeFormatting: the declarations that meet the range"""
    return await _format(session, params.text_document, params.range)


async def _format(session: Session, identifier: t.TextDocumentIdentifier, within: t.Range | None) -> list[t.TextEdit]:
    """The edits; those of a long text are found beside the event loop."""
    found = _open(session, identifier)
    if found is None:
        return []
    analysis, text = found[1], found[1].text
    span = convert.span(analysis, within) if within is not None else None
    width = session.settings.format_line_width
    if len(text) <= LONG_CHARACTERS:
        edits = formatting.format_edits(text, width, span)
    else:
        edits = await asyncio.to_thread(formatting.format_edits, text, width, span)
    if analysis.text != text:
        raise RequestError(CONTENT_MODIFIED, "The document changed while it was being formatted")
    return [convert.edit(analysis, e.start, e.end, e.text) for e in edits]


def formatted_on_type(session: Session, params: t.DocumentOnTypeFormattingParams) -> list[t.TextEdit]:
    """textDocument/onTypeFormatting: indents"""
    found = _open(session, params.text_document)
    if found is None:
        return []
    analysis = found[1]
    at = convert.offset(analysis, params.position)
    edits = on_type.closing_brace(analysis, at) if params.ch == "}" else on_type.new_line(analysis, at)
    return [convert.edit(analysis, *edit) for edit in edits]
