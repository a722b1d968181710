"""The modules programs can call, and calling a published one directly."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from constellation.modules.module import Module
from constellation.types.model import Type
from constellation.types.signature import FunctionSpec
from constellation_server.answers import json_answer
from constellation_server.bodies import failure_code, plain_values
from constellation_server.compilation import compile_source
from constellation_server.execution import RunOptions, check_inputs, execute
from constellation_server.problems import BadRequest, InputProblem, NotFound, ResultProblem
from constellation_server.reading import read_object
from constellation_server.routing import Route
from constellation_server.state import STATE

_CALL_OPTIONS = ("retry", "timeout", "delay", "backoff", "fallback", "cache", "throttle", "concurrency", "on_error",
                 "lazy", "priority")  # fmt: skip


async def list_modules(request: web.Request) -> web.Response:
    """`GET /modules`."""
    tag, search = request.query.get("tag"), request.query.get("search", "").lower()
    found = [
        module_info(m)
        for m in request.app[STATE].engine.modules
        if (tag is None or tag in m.spec.tags)
        and (not search or search in m.name.lower() or search in m.spec.description.lower())
    ]
    found.sort(key=lambda info: (info["name"], info["qualifiedName"]))
    return json_answer({"modules": found})


async def show_module(request: web.Request) -> web.Response:
    """`GET /modules/{name}`."""
    module = _module(request)
    return json_answer({**module_info(module), "options": list(_CALL_OPTIONS)})


async def list_published(request: web.Request) -> web.Response:
    """`GET /modules/published`."""
    published = [m for m in request.app[STATE].engine.modules if m.http]
    rows: list[dict[str, Any]] = []
    for module in sorted(published, key=lambda m: m.name):
        info = module_info(module)
        kept = {k: info[k] for k in ("name", "description", "version", "tags", "inputs", "outputs")}
        rows.append({**kept, "endpoint": f"/modules/{module.name}/invoke"})
    return json_answer({"modules": rows})


async def invoke(request: web.Request) -> web.Response:
    """`POST /modules/{name}/invoke`: a published module as an endpoint of its own."""
    state = request.app[STATE]
    state.require_accepting()
    config = state.config
    module = _module(request)
    if not module.http:
        raise NotFound(f"Module '{request.match_info['name']}' is not published as an HTTP endpoint")
    try:
        given = await read_object(request, config.max_body_bytes, config.body_timeout)
    except BadRequest as problem:
        if problem.message.startswith("The request body must be"):
            raise ResultProblem(
                "Request body must be a JSON object", code="InputError", extra={"module": module.spec.name}
            ) from None
        raise
    signature = module.spec.overloads[0]
    for parameter in signature.parameters:
        if parameter.name not in given and not str(parameter.type).startswith("Optional<"):
            message = f"Missing required input: '{parameter.name}'"
            raise InputProblem(message, extra={"module": module.spec.name})
    compiled = await compile_source(state, program_calling(module.spec))
    if compiled.image is None:
        raise BadRequest(f"Module '{module.spec.name}' cannot be called on its own: its types are not concrete")
    known, _ = check_inputs(compiled.image, given)
    try:
        result = await execute(state, compiled.image, known, RunOptions(save=False))
    except InputProblem as problem:
        problem.extra["module"] = module.spec.name
        raise
    if result.status.value != "completed":
        code = failure_code(result)
        status = 504 if code == "ModuleTimeout" else 500
        raise ResultProblem(result.error or "Execution failed", code=code, status=status,
                            extra={"module": module.spec.name})  # fmt: skip
    (value,) = plain_values(result.typed_outputs).values()
    return json_answer({"success": True, "module": module.spec.name, "outputs": {"result": value}})


def program_calling(spec: FunctionSpec) -> str:
    """A program that does nothing but call one function."""
    parameters = spec.overloads[0].parameters
    lines = [f"in {p.name}: {p.type}" for p in parameters]
    arguments = ", ".join(p.name for p in parameters)
    output = "result"
    while output in {p.name for p in parameters}:
        output += "_"
    return "\n".join([*lines, f"{output} = {spec.qualified_name}({arguments})", f"out {output}", ""])


def _module(request: web.Request) -> Module:
    name = request.match_info["name"]
    registry = request.app[STATE].engine.modules
    found = next((m for m in registry if m.name == name), None) or next(
        (m for m in registry if name in m.spec.spellings), None
    )
    if found is None:
        raise NotFound(f"Module '{name}' not found")
    return found


def module_info(module: Module) -> dict[str, Any]:
    """A module as the API shows it."""
    spec = module.spec
    first = spec.overloads[0]
    return {
        "name": shown_name(spec),
        "qualifiedName": spec.qualified_name,
        "description": spec.description,
        "version": "{}.{}".format(*spec.version),
        "tags": list(spec.tags),
        "category": spec.namespace or "modules",
        "inputs": {p.name: wire_name(p.type) for p in first.parameters},
        "outputs": {"result": wire_name(first.returns)},
        "signatures": [f"{shown_name(spec)}{signature}" for signature in spec.overloads],
        "published": module.http,
    }


def shown_name(spec: FunctionSpec) -> str:
    """The name programs usually write: the PascalCase spelling of a standard function, a host module's own name."""
    if not spec.prelude:
        return spec.name
    return next((s for s in spec.spellings if s[:1].isupper()), spec.name)


def wire_name(type_: Type) -> str:
    """A type as the wire spells it; a generic one as the language does."""
    try:
        return type_.wire
    except TypeError:
        return str(type_)


__all__ = ["ROUTES", "module_info", "wire_name"]

ROUTES = (
    Route("GET", "/modules", list_modules, "listModules", "The modules programs can call", {200: "ModuleList"},
          query=("TagFilter", "Search"), role="ReadOnly"),
    Route("GET", "/modules/published", list_published, "listPublishedModules",
          "Modules with an endpoint of their own", {200: "PublishedList"}, role="ReadOnly"),
    Route("GET", "/modules/{name}", show_module, "getModule", "One module",
          {200: "ModuleInfo", 404: "ErrorEnvelope"}, role="ReadOnly"),
    Route("POST", "/modules/{name}/invoke", invoke, "invokeModule", "Call a published module",
          {200: "InvokeResponse", 404: "ErrorEnvelope", 503: "ErrorEnvelope", 504: "ErrorEnvelope"},
          body="Inputs"),
)  # fmt: skip
