"""Handles: executions that run while the caller does something else.

Invariant: the result of a handle is there exactly once, whatever happened: also for a cancelled execution.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from constellation.engine.observing import Event
from constellation.engine.plan import UNSET
from constellation.engine.result import ExecutionResult

if TYPE_CHECKING:
    from constellation.engine.execution import Execution

TERMINAL = ("execution_completed", "execution_suspended", "execution_cancelled")


class ExecutionHandle:
    """A started execution: `await handle.result()`, `handle.cancel()`, `handle.events()`."""

    def __init__(self, execution: Execution, tap: asyncio.Queue[Event] | None = None) -> None:
        self._execution = execution
        self._events = tap
        self._task = asyncio.get_running_loop().create_task(execution.execute())
        self._task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[ExecutionResult]) -> None:
        if not task.cancelled():
            task.exception()  # raised to those who ask for the result
        if self._events is not None:
            self._execution.engine.observers.close_tap(self._events)

    @property
    def execution_id(self) -> str:
        """The execution's id."""
        return self._execution.execution_id

    @property
    def status(self) -> str:
        """`running`, `completed`, `suspended`, `failed`, `cancelled` or `timed_out`."""
        if not self._task.done():
            return "running"
        if self._task.cancelled():
            return "cancelled"
        if self._task.exception() is not None:
            return "failed"
        return "timed_out" if self._execution.timed_out else self._task.result().status.value

    @property
    def progress(self) -> float:
        """Share of declared outputs that have a value by now."""
        run = self._execution.run
        outputs = run.plan.layout.outputs
        return sum(run.cells[o.cell] is not UNSET for o in outputs) / len(outputs) if outputs else 1.0

    @property
    def done(self) -> bool:
        """Whether it has ended."""
        return self._task.done()

    async def result(self) -> ExecutionResult:
        """The result, as soon as it is there. Cancelling the waiter does not cancel the execution."""
        return await asyncio.shield(self._task)

    def cancel(self) -> None:
        """Ask it to end; the result then has status `cancelled`. Asking again changes nothing."""
        self._execution.cancel()

    async def events(self) -> AsyncIterator[Event]:
        """What happens in it, from its start to its end."""
        queue = self._events
        if queue is None:
            return
        while True:
            event = await queue.get()
            if event.execution_id != self.execution_id:
                continue
            yield event
            if event.kind in TERMINAL:
                return
