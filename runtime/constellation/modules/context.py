"""What a module's body may know about the run it is part of.

Owns the context's facts, notes and time left. Refuses to know the engine: the engine makes one per attempt.

Invariant: a context belongs to one attempt of one call; notes made in it are seen by that call only.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType


class ModuleContext:
    """Injected where a parameter is annotated `ModuleContext`; invisible to programs.

    `attempt` counts from 1. `deadline` is a reading of `clock` (seconds) or None. `metadata` are the run's own facts.
    """

    __slots__ = ("_cancelled", "_clock", "attempt", "deadline", "execution_id", "log", "metadata", "module", "notes",
                 "priority")  # fmt: skip

    def __init__(
        self,
        execution_id: str,
        module: str,
        attempt: int = 1,
        priority: int = 50,
        deadline: float | None = None,
        metadata: Mapping[str, object] | None = None,
        cancelled: Callable[[], bool] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.execution_id = execution_id
        self.module = module
        self.attempt = attempt
        self.priority = priority
        self.deadline = deadline
        self.metadata: Mapping[str, object] = MappingProxyType(dict(metadata or {}))
        self.notes: dict[str, object] = {}
        self.log: logging.LoggerAdapter[logging.Logger] = logging.LoggerAdapter(
            logging.getLogger(f"constellation.module.{module}"),
            {"execution_id": execution_id, "constellation_module": module, "attempt": attempt},
        )
        self._cancelled = cancelled
        self._clock = clock

    def time_left(self) -> float | None:
        """Seconds until the deadline, never negative; None when there is none."""
        return None if self.deadline is None else max(0.0, self.deadline - self._clock())

    def note(self, **facts: object) -> None:
        """Add facts to the call's entry in the run's metadata."""
        self.notes.update(facts)

    def set_context(self, key: str, value: object) -> None:
        """Add one fact; the same as `note`, for keys that are no Python names."""
        self.notes[key] = value

    def check_cancelled(self) -> None:
        """Raise `asyncio.CancelledError` when the run was cancelled: for long bodies in a thread."""
        if self._cancelled is not None and self._cancelled():
            raise asyncio.CancelledError
