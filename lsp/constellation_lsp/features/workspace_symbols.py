"""Symbols that match a query: of open documents, and of registered modules."""

from __future__ import annotations

from collections.abc import Iterator

from constellation.types.functions import FunctionTable
from constellation.types.signature import FunctionSpec
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.completion_items import is_subsequence
from constellation_lsp.features.symbols import Symbol, symbols

MODULE_SCHEME = "constellation-doc"


def matches(query: str, name: str) -> bool:
    """Whether a name has the query's letters in order, whatever their case."""
    return is_subsequence(query.lower(), name.lower())


def matching_symbols(analysis: Analysis, query: str) -> Iterator[Symbol]:
    """The declarations and fields of a document that match."""
    pending = symbols(analysis)
    for symbol in pending:
        if matches(query, symbol.name):
            yield symbol
        pending.extend(symbol.children)


def matching_modules(table: FunctionTable, query: str) -> list[FunctionSpec]:
    """The registered modules that match by their qualified name or another spelling, by name."""
    found = [
        spec
        for spec in table.functions.values()
        if matches(query, spec.qualified_name) or any(matches(query, name) for name in spec.spellings)
    ]
    return sorted(found, key=lambda spec: spec.qualified_name)


def module_uri(spec: FunctionSpec) -> str:
    """Where the documentation of a module can be read."""
    return f"{MODULE_SCHEME}:/modules/{spec.qualified_name}.md"


def module_of(table: FunctionTable, uri: str) -> FunctionSpec | None:
    """The module a documentation page is about."""
    name = uri.removeprefix(f"{MODULE_SCHEME}:/modules/").removesuffix(".md")
    return table.functions.get(name)
