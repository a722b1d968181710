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
        result = handler(session, msgspec.convert(arguments[0], expected))
        return await result if inspect.iscoroutine(result) else result
    except msgspec.ValidationError as problem:
        raise RequestError(INVALID_PARAMS, f"Invalid arguments of {params.command}: {problem}") from problem
