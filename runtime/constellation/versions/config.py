"""How a canary deployment is to proceed.

Owns the numbers and their validation. Invariant: a `CanaryConfig` is frozen and valid; every violated rule is named in
one `CanaryConfigError`.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise


class CanaryConfigError(ValueError):
    """The violated rules, joined by `; `."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class CanaryConfig:
    """Two spellings of one thing.

    Stepwise: `initial_weight`, then each of `promotion_steps` greater than it, the last being 1.0; a step is judged
    after `observation_window` seconds and `min_requests` requests of the new version. Fixed:
    `CanaryConfig("p@v1", "p@v2", 10)` keeps `canary_percent` of the traffic on the new version until changed by hand.
    """

    stable: str | None = None
    canary: str | None = None
    canary_percent: float | None = None
    initial_weight: float = 0.05
    promotion_steps: tuple[float, ...] = (0.10, 0.25, 0.50, 1.0)
    observation_window: float = 300.0
    error_threshold: float = 0.05
    latency_threshold_ms: float | None = None
    min_requests: int = 10
    auto_promote: bool = True
    auto_rollback: bool = True

    def __post_init__(self) -> None:
        if self.canary_percent is not None:
            object.__setattr__(self, "initial_weight", self.canary_percent / 100)
            if self.stable is not None:
                object.__setattr__(self, "auto_promote", False)
        problems = self._problems()
        if problems:
            raise CanaryConfigError(problems)

    def _problems(self) -> list[str]:
        problems: list[str] = []
        if not 0 < self.initial_weight <= 1:
            shown = (
                "percent must be in (0, 100]" if self.canary_percent is not None else "initialWeight must be in (0, 1]"
            )
            problems.append(shown)
        steps = self.promotion_steps
        if not steps:
            problems.append("promotionSteps must not be empty")
        elif any(not 0 < s <= 1 for s in steps):
            problems.append("promotionSteps must each be in (0, 1]")
        elif any(b <= a for a, b in pairwise(steps)):
            problems.append("promotionSteps must be strictly increasing")
        elif steps[-1] != 1.0:
            problems.append("the last of promotionSteps must be 1.0")
        if not self.observation_window > 0:
            problems.append("observationWindow must be greater than 0")
        if not 0 <= self.error_threshold <= 1:
            problems.append("errorThreshold must be from 0 to 1")
        if self.latency_threshold_ms is not None and not self.latency_threshold_ms > 0:
            problems.append("latencyThresholdMs must be greater than 0")
        if self.min_requests < 1:
            problems.append("minRequests must be at least 1")
        return problems

    @property
    def remaining_steps(self) -> tuple[float, ...]:
        """The weights visited after the initial one."""
        return tuple(s for s in self.promotion_steps if s > self.initial_weight)
