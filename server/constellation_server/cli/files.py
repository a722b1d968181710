"""Reading local files named on the command line: regular, of bounded size, UTF-8; `-` is standard input."""

from __future__ import annotations

import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from constellation_server.cli.outcome import usage_error

SOURCE_LIMIT = 1 << 20
INPUTS_LIMIT = 10 << 20


def read_text(name: str, limit: int, what: str = "File") -> str:
    """The text of a file; a usage error when it is missing, no regular file, too large or not UTF-8."""
    data = sys.stdin.buffer.read(limit + 1) if name == "-" else _read(name, limit)
    if len(data) > limit:
        raise usage_error(f"{what} too large (max {limit >> 20}MB): {name}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise usage_error(f"Not valid UTF-8: {name} (byte {problem.start})") from None


def expand(names: Iterable[str]) -> list[str]:
    """The names with every folder replaced by the programs below it, hidden folders left out."""
    found: list[str] = []
    for name in names:
        path = Path(name)
        if name != "-" and path.is_dir():
            programs = sorted(path.rglob("*.cst"))
            found += [str(p) for p in programs if not any(s.startswith(".") for s in p.relative_to(path).parts)]
        else:
            found.append(name)
    return found


def _read(name: str, limit: int) -> bytes:
    path = Path(name)
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise usage_error(f"Path is a directory: {name}")
        if not stat.S_ISREG(mode):
            raise usage_error(f"Not a regular file: {name} (use - to read from a pipe)")
        with path.open("rb") as stream:
            return stream.read(limit + 1)
    except FileNotFoundError:
        raise usage_error(f"File not found: {name}") from None
    except PermissionError:
        raise usage_error(f"Permission denied: {name}") from None
    except OSError as problem:
        raise usage_error(f"Cannot read {name}: {problem.strerror}") from None
