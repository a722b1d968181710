"""The waiting of example modules, scaled as a whole."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delays:
    """Waits `seconds * scale`; a negative scale counts as 0."""

    scale: float

    async def wait(self, seconds: float) -> None:
        """Let that much time pass; at scale 0 only other tasks get a turn."""
        await asyncio.sleep(max(0.0, seconds * self.scale))
