"""Running the tests beside programs: time, fakes, and which programs there are."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from constellation import Constellation, module
from constellation.engine.clock import Clock
from constellation.testing.program_tests import Outcome, collect, find_programs, run_test
from constellation.testing.test_files import TestFileError


@module
async def slow_answer(question: str) -> str:
    """Really takes a while."""
    await asyncio.sleep(0.05)
    return f"answer to {question}"


@module
async def broken() -> str:
    """Never works."""
    raise ConnectionError("down")


def engine(clock: Clock | None = None) -> Constellation:
    return Constellation(modules=[slow_answer, broken], clock=clock)


async def outcome_of(folder: Path, program: str, tests: str) -> Outcome:
    (folder / "x.cst").write_text(program)
    (folder / "x.cst.test.yaml").write_text(tests)
    (test,) = collect(folder / "x.cst", engine())
    return await run_test(test, engine)


async def test_pauses_pass_at_once_and_real_work_takes_real_time(tmp_path: Path) -> None:
    started = time.monotonic()
    outcome = await outcome_of(
        tmp_path,
        'a = Broken() with retry: 3, delay: 1min, fallback: "none"\n'
        'b = SlowAnswer("x") with timeout: 30s, fallback: "late"\n'
        'c = SlowAnswer("y") with timeout: 10ms, fallback: "late"\n'
        "out a out b out c\n",
        "- outputs: {a: none, b: answer to x, c: late}\n",
    )
    assert outcome.problem is None
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "fake, problem",
    [
        ("{SlowAnswr: {returns: a}}", "cannot fake 'SlowAnswr': there is no such module; did you mean 'SlowAnswer'?"),
        ("{SlowAnswer: {returns: 5}}", "the fake of 'SlowAnswer' does not return String: expected String, got number"),
        ("{SlowAnswer: {fails: no idea}}", "got failed: Module 'SlowAnswer' execution failed: no idea"),
    ],
)
async def test_fakes_that_do_not_fit(tmp_path: Path, fake: str, problem: str) -> None:
    outcome = await outcome_of(tmp_path, 'out SlowAnswer("x") as a\n', f"- modules: {fake}\n")
    assert problem in (outcome.problem or "")


def test_folders_below_a_hidden_one_are_searched(tmp_path: Path) -> None:
    folder = tmp_path / ".hidden" / "project"
    (folder / ".venv").mkdir(parents=True)
    for name in ("a.cst", ".venv/b.cst", "c.cst.test.yaml"):
        (folder / name).write_text("")
    assert list(find_programs([folder])) == [folder / "a.cst", folder / "c.cst"]
    with pytest.raises(TestFileError, match=r"there is no c\.cst beside it"):
        collect(folder / "c.cst", engine())
