"""What all routes of one application share.

Owns the engine, the configuration, the counters and the life-cycle phase. Refuses to do any work itself. Invariant:
there is one state per application and none outside of it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

from constellation.stores.memory import InMemoryPipelineStore
from constellation.versions import Deployments
from constellation.versions.canary import SideMetrics
from constellation_server.config import ServerConfig
from constellation_server.executions import ExecutionKeeper
from constellation_server.problems import ShuttingDown

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation

ReadinessCheck = Callable[[], Awaitable[bool]]


class Phase(StrEnum):
    """The one-way life of a server."""

    STARTING = "starting"
    RUNNING = "running"
    DRAINING = "draining"
    STOPPED = "stopped"


@dataclass(slots=True)
class Counters:
    """Totals since the start."""

    requests_total: int = 0
    in_flight: int = 0
    responses: Counter[str] = field(default_factory=Counter[str])
    executions: Counter[str] = field(default_factory=Counter[str])
    executions_in_flight: int = 0
    compile_times: SideMetrics = field(default_factory=SideMetrics)
    _dice: random.Random = field(default_factory=random.Random)

    def count(self, status: int) -> None:
        """Count one response under its class, `2xx` to `5xx` (an upgrade counts as `2xx`)."""
        self.responses[f"{max(status // 100, 2)}xx"] += 1

    def count_execution(self, status: str) -> None:
        """Count one execution by how it ended."""
        self.executions["total"] += 1
        self.executions[status] += 1

    def record_compile(self, milliseconds: float, *, failed: bool) -> None:
        """Count one compilation that the cache did not answer."""
        self.compile_times.record(failed, milliseconds, self._dice)


class ServerState:
    """The engine and everything around it."""

    def __init__(self, engine: Constellation, config: ServerConfig, deployments: Deployments) -> None:
        self.engine = engine
        self.config = config
        self.deployments = deployments
        self.executions = ExecutionKeeper(
            engine.suspensions, capacity=config.max_suspensions, ttl=config.suspension_ttl
        )
        self.counters = Counters()
        self.durable_store = not isinstance(engine.pipelines, InMemoryPipelineStore)
        """Whether the pipeline store may know texts from before the start."""
        self.known_texts: set[str] = set()
        """Hashes of sources whose entry in the store's index has been looked up already."""
        self.store_writable = True
        """Whether the last change of the pipeline store succeeded."""
        self.phase = Phase.STARTING
        self.accepting = True
        self.started = time.monotonic()
        self.readiness: dict[str, ReadinessCheck] = {}
        self.sources: dict[str, Path] = {}
        """Files the loader knows, by the name they are deployed under."""
        self.websockets: set[web.WebSocketResponse] = set()
        self.background: set[asyncio.Task[None]] = set()
        self.idle = asyncio.Event()
        self.idle.set()

    def require_accepting(self) -> None:
        """Refuse new work while the server drains."""
        if not self.accepting:
            raise ShuttingDown

    @property
    def uptime(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    def execution_started(self) -> None:
        """Count an execution in flight; draining waits for it."""
        self.counters.executions_in_flight += 1
        self.idle.clear()

    def execution_ended(self) -> None:
        """The execution ended, however."""
        self.counters.executions_in_flight -= 1
        if self.counters.executions_in_flight == 0:
            self.idle.set()


STATE: Final = web.AppKey("constellation.state", ServerState)
