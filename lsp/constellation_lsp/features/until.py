"""A program cut down to what one node needs: for runs that stop there."""

from __future__ import annotations

import re

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import span_of
from constellation_lsp.occurrences import Place

_LINE_CHARACTER = re.compile(r"[^\r\n]")


def text_until(analysis: Analysis, node_id: str) -> str | None:
    """The program with the declaration of a drawn node as its only output; None when there is no such node.

    What is left stands where it stood, so mistakes are still reported at their places.
    """
    kind, _, rest = node_id.partition(":")
    name = rest.partition("/")[0].partition("#")[0]
    if kind == "out":
        names = [c.analysis.output_name for c in analysis.checked.statements]
        return _only(analysis, names.index(name)) if name in names else None
    places = analysis.occurrences.definitions("variable", name) if kind in ("in", "v") else []
    return f"{_only(analysis, places[-1].statement).rstrip()}\nout {name}\n" if places else None


def _only(analysis: Analysis, target: int) -> str:
    """The text with blanks in place of the assignments and outputs that a declaration does not need."""
    text, needed = analysis.text, _needed(analysis, target)
    for index, statement in enumerate(analysis.program.statements):
        if isinstance(statement.node, syntax.Assignment | syntax.Output) and index not in needed:
            start, end = span_of(statement)
            text = text[:start] + _LINE_CHARACTER.sub(" ", text[start:end]) + text[end:]
    return text


def _needed(analysis: Analysis, target: int) -> set[int]:
    """The declarations a declaration reads, directly or not, and itself."""
    needed, pending = {target}, [target]
    for index in pending:
        for occurrence in analysis.occurrences.of(index):
            if occurrence.kind != "variable" or occurrence.role != "use" or occurrence.binder is not None:
                continue
            found = analysis.occurrences.definition(Place(index, 0, 0, occurrence))
            if found is not None and found.statement not in needed:
                needed.add(found.statement)
                pending.append(found.statement)
    return needed
