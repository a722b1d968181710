"""Which execution the running code belongs to.

Owns the context variable, and a logging filter that reads it. Refuses to know calls: a body that wants its own facts
takes a `ModuleContext`.

Invariant: inside a body, in threads too, `current_execution()` is the innermost run around it; outside it is None.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CurrentExecution:
    """Facts of a run. `deadline` is a reading of the engine's clock, None without a limit."""

    execution_id: str
    structural_hash: str
    priority: int | None
    deadline: float | None
    metadata: Mapping[str, str]


running: ContextVar[CurrentExecution | None] = ContextVar("constellation_execution", default=None)


def current_execution() -> CurrentExecution | None:
    """The run this code is part of."""
    return running.get()


class ExecutionIdFilter(logging.Filter):
    """Gives every log record an `execution_id` ("" outside of runs), for formatters."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the attribute; lets every record pass."""
        if not hasattr(record, "execution_id"):
            found = running.get()
            record.execution_id = "" if found is None else found.execution_id
        return True
