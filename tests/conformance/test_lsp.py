"""Every language-server case over both transports, one test each; ids in `pending/lsp.txt` must fail, and say why."""

from __future__ import annotations

import pytest

from tests.conformance.cases import HERE, Case, load_cases, pending
from tests.conformance.lsp_runner import run_case

CASES = [*load_cases(HERE / "lsp.yaml"), *load_cases(HERE / "more_lsp.yaml")]
PENDING = pending("lsp")
RAW = [case for case in CASES if case["request"] == "ws"]


async def judged(case: Case, transport: str) -> None:
    complaint = await run_case(case, transport)
    if case["id"] in PENDING:
        assert complaint is not None, f"{case['id']} holds now: take it out of pending/lsp.txt"
        return
    assert complaint is None, complaint


@pytest.mark.parametrize("case", [c for c in CASES if c not in RAW], ids=lambda case: case["id"])
async def test_over_stdio(case: Case) -> None:
    await judged(case, "stdio")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
async def test_over_websocket(case: Case) -> None:
    await judged(case, "ws")


def test_pending_names_only_cases_that_exist() -> None:
    assert PENDING.keys() <= {case["id"] for case in CASES}
