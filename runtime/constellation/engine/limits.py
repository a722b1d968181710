"""Limits shared by every run of an engine: how often and how many at once a module may be called.

Owns token buckets (`throttle`) and concurrency permits. Refuses to know calls or options.

Invariant: waiters are served by priority, then in order of arrival; one that is cancelled leaves without a trace.
"""

from __future__ import annotations

import asyncio
import heapq
from dataclasses import dataclass

from constellation.engine.clock import Clock, Timer


class _Waiters:
    """Futures ordered by priority (high first), then arrival."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    def add(self, priority: int) -> asyncio.Future[None]:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._heap, (-priority, self._count, future))
        return future

    def wake(self) -> bool:
        """Serve the best waiter; False when nobody waits."""
        while self._heap:
            future = heapq.heappop(self._heap)[2]
            if not future.done():
                future.set_result(None)
                return True
        return False

    def __len__(self) -> int:
        while self._heap and self._heap[0][2].done():
            heapq.heappop(self._heap)
        return sum(not future.done() for _, _, future in self._heap)


class TokenBucket:
    """`count` tokens per `period` seconds, full at the start, refilled continuously."""

    def __init__(self, clock: Clock, count: int, period: float) -> None:
        self._clock = clock
        self._capacity = float(count)
        self._rate = count / period
        self._tokens = float(count)
        self._at = clock.now()
        self._waiters = _Waiters()
        self._timer: Timer | None = None

    async def take(self, priority: int) -> None:
        """Take a token, or wait for one."""
        self._refill()
        if self._tokens >= 1 and not len(self._waiters):
            self._tokens -= 1
            return
        future = self._waiters.add(priority)
        self._schedule()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._tokens += 1  # the token had been handed over already
                self._serve()
            raise

    def _refill(self) -> None:
        now = self._clock.now()
        self._tokens = min(self._capacity, self._tokens + (now - self._at) * self._rate)
        self._at = now

    def _schedule(self) -> None:
        if self._timer is None:
            wait = max(0.0, (1 - self._tokens) / self._rate)
            self._timer = self._clock.call_later(wait, self._due)

    def _due(self) -> None:
        self._timer = None
        self._refill()
        self._serve()

    def _serve(self) -> None:
        while self._tokens >= 1 - 1e-9 and self._waiters.wake():
            self._tokens -= 1
        if len(self._waiters):
            self._schedule()


@dataclass(slots=True)
class LimiterStats:
    """What a concurrency limiter has done so far."""

    limit: int
    active: int = 0
    peak: int = 0
    waiting: int = 0
    total_acquired: int = 0
    total_wait_ms: float = 0.0

    def to_json(self) -> dict[str, float]:
        """The counts under their wire names."""
        return {
            "limit": self.limit,
            "active": self.active,
            "peak": self.peak,
            "waiting": self.waiting,
            "totalAcquired": self.total_acquired,
            "totalWaitMs": self.total_wait_ms,
        }


class ConcurrencyLimiter:
    """At most `limit` holders at once; a freed place goes to the best waiter."""

    def __init__(self, clock: Clock, limit: int) -> None:
        self._clock = clock
        self._waiters = _Waiters()
        self.stats = LimiterStats(limit)

    async def acquire(self, priority: int) -> None:
        """Take a place, or wait for one."""
        stats = self.stats
        if stats.active >= stats.limit or len(self._waiters):
            await self._wait(priority)
        else:
            stats.active += 1
        stats.total_acquired += 1
        stats.peak = max(stats.peak, stats.active)

    async def _wait(self, priority: int) -> None:
        stats, since = self.stats, self._clock.now()
        future = self._waiters.add(priority)
        stats.waiting += 1
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self.release()  # the place had been handed over already
            raise
        finally:
            stats.waiting -= 1
            stats.total_wait_ms += (self._clock.now() - since) * 1000

    def release(self) -> None:
        """Give the place back: to the best waiter, who takes it over."""
        if not self._waiters.wake():
            self.stats.active -= 1


class Limits:
    """The limiters of an engine, one per module and configuration."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, int, int], TokenBucket] = {}
        self._permits: dict[tuple[str, int], ConcurrencyLimiter] = {}

    def bucket(self, module: str, count: int, per_ms: int) -> TokenBucket:
        """The bucket of a module for one rate."""
        key = module, count, per_ms
        found = self._buckets.get(key)
        if found is None:
            found = self._buckets[key] = TokenBucket(self._clock, count, per_ms / 1000)
        return found

    def permits(self, module: str, limit: int) -> ConcurrencyLimiter:
        """The permits of a module for one limit."""
        found = self._permits.get((module, limit))
        if found is None:
            found = self._permits[module, limit] = ConcurrencyLimiter(self._clock, limit)
        return found

    def statistics(self) -> dict[str, LimiterStats]:
        """Stats by `module/limit`."""
        return {f"{module}/{limit}": found.stats for (module, limit), found in self._permits.items()}
