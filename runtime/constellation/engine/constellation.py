"""The engine: compiles, runs, stores and resumes pipelines inside any Python program.

Owns the parts (registry, compiler, stores, clock, life cycle) and hands work to them. Refuses to do any of it itself.

Invariant: two engines share nothing, whatever their modules are called.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import (
    AsyncGenerator,
    AsyncIterable,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Mapping,
    Sequence,
)
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import cached_property
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any

from constellation.engine.batches import as_completed, in_order
from constellation.engine.breaker import CircuitBreakerConfig, CircuitBreakers
from constellation.engine.builder import ConstellationBuilder
from constellation.engine.calls import Calls
from constellation.engine.clock import Clock, RealClock
from constellation.engine.compiling import DEFAULT_SETS, Compiling, Target, registry_of
from constellation.engine.deploying import NamedVersions, deployments_of, run_routed
from constellation.engine.execution import Execution
from constellation.engine.executions import Executions
from constellation.engine.explaining import PlannedCall, explain
from constellation.engine.fakes import Fake
from constellation.engine.handle import ExecutionHandle
from constellation.engine.lifecycle import ConstellationLifecycle
from constellation.engine.observing import ConstellationBackends, Event, Listener, Observers
from constellation.engine.offload import Workers
from constellation.engine.options import DEFAULT_OPTIONS, Duration, ExecutionOptions, seconds_of
from constellation.engine.pipeline import Pipeline
from constellation.engine.plan import UNSET, Unset
from constellation.engine.result import ExecutionResult
from constellation.engine.result_cache import ResultCache, automatic_ttl
from constellation.engine.scheduler import BoundedScheduler, GlobalScheduler, Scheduler
from constellation.engine.stepping import Stepper
from constellation.image.image import PipelineImage
from constellation.modules.module import Implementation, Module
from constellation.stores.memory import InMemoryPipelineStore, InMemorySuspensionStore
from constellation.stores.protocols import PipelineStore, SuspensionStore
from constellation.stores.roots import protect_images
from constellation.stores.suspension import SuspendedExecution

if TYPE_CHECKING:
    from constellation.compiler.cache import CompileCache
    from constellation.versions import Deployments, Router
    from constellation.versions.deployments import Deployment


class Constellation(Compiling):
    """An engine. All parameters are keyword-only and optional; making one does no I/O.

    `modules` are modules, decorated functions, or libraries of them. `stdlib` names the sets of the standard library
    (the default ones are always there). `compile_cache=None` turns that cache off. Durations are seconds or timedeltas.
    With a `random_seed`, what `stdlib.random` draws is the same in every engine that runs the same pipelines in order.
    """

    def __init__(
        self,
        *,
        modules: Iterable[Any] = (),
        stdlib: Sequence[str] = DEFAULT_SETS,
        pipeline_store: PipelineStore | None = None,
        suspension_store: SuspensionStore | None = None,
        default_timeout: Duration = None,
        compile_cache: CompileCache[Any] | Unset | None = UNSET,
        scheduler: Scheduler | None = None,
        backends: ConstellationBackends | None = None,
        circuit_breaker: CircuitBreakerConfig | None = None,
        default_cache_ttl: Duration | Unset = UNSET,
        clock: Clock | None = None,
        name: str = "constellation",
        lifecycle: ConstellationLifecycle | None = None,
        persist_statuses: Sequence[str] = ("suspended", "failed", "cancelled"),
        blocking_workers: int | None = None,
        suspend_on_missing_optional: bool = False,
        backoff_jitter: float = 0.0,
        inline_timeouts: bool = False,
        listener_flush_ms: float = 100.0,
        random_seed: int | None = None,
    ) -> None:
        self._settings = {name: value for name, value in locals().items() if name not in ("self", "__class__")}
        super().__init__(compile_cache)
        self.name = name
        self.clock: Clock = clock or RealClock()
        self.random = Random(random_seed)
        self.modules = registry_of(stdlib, modules)
        self.pipelines: PipelineStore = pipeline_store or InMemoryPipelineStore()
        self.suspensions: SuspensionStore = suspension_store or InMemorySuspensionStore(
            now=self.clock.wall, monotonic=self.clock.now
        )
        protect_images(self.pipelines, self.suspensions)
        self.default_timeout = seconds_of(default_timeout)
        self.lifecycle = lifecycle or ConstellationLifecycle()
        self.executions = Executions(self.suspensions, persist_statuses)
        self.suspend_on_missing_optional = suspend_on_missing_optional
        self.workers = Workers(blocking_workers, self.clock)
        self.backends = backends or ConstellationBackends()
        self.observers = Observers(self.backends)
        self.scheduler: Scheduler = scheduler or GlobalScheduler.unbounded()
        if isinstance(self.scheduler, BoundedScheduler):
            self.scheduler.use_clock(self.clock)
        self.circuit_breakers = CircuitBreakers(circuit_breaker, self.clock.now, self.observers.breaker)
        self.caches = ResultCache(self.backends.cache, self.clock)
        self._automatic_ttl = automatic_ttl(
            UNSET if isinstance(default_cache_ttl, Unset) else seconds_of(default_cache_ttl), self.caches.configured
        )
        self._flush_seconds = listener_flush_ms / 1000
        self.calls = Calls(
            self.clock,
            self.scheduler,
            self.circuit_breakers,
            self.caches,
            self.observers,
            self.workers,
            automatic_ttl=self._automatic_ttl,
            backoff_jitter=backoff_jitter,
            inline_timeouts=inline_timeouts,
        )
        self._lifespans = AsyncExitStack()
        self._entered: set[int] = set()
        self._shutdown: asyncio.Future[None] | None = None
        self.resuming: set[str] = set()
        self.owner = f"{name}:{os.getpid()}:{os.urandom(4).hex()}"

    def _engine(self) -> Constellation:
        return self

    @property
    def guarded(self) -> bool:
        """Whether every call goes through the call machinery: somebody limits, caches or watches calls."""
        return (
            self.scheduler.bounded
            or self.circuit_breakers.active
            or self._automatic_ttl is not None
            or self.observers.any
        )

    @staticmethod
    def builder() -> ConstellationBuilder:
        """A builder, for those used to one."""
        return ConstellationBuilder()

    def replace(self, **changes: Any) -> Constellation:
        """A new engine with the same settings except for the changes."""
        return Constellation(**{**self._settings, **changes})

    # --- modules ---

    def register(self, *modules: Any, replace: bool = True) -> list[str]:
        """Add modules; returns their names. See `ModuleRegistry.register`."""
        return self.modules.register(*modules, replace=replace)

    def unregister(self, name: str) -> Module:
        """Remove a module. Raises `KeyError`."""
        return self.modules.unregister(name)

    @contextmanager
    def override(self, **fakes: Callable[..., Any]) -> Generator[dict[str, Fake]]:
        """Replace modules by plain functions for a while. A fake must take the parameters of what it stands for.

        Raises `ModuleDefinitionError` for one that does not, `KeyError` for a module that does not exist.
        """
        made = {name: Fake(self.modules[name], function) for name, function in fakes.items()}
        self.modules.register([fake.module for fake in made.values()])
        try:
            yield made
        finally:
            self.modules.register([fake.original for fake in made.values()])

    def offload(self, module: Module, implementation: Implementation) -> Implementation:
        """The awaitable form of a body that runs in a thread or a process."""
        return self.workers.wrap(module, implementation)

    # --- running ---

    async def run(
        self,
        target: Target,
        inputs: Mapping[str, Any] | None = None,
        options: ExecutionOptions | None = None,
        **changes: Any,
    ) -> ExecutionResult:
        """Run a pipeline, an image, or what a name or hash refers to.

        Keyword arguments are fields of `ExecutionOptions` and win over `options`. Raises for what the caller did
        wrong (unknown reference, bad inputs, engine shut down); a run that fails gives a result saying so.
        """
        chosen = options or DEFAULT_OPTIONS
        if changes:
            chosen = chosen.with_changes(changes)
        if isinstance(target, Pipeline):
            return await Execution(self, target, inputs or {}, chosen).execute()
        ref = target if isinstance(target, str) else None
        routed = self.router.choose(ref) if ref is not None else None
        pipeline = await self.pipeline(routed if routed is not None else target)
        result = await Execution(self, pipeline, inputs or {}, chosen, ref).execute()
        if ref is not None and routed is not None:
            await run_routed(self.deployments, ref, routed, result)
        return result

    def start(
        self,
        target: Pipeline | PipelineImage | str,
        inputs: Mapping[str, Any] | None = None,
        options: ExecutionOptions | None = None,
        **changes: Any,
    ) -> ExecutionHandle:
        """Start a run and return at once. A name or hash must be in memory (`await engine.pipeline(ref)` loads it)."""
        pipeline = self.pipeline_now(target)
        chosen = (options or DEFAULT_OPTIONS).with_changes(changes)
        queue = self.observers.open_tap()
        try:
            ref = target if isinstance(target, str) else None
            execution = Execution(self, pipeline, inputs or {}, chosen, ref)
        except BaseException:
            self.observers.close_tap(queue)
            raise
        return ExecutionHandle(execution, queue)

    def explain(self, target: Target, inputs: Mapping[str, Any] | None = None) -> tuple[PlannedCall, ...]:
        """Which calls a run with these inputs would make, which it might, and which are blocked by what."""
        return explain(self.pipeline_now(target), inputs or {})

    @asynccontextmanager
    async def step(
        self, target: Target, inputs: Mapping[str, Any] | None = None, **changes: Any
    ) -> AsyncGenerator[Stepper]:
        """Run a pipeline one dependency wave at a time; wave 0 shows the inputs."""
        stepper = self.stepper(await self.pipeline(target), inputs, **changes)
        try:
            yield stepper
        finally:
            stepper.stop()

    def stepper(self, pipeline: Pipeline, inputs: Mapping[str, Any] | None = None, **changes: Any) -> Stepper:
        """The same for those who end the walk themselves, with `stepper.stop()`."""
        return Stepper(Execution(self, pipeline, inputs or {}, DEFAULT_OPTIONS.with_changes(changes)))

    def map(
        self, target: Target, rows: Iterable[Any] | AsyncIterable[Any], *, concurrency: int = 16, **changes: Any
    ) -> AsyncGenerator[ExecutionResult]:
        """Run a pipeline for many inputs; results in their order, never more than `concurrency` at once. Closing the
        iterator cancels the rest; after a `break` that happens as soon as Python drops it."""
        return in_order(lambda row: self.run(target, row, **changes), rows, concurrency)

    def map_unordered(
        self,
        target: Target,
        rows: Mapping[Any, Any] | Iterable[tuple[Any, Any]] | AsyncIterable[tuple[Any, Any]],
        *,
        concurrency: int = 16,
        **changes: Any,
    ) -> AsyncGenerator[tuple[Any, ExecutionResult]]:
        """The same with keys, each result as soon as it is there."""
        pairs: Any = rows.items() if isinstance(rows, Mapping) else rows  # pyright: ignore[reportUnknownVariableType]
        return as_completed(lambda row: self.run(target, row, **changes), pairs, concurrency)

    async def events(self) -> AsyncIterator[Event]:
        """Everything that happens in the engine's executions from now on."""
        async with self.observers.tap() as queue:
            while True:
                yield await queue.get()

    def add_listener(self, listener: Listener) -> None:
        """Tell a listener about executions from now on."""
        self.observers.listeners.append(listener)

    def remove_listener(self, listener: Listener) -> None:
        """Tell it nothing more."""
        self.observers.listeners.remove(listener)

    async def invalidate_cache(self, module: str | None = None) -> None:
        """Forget cached results of one module, or of all."""
        await self.caches.invalidate(module)

    async def flush_events(self, execution_id: str) -> None:
        """Wait, not for ever, until listeners have heard of everything in an execution."""
        await self.observers.flush(execution_id, self._flush_seconds)

    async def run_source(
        self,
        source: str,
        inputs: Mapping[str, Any] | None = None,
        options: ExecutionOptions | None = None,
        **changes: Any,
    ) -> ExecutionResult:
        """Compile and run. Raises `CompileFailed`, and like `run`. The image is stored without a name, so that a
        suspended run can be resumed."""
        pipeline = await self.compile_async(source)
        return await self.run(pipeline, inputs, options, **changes)

    def run_sync(self, target: Target, inputs: Mapping[str, Any] | None = None, **changes: Any) -> ExecutionResult:
        """`run` for scripts without an event loop. Raises `RuntimeError` inside a running one."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(self.run(target, inputs, **changes))
        raise RuntimeError("run_sync would block the running event loop; write 'await engine.run(...)' here")

    async def resume(
        self,
        execution: str | SuspendedExecution,
        inputs: Mapping[str, Any] | None = None,
        *,
        resolved_nodes: Mapping[str, Any] | None = None,
        options: ExecutionOptions | None = None,
        **changes: Any,
    ) -> ExecutionResult:
        """Go on with a suspended, failed or cancelled execution.

        `inputs` are new inputs, `resolved_nodes` values of variables supplied by hand. Raises a `ResumeError` when
        refused; then nothing has changed.
        """
        from constellation.engine.suspension import resume

        chosen = (options or DEFAULT_OPTIONS).with_changes(changes)
        return await resume(self, execution, inputs or {}, resolved_nodes or {}, chosen)

    async def export(self, execution_id: str) -> SuspendedExecution:
        """A stored execution with its program, to go on with in an installation that knows neither. Raises
        `SuspensionNotFoundError`."""
        from constellation.engine.suspension import export

        return await export(self, execution_id)

    # --- names ---

    @cached_property
    def deployments(self) -> Deployments:
        """Versions, canaries and traffic shares of names."""
        return deployments_of(self)

    @property
    def router(self) -> Router:
        """Traffic shares of names."""
        return self.deployments.router

    @cached_property
    def versions(self) -> NamedVersions:
        """The numbered history of names."""
        return NamedVersions(self.deployments)

    async def deploy(self, source: str, name: str) -> Deployment:
        """Compile, store, and point the name at it: hash, previous hash, version, whether it changed. Raises
        `CompileFailed`."""
        pipeline = await self.compile_async(source, name)
        await self.store(pipeline)
        return await self.deployments.deploy(name, pipeline.image, source="deploy")

    # --- life ---

    async def __aenter__(self) -> Constellation:
        await self.enter_libraries()
        return self

    async def enter_libraries(self) -> None:
        """Enter the lifespans of libraries registered since the last time."""
        for library in self.modules.libraries:
            if library.lifespan is not None and id(library) not in self._entered:
                self._entered.add(id(library))
                await self._lifespans.enter_async_context(library.lifespan())

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.shutdown()

    async def shutdown(self, drain_timeout: Duration = 30.0) -> None:
        """Admit nothing new, wait for what is running, cancel what takes longer, release everything."""
        if self._shutdown is not None:
            await asyncio.shield(self._shutdown)
            return
        self._shutdown = asyncio.ensure_future(self._stop(seconds_of(drain_timeout)))
        await asyncio.shield(self._shutdown)

    async def _stop(self, drain_timeout: float | None) -> None:
        from constellation.engine.clock import Limit

        self.lifecycle.begin_drain()
        if self.lifecycle.inflight_count:
            try:
                async with Limit(self.clock, drain_timeout):
                    await self.lifecycle.wait_empty()
            except TimeoutError:
                self.lifecycle.cancel_all()
                await self.lifecycle.wait_empty()
        self.lifecycle.stop()
        self.scheduler.shutdown()
        await self._lifespans.aclose()
        self.workers.close()
        if "deployments" in vars(self):
            await self.deployments.save_measurements()
        await self.pipelines.flush()

    def stats(self) -> dict[str, Any]:
        """A snapshot: executions by status, compile cache, executions in flight."""
        return {
            "executions": dict(self.executions.counts),
            "inflight": self.lifecycle.inflight_count,
            "compileCache": self.compile_cache.statistics(),
            "scheduler": self.scheduler.stats().to_json(),
            "limits": {key: stats.to_json() for key, stats in self.calls.limits.statistics().items()},
            "circuitBreakers": {key: stats.to_json() for key, stats in self.circuit_breakers.statistics().items()},
            "resultCache": {
                **self.caches.default.stats().to_json(),
                "coalesced": self.caches.coalesced,
                "errors": self.caches.errors,
            },
        }
