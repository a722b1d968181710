"""Circuit breakers: modules that keep failing are not called for a while.

Owns the three states and their counts, one breaker per module. Refuses to know why a call failed.

Invariant: an attempt counts in the state it started in; what comes back later than a change of state is ignored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from constellation.engine.errors import CircuitOpenError
from constellation.engine.options import seconds_of

Tell = Callable[[str, str], None]
"""Is told the module and the new state."""


@dataclass(frozen=True, slots=True)
class CircuitBreakerConfig:
    """When a breaker opens, for how long (seconds or a timedelta), and how many probes it lets through then."""

    failure_threshold: int = 5
    reset_duration: float | timedelta = 30.0
    half_open_max_probes: int = 1

    def __post_init__(self) -> None:
        if self.failure_threshold < 1 or self.half_open_max_probes < 1:
            raise ValueError("failure_threshold and half_open_max_probes must be at least 1")


@dataclass(slots=True)
class BreakerStats:
    """What a breaker has seen."""

    state: str
    consecutive_failures: int
    total_successes: int
    total_failures: int
    total_rejected: int

    def to_json(self) -> dict[str, object]:
        """The facts under their wire names."""
        return {
            "state": self.state,
            "consecutiveFailures": self.consecutive_failures,
            "totalSuccesses": self.total_successes,
            "totalFailures": self.total_failures,
            "totalRejected": self.total_rejected,
        }


class CircuitBreaker:
    """`closed` → `open` → `half_open` → `closed`."""

    def __init__(self, module: str, config: CircuitBreakerConfig, clock: Callable[[], float], tell: Tell) -> None:
        self.module = module
        self._tell = tell
        self._config = config
        self._reset = seconds_of(config.reset_duration) or 0.0
        self._clock = clock
        self._era = 0
        self._state = "closed"
        self._opened = 0.0
        self._probes = 0
        self._failures_in_row = 0
        self._successes = self._failures = self._rejected = 0

    @property
    def state(self) -> str:
        """The state as the next attempt would find it."""
        if self._state == "open" and self._clock() - self._opened >= self._reset:
            return "half_open"
        return self._state

    def peek(self) -> None:
        """Raises `CircuitOpenError` when an attempt would be refused now; counts as a refusal then."""
        if self._state == "open" and self._clock() - self._opened < self._reset:
            self._rejected += 1
            raise CircuitOpenError(self.module)

    def enter(self) -> int:
        """Begin an attempt; returns what `succeeded`, `failed` or `cancelled` is to be told."""
        self.peek()
        if self._state == "open":
            self._change("half_open")
        if self._state == "half_open":
            if self._probes >= self._config.half_open_max_probes:
                self._rejected += 1
                raise CircuitOpenError(self.module)
            self._probes += 1
        return self._era

    def succeeded(self, era: int) -> None:
        """An attempt went well."""
        self._successes += 1
        if era != self._era:
            return
        self._failures_in_row = 0
        if self._state == "half_open":
            self._change("closed")

    def failed(self, era: int) -> None:
        """An attempt failed."""
        self._failures += 1
        if era != self._era:
            return
        self._failures_in_row += 1
        if self._state == "half_open" or self._failures_in_row >= self._config.failure_threshold:
            self._change("open")

    def cancelled(self, era: int) -> None:
        """An attempt ended without an outcome."""
        if era == self._era and self._state == "half_open":
            self._probes -= 1

    def _change(self, state: str) -> None:
        self._era += 1
        self._state = state
        self._probes = 0
        if state == "open":
            self._opened = self._clock()
        if state == "closed":
            self._failures_in_row = 0
        self._tell(self.module, state)

    def reset(self) -> None:
        """Close it by hand."""
        self._change("closed")

    def stats(self) -> BreakerStats:
        """What it has seen."""
        return BreakerStats(self.state, self._failures_in_row, self._successes, self._failures, self._rejected)


class CircuitBreakers:
    """The breakers of an engine; `default` None means only modules that ask for one have one."""

    def __init__(self, default: CircuitBreakerConfig | None, clock: Callable[[], float], tell: Tell) -> None:
        self._default = default
        self._tell = tell
        self._clock = clock
        self._breakers: dict[str, CircuitBreaker] = {}

    @property
    def active(self) -> bool:
        """Whether every module has one."""
        return self._default is not None

    def of(self, module: str, own: object) -> CircuitBreaker | None:
        """The breaker of a module; `own` is the module's configuration, False to have none."""
        found = self._breakers.get(module)
        if found is not None:
            return found
        config = own if isinstance(own, CircuitBreakerConfig) else self._default
        if own is True and config is None:
            config = CircuitBreakerConfig()
        if config is None or own is False:
            return None
        found = self._breakers[module] = CircuitBreaker(module, config, self._clock, self._tell)
        return found

    def statistics(self) -> dict[str, BreakerStats]:
        """Stats by module."""
        return {name: breaker.stats() for name, breaker in self._breakers.items()}

    def reset(self, module: str | None = None) -> None:
        """Close one breaker, or all."""
        for name, breaker in self._breakers.items():
            if module in (None, name):
                breaker.reset()
