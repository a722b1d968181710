"""Stepping: stepStart, stepNext, stepContinue, stepStop, stepInspect."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from constellation.errors import ConstellationError
from constellation_lsp.convert import range_of
from constellation_lsp.features.input_schema import with_examples
from constellation_lsp.handlers.custom import (
    NOT_FOUND,
    Answer,
    ExecuteParams,
    InspectParams,
    StepParams,
    compiled,
    refused,
    require_execute,
    uncompiled,
)
from constellation_lsp.stepping import StepSession

if TYPE_CHECKING:
    from constellation_lsp.session import Session

_NO_SESSION = "Session not found"


async def step_start(session: Session, params: ExecuteParams) -> Answer:
    """constellation/stepStart"""
    require_execute(session)
    document = session.documents.get(params.uri)
    if document is None or document.analysis is None:
        return dict(NOT_FOUND)
    analysis, version = document.analysis, document.version
    compilation = await compiled(session, analysis.text)
    if compilation.image is None:
        return uncompiled(analysis)
    given = with_examples(analysis, params.inputs) if session.settings.run_use_examples else params.inputs
    pipeline = session.engine.pipeline_of(compilation.image, compilation.warnings)
    try:
        stepper = session.engine.stepper(pipeline, given, on_missing="error", include_timings=True)
    except ConstellationError as problem:
        return refused(problem)
    steps = StepSession(stepper, compilation.image.graph, params.uri, version)
    if not session.work.add(steps):
        return {"success": False, "error": "Too many step sessions are open; stop one first"}
    await steps.next()
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
