"""Compiling for a request: inline when small, in a worker thread when large, never longer than the limit.

Owns the time limit and the measurements. Refuses to store anything. Invariant: one text is compiled by one thread at a
time, also when its callers gave up waiting.
"""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import replace
from functools import partial
from typing import Final

from constellation.compiler.compiler import Compilation
from constellation.stores.protocols import StoreError
from constellation_grammar.parser import text_hash
from constellation_server.problems import BadRequest, CompileTimeout, PayloadTooLarge
from constellation_server.state import ServerState

LOG: Final = logging.getLogger("constellation.server")
INLINE_CHARACTERS: Final = 8192
MAX_KNOWN_TEXTS: Final = 100_000


async def compile_source(state: ServerState, source: str) -> Compilation:
    """Compile through the cache. Raises CompileTimeout after the configured limit."""
    check_source(state, source)
    await _recall(state, source)
    started = time.perf_counter()
    if len(source) <= INLINE_CHARACTERS:
        compilation = state.engine.compile_result(source)
    else:
        limit = state.config.compile_timeout
        try:
            async with asyncio.timeout(limit):
                compilation = await state.engine.compile_shared(source)
        except TimeoutError:
            sentence = f"Compilation timed out after {limit:g} seconds"
            raise CompileTimeout(sentence, extra={"errors": [sentence]}) from None
    if compilation.cached is None:
        elapsed = (time.perf_counter() - started) * 1000
        state.counters.record_compile(elapsed, failed=compilation.image is None)
    return compilation


async def _recall(state: ServerState, source: str) -> None:
    """Give the compiler's cache what a durable store remembers of this text from before the start."""
    engine = state.engine
    digest = text_hash(source)
    if not state.durable_store or digest in state.known_texts:
        return
    _know(state, digest)
    found = await engine.pipelines.lookup_syntactic(digest, engine.modules.table.hash)
    image = None if found is None else await engine.pipelines.get(found)
    if image is not None:
        image = replace(image, syntactic_hash=digest, source=source)
        check = partial(engine.compiler.check, source)
        recalled = Compilation(source, image, (), digest, "", None, 0, check)
        engine.compile_cache.put(digest, "", engine.compiler.fingerprint, recalled, loaded=False)


async def remember(state: ServerState, compilation: Compilation) -> None:
    """Have a durable store remember what a text compiles to. What has warnings is compiled again after a restart."""
    image = compilation.image
    if state.durable_store and image is not None and compilation.cached != "text" and not compilation.diagnostics:
        _know(state, compilation.text_hash)
        table = state.engine.modules.table.hash
        try:
            await state.engine.pipelines.index_syntactic(compilation.text_hash, table, image.structural_hash)
        except StoreError as problem:
            LOG.warning("a text is compiled again after a restart: %s", problem.message)


def _know(state: ServerState, digest: str) -> None:
    if len(state.known_texts) >= MAX_KNOWN_TEXTS:
        state.known_texts.clear()
    state.known_texts.add(digest)


def check_source(state: ServerState, source: str) -> None:
    """Refuse blank and oversized programs."""
    if not source.strip():
        raise BadRequest("Field 'source' must not be blank", extra={"errors": ["Field 'source' must not be blank"]})
    limit = state.config.max_source_bytes
    if len(source) * 4 > limit and (size := len(source.encode("utf-8", "surrogatepass"))) > limit:
        raise PayloadTooLarge(size, limit, "Source")
