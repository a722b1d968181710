"""Engines for tests, and a record of the calls they make.

Invariant: an engine for tests never waits in real time.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from constellation.engine.constellation import Constellation
from constellation.engine.observing import Event
from constellation.testing.clock import FakeClock


@dataclass(slots=True)
class RecordedCall:
    """One call of a module. `error` is None when it went well; `duration` is milliseconds."""

    module: str
    node_key: str
    duration: float | None = None
    error: BaseException | None = None


@asynccontextmanager
async def engine_for_tests(clock: FakeClock | None = None, **settings: Any) -> AsyncGenerator[Constellation]:
    """An engine on virtual time: delays, limits, throttles and cache lifetimes pass at once."""
    async with Constellation(clock=clock or FakeClock(), **settings) as engine:
        yield engine


@contextmanager
def record_calls(engine: Constellation) -> Generator[list[RecordedCall]]:
    """A list that fills with the calls of modules (pure functions of the library excepted) as they end."""
    calls: list[RecordedCall] = []

    def note(event: Event) -> None:
        if event.kind in ("module_completed", "module_failed") and event.module is not None:
            calls.append(RecordedCall(event.module, event.node_key or "", event.duration, event.error))

    engine.add_listener(note)
    try:
        yield calls
    finally:
        engine.remove_listener(note)
