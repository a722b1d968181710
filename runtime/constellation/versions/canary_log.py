"""Active canaries that survive a restart.

Owns the stored form of a canary: its two versions, its configuration, weight, step, and what was measured of both sides
when it was saved. Invariant: a canary that has ended is not gone on with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from constellation.versions.canary import Canary, SideMetrics
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

    def set_aside(self, name: str, why: str) -> None:
        """Take a document out of use that makes no sense."""
        ...


def canary_document(canary: Canary, active: int | None) -> dict[str, Any]:
    """The stored form of an active canary; `active` is the version its name stands for meanwhile."""
    return {
        "name": canary.name,
        "oldVersion": canary.old.version,
        "newVersion": canary.new.version,
        "weight": canary.weight,
        "step": canary.step,
        "startedAt": canary.started_at.isoformat(),
        "stepStartedAt": canary.step_started_at.isoformat(),
        "activeVersion": active,
        "config": asdict(canary.config),
        "metrics": {"oldVersion": asdict(canary.old_metrics), "newVersion": asdict(canary.new_metrics)},
    }


def canary_of(document: Mapping[str, Any], versions: Versions, *, now: float, wall: datetime) -> Canary | None:
    """The canary of a stored form, its step as old as it was.

    None when one of its versions is gone, or its name has moved since: then it has ended. Raises KeyError, TypeError or
    ValueError for what is no canary.
    """
    name = str(document["name"])
    old, new = versions.get(name, document["oldVersion"]), versions.get(name, document["newVersion"])
    active = versions.active(name)
    if old is None or new is None or active is None or active.version != document.get("activeVersion", old.version):
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
    measured = document.get("metrics", {})
    canary.old_metrics = SideMetrics(**measured.get("oldVersion", {}))
    canary.new_metrics = SideMetrics(**measured.get("newVersion", {}))
    return canary
