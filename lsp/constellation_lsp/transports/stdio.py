"""The language server on standard input and output.

Owns the two threads that block on the pipes. Refuses to let anything else write to standard output.

Invariant: the session runs on the event loop only; bytes reach it in the order they were read, and leave in the
order they were sent.
"""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import queue
import sys
import threading
from collections.abc import Callable

from constellation.engine.constellation import Constellation
from constellation_lsp.session import create_session

_CHUNK = 1 << 16


def serve_stdio(engine: Constellation) -> int:
    """Serves one client on standard input and output; returns the process's exit code."""

    # loading makes very many objects that stay: looking for garbage among them, now or later, only costs time
    gc.disable()
    importlib.import_module("constellation_lsp.session")
    gc.freeze()
    gc.enable()

    async def serve() -> int:
        async with engine:
            return await serve_pipes(engine, sys.stdin.fileno(), sys.stdout.fileno())

    return asyncio.run(serve())


async def serve_pipes(engine: Constellation, read_from: int, write_to: int) -> int:
    """Serves one client over two file descriptors until it exits or its pipe closes.

    Gives 0 after `shutdown` and `exit`, 1 when the client vanished or left without `shutdown`.
    """

    loop = asyncio.get_running_loop()
    ended: asyncio.Event = asyncio.Event()
    outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    session = create_session(
        engine,
        lambda frame: outgoing.put(frame.encode()),
        framing="headers",
        on_close=lambda _: ended.set(),
        reads_files=True,
    )

    def received(chunk: bytes) -> None:
        if chunk:
            session.receive(chunk)
        else:
            ended.set()

    writer = threading.Thread(target=_write_all, args=(outgoing, write_to), name="lsp-output", daemon=True)
    writer.start()
    threading.Thread(target=_read_all, args=(loop, read_from, received), name="lsp-input", daemon=True).start()
    await ended.wait()
    orderly = session.protocol.was_shut_down
    session.close()
    outgoing.put(None)
    await asyncio.to_thread(writer.join, 5)
    return 0 if orderly else 1


def _read_all(loop: asyncio.AbstractEventLoop, source: int, received: Callable[[bytes], None]) -> None:
    while True:
        try:
            chunk = os.read(source, _CHUNK)
        except OSError:
            chunk = b""
        try:
            loop.call_soon_threadsafe(received, chunk)
        except RuntimeError:  # the loop is closed: the server has ended
            return
        if not chunk:
            return


def _write_all(outgoing: queue.SimpleQueue[bytes | None], target: int) -> None:
    while (data := outgoing.get()) is not None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(target, view) :]
        except OSError:  # the client is gone; its input closes too and ends the session
            return
