"""Small modules on numbers."""

from __future__ import annotations

import random

from constellation.modules.decorator import module
from constellation.stdlib.demo.delays import Delays
from constellation.stdlib.limits import int64


class DataExamples:
    """A module that always works and one that never does."""

    def __init__(self, delays: Delays) -> None:
        self._delays = delays

    @module(tags=("demo", "data"), pure=True)
    def plus_one(self, n: int) -> int:
        """The next integer. Fails with `integer overflow`."""
        return int64(n + 1)

    @module(tags=("demo", "data"))
    async def always_fails(self, n: int) -> int:
        """Fails after up to 10 ms with `This module always fails with random latency`."""
        await self._delays.wait(random.uniform(0.0, 0.01))
        raise RuntimeError("This module always fails with random latency")
