"""The workspace: folders, watched files, symbols, diagnostics that are asked for, and pages of modules."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lsprotocol import types as t

from constellation_lsp import convert
from constellation_lsp.documents import OpenDocument
from constellation_lsp.features.diagnostics import diagnose
from constellation_lsp.features.hover import function_text
from constellation_lsp.features.workspace_symbols import (
    matches,
    matching_modules,
    matching_symbols,
    module_of,
    module_uri,
)
from constellation_lsp.protocol import INVALID_PARAMS, RequestError
from constellation_lsp.workspace import read_text

if TYPE_CHECKING:
    from constellation_lsp.session import Session

MOST_DIAGNOSED = 2000
_TOP = t.Range(t.Position(0, 0), t.Position(0, 0))
_Report = t.WorkspaceFullDocumentDiagnosticReport | t.WorkspaceUnchangedDocumentDiagnosticReport


def folders_of(session: Session, params: t.InitializeParams) -> None:
    """Takes over the folders a client starts with."""
    uris = [folder.uri for folder in params.workspace_folders or ()]
    if not uris and params.root_uri:
        uris = [params.root_uri]
    elif not uris and params.root_path:
        uris = [Path(params.root_path).absolute().as_uri()]
    for uri in uris:
        session.files.add(uri)


def folders_changed(session: Session, params: t.DidChangeWorkspaceFoldersParams) -> None:
    """workspace/didChangeWorkspaceFolders"""
    for folder in params.event.removed:
        session.files.remove(folder.uri)
    for folder in params.event.added:
        session.files.add(folder.uri)


def files_changed(session: Session, params: t.DidChangeWatchedFilesParams) -> None:
    """workspace/didChangeWatchedFiles"""
    session.files.changed()


async def workspace_symbols(session: Session, params: t.WorkspaceSymbolParams) -> list[t.SymbolInformation]:
    """workspace/symbol over open documents and the workspace's files; `#` asks for registered modules"""
    if params.query.startswith("#"):
        return _modules(session, params.query[1:])
    found: list[t.SymbolInformation] = []
    for document in session.documents:
        analysis = document.analysis
        if analysis is None:
            continue
        for symbol in matching_symbols(analysis, params.query):
            place = t.Location(document.uri, convert.range_of(analysis, symbol.name_start, symbol.name_end))
            found.append(_information(place, symbol.name, symbol.kind))
    for entry in await session.files.symbols(session.encoding):
        if matches(params.query, entry.name) and session.documents.get(entry.uri) is None:
            place = t.Location(entry.uri, t.Range(t.Position(*entry.start), t.Position(*entry.end)))
            found.append(_information(place, entry.name, entry.kind))
    return found


def _information(place: t.Location, name: str, kind: str) -> t.SymbolInformation:
    container = place.uri.rpartition("/")[2]
    return t.SymbolInformation(place, name, convert.SYMBOL_KINDS[kind], None, None, container)


def _modules(session: Session, query: str) -> list[t.SymbolInformation]:
    return [
        t.SymbolInformation(
            t.Location(module_uri(spec), _TOP), spec.name, t.SymbolKind.Function, None, None, spec.namespace or None
        )
        for spec in matching_modules(session.engine.modules.table, query)
    ]


def text_content(session: Session, params: t.TextDocumentContentParams) -> t.TextDocumentContentResult:
    """workspace/textDocumentContent: the page of a module"""
    spec = module_of(session.engine.modules.table, params.uri)
    if spec is None:
        raise RequestError(INVALID_PARAMS, f"There is no page {params.uri}")
    return t.TextDocumentContentResult(f"# {spec.qualified_name}\n\n{function_text(spec, spec.name)}\n")


# ------------------------------------------------------------------------------------------------ diagnostics


def pull_diagnostics(session: Session, params: t.DocumentDiagnosticParams) -> Any:
    """textDocument/diagnostic"""
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return t.RelatedFullDocumentDiagnosticReport([])
    analysis, lint = document.analysis, session.settings.lint
    result_id = result_id_of(session, document)
    if params.previous_result_id == result_id:
        return t.RelatedUnchangedDocumentDiagnosticReport(result_id)
    problems = [convert.diagnostic(document, p) for p in diagnose(analysis, lint)]
    return t.RelatedFullDocumentDiagnosticReport(problems, result_id=result_id)


async def workspace_diagnostics(session: Session, params: t.WorkspaceDiagnosticParams) -> t.WorkspaceDiagnosticReport:
    """workspace/diagnostic: closed files, one partial result each where the client takes them"""
    if not session.settings.diagnostics_workspace:
        return t.WorkspaceDiagnosticReport([])
    known = {previous.uri: previous.value for previous in params.previous_result_ids}
    paths = await session.files.files(MOST_DIAGNOSED)
    _progress(session, params.work_done_token, t.WorkDoneProgressBegin("Checking the workspace", percentage=0))
    found: list[_Report] = []
    for number, path in enumerate(paths):
        report = await _report(session, path, known)
        if report is None:
            continue
        if params.partial_result_token is None:
            found.append(report)
        else:
            _progress(session, params.partial_result_token, t.WorkspaceDiagnosticReportPartialResult([report]))
        _progress(session, params.work_done_token, t.WorkDoneProgressReport(percentage=100 * number // len(paths)))
    _progress(session, params.work_done_token, t.WorkDoneProgressEnd())
    return t.WorkspaceDiagnosticReport(found)


def _progress(session: Session, token: t.ProgressToken | None, value: Any) -> None:
    if token is not None:
        session.notify(t.PROGRESS, t.ProgressParams(token, value))


async def _report(session: Session, path: Path, known: dict[str, str]) -> _Report | None:
    uri = path.as_uri()
    if session.documents.get(uri) is not None:
        return None
    text = await asyncio.to_thread(read_text, path)
    if text is None:
        return None
    document = OpenDocument(uri, 0, text, session.encoding, session.engine)
    result_id = result_id_of(session, document)
    if known.get(uri) == result_id:
        return t.WorkspaceUnchangedDocumentDiagnosticReport(uri, result_id)
    lint = session.settings.lint
    problems = await asyncio.to_thread(lambda: diagnose(document.analysis, lint))
    items = [convert.diagnostic(document, problem) for problem in problems]
    return t.WorkspaceFullDocumentDiagnosticReport(uri, items, result_id=result_id)


def result_id_of(session: Session, document: OpenDocument) -> str:
    """Equal as long as text, registry and lint settings are."""
    parts = (document.text, session.engine.modules.generation, *sorted(session.settings.lint.items()))
    return f"{hash(parts) & 0xFFFFFFFFFFFFFFFF:016x}"
