"""The engine for programs without an event loop: every coroutine method as a blocking one.

Owns one event loop in a background thread. Refuses to run anything in the caller's thread.

Invariant: methods may be called from any number of threads, also from inside a running event loop (they block the
calling thread only).
"""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator, Coroutine, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, TypeVar

from constellation.engine.compiling import Target
from constellation.engine.constellation import Constellation as AsyncConstellation
from constellation.engine.pipeline import Pipeline
from constellation.engine.result import ExecutionResult
from constellation.modules.registry import ModuleRegistry

__all__ = ["Constellation"]

T = TypeVar("T")


class _Loop:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="constellation-sync", daemon=True)
        self._thread.start()

    def call(self, coroutine: Coroutine[Any, Any, T]) -> T:
        if not self._thread.is_alive():
            coroutine.close()
            raise RuntimeError("this engine has been closed")
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    def close(self) -> None:
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()


class _Blocking:
    """An object whose coroutine methods block."""

    def __init__(self, target: Any, loop: _Loop) -> None:
        self._target = target
        self._loop = loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if not inspect.iscoroutinefunction(found):
            return found

        def blocking(*args: Any, **kwargs: Any) -> Any:
            return self._loop.call(found(*args, **kwargs))

        return blocking


class Constellation:
    """The blocking twin of `constellation.Constellation`; the same parameters."""

    def __init__(self, **settings: Any) -> None:
        self._loop = _Loop()
        self._engine = AsyncConstellation(**settings)
        self._owned = True
        self._loop.call(self._engine.__aenter__())

    @classmethod
    def wrap(cls, engine: AsyncConstellation) -> Constellation:
        """A blocking view of an engine that is not in use in another event loop."""
        made = cls.__new__(cls)
        made._loop = _Loop()
        made._engine = engine
        made._owned = False
        return made

    @property
    def engine(self) -> AsyncConstellation:
        """The engine behind it."""
        return self._engine

    @property
    def modules(self) -> ModuleRegistry:
        """The registry."""
        return self._engine.modules

    @property
    def pipelines(self) -> Any:
        """The pipeline store, its methods blocking."""
        return _Blocking(self._engine.pipelines, self._loop)

    @property
    def suspensions(self) -> Any:
        """The suspension store, its methods blocking."""
        return _Blocking(self._engine.suspensions, self._loop)

    @property
    def versions(self) -> Any:
        """The numbered history of every name, its methods blocking."""
        return _Blocking(self._engine.versions, self._loop)

    @property
    def deployments(self) -> Any:
        """Versions, canaries and traffic shares, their methods blocking."""
        return _Blocking(self._engine.deployments, self._loop)

    def __getattr__(self, name: str) -> Any:
        """What the engine has besides: coroutine methods as blocking ones, everything else as it is."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(_Blocking(self._engine, self._loop), name)

    def compile(self, source: str, name: str | None = None) -> Pipeline:
        """See `constellation.Constellation.compile`."""
        return self._engine.compile(source, name)

    def check(self, source: str) -> list[Any]:
        """See `constellation.Constellation.check`."""
        return list(self._engine.check(source))

    def register(self, *modules: Any, replace: bool = True) -> list[str]:
        """See `constellation.Constellation.register`."""
        return self._engine.register(*modules, replace=replace)

    def run(
        self, target: Target, inputs: Mapping[str, Any] | None = None, *args: Any, **options: Any
    ) -> ExecutionResult:
        """See `constellation.Constellation.run`."""
        return self._loop.call(self._engine.run(target, inputs, *args, **options))

    def run_source(self, source: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> ExecutionResult:
        """See `constellation.Constellation.run_source`."""
        return self._loop.call(self._engine.run_source(source, inputs, **options))

    def resume(self, execution: Any, inputs: Mapping[str, Any] | None = None, **options: Any) -> ExecutionResult:
        """See `constellation.Constellation.resume`."""
        return self._loop.call(self._engine.resume(execution, inputs, **options))

    def deploy(self, source: str, name: str) -> Any:
        """See `constellation.Constellation.deploy`."""
        return self._loop.call(self._engine.deploy(source, name))

    def map(
        self, target: Target, rows: Iterable[Any], *, concurrency: int = 16, **options: Any
    ) -> Iterator[ExecutionResult]:
        """See `constellation.Constellation.map`."""
        return self._each(self._engine.map(target, rows, concurrency=concurrency, **options))

    def map_unordered(
        self, target: Target, rows: Any, *, concurrency: int = 16, **options: Any
    ) -> Iterator[tuple[Any, ExecutionResult]]:
        """See `constellation.Constellation.map_unordered`."""
        return self._each(self._engine.map_unordered(target, rows, concurrency=concurrency, **options))

    def events(self) -> Iterator[Any]:
        """See `constellation.Constellation.events`."""
        return self._each(self._engine.events())

    def _each(self, results: AsyncIterator[T]) -> Iterator[T]:
        try:
            while True:
                try:
                    yield self._loop.call(_next(results))
                except StopAsyncIteration:
                    return
        finally:
            self._loop.call(_close(results))

    @contextmanager
    def step(self, target: Target, inputs: Mapping[str, Any] | None = None, **options: Any) -> Generator[Any]:
        """See `constellation.Constellation.step`; the stepper's methods block."""
        walk = self._engine.step(target, inputs, **options)
        stepper = self._loop.call(walk.__aenter__())
        try:
            yield _Blocking(stepper, self._loop)
        finally:
            self._loop.call(walk.__aexit__(None, None, None))

    def stats(self) -> dict[str, Any]:
        """See `constellation.Constellation.stats`."""
        return self._engine.stats()

    def shutdown(self, drain_timeout: float | None = 30.0) -> None:
        """Shut the engine down and end the thread."""
        try:
            self._loop.call(self._engine.shutdown(drain_timeout))
        finally:
            self._loop.close()

    def __enter__(self) -> Constellation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._owned:
            self.shutdown()
        else:
            self._loop.close()


async def _next(results: AsyncIterator[T]) -> T:
    return await anext(results)


async def _close(results: Any) -> None:
    await results.aclose()
