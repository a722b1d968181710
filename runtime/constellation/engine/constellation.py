"""The engine: compiles, runs, stores and resumes pipelines inside any Python program.

Owns the parts (registry, compiler, stores, clock, life cycle) and hands work to them. Refuses to do any of it itself.

Invariant: two engines share nothing, whatever their modules are called.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from constellation.engine.calls import Calls
from constellation.engine.clock import Clock, RealClock
from constellation.engine.errors import CompileFailed, PipelineNotFoundError
from constellation.engine.execution import Execution
from constellation.engine.executions import Executions
from constellation.engine.lifecycle import ConstellationLifecycle
from constellation.engine.offload import Workers
from constellation.engine.options import DEFAULT_OPTIONS, ExecutionOptions, seconds_of
from constellation.engine.pipeline import Pipeline
from constellation.engine.result import ExecutionResult
from constellation.image.image import PipelineImage
from constellation.modules.module import Implementation, Module
from constellation.modules.registry import ModuleRegistry
from constellation.stores.memory import InMemoryPipelineStore, InMemorySuspensionStore
from constellation.stores.protocols import PipelineStore, SuspensionStore
from constellation.stores.suspension import SuspendedExecution

if TYPE_CHECKING:
    from constellation.compiler.cache import CompileCache
    from constellation.compiler.compiler import Compilation, Compiler
    from constellation.compiler.diagnostics import Diagnostic

Duration = float | timedelta | None
Target = Pipeline | PipelineImage | str

DEFAULT_SETS: Final = ("core", "extended")
_LOADED: Final = 1024


class Constellation:
    """An engine. All parameters are keyword-only and optional; making one does no I/O.

    `modules` are modules, decorated functions, or libraries of them. `stdlib` names the sets of the standard library
    (the default ones are always there). Durations are seconds or timedeltas.
    """

    def __init__(
        self,
        *,
        modules: Iterable[Any] = (),
        stdlib: Sequence[str] = DEFAULT_SETS,
        pipeline_store: PipelineStore | None = None,
        suspension_store: SuspensionStore | None = None,
        default_timeout: Duration = None,
        compile_cache: CompileCache[Any] | None = None,
        clock: Clock | None = None,
        name: str = "constellation",
        lifecycle: ConstellationLifecycle | None = None,
        persist_statuses: Sequence[str] = ("suspended", "failed", "cancelled"),
        blocking_workers: int | None = None,
        suspend_on_missing_optional: bool = False,
    ) -> None:
        self.name = name
        self.clock: Clock = clock or RealClock()
        self.modules = _registry(stdlib, modules)
        self.pipelines: PipelineStore = pipeline_store or InMemoryPipelineStore()
        self.suspensions: SuspensionStore = suspension_store or InMemorySuspensionStore(
            now=self.clock.wall, monotonic=self.clock.now
        )
        self.default_timeout = seconds_of(default_timeout)
        self.lifecycle = lifecycle or ConstellationLifecycle()
        self.executions = Executions(self.suspensions, persist_statuses)
        self.suspend_on_missing_optional = suspend_on_missing_optional
        self.calls = Calls(self.clock)
        self.guarded = False
        self.workers = Workers(blocking_workers)
        self._compile_cache = compile_cache
        self._compiler: Compiler | None = None
        self._loaded: dict[str, Pipeline] = {}
        self._shutdown: asyncio.Future[None] | None = None
        self.resuming: set[str] = set()
        self.owner = f"{name}:{os.getpid()}:{os.urandom(4).hex()}"

    # --- modules ---

    def register(self, *modules: Any, replace: bool = True) -> list[str]:
        """Add modules; returns their names. See `ModuleRegistry.register`."""
        return self.modules.register(*modules, replace=replace)

    def unregister(self, name: str) -> Module:
        """Remove a module. Raises `KeyError`."""
        return self.modules.unregister(name)

    def offload(self, module: Module, implementation: Implementation) -> Implementation:
        """The awaitable form of a body that runs in a thread or a process."""
        return self.workers.wrap(module, implementation)

    # --- compiling ---

    @property
    def compiler(self) -> Compiler:
        """The compiler for the modules registered now."""
        table = self.modules.table
        if self._compiler is None or self._compiler.table is not table:
            from constellation.compiler.compiler import Compiler

            self._compiler = Compiler(table, cache=self.compile_cache)
        return self._compiler

    @cached_property
    def compile_cache(self) -> CompileCache[Any]:
        """Results of compiling, by text and by tokens."""
        from constellation.compiler.cache import CompileCache

        return self._compile_cache if self._compile_cache is not None else CompileCache()

    def compile_result(self, source: str) -> Compilation:
        """The image and the diagnostics of a source text; never raises for what is in it."""
        return self.compiler.compile(source)

    def compile(self, source: str, name: str | None = None) -> Pipeline:
        """The pipeline of a source text. Raises `CompileFailed` with every error."""
        compilation = self.compile_result(source)
        if compilation.image is None:
            raise CompileFailed(compilation.errors, source)
        image = compilation.image
        if name is not None and image.name != name:
            from dataclasses import replace

            image = replace(image, name=name)
        return self.pipeline_of(image, compilation.warnings)

    async def compile_async(self, source: str, name: str | None = None) -> Pipeline:
        """The same; a large source is compiled in a thread."""
        if len(source) <= 8192:
            return self.compile(source, name)
        return await asyncio.to_thread(self.compile, source, name)

    def compile_file(self, path: str | Path, name: str | None = None) -> Pipeline:
        """The pipeline in a file; its name is the file's stem unless another is given."""
        file = Path(path)
        return self.compile(file.read_text(encoding="utf-8-sig"), name or file.stem)

    def compile_dir(self, path: str | Path, pattern: str = "*.cst") -> dict[str, Pipeline]:
        """The pipelines of every matching file in a folder, by file stem."""
        return {file.stem: self.compile_file(file) for file in sorted(Path(path).glob(pattern))}

    def check(self, source: str) -> list[Diagnostic]:
        """Every diagnostic of a source text; never raises for what is in it."""
        return list(self.compile_result(source).diagnostics)

    def pipeline_of(self, image: PipelineImage, warnings: Sequence[Any] = ()) -> Pipeline:
        """The runnable pipeline of an image. The same image gives the same pipeline while it is remembered."""
        known = self._loaded.get(image.structural_hash)
        if known is not None and (known.image is image or known.image == image):
            return known
        pipeline = Pipeline(image, self, tuple(warnings))
        if len(self._loaded) >= _LOADED:
            del self._loaded[next(iter(self._loaded))]
        self._loaded[image.structural_hash] = pipeline
        return pipeline

    def loaded(self, structural_hash: str) -> Pipeline | None:
        """The pipeline of a hash if it is in memory."""
        return self._loaded.get(structural_hash)

    async def pipeline(self, target: Target) -> Pipeline:
        """The pipeline of a name, a hash, an image or itself. Raises `PipelineNotFoundError`."""
        if isinstance(target, Pipeline):
            return target
        if isinstance(target, PipelineImage):
            return self.pipeline_of(target)
        digest = await self.pipelines.resolve_ref(target)
        known = self._loaded.get(digest) if digest is not None else None
        image = await self.pipelines.get(digest) if digest is not None else None
        if image is None:
            import difflib

            raise PipelineNotFoundError(target, difflib.get_close_matches(target, await self.pipelines.list_aliases()))
        if known is not None and (known.image is image or known.image.graph is image.graph):
            return known
        return self.pipeline_of(image)

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
        pipeline = target if isinstance(target, Pipeline) else await self.pipeline(target)
        chosen = options or DEFAULT_OPTIONS
        if changes:
            chosen = chosen.with_changes(changes)
        ref = target if isinstance(target, str) else None
        return await Execution(self, pipeline, inputs or {}, chosen, ref).execute()

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
        return asyncio.run(self.run(target, inputs, **changes))

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

    async def deploy(self, source: str, name: str) -> Pipeline:
        """Compile, store, and point the name at it. Raises `CompileFailed`."""
        pipeline = await self.compile_async(source, name)
        digest = await self.pipelines.store(pipeline.image)
        await self.pipelines.alias(name, digest)
        return pipeline

    # --- life ---

    async def __aenter__(self) -> Constellation:
        return self

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
        self.workers.close()
        await self.pipelines.flush()

    def stats(self) -> dict[str, Any]:
        """A snapshot: executions by status, compile cache, executions in flight."""
        return {
            "executions": dict(self.executions.counts),
            "inflight": self.lifecycle.inflight_count,
            "compileCache": self.compile_cache.statistics(),
        }


def _registry(stdlib: Sequence[str], modules: Iterable[Any]) -> ModuleRegistry:
    from constellation.stdlib import NAMESPACE_ALIASES, NAMESPACE_MEMBERS, load

    registry = ModuleRegistry((), NAMESPACE_ALIASES, NAMESPACE_MEMBERS)
    registry.register(load(tuple(dict.fromkeys((*DEFAULT_SETS, *stdlib)))))
    given = list(modules)
    if given:
        registry.register(given)
    return registry


OffloadFunction = Callable[[Module, Implementation], Implementation]
