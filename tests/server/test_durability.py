"""A server with a folder as store: what it acknowledged is there after a restart."""

from __future__ import annotations

from pathlib import Path

import pytest

from constellation.engine.constellation import Constellation
from constellation_server.config import ServerConfig
from constellation_server.engine_settings import engine_arguments
from constellation_server.server import Server
from tests.server.serving import serving_with

UPPER = "in text: String\nresult = Uppercase(text)\nout result"
LOWER = UPPER.replace("Uppercase", "Lowercase")
CLOSURE = "in xs: List<Int>\nin n: Int\nys = Filter(xs, (x) => x > n + 1)\nout ys"


def config(folder: Path) -> ServerConfig:
    return ServerConfig(port=0, pipeline_store=folder, access_log=False)


def made(folder: Path) -> Server:
    settings = config(folder)
    return Server(Constellation(**engine_arguments(settings)), settings)


async def test_images_names_versions_and_rollbacks_survive(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path)) as client:
        first = await client.compile(UPPER, "p")
        await client.compile(LOWER, "p")
        await client.compile(CLOSURE, "closure")
        await client.request("POST", "/pipelines/p/rollback")
    async with serving_with(made(tmp_path)) as client:
        assert (await client.execute("p", text="aB"))["outputs"] == {"result": "AB"}
        assert (await client.execute(first["structuralHash"], text="aB"))["outputs"] == {"result": "AB"}
        assert (await client.execute("p@v2", text="aB"))["outputs"] == {"result": "ab"}
        assert (await client.execute("closure", xs=[1, 2, 3, 4], n=1))["outputs"] == {"ys": [3, 4]}
        versions = (await client.get("/pipelines/p/versions")).json
        assert (versions["activeVersion"], [v["version"] for v in versions["versions"]]) == (1, [2, 1])
        assert (await client.compile("in x: Int\nout x", "p"))["version"] == 3


async def test_the_layout_of_the_folder(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path)) as client:
        digest = (await client.compile(UPPER, "p"))["structuralHash"]
    assert (tmp_path / "images" / f"{digest}.json").is_file()
    assert (tmp_path / "aliases.json").is_file()


async def test_a_store_that_fails_is_503_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")
        log = client.server.state.engine.pipelines.version_log  # type: ignore[attr-defined]

        def broken(name: str, document: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(log, "save", broken)
        answer = await client.post("/compile", {"source": LOWER, "name": "p"})
        assert (answer.status, answer.json["code"]) == (503, "StoreUnavailable")
        assert b"space left" not in answer.body
        assert (await client.execute("p", text="aB"))["outputs"] == {"result": "AB"}
        assert len((await client.get("/pipelines/p/versions")).json["versions"]) == 1
        ready = await client.get("/health/ready")
        assert (ready.status, ready.json["reason"]) == (503, "store unavailable")
        monkeypatch.undo()
        assert (await client.compile(LOWER, "p"))["version"] == 2
        assert (await client.get("/health/ready")).status == 200


async def test_a_text_compiled_before_the_restart_is_not_compiled_again(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path)) as client:
        before = await client.compile(UPPER, "p")
        assert not before["cached"]
    async with serving_with(made(tmp_path)) as client:
        after = await client.compile(UPPER, "p")
        assert after["cached"] and after["version"] == 1
        assert (after["structuralHash"], after["syntacticHash"]) == (before["structuralHash"], before["syntacticHash"])
        cache = (await client.get("/metrics")).json["cache"]
        assert (cache["hits"], cache["misses"], cache["loadCount"]) == (1, 0, 0)
        assert not (await client.compile(LOWER))["cached"]


async def test_a_folder_loaded_again_is_served_from_the_index(tmp_path: Path) -> None:
    (tmp_path / "programs").mkdir()
    (tmp_path / "programs" / "p.cst").write_text(UPPER)
    for loads in (1, 0):
        settings = config(tmp_path / "store").replace(pipeline_dir=tmp_path / "programs")
        async with serving_with(Server(Constellation(**engine_arguments(settings)), settings)) as client:
            assert (await client.execute("p", text="a"))["outputs"] == {"result": "A"}
            assert (await client.get("/metrics")).json["cache"]["loadCount"] == loads
            assert len((await client.get("/pipelines/p/versions")).json["versions"]) == 1


async def test_what_a_canary_measured_is_there_after_a_restart(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")
        await client.post("/pipelines/p/reload", {"source": LOWER, "canary": {"initialWeight": 0.5}})
        for _ in range(6):
            await client.execute("p", text="a")
        before = (await client.get("/pipelines/p/canary")).json["metrics"]
    async with serving_with(made(tmp_path)) as client:
        assert (await client.get("/pipelines/p/canary")).json["metrics"] == before
        assert before["oldVersion"]["requests"] + before["newVersion"]["requests"] == 6


async def test_a_canary_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")
        canary = {"initialWeight": 0.1, "promotionSteps": [0.4, 1.0], "observationWindow": "1h"}
        await client.post("/pipelines/p/reload", {"source": LOWER, "canary": canary})
        await client.request("POST", "/pipelines/p/canary/promote")
        before = (await client.get("/pipelines/p/canary")).json
    async with serving_with(made(tmp_path)) as client:
        after = (await client.get("/pipelines/p/canary")).json
        assert after == before and after["currentWeight"] == 0.4
        assert (await client.get("/pipelines/p/versions")).json["activeVersion"] == 1
        await client.request("POST", "/pipelines/p/canary/promote")
        assert (await client.execute("p", text="aB"))["outputs"] == {"result": "ab"}
    async with serving_with(made(tmp_path)) as client:
        assert (await client.get("/pipelines/p/canary")).status == 404
        assert (await client.get("/pipelines/p/versions")).json["activeVersion"] == 2


async def test_a_read_only_store_serves_and_keeps_what_is_new_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_with(made(tmp_path)) as client:
        old = (await client.compile(UPPER, "p"))["structuralHash"]
        await client.compile(UPPER, "q")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    monkeypatch.setattr("os.access", lambda path, mode: False)
    async with serving_with(made(tmp_path)) as client:
        assert (await client.execute("p", text="aB"))["outputs"] == {"result": "AB"}
        assert (await client.compile(UPPER))["cached"]
        await client.compile(LOWER, "p")
        assert (await client.execute("p", text="aB"))["outputs"] == {"result": "ab"}
        assert (await client.execute(old, text="aB"))["outputs"] == {"result": "AB"}
        rows = (await client.get("/pipelines")).json["pipelines"]
        assert {row["name"]: row["aliases"] for row in rows} == {"p": ["p"], "q": ["q"]}
        refused = await client.request("DELETE", "/pipelines/q")
        assert (refused.status, refused.json["code"]) == (503, "StoreUnavailable")
        assert (await client.execute("q", text="a"))["outputs"] == {"result": "A"}
        assert (await client.execute("p@v1", text="aB"))["outputs"] == {"result": "AB"}
        assert (await client.request("DELETE", "/pipelines/p")).status == 200
        assert (await client.execute("p", text="a"))["code"] == "NotFound"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
