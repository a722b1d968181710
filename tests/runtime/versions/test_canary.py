"""Canaries: routing, measuring, promoting and rolling back, on given times."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constellation.stores.references import InvalidReference
from constellation.versions import Canary, CanaryConfig, CanaryConfigError, CanaryStatus, PipelineVersion, Router
from constellation.versions.canary import SideMetrics, sticky_draw

NOW = datetime(2024, 2, 29, 12, tzinfo=UTC)
OLD = PipelineVersion(1, "old", NOW)
NEW = PipelineVersion(2, "new", NOW)


def canary(config: CanaryConfig | None = None) -> Canary:
    return Canary("p", OLD, NEW, config or CanaryConfig(), now=0.0, started_at=NOW, dice=random.Random(7))


def use(canary: Canary, requests: int, *, failing: int = 0, latency_ms: float = 1.0) -> None:
    for number in range(requests):
        canary.record("new", failed=number < failing, latency_ms=latency_ms)


def test_weights_visited_are_the_initial_one_and_every_step_above_it() -> None:
    tried = canary(CanaryConfig(initial_weight=0.1, promotion_steps=(0.05, 0.1, 0.5, 1.0)))
    weights = [tried.weight]
    while tried.active:
        tried.promote(now=0.0, wall=NOW)
        weights.append(tried.weight)
    assert weights == [0.1, 0.5, 1.0]
    assert tried.status is CanaryStatus.COMPLETE


def test_starting_with_everything_completes_on_the_first_promotion() -> None:
    tried = canary(CanaryConfig(initial_weight=1.0, promotion_steps=(1.0,)))
    tried.promote(now=0.0, wall=NOW)
    assert tried.status is CanaryStatus.COMPLETE


def test_a_healthy_step_is_promoted_after_window_and_requests() -> None:
    tried = canary(CanaryConfig(observation_window=60, min_requests=10))
    use(tried, 9)
    assert not tried.evaluate(now=100, wall=NOW)
    use(tried, 1)
    assert not tried.evaluate(now=59, wall=NOW)
    assert tried.evaluate(now=60, wall=NOW)
    assert (tried.weight, tried.step, tried.new_metrics.requests) == (0.10, 1, 0)


def test_an_unhealthy_one_is_rolled_back_at_once() -> None:
    tried = canary(CanaryConfig(observation_window=3600, min_requests=10, error_threshold=0.1))
    use(tried, 10, failing=2)
    assert tried.evaluate(now=0.1, wall=NOW)
    assert tried.status is CanaryStatus.ROLLED_BACK


def test_exactly_the_threshold_is_healthy() -> None:
    tried = canary(CanaryConfig(min_requests=10, error_threshold=0.2))
    use(tried, 10, failing=2)
    assert not tried.evaluate(now=0.1, wall=NOW)


def test_slowness_rolls_back_too() -> None:
    tried = canary(CanaryConfig(min_requests=2, latency_threshold_ms=50))
    use(tried, 2, latency_ms=51)
    assert tried.evaluate(now=0.0, wall=NOW)
    assert tried.status is CanaryStatus.ROLLED_BACK


def test_automatic_steps_can_be_switched_off() -> None:
    tried = canary(CanaryConfig(min_requests=1, observation_window=1, auto_promote=False, auto_rollback=False))
    use(tried, 5, failing=5)
    assert not tried.evaluate(now=1e6, wall=NOW)


@given(st.text(), st.floats(0.01, 0.99), st.floats(0.0, 0.5))
def test_a_sticky_caller_only_ever_moves_from_old_to_new(key: str, weight: float, more: float) -> None:
    tried = canary(CanaryConfig(initial_weight=weight))
    first = tried.select(key)
    tried.weight = min(1.0, weight + more)
    assert first == tried.select(key) or (first, tried.select(key)) == ("old", "new")


def test_sticky_draws_are_spread() -> None:
    draws = [sticky_draw("p", str(n)) for n in range(2000)]
    assert all(0 <= d < 1 for d in draws)
    assert 0.45 < sum(draws) / len(draws) < 0.55


def test_shares_follow_the_weight() -> None:
    tried = canary(CanaryConfig(initial_weight=0.25))
    picked = [tried.select() for _ in range(4000)]
    assert 0.22 < picked.count("new") / len(picked) < 0.28


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=300))
def test_the_99th_percentile(latencies: list[float]) -> None:
    seen = SideMetrics()
    for value in latencies:
        seen.record(False, value, random.Random(1))
    below = sum(v <= seen.p99_ms for v in latencies)
    assert below >= 0.99 * len(latencies)
    assert seen.p99_ms in latencies


def test_latencies_are_sampled_not_hoarded() -> None:
    seen, dice = SideMetrics(), random.Random(1)
    for value in range(30_000):
        seen.record(False, value, dice)
    assert len(seen.latencies) == 10_000
    assert seen.requests == 30_000


@pytest.mark.parametrize(
    "wrong",
    [
        {"initial_weight": 0},
        {"initial_weight": 1.1},
        {"promotion_steps": ()},
        {"promotion_steps": (0.5, 0.5, 1.0)},
        {"promotion_steps": (0.1, 0.5)},
        {"promotion_steps": (0.1, 1.5)},
        {"observation_window": 0},
        {"error_threshold": 1.5},
        {"min_requests": 0},
        {"canary_percent": 0},
        {"latency_threshold_ms": -1},
    ],
)
def test_configurations_that_make_no_sense(wrong: dict[str, object]) -> None:
    with pytest.raises(CanaryConfigError):
        CanaryConfig(**wrong)  # type: ignore[arg-type]


def test_the_percentage_spelling() -> None:
    config = CanaryConfig("p@v1", "p@v2", 10)
    assert config.initial_weight == pytest.approx(0.1)
    assert not config.auto_promote


def test_weighted_names() -> None:
    router = Router(random.Random(3))
    router.set_weights("p", {"v1": 0.9, "v2": 0.1})
    picked = [router.choose("p") for _ in range(2000)]
    assert 0.07 < picked.count("v2") / len(picked) < 0.13
    assert len({router.choose("p", "caller") for _ in range(50)}) == 1
    router.record("p", "v2", failed=True, latency_ms=3.0)
    assert router.report("p")["v2"]["failures"] == 1
    router.promote("p", "v2")
    assert router.choose("p") == "v2"
    router.rollback("p")
    assert router.weights("p") == {"v1": 0.9, "v2": 0.1}
    assert router.choose("q") is None


@pytest.mark.parametrize("weights", [{"a": 0.5, "b": 0.4}, {"a": 1.2, "b": -0.2}, {"a": math.nan}])
def test_weights_must_sum_to_one(weights: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="weights must"):
        Router().set_weights("p", weights)


@pytest.mark.parametrize("ref", ["", "a\nb", "x" * 257, "sha256:12"])
def test_a_share_is_of_something_that_can_be_referred_to(ref: str) -> None:
    router = Router()
    with pytest.raises(InvalidReference):
        router.set_weights("p", {"good": 0.5, ref: 0.5})
    assert router.weights("p") is None


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_nothing_and_everything_are_shares_too(weight: float) -> None:
    router = Router(random.Random(1))
    router.set_weights("p", {"new": weight, "old": 1.0 - weight})
    chosen = "new" if weight else "old"
    assert {router.choose("p") for _ in range(500)} == {router.choose("p", f"k{n}") for n in range(500)} == {chosen}
