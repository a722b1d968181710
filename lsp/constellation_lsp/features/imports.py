"""Where a `use` goes and how imports are put in order."""

from __future__ import annotations

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis

Edit = tuple[int, int, str]


def import_edit(analysis: Analysis, namespace: str) -> Edit:
    """The insertion of `use NAMESPACE`: after the last import, else before the first declaration."""
    last = None
    for statement in analysis.program.statements:
        if isinstance(statement.node, syntax.Use):
            last = statement
    if last is None:
        first = analysis.program.statements[0] if analysis.program.statements else None
        at = first.node.start + first.offset if first else 0
        return at, at, f"use {namespace}\n"
    end = analysis.text.find("\n", last.node.end + last.offset)
    if end < 0:
        return len(analysis.text), len(analysis.text), f"\nuse {namespace}\n"
    return end + 1, end + 1, f"use {namespace}\n"


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
    kept = sorted({text[s.node.start + s.offset : s.node.end + s.offset] for s in used_imports(analysis)})
    edits: list[Edit] = []
    for number, statement in enumerate(imports):
        start, end = line_span(text, statement.node.start + statement.offset, statement.node.end + statement.offset)
        block = "".join(f"{line}\n" for line in kept) if number == 0 else ""
        edits.append((start, end, block))
    after = apply_edits(text, edits)
    return edits if after != text else []


def line_span(text: str, start: int, end: int) -> tuple[int, int]:
    """The span of a declaration with the blanks before it and its line end, if it has its lines to itself."""
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end)
    last = len(text) if last < 0 else last + 1
    if text[first:start].strip() or text[end:last].strip():
        return start, end
    return first, last


def apply_edits(text: str, edits: list[Edit]) -> str:
    """The text after edits that do not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text
