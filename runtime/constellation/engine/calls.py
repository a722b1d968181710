"""Calls with options in effect.

Owns the order in which options act on one call, outermost first: fallback and `on_error`; cache; retries; and for each
attempt throttle, concurrency, scheduler slot, circuit breaker, time limit, body. Refuses to know nodes and cells.

Invariant: what an attempt acquires is released in reverse order whatever happens; no token, permit or slot is held
while waiting between attempts; cancellation of the run is never retried or absorbed.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any, Final

from constellation.engine.binding import BoundSite
from constellation.engine.breaker import CircuitBreaker, CircuitBreakers
from constellation.engine.clock import Clock, Limit, duration_text, sleep
from constellation.engine.errors import CircuitOpenError, ModuleTimeoutError, RetryExhaustedError
from constellation.engine.failures import site_name
from constellation.engine.limits import Limits
from constellation.engine.offload import Workers
from constellation.engine.plan import Blocked, NodeFailure
from constellation.engine.result import iso_time
from constellation.engine.result_cache import ResultCache, call_key
from constellation.engine.scheduler import Scheduler, slot_of
from constellation.engine.zero import zero_value
from constellation.errors import cause_text
from constellation.image.graph import CallOptions
from constellation.modules.context import ModuleContext
from constellation.modules.errors import ModuleError
from constellation.modules.module import Execution
from constellation.types.conversion import ConversionError
from constellation.types.json import encode

if TYPE_CHECKING:
    from constellation.engine.observing import Observers
    from constellation.engine.run_state import RunState

log = logging.getLogger("constellation.module")

MAX_DELAY: Final = 30.0
HISTORY: Final = 20
NO_OPTIONS: Final = CallOptions()

Fallback = Callable[[], Awaitable[Any]] | None


class FallbackFailed(Exception):
    """The call failed, and so did its fallback."""

    def __init__(self, primary: BaseException, secondary: BaseException) -> None:
        inner = secondary.error if isinstance(secondary, NodeFailure) else secondary
        super().__init__(f"{cause_text(primary)}; fallback failed: {cause_text(inner)}")


class Calls:
    """What calls share across the runs of an engine."""

    def __init__(
        self,
        clock: Clock,
        scheduler: Scheduler,
        breakers: CircuitBreakers,
        cache: ResultCache,
        observers: Observers,
        workers: Workers,
        *,
        automatic_ttl: float | None = None,
        backoff_jitter: float = 0.0,
        inline_timeouts: bool = False,
    ) -> None:
        self.clock = clock
        self.limits = Limits(clock)
        self.scheduler = scheduler
        self.breakers = breakers
        self.cache = cache
        self._observers = observers
        self._workers = workers
        self._automatic_ttl = automatic_ttl
        self._jitter = backoff_jitter
        self._inline_timeouts = inline_timeouts

    def context(self, run: RunState, site: BoundSite, attempt: int, deadline: float | None) -> ModuleContext:
        """What the body of one attempt may know."""
        limits = [d for d in (deadline, run.deadline) if d is not None]
        context = ModuleContext(
            run.execution_id,
            site.module.name,
            attempt,
            self._priority(run, site.options or NO_OPTIONS),
            min(limits) if limits else None,
            run.metadata,
            lambda: run.cancelled,
            self.clock.now,
        )
        run.contexts.append((site.key, context))
        return context

    @staticmethod
    def _priority(run: RunState, options: CallOptions) -> int:
        chosen = options.priority if options.priority is not None else run.priority
        return 50 if chosen is None else max(0, min(100, chosen))

    # --- absorbing failures ---

    async def call(self, run: RunState, site: BoundSite, values: tuple[Any, ...], fallback: Fallback) -> Any:
        """The value of a call, or of what stands in for it."""
        options = site.options or NO_OPTIONS
        observers = self._observers
        if observers.active:
            observers.module_started(run, site)
        begun = self.clock.now()
        try:
            value = await self._cached(run, site, options, values)
        except (Blocked, NodeFailure):
            raise
        except Exception as error:
            if observers.active:
                observers.module_failed(run, site, error, self.clock.now() - begun)
            return await self._absorbed(run, site, options, error, fallback)
        except BaseException:
            if observers.active:
                observers.module_failed(run, site, asyncio.CancelledError(), self.clock.now() - begun)
            raise
        if observers.active:
            observers.module_completed(run, site, self.clock.now() - begun)
        if options.on_error == "wrap":
            right = encode(site.site.call.returns)(value)
            run.wrapped[_shown_name(run, site)] = {"isRight": True, "right": right, "left": None}
        return value

    async def _absorbed(
        self, run: RunState, site: BoundSite, options: CallOptions, error: Exception, fallback: Fallback
    ) -> Any:
        strategy = options.on_error
        message = cause_text(error)
        if strategy == "log":
            log.warning("[%s] failed: %s. Skipping.", site.written, message, extra={"execution_id": run.execution_id})
        if fallback is not None:
            try:
                value = await fallback()
            except Blocked:
                raise error from None
            except Exception as second:
                raise FallbackFailed(error, second) from error
            self._note(run, site, message, "fallback")
            return value
        if strategy not in ("skip", "log", "wrap"):
            raise error
        self._note(run, site, message, strategy)
        if strategy == "wrap":
            left = {
                "moduleName": site.written,
                "errorType": type(error).__name__,
                "message": message,
                "timestamp": iso_time(self.clock.wall()),
            }
            run.wrapped[_shown_name(run, site)] = {"isRight": False, "right": None, "left": left}
        return zero_value(site.site.call.returns)

    def _note(self, run: RunState, site: BoundSite, message: str, strategy: str) -> None:
        node = _shown_name(run, site)
        run.absorbed.append({"node": node, "moduleName": site.written, "message": message, "strategy": strategy})
        self._observers.count("fallbacks" if strategy == "fallback" else "absorbed", site)

    # --- cache ---

    async def _cached(self, run: RunState, site: BoundSite, options: CallOptions, values: tuple[Any, ...]) -> Any:
        ttl = self._ttl(run, site, options)
        if ttl is None:
            return await self._attempts(run, site, options, values)
        module = site.module
        key = call_key(module.name, module.spec.version, site.parameters, site.types, values, module.cache_key)
        if key is None:
            run.warnings.append(f"Results of {site.written} are not cached: an argument has no canonical form")
            return await self._attempts(run, site, options, values)
        backend = self.cache.backend(options.cache_backend)
        errors = self.cache.errors
        value, found = await self.cache.get_or_compute(
            backend, key, ttl, site.site.call.returns, lambda: self._attempts(run, site, options, values)
        )
        if found:
            run.cache_hits += 1
        self._observers.cache(site, options.cache_backend, "hits" if found else "misses")
        if self.cache.errors > errors:
            self._observers.cache(site, options.cache_backend, "errors")
        return value

    def _ttl(self, run: RunState, site: BoundSite, options: CallOptions) -> float | None:
        if not run.use_cache:
            return None
        if options.cache_ms is not None:
            return options.cache_ms / 1000
        module = site.module
        if self._automatic_ttl is None or module.spec.pure or module.spec.effectful or not module.cacheable:
            return None
        return module.cache_ttl if module.cache_ttl is not None else self._automatic_ttl

    # --- attempts ---

    async def _attempts(self, run: RunState, site: BoundSite, options: CallOptions, values: tuple[Any, ...]) -> Any:
        retries = options.retry or 0
        history: list[str] = []
        attempt = 0
        while True:
            attempt += 1
            if attempt > 1:
                run.attempts[site.key] = attempt
            try:
                return await self._attempt(run, site, options, values, attempt)
            except (Blocked, NodeFailure):
                raise
            except asyncio.CancelledError as error:
                if _being_cancelled(run):
                    raise
                failure: BaseException = error
            except Exception as error:
                failure = error
            history = [*history, cause_text(failure)][-HISTORY:]
            if attempt > retries or not _retryable(failure):
                if attempt == 1:
                    raise failure
                raise RetryExhaustedError(site.written, attempt, history) from failure
            self._observers.count("retries", site)
            await sleep(self.clock, self._delay(options, attempt))

    def _delay(self, options: CallOptions, attempt: int) -> float:
        if options.delay_ms is None:
            return 0.0
        base = options.delay_ms / 1000
        factor = {"linear": attempt, "exponential": 1 << min(attempt - 1, 40)}.get(options.backoff or "fixed", 1)
        delay: float = min(factor * base, max(MAX_DELAY, base))
        return delay * (1 - self._jitter * random.random()) if self._jitter else delay

    async def _attempt(
        self, run: RunState, site: BoundSite, options: CallOptions, values: tuple[Any, ...], attempt: int
    ) -> Any:
        module = site.module
        breaker = self.breakers.of(module.name, module.circuit_breaker)
        if breaker is not None:
            breaker.peek()
        priority = self._priority(run, options)
        if options.throttle_count is None and options.concurrency is None and not self.scheduler.bounded:
            counted = self.scheduler.enter(priority)
            try:
                return await self._checked_body(breaker, run, site, options, values, attempt)
            finally:
                self.scheduler.release(counted)
        async with AsyncExitStack() as held:
            await self._limited(held, site, options, priority)
            if not module.spec.pure:
                await self._slot(held, priority)
            return await self._checked_body(breaker, run, site, options, values, attempt)

    async def _limited(self, held: AsyncExitStack, site: BoundSite, options: CallOptions, priority: int) -> None:
        """A token, then a permit."""
        clock, name = self.clock, site.module.name
        since = clock.now()
        if options.throttle_count is not None and options.throttle_per_ms is not None:
            await self.limits.bucket(name, options.throttle_count, options.throttle_per_ms).take(priority)
            self._observers.limited(site, "throttle", clock.now() - since)
        since = clock.now()
        if options.concurrency is not None:
            permits = self.limits.permits(name, options.concurrency)
            await permits.acquire(priority)
            held.callback(permits.release)
            self._observers.limited(site, "concurrency", clock.now() - since)

    async def _slot(self, held: AsyncExitStack, priority: int) -> None:
        observers, scheduler, since = self._observers, self.scheduler, self.clock.now()
        if observers.metrics is None:
            await held.enter_async_context(slot_of(scheduler, priority))
            return
        held.callback(lambda: observers.slot(scheduler.stats()))
        await held.enter_async_context(slot_of(scheduler, priority))
        observers.slot(scheduler.stats(), priority, self.clock.now() - since)

    async def _checked_body(
        self,
        breaker: CircuitBreaker | None,
        run: RunState,
        site: BoundSite,
        options: CallOptions,
        values: tuple[Any, ...],
        attempt: int,
    ) -> Any:
        if breaker is None:
            return await self._timed_body(run, site, options, values, attempt)
        return await self._guarded_body(breaker, run, site, options, values, attempt)

    async def _guarded_body(
        self,
        breaker: CircuitBreaker,
        run: RunState,
        site: BoundSite,
        options: CallOptions,
        values: tuple[Any, ...],
        attempt: int,
    ) -> Any:
        era = breaker.enter()
        try:
            value = await self._timed_body(run, site, options, values, attempt)
        except asyncio.CancelledError:
            breaker.cancelled(era)
            raise
        except Exception as error:
            if isinstance(error, ConversionError) or getattr(error, "counts_as_failure", True) is False:
                breaker.cancelled(era)
            else:
                breaker.failed(era)
            raise
        breaker.succeeded(era)
        return value

    async def _timed_body(
        self, run: RunState, site: BoundSite, options: CallOptions, values: tuple[Any, ...], attempt: int
    ) -> Any:
        limits = [options.timeout_ms / 1000] if options.timeout_ms is not None else []
        if site.module.timeout is not None:
            limits.append(site.module.timeout)
        if not limits:
            return await self._body(run, site, values, attempt, None)
        seconds = min(limits)
        limit = Limit(self.clock, seconds)
        try:
            async with limit:
                return await self._body(run, site, values, attempt, self.clock.now() + seconds)
        except TimeoutError as error:
            if not limit.expired:
                raise
            self._observers.count("timeouts", site)
            raise ModuleTimeoutError(site.written, duration_text(seconds)) from error

    async def _body(
        self, run: RunState, site: BoundSite, values: tuple[Any, ...], attempt: int, deadline: float | None
    ) -> Any:
        if site.form.context:
            values = (self.context(run, site, attempt, deadline), *values)
        module = site.module
        awaits = module.execution is not Execution.INLINE or site.form.awaits_lambdas
        if self._observers.tracing:
            async with self._observers.module_span(run, site, attempt):
                return await site.call(*values) if awaits else site.call(*values)
        if awaits:
            return await site.call(*values)
        if deadline is not None and not module.spec.pure and not self._inline_timeouts:
            return await self._workers.in_thread(site.call)(*values)
        return site.call(*values)


def _shown_name(run: RunState, site: BoundSite) -> str:
    return site_name(run.plan.layout.nodes[site.site.node], site.site)


def _being_cancelled(run: RunState) -> bool:
    task = asyncio.current_task()
    return run.cancelled or task is None or task.cancelling() > 0


def _retryable(error: BaseException) -> bool:
    if isinstance(error, ConversionError):
        return False
    if isinstance(error, ModuleError):
        return error.retryable
    return isinstance(error, Exception | asyncio.CancelledError | CircuitOpenError)
