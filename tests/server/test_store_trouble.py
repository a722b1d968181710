"""A server whose store fails, is damaged, is read-only or is full: what callers are told, and what stays as it was."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from constellation.engine.constellation import Constellation
from constellation.stores.files import FileSystemPipelineStore
from constellation_server.config import ServerConfig
from constellation_server.deploying import try_store
from constellation_server.engine_settings import engine_arguments
from constellation_server.overlay import ReadOnlyOverlay
from constellation_server.server import Server
from tests.server.serving import Client, serving_with

UPPER = "in text: String\nresult = Uppercase(text)\nout result"
LOWER = UPPER.replace("Uppercase", "Lowercase")
TRIM = UPPER.replace("Uppercase", "Trim")


def made(folder: Path, **settings: object) -> Server:
    config = ServerConfig(port=0, pipeline_store=folder, access_log=False).replace(**settings)
    return Server(Constellation(**engine_arguments(config)), config)


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Switches a full disk on and off."""
    real = os.replace

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    return lambda on: monkeypatch.setattr(os, "replace", full if on else real)


async def ready(client: Client) -> int:
    return (await client.get("/health/ready")).status


async def test_a_canary_step_on_a_full_disk_is_not_taken(tmp_path: Path, full_disk: Callable[[bool], None]) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")
        canary = {"initialWeight": 0.5, "promotionSteps": [1.0]}
        await client.post("/pipelines/p/reload", {"source": LOWER, "canary": canary})
        before = (await client.get("/pipelines/p/canary")).json
        full_disk(True)
        answer = await client.request("POST", "/pipelines/p/canary/promote")
        assert (answer.status, answer.json["code"]) == (503, "StoreUnavailable")
        assert (await client.get("/pipelines/p/canary")).json == before
        aborted = await client.request("DELETE", "/pipelines/p/canary")
        assert (aborted.status, aborted.json["status"]) == (200, "rolled_back"), "going back writes nothing new"
        full_disk(False)
    async with serving_with(made(tmp_path)) as client:
        assert (await client.get("/pipelines/p/canary")).status == 404


async def test_a_full_disk_makes_no_answered_request_fail(tmp_path: Path, full_disk: Callable[[bool], None]) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")
        canary = {"initialWeight": 1.0, "minRequests": 1, "observationWindow": 1e-9}
        await client.post("/pipelines/p/reload", {"source": LOWER, "canary": canary})
        full_disk(True)
        assert (await client.execute("p", text="aB"))["outputs"] == {"result": "ab"}
        assert (await client.get("/pipelines/p/canary")).json["status"] == "observing"
        full_disk(False)
        assert (await client.execute("p", text="aB"))["outputs"] == {"result": "ab"}
        assert (await client.get("/pipelines/p/canary")).status == 404
        assert (await client.get("/pipelines/p/versions")).json["activeVersion"] == 2


async def test_readiness_returns_when_the_store_can_be_written_and_not_before(
    tmp_path: Path, full_disk: Callable[[bool], None]
) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")
        full_disk(True)
        assert (await client.post("/compile", {"source": LOWER, "name": "p"})).status == 503
        assert await ready(client) == 503
        assert (await client.run(UPPER, text="a"))["outputs"] == {"result": "A"}, "nothing had to be written"
        assert await ready(client) == 503
        await try_store(client.server.state)
        assert await ready(client) == 503
        full_disk(False)
        await try_store(client.server.state)
        assert await ready(client) == 200


async def test_deleting_makes_room_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_with(made(tmp_path)) as client:
        digest = (await client.compile(UPPER, "p"))["structuralHash"]
        await client.compile(LOWER, "q")
        path, real = tmp_path / "images" / f"{digest}.json", os.replace

        def full_while_it_is_there(source: str, target: str) -> None:
            if path.exists():
                raise OSError(28, "No space left on device")
            real(source, target)

        monkeypatch.setattr(os, "replace", full_while_it_is_there)
        assert (await client.post("/compile", {"source": TRIM, "name": "new"})).status == 503
        deleted = await client.request("DELETE", "/pipelines/p")
        assert (deleted.status, deleted.json["removedAliases"]) == (200, ["p"])
        assert (await client.post("/compile", {"source": TRIM, "name": "new"})).status == 200
        assert await ready(client) == 200
    async with serving_with(made(tmp_path)) as client:
        assert {row["name"] for row in (await client.get("/pipelines")).json["pipelines"]} == {"q", "new"}


