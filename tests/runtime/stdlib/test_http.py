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


@pytest.mark.parametrize(
    "method, headers, problem",
    [
        ("GET /", {}, "invalid HTTP method 'GET /'"),
        ("", {}, "invalid HTTP method ''"),
        ("connect", {}, "invalid HTTP method 'CONNECT'"),
        ("GET", {"A": "x\r\nB: y"}, "invalid HTTP header 'A'"),
        ("GET", {"A b": "x"}, "invalid HTTP header 'A b'"),
        ("GET", {"host": "elsewhere"}, "HTTP header 'host' cannot be set"),
        ("GET", {"Transfer-Encoding": "chunked"}, "HTTP header 'Transfer-Encoding' cannot be set"),
    ],
)
async def test_a_request_is_one_request_to_its_url(
    server: BaseTestServer, method: str, headers: dict[str, str], problem: str
) -> None:
    request = {"method": method, "url": str(server.make_url("/hello")), "headers": headers, "body": ""}
    with pytest.raises(StandardError) as refused:
        await http.http_request(request)
    assert str(refused.value) == problem


@pytest.mark.parametrize(
    "address, public",
    [
        ("8.8.8.8", True),
        ("::ffff:8.8.8.8", True),
        ("2606:4700::1", True),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("100.64.0.1", False),
    ],
)
def test_what_carries_a_private_address_is_private(address: str, public: bool) -> None:
    assert http.HttpPolicy().allows_address(address) is public


def test_credentials_do_not_leave_https() -> None:
    headers = {"Authorization": "me", "X-Kind": "a"}
    assert http._redirected("https://a.example/x", "/y", headers) == ("https://a.example/y", headers)  # pyright: ignore[reportPrivateUsage]
    assert http._redirected("https://a.example/x", "http://a.example/y", headers) == (  # pyright: ignore[reportPrivateUsage]
        "http://a.example/y",
        {"X-Kind": "a"},
    )
