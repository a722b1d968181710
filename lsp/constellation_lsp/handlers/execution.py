"""Running the open buffer: executePipeline, cancelExecution, resumeExecution."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from constellation.compiler.compiler import Compilation
from constellation.engine.errors import ResumeError
from constellation.engine.execution import new_execution_id
from constellation.engine.options import ExecutionOptions
from constellation.engine.result import ExecutionResult, Status
from constellation.errors import ConstellationError
from constellation_lsp.analysis import Analysis
from constellation_lsp.execution_events import METHOD, EventStream, node_ids
from constellation_lsp.features.errors import compile_errors, place
from constellation_lsp.features.input_schema import input_fields, with_examples
from constellation_lsp.features.until import text_until
from constellation_lsp.handlers.custom import (
    NOT_FOUND,
    Answer,
    ExecuteParams,
    ExecutionParams,
    ResumeParams,
    compiled,
    failure,
    open_analysis,
    refused,
    require_execute,
)
from constellation_lsp.last_run import last_run_of
from constellation_lsp.previews import preview
from constellation_lsp.run_progress import run_progress

if TYPE_CHECKING:
    from constellation_lsp.session import Session

_Start = Callable[[], Awaitable[ExecutionResult]]


async def execute_pipeline(session: Session, params: ExecuteParams) -> Answer:
    """constellation/executePipeline"""
    require_execute(session)
    analysis = open_analysis(session, params.uri)
    if analysis is None:
        return dict(NOT_FOUND)
    text = analysis.text if params.until_node is None else text_until(analysis, params.until_node)
    if text is None:
        return {"success": False, "status": "failed", "error": f"Node not found: {params.until_node}"}
    begun = time.perf_counter()
    compilation = await compiled(session, text)
    compile_ms = (time.perf_counter() - begun) * 1000
    about: Answer = {"compileTimeMs": compile_ms, "cached": compilation.cached is not None}
    if compilation.image is None:
        errors = compile_errors(analysis, compilation.diagnostics)
        return {**failure(errors, "The pipeline does not compile"), "status": "failed", **about}
    about |= {"structuralHash": compilation.image.structural_hash, "syntacticHash": compilation.text_hash}
    use_examples = session.settings.run_use_examples if params.use_examples is None else params.use_examples
    inputs = with_examples(analysis, params.inputs) if use_examples else params.inputs
    execution_id = params.execution_id or new_execution_id()
    options = ExecutionOptions(
        execution_id=execution_id,
        timeout=session.settings.run_timeout_ms / 1000,
        metadata={"source": session.origin},
        include_timings=True,
    )
    start = _start(session, params.uri, compilation, inputs, options)
    if params.until_node is None:
        start = _remembered(session, params.uri, start)
    with run_progress(session, params.work_done_token, params.uri, execution_id):
        answer = await _run(session, execution_id, analysis, start)
    return {**answer, **about}


def _remembered(session: Session, uri: str, start: _Start) -> _Start:
    """A run whose values hovers and lenses show, as long as the document stays as it is."""
    document = session.documents.get(uri)
    version = document.version if document is not None else 0

    async def run() -> ExecutionResult:
        result = await start()
        if document is not None and document.version == version:
            document.last_run = last_run_of(version, result)
            session.publisher.refresh_lenses()
        return result

    return run


def _start(
    session: Session, uri: str, compilation: Compilation, inputs: dict[str, Any], options: ExecutionOptions
) -> _Start:
    assert compilation.image is not None and options.execution_id is not None
    engine, image = session.engine, compilation.image
    pipeline = engine.pipeline_of(image, compilation.warnings)
    if METHOD not in session.notifications:
        return lambda: engine.run(pipeline, inputs, options)
    stream = EventStream(session.notify, uri, options.execution_id, node_ids(image.graph))
    return lambda: stream.follow(lambda: engine.start(pipeline, inputs, options))


async def _run(
    session: Session, execution_id: str, analysis: Analysis | None, start: Callable[[], Awaitable[ExecutionResult]]
) -> Answer:
    begun = time.perf_counter()
    session.work.started(execution_id)
    try:
        result = await start()
    except ConstellationError as problem:
        return {**refused(problem), "status": "failed", "executionId": execution_id}
    finally:
        session.work.ended(execution_id)
    session.work.results.keep(result)
    return _result(result, analysis, (time.perf_counter() - begun) * 1000)


def _result(result: ExecutionResult, analysis: Analysis | None, duration_ms: float) -> Answer:
    plain = result.to_json()
    answer: Answer = {
        "success": result.success,
        "status": result.status.value,
        "executionId": result.execution_id,
        "outputs": plain["outputs"],
        "executionTimeMs": duration_ms,
        "resumptionCount": result.resumption_count,
        "nodeResults": _node_results(result),
    }
    if result.status is Status.SUSPENDED:
        missing = plain["missingInputs"]
        answer |= {"missingInputs": missing, "pendingOutputs": plain["pendingOutputs"]}
        if analysis is not None:
            answer["missing"] = [f for f in input_fields(analysis) if f["name"] in missing]
    if result.errors:
        answer["error"] = result.error
        answer["errors"] = [_run_error(analysis, e.node_name, e.message, e.code) for e in result.errors]
    elif result.status is Status.CANCELLED:
        answer["error"] = "The execution was cancelled"
    elif result.status is Status.FAILED:
        answer["error"] = (
            "The execution took longer than its time limit" if result.timed_out else "The execution failed"
        )
    return answer


def _node_results(result: ExecutionResult) -> list[Answer]:
    timings = result.metadata.node_timings
    found: list[Answer] = []
    for name, typed in result.typed_nodes.items():
        node: Answer = {"nodeId": f"v:{name}", "status": "completed", "valuePreview": preview(*typed)}
        if name in timings:
            node["durationMs"] = timings[name]
        found.append(node)
    found += [{"nodeId": f"v:{e.node_name}", "status": "failed", "error": e.message} for e in result.errors]
    return found


def _run_error(analysis: Analysis | None, name: str, message: str, code: str) -> Answer:
    error: Answer = {"category": "runtime", "message": message, "code": code, "nodeId": f"v:{name}"}
    definitions = analysis.occurrences.definitions("variable", name) if analysis is not None else []
    if analysis is not None and definitions:
        error.update(place(analysis, definitions[-1].start, definitions[-1].end))
    return error


def cancel_execution(session: Session, params: ExecutionParams) -> Answer:
    """constellation/cancelExecution"""
    require_execute(session)
    return {"success": session.work.cancel(params.execution_id)}


async def resume_execution(session: Session, params: ResumeParams) -> Answer:
    """constellation/resumeExecution"""
    require_execute(session)
    engine = session.engine
    try:
        return await _run(session, params.execution_id, None, lambda: engine.resume(params.execution_id, params.inputs))
    except ResumeError as problem:
        return {"success": False, "error": problem.message}
