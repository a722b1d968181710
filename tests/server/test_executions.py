"""Kept executions: what is listed, what a resume accepts, and that a refused or failed one loses nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from constellation.modules.decorator import module
from tests.server.serving import Client, serving

SUM = "in a: Int\nin b: Int\nin c: Int\nab = Add(a, b)\nabc = Add(ab, c)\nout abc"


async def suspended(client: Client, source: str = SUM, **inputs: Any) -> str:
    body = await client.run(source, **inputs)
    assert body["status"] == "suspended", body
    execution_id: str = body["executionId"]
    return execution_id


async def resume(client: Client, execution_id: str, **body: Any) -> Any:
    return await client.post(f"/executions/{execution_id}/resume", body)


async def test_a_listed_execution(client: Client) -> None:
    compiled = await client.compile(SUM, "adder")
    execution_id = (await client.execute("adder", a=1, b=2))["executionId"]
    body = (await client.get("/executions")).json
    [row] = body["executions"]
    assert (body["total"], body["limit"], body["offset"]) == (1, 100, 0)
    assert row["executionId"] == execution_id and row["structuralHash"] == compiled["structuralHash"]
    assert (row["status"], row["pipelineName"], row["resumptionCount"]) == ("suspended", "adder", 0)
    assert (row["missingInputs"], row["missingInputNames"], row["pendingOutputs"]) == ({"c": "CInt"}, ["c"], ["abc"])
    assert row["createdAt"] == row["updatedAt"] < row["expiresAt"]
    detail = (await client.get(f"/executions/{execution_id}")).json
    assert (detail["providedInputs"], detail["computedNodes"]) == (["a", "b"], {"ab": 3})


async def test_filters_and_pages(client: Client) -> None:
    ids = [await suspended(client, a=n) for n in range(3)]
    other = await suspended(client, "in z: Int\nout z")
    listed = (await client.get("/executions?limit=2&offset=1")).json
    assert listed["total"] == 4 and len(listed["executions"]) == 2
    rows = (await client.get("/executions")).json["executions"]
    assert {row["executionId"] for row in rows} == {other, *ids}
    assert [row["createdAt"] for row in rows] == sorted((row["createdAt"] for row in rows), reverse=True)
    digest = (await client.compile(SUM))["structuralHash"]
    for spelling in (digest, f"sha256:{digest}"):
        assert (await client.get(f"/executions?structuralHash={spelling}")).json["total"] == 3
    assert (await client.get("/executions?structuralHash=nonsense")).json["total"] == 0
    assert (await client.get("/executions?pipeline=nobody")).json["total"] == 0
    assert (await client.get("/executions?status=failed")).json["total"] == 0
    assert (await client.get("/executions?status=odd")).status == 400


REFUSALS = [
    ({"inputs": {"zz": 1}}, "InputError", "Input error: Unknown node name: 'zz'"),
    ({"inputs": {"c": "x"}}, "InputError", "Input error: Input 'c' type mismatch: expected CInt, got string"),
    ({"inputs": {"a": 9}}, "InputError", "Input error: Input 'a' was already provided with a different value"),
    ({"resolvedNodes": {"zz": 1}}, "NodeError", "Node error: Unknown node name: 'zz'"),
    ({"resolvedNodes": {"abc": "x"}}, "NodeError", "Node error: Node 'abc' type mismatch: expected CInt, got"),
    ({"resolvedNodes": {"ab": 7}}, "NodeError", "Node error: Node 'ab' has already been computed"),
]


@pytest.mark.parametrize(("body", "code", "message"), REFUSALS, ids=[message for _, _, message in REFUSALS])
async def test_a_refused_resume_changes_nothing(client: Client, body: Any, code: str, message: str) -> None:
    execution_id = await suspended(client, a=1, b=2)
    before = (await client.get(f"/executions/{execution_id}")).json
    answer = await resume(client, execution_id, **body)
    document = answer.json
    assert (answer.status, document["code"]) == (400, code), document
    assert document["error"].startswith(message)
    assert (await client.get(f"/executions/{execution_id}")).json == before
    assert (await resume(client, execution_id, inputs={"c": 3})).json["outputs"] == {"abc": 6}


async def test_both_spellings_of_inputs_are_merged(client: Client) -> None:
    execution_id = await suspended(client, a=1)
    clash = await resume(client, execution_id, inputs={"b": 2}, additionalInputs={"b": 3})
    assert (clash.status, clash.json["code"]) == (400, "BadRequest")
    done = await resume(client, execution_id, inputs={"b": 2, "a": 1}, additionalInputs={"c": 3, "b": 2})
    assert done.json["outputs"] == {"abc": 6}


async def test_an_empty_resume_suspends_again_and_counts(client: Client) -> None:
    execution_id = await suspended(client, a=1)
    again = (await client.request("POST", f"/executions/{execution_id}/resume")).json
    assert (again["status"], again["resumptionCount"]) == ("suspended", 1)


async def test_a_resolved_node_replaces_its_inputs(client: Client) -> None:
    execution_id = await suspended(client, a=1)
    done = (await resume(client, execution_id, inputs={"c": 3}, resolvedNodes={"ab": 10})).json
    assert (done["status"], done["outputs"]) == ("completed", {"abc": 13})


async def test_a_failed_resume_is_kept_and_can_be_healed(client: Client) -> None:
    source = "in a: Int\nin b: Int\nup = Add(a, 1)\nq = Divide(up, b)\nout q"
    execution_id = await suspended(client, source, a=9)
    failed = (await resume(client, execution_id, inputs={"b": 0})).json
    assert (failed["success"], failed["status"], failed["executionId"]) == (False, "failed", execution_id)
    assert failed["error"] == "Module 'Divide' execution failed: division by zero"
    [row] = (await client.get("/executions?status=failed")).json["executions"]
    assert (row["executionId"], row["resumptionCount"]) == (execution_id, 1)
    retried = (await resume(client, execution_id)).json
    assert (retried["status"], retried["resumptionCount"]) == ("failed", 2)
    healed = (await resume(client, execution_id, resolvedNodes={"q": 5})).json
    assert (healed["status"], healed["outputs"], healed["resumptionCount"]) == ("completed", {"q": 5}, 3)
    assert (await client.get("/executions")).json["total"] == 0


async def test_finished_calls_are_never_run_again() -> None:
    calls = 0

    @module(effectful=True)
    def charge(amount: int) -> int:
        """Count how often the customer pays."""
        nonlocal calls
        calls += 1
        return amount

    async with serving(charge) as client:
        source = "in amount: Int\nin ok: Boolean\npaid = Charge(amount)\nout paid when ok"
        execution_id = await suspended(client, source, amount=5)
        done = await resume(client, execution_id, inputs={"ok": True})
        assert (done.json["outputs"], calls) == ({"paid": 5}, 1)


async def test_the_image_an_execution_began_with_is_used_after_the_name_has_moved(client: Client) -> None:
    await client.compile("in x: Int\nin y: Int\nr = Add(x, y)\nout r", "calc")
    execution_id = (await client.execute("calc", x=2))["executionId"]
    await client.compile("in x: Int\nin y: Int\nr = Multiply(x, y)\nout r", "calc")
    assert (await resume(client, execution_id, inputs={"y": 5})).json["outputs"] == {"r": 7}


async def test_one_of_two_resumes_wins() -> None:
    entered, opened = asyncio.Event(), asyncio.Event()

    @module(effectful=True)
    async def slowly(n: int) -> int:
        """The number, later."""
        entered.set()
        await opened.wait()
        return n

    async with serving(slowly) as client:
        execution_id = await suspended(client, "in n: Int\nm = Slowly(n)\nout m")
        first = asyncio.create_task(resume(client, execution_id, inputs={"n": 1}))
        await entered.wait()
        second = await resume(client, execution_id, inputs={"n": 1})
        assert (second.status, second.json["code"]) == (409, "ResumeInProgress")
        deleted = await client.request("DELETE", f"/executions/{execution_id}")
        assert (deleted.status, deleted.json["code"]) == (409, "ResumeInProgress")
        opened.set()
        assert (await first).json["outputs"] == {"m": 1}
        assert (await client.request("DELETE", f"/executions/{execution_id}")).status == 404


async def test_a_full_store_refuses_new_suspensions_only() -> None:
    async with serving(max_suspensions=2) as client:
        for n in range(2):
            await suspended(client, a=n)
        full = await client.post("/run", {"source": SUM, "inputs": {"a": 3}})
        assert (full.status, full.json["code"]) == (503, "SuspensionStoreFull")
        assert (await client.run(SUM, a=1, b=2, c=3))["outputs"] == {"abc": 6}
        [row, _] = (await client.get("/executions")).json["executions"]
        await client.request("DELETE", f"/executions/{row['executionId']}")
        await suspended(client, a=4)


async def test_expired_executions_are_unknown() -> None:
    async with serving(suspension_ttl=0.001) as client:
        execution_id = await suspended(client, a=1)
        while (await client.get(f"/executions/{execution_id}")).status == 200:
            await asyncio.sleep(0)
        assert (await client.get("/executions")).json["total"] == 0
        assert (await resume(client, execution_id, inputs={"b": 1})).status == 404


async def test_an_image_in_use_is_protected(client: Client) -> None:
    execution_id = await suspended(client, a=1)
    digest = (await client.compile(SUM))["structuralHash"]
    refused = await client.request("DELETE", f"/pipelines/{digest}")
    assert (refused.status, refused.json["code"]) == (409, "PipelineInUse")
    assert (await client.request("DELETE", f"/pipelines/{digest}?force=true")).status == 200
    orphan = await resume(client, execution_id, inputs={"b": 1})
    assert (orphan.status, orphan.json["message"]) == (404, f"Pipeline not found: {digest}")


async def test_a_client_may_choose_the_execution_id(client: Client) -> None:
    wanted = "8c5f7e0a-1111-4222-8333-444455556666"
    body = {"source": SUM, "inputs": {}, "options": {"executionId": wanted, "includeTimings": True}}
    assert (await client.post("/run", body)).json["executionId"] == wanted
    again = await client.post("/run", body)
    assert again.status == 409


async def test_timings_and_provenance_on_request(client: Client) -> None:
    options = {"includeTimings": True, "includeProvenance": True, "priority": 500, "timeoutMs": 60_000}
    body = (await client.post("/run", {"source": SUM, "inputs": {"a": 1, "b": 2, "c": 3}, "options": options})).json
    assert set(body["timings"]) >= {"ab", "abc"}
    assert body["provenance"]["ab"]
    plain = await client.run(SUM, a=1, b=2, c=3)
    assert "timings" not in plain and "provenance" not in plain and "computedNodes" not in plain
