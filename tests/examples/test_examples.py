"""Every example does what the tests beside it say, is laid out by the formatter, and compiles without a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from constellation.engine.clock import Clock
from constellation.engine.constellation import Constellation
from constellation.stdlib.demo import demo_modules
from constellation.testing.program_tests import ProgramTest, collect, find_programs, run_test
from constellation_grammar.formatter import format_text

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROGRAMS = list(find_programs([EXAMPLES]))


def engine(clock: Clock | None = None) -> Constellation:
    return Constellation(modules=demo_modules(delay_scale=0.0), clock=clock)


TESTS = [test for program in PROGRAMS for test in collect(program, engine())]


@pytest.mark.parametrize("test", TESTS, ids=[f"{t.program.stem}: {t.name}" for t in TESTS])
async def test_example(test: ProgramTest) -> None:
    outcome = await run_test(test, engine)
    assert outcome.problem is None, outcome.problem


@pytest.mark.parametrize("program", PROGRAMS, ids=[p.name for p in PROGRAMS])
def test_examples_are_formatted_and_free_of_warnings(program: Path) -> None:
    source = program.read_text(encoding="utf-8")
    assert format_text(source) == source
    assert [f"{d.code} {d.message}" for d in engine().check(source)] == []


def test_every_recipe_has_an_example_with_tests() -> None:
    assert len(PROGRAMS) >= 41
    assert {t.program for t in TESTS} == set(PROGRAMS)
