"""What a caller may ask of one run.

Invariant: options never change what a program means, only how it is run and what is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from enum import IntEnum
from typing import Any, Final

LONGEST_ID: Final = 128

Duration = float | timedelta | None
"""Seconds, a timedelta, or none."""


def seconds_of(duration: Duration) -> float | None:
    """A duration in seconds, None for none."""
    return duration.total_seconds() if isinstance(duration, timedelta) else duration


class Priority(IntEnum):
    """Named priorities of calls; any number from 0 to 100 is accepted where one is."""

    CRITICAL = 100
    HIGH = 80
    NORMAL = 50
    LOW = 20
    BACKGROUND = 0


@dataclass(frozen=True, slots=True)
class ExecutionOptions:
    """Options of one run.

    `timeout` (seconds or a timedelta) limits the whole run. `on_missing` is `"suspend"` or `"error"`.
    `execution_id` must be unused among live runs; None makes a new one. `metadata` is visible to modules and
    back-ends. `use_cache=False` neither reads nor writes the module result cache.
    """

    include_timings: bool = False
    include_provenance: bool = False
    include_blocked_graph: bool = False
    include_resolution_sources: bool = False
    priority: int | None = None
    timeout: float | timedelta | None = None
    execution_id: str | None = None
    on_missing: str = "suspend"
    save_suspension: bool = True
    strict_pipeline_version: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    trace: bool | None = None
    use_cache: bool = True
    raise_on_failure: bool = False

    def __post_init__(self) -> None:
        if self.on_missing not in ("suspend", "error"):
            raise ValueError(f"on_missing must be 'suspend' or 'error', not {self.on_missing!r}")
        if self.execution_id is not None and not 0 < len(self.execution_id) <= LONGEST_ID:
            raise ValueError(f"execution_id must have 1 to {LONGEST_ID} characters")
        if self.priority is not None and not isinstance(self.priority, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"priority must be a number from 0 to 100 or a Priority, not {self.priority!r}")
        seconds = seconds_of(self.timeout)
        if seconds is not None and seconds <= 0:
            raise ValueError("timeout must be more than 0 seconds")

    def with_changes(self, changes: Mapping[str, Any]) -> ExecutionOptions:
        """These options with some replaced. Raises `TypeError` for a name that is none."""
        unknown = set(changes) - _NAMES
        if unknown:
            raise TypeError(f"unknown execution option(s): {', '.join(sorted(unknown))}")
        return replace(self, **changes)


_NAMES: Final = frozenset(f.name for f in fields(ExecutionOptions))
DEFAULT_OPTIONS: Final = ExecutionOptions()
