"""Names, versions, canaries and the registry over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from constellation.stores.memory import InMemoryPipelineStore
from constellation_server.registry_client import RegistryClient, RegistryError
from tests.server.serving import Client, serving

UPPER = "in text: String\nresult = Uppercase(text)\nout result"
LOWER = UPPER.replace("Uppercase", "Lowercase")
FAILS = "in text: String\nn = Divide(Length(text), 0)\nresult = ToString(n)\nout result"


async def test_etag_and_conditional_get(client: Client) -> None:
    digest = (await client.compile(UPPER, "shout"))["structuralHash"]
    answer = await client.get(f"/pipelines/{digest}")
    assert answer.headers["ETag"] == f'"{digest}"'
    again = await client.get(f"/pipelines/{digest}", If_None_Match=f'"{digest}"')
    assert (again.status, again.body) == (304, b"")
    assert (await client.get(f"/pipelines/{digest}", If_None_Match='"other"')).status == 200


async def test_the_detail_of_a_pipeline(client: Client) -> None:
    digest = (await client.compile(UPPER, "shout"))["structuralHash"]
    body = (await client.get("/pipelines/shout?graph=true&include=source")).json
    assert (body["structuralHash"], body["hash"], body["name"], body["aliases"]) == (digest, digest, "shout", ["shout"])
    assert (body["moduleCount"], body["declaredOutputs"], body["activeVersion"]) == (1, ["result"], 1)
    [used] = body["modules"]
    assert used["name"] == "Uppercase" and used["version"] == "1.0" and used["outputs"] == {"result": "CString"}
    assert body["dagSpec"] and body["sourceHash"] == body["syntacticHash"] and body["source"] == UPPER
    assert {node["kind"] for node in body["graph"]["nodes"]} >= {"Input", "Operation", "Output"}


async def test_names_with_slashes_are_escaped_in_paths(client: Client) -> None:
    await client.compile(UPPER, "team/shout")
    assert (await client.get("/pipelines/team%2Fshout")).json["name"] == "team/shout"
    assert (await client.execute("team/shout", text="a"))["outputs"] == {"result": "A"}
    assert (await client.post("/execute/team%2Fshout", {"text": "b"})).json["outputs"] == {"result": "B"}


async def test_listing_pages_and_filters(client: Client) -> None:
    for name in ("b", "a", "abc"):
        await client.compile(f"in x: Int\n{name}1 = x\nout {name}1", name)
    rows = (await client.get("/pipelines")).json
    assert [row["name"] for row in rows["pipelines"]] == ["a", "abc", "b"]
    page = (await client.get("/pipelines?limit=1&offset=1&alias=a")).json
    assert (page["total"], page["limit"], page["offset"]) == (2, 1, 1)
    assert [row["name"] for row in page["pipelines"]] == ["abc"]


async def test_forced_deletion_takes_every_name(client: Client) -> None:
    await client.compile(UPPER, "a")
    digest = (await client.compile(UPPER, "b"))["structuralHash"]
    refused = await client.request("DELETE", "/pipelines/a")
    assert (refused.status, refused.json["aliases"]) == (409, ["b"])
    assert refused.json["message"] == "Cannot delete pipeline: aliases [b] point to it"
    forced = (await client.request("DELETE", f"/pipelines/{digest}?force=true")).json
    assert (forced["deleted"], forced["removedAliases"]) == (True, ["a", "b"])
    gone = await client.request("POST", "/pipelines/a/rollback/1")
    assert (gone.status, gone.json["message"]) == (404, "Pipeline image for version 1 no longer exists")


async def test_dropping_a_name_keeps_the_image(client: Client) -> None:
    digest = (await client.compile(UPPER, "shout"))["structuralHash"]
    assert (await client.request("DELETE", "/pipelines/shout/alias")).json == {"deleted": True, "name": "shout"}
    assert (await client.request("DELETE", "/pipelines/shout/alias")).status == 404
    assert (await client.execute(digest, text="a"))["outputs"] == {"result": "A"}


async def test_reload_without_change_and_with(client: Client) -> None:
    first = await client.compile(UPPER, "p")
    same = (await client.post("/pipelines/p/reload", {"source": "# hi\n" + UPPER})).json
    assert (same["changed"], same["version"], same["newHash"]) == (False, 1, first["structuralHash"])
    moved = (await client.post("/pipelines/p/reload", {"source": LOWER})).json
    assert (moved["changed"], moved["version"], moved["previousHash"]) == (True, 2, first["structuralHash"])
    fresh = (await client.post("/pipelines/new/reload", {"source": LOWER})).json
    assert (fresh["version"], fresh["previousHash"]) == (1, None)
    broken = await client.post("/pipelines/p/reload", {"source": "out nothing"})
    assert (broken.status, broken.json["error"]) == (400, "CompilationError")
    assert broken.json["errors"] and broken.json["diagnostics"]


BAD_CANARIES: list[dict[str, Any]] = [
    {"initialWeight": 0},
    {"initialWeight": "much"},
    {"percent": 101},
    {"promotionSteps": [0.5]},
    {"promotionSteps": [0.5, 0.5, 1.0]},
    {"promotionSteps": "all"},
    {"observationWindow": "soon"},
    {"observationWindow": 0},
    {"errorThreshold": 2},
    {"minRequests": 0.5},
    {"minRequests": 0},
    {"autoPromote": "yes"},
]


@pytest.mark.parametrize("canary", BAD_CANARIES, ids=str)
async def test_bad_canary_configurations_change_nothing(client: Client, canary: dict[str, Any]) -> None:
    await client.compile(UPPER, "p")
    answer = await client.post("/pipelines/p/reload", {"source": LOWER, "canary": canary})
    assert (answer.status, answer.json["code"]) == (400, "BadRequest")
    assert (await client.get("/pipelines")).json["total"] == 1
    assert len((await client.get("/pipelines/p/versions")).json["versions"]) == 1


async def test_a_canary_routes_names_only_and_sticks_to_callers(client: Client) -> None:
    old = (await client.compile(UPPER, "p"))["structuralHash"]
    started = (await client.post("/pipelines/p/reload", {"source": LOWER, "canary": {"percent": 50}})).json
    assert started["canary"]["config"]["initialWeight"] == 0.5
    seen = {(await client.execute("p", text="aB"))["outputs"]["result"] for _ in range(60)}
    assert seen == {"AB", "ab"}
    for ref, wanted in ((old, "AB"), ("p@v1", "AB"), ("p@v2", "ab")):
        assert {(await client.execute(ref, text="aB"))["outputs"]["result"] for _ in range(8)} == {wanted}
    body = {"ref": "p", "inputs": {"text": "aB"}, "canaryKey": "customer-1"}
    sticky = {(await client.post("/execute", body)).headers["X-Pipeline-Version"] for _ in range(10)}
    assert len(sticky) == 1
    state = (await client.get("/pipelines/p/canary")).json
    assert state["metrics"]["oldVersion"]["requests"] + state["metrics"]["newVersion"]["requests"] == 70
    metrics = (await client.get("/metrics")).json["canaries"]
    assert metrics["active"] == 1 and set(metrics["byPipeline"]) == {"p"}
    assert (await client.request("DELETE", "/pipelines/p/alias")).json["code"] == "PipelineInUse"


async def test_a_failing_canary_rolls_itself_back(client: Client) -> None:
    await client.compile(UPPER, "p")
    canary = {"initialWeight": 1.0, "minRequests": 3, "observationWindow": "1h"}
    await client.post("/pipelines/p/reload", {"source": FAILS, "canary": canary})
    for _ in range(3):
        assert (await client.execute("p", text="a"))["status"] == "failed"
    assert (await client.execute("p", text="a"))["outputs"] == {"result": "A"}
    assert (await client.get("/pipelines/p/canary")).status == 404
    last = (await client.get("/pipelines/p/canary?last=true")).json
    assert (last["status"], last["reason"]) == ("rolled_back", "unhealthy")


async def test_promoting_by_hand_and_rolling_back(client: Client) -> None:
    await client.compile(UPPER, "p")
    await client.compile(LOWER, "p")
    started = await client.request("PUT", "/pipelines/p/canary", json_body={"canary": "p@v1", "initialWeight": 0.2})
    assert (started.status, started.json["oldVersion"]["version"], started.json["newVersion"]["version"]) == (201, 2, 1)
    promoted = (await client.request("POST", "/pipelines/p/canary/promote")).json
    assert (promoted["success"], promoted["previousWeight"], promoted["newWeight"]) == (True, 0.2, 0.25)
    ended = (await client.request("POST", "/pipelines/p/canary/rollback")).json
    assert ended["status"] == "rolled_back"
    for method, path in (("POST", "promote"), ("POST", "rollback"), ("DELETE", "")):
        path = f"/pipelines/p/canary/{path}".rstrip("/")
        answer = await client.request(method, path)
        assert (answer.status, answer.json["message"]) == (404, "No canary deployment active for pipeline 'p'")
    same = await client.request("PUT", "/pipelines/p/canary", json_body={"canary": 2})
    assert same.status == 400
    unknown = await client.request("PUT", "/pipelines/p/canary", json_body={"canary": 9})
    assert unknown.status == 404


async def test_validating_keeps_nothing(client: Client) -> None:
    good = (await client.post("/validate", {"source": UPPER})).json
    assert (good["valid"], good["inputSchema"], good["outputSchema"]) == (
        True,
        {"text": "CString"},
        {"result": "CString"},
    )
    bad = (await client.post("/validate", {"source": "x = Nope(1)\nout x"})).json
    assert (bad["valid"], bad["errors"]) == (False, ["Line 1: Unknown function 'Nope'"])
    assert (await client.get("/pipelines")).json["total"] == 0


# ------------------------------------------------------------------------------------------- registry mirror


async def test_a_local_store_follows_a_server(client: Client) -> None:
    store = InMemoryPipelineStore()
    await client.compile(UPPER, "p")
    async with RegistryClient(client.server.url) as registry:
        first = await registry.sync(store)
        assert (first.fetched, first.aliases) == (1, 1)
        assert (await registry.sync(store)).fetched == 0
        moved = (await client.compile(LOWER, "p"))["structuralHash"]
        await client.compile(LOWER, "q")
        second = await registry.sync(store)
        assert (second.fetched, second.aliases) == (1, 2)
        assert await store.resolve("p") == moved == await store.resolve("q")
    engine = client.server.state.engine.replace(pipeline_store=store)
    assert (await engine.run("q", {"text": "Ab"})).outputs == {"result": "ab"}


async def test_a_server_that_is_no_registry(client: Client) -> None:
    async with RegistryClient(client.server.url + "/nowhere") as registry:
        with pytest.raises(RegistryError, match="answered 404"):
            await registry.sync(InMemoryPipelineStore())
    async with RegistryClient("http://127.0.0.1:1") as registry:
        with pytest.raises(RegistryError, match="cannot be read"):
            await registry.sync(InMemoryPipelineStore())


async def test_mirroring_syncs_at_once(client: Client) -> None:
    await client.compile(UPPER, "p")
    store = InMemoryPipelineStore()
    async with RegistryClient(client.server.url).mirror_into(store, every=60):
        assert await store.resolve("p") is not None


# ------------------------------------------------------------------------------------------------- a folder


async def test_a_folder_is_deployed_at_start(tmp_path: Path) -> None:
    (tmp_path / "shout.cst").write_text(UPPER)
    (tmp_path / "broken.cst").write_text("out nothing")
    (tmp_path / "latin.cst").write_bytes(b"# \xff\n")
    (tmp_path / "notes.txt").write_text("no program")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "inner.cst").write_text(LOWER)
    async with serving(pipeline_dir=tmp_path) as client:
        assert [row["name"] for row in (await client.get("/pipelines")).json["pipelines"]] == ["shout"]
        assert (await client.get("/pipelines/shout/versions")).json["versions"][0]["source"] == "loader"
        (tmp_path / "shout.cst").write_text(LOWER)
        reloaded = (await client.request("POST", "/pipelines/shout/reload")).json
        assert (reloaded["changed"], reloaded["version"]) == (True, 2)
        (tmp_path / "shout.cst").unlink()
        missing = await client.request("POST", "/pipelines/shout/reload")
        assert (missing.status, missing.json["code"]) == (400, "NoSource")
        assert str(tmp_path) not in missing.json["message"]
    async with serving(
        pipeline_dir=tmp_path, pipeline_recursive=True, pipeline_alias_strategy="relative-path"
    ) as client:
        assert [row["name"] for row in (await client.get("/pipelines")).json["pipelines"]] == ["deep/inner"]
