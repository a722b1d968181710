"""The JSON bodies of compiling and running, field for field.

Owns names and presence of members. Refuses to decide statuses. Invariant: an absent optional member is left out, never
null; `requestId` is in every failure body and in no success body.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from constellation.compiler.rendering import SourceText, line_message, to_json
from constellation.types.json import encode

if TYPE_CHECKING:
    from constellation.compiler.diagnostics import Diagnostic
    from constellation.engine.errors import ExecutionError
    from constellation.engine.result import ExecutionResult
    from constellation.image.image import PipelineImage
    from constellation.types.model import Type

JsonObject = dict[str, Any]

MAX_WARNINGS: Final = 100
_DIAGNOSTIC: Final = ("line", "column", "endLine", "endColumn", "severity", "code", "message")

_FAILURE_CODES: Final = {
    "MODULE_EXECUTION": "ModuleExecutionError",
    "MODULE_TIMEOUT": "ModuleTimeout",
    "EXECUTION_TIMEOUT": "ExecutionTimeout",
    "CANCELLED": "Cancelled",
    "OPERATION_FAILED": "OperationFailed",
    "QUEUE_FULL": "QueueFull",
}


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds and `Z`."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def milliseconds(seconds: float) -> int:
    """Whole milliseconds, rounded to nearest."""
    return round(seconds * 1000)


# -------------------------------------------------------------------------------------------------- compiling


def errors_of(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The errors among diagnostics, in source order."""
    return sorted((d for d in diagnostics if d.severity == "error"), key=lambda d: d.start)


def warnings_of(diagnostics: Iterable[Diagnostic], source: str) -> list[JsonObject]:
    """The warnings among diagnostics (the first 100), as `{line, column, code, message}`."""
    text = SourceText(source)
    documents = (to_json(d, text) for d in islice((d for d in diagnostics if d.severity == "warning"), MAX_WARNINGS))
    return [{key: d[key] for key in ("line", "column", "code", "message") if key in d} for d in documents]


def compile_errors(diagnostics: Iterable[Diagnostic], source: str) -> tuple[str, JsonObject]:
    """The summary sentence and the members that list the errors."""
    errors = errors_of(diagnostics)
    summary = "Compilation failed: " + "; ".join(e.message for e in errors)
    text = SourceText(source)
    lines = [line_message(e, text) for e in errors]
    return summary, {"errors": lines, "diagnostics": [_diagnostic(e, text) for e in errors]}


def _diagnostic(error: Diagnostic, text: SourceText) -> JsonObject:
    document = to_json(error, text)
    shown: JsonObject = {key: document[key] for key in _DIAGNOSTIC}
    shown["suggestions"] = error.data.get("replacements") or list(error.suggestions)
    return shown


def input_schema(image: PipelineImage) -> dict[str, str]:
    """Input name → wire type, in declaration order."""
    return {spec.name: spec.type.wire for spec in image.graph.inputs}


def output_schema(image: PipelineImage) -> dict[str, str]:
    """Output name → wire type, in declaration order."""
    return {spec.name: spec.type.wire for spec in image.graph.outputs}


def compiled_body(
    image: PipelineImage, *, name: str | None, version: int | None, cached: bool, seconds: float,
    warnings: Sequence[JsonObject],
) -> JsonObject:  # fmt: skip
    """The answer to a successful compile."""
    body: JsonObject = {
        "success": True,
        "structuralHash": image.structural_hash,
        "syntacticHash": image.syntactic_hash,
    }
    if name is not None:
        body.update(name=name, alias=name, dagName=name)
    body["pipelineId"] = image.structural_hash
    if version is not None:
        body["version"] = version
    body.update(
        cached=cached,
        compileTimeMs=milliseconds(seconds),
        inputSchema=input_schema(image),
        outputSchema=output_schema(image),
        errors=[],
        warnings=list(warnings),
    )
    return body


# ---------------------------------------------------------------------------------------------------- running


def failure_code(result: ExecutionResult) -> str:
    """The API's code of a failed or cancelled run: that of its first error."""
    if result.status.value == "cancelled":
        return "Cancelled"
    return _api_code(result.errors[0].code if result.errors else "MODULE_EXECUTION")


def _api_code(code: str) -> str:
    return _FAILURE_CODES.get(code) or "".join(word.capitalize() for word in code.split("_"))


def execution_body(
    result: ExecutionResult, *, seconds: float, warnings: Sequence[JsonObject] = (), request_id: str,
    with_hash: bool, extra: Mapping[str, Any] | None = None,
) -> JsonObject:  # fmt: skip
    """The answer to a run or resume that began, however it ended."""
    status = result.status.value
    body: JsonObject = {"success": result.success, "status": status, "outputs": plain_values(result.typed_outputs)}
    if with_hash:
        body["structuralHash"] = result.structural_hash
    body["executionId"] = result.execution_id
    body["resumptionCount"] = result.resumption_count
    if extra:
        body.update(extra)
    body["executeTimeMs"] = milliseconds(seconds)
    if status != "completed":
        _add_open_ends(body, result)
    if status == "suspended":
        body["computedNodes"] = plain_values(result.typed_nodes)
    elif status != "completed":
        _add_failure(body, result, request_id)
    if warnings:
        body["warnings"] = list(warnings)
    return body


def _add_open_ends(body: JsonObject, result: ExecutionResult) -> None:
    """What is missing and what has no value yet, also of a run that failed."""
    missing = {name: type_.wire for name, type_ in result.missing_types.items()}
    if missing:
        body["missingInputs"] = missing
        body["missingInputNames"] = list(missing)
    if result.pending_outputs:
        body["pendingOutputs"] = list(result.pending_outputs)


def _add_failure(body: JsonObject, result: ExecutionResult, request_id: str) -> None:
    sentence = result.error or ("Execution was cancelled" if result.status.value == "cancelled" else "Execution failed")
    body.update(code=failure_code(result), error=sentence, message=sentence)
    if result.errors:
        body["failures"] = [_failure(e) for e in result.errors]
    body["requestId"] = request_id


def _failure(error: ExecutionError) -> JsonObject:
    document: JsonObject = {"node": error.node_name}
    if error.module_name is not None:
        document["module"] = error.module_name
    document["message"] = error.message.removeprefix(f"Module '{error.module_name}' execution failed: ")
    document["code"] = _api_code(error.code)
    document["retriesAttempted"] = max(error.attempts - 1, 0)
    return document


def requested_extras(result: ExecutionResult, timings: bool, provenance: bool) -> JsonObject:
    """`timings` (milliseconds per node) and `provenance`, when they were asked for."""
    extra: JsonObject = {}
    if timings:
        extra["timings"] = dict(result.metadata.node_timings or {})
    if provenance:
        extra["provenance"] = dict(result.metadata.provenance or {})
    return extra


def plain_values(values: Mapping[str, tuple[Type, Any]]) -> JsonObject:
    """Language values, each with its type, as plain JSON."""
    return {name: encode(type_)(value) for name, (type_, value) in values.items()}
