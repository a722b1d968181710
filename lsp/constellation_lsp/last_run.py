"""What the last run of a document's version gave, for hovers and lenses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from constellation.engine.result import ExecutionResult
from constellation_lsp.previews import preview


@dataclass(frozen=True, slots=True)
class LastRun:
    """Previews of values by variable and by output, durations by variable, all of one version of a document."""

    version: int
    values: Mapping[str, str]
    outputs: Mapping[str, str]
    durations: Mapping[str, float]

    def shown(self, name: str, *, output: bool = False) -> str | None:
        """`"HELLO" · 3 ms`: the value of a name and how long it took; None when the run did not get there."""
        value = self.outputs.get(name) if output else self.values.get(name)
        if value is None:
            return None
        duration = self.durations.get(name)
        return value if duration is None else f"{value} · {milliseconds(duration)}"


def milliseconds(duration: float) -> str:
    """A duration with as many digits as mean something."""
    return f"{duration:.0f} ms" if duration >= 10 else f"{duration:.1f} ms" if duration >= 0.1 else "< 0.1 ms"


def last_run_of(version: int, result: ExecutionResult) -> LastRun:
    """What is kept of a run."""
    return LastRun(
        version,
        {name: preview(*typed) for name, typed in result.typed_nodes.items()},
        {name: preview(*typed) for name, typed in result.typed_outputs.items()},
        dict(result.metadata.node_timings),
    )
