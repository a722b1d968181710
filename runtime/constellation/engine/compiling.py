"""The engine's side of compiling: from source texts and references to runnable pipelines.

Owns the compiler for the modules of the moment, and the pipelines in memory. Refuses to run anything.

Invariant: compiling the same text twice with the same modules gives the same pipeline.
"""

from __future__ import annotations

import difflib
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from constellation.compiler.flights import Flights
from constellation.engine.errors import CompileFailed, PipelineNotFoundError
from constellation.engine.pipeline import Pipeline
from constellation.engine.plan import Unset
from constellation.image.image import PipelineImage
from constellation.modules.module import Module
from constellation.modules.registry import ModuleRegistry
from constellation.stores.protocols import PipelineStore
from constellation.stores.references import split_version

if TYPE_CHECKING:
    from constellation.compiler.cache import CompileCache
    from constellation.compiler.compiler import Compilation, Compiler
    from constellation.compiler.diagnostics import Diagnostic
    from constellation.engine.constellation import Constellation

Target = Pipeline | PipelineImage | str

DEFAULT_SETS: Final = ("core", "extended")
INLINE_LIMIT: Final = 8192
"""Characters up to which a source is compiled on the event loop."""

_LOADED: Final = 1024
_TEXTS: Final = 10_000


class Compiling:
    """Compiles and finds pipelines; the base of `Constellation`."""

    modules: ModuleRegistry
    pipelines: PipelineStore

    def __init__(self, compile_cache: CompileCache[Any] | Unset | None) -> None:
        self._compile_cache = compile_cache
        self._compiler: Compiler | None = None
        self._loaded: dict[str, Pipeline] = {}
        self._compiled: dict[str, None] = {}
        self._flights: Flights[Compilation] = Flights()

    def _engine(self) -> Constellation:
        raise TypeError("Compiling is the base of Constellation and no engine by itself")

    @property
    def compiler(self) -> Compiler:
        """The compiler for the modules and caches registered now."""
        table, backends = self.modules.table, self._engine().caches.names
        known = self._compiler
        if known is None or known.table is not table or known.cache_backends != backends:
            from constellation.compiler.compiler import Compiler

            known = self._compiler = Compiler(table, cache=self.compile_cache, cache_backends=backends)
        return known

    @property
    def compile_caching(self) -> bool:
        """Whether results of compiling are kept at all."""
        return self._compile_cache is not None

    @cached_property
    def compile_cache(self) -> CompileCache[Any]:
        """Results of compiling, by text and by tokens."""
        from constellation.compiler.cache import CompileCache

        given = self._compile_cache
        if given is None:
            return CompileCache(max_entries=1, max_age=-1.0)  # an entry is too old at once
        return CompileCache() if isinstance(given, Unset) else given

    def compile_result(self, source: str) -> Compilation:
        """The image and the diagnostics of a source text; never raises for what is in it."""
        begun = time.perf_counter()
        return self._noted(self.compiler.compile(source), begun)

    async def compile_shared(self, source: str) -> Compilation:
        """The same in a thread; whoever asks for one text at the same time waits for one compilation of it."""
        begun, compiler = time.perf_counter(), self.compiler
        work = partial(compiler.compile, source)
        compilation, began = await self._flights.share((compiler.table.hash, source), work)
        if not began and self.compile_caching:
            compilation = compiler.compile(source)  # by now the cache has it
        return self._noted(compilation, begun)

    def _noted(self, compilation: Compilation, begun: float) -> Compilation:
        self._engine().observers.compiled(time.perf_counter() - begun, compilation.cached is not None)
        return compilation

    def compile(self, source: str, name: str | None = None, *, fresh: bool = False) -> Pipeline:
        """The pipeline of a source text. Raises `CompileFailed` with every error. `fresh` ignores what is cached."""
        if fresh:
            from constellation.compiler.compiler import Compiler

            backends = self._engine().caches.names
            return self._made(Compiler(self.modules.table, cache_backends=backends).compile(source), source, name)
        return self._made(self.compile_result(source), source, name)

    def _made(self, compilation: Compilation, source: str, name: str | None) -> Pipeline:
        if compilation.image is None:
            raise CompileFailed(compilation.errors, source)
        return self.pipeline_of(_named(compilation.image, name), compilation.warnings)

    async def compile_async(self, source: str, name: str | None = None) -> Pipeline:
        """The same; a text the pipeline store knows is not compiled again, and a large one is compiled in a thread."""
        observers = self._engine().observers
        if not observers.tracing:
            return await self._compile_async(source, name)
        async with observers.span("pipeline.compile", {"pipeline": name or ""}):
            return await self._compile_async(source, name)

    async def _compile_async(self, source: str, name: str | None) -> Pipeline:
        stored = await self._stored(source)
        if stored is not None:
            return self.pipeline_of(_named(stored, name))
        if len(source) <= INLINE_LIMIT:
            return self.compile(source, name)
        return self._made(await self.compile_shared(source), source, name)

    async def _stored(self, source: str) -> PipelineImage | None:
        """The image of a source text that was indexed in the store, by this process or an earlier one."""
        from constellation_grammar.parser import text_hash

        compiler = self.compiler
        digest = text_hash(source)
        if digest in self._compiled:
            return None
        self._compiled[digest] = None
        if len(self._compiled) > _TEXTS:
            del self._compiled[next(iter(self._compiled))]
        found = await self.pipelines.lookup_syntactic(digest, compiler.table.hash)
        image = None if found is None else await self.pipelines.get(found)
        if image is None:
            return None
        compiler.cache.found_in_store()
        return replace(image, syntactic_hash=digest, source=source)

    async def store(self, pipeline: Pipeline) -> str:
        """Keep a pipeline's image, and which text it was compiled from; its structural hash."""
        image = pipeline.image
        digest = await self.pipelines.store(image)
        if image.syntactic_hash:
            await self.pipelines.index_syntactic(image.syntactic_hash, image.registry_hash, digest)
        return digest

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
        """The runnable pipeline of an image. The same image gives the same pipeline while it is remembered, and images
        of one program share their plans."""
        known = self._loaded.get(image.structural_hash)
        if known is not None and (known.image is image or known.image == image):
            return known
        pipeline = Pipeline(image, self._engine(), tuple(warnings), like=known)
        if len(self._loaded) >= _LOADED:
            del self._loaded[next(iter(self._loaded))]
        self._loaded[image.structural_hash] = pipeline
        return pipeline

    def loaded(self, structural_hash: str) -> Pipeline | None:
        """The pipeline of a hash if it is in memory."""
        return self._loaded.get(structural_hash)

    async def pipeline(self, target: Target) -> Pipeline:
        """The pipeline of a name, `name@vN`, a hash, an image or itself. Raises `PipelineNotFoundError`."""
        if isinstance(target, Pipeline):
            return target
        if isinstance(target, PipelineImage):
            return self.pipeline_of(target)
        digest = await self.pipelines.resolve_ref(target) or self._version(target)
        known = self._loaded.get(digest) if digest is not None else None
        image = await self.pipelines.get(digest) if digest is not None else None
        if image is None:
            raise PipelineNotFoundError(target, difflib.get_close_matches(target, await self.pipelines.list_aliases()))
        if known is not None and known.image.graph is image.graph:
            return known
        return self.pipeline_of(image)

    def _version(self, ref: str) -> str | None:
        """The hash of `name@vN`."""
        parts = split_version(ref)
        entry = None if parts is None else self._engine().deployments.versions.get(*parts)
        return None if entry is None else entry.structural_hash

    def pipeline_now(self, target: Target) -> Pipeline:
        """The same without waiting; a name or hash must be in memory. Raises `PipelineNotFoundError`."""
        if isinstance(target, Pipeline):
            return target
        if isinstance(target, PipelineImage):
            return self.pipeline_of(target)
        peek = getattr(self.pipelines, "peek", None)
        image = (peek(target) or peek(self._version(target) or target)) if peek is not None else None
        if image is None:
            raise PipelineNotFoundError(target)
        return self.pipeline_of(image)


@cache
def _standard_library(sets: tuple[str, ...]) -> tuple[Module, ...]:
    """The modules of the standard library; they are immutable, so engines may share them."""
    from constellation.stdlib import load

    return tuple(load(sets))


def registry_of(stdlib: Sequence[str], modules: Iterable[Any]) -> ModuleRegistry:
    """A registry with the standard library (the default sets and those named) and the given modules."""
    from constellation.stdlib import NAMESPACE_ALIASES, NAMESPACE_MEMBERS, OPT_IN_FUNCTIONS

    registry = ModuleRegistry((), NAMESPACE_ALIASES, NAMESPACE_MEMBERS, OPT_IN_FUNCTIONS)
    registry.register(_standard_library(tuple(dict.fromkeys((*DEFAULT_SETS, *stdlib)))))
    given = list(modules)
    if given:
        registry.register(given)
    return registry


def _named(image: PipelineImage, name: str | None) -> PipelineImage:
    return image if name is None or image.name == name else replace(image, name=name)
