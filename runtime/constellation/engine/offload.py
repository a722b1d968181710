"""Bodies that may block: run in threads or processes, awaited on the loop.

Owns the two pools. Refuses to interrupt a thread: one that is no longer waited for ends by itself.

Invariant: pools are made at first use and released by `close`.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Any

from constellation.modules.binding import ProcessImplementation
from constellation.modules.module import Execution, Implementation, Module


class Workers:
    """An engine's thread pool and process pool."""

    def __init__(self, threads: int | None = None, clock: Any = None) -> None:
        # A virtual clock stands still while a body runs elsewhere.
        self._hold: Callable[[], Callable[[], None]] | None = getattr(clock, "hold", None)
        self._size = threads or min(32, (os.cpu_count() or 1) + 4)
        self._threads: ThreadPoolExecutor | None = None
        self._processes: Executor | None = None

    def wrap(self, module: Module, implementation: Implementation) -> Implementation:
        """The awaitable form of an implementation that blocks."""
        if module.execution is Execution.PROCESS and isinstance(implementation, ProcessImplementation):
            return self._in_process(implementation)
        return self.in_thread(implementation)

    def in_thread(self, implementation: Implementation) -> Implementation:
        """The implementation in a worker thread, with the caller's context variables."""

        async def threaded(*values: Any) -> Any:
            call = partial(contextvars.copy_context().run, implementation, *values)
            return await self._elsewhere(self._thread_pool(), call)

        return threaded

    def _in_process(self, implementation: ProcessImplementation) -> Implementation:
        async def elsewhere(*values: Any) -> Any:
            arguments = implementation.arguments(values)
            call = partial(implementation.function, *arguments)
            return implementation.result(await self._elsewhere(self._process_pool(), call))

        return elsewhere

    async def _elsewhere(self, pool: Executor, call: Callable[[], Any]) -> Any:
        running = asyncio.get_running_loop().run_in_executor(pool, call)
        if self._hold is not None:
            release = self._hold()
            running.add_done_callback(lambda _: release())
        return await running

    def _thread_pool(self) -> Executor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(self._size, thread_name_prefix="constellation")
        return self._threads

    def _process_pool(self) -> Executor:
        if self._processes is None:
            from concurrent.futures import ProcessPoolExecutor

            self._processes = ProcessPoolExecutor()
        return self._processes

    def close(self) -> None:
        """Release the pools; threads still busy are not waited for."""
        for pool in (self._threads, self._processes):
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)
        self._threads = self._processes = None
