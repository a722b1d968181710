"""`stdlib.http` (opt-in): requests to hosts the operator has named.

Owns the policy of what may be asked and the bounds of an answer. aiohttp is imported at the first request.

Invariant: no connection is opened to a host that is not named, nor to a private, local or otherwise special address
unless that very address is named; redirects and name resolution pass the same check.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin, urlsplit

from constellation.modules.module import Execution
from constellation.stdlib.declare import Namespace, StandardError

if TYPE_CHECKING:
    import aiohttp
    from aiohttp.abc import AbstractResolver, ResolveResult

namespace = Namespace("stdlib.http")
standard = namespace.standard

HOSTS_VARIABLE: Final = "CONSTELLATION_HTTP_HOSTS"
MAX_BODY: Final = 5 * 2**20
MAX_REDIRECTS: Final = 5
TIMEOUT: Final = 10.0
_REDIRECTS: Final = (301, 302, 303, 307, 308)
_RESPONSE: Final = "{ status: Int, body: String, headers: Map<String, String> }"
_REQUEST: Final = "{ method: String, url: String, headers: Map<String, String>, body: String }"


@dataclass(frozen=True, slots=True)
class HttpPolicy:
    """The hosts that may be asked: names (`api.example.com`, `*.example.com`), addresses or networks."""

    hosts: tuple[str, ...] = ()

    @classmethod
    def from_environment(cls) -> HttpPolicy:
        """The hosts of `CONSTELLATION_HTTP_HOSTS`, separated by commas; none when unset."""
        return cls(tuple(h.strip().lower() for h in os.environ.get(HOSTS_VARIABLE, "").split(",") if h.strip()))

    def allows_host(self, host: str) -> bool:
        """Whether a host of a URL is named."""
        host = host.lower().rstrip(".")
        return any(
            host == named or (named.startswith("*.") and host.endswith(named[1:])) for named in self.hosts
        ) or self._names_address(host)

    def allows_address(self, address: str) -> bool:
        """Whether a connection to an address may be opened: a public one, or one that is named."""
        return _is_public(ip_address(address)) or self._names_address(address)

    def _names_address(self, address: str) -> bool:
        try:
            found = ip_address(address)
        except ValueError:
            return False
        for named in self.hosts:
            try:
                if found in ip_network(named):
                    return True
            except ValueError:
                continue
        return False


_TRANSLATED: Final = ip_network("64:ff9b::/96")


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one host of the open network; one that carries an IPv4 address is as public as that."""
    if isinstance(address, IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour
        if address in _TRANSLATED:
            carried = IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return _is_public(carried)
    return address.is_global and not address.is_multicast


_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_VALUE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_OF_THE_CONNECTION: Final = frozenset(
    {"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"}
)


def check_request(method: str, headers: Mapping[str, str]) -> None:
    """Refuse a method or a header that is none, or that would make another request of this one."""
    if not _TOKEN.fullmatch(method) or method == "CONNECT":
        raise StandardError(f"invalid HTTP method '{method}'")
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or _NOT_IN_VALUE.search(value):
            raise StandardError(f"invalid HTTP header '{name}'")
        if name.lower() in _OF_THE_CONNECTION:
            raise StandardError(f"HTTP header '{name}' cannot be set")


def check_url(url: str, policy: HttpPolicy) -> None:
    """Refuse a URL the policy does not allow."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise StandardError(f"invalid URL '{url}'") from None
    if parts.scheme not in ("http", "https") or not host:
        raise StandardError(f"only http and https URLs are possible, not '{url}'")
    if not policy.allows_host(host):
        raise StandardError(f"host '{host}' is not allowed; name it in {HOSTS_VARIABLE}")
    try:
        address = str(ip_address(host))
    except ValueError:
        return
    if not policy.allows_address(address):
        raise StandardError(f"address '{host}' is not public; name it in {HOSTS_VARIABLE}")


@standard("http-get", f"(url: String) -> {_RESPONSE}", effectful=True, execution=Execution.ASYNC, tier="http")
async def http_get(url: str) -> dict[str, Any]:
    """Gets a document over HTTP from a host the operator has named. 10 seconds, 5 redirects and 5 MiB at most."""
    return await send("GET", url, {}, None)


@standard("http-request", f"(request: {_REQUEST}) -> {_RESPONSE}", effectful=True, execution=Execution.ASYNC,
          tier="http")  # fmt: skip
async def http_request(request: dict[str, Any]) -> dict[str, Any]:
    """Sends an HTTP request to a host the operator has named. 10 seconds, 5 redirects and 5 MiB at most."""
    method, headers = request["method"].upper(), dict(request["headers"])
    check_request(method, headers)
    body = request["body"].encode() or None
    if body and not any(name.lower() == "content-type" for name in headers):
        headers["Content-Type"] = "text/plain; charset=utf-8"
    return await send(method, request["url"], headers, body)


async def send(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> dict[str, Any]:
    """One request, redirects followed."""
    import aiohttp

    policy = HttpPolicy.from_environment()
    timeout = aiohttp.ClientTimeout(total=TIMEOUT)
    connector = aiohttp.TCPConnector(resolver=_resolver(policy), limit=1)
    try:
        async with aiohttp.ClientSession(timeout=timeout, connector=connector, trust_env=False) as session:
            for _ in range(MAX_REDIRECTS + 1):
                check_url(url, policy)
                async with session.request(
                    method, url, headers=dict(headers), data=body, allow_redirects=False
                ) as response:
                    target = response.headers.get("Location")
                    if response.status not in _REDIRECTS or target is None:
                        return await _answer(response)
                    url, headers = _redirected(url, target, headers)
                    if response.status == 303 or (response.status in (301, 302) and method == "POST"):
                        method, body = "GET", None
    except TimeoutError:
        raise StandardError(f"no answer within {TIMEOUT:.0f} seconds from '{url}'") from None
    except (aiohttp.ClientError, OSError) as error:
        raise StandardError(f"request to '{url}' failed: {error or type(error).__name__}") from error
    raise StandardError(f"more than {MAX_REDIRECTS} redirects")


def _redirected(url: str, target: str, headers: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """The next URL; credentials do not travel to another host, nor from https to http."""
    following = urljoin(url, target)
    if urlsplit(following)[:2] == urlsplit(url)[:2]:
        return following, headers
    return following, {n: v for n, v in headers.items() if n.lower() not in ("authorization", "cookie")}


async def _answer(response: aiohttp.ClientResponse) -> dict[str, Any]:
    content = bytearray()
    async for piece in response.content.iter_chunked(65536):
        content += piece
        if len(content) > MAX_BODY:
            raise StandardError(f"answer is larger than {MAX_BODY} bytes")
    headers: dict[str, str] = {}
    for name, value in response.headers.items():
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    try:
        text = content.decode(response.charset or "utf-8", "replace")
    except LookupError:
        text = content.decode("utf-8", "replace")
    return {"status": response.status, "body": text, "headers": headers}


def _resolver(policy: HttpPolicy) -> AbstractResolver:
    """A resolver that gives only addresses the policy allows."""
    import socket

    from aiohttp import ThreadedResolver

    class CheckedResolver(ThreadedResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            found = await super().resolve(host, port, family)
            allowed = [entry for entry in found if policy.allows_address(entry["host"].partition("%")[0])]
            if not allowed:
                raise StandardError(f"host '{host}' has no public address; name its address in {HOSTS_VARIABLE}")
            return allowed

    return CheckedResolver()
