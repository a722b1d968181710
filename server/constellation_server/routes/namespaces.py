"""The functions of the language's namespaces."""

from __future__ import annotations

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.problems import NotFound
from constellation_server.routing import Route
from constellation_server.state import STATE


async def list_namespaces(request: web.Request) -> web.Response:
    """`GET /namespaces`."""
    return json_answer({"namespaces": sorted(request.app[STATE].engine.modules.table.namespaces)})


async def show_namespace(request: web.Request) -> web.Response:
    """`GET /namespaces/{ns}`: the functions in it and below it."""
    wanted = request.match_info["ns"]
    table = request.app[STATE].engine.modules.table
    own = table.canonical_namespace(wanted)
    specs = {
        spec.qualified_name: spec
        for spec in table.functions.values()
        if spec.namespace == own or spec.namespace.startswith(f"{own}.")
    }
    specs.update({spec.qualified_name: spec for spec in table.members(wanted).values()})
    if not specs:
        raise NotFound(f"Namespace '{wanted}' not found or has no functions", code="NamespaceNotFound")
    functions = [
        {
            "name": spec.name,
            "qualifiedName": name,
            "params": [f"{p.name}: {p.type}" for p in spec.overloads[0].parameters],
            "returns": str(spec.overloads[0].returns),
            "description": spec.description,
        }
        for name, spec in sorted(specs.items())
    ]
    return json_answer({"namespace": wanted, "functions": functions})


ROUTES = (
    Route("GET", "/namespaces", list_namespaces, "listNamespaces", "The namespaces functions live in",
          {200: "NamespaceList"}, role="ReadOnly"),
    Route("GET", "/namespaces/{ns}", show_namespace, "getNamespace", "The functions of a namespace",
          {200: "NamespaceFunctions", 404: "ErrorEnvelope"}, role="ReadOnly"),
)  # fmt: skip
