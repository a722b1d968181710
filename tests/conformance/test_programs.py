"""Every program case of the conformance files, one test each; ids in `pending/` must fail, and say why."""

from __future__ import annotations

import pytest

from tests.conformance.cases import HERE, Case, load_cases, pending
from tests.conformance.programs import run_case

SUITES = ("language", "stdlib", "cookbook", "runtime")
MORE = {suite: f"more_{suite}.yaml" for suite in ("language", "stdlib", "runtime")}
FILES = [*((suite, f"{suite}.yaml") for suite in SUITES), *MORE.items(), ("runtime", "more_execution.yaml")]
CASES = [(suite, case) for suite, file in FILES for case in load_cases(HERE / file)]
PENDING = {suite: pending(suite) for suite in SUITES}


@pytest.mark.parametrize(("suite", "case"), CASES, ids=[case["id"] for _, case in CASES])
async def test_case(suite: str, case: Case) -> None:
    complaint = await run_case(suite, case)
    if case["id"] in PENDING[suite]:
        assert complaint is not None, f"{case['id']} holds now: take it out of pending/{suite}.txt"
        return
    assert complaint is None, complaint


@pytest.mark.parametrize("suite", SUITES)
def test_pending_names_only_cases_that_exist(suite: str) -> None:
    assert PENDING[suite].keys() <= {case["id"] for s, case in CASES if s == suite}