async def test_what_cannot_be_read_just_now_is_503_and_no_404(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")

    def refuse(path: Path) -> bytes:
        raise OSError(24, "Too many open files")

    async with serving_with(made(tmp_path)) as client:
        monkeypatch.setattr(Path, "read_bytes", refuse)
        answer = await client.post("/execute", {"ref": "p", "inputs": {"text": "a"}})
        assert (answer.status, answer.json["code"]) == (503, "StoreUnavailable")
        assert b"Too many" not in answer.body
        monkeypatch.undo()
        assert (await client.execute("p", text="a"))["outputs"] == {"result": "A"}


async def test_one_image_that_cannot_be_read_does_not_spoil_the_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_with(made(tmp_path)) as client:
        bad = (await client.compile(UPPER, "bad"))["structuralHash"]
        await client.compile(LOWER, "good")
    real = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.stem == bad:
            raise OSError(13, "Permission denied")
        return real(path)

    async with serving_with(made(tmp_path)) as client:
        monkeypatch.setattr(Path, "read_bytes", refuse)
        assert [row["name"] for row in (await client.get("/pipelines")).json["pipelines"]] == ["good"]
        assert (await client.get("/pipelines/bad")).status == 503
        assert (await client.get("/pipelines/good")).status == 200


@pytest.mark.parametrize("folder", ["versions", "canaries"])
@pytest.mark.parametrize("content", ["{", "[]", '{"name":"p"}', '{"name":"p","versions":1,"oldVersion":[]}'])
async def test_a_damaged_history_or_canary_keeps_no_server_from_starting(
    tmp_path: Path, folder: str, content: str
) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")
        await client.compile(LOWER, "q")
    (tmp_path / folder).mkdir(exist_ok=True)
    (tmp_path / folder / "p.json").write_text(content)
    async with serving_with(made(tmp_path)) as client:
        assert (await client.execute("p", text="aB"))["outputs"] == {"result": "AB"}
        assert (await client.get("/pipelines/q/versions")).json["activeVersion"] == 1
        assert (await client.compile(TRIM, "p"))["version"] == (1 if folder == "versions" else 2)
    assert (tmp_path / folder / "p.json.bad").read_text() == content


async def test_two_servers_on_one_store_share_names_and_histories(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path)) as one, serving_with(made(tmp_path)) as other:
        assert (await one.compile(UPPER, "p"))["version"] == 1
        assert (await other.compile(LOWER, "p"))["version"] == 2
        assert (await one.execute("p", text="aB"))["outputs"] == {"result": "ab"}
        assert (await one.execute("p@v2", text="aB"))["outputs"] == {"result": "ab"}
        assert (await one.compile(TRIM, "p"))["version"] == 3
        assert (await other.request("POST", "/pipelines/p/rollback")).json["activeVersion"] == 2
        assert (await one.get("/pipelines/p/versions")).json["activeVersion"] == 2
        answer = await one.post("/execute", {"ref": "p", "inputs": {"text": "aB"}})
        assert answer.headers["X-Pipeline-Version"] == "2"


async def test_two_servers_deploying_one_name_at_once_agree(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path)) as one, serving_with(made(tmp_path)) as other:
        first = await asyncio.gather(one.compile(UPPER, "p"), other.compile(UPPER, "p"))
        assert [done["version"] for done in first] == [1, 1], "the same program twice is one version"
        for _ in range(10):
            await asyncio.gather(
                one.post("/compile", {"source": LOWER, "name": "p"}),
                other.post("/compile", {"source": TRIM, "name": "p"}),
                one.request("POST", "/pipelines/p/rollback"),
            )
            seen = [(await client.get("/pipelines/p")).json for client in (one, other)]
            active = [(await client.get("/pipelines/p/versions")).json for client in (one, other)]
            assert seen[0]["structuralHash"] == seen[1]["structuralHash"]
            assert active[0] == active[1]
            (now,) = [v for v in active[0]["versions"] if v["active"]]
            assert now["structuralHash"] == seen[0]["structuralHash"]


async def test_refusing_to_change_a_read_only_store_is_no_failure_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving_with(made(tmp_path)) as client:
        await client.compile(UPPER, "p")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    async with serving_with(made(tmp_path)) as client:
        refused = await client.request("DELETE", "/pipelines/p")
        assert (refused.status, refused.json["message"]) == (503, "The pipeline store is read-only")
        assert await ready(client) == 200


async def test_names_over_a_read_only_store_are_not_evicted(tmp_path: Path) -> None:
    FileSystemPipelineStore(tmp_path)
    overlay = ReadOnlyOverlay(FileSystemPipelineStore(tmp_path, read_only=True), max_images=1)
    engine = Constellation(pipeline_store=overlay)
    await engine.deploy(UPPER, "p")
    for source in (LOWER, TRIM):
        await overlay.store(engine.compile(source).image)
    assert (await engine.run("p", {"text": "aB"})).outputs == {"result": "AB"}


async def test_deploying_many_at_once_into_a_full_store(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path, max_pipelines=1)) as client:
        sources = [f"in x: Int\ny = x + {n}\nout y" for n in range(12)]
        done = await asyncio.gather(
            *(client.post("/compile", {"source": s, "name": f"p{n}"}) for n, s in enumerate(sources))
        )
        assert [answer.status for answer in done] == [200] * 12
        for number in range(12):
            assert (await client.execute(f"p{number}", x=1))["outputs"] == {"y": 1 + number}
