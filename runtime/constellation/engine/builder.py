"""The builder of an engine, for those used to one; keyword arguments of `Constellation` do the same.

Invariant: a builder never changes; every `with_…` gives another one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constellation.engine.observing import ConstellationBackends, Listener, MetricsProvider, TracerProvider

if TYPE_CHECKING:
    from constellation.engine.breaker import CircuitBreakerConfig
    from constellation.engine.clock import Clock
    from constellation.engine.constellation import Constellation
    from constellation.engine.lifecycle import ConstellationLifecycle
    from constellation.engine.options import Duration
    from constellation.engine.result_cache import CacheBackend
    from constellation.engine.scheduler import Scheduler
    from constellation.stores.protocols import PipelineStore, SuspensionStore


class ConstellationBuilder:
    """Collects settings; `build()` makes the engine."""

    def __init__(self, settings: Mapping[str, Any] | None = None) -> None:
        self._settings = dict(settings or {})

    def _with(self, **settings: Any) -> ConstellationBuilder:
        return ConstellationBuilder({**self._settings, **settings})

    def _backends(self, **changes: Any) -> ConstellationBuilder:
        return self._with(backends=replace(self._settings.get("backends", ConstellationBackends()), **changes))

    def with_modules(self, *modules: Any) -> ConstellationBuilder:
        """More modules."""
        return self._with(modules=[*self._settings.get("modules", ()), *modules])

    def with_scheduler(self, scheduler: Scheduler) -> ConstellationBuilder:
        """Who may run when."""
        return self._with(scheduler=scheduler)

    def with_backends(self, backends: ConstellationBackends) -> ConstellationBuilder:
        """Metrics, traces, listeners and cache together."""
        return self._with(backends=backends)

    def with_metrics(self, metrics: MetricsProvider) -> ConstellationBuilder:
        """Where counts go."""
        return self._backends(metrics=metrics)

    def with_tracer(self, tracer: TracerProvider) -> ConstellationBuilder:
        """Where spans go."""
        return self._backends(tracer=tracer)

    def with_listener(self, listener: Listener | Sequence[Listener]) -> ConstellationBuilder:
        """Who hears of executions."""
        return self._backends(listener=listener)

    def with_cache(self, cache: CacheBackend) -> ConstellationBuilder:
        """Where results of modules are kept."""
        return self._backends(cache=cache)

    def with_default_timeout(self, timeout: Duration) -> ConstellationBuilder:
        """The limit of a whole run."""
        return self._with(default_timeout=timeout)

    def with_lifecycle(self, lifecycle: ConstellationLifecycle) -> ConstellationBuilder:
        """A life cycle made elsewhere."""
        return self._with(lifecycle=lifecycle)

    def with_pipeline_store(self, store: PipelineStore) -> ConstellationBuilder:
        """Where images are kept."""
        return self._with(pipeline_store=store)

    def with_persistent_pipeline_store(self, path: str | Path) -> ConstellationBuilder:
        """Images in files."""
        from constellation.stores.files import FileSystemPipelineStore

        return self._with(pipeline_store=FileSystemPipelineStore(Path(path)))

    def with_suspension_store(self, store: SuspensionStore) -> ConstellationBuilder:
        """Where unfinished executions are kept."""
        return self._with(suspension_store=store)

    def with_circuit_breaker(self, config: CircuitBreakerConfig) -> ConstellationBuilder:
        """When failing modules are left alone."""
        return self._with(circuit_breaker=config)

    def with_clock(self, clock: Clock) -> ConstellationBuilder:
        """Another clock."""
        return self._with(clock=clock)

    def build(self) -> Constellation:
        """The engine."""
        from constellation.engine.constellation import Constellation

        return Constellation(**self._settings)
