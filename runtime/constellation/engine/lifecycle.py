"""The life of an engine: running, draining, stopped, and the executions in flight.

Owns admission of executions and waiting for them to end. Refuses to know what an execution does.

Invariant: once draining, nothing new is admitted; every admitted execution is known until it has ended.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from constellation.engine.errors import ShutdownRejectedError
from constellation.errors import ConstellationError


class Cancellable(Protocol):
    """What is in flight."""

    def cancel(self) -> None: ...


class DuplicateExecutionError(ConstellationError):
    """An execution id that is in use by a live run."""

    default_code = "DUPLICATE_EXECUTION"


class ConstellationLifecycle:
    """States `running` → `draining` → `stopped`."""

    def __init__(self) -> None:
        self.state = "running"
        self._inflight: dict[str, Cancellable] = {}
        self._empty: asyncio.Event | None = None

    @property
    def is_running(self) -> bool:
        """Whether executions are admitted."""
        return self.state == "running"

    @property
    def inflight_count(self) -> int:
        """Executions that have not ended."""
        return len(self._inflight)

    @property
    def inflight(self) -> tuple[str, ...]:
        """Their ids, oldest first."""
        return tuple(self._inflight)

    def register(self, execution_id: str, execution: Cancellable) -> bool:
        """Admit an execution; False unless running. Raises for an id in use."""
        if self.state != "running":
            return False
        if execution_id in self._inflight:
            raise DuplicateExecutionError(f"Execution {execution_id} is already running")
        self._inflight[execution_id] = execution
        return True

    def admit(self, execution_id: str, execution: Cancellable) -> None:
        """Register, or raise `ShutdownRejectedError`."""
        if not self.register(execution_id, execution):
            raise ShutdownRejectedError

    def deregister(self, execution_id: str) -> None:
        """Note that an execution has ended."""
        self._inflight.pop(execution_id, None)
        if self._empty is not None and not self._inflight:
            self._empty.set()

    def get(self, execution_id: str) -> Cancellable | None:
        """A live execution."""
        return self._inflight.get(execution_id)

    def begin_drain(self) -> None:
        """Admit nothing from now on."""
        if self.state == "running":
            self.state = "draining"

    async def wait_empty(self) -> None:
        """Until no execution is in flight."""
        while self._inflight:
            if self._empty is None:
                self._empty = asyncio.Event()
            self._empty.clear()
            await self._empty.wait()

    def cancel_all(self) -> None:
        """Ask everything in flight to end."""
        for execution in list(self._inflight.values()):
            execution.cancel()

    def stop(self) -> None:
        """Nothing is in flight and nothing will be."""
        self.state = "stopped"
