"""`constellation server` as a process: starts, serves, keeps what it acknowledged, stops on SIGTERM."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.cli.conftest import Invoke

SHOUT = "in text: String\nresult = Uppercase(text)\nout result\n"


class Running:
    """A server process and its base URL."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process = process
        self.url = url

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request) as response:
            answer: dict[str, Any] = json.load(response)
        return answer


@contextmanager
def serving(*arguments: str, cwd: Path) -> Generator[Running]:
    command = [sys.executable, "-m", "constellation_server", "server", "--port", "0", *arguments]
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        lines: list[str] = []
        for line in process.stdout:
            lines.append(line)
            match = re.search(r"listening on (http://\S+)", line)
            if match:
                yield Running(process, match[1])
                return
        pytest.fail("the server did not start:\n" + "".join(lines))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)


def test_a_named_pipeline_survives_a_restart_without_compiling(folder: Path) -> None:
    with serving("--pipeline-store", "store", cwd=folder) as first:
        compiled = first.post("/compile", {"source": SHOUT, "name": "shout"})
        assert compiled["success"]
    assert first.process.returncode == 0
    with serving("--pipeline-store", "store", cwd=folder) as second:
        answer = second.post("/execute", {"ref": "shout", "inputs": {"text": "again"}})
        assert answer["outputs"] == {"result": "AGAIN"}
        with urllib.request.urlopen(second.url + "/metrics") as response:
            assert json.load(response)["compilation"]["count"] == 0


def test_a_folder_built_offline_is_served_by_name(folder: Path, invoke: Invoke) -> None:
    (folder / "pipelines").mkdir()
    (folder / "pipelines" / "shout.cst").write_text(SHOUT)
    assert invoke("compile", "--input", "pipelines", "--output", "store").code == 0
    with serving("--pipeline-store", "store", cwd=folder) as server:
        assert server.post("/execute", {"ref": "shout@v1", "inputs": {"text": "x"}})["outputs"] == {"result": "X"}


def test_an_occupied_port_and_a_bad_setting_are_usage_errors(folder: Path) -> None:
    with serving(cwd=folder) as server:
        port = server.url.rpartition(":")[2]
        command = [sys.executable, "-m", "constellation_server", "server", "--port", port]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 10
        assert f"Port {port} is already in use" in done.stderr
    command = [sys.executable, "-m", "constellation_server", "server", "--check"]
    bad = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, env={"CONSTELLATION_PORT": "eighty", "PATH": ""}
    )
    assert bad.returncode == 10
    assert "CONSTELLATION_PORT" in bad.stderr


def test_the_server_goes_on_after_garbage(folder: Path) -> None:
    with serving("--demo", cwd=folder) as server:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(
                urllib.request.Request(server.url + "/run", b"{", {"Content-Type": "application/json"})
            )
        assert refused.value.code == 400
        answer = server.post("/run", {"source": SHOUT, "inputs": {"text": "still here"}})
        assert answer["outputs"] == {"result": "STILL HERE"}


def test_a_store_that_cannot_be_opened_is_a_sentence(invoke: Invoke, folder: Path) -> None:
    (folder / "file").write_text("")
    for arguments in ([], ["--check"]):
        done = invoke("server", "--port", "0", "--pipeline-store", "file", *arguments)
        assert (done.code, done.out) == (10, "")
        assert "The pipeline store file " in done.err and "Traceback" not in done.err


def test_checking_loads_the_folder_and_writes_nothing(invoke: Invoke, folder: Path) -> None:
    (folder / "programs").mkdir()
    (folder / "programs" / "good.cst").write_text("in x: Int\nout x\n")
    (folder / "programs" / "bad.cst").write_text("out nothing\n")
    flags = ("server", "--check", "--pipeline-dir", "programs", "--pipeline-store", "store")
    done = invoke(*flags)
    assert done.code == 0
    assert "pipelines: 1 loaded, store: store, to be made" in done.out
    assert not (folder / "store").exists()
    refused = invoke(*flags, "--fail-on-error")
    assert refused.code == 10 and "bad.cst: Line 1: Undefined variable: nothing" in refused.err
