"""Who may run now, over all runs of an engine.

Owns the slots of a bounded scheduler, the queue for them, and ageing. Refuses to know what runs in a slot.

Invariant: at most `max_concurrency` slots are held; a freed slot goes to the best waiter before any newcomer.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from constellation.engine.clock import Clock, RealClock
from constellation.engine.errors import QueueFullError, SchedulerShutdownError
from constellation.engine.options import seconds_of

AGEING_STEP = 10


@dataclass(slots=True)
class SchedulerStats:
    """Counts since the start, and what is going on now."""

    max_concurrency: int = 0
    max_queue_size: int = 0
    active_count: int = 0
    queued_count: int = 0
    total_submitted: int = 0
    total_completed: int = 0
    high_priority_completed: int = 0
    low_priority_completed: int = 0
    starvation_promotions: int = 0
    rejected: int = 0

    def to_json(self) -> dict[str, int]:
        """The counts under their wire names."""
        return {
            "activeCount": self.active_count,
            "queuedCount": self.queued_count,
            "totalSubmitted": self.total_submitted,
            "totalCompleted": self.total_completed,
            "highPriorityCompleted": self.high_priority_completed,
            "lowPriorityCompleted": self.low_priority_completed,
            "starvationPromotions": self.starvation_promotions,
            "maxConcurrency": self.max_concurrency,
            "maxQueueSize": self.max_queue_size,
            "rejected": self.rejected,
        }


class Scheduler(Protocol):
    """Gives slots to module calls."""

    bounded: bool

    async def acquire(self, priority: int) -> object: ...

    def enter(self, priority: int) -> object: ...

    def release(self, slot: object) -> None: ...

    def stats(self) -> SchedulerStats: ...

    def shutdown(self, drain: bool = True) -> None: ...


class _Slot:
    """A held slot. `lent` while a run inside the body uses it for a call of its own."""

    __slots__ = ("lender", "lent", "priority")

    def __init__(self, priority: int, lender: _Slot | None = None) -> None:
        self.priority = priority
        self.lent = False
        self.lender = lender


_held: ContextVar[_Slot | None] = ContextVar("constellation_slot", default=None)


@dataclass(slots=True, eq=False)
class _Entry:
    base: int
    order: int
    since: float
    future: asyncio.Future[None]


class _Counting:
    """The unbounded scheduler: everybody runs at once."""

    bounded = False

    def __init__(self) -> None:
        self._stats = SchedulerStats()

    async def acquire(self, priority: int) -> object:
        return self.enter(priority)

    def enter(self, priority: int) -> object:
        """A slot at once."""
        self._stats.total_submitted += 1
        self._stats.active_count += 1
        return _Slot(priority)

    def release(self, slot: object) -> None:
        _completed(self._stats, slot)

    def stats(self) -> SchedulerStats:
        return self._stats

    def shutdown(self, drain: bool = True) -> None:
        """Nobody waits here."""


def _completed(stats: SchedulerStats, slot: object) -> None:
    stats.active_count -= 1
    stats.total_completed += 1
    if isinstance(slot, _Slot):
        stats.high_priority_completed += slot.priority >= 75
        stats.low_priority_completed += slot.priority < 25


class BoundedScheduler:
    """At most `max_concurrency` calls in progress, highest priority first.

    Every sixth of `starvation_timeout` a waiting call gains ten points of priority, up to 100.
    """

    bounded = True

    def __init__(
        self,
        max_concurrency: int,
        max_queue_size: int = 0,
        starvation_timeout: float = 30.0,
        clock: Clock | None = None,
    ) -> None:
        if max_concurrency < 1:
            raise ValueError("max_concurrency must be at least 1")
        self._clock: Clock = clock or RealClock()
        self._interval = starvation_timeout / 6
        self._queues: dict[int, deque[_Entry]] = {}
        self._order = 0
        self._closed = False
        self._stats = SchedulerStats(max_concurrency, max_queue_size)

    def use_clock(self, clock: Clock) -> None:
        """Measure waiting on another clock: the engine's."""
        self._clock = clock

    async def acquire(self, priority: int) -> object:
        """A slot, as soon as one is free for a call of this priority. Raises when the queue is full or closed."""
        stats = self._stats
        outer = _held.get()
        if outer is not None and not outer.lent:
            outer.lent = True
            return _Slot(priority, outer)
        if self._closed:
            raise SchedulerShutdownError
        if stats.active_count < stats.max_concurrency and not stats.queued_count:
            stats.active_count += 1
        elif stats.max_queue_size and stats.queued_count >= stats.max_queue_size:
            stats.rejected += 1
            raise QueueFullError(stats.queued_count, stats.max_queue_size)
        else:
            await self._wait(priority)
        stats.total_submitted += 1
        return _Slot(priority)

    def enter(self, priority: int) -> object:
        """A slot at once, or `QueueFullError`: for those who cannot wait."""
        stats = self._stats
        if self._closed:
            raise SchedulerShutdownError
        if stats.active_count >= stats.max_concurrency or stats.queued_count:
            raise QueueFullError(stats.queued_count, stats.max_queue_size)
        stats.active_count += 1
        stats.total_submitted += 1
        return _Slot(priority)

    async def _wait(self, priority: int) -> None:
        stats = self._stats
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._order += 1
        entry = _Entry(priority, self._order, self._clock.now(), future)
        self._queues.setdefault(priority, deque()).append(entry)
        stats.queued_count += 1
        try:
            await future
        except BaseException:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._free()  # the slot had been handed over already
            else:
                self._remove(entry)
            raise

    def _remove(self, entry: _Entry) -> None:
        queue = self._queues.get(entry.base)
        if queue is not None and entry in queue:
            queue.remove(entry)
            self._stats.queued_count -= 1

    def release(self, slot: object) -> None:
        """Give a slot back."""
        if isinstance(slot, _Slot):
            slot.lent = True  # nobody may borrow it any more
            if slot.lender is not None:
                slot.lender.lent = False
                return
        _completed(self._stats, slot)
        self._stats.active_count += 1
        self._free()

    def _free(self) -> None:
        """Hand a held slot to the best waiter, or put it back."""
        entry = self._best()
        if entry is None:
            self._stats.active_count -= 1
            return
        self._remove(entry)
        entry.future.set_result(None)

    def _best(self) -> _Entry | None:
        """The waiter with the highest priority after ageing; of equals, the one that came first."""
        now = self._clock.now()
        best: _Entry | None = None
        best_rank = (0, 0)
        highest = -1
        for queue in self._queues.values():
            while queue and queue[0].future.done():  # cancelled, and not yet gone by itself
                queue.popleft()
                self._stats.queued_count -= 1
            if not queue:
                continue
            head = queue[0]
            highest = max(highest, head.base)
            steps = int((now - head.since) / self._interval) if self._interval > 0 else 0
            rank = (min(100, head.base + AGEING_STEP * steps), -head.order)
            if best is None or rank > best_rank:
                best, best_rank = head, rank
        if best is not None and best.base < highest:
            self._stats.starvation_promotions += 1
        return best

    def stats(self) -> SchedulerStats:
        """Counts since the start, and what is going on now."""
        return self._stats

    def shutdown(self, drain: bool = True) -> None:
        """Take no more calls; without `drain`, those waiting fail."""
        self._closed = True
        if drain:
            return
        for queue in self._queues.values():
            while queue:
                entry = queue.popleft()
                self._stats.queued_count -= 1
                if not entry.future.done():
                    entry.future.set_exception(SchedulerShutdownError())


@asynccontextmanager
async def slot_of(scheduler: Scheduler, priority: int) -> AsyncGenerator[None]:
    """Hold a slot; a run started inside may use it for one of its calls at a time."""
    slot = await scheduler.acquire(priority)
    token = _held.set(slot if isinstance(slot, _Slot) else None)
    try:
        yield
    finally:
        _held.reset(token)
        scheduler.release(slot)


class GlobalScheduler:
    """Makes schedulers."""

    @staticmethod
    def unbounded() -> Scheduler:
        """Everybody runs at once; only counts."""
        return _Counting()

    @staticmethod
    def bounded(
        max_concurrency: int,
        max_queue_size: int = 0,
        starvation_timeout: float | timedelta = 30.0,
        starvation_timeout_ms: int | None = None,
    ) -> BoundedScheduler:
        """At most `max_concurrency` module bodies at once; `max_queue_size` 0 is no limit. Durations are seconds."""
        seconds = seconds_of(starvation_timeout) or 0.0
        if starvation_timeout_ms is not None:
            seconds = starvation_timeout_ms / 1000
        return BoundedScheduler(max_concurrency, max_queue_size, seconds)
