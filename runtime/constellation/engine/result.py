"""What a run gives back.

Owns the result object, its status and its JSON. Refuses to run or resume anything.

Invariant: a result never changes; values are made plain when first looked at and the same from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from constellation.engine.errors import ExecutionError, ExecutionTimeoutError, RunCancelled, RunFailed
from constellation.types.model import Type

if TYPE_CHECKING:
    from constellation.stores.suspension import SuspendedExecution

T = TypeVar("T")


class Status(StrEnum):
    """How a run ended."""

    COMPLETED = "completed"
    SUSPENDED = "suspended"
    FAILED = "failed"
    CANCELLED = "cancelled"


def iso_time(epoch: float) -> str:
    """ISO 8601 in UTC with milliseconds."""
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=epoch)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


@dataclass(slots=True)
class Metadata:
    """Facts about a run. Times are ISO 8601 UTC, durations milliseconds."""

    started: float = 0.0
    finished: float = 0.0
    created: float | None = None
    total_duration_ms: float = 0.0
    node_timings: Mapping[str, float] = field(default_factory=dict[str, float])
    provenance: Mapping[str, str] = field(default_factory=dict[str, str])
    blocked_graph: Mapping[str, list[str]] = field(default_factory=dict[str, "list[str]"])
    resolution_sources: Mapping[str, str] = field(default_factory=dict[str, str])
    absorbed_errors: tuple[Mapping[str, object], ...] = ()
    wrapped: Mapping[str, object] = field(default_factory=dict[str, object])
    context: Mapping[str, Mapping[str, object]] = field(default_factory=dict[str, "Mapping[str, object]"])
    warnings: tuple[str, ...] = ()
    cache_hits: int = 0
    retries: int = 0
    routed_to: str | None = None

    @property
    def started_at(self) -> str:
        """When this run, or this resume, started."""
        return iso_time(self.started)

    @property
    def completed_at(self) -> str:
        """When it ended."""
        return iso_time(self.finished)

    @property
    def created_at(self) -> str:
        """When the execution was started for the first time."""
        return iso_time(self.started if self.created is None else self.created)

    def to_json(self) -> dict[str, object]:
        """The facts that are known, as JSON."""
        body: dict[str, object] = {
            "startedAt": self.started_at,
            "completedAt": self.completed_at,
            "totalDurationMs": self.total_duration_ms,
        }
        if self.created is not None:
            body["createdAt"] = self.created_at
        for name, value in (
            ("nodeTimings", dict(self.node_timings)),
            ("provenance", dict(self.provenance)),
            ("blockedGraph", dict(self.blocked_graph)),
            ("resolutionSources", dict(self.resolution_sources)),
            ("absorbedErrors", list(self.absorbed_errors)),
            ("wrapped", dict(self.wrapped)),
            ("context", dict(self.context)),
            ("warnings", list(self.warnings)),
            ("cacheHits", self.cache_hits),
            ("retries", self.retries),
            ("routedTo", self.routed_to),
        ):
            if value:
                body[name] = value
        return body


Typed = Mapping[str, tuple[Type, Any]]


class ExecutionResult:
    """Everything a run produced. Values are plain Python; see `to_json` for their JSON."""

    __slots__ = (
        "_computed", "_inputs", "_outputs", "_plain_computed", "_plain_inputs", "_plain_outputs", "_state", "declared",
        "errors", "execution_id", "metadata", "missing_types", "resumption_count", "status", "structural_hash",
        "timed_out",
    )  # fmt: skip

    def __init__(
        self,
        execution_id: str,
        structural_hash: str,
        status: Status,
        declared: tuple[str, ...],
        inputs: Callable[[], Typed],
        outputs: Typed,
        computed: Callable[[], Typed],
        missing: Mapping[str, Type],
        errors: tuple[ExecutionError, ...],
        metadata: Metadata,
        resumption_count: int = 0,
        state: Callable[[], SuspendedExecution] | SuspendedExecution | None = None,
        timed_out: bool = False,
    ) -> None:
        self.execution_id = execution_id
        self.structural_hash = structural_hash
        self.status = status
        self.declared = declared
        self.errors = errors
        self.metadata = metadata
        self.resumption_count = resumption_count
        self.missing_types = missing
        self.timed_out = timed_out
        self._inputs = inputs
        self._outputs = outputs
        self._computed = computed
        self._state = state
        self._plain_inputs: Mapping[str, Any] | None = None
        self._plain_outputs: Mapping[str, Any] | None = None
        self._plain_computed: Mapping[str, Any] | None = None

    # --- values ---

    @property
    def outputs(self) -> Mapping[str, Any]:
        """Output name → value, for every output that has one, in declaration order."""
        if self._plain_outputs is None:
            self._plain_outputs = _plain_all(self._outputs)
        return self._plain_outputs

    @property
    def computed_nodes(self) -> Mapping[str, Any]:
        """Variable name → value, for every binding that was evaluated."""
        if self._plain_computed is None:
            self._plain_computed = _plain_all(self._computed())
        return self._plain_computed

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The inputs that were provided."""
        if self._plain_inputs is None:
            self._plain_inputs = _plain_all(self._inputs())
        return self._plain_inputs

    @property
    def all_inputs(self) -> Mapping[str, Any]:
        """The same as `inputs`: over all resumes."""
        return self.inputs

    @property
    def typed_outputs(self) -> Typed:
        """Outputs as language values with their types."""
        return self._outputs

    @property
    def typed_nodes(self) -> Typed:
        """Computed variables as language values with their types."""
        return self._computed()

    def __getitem__(self, name: str) -> Any:
        found = self.outputs
        if name in found:
            return found[name]
        if name in self.declared:
            raise KeyError(f"output '{name}' has no value: the run is {self.status.value}")
        raise KeyError(f"no output '{name}'; declared outputs: {', '.join(self.declared) or 'none'}")

    def __contains__(self, name: object) -> bool:
        return name in self.outputs

    def __iter__(self) -> Iterator[str]:
        raise TypeError("iterate over result.outputs")

    def output(self, name: str, kind: type[T]) -> T:
        """An output checked to be of a Python type. Raises `KeyError`, `TypeError`."""
        value = self[name]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise TypeError(f"output '{name}' is {type(value).__name__}, not {kind.__name__}")
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """An output, or the default while it has no value."""
        return self.outputs.get(name, default)

    def node(self, name: str) -> Any:
        """A variable's value. Raises `KeyError`."""
        found = self.computed_nodes
        if name not in found:
            raise KeyError(f"no computed variable '{name}'; computed: {', '.join(found) or 'none'}")
        return found[name]

    def as_(self, kind: type[T]) -> T:
        """The outputs as a dataclass, TypedDict, NamedTuple or pydantic model."""
        from constellation.engine.typing import build

        return build(kind, self._outputs)

    # --- state ---

    @property
    def success(self) -> bool:
        """Whether the run completed or is waiting for inputs."""
        return self.status in (Status.COMPLETED, Status.SUSPENDED)

    @property
    def is_complete(self) -> bool:
        """Whether every output was computed and nothing failed."""
        return self.status is Status.COMPLETED

    @property
    def missing_inputs(self) -> Mapping[str, str]:
        """Missing input name → type as the language spells it, in declaration order."""
        return MappingProxyType({name: str(type_) for name, type_ in self.missing_types.items()})

    @property
    def pending_outputs(self) -> tuple[str, ...]:
        """Declared outputs without a value."""
        return tuple(name for name in self.declared if name not in self._outputs)

    @property
    def progress(self) -> float:
        """Share of declared outputs that have a value."""
        return len(self._outputs) / len(self.declared) if self.declared else 1.0

    @property
    def failed_nodes(self) -> tuple[str, ...]:
        """Names of the nodes that failed."""
        return tuple(error.node_name for error in self.errors)

    @property
    def error(self) -> str | None:
        """The messages of all errors in one text."""
        return "; ".join(error.message for error in self.errors) or None

    @property
    def suspended_state(self) -> SuspendedExecution | None:
        """What is needed to go on later; None when the run completed."""
        if callable(self._state):
            self._state = self._state()
        return self._state

    def raise_for_status(self) -> ExecutionResult:
        """This result, or an exception when the run failed or was cancelled."""
        if self.status is Status.CANCELLED:
            raise RunCancelled(self)
        if self.status is Status.FAILED:
            raise ExecutionTimeoutError(self) if self.timed_out else RunFailed(self)
        return self

    # --- forms ---

    def to_json(self, include: tuple[str, ...] = ()) -> dict[str, Any]:
        """The result as JSON, types in their wire spelling. `include=("inputs",)` adds the inputs."""
        body: dict[str, Any] = {
            "success": self.success,
            "status": self.status.value,
            "executionId": self.execution_id,
            "structuralHash": self.structural_hash,
            "resumptionCount": self.resumption_count,
            "outputs": _json_all(self._outputs),
            "computedNodes": _json_all(self._computed()),
            "missingInputs": {name: type_.wire for name, type_ in self.missing_types.items()},
            "pendingOutputs": list(self.pending_outputs),
            "metadata": self.metadata.to_json(),
        }
        if self.errors:
            body["error"] = self.error
            body["failures"] = [error.to_json() for error in self.errors]
        if "inputs" in include:
            body["inputs"] = _json_all(self._inputs())
        return body

    def __repr__(self) -> str:
        return f"<ExecutionResult {self.status.value} {self.execution_id} outputs={dict(self.outputs)!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        fields = (
            self.execution_id, self.structural_hash, self.status, self.declared, dict(self._inputs()),
            dict(self._outputs), dict(self._computed()), dict(self.missing_types),
            tuple(_without_cause(error) for error in self.errors), self.metadata, self.resumption_count,
            self.suspended_state, self.timed_out,
        )  # fmt: skip
        return _restore, fields


def _restore(*fields: Any) -> ExecutionResult:
    values = list(fields)
    inputs, computed = values[4], values[6]
    values[4], values[6] = lambda: inputs, lambda: computed
    return ExecutionResult(*values)


def _without_cause(error: ExecutionError) -> ExecutionError:
    from dataclasses import replace

    return replace(error, cause=None)


def _plain_all(values: Typed) -> Mapping[str, Any]:
    from constellation.types.json import encode_python

    return {name: encode_python(type_)(value) for name, (type_, value) in values.items()}


def _json_all(values: Typed) -> dict[str, Any]:
    from constellation.types.json import encode

    return {name: encode(type_)(value) for name, (type_, value) in values.items()}
