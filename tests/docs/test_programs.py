"""Every program in the book does what its page says: it compiles, fails with the code named, or runs so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from constellation.engine.constellation import Constellation
from constellation.stdlib.demo import demo_modules
from constellation.testing.expectations import check_result
from tests.docs.book import DOCS, blocks, generated, written


def programs() -> Iterator[tuple[str, str, str, list[dict[str, Any]]]]:
    """Page and number, program, the code it must fail with or "", and its runs."""
    for name, text in written().items():
        found: list[tuple[str, str, str, list[dict[str, Any]]]] = []
        for block in blocks(text):
            if block.info == "cst" or block.info.startswith("cst "):
                code = block.info.rpartition("wrong ")[2] if "wrong" in block.info else ""
                found.append((f"{name}-{len(found) + 1}", block.body, code, []))
            elif block.info == "json run":
                found[-1][3].append(json.loads(block.body))
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


def test_every_construct_has_a_right_and_a_wrong_example() -> None:
    for section in written()["reference/constructs.md"].split("\n## ")[1:]:
        infos = [block.info for block in blocks(section)]
        assert "cst" in infos, section.splitlines()[0]
        assert any(info.startswith("cst wrong") for info in infos), section.splitlines()[0]


def test_the_recipes_are_the_programs_of_the_examples() -> None:
    shown = re.findall(r'^```cst title="([^"]+)"$', generated()["guide/recipes.md"], re.M)
    assert shown == sorted(path.name for path in (DOCS.parent / "examples").glob("*.cst"))


def test_every_page_of_the_guide_shows_a_mistake() -> None:
    for name, text in written().items():
        if name.startswith("guide/"):
            assert any(block.info.startswith("cst wrong") for block in blocks(text)), name
