"""What can be folded: brackets, option clauses, comment blocks, imports and sections between banner comments.

Owns line ranges. Refuses to know types.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.syntax_walk import walk

_LINE_END = re.compile(r"\r\n|\r|\n")
_BANNER = re.compile(r"#\s*[=\-#*]{4,}\s*$")


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines that fold, first and last included. `kind` is `comment`, `imports`, `region` or empty."""

    first: int
    last: int
    kind: str = ""


def folds(analysis: Analysis) -> list[Fold]:
    """Every fold of the document, by first line."""
    lines = _LINE_END.split(analysis.text)
    found = {*_comments(lines), *_regions(lines), *_imports(analysis), *_constructs(analysis)}
    return sorted((f for f in found if f.last > f.first), key=lambda f: (f.first, -f.last, f.kind))


def _comments(lines: list[str]) -> Iterator[Fold]:
    first = None
    for number, line in enumerate([*lines, ""]):
        if line.lstrip().startswith("#"):
            first = number if first is None else first
        elif first is not None:
            if number - first >= 2:
                yield Fold(first, number - 1, "comment")
            first = None


def _regions(lines: list[str]) -> Iterator[Fold]:
    banners = [n for n, line in enumerate(lines) if _BANNER.match(line.strip())]
    sections = [n for n, following in zip(banners, [*banners[1:], -1], strict=False) if following != n + 2]
    for start, following in zip(sections, [*sections[1:], len(lines)], strict=False):
        last = following - 1
        while last > start and not lines[last].strip():
            last -= 1
        if last > start + 1:
            yield Fold(start, last, "region")


def _imports(analysis: Analysis) -> Iterator[Fold]:
    run: list[int] = []
    for statement in (*analysis.program.statements, None):
        if statement is not None and isinstance(statement.node, syntax.Use):
            run.append(analysis.document.position_at(statement.node.start + statement.offset)[0])
            continue
        if len(run) > 1:
            yield Fold(run[0], run[-1], "imports")
        run = []


def _constructs(analysis: Analysis) -> Iterator[Fold]:
    """Nodes over several lines; the closing bracket's line stays visible when it starts the line."""
    position, text = analysis.document.position_at, analysis.text
    for statement in analysis.program.statements:
        node, offset = statement.node, statement.offset
        if "\n" not in text[node.start + offset : node.end + offset]:
            continue
        for inner in walk(node):
            first, last = position(inner.start + offset)[0], position(inner.end + offset)[0]
            if first == last or isinstance(inner, syntax.Variable | syntax.Name):
                continue
            closer = text[inner.end + offset - 1]
            line_start = analysis.document.line_start(last)
            if closer in ")]}" and not text[line_start : inner.end + offset - 1].strip():
                last -= 1
            yield Fold(first, last)
