"""A server is killed while it compiles and names pipelines; whatever it acknowledged is there after the restart."""

from __future__ import annotations

import asyncio
import os
import random
import re
import signal
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
_LISTENING = re.compile(r"listening on (http://\S+)")
NAMES = 5


@asynccontextmanager
async def running(store: Path) -> AsyncGenerator[tuple[str, asyncio.subprocess.Process]]:
    """A server process on a store; killed at the end, whatever happens."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CONSTELLATION_")}
    # no bound: what is evicted on purpose is not lost
    environment |= {"CONSTELLATION_ACCESS_LOG": "false", "CONSTELLATION_MAX_PIPELINES": "0"}
    log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "constellation_server", "server", "--port", "0", "--pipeline-store", str(store),
        cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=log,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        seen = ""
        while line := (await process.stdout.readline()).decode():
            seen += line
            if found := _LISTENING.search(line):
                yield found[1], process
                return
        log.seek(0)
        raise AssertionError(f"the server did not start: {seen}{log.read().decode()}")
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.wait()
        log.close()


class Client:
    """Compiles ever new programs under a few names and remembers what was acknowledged."""

    def __init__(self) -> None:
        self.number = 0
        self.images: set[str] = set()
        self.unseen: set[str] = set()  # acknowledged, and not yet asked for after a restart
        self.names: dict[str, tuple[int, str]] = {}
        self._more = asyncio.Event()

    async def work(self, url: str, session: aiohttp.ClientSession, name: str) -> None:
        """Deploy one program after another under one name, until the server is gone."""
        while True:
            self.number += 1
            source = f"in x: Int\ny = Add(x, {self.number})\nout y"
            try:
                async with session.post(url + "/compile", json={"source": source, "name": name}) as response:
                    body = await response.json()
            except (aiohttp.ClientError, OSError):
                return
            assert response.status == 200, body
            self.images.add(body["structuralHash"])
            self.unseen.add(body["structuralHash"])
            self.names[name] = (body["version"], body["structuralHash"])
            self._more.set()

    async def acknowledged(self, count: int) -> None:
        """Wait until so many images have been acknowledged."""
        while len(self.images) < count:
            self._more.clear()
            await self._more.wait()

    async def check(self, url: str, session: aiohttp.ClientSession, images: set[str]) -> None:
        """These images are there; a name stands where it was last put, or at a later, unacknowledged image."""
        for digest in images:
            async with session.get(f"{url}/pipelines/{digest}?include=image") as response:
                assert response.status == 200, await response.text()
        for name, (version, digest) in self.names.items():
            async with session.get(f"{url}/pipelines/{name}") as response:
                found = await response.json()
                assert response.status == 200, found
            async with session.get(f"{url}/pipelines/{name}/versions") as response:
                history = await response.json()
            recorded = {v["version"]: v["structuralHash"] for v in history["versions"]}
            assert recorded[version] == digest
            assert found["structuralHash"] == digest or found["structuralHash"] not in self.images
            async with session.post(url + "/execute", json={"ref": digest, "inputs": {"x": 1}}) as response:
                assert (await response.json())["status"] == "completed"


async def test_acknowledged_work_survives_being_killed(tmp_path: Path, slow: bool, seed: int) -> None:
    """Each restart is asked for what the server acknowledged before it was last killed, the last for everything."""
    dice, client = random.Random(seed), Client()
    kills = 500 if slow else 2
    for number in range(1, kills + 1):
        async with running(tmp_path) as (url, process), aiohttp.ClientSession() as session:
            await client.check(url, session, client.unseen)
            client.unseen = set()
            workers = [asyncio.create_task(client.work(url, session, f"name{n}")) for n in range(NAMES)]
            await client.acknowledged(len(client.images) + dice.randint(5, 40))
            process.send_signal(signal.SIGKILL)
            await asyncio.gather(*workers)
        if number % 50 == 0:
            print(f"{number} kills, {len(client.images)} images acknowledged", flush=True)
    async with running(tmp_path) as (url, _), aiohttp.ClientSession() as session:
        await client.check(url, session, client.images)
