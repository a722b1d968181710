"""The page of the HTTP interface, from the server's own OpenAPI document."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from reference_pages.source_docs import cell, fragment

Schema = dict[str, Any]


def page() -> Iterator[str]:
    """Every route with its parameters, body and answers, then the shapes they use."""
    from constellation_server.openapi import document
    from constellation_server.routing import all_routes

    described = document(all_routes(), "")
    yield "# HTTP\n"
    yield "Every route of the server. `GET /openapi.json` serves the same description for tools. Bodies are JSON with"
    yield "`Content-Type: application/json`; every answer carries `X-Request-ID`. How to use them:"
    yield "[Call it over HTTP](../how-to/http.md).\n"
    yield "| route | does |\n|---|---|"
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            yield f"| [`{method.upper()} {path}`](#{operation['operationId'].lower()}) | {cell(operation['summary'])} |"
    for socket in described["x-websockets"]:
        yield f"| `WebSocket {socket['path']}` | {cell(socket['summary'])} |"
    yield ""
    yield fragment("http")
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            yield from _operation(method.upper(), path, operation, described["components"]["parameters"])
    yield "## Shapes { #shapes }\n"
    for name, schema in sorted(described["components"]["schemas"].items()):
        yield from _shape(name, schema)


def _operation(method: str, path: str, operation: dict[str, Any], known: dict[str, dict[str, Any]]) -> Iterator[str]:
    yield f"## {method} {path} {{ #{operation['operationId'].lower()} }}\n\n{operation['summary']}.\n"
    body = operation.get("requestBody")
    if body:
        yield f"Body: {_type(body['content']['application/json']['schema'])}\n"
    parameters = [known[given["$ref"].rpartition("/")[2]] for given in operation["parameters"]]
    parameters = [parameter for parameter in parameters if parameter["in"] != "header"]
    if parameters:
        yield "| parameter | in | type | means |\n|---|---|---|---|"
        for parameter in parameters:
            kind = _type(parameter["schema"])
            yield f"| `{parameter['name']}` | {parameter['in']} | {kind} | {cell(parameter['description'])} |"
        yield ""
    yield "| status | means | body |\n|---|---|---|"
    for status, answer in operation["responses"].items():
        shapes = [_type(media["schema"]) for media in answer.get("content", {}).values()]
        yield f"| {status} | {answer['description']} | {', '.join(shapes)} |"
    yield ""


def _shape(name: str, schema: Schema) -> Iterator[str]:
    yield f"### {name} {{ #shape-{name.lower()} }}\n"
    if schema.get("description"):
        yield f"{schema['description']}\n"
    properties: dict[str, Schema] = schema.get("properties", {})
    if not properties:
        yield f"{_type(schema)}\n"
        return
    required = set(schema.get("required", ()))
    yield "| field | type | means |\n|---|---|---|"
    for field, inner in properties.items():
        about = "; ".join(filter(None, ["required" if field in required else "", inner.get("description", "")]))
        yield f"| `{field}` | {_type(inner)} | {cell(about)} |"
    yield ""


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#shape-{name.lower()})"
    if "enum" in schema:
        return " or ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    for key in ("oneOf", "anyOf"):
        if key in schema:
            return " or ".join(map(_type, schema[key]))
    kind = schema.get("type")
    if kind == "array":
        return f"list of {_type(schema['items'])}"
    if kind == "object" and "additionalProperties" in schema:
        values = schema["additionalProperties"]
        return f"object of {_type(values)}" if isinstance(values, dict) else "object"
    if isinstance(kind, list):
        return " or ".join(kind)
    limits = [f"{word} {schema[key]}" for key, word in (("minimum", "≥"), ("maximum", "≤")) if key in schema]
    return " ".join([schema.get("format") or kind or "any value", *limits])
