"""Running a pipeline one wave at a time: to watch it work.

Owns the split into waves and the state of one walk through them. Refuses to hurry: a wave waits for all of its nodes.

Invariant: after the last wave, values and failures are those of an ordinary run. Between waves nothing is in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from constellation.engine.current import running
from constellation.engine.execution import Execution
from constellation.engine.layout import Layout, Node, is_reference
from constellation.engine.plan import UNSET
from constellation.engine.reporting import output_values, sorted_errors, variable_values
from constellation.stdlib.ambient import surroundings
from constellation.types.json import encode_python
from constellation.types.model import Type

if TYPE_CHECKING:
    from constellation.engine.errors import ExecutionError


class NodeState(StrEnum):
    """What has become of a node: `SKIPPED` is one that will not get a value, because of a failure or unneeded."""

    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Wave:
    """What one step did: `batch` of `total` (0 is the inputs), the names of nodes evaluated, still pending, and failed
    so far, and the value of every variable there is by now."""

    batch: int
    total: int
    completed: tuple[str, ...]
    pending: tuple[str, ...]
    failed: tuple[str, ...]
    values: Mapping[str, Any]


class Stepper:
    """Steps through an execution: `await stepper.step()`, or `async for wave in stepper`.

    `waves` are the nodes of each batch. One that only renames a value belongs to the batch of that value, a lazy one to
    the first batch that may demand it.
    """

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._run = run = execution.run
        execution.engine.lifecycle.deregister(execution.execution_id)
        run.clean = False
        run.remaining = [-1] * len(run.plan.units)
        self.waves = _waves(run.plan.layout)
        self._turns = {node.index: number for number, wave in enumerate(self.waves) for node in wave}
        self._next = 0
        self._begun: float | None = None
        self._turn = asyncio.Lock()

    # --- the walk ---

    @property
    def execution_id(self) -> str:
        """The execution's id."""
        return self._execution.execution_id

    @property
    def total(self) -> int:
        """How many steps there are after the inputs."""
        return len(self.waves) - 1

    @property
    def batch(self) -> int:
        """The batch the next step runs; `total + 1` when none is left."""
        return self._next

    async def step(self) -> Wave | None:
        """Run the next wave; None when there is none left. The first call shows the inputs.

        Raises `ShutdownRejectedError` when the engine is shutting down.
        """
        async with self._turn:
            if self._next > self.total:
                return None
            nodes = self.waves[self._next]
            await self._admitted(nodes)
            if self._next > self.total:
                return None
            wave = self._wave(nodes)
            self._next += 1
            if self._next > self.total:
                self._end(cancelled=False)
            return wave

    async def _admitted(self, nodes: list[Node]) -> None:
        execution, lifecycle = self._execution, self._execution.engine.lifecycle
        lifecycle.admit(self.execution_id, execution)
        execution.task = asyncio.current_task()
        token, around = running.set(execution.current(None)), surroundings.set(execution.surroundings)
        try:
            if self._begun is None:
                self._begun = execution.begin()
            await self._evaluate(nodes)
        except asyncio.CancelledError:
            self.stop()
            raise
        finally:
            running.reset(token)
            surroundings.reset(around)
            execution.task = None
            lifecycle.deregister(self.execution_id)

    async def _evaluate(self, nodes: list[Node]) -> None:
        async with asyncio.TaskGroup() as group:
            for node in nodes:
                if not node.deferred and not is_reference(node.expression):
                    group.create_task(self._run.evaluate(node))
        for node in nodes:
            if is_reference(node.expression):
                await self._run.evaluate(node)

    async def step_to_completion(self) -> Wave:
        """Run every wave that is left; returns the last one."""
        last = self._wave([])
        while (wave := await self.step()) is not None:
            last = wave
        return last

    def stop(self) -> None:
        """End the walk."""
        if self._next <= self.total:
            self._run.cancelled = True
            self._next = self.total + 1
            self._end(cancelled=True)

    def _end(self, *, cancelled: bool) -> None:
        if self._begun is not None:
            self._execution.close((self._execution.engine.clock.now() - self._begun) * 1000, cancelled=cancelled)

    async def __aiter__(self) -> AsyncIterator[Wave]:
        while (wave := await self.step()) is not None:
            yield wave

    async def __aenter__(self) -> Stepper:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.stop()

    # --- what there is by now ---

    @property
    def layout(self) -> Layout:
        """The nodes, and the cells they read."""
        return self._run.plan.layout

    @property
    def errors(self) -> tuple[ExecutionError, ...]:
        """What has failed so far."""
        return sorted_errors(self._run)

    @property
    def inputs(self) -> dict[str, tuple[Type, Any]]:
        """The inputs that have a value."""
        specs = self._run.plan.graph.inputs
        return {s.name: (s.type, self._run.cells[i]) for i, s in enumerate(specs) if self._run.cells[i] is not UNSET}

    @property
    def outputs(self) -> dict[str, tuple[Type, Any]]:
        """The outputs that have a value."""
        return output_values(self._run)

    def has_value(self, cell: int) -> bool:
        """Whether an input or a node has a value."""
        return self._run.cells[cell] is not UNSET

    def value(self, cell: int) -> Any:
        """The language value of an input or a node. Raises `KeyError` when it has none."""
        if not self.has_value(cell):
            raise KeyError(cell)
        return self._run.cells[cell]

    def state(self, node: Node) -> NodeState:
        """What has become of a node."""
        if self.has_value(node.cell):
            return NodeState.COMPLETED
        if node.index in self._run.failed:
            return NodeState.FAILED
        turn = self.total if node.deferred else self._turns[node.index]
        return NodeState.SKIPPED if turn < self._next else NodeState.PENDING

    def error(self, node: Node) -> str:
        """Why a node failed."""
        return "; ".join(error.message for failed, _, error in self._run.failures if failed is node)

    def seconds(self, node: Node) -> float | None:
        """How long it took; None when it did not run, or nobody asked for timings."""
        return self._run.times.get(node.cell)

    def _wave(self, nodes: list[Node]) -> Wave:
        cells = self._run.cells
        names = tuple(spec.name for spec in self._run.plan.graph.inputs)
        done = [name for i, name in enumerate(names) if cells[i] is not UNSET] if not self._next else []
        done += [node.name for node in nodes if cells[node.cell] is not UNSET]
        later = [node for wave in self.waves[self._next + 1 :] for node in wave]
        values = {name: encode_python(t)(v) for name, (t, v) in variable_values(self._run).items()}
        return Wave(
            self._next,
            self.total,
            tuple(done),
            tuple(node.name for node in later),
            tuple(error.node_name for error in self.errors),
            values,
        )


def _waves(layout: Layout) -> list[list[Node]]:
    """Nodes by the length of the longest way to them; conditionals come after everything they may select."""
    level: dict[int, int] = {}
    demand: dict[int, int] = {}
    for node in layout.nodes:
        reads = (*node.strict, *node.soft)
        own = 0 if node.deferred or is_reference(node.expression) else 1
        level[node.cell] = here = own + max((level.get(cell, 0) for cell in reads), default=0)
        for cell in reads if not node.deferred else ():
            demand[cell] = min(here, demand.get(cell, here))
    for node in reversed(layout.nodes):
        if node.deferred:
            level[node.cell] = here = demand.get(node.cell, level[node.cell] + 1)
            for cell in node.soft:
                demand[cell] = min(here, demand.get(cell, here))
    waves: list[list[Node]] = [[] for _ in range(1 + max(_without_lazy(layout, level), default=0))]
    for node in layout.nodes:
        waves[min(level[node.cell], len(waves) - 1)].append(node)
    return waves


def _without_lazy(layout: Layout, level: Mapping[int, int]) -> Iterable[int]:
    return (level[node.cell] for node in layout.nodes if not node.deferred)
