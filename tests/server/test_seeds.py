"""The requests of the project's founding documents, with the answers printed there, field for field.

`HASH`, `ID` and `ANY` stand for what necessarily differs: a hash, an execution id, a value the document leaves open.
"""

from __future__ import annotations

import re
from typing import Any

from tests.server.serving import Answer, Client

HASH, ID, ANY = "<hash>", "<id>", "<any>"
_FORMS = {
    HASH: re.compile(r"[0-9a-f]{64}"),
    ID: re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
}

UPPERCASE = "in text: String\nresult = Uppercase(text)\nout result"


def expect(answer: Answer, http_status: int, /, **members: Any) -> Any:
    """The status, and every member with exactly that value; the body."""
    assert answer.status == http_status, answer.body
    body = answer.json
    for name, value in members.items():
        assert name in body, f"no {name} in {body}"
        if isinstance(value, str) and value in _FORMS:
            assert _FORMS[value].fullmatch(body[name]), body[name]
        elif value != ANY:
            assert body[name] == value, f"{name}: {body[name]!r}"
    return body


# ----------------------------------------------------------------------------------------- hot execution


async def test_hot_completed(client: Client) -> None:
    answer = await client.post("/run", {"source": UPPERCASE, "inputs": {"text": "hello world"}})
    body = expect(answer, 200, success=True, outputs={"result": "HELLO WORLD"}, structuralHash=HASH, status="completed",
                  executionId=ID, resumptionCount=0, compileTimeMs=ANY, executeTimeMs=ANY)  # fmt: skip
    assert answer.headers["X-Execution-Id"] == body["executionId"]
    assert "missingInputs" not in body and "requestId" not in body and "error" not in body


async def test_hot_suspended(client: Client) -> None:
    source = "in approvalCode: String\nresult = Uppercase(approvalCode)\nout result"
    answer = await client.post("/run", {"source": source, "inputs": {}})
    expect(answer, 200, success=True, outputs={}, structuralHash=HASH, status="suspended", executionId=ID,
           missingInputs={"approvalCode": "CString"}, pendingOutputs=["result"], resumptionCount=0)  # fmt: skip


async def test_hot_failed_to_compile(client: Client) -> None:
    source = "in text: String\nresult = Uppercas(text)\nout result"
    answer = await client.post("/run", {"source": source, "inputs": {"text": "x"}})
    expect(answer, 400, success=False, error="Compilation failed: Unknown function 'Uppercas'", status="failed",
           errors=["Line 2: Unknown function 'Uppercas'"], code="CompilationError",
           compilationErrors=["Line 2: Unknown function 'Uppercas'"],
           message="Compilation failed: Unknown function 'Uppercas'", requestId=ANY)  # fmt: skip


async def test_hot_failed_while_running(client: Client) -> None:
    source = "in a: Int\nin b: Int\nresult = Divide(a, b)\nout result"
    answer = await client.post("/run", {"source": source, "inputs": {"a": 1, "b": 0}})
    sentence = "Module 'Divide' execution failed: division by zero"
    body = expect(answer, 200, success=False, error=sentence, status="failed", executionId=ID, outputs={},
                  message=sentence, code="ModuleExecutionError", structuralHash=HASH, resumptionCount=0,
                  requestId=ANY)  # fmt: skip
    [failure] = body["failures"]
    assert failure["node"] == "result" and failure["module"] == "Divide"
    assert failure["message"] == "division by zero" and failure["retriesAttempted"] == 0


async def test_hot_text_processing(client: Client) -> None:
    source = "in text: String\ncleaned = Trim(text)\nupper = Uppercase(cleaned)\nout upper"
    answer = await client.post("/run", {"source": source, "inputs": {"text": "  hello world  "}})
    expect(answer, 200, success=True, outputs={"upper": "HELLO WORLD"}, status="completed")


async def test_hot_numbers(client: Client) -> None:
    source = "in x: Int\nin y: Int\nsum = Add(x, y)\nproduct = Multiply(x, y)\nout sum\nout product"
    answer = await client.post("/run", {"source": source, "inputs": {"x": 5, "y": 3}})
    expect(answer, 200, success=True, outputs={"sum": 8, "product": 15}, status="completed")


async def test_hot_objects(client: Client) -> None:
    source = "in userId: String\nuser = GetUser(userId)\nout user"
    answer = await client.post("/run", {"source": source, "inputs": {"userId": "user-123"}})
    user = {"id": "user-123", "name": "Alice", "email": "alice@example.com"}
    expect(answer, 200, success=True, outputs={"user": user}, status="completed")


async def test_hot_every_compile_error(client: Client) -> None:
    source = "in text: String\nresult = Uppercas(text)\nbad = Add(text, 1)\nout bad"
    answer = await client.post("/run", {"source": source, "inputs": {"text": "x"}})
    lines = ["Line 2: Unknown function 'Uppercas'", "Line 3: Type mismatch: expected Int, got String"]
    expect(answer, 400, success=False, errors=lines)


