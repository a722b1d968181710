"""The servers that HTTP scenarios talk to.

A scenario without `env` and `files` gets a fresh application around a fresh engine in this process, over a real
loopback socket; any other gets a server process of its own, which can be restarted or killed between two steps.
Invariant: whatever a scenario did, its processes and folders are gone when `serving` is left.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from aiohttp import web

from constellation.engine.constellation import Constellation
from constellation.stdlib.demo import demo_modules
from constellation_server.app import create_app
from constellation_server.config import ServerConfig
from tests.conformance.cases import Case

ROOT = Path(__file__).resolve().parents[2]
Files = Mapping[str, str | bytes | None]
"""What is written below a folder; None deletes."""
_LISTENING = re.compile(r"listening on (http://\S+)")
_PLACE = re.compile(r"\$\{(folder|store)\}")


class NotStarted(Exception):
    """The server ended before it listened; the text is what it printed."""


class Server(Protocol):
    """Something that answers at `url`."""

    @property
    def url(self) -> str:
        """Where it listens now; another place after a restart."""
        ...

    @property
    def printed(self) -> str:
        """Everything it has printed so far, before restarts too."""
        ...

    def write(self, files: Files) -> None:
        """Write files of its folder; None deletes one."""
        ...

    async def restart(self, *, kill: bool) -> None:
        """End it, politely or not, and start it again on the same folder and store."""
        ...


@asynccontextmanager
async def serving(case: Case) -> AsyncGenerator[Server]:
    """The server a scenario asks for; raises NotStarted when it refuses to start."""
    environment, files = case.get("env") or {}, case.get("files")
    if not environment and files is None:
        async with _in_this_process() as url:
            yield _Local(url)
        return
    with tempfile.TemporaryDirectory(prefix="scenario-") as place:
        server = _Process(Path(place).resolve(), environment)
        server.write(files or {})
        try:
            await server.start()
            yield server
        finally:
            await server.end(signal.SIGTERM)


@asynccontextmanager
async def _in_this_process() -> AsyncGenerator[str]:
    engine = Constellation(modules=demo_modules(0.0))
    runner = web.AppRunner(create_app(engine, ServerConfig(access_log=False)), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


class _Local:
    """An application of this process: it has no folder and cannot be restarted."""

    printed = ""

    def __init__(self, url: str) -> None:
        self.url = url

    def write(self, files: Files) -> None:
        raise ValueError(f"a scenario that writes {', '.join(files)} needs `files` or `env`")

    async def restart(self, *, kill: bool) -> None:
        raise ValueError("a scenario that restarts its server needs `files` or `env`")


class _Process:
    """A server process; `${folder}` and `${store}` in its environment are folders of its own."""

    def __init__(self, place: Path, environment: Mapping[str, str]) -> None:
        self.url = ""
        self._folder = place / "folder"
        self._folder.mkdir()
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CONSTELLATION_")}
        wanted = {k: _PLACE.sub(lambda found: str(place / found[1]), v) for k, v in environment.items()}
        self._environment = {**clean, **wanted}
        self._lines: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def printed(self) -> str:
        return "".join(self._lines)

    def write(self, files: Files) -> None:
        for name, content in files.items():
            path = self._folder / name
            if content is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content if isinstance(content, bytes) else content.encode())

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "constellation_server", "server", "--demo", "--port", "0",
            env=self._environment, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert self._process.stdout is not None
        while line := await self._line(self._process.stdout):
            if found := _LISTENING.search(line):
                self.url = found[1]
                self._reader = asyncio.create_task(self._read_on(self._process.stdout))
                return
        await self._process.wait()
        raise NotStarted(self.printed.strip())

    async def restart(self, *, kill: bool) -> None:
        await self.end(signal.SIGKILL if kill else signal.SIGTERM)
        await self.start()

    async def end(self, how: signal.Signals) -> None:
        if self._process is not None:
            if self._process.returncode is None:
                self._process.send_signal(how)
            await self._process.wait()
        if self._reader is not None:
            await self._reader
            self._reader = None

    async def _line(self, stream: asyncio.StreamReader) -> str:
        line = (await stream.readline()).decode(errors="replace")
        self._lines.append(line)
        return line

    async def _read_on(self, stream: asyncio.StreamReader) -> None:
        while await self._line(stream):
            pass
