"""Growing selections: token, expression, enclosing expressions, declaration, declaration with comments, document."""

from __future__ import annotations

from collections.abc import Iterator

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import above_comments
from constellation_lsp.syntax_walk import path_to


def selection_spans(analysis: Analysis, offset: int) -> list[tuple[int, int]]:
    """Spans around an offset, innermost first, each inside the next. The last is the whole document."""
    spans: list[tuple[int, int]] = [(0, len(analysis.text))]
    index = analysis.statement_at(offset)
    if index is not None:
        statement = analysis.program.statements[index]
        node, base = statement.node, statement.offset
        if node.start + base <= offset <= node.end + base:
            spans.append((above_comments(analysis.text, node.start + base), node.end + base))
            for inner in path_to(node, offset - base):
                for start, end in _levels(analysis, index, inner, base):
                    if start <= offset <= end:
                        spans.append((start, end))
    kept: list[tuple[int, int]] = []
    for span in spans:
        if not kept or (span != kept[-1] and kept[-1][0] <= span[0] and span[1] <= kept[-1][1]):
            kept.append(span)
    return kept[::-1]


def _levels(analysis: Analysis, index: int, node: syntax.Node, base: int) -> Iterator[tuple[int, int]]:
    """The spans of a node, outermost first: itself, and its parts that are no nodes of their own."""
    yield node.start + base, node.end + base
    if isinstance(node, syntax.Input | syntax.Output) and node.annotations:
        after = node.annotations[-1].end + base
        yield after + len(analysis.text[after:]) - len(analysis.text[after:].lstrip()), node.end + base
    if isinstance(node, syntax.Call):
        close = node.close + base
        if node.options:
            clause = analysis.text.find("with", close)
            yield clause, node.options[-1].end + base
            yield node.options[0].start + base, node.options[-1].end + base
        yield node.start + base, close
        if node.arguments:
            opened = analysis.text.find("(", node.function.end + base)
            yield opened, close
            yield node.arguments[0].start + base, node.arguments[-1].end + base