async def test_hot_request_tracing(client: Client) -> None:
    headers = {"X_Request_ID": "my-trace-123"}
    good = await client.post("/run", {"source": "in x: Int\nout x", "inputs": {"x": 1}}, **headers)
    assert good.headers["X-Request-ID"] == "my-trace-123"
    bad = await client.post("/run", {"source": "out nothing", "inputs": {}}, **headers)
    assert bad.headers["X-Request-ID"] == "my-trace-123"
    assert bad.json["requestId"] == "my-trace-123"


async def test_hot_identical_source_compiles_once(client: Client) -> None:
    first = await client.run(UPPERCASE, text="a")
    second = await client.run(UPPERCASE, text="b")
    reformatted = await client.run("# shout\n" + UPPERCASE.replace(" = ", "   =   "), text="c")
    assert [body["cached"] for body in (first, second, reformatted)] == [False, True, True]
    assert first["structuralHash"] == second["structuralHash"] == reformatted["structuralHash"]


# ---------------------------------------------------------------------------------------- execution modes


async def test_modes_hot(client: Client) -> None:
    answer = await client.post("/run", {"source": "in x: String\nout x", "inputs": {"x": "hello"}})
    body = expect(answer, 200, outputs={"x": "hello"}, structuralHash=HASH)
    assert isinstance(body["compileTimeMs"], int) and isinstance(body["executeTimeMs"], int)


async def test_modes_cold(client: Client) -> None:
    source = "in orderId: String\norder = GetOrder(orderId)\nout order"
    answer = await client.post("/compile", {"source": source, "name": "order-lookup"})
    body = expect(answer, 200, structuralHash=HASH, alias="order-lookup")
    digest = body["structuralHash"]
    for ref in ("order-lookup", digest, f"sha256:{digest}", f"SHA256:{digest.upper()}"):
        outputs = (await client.execute(ref, orderId="ORD-123"))["outputs"]
        assert outputs["order"]["id"] == "ORD-123"
        assert outputs["order"]["status"] == "shipped"


async def test_modes_suspended_then_resumed(client: Client) -> None:
    source = "in userId: String\nin approval: Boolean\nuser = GetUser(userId)\nout user when approval"
    answer = await client.post("/run", {"source": source, "inputs": {"userId": "user-123"}})
    body = expect(answer, 200, success=True, status="suspended", executionId=ID, missingInputs={"approval": "CBoolean"},
                  missingInputNames=["approval"], pendingOutputs=["user"], outputs={})  # fmt: skip
    user = {"id": "user-123", "name": "Alice", "email": "alice@example.com"}
    assert body["computedNodes"] == {"user": user}
    resumed = await client.post(f"/executions/{body['executionId']}/resume", {"inputs": {"approval": True}})
    expect(resumed, 200, success=True, status="completed", outputs={"user": user}, executionId=body["executionId"],
           structuralHash=body["structuralHash"], resumptionCount=1)  # fmt: skip


# ----------------------------------------------------------------------------------------- cold execution

ORDER = "in orderId: String\norder = GetOrder(orderId)\nout order"


async def test_cold_compile(client: Client) -> None:
    answer = await client.post("/compile", {"source": ORDER, "name": "order-lookup"})
    expect(answer, 200, success=True, structuralHash=HASH, syntacticHash=HASH, name="order-lookup")


async def test_cold_compile_error(client: Client) -> None:
    answer = await client.post("/compile", {"source": ORDER.replace("GetOrder", "GetOrdr"), "name": "order-lookup"})
    expect(answer, 400, success=False, errors=["Line 2: Unknown function 'GetOrdr'"])


async def test_cold_execute(client: Client) -> None:
    compiled = await client.compile(ORDER, "order-lookup")
    answer = await client.post("/execute", {"ref": "order-lookup", "inputs": {"orderId": "ORD-123"}})
    body = expect(answer, 200, success=True, status="completed", executionId=ID, resumptionCount=0)
    assert body["outputs"]["order"]["status"] == "shipped" and body["outputs"]["order"]["items"]
    assert "structuralHash" not in body and "compileTimeMs" not in body
    assert answer.headers["X-Pipeline-Hash"] == compiled["structuralHash"]
    assert answer.headers["X-Pipeline-Version"] == "1"


async def test_cold_compile_once_execute_many(client: Client) -> None:
    await client.compile(UPPERCASE, "text-processor")
    assert (await client.execute("text-processor", text="hello"))["outputs"] == {"result": "HELLO"}
    assert (await client.execute("text-processor", text="world"))["outputs"] == {"result": "WORLD"}


