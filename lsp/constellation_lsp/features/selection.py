"""Growing selections: token, expression, enclosing expressions, declaration, declaration with comments, document."""

from __future__ import annotations

from constellation_lsp.analysis import Analysis
from constellation_lsp.syntax_walk import path_to


def selection_spans(analysis: Analysis, offset: int) -> list[tuple[int, int]]:
    """Spans around an offset, innermost first, each inside the next. The last is the whole document."""
    spans: list[tuple[int, int]] = [(0, len(analysis.text))]
    index = analysis.statement_at(offset)
    if index is not None:
        statement = analysis.program.statements[index]
        node, base = statement.node, statement.offset
        if node.start + base <= offset <= node.end + base:
            spans.append((_with_comments(analysis.text, node.start + base), node.end + base))
            spans.extend((n.start + base, n.end + base) for n in path_to(node, offset - base))
    kept: list[tuple[int, int]] = []
    for span in spans:
        if not kept or (span != kept[-1] and kept[-1][0] <= span[0] and span[1] <= kept[-1][1]):
            kept.append(span)
    return kept[::-1]


def _with_comments(text: str, start: int) -> int:
    """Where the comment block directly above a declaration starts."""
    first = start
    while first > 0:
        line = text.rfind("\n", 0, first - 1) + 1
        if text[first - 1] != "\n" or not text[line : first - 1].lstrip().startswith("#"):
            break
        first = line
    return first
