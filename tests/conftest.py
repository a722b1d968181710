"""Options and fixtures every test may use."""

from __future__ import annotations

import os
from collections.abc import Generator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

_IN_CI = bool(os.environ.get("CI"))
_CI_SEED = 20_261_121
"""CI repeats one set of generated programs, so that a change is judged by itself; every other run explores."""

settings.register_profile(
    "suite",
    deadline=None,
    print_blob=True,
    database=None,
    derandomize=_IN_CI,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", default=False, help="run large counts and soaks too")
    parser.addoption("--seed", type=int, default=None, help="seed of the generated programs (printed when absent)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--slow"):
        return
    skip = pytest.mark.skip(reason="runs with --slow")
    for item in items:
        if "slow" in item.keywords:
            item.add_marker(skip)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, Any, pytest.TestReport]:
    """In CI, a test that was skipped because a package is missing has failed: CI has to install it."""
    report: pytest.TestReport = yield
    if _IN_CI and report.skipped and "apt-get install" in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def slow(request: pytest.FixtureRequest) -> bool:
    """Whether this run does the large counts."""
    return bool(request.config.getoption("--slow"))


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of generated data: fixed with --seed, else new, and printed so that a failure can be repeated."""
    given: int | None = request.config.getoption("--seed")
    value = given if given is not None else _CI_SEED if _IN_CI else int.from_bytes(os.urandom(4), "big")
    print(f"seed: {value} (repeat with --seed {value})")
    return value
