"""A process that stores images and moves aliases is killed again and again; nothing it acknowledged is ever lost."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from constellation.stores.files import FileSystemPipelineStore
from tests.runtime.stores.images import image_of

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import asyncio, sys
from constellation.stores.files import FileSystemPipelineStore
from tests.runtime.stores.images import image_of

async def main(folder, start):
    store = FileSystemPipelineStore(folder)
    number = start
    while True:
        digest = await store.store(image_of(number))
        print(f"image {digest}", flush=True)
        await store.alias(f"name{number % 7}", digest)
        print(f"alias name{number % 7} {digest}", flush=True)
        number += 1

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def killed_after(folder: Path, start: int, lines: int) -> list[list[str]]:
    """What a writer acknowledged before SIGKILL hit it, `lines` lines into its output."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), str(start)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    seen: list[list[str]] = []
    for line in writer.stdout:
        seen.append(line.split())
        if len(seen) >= lines:
            break
    os.kill(writer.pid, signal.SIGKILL)
    seen += [line.split() for line in writer.stdout.read().splitlines()]
    writer.wait()
    return [entry for entry in seen if len(entry) in {2, 3}]


def check(folder: Path, acknowledged: list[list[str]]) -> None:
    async def main() -> None:
        store = FileSystemPipelineStore(folder)
        aliases = await store.list_aliases()
        images = {entry[1] for entry in acknowledged if entry[0] == "image"}
        for digest in images:
            assert await store.get(digest) is not None
        newest = {entry[1]: entry[2] for entry in acknowledged if entry[0] == "alias"}
        for name, digest in newest.items():
            later = aliases[name]
            assert later == digest or later in images or await store.get(later) is not None
        assert store.problems == []

    asyncio.run(main())


def kill_repeatedly(folder: Path, rounds: int, seed: int) -> int:
    chance = random.Random(seed)
    total = 0
    for number in range(rounds):
        acknowledged = killed_after(folder, number * 1000, chance.randint(1, 24))
        total += len(acknowledged)
        check(folder, acknowledged)
    return total


def test_a_writer_killed_a_few_times(tmp_path: Path, seed: int) -> None:
    assert kill_repeatedly(tmp_path, 6, seed) > 0


@pytest.mark.slow
def test_a_writer_killed_500_times(tmp_path: Path, seed: int) -> None:
    total = kill_repeatedly(tmp_path, 500, seed)
    print(f"{total} acknowledgements, all kept")


def test_two_processes_writing_at_once_lose_no_alias(tmp_path: Path) -> None:
    script = """
import asyncio, sys
from constellation.stores.files import FileSystemPipelineStore
from tests.runtime.stores.images import image_of

async def main(folder, who):
    store = FileSystemPipelineStore(folder)
    for number in range(60):
        await store.alias(f"{who}{number}", await store.store(image_of(number % 10)))

asyncio.run(main(*sys.argv[1:]))
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    writers = [subprocess.Popen([*command, who], cwd=ROOT) for who in ("a", "b")]
    assert [w.wait() for w in writers] == [0, 0]

    async def main() -> None:
        aliases = await FileSystemPipelineStore(tmp_path).list_aliases()
        assert set(aliases) == {f"{who}{n}" for who in "ab" for n in range(60)}
        assert aliases["a7"] == image_of(7).structural_hash

    asyncio.run(main())
