"""Watching executions: listeners, metrics, traces.

Owns the protocols of the three, the events of an execution and their delivery. Refuses to let any watcher change,
delay or fail a run.

Invariant: events of one execution reach every listener in the order they happened, the start first, exactly one
terminal event last.
"""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from constellation.errors import cause_text

if TYPE_CHECKING:
    from constellation.engine.binding import BoundSite
    from constellation.engine.result import ExecutionResult
    from constellation.engine.result_cache import CacheBackend
    from constellation.engine.run_state import RunState
    from constellation.engine.scheduler import SchedulerStats

log = logging.getLogger("constellation.listeners")


class MetricsProvider(Protocol):
    """Counts and measures. Called on the event loop; must not block."""

    def counter(self, name: str, tags: Mapping[str, str] | None = None, value: int = 1) -> None: ...

    def histogram(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None: ...

    def gauge(self, name: str, value: float, tags: Mapping[str, str] | None = None) -> None: ...


class TracerProvider(Protocol):
    """Makes spans."""

    def span(self, name: str, attributes: Mapping[str, str]) -> AbstractAsyncContextManager[Any]: ...


class ExecutionListener:
    """Override what you need; every hook may be an ordinary or an asynchronous method."""

    def on_execution_start(self, execution_id: str, name: str) -> Any: ...

    def on_module_start(self, execution_id: str, node_key: str, module_name: str) -> Any: ...

    def on_module_complete(self, execution_id: str, node_key: str, module_name: str, duration_ms: float) -> Any: ...

    def on_module_failed(self, execution_id: str, node_key: str, module_name: str, error: Exception) -> Any: ...

    def on_module_skipped(self, execution_id: str, node_key: str, module_name: str) -> Any: ...

    def on_module_replayed(self, execution_id: str, node_key: str, module_name: str) -> Any: ...

    def on_log(self, execution_id: str, text: str) -> Any: ...

    def on_execution_suspended(self, execution_id: str, name: str, missing: Sequence[str]) -> Any: ...

    def on_execution_complete(self, execution_id: str, name: str, succeeded: bool, duration_ms: float) -> Any: ...

    def on_execution_cancelled(self, execution_id: str, name: str) -> Any: ...


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in an execution. `duration` is milliseconds.

    `kind` is one of execution_started, module_started, module_completed, module_failed, module_skipped,
    module_replayed, log (`metadata["text"]` is what the program's `log` wrote), execution_suspended,
    execution_completed, execution_cancelled.
    """

    kind: str
    execution_id: str
    name: str = ""
    module: str | None = None
    node_key: str | None = None
    duration: float | None = None
    error: BaseException | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


_BREAKER_STATES: Final = ("closed", "half_open", "open")

Listener = ExecutionListener | Callable[[Event], Any]


@dataclass(slots=True)
class ConstellationBackends:
    """What an engine reports to, and where it caches results."""

    metrics: MetricsProvider | None = None
    tracer: TracerProvider | None = None
    listener: Listener | Sequence[Listener] | None = None
    cache: CacheBackend | None = None


class Observers:
    """The watchers of an engine."""

    def __init__(self, backends: ConstellationBackends) -> None:
        self.metrics = backends.metrics
        self.tracer = backends.tracer
        given = backends.listener
        self.listeners: list[Listener] = []
        if callable(given) or isinstance(given, ExecutionListener):
            self.listeners.append(given)
        elif given is not None:
            self.listeners.extend(given)
        self._queues: dict[str, _Delivery] = {}
        self._taps: list[asyncio.Queue[Event]] = []

    @property
    def active(self) -> bool:
        """Whether anybody wants events of modules."""
        return bool(self.listeners or self._taps or self.metrics)

    @property
    def tracing(self) -> bool:
        """Whether spans are made."""
        return self.tracer is not None

    @property
    def any(self) -> bool:
        """Whether anybody watches at all."""
        return self.active or self.tracing

    # --- events ---

    def execution_started(self, run: RunState, name: str) -> None:
        """A run begins."""
        self._publish(Event("execution_started", run.execution_id, name))
        self._count("constellation.execution.started", {"pipeline": name})

    def execution_ended(self, result: ExecutionResult, name: str) -> None:
        """A run has ended: the terminal event."""
        status = result.status.value
        execution_id, duration = result.execution_id, result.metadata.total_duration_ms
        if status == "cancelled":
            self._publish(Event("execution_cancelled", execution_id, name))
        elif status == "suspended":
            missing = {"missing": tuple(result.missing_inputs)}
            self._publish(Event("execution_suspended", execution_id, name, duration=duration, metadata=missing))
        else:
            facts = {"succeeded": status == "completed"}
            self._publish(Event("execution_completed", execution_id, name, duration=duration, metadata=facts))
        self._count(f"constellation.execution.{status}", {"pipeline": name})
        self._count("constellation.execution.total", {"dag.name": name, "status": status})
        self._measure("constellation.execution.duration_ms", duration, {"dag.name": name})

    def module_started(self, run: RunState, site: BoundSite) -> None:
        """A call begins."""
        self._publish(Event("module_started", run.execution_id, module=site.written, node_key=site.key))

    def module_completed(self, run: RunState, site: BoundSite, seconds: float) -> None:
        """A call has a value."""
        ms = seconds * 1000
        self._publish(Event("module_completed", run.execution_id, module=site.written, node_key=site.key, duration=ms))
        self._measure("constellation.module.duration_ms", ms, {"module.name": site.module.name, "status": "completed"})

    def module_failed(self, run: RunState, site: BoundSite, error: BaseException, seconds: float) -> None:
        """A call has failed for good."""
        ms = seconds * 1000
        self._publish(
            Event(
                "module_failed", run.execution_id, module=site.written, node_key=site.key, duration=ms, error=error,
                metadata={"message": cause_text(error)},
            )
        )  # fmt: skip
        self._measure("constellation.module.duration_ms", ms, {"module.name": site.module.name, "status": "failed"})

    def module_noted(self, run: RunState, kind: str, site: BoundSite) -> None:
        """A call was replayed or skipped."""
        self._publish(Event(kind, run.execution_id, module=site.written, node_key=site.key))

    def logged(self, execution_id: str, text: str) -> None:
        """A program called `log`."""
        self._publish(Event("log", execution_id, metadata={"text": text}))

    def count(self, what: str, site: BoundSite) -> None:
        """A retry, timeout, fallback or absorbed failure of a module."""
        self._count(f"constellation.module.{what}", {"module.name": site.module.name})

    def suspension(self, what: str) -> None:
        """An execution was saved, or is resumed."""
        self._count(f"constellation.suspension.{what}", {})

    def cache(self, site: BoundSite, backend: str | None, what: str) -> None:
        """`hits`, `misses` or `errors` of the result cache."""
        self._count(f"constellation.cache.{what}", {"module.name": site.module.name, "backend": backend or "default"})

    def slot(self, stats: SchedulerStats, priority: int | None = None, seconds: float = 0.0) -> None:
        """A scheduler's slots changed hands; with a priority, a call got one after waiting."""
        if self.metrics is not None:
            self._safely(self.metrics.gauge, "constellation.scheduler.active", float(stats.active_count))
            self._safely(self.metrics.gauge, "constellation.scheduler.queued", float(stats.queued_count))
            if priority is not None:
                self._measure("constellation.scheduler.wait_ms", seconds * 1000, {"priority": str(priority)})

    def limited(self, site: BoundSite, kind: str, seconds: float) -> None:
        """A call got its token (`throttle`) or permit (`concurrency`) after waiting."""
        self._measure("constellation.limiter.wait_ms", seconds * 1000, {"module.name": site.module.name, "kind": kind})

    def breaker(self, module: str, state: str) -> None:
        """A circuit breaker changed its state."""
        if self.metrics is not None:
            value = float(_BREAKER_STATES.index(state))
            self._safely(self.metrics.gauge, "constellation.circuit_breaker.state", value, {"module.name": module})

    def compiled(self, seconds: float, cached: bool) -> None:
        """A source text was compiled, or taken from the cache."""
        self._count("constellation.compilation.total", {})
        self._measure("constellation.compilation.duration_ms", seconds * 1000, {})
        if cached:
            self._count("constellation.compilation.cache_hits", {})

    def _count(self, name: str, tags: Mapping[str, str]) -> None:
        if self.metrics is not None:
            self._safely(self.metrics.counter, name, tags)

    def _measure(self, name: str, value: float, tags: Mapping[str, str]) -> None:
        if self.metrics is not None:
            self._safely(self.metrics.histogram, name, value, tags)

    @staticmethod
    def _safely(function: Callable[..., Any], *arguments: Any) -> None:
        try:
            function(*arguments)
        except Exception:
            log.exception("A metrics provider failed")

    # --- delivery ---

    def _publish(self, event: Event) -> None:
        for tap in self._taps:
            tap.put_nowait(event)
        if self.listeners:
            delivery = self._queues.get(event.execution_id)
            if delivery is None:
                delivery = self._queues[event.execution_id] = _Delivery(self)
            delivery.add(event)

    async def flush(self, execution_id: str, seconds: float) -> None:
        """Wait, not for ever, until the events of an execution have been delivered."""
        delivery = self._queues.pop(execution_id, None)
        if delivery is not None:
            await delivery.finish(seconds)

    def forget(self, execution_id: str) -> None:
        """Deliver what there is of an execution without anybody waiting for it."""
        self._queues.pop(execution_id, None)

    @asynccontextmanager
    async def tap(self) -> AsyncGenerator[asyncio.Queue[Event]]:
        """A queue that gets every event from now on."""
        queue = self.open_tap()
        try:
            yield queue
        finally:
            self.close_tap(queue)

    def open_tap(self) -> asyncio.Queue[Event]:
        """The same for those who close it themselves."""
        queue: asyncio.Queue[Event] = asyncio.Queue()
        self._taps.append(queue)
        return queue

    def close_tap(self, queue: asyncio.Queue[Event]) -> None:
        """Stop filling a queue; closing it again changes nothing."""
        if queue in self._taps:
            self._taps.remove(queue)

    @asynccontextmanager
    async def module_span(self, run: RunState, site: BoundSite, attempt: int) -> AsyncGenerator[None]:
        """The span of one attempt."""
        attributes = {"module.name": site.module.name, "node": site.key, "attempt": str(attempt)}
        async with self.span("module.execute", attributes):
            yield

    @asynccontextmanager
    async def span(self, name: str, attributes: Mapping[str, str]) -> AsyncGenerator[None]:
        """A span, or nothing when nobody traces; a failing tracer is logged and ignored."""
        if self.tracer is None:
            yield
            return
        try:
            manager = self.tracer.span(name, attributes)
            await manager.__aenter__()
        except Exception:
            log.exception("A tracer failed")
            yield
            return
        try:
            yield
        except BaseException as error:
            await self._leave(manager, error)
            raise
        await self._leave(manager, None)

    @staticmethod
    async def _leave(manager: AbstractAsyncContextManager[Any], error: BaseException | None) -> None:
        try:
            await manager.__aexit__(type(error) if error else None, error, error.__traceback__ if error else None)
        except Exception as failure:
            if failure is not error:
                log.exception("A tracer failed")


class _Delivery:
    """The events of one execution on their way to the listeners."""

    def __init__(self, observers: Observers) -> None:
        self._observers = observers
        self._events: deque[Event] = deque()
        self._task: asyncio.Task[None] | None = None

    def add(self, event: Event) -> None:
        self._events.append(event)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._deliver())

    async def finish(self, seconds: float) -> None:
        if self._task is not None and not self._task.done():
            await asyncio.wait([self._task], timeout=seconds)

    async def _deliver(self) -> None:
        while self._events:
            event = self._events.popleft()
            for listener in list(self._observers.listeners):
                try:
                    answer = deliver(listener, event)
                    if inspect.isawaitable(answer):
                        await answer
                except Exception:
                    log.exception("A listener failed on %s", event.kind)


def deliver(listener: Listener, event: Event) -> Any:
    """Call the hook an event belongs to."""
    if not isinstance(listener, ExecutionListener):
        return listener(event)
    execution, key, module = event.execution_id, event.node_key or "", event.module or ""
    match event.kind:
        case "execution_started":
            return listener.on_execution_start(execution, event.name)
        case "module_started":
            return listener.on_module_start(execution, key, module)
        case "module_completed":
            return listener.on_module_complete(execution, key, module, event.duration or 0.0)
        case "module_failed":
            error = event.error if isinstance(event.error, Exception) else RuntimeError(str(event.error))
            return listener.on_module_failed(execution, key, module, error)
        case "module_skipped":
            return listener.on_module_skipped(execution, key, module)
        case "module_replayed":
            return listener.on_module_replayed(execution, key, module)
        case "log":
            return listener.on_log(execution, event.metadata["text"])
        case "execution_suspended":
            return listener.on_execution_suspended(execution, event.name, event.metadata["missing"])
        case "execution_completed":
            succeeded = bool(event.metadata["succeeded"])
            return listener.on_execution_complete(execution, event.name, succeeded, event.duration or 0.0)
        case _:
            return listener.on_execution_cancelled(execution, event.name)
