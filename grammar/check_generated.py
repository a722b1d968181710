"""Are the committed parser sources those of the grammar?

    python grammar/check_generated.py            compare; exit code 1 when they are stale
    python grammar/check_generated.py --update   generate them again

Compares the SHA-256 of `grammar.js` with the one recorded beside `parser.c`. Where the tree-sitter command line is at
hand (`grammar/get-tree-sitter` fetches it, or one is on the PATH), it also generates into a temporary folder and
compares every file. The standard library is enough for it.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

GRAMMAR = Path(__file__).resolve().parent
SOURCES = GRAMMAR / "src"
RECORD = SOURCES / "grammar.js.sha256"
GENERATED = (
    "parser.c",
    "grammar.json",
    "node-types.json",
    "tree_sitter/alloc.h",
    "tree_sitter/array.h",
    "tree_sitter/parser.h",
)
WANTED_VERSION = "0.26"


def digest() -> str:
    """SHA-256 of the grammar."""
    return hashlib.sha256((GRAMMAR / "grammar.js").read_bytes()).hexdigest()


def command_line() -> str | None:
    """A tree-sitter command line of the version the sources were generated with."""
    for candidate in (
        str(GRAMMAR.parent / "build" / "tree-sitter" / "bin" / "tree-sitter"),
        shutil.which("tree-sitter"),
    ):
        if candidate is None or not Path(candidate).exists():
            continue
        answer = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False)
        if answer.returncode == 0 and re.search(rf"\b{re.escape(WANTED_VERSION)}\.", answer.stdout):
            return candidate
    return None


def generate(command: str, folder: Path) -> None:
    """Generate the sources of the grammar into `folder`."""
    for name in ("grammar.js", "tree-sitter.json", "package.json"):
        shutil.copy(GRAMMAR / name, folder / name)
    subprocess.run([command, "generate"], cwd=folder, check=True)


def stale_files(command: str) -> list[str]:
    """The committed files that differ from freshly generated ones."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(command, folder)
        return [f for f in GENERATED if (folder / "src" / f).read_bytes() != (SOURCES / f).read_bytes()]


def update() -> int:
    """Generate the committed sources again and record the grammar's hash."""
    command = command_line()
    if command is None:
        print(
            f"check_generated: no tree-sitter {WANTED_VERSION} command line; run grammar/get-tree-sitter first",
            file=sys.stderr,
        )
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(command, folder)
        for file in GENERATED:
            (SOURCES / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(folder / "src" / file, SOURCES / file)
    RECORD.write_text(digest() + "\n")
    return 0


def check() -> int:
    """Compare the record and, where possible, every generated file."""
    advice = "run: grammar/get-tree-sitter && python grammar/check_generated.py --update"
    if not RECORD.exists() or RECORD.read_text().strip() != digest():
        print(f"check_generated: grammar.js has changed since src/parser.c was generated; {advice}", file=sys.stderr)
        return 1
    command = command_line()
    if command is None:
        return 0
    stale = stale_files(command)
    if stale:
        print(f"check_generated: not what grammar.js generates: {', '.join(stale)}; {advice}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(update() if "--update" in sys.argv[1:] else check())
