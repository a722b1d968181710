"""Many runs of one pipeline.

Owns back-pressure and order. Refuses to run more than asked for at once.

Invariant: never more than `concurrency` runs are alive, and none is left when the consumer stops.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable
from typing import Any, TypeVar

from constellation.engine.result import ExecutionResult

K = TypeVar("K")
Start = Callable[[Any], Coroutine[Any, Any, ExecutionResult]]


async def in_order(
    start: Start, rows: Iterable[Any] | AsyncIterable[Any], concurrency: int
) -> AsyncGenerator[ExecutionResult]:
    """Results in the order of the inputs."""
    running: deque[asyncio.Task[ExecutionResult]] = deque()
    source = _pull(rows)
    try:
        async for row in source:
            running.append(asyncio.ensure_future(start(row)))
            if len(running) >= concurrency:
                yield await running[0]
                running.popleft()
        while running:
            yield await running[0]
            running.popleft()
    finally:
        await _cancel(running)


async def as_completed(
    start: Start, rows: Iterable[tuple[K, Any]] | AsyncIterable[tuple[K, Any]], concurrency: int
) -> AsyncGenerator[tuple[K, ExecutionResult]]:
    """Results as they come, each with its key."""
    running: dict[asyncio.Task[ExecutionResult], K] = {}
    source = _pull(rows)
    exhausted = False
    try:
        while running or not exhausted:
            while not exhausted and len(running) < concurrency:
                try:
                    key, row = await anext(source)
                except StopAsyncIteration:
                    exhausted = True
                    break
                running[asyncio.ensure_future(start(row))] = key
            if not running:
                break
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                key = running.pop(task)
                yield key, task.result()
    finally:
        await _cancel(running)


async def _pull(rows: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[Any]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
        return
    for row in rows:
        yield row


async def _cancel(tasks: Iterable[asyncio.Task[Any]]) -> None:
    left = list(tasks)
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
