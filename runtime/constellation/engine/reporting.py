"""From the cells of a finished run to its result.

Owns which outputs, variables and inputs a result shows, its status, and the optional reports of its metadata. Refuses
to change anything.

Invariant: two runs that computed the same cells have the same report, in the order of the program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constellation.engine.binding import BoundSite
from constellation.engine.errors import ExecutionError
from constellation.engine.layout import Layout, Node, Site
from constellation.engine.options import ExecutionOptions
from constellation.engine.plan import UNSET
from constellation.engine.result import Metadata, Status
from constellation.types.model import OptionalType, Type

if TYPE_CHECKING:
    from constellation.engine.run import Run

TypedValues = dict[str, tuple[Type, Any]]


def output_values(run: Run) -> TypedValues:
    """Every output that has a value."""
    cells = run.cells
    return {o.name: (o.type, value) for o in run.plan.layout.outputs if (value := cells[o.cell]) is not UNSET}


def variable_values(run: Run) -> TypedValues:
    """Every variable whose last assignment has a value."""
    cells, layout = run.cells, run.plan.layout
    return {
        name: (layout.producer[cell].type, value)
        for name, cell in layout.variables.items()
        if (value := cells[cell]) is not UNSET
    }


def sorted_errors(run: Run) -> tuple[ExecutionError, ...]:
    """The failures in the order of the program."""
    if not run.failures:
        return ()
    ordered = sorted(run.failures, key=lambda f: (f[0].position, f[0].index, f[1].call.start if f[1] else -1))
    return tuple(error for _, _, error in ordered)


def missing_inputs(run: Run, resolved: frozenset[int]) -> dict[str, Type]:
    """Required inputs that are absent, except those all of whose consumers were supplied by hand (cells `resolved`)."""
    cells, layout = run.cells, run.plan.layout
    missing: dict[str, Type] = {}
    for cell, spec in enumerate(run.plan.graph.inputs):
        if cells[cell] is not UNSET:
            continue
        if resolved:
            users = consumers(layout, cell)
            if users and users <= resolved:
                continue
        missing[spec.name] = spec.type
    return missing


def consumers(layout: Layout, cell: int) -> frozenset[int]:
    """The cells of the bindings and outputs that read a cell; an output that is the cell itself counts as -1."""
    users = {node.owner for node in layout.nodes if cell in node.strict or cell in node.soft}
    if any(output.cell == cell for output in layout.outputs):
        users.add(-1)
    return frozenset(users)


def status_of(run: Run, missing: dict[str, Type], outputs: TypedValues) -> Status:
    """Failed, else suspended, else completed."""
    if run.failures:
        return Status.FAILED
    if missing or len(outputs) < len(run.plan.layout.outputs):
        return Status.SUSPENDED
    return Status.COMPLETED


def fill_metadata(metadata: Metadata, run: Run, options: ExecutionOptions, resolved: frozenset[int]) -> None:
    """What was noted during the run, and the reports asked for."""
    if run.absorbed:
        metadata.absorbed_errors = tuple(run.absorbed)
    if run.wrapped:
        metadata.wrapped = run.wrapped
    notes = {key: context.notes for key, context in run.contexts if context.notes}
    if notes:
        metadata.context = notes
    if run.warnings:
        metadata.warnings = tuple(run.warnings)
    metadata.cache_hits = run.cache_hits
    if run.attempts:
        metadata.retries = sum(n - 1 for n in run.attempts.values())
    if options.include_timings:
        metadata.node_timings = _timings(run)
    if options.include_provenance:
        metadata.provenance = _provenance(run, resolved)
    if options.include_blocked_graph:
        metadata.blocked_graph = _blocked_graph(run)
    if options.include_resolution_sources:
        metadata.resolution_sources = _sources(run, resolved)


def _timings(run: Run) -> dict[str, float]:
    nodes = run.plan.layout.producer
    return {nodes[cell].name: seconds * 1000 for cell, seconds in sorted(run.times.items()) if cell in nodes}


def _named(run: Run) -> list[tuple[str, Node]]:
    layout = run.plan.layout
    return [(name, layout.producer[cell]) for name, cell in layout.variables.items() if run.cells[cell] is not UNSET]


def _given(run: Run) -> list[str]:
    return [spec.name for cell, spec in enumerate(run.plan.graph.inputs) if run.cells[cell] is not UNSET]


def _provenance(run: Run, resolved: frozenset[int]) -> dict[str, str]:
    found = dict.fromkeys(_given(run), "<input>")
    for name, node in _named(run):
        own = next((site for site in node.sites if site.cell == node.cell), None)
        if node.cell in resolved:
            found[name] = "<resolved>"
        elif node.cell in run.replayed:
            found[name] = "<replayed>"
        else:
            found[name] = "<inline-transform>" if own is None else run.plan.sites[own.index].written
    return found


def _sources(run: Run, resolved: frozenset[int]) -> dict[str, str]:
    found = dict.fromkeys(_given(run), "FromInput")
    for name, node in _named(run):
        found[name] = "FromManualResolution" if node.cell in resolved else "FromModuleExecution"
    return found


def _blocked_graph(run: Run) -> dict[str, list[str]]:
    """Missing input → variables and outputs without a value that depend on it."""
    layout, cells = run.plan.layout, run.cells
    reaches = _waiting(run)
    blocked: dict[str, set[str]] = {name: set() for names in reaches.values() for name in names}
    for node in layout.nodes:
        if node.owner == node.cell:
            for cause in reaches.get(node.cell, ()):
                blocked[cause].add(node.name)
    for output in layout.outputs:
        if cells[output.cell] is UNSET:
            for cause in reaches.get(output.cell, ()):
                blocked[cause].add(output.name)
    return {cause: sorted(names) for cause, names in blocked.items()}


def _waiting(run: Run) -> dict[int, set[str]]:
    """Cells without a value that depend on missing inputs → which."""
    layout, cells = run.plan.layout, run.cells
    reaches: dict[int, set[str]] = {}
    for cell, spec in enumerate(run.plan.graph.inputs):
        if cells[cell] is UNSET and not isinstance(spec.type, OptionalType):
            reaches[cell] = {spec.name}
    for node in layout.nodes:
        causes = set[str]().union(*(reaches.get(cell, ()) for cell in (*node.strict, *node.soft)))
        if causes and cells[node.cell] is UNSET:
            reaches[node.cell] = causes
    return reaches


def not_selected(run: Run, site: Site) -> bool:
    """Whether a call was not made because what it is an operand of has a value without it."""
    node = run.plan.layout.nodes[site.node]
    return site.cell >= 0 and run.cells[site.cell] is UNSET and run.cells[node.cell] is not UNSET


def skipped_sites(run: Run) -> list[BoundSite]:
    """The calls a finished run did not make and did not wait to make: not selected, not demanded, or in want of
    something that failed."""
    waiting = {} if run.clean else _waiting(run)
    nodes, failed = run.plan.layout.nodes, {(node.index, site.index) for node, site, _ in run.failures if site}
    return [
        bound
        for bound in run.plan.sites
        if (site := bound.site).cell >= 0
        and run.cells[site.cell] is UNSET
        and (site.node, site.index) not in failed
        and (not_selected(run, site) or nodes[site.node].cell not in waiting)
    ]
