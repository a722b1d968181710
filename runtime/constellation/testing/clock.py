"""Virtual time for tests.

Owns a clock whose seconds pass only when nothing else can happen, or when told to. Refuses to touch the event loop's
own timers: what sleeps with `asyncio.sleep` sleeps in real time.

Invariant: timers fire in the order of their times, and `now()` is exactly a timer's time while it fires.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any


class _Entry:
    __slots__ = ("callback", "cancelled")

    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class FakeClock:
    """A clock of virtual seconds.

    With `auto` (the default) time jumps to the next timer whenever the event loop has nothing else to do; without it,
    only `await clock.advance(seconds)` makes it pass. While it is held (`hold`) it stands still, or with `held_runs`
    passes as real time does.
    """

    def __init__(
        self, start: str | float = "2026-01-01T00:00:00Z", *, auto: bool = True, held_runs: bool = False
    ) -> None:
        epoch = datetime.fromisoformat(start).astimezone(UTC).timestamp() if isinstance(start, str) else start
        self._epoch = epoch
        self._now = 0.0
        self._auto = auto
        self._timers: list[tuple[float, int, _Entry]] = []
        self._count = 0
        self._watching: asyncio.AbstractEventLoop | None = None
        self._busy = 0
        self._held_runs = held_runs
        self._looked = 0.0  # real seconds when held time last passed

    def now(self) -> float:
        """Virtual seconds since the clock was made."""
        return self._now

    def wall(self) -> float:
        """Virtual seconds since the epoch."""
        return self._epoch + self._now

    def call_later(self, delay: float, callback: Callable[[], None]) -> _Entry:
        """Call back after `delay` virtual seconds."""
        if self._busy and self._held_runs:
            self._run()
        entry = _Entry(callback)
        self._count += 1
        heapq.heappush(self._timers, (self._now + delay, self._count, entry))
        loop = asyncio.get_running_loop()
        if self._auto and self._watching is not loop:
            self._watching = loop
            loop.call_soon(self._watch)
        return entry

    async def sleep(self, seconds: float) -> None:
        """Wait virtual seconds: for the bodies of test modules."""
        from constellation.engine.clock import sleep

        await sleep(self, seconds)

    def hold(self) -> Callable[[], None]:
        """Keep time from jumping, for work that takes real time (a thread); returns what lets it go on."""
        if not self._busy:
            self._looked = time.monotonic()
        self._busy += 1

        def release() -> None:
            self._busy -= 1

        return release

    async def advance(self, seconds: float) -> None:
        """Let virtual time pass, firing every timer due on the way and everything that follows from it."""
        end = self._now + seconds
        await settle()
        while self._timers and self._timers[0][0] <= end:
            self._fire()
            await settle()
        self._now = end

    def _fire(self) -> None:
        at, _, entry = heapq.heappop(self._timers)
        if not entry.cancelled:
            self._now = max(self._now, at)
            entry.callback()

    def _run(self) -> None:
        """Let as much time pass as really has, and fire what is due."""
        looked = time.monotonic()
        now = self._now + looked - self._looked
        self._looked = looked
        while self._timers and self._timers[0][0] <= now:
            self._fire()
        self._now = max(self._now, now)

    def _watch(self) -> None:
        """Runs in every turn of the loop while timers exist; fires the next one when nothing else is ready."""
        loop = self._watching
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        if loop is None or not self._timers:
            self._watching = None
            return
        if self._busy:
            if self._held_runs:
                self._run()
            loop.call_later(0.001, self._watch)
            return
        ready: Any = getattr(loop, "_ready", ())
        if not ready:
            self._fire()
        loop.call_soon(self._watch)


async def settle(turns: int = 20) -> None:
    """Let everything that is ready run."""
    for _ in range(turns):
        await asyncio.sleep(0)
