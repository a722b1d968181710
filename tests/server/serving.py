"""A real server on a loopback port, and a client that speaks JSON to it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from yarl import URL

from constellation.engine.constellation import Constellation
from constellation.stdlib.demo import demo_modules
from constellation_server.config import ServerConfig
from constellation_server.server import Server

Json = Any


@dataclass(frozen=True)
class Answer:
    """A response, read."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        """The body as JSON."""
        return json.loads(self.body)


class Client:
    """Requests to one server."""

    def __init__(self, session: aiohttp.ClientSession, server: Server) -> None:
        self.session = session
        self.server = server

    async def request(
        self, method: str, path: str, *, json_body: Json = None, data: Any = None, **headers: str
    ) -> Answer:
        """Send a request; header names have underscores for hyphens."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if json_body is not None:
            data = json.dumps(json_body).encode()
            named.setdefault("Content-Type", "application/json")
        skip = () if "Content-Type" in named else ("Content-Type",)
        url = URL(self.server.url + path, encoded=True)
        async with self.session.request(method, url, data=data, headers=named, skip_auto_headers=skip) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        """GET."""
        return await self.request("GET", path, **headers)

    async def post(self, path: str, body: Json, **headers: str) -> Answer:
        """POST a JSON document."""
        return await self.request("POST", path, json_body=body, **headers)

    async def run(self, source: str, **inputs: Json) -> Json:
        """`POST /run`; the body, whatever the status."""
        return (await self.post("/run", {"source": source, "inputs": inputs})).json

    async def compile(self, source: str, name: str | None = None) -> Json:
        """`POST /compile`; the body of a success."""
        answer = await self.post("/compile", {"source": source} if name is None else {"source": source, "name": name})
        assert answer.status == 200, answer.body
        return answer.json

    async def execute(self, ref: str, **inputs: Json) -> Json:
        """`POST /execute`; the body, whatever the status."""
        return (await self.post("/execute", {"ref": ref, "inputs": inputs})).json


@asynccontextmanager
async def serving(*modules: Any, config: ServerConfig | None = None, **settings: Any) -> AsyncIterator[Client]:
    """A server with the demo library and the given modules, in this process."""
    engine = Constellation(modules=[*demo_modules(0.0), *modules])
    settings.setdefault("access_log", False)
    async with serving_with(Server(engine, config or ServerConfig(port=0, **settings))) as client:
        yield client


@asynccontextmanager
async def serving_with(server: Server) -> AsyncIterator[Client]:
    """A server that is made already."""
    async with server, aiohttp.ClientSession() as session:
        yield Client(session, server)
