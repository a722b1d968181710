"""Running a pipeline one wave at a time: to watch it work.

Owns the split into waves and the state of one walk through them. Refuses to hurry: a wave waits for all of its nodes.

Invariant: after the last wave, values and failures are those of an ordinary run.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from constellation.engine.execution import Execution
from constellation.engine.layout import Node
from constellation.engine.plan import UNSET
from constellation.engine.reporting import sorted_errors, variable_values
from constellation.types.json import encode_python

if TYPE_CHECKING:
    from constellation.engine.errors import ExecutionError


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
    """Steps through an execution: `await stepper.step()`, or `async for wave in stepper`."""

    def __init__(self, execution: Execution) -> None:
        self._execution = execution
        self._run = run = execution.run
        run.clean = False
        run.remaining = [-1] * len(run.plan.units)
        self._waves = _waves(run.plan.layout.nodes)
        self._next = 0

    @property
    def execution_id(self) -> str:
        """The execution's id."""
        return self._execution.execution_id

    @property
    def total(self) -> int:
        """How many steps there are after the inputs."""
        return len(self._waves)

    @property
    def errors(self) -> tuple[ExecutionError, ...]:
        """What has failed so far."""
        return sorted_errors(self._run)

    async def step(self) -> Wave | None:
        """Run the next wave; None when there is none left. The first call shows the inputs."""
        if self._next > len(self._waves):
            return None
        nodes = self._waves[self._next - 1] if self._next else []
        if nodes:
            async with asyncio.TaskGroup() as group:
                for node in nodes:
                    group.create_task(self._run.evaluate(node))
        wave = self._wave(nodes)
        self._next += 1
        return wave

    async def step_to_completion(self) -> Wave:
        """Run every wave that is left; returns the last one."""
        last = self._wave([])
        while (wave := await self.step()) is not None:
            last = wave
        return last

    def _wave(self, nodes: list[Node]) -> Wave:
        cells = self._run.cells
        names = tuple(self._run.plan.graph.inputs[i].name for i in range(self._run.plan.input_count))
        done = tuple(n.name for n in nodes if cells[n.cell] is not UNSET)
        later = [node for wave in self._waves[self._next :] for node in wave]
        values = {name: encode_python(t)(v) for name, (t, v) in variable_values(self._run).items()}
        return Wave(
            self._next,
            self.total,
            done if self._next else tuple(n for i, n in enumerate(names) if cells[i] is not UNSET),
            tuple(node.name for node in later),
            tuple(error.node_name for error in self.errors),
            values,
        )

    async def __aiter__(self) -> AsyncIterator[Wave]:
        while (wave := await self.step()) is not None:
            yield wave

    async def __aenter__(self) -> Stepper:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End the walk."""
        self._next = len(self._waves) + 1
        self._execution.engine.lifecycle.deregister(self.execution_id)


def _waves(nodes: list[Node]) -> list[list[Node]]:
    """Nodes by the length of the longest way to them; conditionals come after everything they may select."""
    level: dict[int, int] = {}
    waves: list[list[Node]] = []
    for node in nodes:
        if node.deferred:
            continue
        depth = 1 + max((level.get(cell, 0) for cell in (*node.strict, *node.soft)), default=0)
        level[node.cell] = depth
        while len(waves) < depth:
            waves.append([])
        waves[depth - 1].append(node)
    return waves
