"""Compiling for a request: inline when small, in a worker thread when large, never longer than the limit.

Owns the time limit and the measurements. Refuses to store anything. Invariant: at most one compilation runs in the
worker thread at a time, and none while an inline one does.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from constellation_server.problems import BadRequest, CompileTimeout, PayloadTooLarge
from constellation_server.state import ServerState

if TYPE_CHECKING:
    from constellation.compiler.compiler import Compilation

INLINE_CHARACTERS: Final = 8192


async def compile_source(state: ServerState, source: str) -> Compilation:
    """Compile through the cache. Raises CompileTimeout after the configured limit."""
    check_source(state, source)
    started = time.perf_counter()
    if len(source) <= INLINE_CHARACTERS:
        compilation = state.engine.compile_result(source)
    else:
        limit = state.config.compile_timeout
        try:
            async with asyncio.timeout(limit):
                compilation = await asyncio.to_thread(state.engine.compile_result, source)
        except TimeoutError:
            sentence = f"Compilation timed out after {limit:g} seconds"
            raise CompileTimeout(sentence, extra={"errors": [sentence]}) from None
    if compilation.cached is None:
        elapsed = (time.perf_counter() - started) * 1000
        state.counters.record_compile(elapsed, failed=compilation.image is None)
    return compilation


def check_source(state: ServerState, source: str) -> None:
    """Refuse blank and oversized programs."""
    if not source.strip():
        raise BadRequest("Field 'source' must not be blank", extra={"errors": ["Field 'source' must not be blank"]})
    limit = state.config.max_source_bytes
    if len(source) * 4 > limit and (size := len(source.encode("utf-8", "surrogatepass"))) > limit:
        raise PayloadTooLarge(size, limit, "Source")
