"""`stdlib.http` against a server on this machine, under the operator's policy."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import BaseTestServer, TestServer

from constellation.stdlib import http
from constellation.stdlib.declare import StandardError
from tests.runtime.stdlib.calling import call


async def hello(request: web.Request) -> web.Response:
    """Says what it was asked."""
    body = await request.text()
    return web.Response(
        text=f"{request.method} {request.headers.get('Authorization', '-')} {body}é", headers={"X-Kind": "greeting"}
    )


async def big(_: web.Request) -> web.Response:
    """More than anyone wants."""
    return web.Response(body=b"x" * (http.MAX_BODY + 1))


async def away(request: web.Request) -> web.Response:
    """Sends the caller elsewhere."""
    raise web.HTTPFound(request.query["to"])


async def loop(_: web.Request) -> web.Response:
    """Never gets anywhere."""
    raise web.HTTPFound("/loop")


@pytest.fixture
async def server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BaseTestServer]:
    """A server that may be asked."""
    monkeypatch.setenv(http.HOSTS_VARIABLE, "127.0.0.1, localhost")
    app = web.Application()
    app.add_routes(
        [web.route("*", "/hello", hello), web.get("/big", big), web.get("/away", away), web.get("/loop", loop)]
    )
    async with TestServer(app, host="127.0.0.1") as running:
        yield running


async def test_a_document_is_got(server: BaseTestServer) -> None:
    answer = await call("http-get", str(server.make_url("/hello")))
    assert (answer["status"], answer["body"]) == (200, "GET - é")
    assert answer["headers"]["X-Kind"] == "greeting"


async def test_a_request_is_sent(server: BaseTestServer) -> None:
    request = {"method": "post", "url": str(server.make_url("/hello")), "headers": {"Authorization": "me"}, "body": "b"}
    answer = await http.http_request(request)
    assert answer["body"] == "POST me bé"


async def test_redirects_are_followed_and_checked_again(server: BaseTestServer) -> None:
    target = server.make_url("/hello")
    answer = await call("http-get", str(server.make_url("/away").with_query(to=str(target))))
    assert answer["status"] == 200
    with pytest.raises(StandardError, match=r"host '10\.0\.0\.1' is not allowed"):
        await call("http-get", str(server.make_url("/away").with_query(to="http://10.0.0.1/")))
    with pytest.raises(StandardError, match="more than 5 redirects"):
        await call("http-get", str(server.make_url("/loop")))


async def test_credentials_stay_with_their_host(server: BaseTestServer) -> None:
    target = str(server.make_url("/hello").with_host("localhost"))
    request = {
        "method": "GET",
        "url": str(server.make_url("/away").with_query(to=target)),
        "headers": {"Authorization": "secret"},
        "body": "",
    }
    answer = await http.http_request(request)
    assert answer["body"] == "GET - é"


async def test_a_large_answer_is_cut_off(server: BaseTestServer) -> None:
    with pytest.raises(StandardError, match="answer is larger than 5242880 bytes"):
        await call("http-get", str(server.make_url("/big")))


async def test_a_name_that_leads_to_this_machine_is_refused(
    server: BaseTestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(http.HOSTS_VARIABLE, "localhost")
    with pytest.raises(StandardError, match="host 'localhost' has no public address"):
        await call("http-get", str(server.make_url("/hello").with_host("localhost")))


async def test_a_closed_port_is_a_plain_failure(server: BaseTestServer) -> None:
    url = str(server.make_url("/hello"))
    await server.close()
    with pytest.raises(StandardError, match=r"request to '.*' failed"):
        await call("http-get", url)
