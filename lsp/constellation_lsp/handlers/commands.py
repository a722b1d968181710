"""workspace/executeCommand: the custom methods for clients that know no others."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec
from lsprotocol import types as t

from constellation_lsp.handlers.custom import DocumentParams, ExecuteParams, GraphParams, RenderParams
from constellation_lsp.handlers.execution import execute_pipeline
from constellation_lsp.handlers.looking import dag_visualization, input_schema, render_dag
from constellation_lsp.protocol import INVALID_PARAMS, RequestError

if TYPE_CHECKING:
    from constellation_lsp.session import Session

MOST_SHOWN = 300

_COMMANDS: dict[str, tuple[Callable[[Session, Any], Any], type[msgspec.Struct]]] = {
    "constellation.server.run": (execute_pipeline, ExecuteParams),
    "constellation.server.schema": (input_schema, DocumentParams),
    "constellation.server.dag": (dag_visualization, GraphParams),
    "constellation.server.render": (render_dag, RenderParams),
}


async def execute_command(session: Session, params: t.ExecuteCommandParams) -> Any:
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
        answer = handler(session, msgspec.convert(arguments[0], expected))
        result = await answer if inspect.iscoroutine(answer) else answer
    except msgspec.ValidationError as problem:
        raise RequestError(INVALID_PARAMS, f"Invalid arguments of {params.command}: {problem}") from problem
    if handler is execute_pipeline and not session.knows_protocol:
        _show(session, result)
    return result


def _show(session: Session, result: Any) -> None:
    """A run's outcome as a message, for clients that show no results themselves."""
    failed = not result.get("success")
    text = (
        str(result.get("error") or "The run failed") if failed else msgspec.json.encode(result.get("outputs")).decode()
    )
    kind = t.MessageType.Error if failed else t.MessageType.Info
    session.notify(t.WINDOW_SHOW_MESSAGE, t.ShowMessageParams(kind, text[:MOST_SHOWN]))
