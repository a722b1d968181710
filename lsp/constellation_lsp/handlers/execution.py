"""The custom methods: running, stepping and looking at programs.

All of them work on the open buffer, never on a file. A mistake in a program is an answer, not a protocol error.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types as t

from constellation.compiler.compiler import Compilation
from constellation.engine.errors import InputValidationError, ResumeError
from constellation.engine.execution import new_execution_id
from constellation.engine.options import ExecutionOptions
from constellation.engine.result import ExecutionResult, Status
from constellation.errors import ConstellationError
from constellation.image.dag import build_dag
from constellation.types.json import input_value
from constellation.types.problems import ValueRejected
from constellation_lsp import graphs
from constellation_lsp.analysis import Analysis
from constellation_lsp.convert import range_of
from constellation_lsp.features.errors import compile_errors, place
from constellation_lsp.features.input_schema import input_fields, output_fields
from constellation_lsp.previews import preview
from constellation_lsp.protocol import FORBIDDEN, INVALID_PARAMS, RequestError
from constellation_lsp.stepping import StepSession

if TYPE_CHECKING:
    from constellation_lsp.session import Session

Answer = dict[str, Any]
_NOT_FOUND: Answer = {"success": False, "error": "Document not found"}
_NO_SESSION = "Session not found"


class NoParams(msgspec.Struct):
    """Parameters of methods that need none."""


class DocumentParams(msgspec.Struct):
    """An open document."""

    uri: str


class ExecuteParams(msgspec.Struct, rename="camel"):
    """A run of the open buffer."""

    uri: str
    inputs: dict[str, Any] = {}
    execution_id: str | None = None
    use_examples: bool | None = None


class ExecutionParams(msgspec.Struct, rename="camel"):
    """An execution."""

    execution_id: str


class ResumeParams(msgspec.Struct, rename="camel"):
    """New inputs for a suspended execution."""

    execution_id: str
    inputs: dict[str, Any] = {}


class GraphParams(msgspec.Struct, rename="camel"):
    """How to lay a graph out."""

    uri: str
    direction: str = "TB"
    compact: bool = False


class RenderParams(msgspec.Struct):
    """How to draw a graph."""

    uri: str
    format: str
    direction: str = "TB"


class StepParams(msgspec.Struct, rename="camel"):
    """A walk through a program."""

    session_id: str


class InspectParams(msgspec.Struct, rename="camel"):
    """A node of a walk."""

    session_id: str
    node_id: str


class QueryParams(msgspec.Struct):
    """A filter by name."""

    query: str = ""


def _require_execute(session: Session) -> None:
    if not session.may_execute:
        data = {"error": "Forbidden", "required": "Execute"}
        raise RequestError(FORBIDDEN, "This key may look but not run: it needs the role Execute", data)


def _analysis(session: Session, uri: str) -> Analysis | None:
    document = session.documents.get(uri)
    return document.analysis if document is not None else None


def _failed(errors: list[Answer], fallback: str) -> Answer:
    message = str(errors[0]["message"]) if errors else fallback
    return {"success": False, "error": message, "errors": errors}


# --------------------------------------------------------------------------------------------------- running


async def execute_pipeline(session: Session, params: ExecuteParams) -> Answer:
    """constellation/executePipeline"""
    _require_execute(session)
    analysis = _analysis(session, params.uri)
    if analysis is None:
        return dict(_NOT_FOUND)
    begun = time.perf_counter()
    compilation = session.engine.compile_result(analysis.text)
    compile_ms = (time.perf_counter() - begun) * 1000
    about: Answer = {"compileTimeMs": compile_ms, "cached": compilation.cached is not None}
    if compilation.image is None:
        errors = compile_errors(analysis, compilation.diagnostics)
        return {**_failed(errors, "The pipeline does not compile"), "status": "failed", **about}
    about |= {"structuralHash": compilation.image.structural_hash, "syntacticHash": compilation.text_hash}
    use_examples = session.settings.run_use_examples if params.use_examples is None else params.use_examples
    inputs = _with_examples(analysis, params.inputs) if use_examples else params.inputs
    execution_id = params.execution_id or new_execution_id()
    options = ExecutionOptions(
        execution_id=execution_id,
        timeout=session.settings.run_timeout_ms / 1000,
        metadata={"source": session.origin},
    )
    _event(session, params.uri, execution_id, 0, "started")
    answer = await _run(session, execution_id, analysis, _start(session, compilation, inputs, options))
    _event(session, params.uri, execution_id, 1, "finished", str(answer.get("status", "failed")))
    return {**answer, **about}


def _with_examples(analysis: Analysis, given: dict[str, Any]) -> dict[str, Any]:
    """The inputs, completed from `@example`."""
    filled = dict(given)
    for field in input_fields(analysis):
        if "example" in field:
            filled.setdefault(field["name"], field["example"])
    return filled


def _start(
    session: Session, compilation: Compilation, inputs: dict[str, Any], options: ExecutionOptions
) -> Callable[[], Any]:
    assert compilation.image is not None
    pipeline = session.engine.pipeline_of(compilation.image, compilation.warnings)
    return lambda: session.engine.run(pipeline, inputs, options)


async def _run(session: Session, execution_id: str, analysis: Analysis | None, start: Callable[[], Any]) -> Answer:
    begun = time.perf_counter()
    session.work.started(execution_id)
    try:
        result: ExecutionResult = await start()
    except InputValidationError as problem:
        texts = [p.message for p in problem.problems] or [problem.message]
        errors = [{"category": "runtime", "message": text, "code": problem.code} for text in texts]
        return {**_failed(errors, problem.message), "status": "failed", "executionId": execution_id}
    except ConstellationError as problem:
        errors = [{"category": "runtime", "message": problem.message, "code": problem.code}]
        return {**_failed(errors, problem.message), "status": "failed", "executionId": execution_id}
    finally:
        session.work.ended(execution_id)
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
        "nodeResults": [
            {"nodeId": f"v:{name}", "valuePreview": preview(*typed)} for name, typed in result.typed_nodes.items()
        ],
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


def _run_error(analysis: Analysis | None, name: str, message: str, code: str) -> Answer:
    error: Answer = {"category": "runtime", "message": message, "code": code, "nodeId": f"v:{name}"}
    definitions = analysis.occurrences.definitions("variable", name) if analysis is not None else []
    if analysis is not None and definitions:
        error.update(place(analysis, definitions[-1].start, definitions[-1].end))
    return error


def cancel_execution(session: Session, params: ExecutionParams) -> Answer:
    """constellation/cancelExecution"""
    _require_execute(session)
    return {"success": session.work.cancel(params.execution_id)}


async def resume_execution(session: Session, params: ResumeParams) -> Answer:
    """constellation/resumeExecution"""
    _require_execute(session)
    engine = session.engine
    try:
        return await _run(session, params.execution_id, None, lambda: engine.resume(params.execution_id, params.inputs))
    except ResumeError as problem:
        return {"success": False, "error": problem.message}


def _event(session: Session, uri: str, execution_id: str, seq: int, kind: str, state: str | None = None) -> None:
    """Tells clients that asked for it what happens to an execution."""
    name = "constellation/executionEvent"
    if name not in session.notifications or session.closed:
        return
    event: Answer = {"uri": uri, "executionId": execution_id, "seq": seq, "type": kind, "timestamp": time.time()}
    if state is not None:
        event["state"] = state
    session.protocol.notify(name, event)


# ------------------------------------------------------------------------------------------------ looking


def input_schema(session: Session, params: DocumentParams) -> Answer:
    """constellation/getInputSchema"""
    analysis = _analysis(session, params.uri)
    if analysis is None:
        return dict(_NOT_FOUND)
    inputs = input_fields(analysis)
    broken = [d for d in analysis.checked_diagnostics if d.code == "E020" and d.slug != "no-output"]
    if broken:
        return {**_failed(compile_errors(analysis, broken), ""), "inputs": inputs}
    return {"success": True, "inputs": inputs, "outputs": output_fields(analysis)}


def dag_structure(session: Session, params: DocumentParams) -> Answer:
    """constellation/getDagStructure"""
    analysis = _analysis(session, params.uri)
    if analysis is None:
        return dict(_NOT_FOUND)
    graph = analysis.checked.graph
    if graph is None:
        return _failed(compile_errors(analysis, analysis.checked_diagnostics), "The pipeline does not compile")
    return {"success": True, "dag": graphs.structure(build_dag(graph), [o.name for o in graph.outputs])}


def dag_visualization(session: Session, params: GraphParams) -> Answer:
    """constellation/getDagVisualization"""
    _require_direction(params.direction)
    analysis = _analysis(session, params.uri)
    if analysis is None:
        return dict(_NOT_FOUND)
    graph = analysis.checked.graph
    if graph is None:
        return _failed(compile_errors(analysis, analysis.checked_diagnostics), "The pipeline does not compile")
    title = params.uri.rpartition("/")[2]
    return {"success": True, "dag": graphs.visualization(analysis, graph, title, params.direction, params.compact)}


def render_dag(session: Session, params: RenderParams) -> Answer:
    """constellation/renderDag"""
    from constellation.image.dag_render import MIME_TYPES, render

    _require_direction(params.direction)
    if params.format not in MIME_TYPES:
        raise RequestError(INVALID_PARAMS, f"format must be one of {', '.join(MIME_TYPES)}")
    analysis = _analysis(session, params.uri)
    if analysis is None:
        return dict(_NOT_FOUND)
    graph = analysis.checked.graph
    if graph is None:
        return _failed(compile_errors(analysis, analysis.checked_diagnostics), "The pipeline does not compile")
    content = render(build_dag(graph), params.format, params.direction)
    return {"success": True, "content": content, "mimeType": MIME_TYPES[params.format]}


def _require_direction(direction: str) -> None:
    if direction not in ("TB", "LR"):
        raise RequestError(INVALID_PARAMS, "direction must be TB or LR")


def cache_stats(session: Session, params: NoParams) -> Answer:
    """constellation/getCacheStats"""
    counts = session.engine.compile_cache.statistics()
    names = ("hits", "misses", "hitRate", "evictions", "entries")
    return {"success": True, "cachingEnabled": True, "stats": {name: counts[name] for name in names}}


def list_modules(session: Session, params: QueryParams) -> Answer:
    """constellation/listModules"""
    wanted = params.query.lower()
    found: list[Answer] = []
    for spec in session.engine.modules.table.functions.values():
        if wanted and wanted not in spec.qualified_name.lower():
            continue
        first = spec.overloads[0] if spec.overloads else None
        entry: Answer = {
            "name": spec.name,
            "qualifiedName": spec.qualified_name,
            "description": spec.description,
            "version": f"{spec.version[0]}.{spec.version[1]}",
            "params": [{"name": p.name, "type": str(p.type)} for p in first.parameters] if first else [],
            "returns": str(first.returns) if first else "",
            "tags": list(spec.tags),
        }
        if spec.namespace:
            entry["namespace"] = spec.namespace
        found.append(entry)
    return {"modules": found}


def syntax_tree(session: Session, params: DocumentParams) -> Answer:
    """constellation/syntaxTree"""
    analysis = _analysis(session, params.uri)
    return {"tree": str(analysis.document.tree.root_node) if analysis is not None else None}


# ---------------------------------------------------------------------------------------------- stepping


def step_start(session: Session, params: ExecuteParams) -> Answer:
    """constellation/stepStart"""
    _require_execute(session)
    document = session.documents.get(params.uri)
    if document is None or document.analysis is None:
        return dict(_NOT_FOUND)
    analysis = document.analysis
    graph = analysis.checked.graph
    if graph is None:
        return _failed(compile_errors(analysis, analysis.checked_diagnostics), "The pipeline does not compile")
    given = _with_examples(analysis, params.inputs) if session.settings.run_use_examples else params.inputs
    values: dict[str, tuple[Any, Any]] = {}
    problems: list[str] = []
    for spec in graph.inputs:
        if spec.name not in given:
            problems.append(f"Missing required input: '{spec.name}'")
            continue
        try:
            values[f"in:{spec.name}"] = (spec.type, input_value(spec.name, spec.type, given[spec.name]))
        except ValueRejected as rejected:
            problems += [p.message for p in rejected.problems]
    if problems:
        errors: list[Answer] = [{"category": "runtime", "message": text} for text in problems]
        return _failed(errors, "")
    steps = StepSession(session.engine, graph, values, params.uri, document.version)
    if not session.work.add(steps):
        return {"success": False, "error": "Too many step sessions are open; stop one first"}
    ranges = {name: range_of(analysis, *span) for name, span in steps.ranges().items()}
    return {
        "success": True,
        "sessionId": steps.id,
        "totalBatches": steps.total,
        "initialState": steps.state(),
        "nodeRanges": ranges,
    }


def _state(session: Session, steps: StepSession) -> Answer:
    state = steps.state()
    document = session.documents.get(steps.uri)
    if document is not None and document.version != steps.version:
        state["stale"] = True
    return state


async def step_next(session: Session, params: StepParams) -> Answer:
    """constellation/stepNext"""
    _require_execute(session)
    steps = session.work.steps(params.session_id)
    if steps is None:
        return {"success": False, "isComplete": False, "error": _NO_SESSION}
    await steps.next()
    return {"success": True, "state": _state(session, steps), "isComplete": steps.is_complete}


async def step_continue(session: Session, params: StepParams) -> Answer:
    """constellation/stepContinue"""
    _require_execute(session)
    steps = session.work.steps(params.session_id)
    if steps is None:
        return {"success": False, "error": _NO_SESSION}
    begun = time.perf_counter()
    await steps.finish()
    return {
        "success": True,
        "state": _state(session, steps),
        "outputs": steps.outputs(),
        "executionTimeMs": (time.perf_counter() - begun) * 1000,
    }


def step_stop(session: Session, params: StepParams) -> Answer:
    """constellation/stepStop"""
    _require_execute(session)
    return {"success": session.work.stop(params.session_id)}


def step_inspect(session: Session, params: InspectParams) -> Answer:
    """constellation/stepInspect"""
    _require_execute(session)
    steps = session.work.steps(params.session_id)
    if steps is None:
        return {"success": False, "error": _NO_SESSION}
    return steps.inspect(params.node_id) or {"success": False, "error": f"Node not found: {params.node_id}"}


# ---------------------------------------------------------------------------------------------- commands

_COMMANDS: dict[str, tuple[Callable[[Session, Any], Any], type[msgspec.Struct]]] = {
    "constellation.server.run": (execute_pipeline, ExecuteParams),
    "constellation.server.schema": (input_schema, DocumentParams),
    "constellation.server.dag": (dag_visualization, GraphParams),
    "constellation.server.render": (render_dag, RenderParams),
}


def execute_command(session: Session, params: t.ExecuteCommandParams) -> Any:
    """workspace/executeCommand: the custom methods for clients that know no others"""
    if params.command == "constellation.server.restartAnalysis":
        session.publisher.refresh()
        return None
    known = _COMMANDS.get(params.command)
    if known is None:
        raise RequestError(INVALID_PARAMS, f"Unknown command '{params.command}'")
    handler, expected = known
    arguments = params.arguments or [{}]
    try:
        return handler(session, msgspec.convert(arguments[0], expected))
    except msgspec.ValidationError as problem:
        raise RequestError(INVALID_PARAMS, f"Invalid arguments of {params.command}: {problem}") from problem
