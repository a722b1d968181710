"""Running an image for a request.

Owns the options a request may set, which inputs are passed on, and what becomes of a suspended run. Refuses to
resolve references and to build answers. Invariant: nothing runs unless every supplied input has the right type, and a
run goes on when its client disconnects.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from constellation.engine.errors import InputValidationError, QueueFullError, ShutdownRejectedError
from constellation.engine.lifecycle import DuplicateExecutionError
from constellation.engine.options import ExecutionOptions
from constellation.types.model import OptionalType, Type
from constellation_server.bodies import JsonObject
from constellation_server.problems import BadRequest, Conflict, InputProblem, ShuttingDown, TooManyRequests
from constellation_server.reading import optional_flag, optional_mapping, optional_number, optional_text
from constellation_server.state import ServerState
from constellation_server.unbound import UNBINDABLE, unbound_run

if TYPE_CHECKING:
    from constellation.engine.result import ExecutionResult
    from constellation.image.image import PipelineImage

_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a request may say about how to run. `save` False: a suspension is not kept."""

    priority: int | None = None
    timeout: float | None = None
    include_timings: bool = False
    include_provenance: bool = False
    execution_id: str | None = None
    save: bool = True


def read_options(body: Mapping[str, Any], maximum: float) -> RunOptions:
    """The `options` member of a request. `maximum` is the server's limit in seconds, 0 for none."""
    given = optional_mapping(body, "options")
    if not given:
        return _default_options(maximum)
    priority = optional_number(given, "priority")
    milliseconds = optional_number(given, "timeoutMs")
    if milliseconds is not None and milliseconds < 1:
        raise BadRequest("Field 'timeoutMs' must be at least 1")
    timeout = maximum or None
    if milliseconds is not None:
        timeout = min(milliseconds / 1000, maximum) if maximum else milliseconds / 1000
    execution_id = optional_text(given, "executionId")
    if execution_id is not None and not _UUID.fullmatch(execution_id):
        raise BadRequest("Field 'executionId' must be a UUID")
    return RunOptions(
        priority=None if priority is None else int(min(max(priority, 0), 100)),
        timeout=timeout,
        include_timings=optional_flag(given, "includeTimings"),
        include_provenance=optional_flag(given, "includeProvenance"),
        execution_id=execution_id.lower() if execution_id else None,
    )


@lru_cache
def _default_options(maximum: float) -> RunOptions:
    return RunOptions(timeout=maximum or None)


def check_inputs(image: PipelineImage, given: Mapping[str, Any]) -> tuple[dict[str, Any], list[JsonObject]]:
    """The inputs the program declares, and a warning for each it does not.

    Callers of a name must survive rollbacks and canaries between versions with different inputs.
    """
    declared = {spec.name for spec in image.graph.inputs}
    if given.keys() <= declared:
        return dict(given), []
    known = {name: value for name, value in given.items() if name in declared}
    warnings: list[JsonObject] = [
        {"code": "UnknownInput", "message": f"Unknown input '{name}' ignored"} for name in given if name not in declared
    ]
    return known, warnings


async def execute(
    state: ServerState,
    image: PipelineImage,
    inputs: Mapping[str, Any],
    options: RunOptions,
    *,
    name: str | None = None,
) -> ExecutionResult:
    """Run an image to its end or suspension, and keep what is suspended.

    Raises InputProblem for inputs of the wrong type, ShuttingDown and TooManyRequests; a failed run is a result.
    """
    supplied = inputs.keys()
    if options.save and any(s.name not in supplied and not _may_be_absent(s.type) for s in image.graph.inputs):
        await state.executions.require_room()
    if options.execution_id is not None and await state.executions.load(options.execution_id) is not None:
        raise Conflict(f"Execution '{options.execution_id}' already exists")
    state.execution_started()
    try:
        result = await state.engine.run(state.engine.pipeline_of(image), inputs, engine_options(options))
    except InputValidationError as problem:
        raise _input_problem(problem, image) from None
    except DuplicateExecutionError:
        raise Conflict(f"Execution '{options.execution_id}' already exists") from None
    except ShutdownRejectedError:
        raise ShuttingDown from None
    except UNBINDABLE as problem:
        result = unbound_run(image, problem, options.execution_id)
    finally:
        state.execution_ended()
    state.counters.count_execution(result.status.value)
    _refuse_when_overloaded(result)
    if options.save and _is_kept(state, result) and result.suspended_state is not None:
        await state.executions.keep(result.suspended_state, name)
    return result


def _is_kept(state: ServerState, result: ExecutionResult) -> bool:
    """Whether an unfinished first run is kept: a suspended one; a cancelled one when it can survive the process."""
    status = result.status.value
    return status == "suspended" or (
        status == "cancelled" and bool(getattr(state.engine.suspensions, "durable", False))
    )


def _may_be_absent(type_: Type) -> bool:
    return isinstance(type_, OptionalType)


def _refuse_when_overloaded(result: ExecutionResult) -> None:
    if any(isinstance(error.cause, QueueFullError) for error in result.errors):
        raise TooManyRequests


@lru_cache(maxsize=64)
def engine_options(options: RunOptions) -> ExecutionOptions:
    """The engine's form of a request's options."""
    return ExecutionOptions(
        include_timings=options.include_timings,
        include_provenance=options.include_provenance,
        priority=options.priority,
        timeout=options.timeout,
        execution_id=options.execution_id,
        save_suspension=False,
    )


def _input_problem(problem: InputValidationError, image: PipelineImage) -> InputProblem:
    extra: JsonObject = {"status": "failed"}
    if problem.problems:
        first = problem.problems[0]
        name = first.path.partition(".")[0].partition("[")[0]
        declared = next((s.type.wire for s in image.graph.inputs if s.name == name), first.expected)
        whole = first.path == name
        expected = declared if whole else first.expected
        extra["details"] = {"input": name, "path": first.path, "expected": expected, "actual": first.got}
    sentences = "; ".join(p.message for p in problem.problems) or problem.message
    return InputProblem(f"Input error: {sentences}", extra=extra)
