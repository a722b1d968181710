"""Many clients deploying, naming, rolling back, trying out and deleting the same few pipelines at once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from constellation.engine.constellation import Constellation
from constellation_server.config import ServerConfig
from constellation_server.engine_settings import engine_arguments
from constellation_server.server import Server
from tests.server.serving import Answer, Client, serving_with

SOURCES = [f"in x: Int\ny = x + {number}\nout y" for number in range(5)]
NAMES = ("a", "b")
CANARY = {"initialWeight": 0.5, "minRequests": 1, "observationWindow": 0.001}


async def something(client: Client, random: random.Random, hashes: list[str]) -> tuple[str, Answer]:
    """One request of a busy operator."""
    name, number = random.choice(NAMES), random.randrange(len(SOURCES))
    path, source = f"/pipelines/{name}", SOURCES[number]
    requests = {
        "compile": lambda: client.post("/compile", {"source": source, "name": name}),
        "alias": lambda: client.request("PUT", f"{path}/alias", json_body={"structuralHash": hashes[number]}),
        "rollback": lambda: client.request("POST", f"{path}/rollback"),
        "rollback to": lambda: client.request("POST", f"{path}/rollback/{random.randrange(1, 9)}"),
        "try out": lambda: client.post(f"{path}/reload", {"source": source, "canary": CANARY}),
        "promote": lambda: client.request("POST", f"{path}/canary/promote"),
        "abort": lambda: client.request("DELETE", f"{path}/canary"),
        "delete": lambda: client.request("DELETE", random.choice([path, f"{path}?force=1"])),
        "drop": lambda: client.request("DELETE", f"{path}/alias"),
        "execute": lambda: client.post("/execute", {"ref": name, "inputs": {"x": 1}}),
    }
    chosen = random.choice([*requests, "compile", "compile", "execute"])
    return chosen, await requests[chosen]()


@pytest.mark.parametrize("durable", [False, True])
async def test_names_versions_and_images_agree_whatever_happens_at_once(
    tmp_path: Path, durable: bool, seed: int, slow: bool
) -> None:
    config = ServerConfig(port=0, pipeline_store=tmp_path if durable else None, access_log=False)
    dice = random.Random(seed)
    async with serving_with(Server(Constellation(**engine_arguments(config)), config)) as client:
        hashes = [(await client.compile(source))["structuralHash"] for source in SOURCES]
        state = client.server.state
        for _ in range(200 if slow else 8):
            done = await asyncio.gather(*(something(client, dice, hashes) for _ in range(25)))
            assert [a.body for _, a in done if a.status >= 500] == []
            assert [a.body for what, a in done if what == "compile" and a.status != 200] == []
            for name in NAMES:
                target = await state.engine.pipelines.resolve(name)
                active = state.deployments.versions.active(name)
                assert target is None or (active is not None and active.structural_hash == target)
                canary = state.deployments.router.canary(name)
                assert canary is None or canary.active
        numbers = [v.version for v in state.deployments.versions.list_versions("a")]
        assert numbers == sorted(set(numbers), reverse=True)


async def test_a_deletion_never_takes_a_name_that_has_moved_on(tmp_path: Path) -> None:
    config = ServerConfig(port=0, pipeline_store=tmp_path, access_log=False)
    async with serving_with(Server(Constellation(**engine_arguments(config)), config)) as client:
        for number in range(20):
            await client.compile(SOURCES[0], "p")
            deleted, deployed = await asyncio.gather(
                client.request("DELETE", "/pipelines/p"),
                client.post("/compile", {"source": SOURCES[1 + number % 4], "name": "p"}),
            )
            assert deployed.status == 200
            if deleted.status == 200 and deleted.json["structuralHash"] != deployed.json["structuralHash"]:
                assert (await client.get("/pipelines/p")).json["structuralHash"] == deployed.json["structuralHash"]
            await client.compile(SOURCES[1 + number % 4], "p")
