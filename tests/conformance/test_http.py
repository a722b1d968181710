"""Every HTTP scenario, one test each; ids in `pending/http.txt` must fail, and say why."""

from __future__ import annotations

import pytest

from tests.conformance.cases import HERE, Case, load_cases, pending
from tests.conformance.http_runner import run_case

CASES = [case for file in ("http.yaml", "more_http.yaml", "more_loader.yaml") for case in load_cases(HERE / file)]
PENDING = pending("http")


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
async def test_scenario(case: Case) -> None:
    complaint = await run_case(case)
    if case["id"] in PENDING:
        assert complaint is not None, f"{case['id']} holds now: take it out of pending/http.txt"
        return
    assert complaint is None, complaint


def test_pending_names_only_scenarios_that_exist() -> None:
    assert PENDING.keys() <= {case["id"] for case in CASES}
