"""The call hierarchy, which shows the flow of data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types as t

from constellation_lsp import convert
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.call_hierarchy import Flow, readers, sources, variable_at
from constellation_lsp.features.completion_items import call_text
from constellation_lsp.features.symbols import Symbol
from constellation_lsp.features.workspace_symbols import module_uri

if TYPE_CHECKING:
    from constellation_lsp.session import Session

_TOP = t.Range(t.Position(0, 0), t.Position(0, 0))


def prepare(session: Session, params: t.CallHierarchyPrepareParams) -> list[t.CallHierarchyItem] | None:
    """textDocument/prepareCallHierarchy"""
    analysis = _analysis(session, params.text_document.uri)
    if analysis is None:
        return None
    symbol = variable_at(analysis, convert.offset(analysis, params.position))
    return [_item(analysis, params.text_document.uri, symbol)] if symbol is not None else None


def incoming(session: Session, params: t.CallHierarchyIncomingCallsParams) -> list[t.CallHierarchyIncomingCall]:
    """callHierarchy/incomingCalls: the declarations that read the variable"""
    analysis = _analysis(session, params.item.uri)
    if analysis is None:
        return []
    found = readers(analysis, convert.offset(analysis, params.item.selection_range.start))
    return [
        t.CallHierarchyIncomingCall(_other(analysis, params.item.uri, flow), _ranges(analysis, flow)) for flow in found
    ]


def outgoing(session: Session, params: t.CallHierarchyOutgoingCallsParams) -> list[t.CallHierarchyOutgoingCall]:
    """callHierarchy/outgoingCalls: what the declaration reads"""
    analysis = _analysis(session, params.item.uri)
    if analysis is None:
        return []
    found = sources(analysis, convert.offset(analysis, params.item.selection_range.start))
    return [
        t.CallHierarchyOutgoingCall(_other(analysis, params.item.uri, flow), _ranges(analysis, flow)) for flow in found
    ]


def _analysis(session: Session, uri: str) -> Analysis | None:
    document = session.documents.get(uri)
    return document.analysis if document is not None else None


def _ranges(analysis: Analysis, flow: Flow) -> list[t.Range]:
    return [convert.range_of(analysis, *span) for span in flow.spans]


def _other(analysis: Analysis, uri: str, flow: Flow) -> t.CallHierarchyItem:
    if isinstance(flow.other, Symbol):
        return _item(analysis, uri, flow.other)
    spec = flow.other
    detail = call_text(spec, spec.name, spec.overloads[0]) if spec.overloads else None
    return t.CallHierarchyItem(spec.name, t.SymbolKind.Function, module_uri(spec), _TOP, _TOP, detail=detail)


def _item(analysis: Analysis, uri: str, symbol: Symbol) -> t.CallHierarchyItem:
    return t.CallHierarchyItem(
        symbol.name,
        convert.SYMBOL_KINDS[symbol.kind],
        uri,
        convert.range_of(analysis, symbol.start, symbol.end),
        convert.range_of(analysis, symbol.name_start, symbol.name_end),
    )
