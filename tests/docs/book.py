"""The pages of the book as the tests read them: hand-written and generated text, and the fenced blocks in it.

A block's first line says what it is:

    cst                 a program that compiles; `json run` blocks after it are runs of it
    cst wrong CODE      a program that gets this code
    json run            inputs, and what is expected of the run
    python              a script; a `text` block after it is exactly what it prints
    sh                  commands run in order in one folder per page; `text` after it: lines it prints
    sh server           a command that starts a server, which serves until the page ends
    json                after `sh`: what it answers; keys that are not shown are not compared, "…" stands for any value

Other blocks are for the eyes only.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its first line, its text."""

    info: str
    body: str


@cache
def build() -> dict[str, Any]:
    """The names of docs/build.py, and with it its folder on the path."""
    return runpy.run_path(str(DOCS / "build.py"))


@cache
def generated() -> dict[str, str]:
    """Name → text of the generated pages."""
    pages: dict[str, Callable[[], Iterator[str]]] = build()["PAGES"]
    return {name: "\n".join(page()) for name, page in pages.items()}


@cache
def written() -> dict[str, str]:
    """Name → text of the hand-written pages."""
    paths = [p for p in sorted(DOCS.rglob("*.md")) if p.parent.name != "reference_pages"]
    return {p.relative_to(DOCS).as_posix(): p.read_text(encoding="utf-8") for p in paths}


@cache
def everything() -> dict[str, str]:
    """Name → text of all pages."""
    return {**written(), **generated()}


def blocks(text: str) -> list[Block]:
    """The blocks of a page, in order."""
    return [Block(info, body) for info, body in FENCE.findall(text)]
