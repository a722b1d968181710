"""What can be folded: brackets, option clauses, comment blocks, imports and sections between banner comments.

Owns line ranges. Refuses to know types.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from constellation_grammar import syntax
from constellation_grammar.tokens import scan_exactly
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import span_of
from constellation_lsp.syntax_walk import walk

_LINE_END = re.compile(r"\r\n|\r|\n")
_BANNER = re.compile(r"#\s*([=\-#*])\1{3,}(\s.*)?$")
_OPENERS = frozenset(("LPAREN", "LBRACKET", "LBRACE"))
_CLOSERS = frozenset(("RPAREN", "RBRACKET", "RBRACE"))


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
        if last > start:
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
    """Brackets and option clauses over several lines."""
    line = analysis.document.position_at
    for statement in analysis.program.statements:
        start, end = span_of(statement)
        if "\n" not in analysis.text[start:end]:
            continue
        tokens = scan_exactly(analysis.text[start:end], tuple)
        yield from _brackets([(kind, line(start + first)[0]) for kind, _, first, _ in tokens])
        for node in walk(statement.node):
            if isinstance(node, syntax.Call) and node.options:
                yield Fold(line(node.close + statement.offset)[0], line(node.options[-1].end + statement.offset)[0])


def _brackets(tokens: Iterable[tuple[str, int]]) -> Iterator[Fold]:
    """The brackets among tokens and their lines; a closing line that begins with closing brackets stays visible."""
    opened: list[int] = []
    leading, line = True, -1
    for kind, here in tokens:
        leading = (leading or here != line) and kind in _CLOSERS
        if kind in _CLOSERS and opened:
            yield Fold(opened.pop(), here - 1 if leading else here)
        elif kind in _OPENERS:
            opened.append(here)
        line = here
