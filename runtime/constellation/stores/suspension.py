"""A suspended execution as data: everything needed to go on later, in this process or another.

Owns the shape of the state and its JSON. Refuses to know how a state is made or resumed (the engine's business).

Invariant: `SuspendedExecution.from_json(state.to_json())` equals `state`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, cast

import orjson

from constellation.errors import ConstellationError
from constellation.image.codec import CodecError
from constellation.image.image import PipelineImage
from constellation.types.model import Type

FORMAT: Final = "constellation-suspension"
FORMAT_VERSION: Final = 1

_EPOCH: Final = "1970-01-01T00:00:00.000Z"
"""When an execution began whose state does not say so."""


class TypedValue(NamedTuple):
    """A language value with its type: what can be written as tagged JSON."""

    type: Type
    value: Any


Values = Mapping[str, TypedValue]


@dataclass(frozen=True, slots=True)
class SuspendedExecution:
    """The state of an execution that is suspended, failed or cancelled.

    `computed` is keyed by node key and holds every finished call and binding (elements of lambdas as `key@index`);
    `named_nodes` maps variable names to keys. `revision` counts saves; the store compares it. Times are ISO 8601 UTC.
    `image` is the program, in a state that is taken to another installation.
    """

    execution_id: str
    structural_hash: str
    status: str
    created_at: str
    pipeline_name: str | None = None
    resumption_count: int = 0
    revision: int = 0
    last_resumed_at: str | None = None
    expires_at: str | None = None
    provided_inputs: Values = field(default_factory=dict[str, TypedValue])
    resolved_nodes: Values = field(default_factory=dict[str, TypedValue])
    computed: Values = field(default_factory=dict[str, TypedValue])
    named_nodes: Mapping[str, str] = field(default_factory=dict[str, str])
    module_statuses: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, "Mapping[str, Any]"])
    missing_inputs: Mapping[str, str] = field(default_factory=dict[str, str])
    pending_outputs: tuple[str, ...] = ()
    errors: tuple[Mapping[str, Any], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict[str, Any])
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])
    image: PipelineImage | None = None

    @property
    def handle(self) -> str:
        """The execution's id; the name older programs know it by."""
        return self.execution_id

    def with_revision(self, revision: int) -> SuspendedExecution:
        """The same state under another revision."""
        return replace(self, revision=revision)

    def with_image(self, image: PipelineImage) -> SuspendedExecution:
        """The same state with its program."""
        return replace(self, image=image)

    def to_json(self) -> dict[str, Any]:
        """The state as one JSON object; values are tagged, so nothing is lost."""
        body: dict[str, Any] = {
            "format": FORMAT,
            "formatVersion": FORMAT_VERSION,
            "executionId": self.execution_id,
            "structuralHash": self.structural_hash,
            "pipelineName": self.pipeline_name,
            "resumptionCount": self.resumption_count,
            "revision": self.revision,
            "status": self.status,
            "createdAt": self.created_at,
            "lastResumedAt": self.last_resumed_at,
            "expiresAt": self.expires_at,
            "providedInputs": _encode(self.provided_inputs),
            "resolvedNodes": _encode(self.resolved_nodes),
            "computedValues": _encode(self.computed),
            "namedNodes": dict(self.named_nodes),
            "moduleStatuses": {key: dict(status) for key, status in self.module_statuses.items()},
            "missingInputs": dict(self.missing_inputs),
            "pendingOutputs": list(self.pending_outputs),
            "errors": [dict(error) for error in self.errors],
            "options": dict(self.options),
            "metadata": dict(self.metadata),
        }
        if self.image is not None:
            body["image"] = self.image.to_json()
        return body

    def to_bytes(self) -> bytes:
        """The state as JSON bytes. Raises `CodecError`."""
        try:
            return orjson.dumps(self.to_json())
        except TypeError as error:
            raise CodecError(f"Failed to encode SuspendedExecution: {error}") from error

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> SuspendedExecution:
        """The state of a JSON object. One without a format is read as what earlier systems wrote: which execution of
        which program it is, and its inputs; everything else is computed again. Raises `CodecError`."""
        version = data.get("formatVersion")
        earlier = "format" not in data and {"executionId", "structuralHash"} <= data.keys()
        known = data.get("format") == FORMAT and isinstance(version, int) and version <= FORMAT_VERSION
        if not (earlier or known):
            raise CodecError("Failed to decode SuspendedExecution: unknown format")
        try:
            return _read_earlier(data) if earlier else _read(data)
        except (ConstellationError, KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise CodecError(f"Failed to decode SuspendedExecution: {type(error).__name__}: {error}") from error

    @staticmethod
    def from_bytes(data: bytes | str) -> SuspendedExecution:
        """The state in JSON bytes. Raises `CodecError`."""
        try:
            parsed = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise CodecError(f"Failed to parse JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise CodecError("Failed to decode SuspendedExecution: not an object")
        return SuspendedExecution.from_json(cast("dict[str, Any]", parsed))

    def summary(self) -> SuspensionSummary:
        """What a list shows of it."""
        return SuspensionSummary(
            self.execution_id, self.structural_hash, self.pipeline_name, self.resumption_count,
            dict(self.missing_inputs), self.status, self.created_at, self.last_resumed_at, self.expires_at,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class SuspensionSummary:
    """One line of a list of suspended executions."""

    execution_id: str
    structural_hash: str
    pipeline_name: str | None
    resumption_count: int
    missing_inputs: dict[str, str]
    status: str
    created_at: str
    last_resumed_at: str | None
    expires_at: str | None

    @property
    def handle(self) -> str:
        """The execution's id."""
        return self.execution_id


def _encode(values: Values) -> dict[str, Any]:
    from constellation.types.tagged import to_tagged

    return {key: to_tagged(value.value, value.type) for key, value in values.items()}


def _decode(values: Mapping[str, Any]) -> dict[str, TypedValue]:
    from constellation.types.tagged import from_tagged

    found: dict[str, TypedValue] = {}
    for key, data in values.items():
        value, type_ = from_tagged(data)
        found[key] = TypedValue(type_, value)
    return found


def _read(data: Mapping[str, Any]) -> SuspendedExecution:
    return SuspendedExecution(
        execution_id=data["executionId"],
        structural_hash=data["structuralHash"],
        status=data["status"],
        created_at=data["createdAt"],
        pipeline_name=data.get("pipelineName"),
        resumption_count=data["resumptionCount"],
        revision=data["revision"],
        last_resumed_at=data.get("lastResumedAt"),
        expires_at=data.get("expiresAt"),
        provided_inputs=_decode(data["providedInputs"]),
        resolved_nodes=_decode(data["resolvedNodes"]),
        computed=_decode(data["computedValues"]),
        named_nodes=data["namedNodes"],
        module_statuses=data["moduleStatuses"],
        missing_inputs=data["missingInputs"],
        pending_outputs=tuple(data["pendingOutputs"]),
        errors=tuple(data["errors"]),
        options=data["options"],
        metadata=data["metadata"],
        image=PipelineImage.from_json(data["image"]) if "image" in data else None,
    )


def _read_earlier(data: Mapping[str, Any]) -> SuspendedExecution:
    return SuspendedExecution(
        execution_id=data["executionId"],
        structural_hash=data["structuralHash"],
        status="suspended",
        created_at=_EPOCH,
        resumption_count=data.get("resumptionCount", 0),
        provided_inputs=_decode(data.get("providedInputs", {})),
    )
