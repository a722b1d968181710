"""Modules and namespaces over HTTP, and published modules as endpoints."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from constellation.modules.decorator import module
from tests.server.serving import Client, serving
from tests.server.test_openapi import misfits


@module(http=True, tags=("text",))
def shout(text: str, marks: int) -> str:
    """Upper-case text with exclamation marks."""
    if marks < 0:
        raise ValueError("marks must not be negative")
    return text.upper() + "!" * marks


@pytest.fixture
async def published() -> AsyncIterator[Client]:
    async with serving(shout) as client:
        yield client


async def test_the_catalogue(published: Client) -> None:
    rows = (await published.get("/modules")).json["modules"]
    assert [row["name"] for row in rows] == sorted(row["name"] for row in rows)
    [own] = [row for row in rows if row["name"] == "Shout"]
    assert own["description"] == "Upper-case text with exclamation marks."
    assert (own["inputs"], own["outputs"]) == ({"text": "CString", "marks": "CInt"}, {"result": "CString"})
    assert (own["version"], own["tags"], own["published"]) == ("1.0", ["text"], True)
    assert {row["name"] for row in rows} >= {"Uppercase", "Lowercase", "Trim", "Add", "Divide", "GetUser"}
    assert [r["name"] for r in (await published.get("/modules?tag=text&search=exclam")).json["modules"]] == ["Shout"]


async def test_one_module(published: Client) -> None:
    info = (await published.get("/modules/Shout")).json
    assert info["signatures"] == ["Shout(text: String, marks: Int) -> String"] and "retry" in info["options"]
    missing = await published.get("/modules/Nope")
    assert (missing.status, missing.json["message"]) == (404, "Module 'Nope' not found")


async def test_invoking_a_published_module(published: Client) -> None:
    [row] = (await published.get("/modules/published")).json["modules"]
    assert (row["name"], row["endpoint"]) == ("Shout", "/modules/Shout/invoke")
    done = await published.post("/modules/Shout/invoke", {"text": "a", "marks": 2})
    assert (done.status, done.json) == (200, {"success": True, "module": "Shout", "outputs": {"result": "A!!"}})


async def test_invoking_badly(published: Client) -> None:
    path = "/modules/Shout/invoke"
    missing = await published.post(path, {"text": "a"})
    assert (missing.status, missing.json["error"]) == (400, "Missing required input: 'marks'")
    wrong = await published.post(path, {"text": "a", "marks": "two"})
    assert wrong.status == 400 and wrong.json["error"].startswith("Input error: Input 'marks'")
    assert wrong.json["module"] == "Shout"
    listed = await published.post(path, [1])
    assert (listed.status, listed.json["error"]) == (400, "Request body must be a JSON object")
    failed = await published.post(path, {"text": "a", "marks": -1})
    assert (failed.status, failed.json["code"]) == (500, "ModuleExecutionError")
    assert failed.json["error"] == "Module 'Shout' execution failed: marks must not be negative"
    private = await published.post("/modules/Uppercase/invoke", {"value": "a"})
    assert (private.status, private.json["message"]) == (
        404, "Module 'Uppercase' is not published as an HTTP endpoint",
    )  # fmt: skip


async def test_namespaces(client: Client) -> None:
    names = (await client.get("/namespaces")).json["namespaces"]
    assert {"stdlib.math", "stdlib.string"} <= set(names)
    maths = (await client.get("/namespaces/stdlib.math")).json
    [add] = [f for f in maths["functions"] if f["name"] == "add"]
    assert add["qualifiedName"] == "stdlib.math.add" and len(add["params"]) == 2
    everything = (await client.get("/namespaces/stdlib")).json["functions"]
    assert len(everything) > len(maths["functions"])
    unknown = await client.get("/namespaces/no.such")
    assert unknown.json["message"] == "Namespace 'no.such' not found or has no functions"


@module(http=True, namespace="forms")
def fill(result: str, note: str | None) -> dict[str, int]:
    """A parameter called like the output, one that may be absent, a map as the answer."""
    return {result: len(note or "")}


async def test_published_modules_are_described_one_by_one() -> None:
    async with serving(shout, fill) as client:
        own = (await client.get("/modules/published/openapi")).json
        assert list(own["paths"]) == ["/modules/Shout/invoke", "/modules/forms.Fill/invoke"]
        whole = (await client.get("/openapi.json")).json
        assert own["paths"].items() <= whole["paths"].items() and own["openapi"] == "3.1.0"
        described = own["paths"]["/modules/forms.Fill/invoke"]["post"]
        body = described["requestBody"]["content"]["application/json"]["schema"]
        assert body["required"] == ["result"] and set(body["properties"]) == {"result", "note"}
        done = await client.post("/modules/forms.Fill/invoke", {"result": "key"})
        assert done.json == {"success": True, "module": "Fill", "outputs": {"result": {"key": 0}}}
        answer = described["responses"]["200"]["content"]["application/json"]["schema"]
        assert misfits(done.json, answer) == []
