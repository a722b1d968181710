"""Calls with options in effect, and what every call shares across runs.

Invariant: cancelling a call releases everything it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from constellation.engine.binding import BoundSite
from constellation.engine.clock import Clock
from constellation.modules.context import ModuleContext

if TYPE_CHECKING:
    from constellation.engine.run import Run


class Calls:
    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def context(self, run: Run, site: BoundSite, attempt: int, deadline: float | None) -> ModuleContext:
        return ModuleContext(run.execution_id, site.module.name, attempt)

    async def call(self, run: Run, site: BoundSite, values: tuple[Any, ...], fallback: Any) -> Any:
        result = site.call(*values)
        return await result if site.module.execution.value != "inline" else result
