"""One canary deployment: two versions, a weight, what was measured of each, and when to go on or back.

Owns the state machine and the measurements. Refuses to touch stores, clocks or dice: times and draws are given to it.
Invariant: the weight only grows; once `complete` or `rolled_back`, nothing changes any more.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from constellation.versions.config import CanaryConfig
from constellation.versions.history import PipelineVersion

RESERVOIR = 10_000


class CanaryStatus(StrEnum):
    """Where a canary stands."""

    OBSERVING = "observing"
    PROMOTING = "promoting"
    ROLLED_BACK = "rolled_back"
    COMPLETE = "complete"


@dataclass(slots=True)
class SideMetrics:
    """What one version did since the step began. Latencies are milliseconds, a uniform sample of at most 10,000."""

    requests: int = 0
    failures: int = 0
    total_ms: float = 0.0
    latencies: list[float] = field(default_factory=list[float])

    def record(self, failed: bool, latency_ms: float, dice: random.Random) -> None:
        """Count one request."""
        self.requests += 1
        self.failures += failed
        self.total_ms += latency_ms
        if len(self.latencies) < RESERVOIR:
            self.latencies.append(latency_ms)
        elif (at := dice.randrange(self.requests)) < RESERVOIR:
            self.latencies[at] = latency_ms

    @property
    def successes(self) -> int:
        """Requests that did not fail; a suspension is no failure."""
        return self.requests - self.failures

    @property
    def error_rate(self) -> float:
        """Failures per request; 0 before the first."""
        return self.failures / self.requests if self.requests else 0.0

    @property
    def average_ms(self) -> float:
        """Mean latency; 0 before the first request."""
        return self.total_ms / self.requests if self.requests else 0.0

    @property
    def p99_ms(self) -> float:
        """The 99th percentile: element ceil(0.99 n) of the sorted sample."""
        if not self.latencies:
            return 0.0
        return sorted(self.latencies)[math.ceil(0.99 * len(self.latencies)) - 1]


def sticky_draw(name: str, key: str) -> float:
    """A number in [0, 1) that is always the same for one caller of one name, so a growing weight never flips back."""
    # a header may carry bytes that are no text
    text = f"{name}:{key}".encode("utf-8", "surrogatepass")
    return int(hashlib.sha256(text).hexdigest()[:8], 16) / 2**32


class Canary:
    """The state of one canary. `now` arguments are seconds of a monotonic clock."""

    def __init__(
        self,
        name: str,
        old: PipelineVersion,
        new: PipelineVersion,
        config: CanaryConfig,
        *,
        now: float,
        started_at: datetime,
        dice: random.Random | None = None,
    ) -> None:
        self.name = name
        self.old = old
        self.new = new
        self.config = config
        self.weight = config.initial_weight
        self.step = 0
        self.status = CanaryStatus.OBSERVING
        self.reason = ""
        self.started_at = started_at
        self.step_started_at = started_at
        self._step_started = now
        self._dice = dice or random.Random()
        self.old_metrics = SideMetrics()
        self.new_metrics = SideMetrics()
        self.unsaved = False
        """Whether something was measured since the measurements were last saved."""

    @contextmanager
    def attempt(self) -> Generator[None]:
        """A change inside the block is taken back when the block fails."""
        before = dict(vars(self))
        try:
            yield
        except BaseException:
            vars(self).update(before)
            raise

    @property
    def active(self) -> bool:
        """Whether it still routes."""
        return self.status in {CanaryStatus.OBSERVING, CanaryStatus.PROMOTING}

    def select(self, key: str | None = None) -> str:
        """The image that serves the next request; with a key the same caller stays on one side."""
        draw = self._dice.random() if key is None else sticky_draw(self.name, key)
        return self.new.structural_hash if draw < self.weight else self.old.structural_hash

    def record(self, structural_hash: str, *, failed: bool, latency_ms: float) -> None:
        """Count one request of either side; an image of neither is ignored."""
        if not self.active:
            return
        if structural_hash == self.new.structural_hash:
            self.new_metrics.record(failed, latency_ms, self._dice)
        elif structural_hash == self.old.structural_hash:
            self.old_metrics.record(failed, latency_ms, self._dice)
        self.unsaved = True

    def evaluate(self, *, now: float, wall: datetime) -> bool:
        """Judge the present step: roll back at once when unhealthy, go on when healthy for long enough.

        Returns whether anything changed.
        """
        if not self.active or self.new_metrics.requests < self.config.min_requests:
            return False
        if self.config.auto_rollback and self._unhealthy():
            self.roll_back("unhealthy")
            return True
        if self.config.auto_promote and now - self._step_started >= self.config.observation_window:
            self.promote(now=now, wall=wall)
            return True
        return False

    def _unhealthy(self) -> bool:
        limit = self.config.latency_threshold_ms
        return self.new_metrics.error_rate > self.config.error_threshold or (
            limit is not None and self.new_metrics.p99_ms > limit
        )

    def promote(self, *, now: float, wall: datetime) -> None:
        """Go one step on; the last step completes. Both sides are measured afresh."""
        remaining = self.config.remaining_steps
        self.weight = remaining[self.step] if self.step < len(remaining) else 1.0
        self.step += 1
        self._step_started = now
        self.step_started_at = wall
        if self.weight >= 1.0:
            self.weight = 1.0
            self.status = CanaryStatus.COMPLETE
            return
        self.old_metrics = SideMetrics()
        self.new_metrics = SideMetrics()

    def roll_back(self, reason: str) -> None:
        """End it in favour of the old version."""
        self.status = CanaryStatus.ROLLED_BACK
        self.reason = reason
