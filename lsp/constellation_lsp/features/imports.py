"""Where a `use` goes and how imports are put in order."""

from __future__ import annotations

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import Edit, above, apply_edits, below, line_span, span_of


def import_edit(analysis: Analysis, namespace: str) -> Edit:
    """The insertion of `use NAMESPACE`: after the last import, else before the first declaration."""
    last = None
    for statement in analysis.program.statements:
        if isinstance(statement.node, syntax.Use):
            last = statement
    if last is not None:
        return below(analysis.text, last, f"use {namespace}")
    first = analysis.program.statements[0] if analysis.program.statements else None
    return above(analysis.text, first, f"use {namespace}") if first else (0, 0, f"use {namespace}\n")


def used_imports(analysis: Analysis) -> list[syntax.Statement]:
    """The imports something needs, in order."""
    unused = analysis.unused_imports
    return [
        s
        for s in analysis.program.statements
        if isinstance(s.node, syntax.Use) and (s.node.start + s.offset) not in unused
    ]


def organize_imports(analysis: Analysis) -> list[Edit]:
    """Removes unused imports, sorts the rest and puts them in one block where the first stands."""
    imports = [s for s in analysis.program.statements if isinstance(s.node, syntax.Use)]
    if not imports:
        return []
    text = analysis.text
    kept = sorted({_written(text, s)[2] for s in used_imports(analysis)})
    edits: list[Edit] = []
    for number, statement in enumerate(imports):
        start, end, _ = _written(text, statement)
        block = "".join(f"{line}\n" for line in kept) if number == 0 else ""
        edits.append((*line_span(text, start, end), block))
    after = apply_edits(text, edits)
    return edits if after != text else []


def _written(text: str, statement: syntax.Statement) -> Edit:
    """An import with the comment behind it: its span and its text."""
    start, end = span_of(statement)
    last = text.find("\n", end)
    rest = text[end : last if last >= 0 else len(text)].rstrip()
    end += len(rest) if rest.lstrip().startswith("#") else 0
    return start, end, text[start:end]
