"""The OpenAPI 3.1 document, generated from the route table and the schemas.

Invariant: one path entry per route, one schema per name a route uses; there is no second list to keep in step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from constellation_server.problems import Problem
from constellation_server.routing import Route
from constellation_server.schemas import SCHEMAS

_PARAMETER: Final = re.compile(r"{(\w+)(?::[^}]*)?}")
_COMMON: Final = {405: "ErrorEnvelope", 500: "ErrorEnvelope"}
_WITH_BODY: Final = {400: "ErrorEnvelope", 413: "ErrorEnvelope", 415: "ErrorEnvelope"}
_REASONS: Final = {
    200: "Success",
    201: "Created",
    202: "Accepted",
    304: "Not modified",
    400: "The request is wrong",
    403: "Refused",
    404: "No such resource",
    405: "Wrong method",
    409: "Conflicts with the present state",
    413: "Too large",
    415: "Unsupported content type",
    429: "Overloaded",
    500: "Failure of the server or of a deadline",
    503: "Not available at present",
    504: "A module took too long",
}


def document(routes: Iterable[Route], version: str) -> dict[str, Any]:
    """The whole document."""
    paths: dict[str, dict[str, Any]] = {}
    sockets: list[dict[str, str]] = []
    for route in routes:
        path = _PARAMETER.sub(r"{\1}", route.path)
        if route.websocket:
            sockets.append({"path": path, "summary": route.summary})
            continue
        paths.setdefault(path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Constellation", "version": version},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": SCHEMAS},
        "x-websockets": sockets,
    }


def _operation(route: Route) -> dict[str, Any]:
    answers = dict(route.answers)
    with_query = {400: "ErrorEnvelope"} if route.query else {}
    for status, schema in {**_COMMON, **with_query, **(_WITH_BODY if route.body else {})}.items():
        answers.setdefault(status, schema)
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "x-constellation-role": route.role,
        "responses": {str(status): _answer(status, schema) for status, schema in sorted(answers.items())},
    }
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(route.path)
    ]
    parameters += [
        {"name": name, "in": "query", "required": False, "description": about, "schema": {"type": "string"}}
        for name, about in route.query.items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        operation["requestBody"] = {"content": {"application/json": {"schema": _schema(route.body)}}}
    return operation


def _answer(status: int, schema: str) -> dict[str, Any]:
    if schema == "":
        return {"description": _REASONS[status]}
    media = "text/html" if schema == "Page" else "application/json"
    return {"description": _REASONS[status], "content": {media: {"schema": _schema(schema)}}}


def _schema(name: str) -> dict[str, str]:
    if name not in SCHEMAS:
        raise Problem(f"no schema named {name}")
    return {"$ref": f"#/components/schemas/{name}"}
