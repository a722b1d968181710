"""Work that several tasks want at the same moment, done once in a thread.

Owns who waits for whom. Refuses to keep results. Invariant: at any moment at most one thread works on a key, and a
caller that gives up takes nothing away from the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import Generic, TypeVar

V = TypeVar("V")


class Flights(Generic[V]):
    """Computations under way, by key."""

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[V]] = {}

    async def share(self, key: Hashable, work: Callable[[], V]) -> tuple[V, bool]:
        """The result of `work` in a thread, and whether this call began it. An error is every caller's."""
        task = self._running.get(key)
        began = task is None or task.done() or task.get_loop() is not asyncio.get_running_loop()
        if task is None or began:
            task = self._running[key] = asyncio.create_task(asyncio.to_thread(work))
            task.add_done_callback(partial(self._land, key))
        return await asyncio.shield(task), began

    def _land(self, key: Hashable, task: asyncio.Task[V]) -> None:
        if self._running.get(key) is task:
            del self._running[key]
