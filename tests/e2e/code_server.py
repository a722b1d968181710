"""What the end-to-end tests need around them: a real VS Code with our extension, and a running Constellation server.

Owns installing and starting them and ending them again. It knows nothing of what is tested. Invariant: whatever starts
here ends with its context, with everything that it started itself.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "tests" / "e2e"
EXTENSION = ROOT / "vscode-extension"
BUILD = ROOT / "build" / "e2e"
CODE_SERVER = HERE / "node_modules" / "code-server" / "out" / "node" / "entry.js"

USER_SETTINGS = {
    "workbench.startupEditor": "none",
    "telemetry.telemetryLevel": "off",
    "extensions.autoCheckUpdates": False,
    "extensions.ignoreRecommendations": True,
    "editor.minimap.enabled": False,
    "git.enabled": False,
}


def why_not() -> str | None:
    """What this machine lacks for a browser test, with the line that installs it."""
    if chromium() is None:
        line = "apt-get install -y --no-install-recommends chromium fonts-dejavu-core"
        return f"needs Chromium: {line}"
    if shutil.which("npm") is None:
        return "needs Node 20.19 or newer with npm"
    return None


def chromium() -> str | None:
    """The browser of Debian or of another distribution."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def _alone(name: str) -> Generator[None, None, None]:
    """One process at a time, also among parallel test workers."""
    BUILD.mkdir(parents=True, exist_ok=True)
    with (BUILD / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _call(command: Sequence[str | Path], cwd: Path, env: Mapping[str, str] | None = None) -> None:
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout}\n{done.stderr}")


def _sources() -> str:
    digest = hashlib.sha256()
    skipped = {"node_modules", "dist", "build", "test"}
    for path in sorted(EXTENSION.rglob("*")):
        if path.is_file() and path.suffix != ".vsix" and not skipped & set(path.relative_to(EXTENSION).parts):
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def install() -> Path:
    """Set up the editor and install the extension, packaged from its sources; the folder of extensions."""
    extensions = BUILD / "extensions"
    with _alone("install"):
        _call(["node", "setup.mjs"], HERE)
        stamp, wanted = extensions / ".sources", _sources()
        if stamp.exists() and stamp.read_text() == wanted:
            return extensions
        if not (EXTENSION / "node_modules").exists():
            _call(["npm", "ci", "--silent", "--no-audit", "--no-fund"], EXTENSION)
        _call(["npm", "run", "--silent", "package"], EXTENSION)
        shutil.rmtree(extensions, ignore_errors=True)
        extensions.mkdir(parents=True)
        vsix = EXTENSION / "constellation.vsix"
        home = BUILD / "installer"
        _call(["node", CODE_SERVER, *_folders(home, extensions), "--install-extension", vsix], ROOT, _environment(home))
        stamp.write_text(wanted)
    return extensions


def _folders(home: Path, extensions: Path) -> list[str | Path]:
    return ["--config", home / "config.yaml", "--user-data-dir", home / "data", "--extensions-dir", extensions]


def _environment(home: Path) -> dict[str, str]:
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VSCODE_", "npm_", "XDG_"))}
    return kept | {"HOME": str(home)}


@contextmanager
def _process(
    command: Sequence[str | Path], ready: str, env: Mapping[str, str], log: Path
) -> Generator[re.Match[str], None, None]:
    """Run a program until the context ends; entered when a line of its output matches `ready`. `log` gets it all."""
    with (
        log.open("w") as written,
        subprocess.Popen(
            [str(part) for part in command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            env=env,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout is not None
        drain: threading.Thread | None = None
        try:
            for line in process.stdout:
                written.write(line)
                if match := re.search(ready, line):
                    break
            else:
                written.flush()
                raise RuntimeError(f"{command[0]} ended before it was ready:\n{log.read_text()}")
            drain = threading.Thread(target=_copy, args=(process.stdout, written), daemon=True)
            drain.start()
            yield match
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            if drain is not None:
                drain.join(5)


def _copy(source: Iterable[str], target: TextIO) -> None:
    for line in source:
        target.write(line)
        target.flush()


@contextmanager
def code_server(home: Path, extensions: Path) -> Generator[str, None, None]:
    """A VS Code served on a free port; its address."""
    settings = home / "data" / "User" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps(USER_SETTINGS))
    switches = ["telemetry", "update-check", "workspace-trust", "getting-started-override", "proxy"]
    command = [
        *("node", CODE_SERVER, *_folders(home, extensions)),
        *("--auth", "none", "--bind-addr", "127.0.0.1:0"),
        *(f"--disable-{name}" for name in switches),
    ]
    with _process(command, r"HTTP server listening on (\S+?)/?$", _environment(home), home / "editor.log") as match:
        yield match[1]


@contextmanager
def constellation_server(home: Path, port: int = 0) -> Generator[str, None, None]:
    """A Constellation server with the demo functions on this port, or a free one; its HTTP address."""
    command = [sys.executable, "-m", "constellation_server", "server", "--demo", "--port", str(port)]
    with _process(command, r"(http://127\.0\.0\.1:\d+)", dict(os.environ), home / "server.log") as match:
        yield match[1]
