"""Requests no server should see: each gets its documented status and message, and the server keeps serving."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.server.serving import Answer, Client, serving

JSON = {"Content_Type": "application/json"}
UPPERCASE = "in text: String\nresult = Uppercase(text)\nout result"


def refused(answer: Answer, status: int, code: str, message: str) -> Any:
    """The envelope of a refusal."""
    body = answer.json
    assert answer.status == status, body
    assert (body["success"], body["code"], body["error"]) == (False, code, code)
    assert message in body["message"]
    assert body["requestId"] == answer.headers["X-Request-ID"]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return body


async def still_serving(client: Client) -> None:
    body = await client.run("in x: Int\nout x", x=1)
    assert body["outputs"] == {"x": 1}


BODIES = [
    (b"", "Malformed JSON"),
    (b"{not json", "Malformed JSON"),
    (b'{"source": ', "Malformed JSON"),
    (b'{"source": "\xff"}', "Malformed JSON"),
    (b"[1, 2]", "must be a JSON object, got array"),
    (b'"text"', "must be a JSON object, got string"),
    (b"null", "must be a JSON object, got null"),
    (b"7", "must be a JSON object, got number"),
    (b'{"inputs": {}}', "Missing required field 'source'"),
    (b'{"source": 5, "inputs": {}}', "Field 'source' must be a string, got number"),
    (b'{"source": null, "inputs": {}}', "Field 'source' must be a string, got null"),
    (b'{"source": ["out 1 as one"], "inputs": {}}', "Field 'source' must be a string, got array"),
    (b'{"source": "   ", "inputs": {}}', "must not be blank"),
    (b'{"source": "in x: Int\\nout x"}', "Missing required field 'inputs'"),
    (b'{"source": "in x: Int\\nout x", "inputs": [1]}', "Field 'inputs' must be an object, got array"),
    (b'{"source": "out 1 as one", "inputs": {}, "options": 3}', "Field 'options' must be an object"),
    (b'{"source": "out 1 as one", "inputs": {}, "options": {"priority": "high"}}', "Field 'priority' must be a number"),
    (b'{"source": "out 1 as one", "inputs": {}, "options": {"timeoutMs": 0}}', "'timeoutMs' must be at least 1"),
    (b'{"source": "out 1 as one", "inputs": {}, "options": {"executionId": "x"}}', "'executionId' must be a UUID"),
    (b'{"ref": "a", "source": "out 1 as one", "inputs": {}}', "POST /execute"),
    (b"[" * 5000 + b"]" * 5000, "nested more than 128 levels"),
    (b'{"source":"out 1 as one","inputs":{"x":' + b"[" * 200 + b"]" * 200 + b"}}", "nested more than 128 levels"),
]


@pytest.mark.parametrize(("body", "message"), BODIES, ids=[str(n) for n in range(len(BODIES))])
async def test_bodies_that_make_no_request(client: Client, body: bytes, message: str) -> None:
    refused(await client.request("POST", "/run", data=body, **JSON), 400, "BadRequest", message)
    await still_serving(client)


@pytest.mark.parametrize("path", ["/compile", "/run", "/execute", "/validate", "/pipelines/p/reload",
                                  "/executions/x/resume"])  # fmt: skip
async def test_every_route_with_a_body_refuses_the_same_way(client: Client, path: str) -> None:
    refused(await client.request("POST", path, data=b"{", **JSON), 400, "BadRequest", "Malformed JSON")
    refused(await client.request("POST", path, data=b"[]", **JSON), 400, "BadRequest", "must be a JSON object")
    form = await client.request("POST", path, data=b"a=1", Content_Type="application/x-www-form-urlencoded")
    refused(form, 415, "UnsupportedMediaType", "send Content-Type: application/json")


async def test_vendor_json_and_no_content_type_are_json(client: Client) -> None:
    data = json.dumps({"source": "out 1 as one", "inputs": {}}).encode()
    for headers in (
        {"Content_Type": "application/vnd.api+json"},
        {"Content_Type": "application/json;charset=utf-8"},
        {},
    ):
        assert (await client.request("POST", "/run", data=data, **headers)).status == 200


INPUTS = [
    ("Int", "not a number", "Input 'x': field 'x': expected Int, got string"),
    ("Int", 5.5, "expected Int"),
    ("Int", True, "expected Int, got boolean"),
    ("Int", None, "expected Int, got null"),
    ("Int", 2**63, "integer out of range"),
    ("Int", 1e300, "integer out of range"),
    ("String", 7, "expected String, got number"),
    ("Float", "much", "expected Float"),
    ("Boolean", "true", "expected Boolean, got string"),
    ("List<Int>", [1, "two", 3], "x[1]"),
    ("List<Int>", {"0": 1}, "expected"),
    ("{ name: String }", {}, "name"),
]


@pytest.mark.parametrize(("declared", "value", "message"), INPUTS)
async def test_inputs_of_the_wrong_type(client: Client, declared: str, value: Any, message: str) -> None:
    answer = await client.post("/run", {"source": f"in x: {declared}\nout x", "inputs": {"x": value}})
    body = answer.json
    assert answer.status == 400, body
    assert (body["success"], body["code"], body["status"]) == (False, "InputError", "failed")
    assert body["error"] == body["message"] and body["error"].startswith("Input error: Input 'x': ")
    assert message in body["error"]
    assert body["details"]["input"] == "x"
    assert (await client.get("/executions")).json["total"] == 0


async def test_every_wrong_input_is_reported_at_once(client: Client) -> None:
    body = await client.run("in a: Int\nin b: String\nout a\nout b", a="x", b=1)
    assert "Input 'a'" in body["error"] and "Input 'b'" in body["error"]


async def test_the_deepest_input_values(client: Client) -> None:
    nested: Any = 1
    for _ in range(60):
        nested = [nested]
    answer = await client.post("/run", {"source": "in x: Int\nout x", "inputs": {"x": nested}})
    assert answer.status == 400


# ---------------------------------------------------------------------------------------------------- size

LIMIT = 10 * 1024**2


async def test_ten_mebibytes_and_one_byte(client: Client) -> None:
    answer = await client.request("POST", "/run", data=b"x" * (LIMIT + 1), **JSON)
    refused(answer, 413, "PayloadTooLarge", f"Request body too large: {LIMIT + 1} bytes (max {LIMIT})")
    await still_serving(client)


async def test_exactly_ten_mebibytes_are_read(client: Client) -> None:
    frame = b'{"source":"in x: Int\\nout x","inputs":{"x":1},"pad":"%s"}'
    data = frame % (b"p" * (LIMIT - len(frame) + 2))
    assert len(data) == LIMIT
    assert (await client.request("POST", "/run", data=data, **JSON)).status == 200


async def test_a_chunked_body_is_measured_while_it_arrives(client: Client) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(200):
            yield b"x" * 65536

    answer = await client.request("POST", "/compile", data=chunks(), **JSON)
    refused(answer, 413, "PayloadTooLarge", f"more than {LIMIT} bytes")
    await still_serving(client)


@pytest.mark.parametrize(("encoding", "squeeze"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
async def test_a_compressed_bomb(client: Client, encoding: str, squeeze: Any) -> None:
    bomb = squeeze(b" " * (64 * 1024**2))
    assert len(bomb) < 1024**2
    answer = await client.request("POST", "/run", data=bomb, Content_Encoding=encoding, **JSON)
    refused(answer, 413, "PayloadTooLarge", f"more than {LIMIT} bytes")
    await still_serving(client)


async def test_compressed_bodies_are_read(client: Client) -> None:
    data = gzip.compress(json.dumps({"source": "in x: Int\nout x", "inputs": {"x": 3}}).encode())
    answer = await client.request("POST", "/run", data=data, Content_Encoding="gzip", **JSON)
    assert answer.json["outputs"] == {"x": 3}


async def test_broken_and_unknown_encodings(client: Client) -> None:
    broken = await client.request("POST", "/run", data=b"no gzip at all", Content_Encoding="gzip", **JSON)
    assert broken.status == 400 and broken.json["code"] == "BadRequest"
    unknown = await client.request("POST", "/run", data=b"{}", Content_Encoding="br", **JSON)
    refused(unknown, 415, "UnsupportedMediaType", "Unsupported Content-Encoding")
    await still_serving(client)


async def test_a_source_over_a_mebibyte(client: Client) -> None:
    source = "out 1 as one\n# " + "x" * 1024**2
    answer = await client.post("/compile", {"source": source})
    refused(answer, 413, "PayloadTooLarge", f"Source too large: {len(source)} bytes")


async def test_deleting_and_listing_are_limited_too() -> None:
    async with serving(max_body_bytes=64) as small:
        answer = await small.request("PUT", "/pipelines/a/alias", data=b"x" * 65, **JSON)
        refused(answer, 413, "PayloadTooLarge", "max 64")


# --------------------------------------------------------------------------------------------------- sources


async def test_binary_source(client: Client) -> None:
    plain = await client.request("POST", "/compile", data=bytes(range(128, 256)), Content_Type="text/plain")
    refused(plain, 400, "BadRequest", "not valid UTF-8")
    controls = await client.post("/compile", {"source": "".join(map(chr, range(32)))})
    assert controls.status == 400 and controls.json["code"] == "CompilationError"
    await still_serving(client)


async def test_ten_thousand_parentheses(client: Client) -> None:
    source = "in x: Int\ny = " + "(" * 10_000 + "x" + ")" * 10_000 + "\nout y"
    answer = await client.post("/compile", {"source": source})
    body = answer.json
    assert answer.status == 400 and body["code"] == "CompilationError"
    assert body["errors"][0].startswith("Line 2: ")
    assert body["diagnostics"][0]["code"] == "E020"
    await still_serving(client)


async def test_a_program_of_a_hundred_thousand_lines(client: Client) -> None:
    source = "in x: Int\n" + "# nothing\n" * 50_000 + "\n" * 49_998 + "out x"
    assert source.count("\n") == 99_999
    body = await client.run(source, x=1)
    assert body["outputs"] == {"x": 1}


async def test_the_server_serves_while_a_large_program_compiles(client: Client) -> None:
    source = "in x: Int\n" + "".join(f"v{n} = Add(x, {n})\n" for n in range(1500)) + "out x"
    compiling = asyncio.create_task(client.post("/compile", {"source": source}))
    answers = 0
    while not compiling.done():
        assert (await client.get("/health/live")).status == 200
        answers += 1
    assert (await compiling).status == 200
    assert answers > 3


async def test_five_thousand_broken_lines_are_a_bounded_answer(client: Client) -> None:
    answer = await client.post("/compile", {"source": "in x: Int\n" + "a = (\n" * 5_000 + "out x"})
    body = answer.json
    assert answer.status == 400 and body["code"] == "CompilationError"
    assert 1 < len(body["errors"]) <= 100 and len(answer.body) < 200_000


async def test_many_warnings_are_a_bounded_answer(client: Client) -> None:
    source = "in x: Int\n" + "".join(f"unused{n} = x\n" for n in range(400)) + "out x"
    body = (await client.post("/compile", {"source": source})).json
    assert len(body["warnings"]) == 100
    assert body["warnings"][0].keys() == {"line", "column", "code", "message"}


async def test_compiling_beyond_the_time_limit() -> None:
    source = "in x: Int\n" + "".join(f"v{n} = x\n" for n in range(1000)) + "out x"
    async with serving(compile_timeout=0.001) as client:
        cold = await client.post("/compile", {"source": source})
        sentence = "Compilation timed out after 0.001 seconds"
        assert (cold.status, cold.json["code"], cold.json["errors"]) == (500, "CompileTimeout", [sentence])
        hot = await client.post("/run", {"source": source, "inputs": {"x": 1}})
        body = hot.json
        assert (hot.status, body["success"], body["status"]) == (200, False, "failed")
        assert (body["error"], body["code"]) == (sentence, "CompileTimeout")


# ---------------------------------------------------------------------------------------- routes and methods


async def test_unknown_routes(client: Client) -> None:
    for path in ("/no/such/route", "/Run", "/run/", "/dags", "/debug/x", "/events"):
        refused(await client.get(path), 404, "NotFound", f"No route for GET {path}")


@pytest.mark.parametrize(("method", "path", "allowed"), [("DELETE", "/pipelines", "GET"), ("GET", "/run", "POST"),
                                                         ("PATCH", "/health", "GET")])  # fmt: skip
async def test_wrong_methods(client: Client, method: str, path: str, allowed: str) -> None:
    answer = await client.request(method, path)
    refused(answer, 405, "MethodNotAllowed", f"Method {method} is not allowed for {path}")
    assert allowed in answer.headers["Allow"]


async def test_options_and_head(client: Client) -> None:
    options = await client.request("OPTIONS", "/pipelines")
    assert options.status == 204 and "GET" in options.headers["Allow"]
    head = await client.request("HEAD", "/health")
    assert head.status == 200 and head.body == b"" and "X-Request-ID" in head.headers


async def test_request_ids(client: Client) -> None:
    kept = await client.get("/health", X_Request_ID="a.b_c:d@e/f+g=h-1")
    assert kept.headers["X-Request-ID"] == "a.b_c:d@e/f+g=h-1"
    for bad in ("x" * 129, "with blank", "ü"):
        answer = await client.get("/nowhere", X_Request_ID=bad)
        assert answer.headers["X-Request-ID"] != bad
        assert len(answer.headers["X-Request-ID"]) == 36


async def test_text_plain_from_another_origin(client: Client) -> None:
    headers = {"Content_Type": "text/plain", "Origin": "https://evil.example"}
    answer = await client.request("POST", "/compile", data=b"out 1 as one", **headers)
    refused(answer, 403, "OriginNotAllowed", "origin")
    own = await client.request(
        "POST", "/compile", data=b"out 1 as one", Content_Type="text/plain", Origin=client.server.url
    )
    assert own.status == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "offset=-1", "limit=%31%30e3", "format=xml"])
async def test_bad_queries(client: Client, query: str) -> None:
    refused(await client.get(f"/pipelines?{query}"), 400, "BadRequest", "Query parameter")


async def test_an_expectation_nobody_can_meet(client: Client) -> None:
    refused(await client.request("POST", "/run", data=b"{}", Expect="a miracle"), 417, "ExpectationFailed", "miracle")


async def test_unexpected_failures_leak_nothing(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(source: str) -> None:
        raise RuntimeError("secret path /etc/passwd")

    monkeypatch.setattr(client.server.state.engine, "compile_result", explode)
    answer = await client.post("/compile", {"source": "out 1 as one"})
    refused(answer, 500, "InternalError", "Internal server error")
    assert b"secret" not in answer.body and b"Traceback" not in answer.body
    assert (await client.get("/health")).status == 200
