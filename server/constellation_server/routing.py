"""What a route is: its path, its handler, and what the OpenAPI document says of it.

Invariant: the router and the document are built from the same list, so neither can have a route the other lacks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    `body` and the values of `answers` name schemas of `schemas.SCHEMAS`, `query` names entries of
    `parameters.PARAMETERS`, and `headers`, those of a successful answer, entries of `parameters.HEADERS`.
    """

    method: str
    path: str
    handler: Handler
    operation: str
    summary: str
    answers: Mapping[int, str]
    body: str | None = None
    body_optional: bool = False
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    role: str = "Execute"
    websocket: bool = False


RESOURCES: Final = (
    "health",
    "metrics",
    "compiling",
    "running",
    "executing",
    "validating",
    "pipelines",
    "versions",
    "canary",
    "executions",
    "modules",
    "namespaces",
    "documentation",
    "lsp",
)


def all_routes() -> tuple[Route, ...]:
    """Every route of the server."""
    found: list[Route] = []
    for resource in RESOURCES:
        routes: tuple[Route, ...] = import_module(f"constellation_server.routes.{resource}").ROUTES
        found += routes
    return tuple(found)
