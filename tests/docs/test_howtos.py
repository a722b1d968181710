"""The how-to and reference pages work as printed: their commands run in order, against real servers, and answer so."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from tests.docs.book import blocks, everything

TUTORIAL = "tutorial/"
"""Its pages are one story; test_tutorial.py runs them."""
PAGES = [n for n, t in everything().items() if not n.startswith(TUTORIAL) and any(b.info == "sh" for b in blocks(t))]


def environment() -> dict[str, str]:
    """What a shell block sees: this environment's commands first, no colours."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    settings = {"PATH": path, "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8", "PYTHONUNBUFFERED": "1"}
    return os.environ | settings | {"PYTEST_ADDOPTS": "-p no:schemathesis -p no:hypothesispytest -p no:xdist"}


@contextmanager
def serving(command: str, folder: Path, port: int) -> Iterator[None]:
    """A server started by a page's command, on a port of ours; returns when it answers."""
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command.strip()}"],
            cwd=folder,
            env=environment() | {"CONSTELLATION_PORT": str(port), "CONSTELLATION_PIPELINE_WATCH_INTERVAL": "50ms"},
            stdout=log,
            stderr=log,
        )
        try:
            for _ in range(600):
                assert process.poll() is None, (folder / "server.log").read_text()
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5).close()
                    break
                except (urllib.error.URLError, OSError):
                    time.sleep(0.02)
            yield
        finally:
            process.terminate()
            process.wait(20)


def covers(shown: object, actual: object) -> bool:
    """Whether everything a page shows is in the answer; "…" stands for any value."""
    if shown == "…":
        return True
    if isinstance(shown, dict) and isinstance(actual, dict):
        answer = cast("dict[str, object]", actual)
        wanted = cast("dict[str, object]", shown)
        return all(key in answer and covers(value, answer[key]) for key, value in wanted.items())
    if isinstance(shown, list) and isinstance(actual, list):
        values, answers = cast("list[object]", shown), cast("list[object]", actual)
        return len(values) == len(answers) and all(map(covers, values, answers))
    return shown == actual


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@pytest.mark.parametrize("name", PAGES)
def test_page(name: str, tmp_path: Path) -> None:
    port = free_port()
    printed: str | None = None
    servers: list[Any] = []
    try:
        for block in blocks(everything()[name]):
            if block.info == "sh server":
                servers.append(serving(block.body, tmp_path, port))
                servers[-1].__enter__()
            elif block.info == "sh":
                printed = run(block.body, tmp_path, port)
            elif block.info == "python":
                printed = None  # what follows is the business of test_snippets.py
            elif block.info == "text" and printed is not None:
                for line in block.body.splitlines():
                    assert line in printed, f"{name}: {line!r} is not in\n{printed}"
            elif block.info == "json" and printed is not None:
                assert covers(json.loads(block.body), json.loads(printed)), f"{name}: {block.body}\n{printed}"
    finally:
        for server in reversed(servers):
            server.__exit__(None, None, None)


def run(commands: str, folder: Path, port: int) -> str:
    """What a block of commands prints. It must succeed."""
    script = "set -e\n" + commands.replace("localhost:8080", f"127.0.0.1:{port}")
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=environment(), capture_output=True, text=True)
    assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr
