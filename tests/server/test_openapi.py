"""The OpenAPI document: complete, consistent, and true of live answers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from constellation_server.routing import all_routes
from constellation_server.schemas import SCHEMAS
from tests.server.serving import Client

UPPER = "in text: String\nresult = Uppercase(text)\nout result"
_KINDS: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
}


def misfits(value: Any, schema: dict[str, Any], place: str = "$") -> list[str]:
    """Where a value does not fit a schema (the part of JSON Schema the document uses)."""
    if "$ref" in schema:
        return misfits(value, SCHEMAS[schema["$ref"].rsplit("/", 1)[1]], place)
    if "oneOf" in schema:
        return [] if any(not misfits(value, s, place) for s in schema["oneOf"]) else [f"{place}: no alternative fits"]
    if "const" in schema and value != schema["const"]:
        return [f"{place}: {value!r} is not {schema['const']!r}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{place}: {value!r} is none of {schema['enum']}"]
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(value is None if k == "null" else isinstance(value, _KINDS[k]) for k in kinds):
        return [f"{place}: {value!r} is no {kinds}"]
    found: list[str] = []
    if isinstance(value, str) and "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{place}: {value!r} does not match {schema['pattern']}")
    if isinstance(value, dict):
        found += [f"{place}: {name} is missing" for name in schema.get("required", []) if name not in value]
        for name, inner in value.items():
            part = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
            found += misfits(inner, part, f"{place}.{name}")
    if isinstance(value, list) and "items" in schema:
        for number, inner in enumerate(value):
            found += misfits(inner, schema["items"], f"{place}[{number}]")
    return found


async def test_every_route_is_described_and_every_description_is_a_route(client: Client) -> None:
    document = (await client.get("/openapi.json")).json
    described = {(m.upper(), path) for path, methods in document["paths"].items() for m in methods}
    served = {
        (route.method, resource.canonical)
        for resource in client.server.app.router.resources()
        for route in resource
        if route.method != "HEAD"
    }
    sockets = {("GET", socket["path"]) for socket in document["x-websockets"]}
    assert described | sockets == served
    assert len({o["operationId"] for methods in document["paths"].values() for o in methods.values()}) == len(described)


async def test_every_reference_leads_somewhere(client: Client) -> None:
    text = (await client.get("/openapi.json")).body.decode()
    names = set(re.findall(r"#/components/schemas/(\w+)", text))
    assert names <= SCHEMAS.keys()
    assert (await client.get("/openapi.json")).json["openapi"] == "3.1.0"


async def test_paths_name_their_parameters(client: Client) -> None:
    document = (await client.get("/openapi.json")).json
    known = document["components"]["parameters"]
    for path, methods in document["paths"].items():
        for operation in methods.values():
            used = [known[p["$ref"].rsplit("/", 1)[1]] for p in operation["parameters"]]
            assert "X-Request-ID" in {p["name"] for p in used}
            named = {p["name"] for p in used if p["in"] == "path"}
            assert named == set(re.findall(r"{(\w+)}", path))


async def test_the_page_lists_every_operation(client: Client) -> None:
    page = (await client.get("/docs")).body.decode()
    assert all(route.summary in page for route in all_routes())
    assert "<script" not in page and "http://" not in page.replace("http://127.0.0.1", "")


LIVE: list[tuple[str, str, Any, int]] = [
    ("POST", "/compile", {"source": UPPER, "name": "p"}, 200),
    ("POST", "/compile", {"source": "out nothing"}, 400),
    ("POST", "/run", {"source": UPPER, "inputs": {"text": "a", "extra": 1}}, 200),
    ("POST", "/run", {"source": UPPER, "inputs": {}}, 200),
    ("POST", "/run", {"source": "in a: Int\nq = Divide(a, 0)\nout q", "inputs": {"a": 1}}, 200),
    ("POST", "/execute", {"ref": "p", "inputs": {"text": "a"}}, 200),
    ("POST", "/execute", {"ref": "nobody", "inputs": {}}, 404),
    ("POST", "/validate", {"source": UPPER}, 200),
    ("POST", "/validate", {"source": "out nothing"}, 200),
    ("GET", "/pipelines", None, 200),
    ("GET", "/pipelines?format=array", None, 200),
    ("GET", "/pipelines/p", None, 200),
    ("GET", "/pipelines/p/versions", None, 200),
    ("POST", "/pipelines/p/reload", {"source": UPPER.replace("Upper", "Lower"), "canary": {}}, 200),
    ("GET", "/pipelines/p/canary", None, 200),
    ("POST", "/pipelines/p/canary/promote", None, 200),
    ("GET", "/metrics", None, 200),
    ("DELETE", "/pipelines/p/canary", None, 200),
    ("GET", "/executions", None, 200),
    ("GET", "/modules", None, 200),
    ("GET", "/modules/Uppercase", None, 200),
    ("GET", "/modules/published", None, 200),
    ("GET", "/namespaces", None, 200),
    ("GET", "/namespaces/stdlib.math", None, 200),
    ("GET", "/health", None, 200),
    ("GET", "/health/ready", None, 200),
    ("GET", "/health/detail", None, 404),
    ("DELETE", "/pipelines/p/alias", None, 200),
]


async def test_live_answers_fit_their_schemas(client: Client) -> None:
    paths = (await client.get("/openapi.json")).json["paths"]
    templates = {re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)): path for path in paths}
    for method, path, body, status in LIVE:
        answer = await client.request(method, path, json_body=body)
        assert answer.status == status, (method, path, answer.body)
        bare = path.partition("?")[0]
        template = bare if bare in paths else next(t for p, t in templates.items() if re.fullmatch(p, bare))
        schema = paths[template][method.lower()]["responses"][str(status)]["content"]["application/json"]["schema"]
        assert misfits(answer.json, schema) == [], (method, path)


@pytest.mark.parametrize("value", [{"success": True}, {"success": False, "code": 1}])
def test_the_checker_itself_finds_misfits(value: Any) -> None:
    assert misfits(value, SCHEMAS["ErrorEnvelope"])
