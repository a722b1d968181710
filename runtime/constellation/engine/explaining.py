"""What a run would do, without doing it.

Owns the forecast of every call from the inputs at hand. Refuses to call anything, hence to know which arm a conditional
takes.

Invariant: a call forecast as `run` runs unless something it needs fails; one forecast as `blocked` cannot run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from constellation.engine.layout import Node, Site
from constellation.engine.pipeline import Pipeline
from constellation.engine.plan import UNSET, Plan


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """The forecast for one call.

    `outcome` is `run`, `blocked` (an input it needs is missing; `missing` names which), `conditional` (only if an arm
    is selected), `lazy` (only if something asks for it) or `elements` (once per element of a list).
    """

    node_key: str
    module: str
    outcome: str
    missing: tuple[str, ...] = ()


def explain(pipeline: Pipeline, inputs: Mapping[str, Any]) -> tuple[PlannedCall, ...]:
    """The forecast of every call in the order of the program. Raises for wrong or unknown inputs."""
    plan = pipeline.plan(guarded=pipeline.engine.guarded, timed=False)
    cells = plan.empty_cells.copy()
    pipeline.reader.read(inputs, cells)
    lacking: dict[int, frozenset[str]] = {
        cell: frozenset([spec.name]) for cell, spec in enumerate(plan.graph.inputs) if cells[cell] is UNSET
    }
    calls: list[PlannedCall] = []
    for node in plan.layout.nodes:
        missing = frozenset[str]().union(*(lacking.get(cell, frozenset[str]()) for cell in node.strict))
        if missing:
            lacking[node.cell] = missing
        calls += [_forecast(plan, node, site, missing) for site in node.sites]
    return tuple(calls)


def _forecast(plan: Plan, node: Node, site: Site, missing: frozenset[str]) -> PlannedCall:
    written = plan.sites[site.index].written
    if missing:
        names = tuple(spec.name for spec in plan.graph.inputs if spec.name in missing)
        return PlannedCall(site.key, written, "blocked", names)
    if node.deferred:
        return PlannedCall(site.key, written, "lazy")
    if site.cell < 0:
        return PlannedCall(site.key, written, "elements")
    return PlannedCall(site.key, written, "run" if site.key == node.key else "conditional")
