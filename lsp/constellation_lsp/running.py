"""What runs for one session: executions it started and its walks through programs.

Owns their ids and their end. Invariant: at most `MOST_STEP_SESSIONS` walks, none idle for longer than their time.
"""

from __future__ import annotations

import time

from constellation.engine.constellation import Constellation
from constellation_lsp.overlay import Remembered
from constellation_lsp.stepping import IDLE_SECONDS, StepSession

MOST_STEP_SESSIONS = 16


class RunningWork:
    """The running work of one session."""

    def __init__(self, engine: Constellation) -> None:
        self._engine = engine
        self._executions: set[str] = set()
        self.progress: dict[str | int, str] = {}
        self.results = Remembered()
        self._steps: dict[str, StepSession] = {}

    def started(self, execution_id: str) -> None:
        """An execution began."""
        self._executions.add(execution_id)

    def ended(self, execution_id: str) -> None:
        """An execution is over."""
        self._executions.discard(execution_id)

    def cancel(self, execution_id: str) -> bool:
        """Asks an execution of this session to end; False when there is none of that id."""
        if execution_id not in self._executions:
            return False
        execution = self._engine.lifecycle.get(execution_id)
        if execution is None:
            return False
        execution.cancel()
        return True

    def add(self, steps: StepSession) -> bool:
        """Keeps a walk; False when there are too many."""
        self._expire()
        if len(self._steps) >= MOST_STEP_SESSIONS:
            steps.stop()
            return False
        self._steps[steps.id] = steps
        return True

    def steps(self, identifier: str) -> StepSession | None:
        """A walk by its id."""
        self._expire()
        return self._steps.get(identifier)

    def stop(self, identifier: str) -> bool:
        """Ends and forgets a walk."""
        steps = self._steps.pop(identifier, None)
        if steps is None:
            return False
        steps.stop()
        return True

    def close(self) -> None:
        """Cancels and forgets everything."""
        for execution_id in tuple(self._executions):
            self.cancel(execution_id)
        self._executions.clear()
        for identifier in tuple(self._steps):
            self.stop(identifier)

    def _expire(self) -> None:
        now = time.monotonic()
        for identifier, steps in tuple(self._steps.items()):
            if now - steps.used > IDLE_SECONDS:
                self.stop(identifier)