async def test_cold_update_and_version_pinning(client: Client) -> None:
    old = (await client.compile(UPPERCASE, "text-processor"))["structuralHash"]
    await client.compile(UPPERCASE.replace("Uppercase(text)", "Uppercase(Trim(text))"), "text-processor")
    assert (await client.execute("text-processor", text="  hello  "))["outputs"] == {"result": "HELLO"}
    assert (await client.execute(old, text="  hello  "))["outputs"] == {"result": "  HELLO  "}


async def test_cold_hash_ignores_layout_only(client: Client) -> None:
    first = await client.compile(UPPERCASE)
    second = await client.compile("# comment\n\n" + UPPERCASE.replace("(", "( ") + "\n")
    other = await client.compile(UPPERCASE.replace("Uppercase", "Lowercase"))
    assert first["structuralHash"] == second["structuralHash"] != other["structuralHash"]
    assert first["syntacticHash"] != second["syntacticHash"]


async def test_cold_cache_metrics(client: Client) -> None:
    await client.compile(UPPERCASE)
    await client.compile(UPPERCASE)
    cache = (await client.get("/metrics")).json["cache"]
    assert (cache["hitRate"], cache["missRate"], cache["evictionCount"], cache["loadCount"]) == (0.5, 0.5, 0, 1)
    assert (cache["hits"], cache["misses"], cache["size"]) == (1, 1, 1)


async def test_cold_unknown_pipeline(client: Client) -> None:
    answer = await client.post("/execute", {"ref": "my-pipeline", "inputs": {}}, X_Request_ID="abc-123")
    expect(answer, 404, error="NotFound", message="Pipeline 'my-pipeline' not found", requestId="abc-123")


async def test_cold_invalid_reference(client: Client) -> None:
    for ref in ("", "   ", "sha256:short", "x" * 257, "g" * 64):
        body = expect(await client.post("/execute", {"ref": ref, "inputs": {}}), 400, error="BadRequest")
        assert body["message"].startswith("Invalid pipeline reference format")


async def test_cold_runtime_error(client: Client) -> None:
    await client.compile(ORDER, "order-lookup")
    answer = await client.post("/execute", {"ref": "order-lookup", "inputs": {"orderId": "ORD-0"}})
    expect(answer, 200, success=False, error="Module 'GetOrder' execution failed: order not found", status="failed",
           executionId=ID)  # fmt: skip


async def test_cold_suspension(client: Client) -> None:
    await client.compile("in approvalCode: String\nout approvalCode", "approve")
    answer = await client.post("/execute", {"ref": "approve", "inputs": {}})
    body = expect(
        answer, 200, success=True, status="suspended", executionId=ID, missingInputs={"approvalCode": "CString"}
    )
    done = await client.post(f"/executions/{body['executionId']}/resume", {"inputs": {"approvalCode": "ok"}})
    expect(done, 200, status="completed", outputs={"approvalCode": "ok"})


# ------------------------------------------------------------------------------------- the long guide's clients


async def test_the_curl_and_python_clients(client: Client) -> None:
    source = """
        in numbers: List[Int]
        sum = Sum(numbers)
        avg = Average(numbers)
        out sum
        out avg
    """
    compiled = await client.post("/compile", {"name": "stats-pipeline", "source": source})
    expect(compiled, 200, success=True, structuralHash=HASH, syntacticHash=HASH, name="stats-pipeline")
    results = await client.execute("stats-pipeline", numbers=[10, 20, 30])
    assert results["outputs"] == {"sum": 60, "avg": 20.0}


async def test_the_javascript_client(client: Client) -> None:
    source = "\n      in numbers: List[Int]\n      sum = Sum(numbers)\n      out sum\n    "
    digest = (await client.compile(source, "stats-pipeline"))["structuralHash"]
    assert re.fullmatch("[0-9a-f]{64}", digest)
    assert (await client.execute("stats-pipeline", numbers=[10, 20, 30]))["outputs"] == {"sum": 60}


async def test_the_endpoint_table(client: Client) -> None:
    await client.compile(UPPERCASE, "shout")
    for path in ("/pipelines", "/pipelines/shout", "/modules", "/health", "/health/ready", "/health/live", "/metrics"):
        assert (await client.get(path)).status == 200, path
    health = (await client.get("/health")).json
    assert health["status"] == "ok" and health["uptime"]
    assert (await client.request("DELETE", "/pipelines/shout")).status == 200


async def test_the_registry_sync_sketch(client: Client) -> None:
    await client.compile(UPPERCASE, "my-pipeline")
    [row] = (await client.get("/pipelines?format=array")).json
    assert row["name"] == "my-pipeline"
    image = (await client.get(f"/pipelines/{row['hash']}?include=image")).json
    assert image["structuralHash"] == row["hash"]
