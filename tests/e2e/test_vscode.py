"""A person's way through VS Code, from a broken file to its graph, over both transports of the extension.

The editor is a real one (code-server in headless Chromium); `scenario.mjs` is the person. Screenshots of every station
stay in `build/e2e/screenshots`.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict

import pytest

from tests.e2e.code_server import BUILD, HERE, chromium, code_server, constellation_server, install, why_not

BROKEN = """\
# Greets in capitals and counts.

# What to say.
@example("hello")
in text: String
in times: Int

shout = Uppercas(text)
count = add(times, 1)

out shout
out count
"""

pytestmark = pytest.mark.skipif(why_not() is not None, reason=why_not() or "")


class Facts(TypedDict):
    """What the scenario saw."""

    seconds: dict[str, float]
    hover: str
    lenses: list[str]
    suggestions: list[str]
    prefilled: str
    asked: str
    missing: list[str]
    resumed: list[str]
    outputs: list[str]
    batch: list[str]
    stepped: list[str]
    nodes: list[str]
    edges: list[float]
    redrawn: list[str]
    status: str
    stale: str
    hosts: list[str]


def workspace(folder: Path, settings: Mapping[str, object]) -> Path:
    """A project with a broken pipeline and the Python environment that runs this test; the pipeline's path."""
    (folder / ".vscode").mkdir(parents=True)
    (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
    (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    pipeline = folder / "main.cst"
    pipeline.write_text(BROKEN)
    return pipeline


def play(base: str, pipeline: Path, name: str, at: Mapping[str, Callable[[], object]]) -> Facts:
    """Let the person work through the scenario; `at` has what to do at the lines that ask for it."""
    screenshots = BUILD / "screenshots" / name
    shutil.rmtree(screenshots, ignore_errors=True)
    screenshots.mkdir(parents=True)
    config = {
        "base": base,
        "folder": str(pipeline.parent),
        "file": str(pipeline),
        "screenshots": str(screenshots),
        "chromium": chromium(),
        "outage": "stop the server" in at,
    }
    command = ["node", "scenario.mjs", json.dumps(config)]
    lines: list[str] = []
    with subprocess.Popen(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as person:
        assert person.stdout is not None
        for line in person.stdout:
            lines.append(line.strip())
            if lines[-1] in at:
                at[lines[-1]]()
    assert person.returncode == 0, "\n".join([*lines, f"screenshots: {screenshots}"])
    facts: Facts = json.loads(lines[-1])
    print(f"{name}: {facts['seconds']}")
    return facts


def assert_everything_worked(facts: Facts, transport: str) -> None:
    assert "Unknown function 'Uppercas'" in facts["hover"]
    assert "Uppercase" in facts["hover"]
    assert any("Run" in lens for lens in facts["lenses"])
    assert any("Uppercase" in suggestion for suggestion in facts["suggestions"])
    assert facts["prefilled"] == "hello"
    assert facts["asked"] == "required: enter a value of type Int"
    assert facts["missing"] == ["times: Int"]
    assert facts["resumed"] == ['shout: "HELLO"', "count: 2"]
    assert facts["outputs"] == ['shout: "GOOD EVENING"', "count: 42"]
    assert facts["batch"] == ["shout", "count"]
    assert facts["stepped"] == facts["outputs"]
    drawn = {"in:text", "in:times", "v:shout", "v:count", "out:shout", "out:count"}
    assert drawn <= set(facts["nodes"])
    assert len(facts["nodes"]) == len(set(facts["nodes"]))
    assert len(facts["edges"]) >= 5
    assert all(length > 0 for length in facts["edges"])
    assert drawn | {"v:loud", "out:loud"} <= set(facts["redrawn"])
    assert f"({transport})" in facts["status"]
    assert facts["stale"].startswith("The graph is drawn once the file has no errors")


class Witness:
    """Sees whether the server was another one after the restart, by something only one server has."""

    def __init__(self, server: Callable[[], object]) -> None:
        self._server = server
        self.before: object = None
        self.after: object = None

    def note(self) -> None:
        self.before = self._server()

    def compare(self) -> None:
        self.after = self._server()

    @property
    def lines(self) -> dict[str, Callable[[], object]]:
        """What to do at the scenario's lines."""
        return {"note the server": self.note, "compare the server": self.compare}


def processes_below(folder: Path) -> set[int]:
    """The language servers that run from a folder's environment."""
    found: set[int] = set()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if "lsp" in words and any(word.startswith(f"{folder}/") for word in words):
                found.add(int(process.name))
    return found


def test_the_environments_own_server_over_standard_input_and_output(tmp_path: Path) -> None:
    project = tmp_path / "project"
    pipeline = workspace(project, {"constellation.server.args": ["--demo"]})
    witness = Witness(lambda: processes_below(project))
    with code_server(tmp_path / "home", install()) as base:
        assert_everything_worked(play(base, pipeline, "stdio", witness.lines), "stdio")
    assert witness.before != set()
    assert witness.after != set()
    assert witness.before != witness.after


def test_a_running_server_over_a_websocket_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    extensions = install()
    with contextlib.ExitStack() as server, code_server(tmp_path / "home", extensions) as base:
        address = server.enter_context(constellation_server(tmp_path))
        port = int(address.rpartition(":")[2])
        pipeline = workspace(tmp_path / "project", {"constellation.server.url": address})
        # the log has a line for every connection that ended
        witness = Witness(lambda: (tmp_path / "server.log").read_text().count("GET /lsp 101"))
        at: dict[str, Callable[[], object]] = {
            **witness.lines,
            "stop the server": server.close,
            "start the server": lambda: server.enter_context(constellation_server(tmp_path, port)),
        }
        assert_everything_worked(play(base, pipeline, "websocket", at), "websocket")
    assert (witness.before, witness.after) == (0, 1)
