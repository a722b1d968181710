"""Code lenses: what can be done with a whole pipeline."""

from __future__ import annotations

from dataclasses import dataclass

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis


@dataclass(frozen=True, slots=True)
class Lens:
    """A command offered at a declaration."""

    start: int
    end: int
    title: str
    command: str


def lenses(analysis: Analysis) -> list[Lens]:
    """Run, run with examples, step and graph at the first declaration; none while there are errors."""
    statements = analysis.program.statements
    if not statements or any(d.is_error for d in analysis.checked_diagnostics):
        return []
    first = statements[0]
    start, end = first.node.start + first.offset, first.node.end + first.offset
    found = [Lens(start, end, "▶ Run", "constellation.run")]
    inputs = [s.node for s in statements if isinstance(s.node, syntax.Input)]
    if inputs and all(any(isinstance(a, syntax.Example) for a in i.annotations) for i in inputs):
        found.append(Lens(start, end, "▶ Run with examples", "constellation.runWithExamples"))
    found.append(Lens(start, end, "⏵ Step", "constellation.step"))
    found.append(Lens(start, end, "◇ DAG", "constellation.showDag"))
    return found
