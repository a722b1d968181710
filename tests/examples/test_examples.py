"""Every program in `examples/` does what the file beside it says, is formatted, and has tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from constellation.engine.constellation import Constellation
from constellation.stdlib.demo import demo_modules
from constellation.testing.program_tests import ProgramTest, collect, run_test, test_file_of
from constellation_grammar.formatter import format_text

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.cst"))


def engine() -> Constellation:
    """A fresh engine with the example modules, none of which wait."""
    return Constellation(modules=demo_modules(0.0))


TESTS = [test for program in PROGRAMS for test in collect(program, engine())]


@pytest.mark.parametrize("test", TESTS, ids=[f"{t.program.stem}-{t.name}" for t in TESTS])
async def test_the_examples_do_what_they_say(test: ProgramTest) -> None:
    outcome = await run_test(test, engine)
    assert outcome.problem is None, outcome.problem


@pytest.mark.parametrize("program", PROGRAMS, ids=[p.stem for p in PROGRAMS])
def test_every_example_is_formatted_explained_and_tested(program: Path) -> None:
    text = program.read_text(encoding="utf-8")
    assert text == format_text(text)
    assert text.startswith("# ")
    assert test_file_of(program).exists()


async def test_reading_a_whole_text_counts_its_words() -> None:
    text = (EXAMPLES / "lighthouse.txt").read_text(encoding="utf-8")
    words = "".join(c if (c.isascii() and c.isalpha()) or c in "'\n" else " " for c in text.lower()).split()
    tally = Counter(w.strip("'") for w in words)
    source = (EXAMPLES / "41-reading.cst").read_text(encoding="utf-8")
    async with engine() as running:
        result = await running.run_source(source, {"text": text, "shown": 3})
    outputs: dict[str, Any] = dict(result.outputs)
    assert outputs["words"] == tally.total()
    assert outputs["different"] == len(tally)
    assert outputs["frequent"][0] == "the {}".format(tally["the"])
    assert outputs["once"] == sum(1 for n in tally.values() if n == 1)
