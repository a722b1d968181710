"""Images whose modules are gone or changed since they were stored load, are shown, and fail in words when they run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from constellation.engine.constellation import Constellation
from constellation.modules.decorator import module
from constellation_server.config import ServerConfig
from constellation_server.engine_settings import engine_arguments
from constellation_server.server import Server
from tests.server.serving import serving_with

SOURCE = "in text: String\nin n: Int\nloud = Shout(text)\nm = n + 1\nout loud\nout m"


@module(name="Shout")
def shout(text: str) -> str:
    """Loud."""
    return f"{text.upper()}!"


@module(name="Shout")
def shout_often(text: str, times: int) -> str:
    """Loud and often."""
    return f"{text.upper()}!" * times


@module(name="Shout", version="2.0")
def shout_louder(text: str) -> str:
    """Louder."""
    return f"{text.upper()}!!"


def made(folder: Path, *modules: Any) -> Server:
    config = ServerConfig(port=0, pipeline_store=folder, access_log=False)
    return Server(Constellation(modules=modules, **engine_arguments(config)), config)


async def test_an_image_whose_module_is_gone_is_shown_and_fails_in_words(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path, shout)) as client:
        digest = (await client.compile(SOURCE, "p"))["structuralHash"]
    async with serving_with(made(tmp_path)) as client:
        assert (await client.get("/pipelines/p")).json["modules"] == [
            {"name": "Shout", "qualifiedName": "Shout", "registered": False}
        ]
        answer = await client.post("/execute", {"ref": "p", "inputs": {"text": "a", "n": 1}})
        body = answer.json
        assert (answer.status, body["success"], body["status"]) == (200, False, "failed")
        assert body["error"] == body["message"] == "Module 'Shout' not found in namespace"
        assert (body["code"], body["outputs"], body["pendingOutputs"]) == ("ModuleNotFound", {}, ["loud", "m"])
        assert body["failures"][0]["node"] == "loud" and body["failures"][0]["module"] == "Shout"
        assert answer.headers["X-Execution-Id"] == body["executionId"]
        assert answer.headers["X-Pipeline-Hash"] == digest
        assert (await client.get("/metrics")).json["executions"]["failed"] == 1
        assert (await client.get("/executions")).json["total"] == 0


async def test_a_changed_signature_fails_and_a_new_version_does_not(tmp_path: Path) -> None:
    async with serving_with(made(tmp_path, shout)) as client:
        await client.compile(SOURCE, "p")
    async with serving_with(made(tmp_path, shout_often)) as client:
        body = await client.execute("p", text="a", n=1)
        assert (body["status"], body["code"]) == ("failed", "ModuleSignatureChanged")
        assert body["error"].startswith("Module 'Shout' changed its signature")
    async with serving_with(made(tmp_path, shout_louder)) as client:
        assert (await client.execute("p", text="a", n=1))["outputs"] == {"loud": "A!!", "m": 2}


async def test_resuming_without_the_module_loses_nothing() -> None:
    config = ServerConfig(port=0, access_log=False)
    engine = Constellation(modules=[shout])
    async with serving_with(Server(engine, config)) as client:
        await client.compile(SOURCE, "p")
        execution_id = (await client.execute("p", n=1))["executionId"]
        before = (await client.get(f"/executions/{execution_id}")).json
        engine.modules.unregister("Shout")
        answer = await client.post(f"/executions/{execution_id}/resume", {"inputs": {"text": "a"}})
        body = answer.json
        assert (answer.status, body["status"], body["code"]) == (200, "failed", "ModuleNotFound")
        assert (body["executionId"], body["resumptionCount"]) == (execution_id, 0)
        assert (await client.get(f"/executions/{execution_id}")).json == before
        engine.register(shout)
        done = (await client.post(f"/executions/{execution_id}/resume", {"inputs": {"text": "a"}})).json
        assert (done["status"], done["outputs"]) == ("completed", {"loud": "A!", "m": 2})
