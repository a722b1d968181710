"""Which image a name means for this request, while more than one version serves it.

Owns active canaries, the last finished one of each name, and weighted names. Refuses to move aliases
(`deployments.py`). Invariant: hashes and `name@vN` are never routed; only a bare name is.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from constellation.stores.references import split_reference
from constellation.versions.canary import Canary, SideMetrics, sticky_draw


@dataclass(slots=True)
class WeightedName:
    """References and their shares, summing to 1, with what was measured of each."""

    weights: dict[str, float]
    before: dict[str, float] | None = None
    metrics: dict[str, SideMetrics] = field(default_factory=dict[str, SideMetrics])


class Router:
    """Traffic shares of every name that has any."""

    def __init__(self, dice: random.Random | None = None) -> None:
        self._dice = dice or random.Random()
        self._canaries: dict[str, Canary] = {}
        self._finished: dict[str, Canary] = {}
        self._weighted: dict[str, WeightedName] = {}

    # ------------------------------------------------------------------------------------------ canaries

    def canary(self, name: str) -> Canary | None:
        """The active canary of a name."""
        return self._canaries.get(name)

    def last(self, name: str) -> Canary | None:
        """The most recent finished canary of a name."""
        return self._finished.get(name)

    def begin(self, canary: Canary) -> None:
        """Let a canary route."""
        self._canaries[canary.name] = canary

    def retire(self, canary: Canary) -> None:
        """Take a finished canary out of routing and keep it readable."""
        if self._canaries.get(canary.name) is canary:
            del self._canaries[canary.name]
        self._finished[canary.name] = canary

    def active(self) -> dict[str, Canary]:
        """Every active canary by name."""
        return dict(self._canaries)

    def uses(self, structural_hash: str) -> list[str]:
        """Names whose active canary involves an image."""
        return [
            name
            for name, c in self._canaries.items()
            if structural_hash in (c.old.structural_hash, c.new.structural_hash)
        ]

    def hashes(self) -> set[str]:
        """Every image an active canary involves: roots that eviction spares."""
        return {h for c in list(self._canaries.values()) for h in (c.old.structural_hash, c.new.structural_hash)}

    # ------------------------------------------------------------------------------------- weighted names

    def set_weights(self, name: str, weights: Mapping[str, float]) -> None:
        """Share the name's traffic between references (names, `name@vN`, hashes; resolved when a request comes).

        Weights are at least 0 and sum to 1 (± 1e-6); otherwise ValueError. An empty mapping ends the sharing. Raises
        `InvalidReference` for what can refer to nothing.
        """
        if not weights:
            self._weighted.pop(name, None)
            return
        if any(w < 0 for w in weights.values()):
            raise ValueError("weights must not be negative")
        if not abs(sum(weights.values()) - 1) <= 1e-6:
            raise ValueError("weights must sum to 1")
        for ref in weights:
            split_reference(ref)
        present = self._weighted.get(name)
        self._weighted[name] = WeightedName(dict(weights), present.weights if present else None)

    def weights(self, name: str) -> dict[str, float] | None:
        """The shares of a weighted name."""
        found = self._weighted.get(name)
        return None if found is None else dict(found.weights)

    def promote(self, name: str, ref: str) -> None:
        """Send all of a weighted name's traffic to one of its references."""
        shares = self._weighted.get(name)
        if shares is None or ref not in shares.weights:
            raise KeyError(f"'{ref}' is no reference of '{name}'")
        self.set_weights(name, {ref: 1.0})

    def rollback(self, name: str) -> None:
        """Back to the shares before the last change; without any, all traffic to the reference with the most."""
        shares = self._weighted.get(name)
        if shares is None:
            raise KeyError(f"'{name}' has no weights")
        heaviest = max(shares.weights, key=lambda ref: shares.weights[ref])
        self.set_weights(name, shares.before or {heaviest: 1.0})

    def report(self, name: str) -> dict[str, dict[str, Any]]:
        """Per reference of a weighted name: weight, requests, failures and latencies in milliseconds."""
        shares = self._weighted.get(name)
        if shares is None:
            return {}
        rows: dict[str, dict[str, Any]] = {}
        for ref, weight in shares.weights.items():
            seen = shares.metrics.get(ref, SideMetrics())
            rows[ref] = {
                "weight": weight,
                "requests": seen.requests,
                "failures": seen.failures,
                "avg_latency_ms": seen.average_ms,
                "p99_latency_ms": seen.p99_ms,
            }
        return rows

    # --------------------------------------------------------------------------------------------- routing

    def choose(self, name: str, key: str | None = None) -> str | None:
        """The reference or image that serves this request of a bare name; None when the name is not shared."""
        canary = self._canaries.get(name)
        if canary is not None:
            return canary.select(key)
        shares = self._weighted.get(name)
        if shares is None:
            return None
        draw = self._dice.random() if key is None else sticky_draw(name, key)
        for ref, weight in shares.weights.items():
            if draw < weight:
                return ref
            draw -= weight
        return max(shares.weights, key=lambda ref: shares.weights[ref])

    def record(self, name: str, chosen: str, *, failed: bool, latency_ms: float) -> Canary | None:
        """Count one routed request. Returns the canary it belongs to, so that the caller can have it judged."""
        canary = self._canaries.get(name)
        if canary is not None:
            canary.record(chosen, failed=failed, latency_ms=latency_ms)
            return canary
        shares = self._weighted.get(name)
        if shares is not None and chosen in shares.weights:
            shares.metrics.setdefault(chosen, SideMetrics()).record(failed, latency_ms, self._dice)
        return None
