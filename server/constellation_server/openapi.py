"""The OpenAPI 3.1 document, generated from the route table and the schemas.

Invariant: one path entry per route, one schema per name a route uses; there is no second list to keep in step.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from constellation_server.parameters import HEADERS, HEADERS_OF_STATUS, PARAMETERS, PATH_PARAMETERS
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
        "components": {"schemas": SCHEMAS, "parameters": PARAMETERS, "headers": HEADERS},
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
        "responses": {str(status): _answer(route, status, schema) for status, schema in sorted(answers.items())},
    }
    named = [PATH_PARAMETERS[name] for name in _PARAMETER.findall(route.path)]
    operation["parameters"] = [
        {"$ref": f"#/components/parameters/{name}"} for name in (*named, *route.query, "RequestIdHeader")
    ]
    if route.body is not None:
        content = {"application/json": {"schema": _schema(route.body)}}
        operation["requestBody"] = {"required": not route.body_optional, "content": content}
    return operation


def _answer(route: Route, status: int, schema: str) -> dict[str, Any]:
    own = route.headers if status < 400 else HEADERS_OF_STATUS.get(status, ())
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *own)}
    answer: dict[str, Any] = {"description": _REASONS[status], "headers": headers}
    if schema:
        media = "text/html" if schema == "Page" else "application/json"
        answer["content"] = {media: {"schema": _schema(schema)}}
    return answer


def _schema(name: str) -> dict[str, str]:
    if name not in SCHEMAS:
        raise Problem(f"no schema named {name}")
    return {"$ref": f"#/components/schemas/{name}"}
