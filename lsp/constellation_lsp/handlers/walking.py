"""Stepping: stepStart, stepNext, stepContinue, stepStop, stepInspect."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from constellation.types.json import input_value
from constellation.types.problems import ValueRejected
from constellation_lsp.convert import range_of
from constellation_lsp.features.input_schema import with_examples
from constellation_lsp.handlers.custom import (
    NOT_FOUND,
    Answer,
    ExecuteParams,
    InspectParams,
    StepParams,
    failure,
    require_execute,
    uncompiled,
)
from constellation_lsp.stepping import StepSession

if TYPE_CHECKING:
    from constellation_lsp.session import Session

_NO_SESSION = "Session not found"


def step_start(session: Session, params: ExecuteParams) -> Answer:
    """constellation/stepStart"""
    require_execute(session)
    document = session.documents.get(params.uri)
    if document is None or document.analysis is None:
        return dict(NOT_FOUND)
    analysis = document.analysis
    graph = analysis.checked.graph
    if graph is None:
        return uncompiled(analysis)
    given = with_examples(analysis, params.inputs) if session.settings.run_use_examples else params.inputs
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
        return failure(errors, "")
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
    require_execute(session)
    steps = session.work.steps(params.session_id)
    if steps is None:
        return {"success": False, "isComplete": False, "error": _NO_SESSION}
    await steps.next()
    return {"success": True, "state": _state(session, steps), "isComplete": steps.is_complete}


async def step_continue(session: Session, params: StepParams) -> Answer:
    """constellation/stepContinue"""
    require_execute(session)
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
    require_execute(session)
    return {"success": session.work.stop(params.session_id)}


def step_inspect(session: Session, params: InspectParams) -> Answer:
    """constellation/stepInspect"""
    require_execute(session)
    steps = session.work.steps(params.session_id)
    if steps is None:
        return {"success": False, "error": _NO_SESSION}
    return steps.inspect(params.node_id) or {"success": False, "error": f"Node not found: {params.node_id}"}
