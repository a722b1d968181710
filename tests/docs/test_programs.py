"""Every program in the documentation does what its page says: it compiles, fails with the code named, or runs so."""

from __future__ import annotations

import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from constellation.engine.constellation import Constellation
from constellation.stdlib.demo import demo_modules
from constellation.testing.expectations import check_result

DOCS = Path(__file__).resolve().parents[2] / "docs"
ERRORS = "reference/errors.md"
"""Its programs may call functions of their own; the catalogue's own test runs them all."""
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)


def generated() -> Iterator[tuple[str, str]]:
    for name, page in runpy.run_path(str(DOCS / "build.py"))["PAGES"].items():
        yield name, "\n".join(page())


def pages() -> Iterator[tuple[str, str]]:
    for path in sorted(DOCS.rglob("*.md")):
        yield str(path.relative_to(DOCS)), path.read_text(encoding="utf-8")
    yield from ((name, text) for name, text in generated() if name != ERRORS)


def programs() -> Iterator[tuple[str, str, str, list[dict[str, Any]]]]:
    """Page and number, program, the code it must fail with or "", and its runs."""
    for name, text in pages():
        found: list[tuple[str, str, str, list[dict[str, Any]]]] = []
        for info, body in FENCE.findall(text):
            if info == "cst" or info.startswith("cst "):
                code = info.rpartition("wrong ")[2] if "wrong" in info else ""
                found.append((f"{name}-{len(found) + 1}", body, code, []))
            elif info == "json run":
                found[-1][3].append(json.loads(body))
        yield from found


PROGRAMS = list(programs())


@pytest.mark.parametrize(("source", "code", "runs"), [p[1:] for p in PROGRAMS], ids=[p[0] for p in PROGRAMS])
async def test_program(source: str, code: str, runs: list[dict[str, Any]]) -> None:
    async with Constellation(modules=demo_modules(delay_scale=0.0)) as engine:
        diagnostics = engine.check(source)
        if code:
            assert code in {d.code for d in diagnostics}, [f"{d.code} {d.message}" for d in diagnostics]
            return
        assert [d.message for d in diagnostics if d.severity == "error"] == []
        for run in runs:
            check_result(run, await engine.run_source(source, run["inputs"]))


def test_every_page_of_the_constructs_has_a_right_and_a_wrong_example() -> None:
    text = (DOCS / "reference" / "constructs.md").read_text(encoding="utf-8")
    for section in text.split("\n## ")[1:]:
        infos = [info for info, _ in FENCE.findall(section)]
        assert "cst" in infos, section.splitlines()[0]
        assert any(info.startswith("cst wrong") for info in infos), section.splitlines()[0]
