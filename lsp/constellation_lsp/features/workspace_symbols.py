"""Symbols of a document that match a query."""

from __future__ import annotations

from collections.abc import Iterator

from constellation_lsp.analysis import Analysis
from constellation_lsp.features.completion_items import is_subsequence
from constellation_lsp.features.symbols import Symbol, symbols


def matching_symbols(analysis: Analysis, query: str) -> Iterator[Symbol]:
    """The declarations and fields whose name has the query's letters in order, whatever their case."""
    pending = symbols(analysis)
    for symbol in pending:
        if is_subsequence(query.lower(), symbol.name.lower()):
            yield symbol
        pending.extend(symbol.children)
