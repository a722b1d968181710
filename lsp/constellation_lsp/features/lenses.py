"""Code lenses: what can be done with a whole pipeline, and what its outputs were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.edits import span_of
from constellation_lsp.last_run import LastRun


@dataclass(frozen=True, slots=True)
class Lens:
    """A command offered at a declaration; without a command it only shows its title."""

    start: int
    end: int
    title: str
    command: str


def lenses(analysis: Analysis, last_run: LastRun | None = None) -> list[Lens]:
    """Run, run with examples, step and graph at the first declaration, and the values of the last run at the outputs;
    none while there are errors."""
    statements = analysis.program.statements
    if not statements or any(d.is_error for d in analysis.checked_diagnostics):
        return []
    start, end = span_of(statements[0])
    found = [Lens(start, end, "▶ Run", "constellation.run")]
    inputs = [s.node for s in statements if isinstance(s.node, syntax.Input)]
    if inputs and all(any(isinstance(a, syntax.Example) for a in i.annotations) for i in inputs):
        found.append(Lens(start, end, "▶ Run with examples", "constellation.runWithExamples"))
    found.append(Lens(start, end, "⏵ Step", "constellation.step"))
    found.append(Lens(start, end, "◇ DAG", "constellation.showDag"))
    return [*found, *(_values(analysis, last_run) if last_run is not None else ())]


def _values(analysis: Analysis, last_run: LastRun) -> Iterator[Lens]:
    for checked, statement in zip(analysis.checked.statements, analysis.program.statements, strict=True):
        name = checked.analysis.output_name if isinstance(statement.node, syntax.Output) else None
        shown = last_run.shown(name, output=True) if name else None
        if shown is not None:
            yield Lens(*span_of(statement), f"= {shown}", "")
