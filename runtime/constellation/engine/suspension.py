"""Suspending and resuming: from a run to a state, and from a state to a run that repeats nothing.

Owns what a state remembers, and every check of a resume. Refuses to evaluate anything.

Invariant: a refused resume changes nothing; a call with a remembered value is not made again.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from constellation.engine.errors import (
    ExecutionError,
    InputAlreadyProvidedError,
    InputTypeMismatchError,
    ModuleTimeoutError,
    NodeAlreadyResolvedError,
    NodeTypeMismatchError,
    PipelineChangedError,
    ResumedPipelineNotFoundError,
    ResumeInProgressError,
    RetryExhaustedError,
    StaleStateError,
    SuspensionNotFoundError,
    UnknownNodeError,
)
from constellation.engine.execution import Execution
from constellation.engine.options import ExecutionOptions
from constellation.engine.plan import UNSET
from constellation.engine.reporting import missing_inputs, not_selected
from constellation.engine.result import ExecutionResult, Status, iso_time
from constellation.stores.suspension import SuspendedExecution, TypedValue
from constellation.types.foreign import kind_of_plain
from constellation.types.json import decode, encode
from constellation.types.model import Type
from constellation.types.problems import ValueRejected

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation.engine.layout import Layout, Node, Site
    from constellation.engine.pipeline import Pipeline
    from constellation.engine.run import Run


# --- from a run to a state ---


def capture(execution: Execution, status: Status, errors: tuple[ExecutionError, ...]) -> SuspendedExecution:
    """The state of a run that has ended without completing."""
    run, resumption = execution.run, execution.resumption
    layout = run.plan.layout
    outputs = [output.name for output in layout.outputs if run.cells[output.cell] is UNSET]
    before = resumption.state if resumption is not None else None
    options = execution.options
    return SuspendedExecution(
        execution_id=run.execution_id,
        structural_hash=execution.pipeline.image.structural_hash,
        status=status.value,
        created_at=before.created_at if before is not None else iso_time(execution.started),
        pipeline_name=execution.name,
        resumption_count=resumption.count if resumption is not None else 0,
        revision=before.revision if before is not None else 0,
        last_resumed_at=iso_time(execution.started) if resumption is not None else None,
        provided_inputs=_inputs(run),
        resolved_nodes=_resolved(run, execution.resolved),
        computed=computed_values(run, execution.resolved),
        named_nodes={n: layout.producer[c].key for n, c in layout.variables.items() if run.cells[c] is not UNSET},
        module_statuses=_statuses(run),
        missing_inputs={n: t.wire for n, t in missing_inputs(run, execution.resolved).items()},
        pending_outputs=tuple(outputs),
        errors=tuple(error.to_json() for error in errors),
        options={"priority": options.priority},
        metadata=dict(run.metadata),
    )


def _inputs(run: Run) -> dict[str, TypedValue]:
    specs = run.plan.graph.inputs
    given = run.given
    return {
        s.name: TypedValue(s.type, v)
        for i, s in enumerate(specs)
        if s.name in given and (v := run.cells[i]) is not UNSET
    }


def _resolved(run: Run, cells: frozenset[int]) -> dict[str, TypedValue]:
    layout = run.plan.layout
    return {
        name: TypedValue(layout.producer[cell].type, run.cells[cell])
        for name, cell in layout.variables.items()
        if cell in cells
    }


def computed_values(run: Run, resolved: frozenset[int]) -> dict[str, TypedValue]:
    """Every binding and call that has a value, by node key."""
    cells, layout = run.cells, run.plan.layout
    found: dict[str, TypedValue] = {}
    for site in layout.sites:
        if site.cell >= 0 and (value := cells[site.cell]) is not UNSET:
            found[site.key] = TypedValue(site.call.returns, value)
    for node in layout.nodes:
        if node.cell not in resolved and (value := cells[node.cell]) is not UNSET:
            found[node.key] = TypedValue(node.type, value)
    for (index, path), value in run.elements.items():
        site = layout.sites[index]
        found[f"{site.key}@{'.'.join(map(str, path))}"] = TypedValue(site.call.returns, value)
    return found


def _statuses(run: Run) -> dict[str, dict[str, Any]]:
    """What happened to each call that is not inside a lambda."""
    failed = {error.node_key: error for _, _, error in run.failures}
    found: dict[str, dict[str, Any]] = {}
    for site in run.plan.layout.sites:
        if site.cell < 0:
            continue
        if site.cell in run.replayed:
            status: dict[str, Any] = {"tag": "Replayed"}
        elif run.cells[site.cell] is not UNSET:
            status = {"tag": "Fired", "latency": _latency(run, site), "attempts": run.attempts.get(site.key, 1)}
        elif site.key in failed:
            status = _failure(run, site, failed[site.key])
        elif not_selected(run, site):
            status = {"tag": "Skipped"}
        else:
            status = {"tag": "Cancelled" if run.cancelled else "Unfired"}
        found[site.key] = status
    return found


def _failure(run: Run, site: Site, error: ExecutionError) -> dict[str, Any]:
    cause = error.cause.__cause__ if isinstance(error.cause, RetryExhaustedError) else error.cause
    if isinstance(cause, ModuleTimeoutError):
        return {"tag": "Timed", "latency": _latency(run, site), "error": error.message}
    return {"tag": "Failed", "error": error.message}


def _latency(run: Run, site: Site) -> float:
    """How long a call took, in milliseconds."""
    return round(run.times.get(site.cell, 0.0) * 1000, 3)


# --- from a state to a run ---


@dataclass(slots=True)
class Resumption:
    """A validated resume: the state it starts from and the values added by hand."""

    state: SuspendedExecution
    stored: bool
    revision: int
    count: int
    created: float
    by_hand: dict[int, Any] = field(default_factory=dict[int, Any])

    def apply(self, run: Run) -> frozenset[int]:
        """Put remembered and supplied values into the cells; returns the cells supplied by hand, then or now."""
        layout, cells = run.plan.layout, run.cells
        run.clean = False
        for key, value in self.state.computed.items():
            cell = _cell(layout, key)
            if cell is not None:
                cells[cell] = value.value
                run.replayed.add(cell)
            elif "@" in key:
                _restore_element(run, key, value.value)
        for key, value in self.state.computed.items():
            node = layout.node_of_key.get(key)
            if node is not None and node.cell not in run.replayed:
                cells[node.cell] = value.value
                run.replayed.add(node.cell)
        resolved = dict(self.by_hand)
        for name, value in self.state.resolved_nodes.items():
            resolved[layout.variables[name]] = value.value
        for cell, value in resolved.items():
            cells[cell] = value
        return frozenset(resolved)


def _cell(layout: Layout, key: str) -> int | None:
    node = layout.node_of_key.get(key)
    if node is not None:
        return node.cell
    site = layout.site_at.get(key)
    return site.cell if site is not None and site.cell >= 0 else None


def _restore_element(run: Run, key: str, value: Any) -> None:
    base, _, numbers = key.rpartition("@")
    site = run.plan.layout.site_at.get(base)
    if site is not None and site.cell < 0:
        run.elements[site.index, tuple(int(n) for n in numbers.split("."))] = value


async def resume(
    engine: Constellation,
    execution: str | SuspendedExecution,
    inputs: Mapping[str, Any],
    resolved_nodes: Mapping[str, Any],
    options: ExecutionOptions,
) -> ExecutionResult:
    """Take the right to resume, load, check, run, save, and give the right back."""
    execution_id = execution if isinstance(execution, str) else execution.execution_id
    if execution_id in engine.resuming:
        raise ResumeInProgressError(execution_id)
    engine.resuming.add(execution_id)
    owner = f"{engine.owner}:{os.urandom(4).hex()}"
    store = engine.suspensions
    held = False
    try:
        held = await store.acquire(execution_id, owner)
        if not held:
            raise ResumeInProgressError(execution_id)
        renewing = asyncio.ensure_future(_renew(engine, execution_id, owner))
        try:
            return await _resume(engine, execution, execution_id, inputs, resolved_nodes, options)
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)
    finally:
        engine.resuming.discard(execution_id)
        if held:
            await store.release(execution_id, owner)


async def _renew(engine: Constellation, execution_id: str, owner: str) -> None:
    while True:
        await asyncio.sleep(20.0)
        await engine.suspensions.renew(execution_id, owner)


async def _resume(
    engine: Constellation,
    execution: str | SuspendedExecution,
    execution_id: str,
    inputs: Mapping[str, Any],
    resolved_nodes: Mapping[str, Any],
    options: ExecutionOptions,
) -> ExecutionResult:
    stored = await engine.suspensions.load(execution_id)
    state = stored if isinstance(execution, str) else execution
    if state is None or state.status == Status.COMPLETED.value:
        raise SuspensionNotFoundError(execution_id)
    if stored is not None and stored.resumption_count > state.resumption_count:
        raise StaleStateError(execution_id, state.resumption_count, stored.resumption_count)
    pipeline = await _pipeline(engine, state)
    fresh = _check_inputs(pipeline, state, inputs)
    if options.strict_pipeline_version and state.pipeline_name is not None:
        now = await engine.pipelines.resolve(state.pipeline_name)
        if now != state.structural_hash:
            raise PipelineChangedError(state.structural_hash, now)
    resumption = Resumption(
        state,
        stored=stored is not None,
        revision=stored.revision if stored is not None else 0,
        count=state.resumption_count + 1,
        created=_epoch(state.created_at),
    )
    chosen = options.with_changes(_kept_options(state, options, execution_id))
    plan = pipeline.plan(guarded=engine.guarded, timed=chosen.include_timings)
    resumption.by_hand = _check_nodes(plan.layout, state, resolved_nodes)
    engine.observers.suspension("resumed")
    resumed = Execution(engine, pipeline, fresh, chosen, state.pipeline_name, resumption)
    resumed.run.warnings += _other_versions(pipeline, resumed.run)
    return await resumed.execute()


def _other_versions(pipeline: Pipeline, run: Run) -> list[str]:
    """What to say about modules whose version is not the one the program was compiled against."""
    compiled = pipeline.image.versions
    found: dict[str, str] = {}
    for site in run.plan.sites:
        then, now = compiled.get(site.site.call.function), site.module.spec.version
        if then is not None and then != now:
            found[site.written] = (
                f"Module '{site.written}' is version {now[0]}.{now[1]}; the execution began with {then[0]}.{then[1]}"
            )
    return list(found.values())


async def export(engine: Constellation, execution_id: str) -> SuspendedExecution:
    """A stored execution with its program. Raises `SuspensionNotFoundError`."""
    state = await engine.suspensions.load(execution_id)
    if state is None:
        raise SuspensionNotFoundError(execution_id)
    return state.with_image((await _pipeline(engine, state)).image)


def _kept_options(state: SuspendedExecution, options: ExecutionOptions, execution_id: str) -> dict[str, Any]:
    kept: dict[str, Any] = {"execution_id": execution_id}
    if options.priority is None:
        kept["priority"] = state.options.get("priority")
    if not options.metadata:
        kept["metadata"] = dict(state.metadata)
    return kept


def _epoch(moment: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(moment).timestamp()


async def _pipeline(engine: Constellation, state: SuspendedExecution) -> Pipeline:
    image = await engine.pipelines.get(state.structural_hash)
    if image is None:
        known = engine.loaded(state.structural_hash)
        if known is not None:
            return known
        image = state.image
    if image is None or image.structural_hash != state.structural_hash:
        raise ResumedPipelineNotFoundError(state.structural_hash)
    return engine.pipeline_of(image)


def _check_inputs(pipeline: Pipeline, state: SuspendedExecution, inputs: Mapping[str, Any]) -> dict[str, TypedValue]:
    """The inputs of the whole execution. Raises when a new one cannot be used."""
    types = {spec.name: spec.type for spec in pipeline.image.graph.inputs}
    unknown = [name for name in inputs if name not in types]
    if unknown:
        raise UnknownNodeError("; ".join(f"Unknown node name: '{name}'" for name in unknown))
    values: dict[str, TypedValue] = dict(state.provided_inputs)
    problems: list[str] = []
    conflicts: list[str] = []
    for name, type_ in types.items():
        if name not in inputs:
            continue
        try:
            value = decode(type_)(inputs[name])
        except ValueRejected as rejected:
            problems.append(_mismatch("Input", name, type_, inputs[name], rejected))
            continue
        known = state.provided_inputs.get(name)
        if known is None:
            values[name] = TypedValue(type_, value)
        elif _differ(type_, known.value, value):
            conflicts.append(name)
    if problems:
        raise InputTypeMismatchError("; ".join(problems))
    if conflicts:
        raise InputAlreadyProvidedError(
            "; ".join(f"Input '{name}' was already provided with a different value" for name in conflicts)
        )
    return values


def _mismatch(what: str, name: str, type_: Type, raw: Any, rejected: ValueRejected) -> str:
    got = kind_of_plain(raw)
    sentence = f"{what} '{name}' type mismatch: expected {type_.wire}, got {got}"
    if [p.message for p in rejected.problems] == [f"expected {type_}, got {got}"]:
        return sentence
    return f"{sentence} ({rejected.message})"


def _differ(type_: Type, known: Any, value: Any) -> bool:
    """Whether two values of a type are different; not-a-number is the same as itself."""
    return bool(known != value and encode(type_)(known) != encode(type_)(value))


def _check_nodes(layout: Layout, state: SuspendedExecution, nodes: Mapping[str, Any]) -> dict[int, Any]:
    """The cells to fill by hand. Raises when a value cannot be used."""
    unknown = [name for name in nodes if name not in layout.variables]
    if unknown:
        raise UnknownNodeError("; ".join(f"Unknown node name: '{name}'" for name in unknown))
    values: dict[int, Any] = {}
    problems: list[str] = []
    computed: list[str] = []
    for name, raw in nodes.items():
        node: Node = layout.producer[layout.variables[name]]
        try:
            value = decode(node.type)(raw)
        except ValueRejected as rejected:
            problems.append(_mismatch("Node", name, node.type, raw, rejected))
            continue
        known = state.computed.get(node.key) or state.resolved_nodes.get(name)
        if known is None:
            values[node.cell] = value
        elif _differ(node.type, known.value, value):
            computed.append(name)
    if problems:
        raise NodeTypeMismatchError("; ".join(problems))
    if computed:
        raise NodeAlreadyResolvedError("; ".join(f"Node '{name}' has already been computed" for name in computed))
    return values
