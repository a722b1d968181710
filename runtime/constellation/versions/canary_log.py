"""Active canaries that survive a restart.

Owns the stored form of a canary: its two versions, its configuration, weight and step. Refuses to keep measurements,
which begin afresh. Invariant: a canary that has ended is not stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from constellation.versions.canary import Canary
from constellation.versions.config import CanaryConfig
from constellation.versions.history import Versions


class CanaryLog(Protocol):
    """Documents by name, kept until removed."""

    def load(self) -> Iterable[Mapping[str, Any]]:
        """Every saved document."""
        ...

    def save(self, name: str, document: Mapping[str, Any]) -> None:
        """Keep a document; returns when it is durable, raises OSError when it is not."""
        ...

    def remove(self, name: str) -> bool:
        """Forget a document."""
        ...


def canary_document(canary: Canary) -> dict[str, Any]:
    """The stored form of an active canary."""
    return {
        "name": canary.name,
        "oldVersion": canary.old.version,
        "newVersion": canary.new.version,
        "weight": canary.weight,
        "step": canary.step,
        "startedAt": canary.started_at.isoformat(),
        "stepStartedAt": canary.step_started_at.isoformat(),
        "config": asdict(canary.config),
    }


def canary_of(document: Mapping[str, Any], versions: Versions, *, now: float, wall: datetime) -> Canary | None:
    """The canary of a stored form, its step as old as it was; None when one of its versions is gone."""
    name = str(document["name"])
    old, new = versions.get(name, document["oldVersion"]), versions.get(name, document["newVersion"])
    if old is None or new is None:
        return None
    given = dict(document["config"])
    given["promotion_steps"] = tuple(given["promotion_steps"])
    # the weight was worked out already; a percentage would work it out again
    given["canary_percent"] = None
    step_started_at = datetime.fromisoformat(document["stepStartedAt"])
    age = max((wall - step_started_at).total_seconds(), 0.0)
    started_at = datetime.fromisoformat(document["startedAt"])
    canary = Canary(name, old, new, CanaryConfig(**given), now=now - age, started_at=started_at)
    canary.weight, canary.step, canary.step_started_at = document["weight"], document["step"], step_started_at
    return canary
