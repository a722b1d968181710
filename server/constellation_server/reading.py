"""Reading request bodies: content type, size, time, JSON, and the members a route asks for.

Owns every refusal of a body that is not about its meaning. Refuses to know what a program or an input is. Invariant:
never more than the limit of *decoded* bytes is held, whatever `Content-Length` or `Content-Encoding` say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import urlsplit

from aiohttp import ClientError, web
from aiohttp.web import HTTPRequestEntityTooLarge, RequestPayloadError

from constellation_server.codec import JsonError, loads
from constellation_server.problems import (
    BadRequest,
    Forbidden,
    PayloadTooLarge,
    RequestTimeout,
    UnsupportedMediaType,
)
from constellation_server.settings import boolean

_ENCODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})
JsonObject = dict[str, Any]


async def read_bytes(request: web.Request, limit: int, timeout: float) -> bytes:
    """The decoded body; refused when larger than `limit` bytes or slower than `timeout` seconds."""
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise UnsupportedMediaType(f"Unsupported Content-Encoding '{encoding[:40]}': send identity, gzip or deflate")
    declared = request.content_length
    if declared is not None and declared > limit:
        raise PayloadTooLarge(declared, limit)
    if not request.body_exists:
        return b""
    content = request.content
    if content.is_eof() and content.exception() is None:
        # the usual case: the whole body came along with the headers
        data = content.read_nowait(-1)
        if len(data) > limit:
            raise PayloadTooLarge(None, limit)
        return data
    held = bytearray()
    try:
        async with asyncio.timeout(timeout):
            while chunk := await content.readany():
                held += chunk
                if len(held) > limit:
                    raise PayloadTooLarge(None, limit)
    except TimeoutError:
        raise RequestTimeout("The request body did not arrive in time", close=True) from None
    except HTTPRequestEntityTooLarge:
        raise PayloadTooLarge(None, limit) from None
    except (RequestPayloadError, ClientError, ValueError):
        raise BadRequest("The request body cannot be read: broken transfer or content encoding", close=True) from None
    return bytes(held)


async def read_object(request: web.Request, limit: int, timeout: float, *, optional: bool = False) -> JsonObject:
    """The body as a JSON object. With `optional`, an absent or empty body means `{}`."""
    require_json(request)
    data = await read_bytes(request, limit, timeout)
    if optional and not data.strip():
        return {}
    try:
        document = loads(data)
    except JsonError as problem:
        raise BadRequest(str(problem), extra=_legacy(str(problem))) from None
    if not isinstance(document, dict):
        sentence = f"The request body must be a JSON object, got {kind_of(document)}"
        raise BadRequest(sentence, extra=_legacy(sentence))
    return cast("JsonObject", document)


def require_json(request: web.Request) -> None:
    """Refuse bodies that are not declared as JSON, so that a web page cannot post here without a preflight."""
    header = request.headers.get("Content-Type")
    if header is None or not header.strip():
        return
    media = header.partition(";")[0].strip().lower()
    if media == "application/json" or (media.count("/") == 1 and media.endswith("+json")):
        return
    raise UnsupportedMediaType(f"Unsupported Content-Type '{media[:80]}': send Content-Type: application/json")


def is_plain_text(request: web.Request) -> bool:
    """Whether the body is declared as text/plain."""
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower() == "text/plain"


def require_same_origin(request: web.Request) -> None:
    """Refuse requests that a web page of another origin makes."""
    origin = request.headers.get("Origin")
    if origin is not None and not same_origin(origin, request.host, request.scheme):
        raise Forbidden("Requests from this origin are not allowed", code="OriginNotAllowed")


def same_origin(origin: str, host: str, scheme: str) -> bool:
    """Whether an Origin header names the server the request was sent to. `null` never does."""
    try:
        parts = urlsplit(origin)
        own = urlsplit(f"{scheme}://{host}")
        ports = {"http": 80, "https": 443}
        return (
            parts.scheme in ports
            and (parts.hostname, parts.port or ports[parts.scheme]) == (own.hostname, own.port or ports[scheme])
            and not parts.path.strip("/")
        )
    except (ValueError, KeyError):
        return False


# ---------------------------------------------------------------------------------------------------- members


def kind_of(value: object) -> str:
    """What a JSON value is, in one word."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"


def member(body: Mapping[str, Any], *names: str) -> Any:
    """The first of several spellings that is present; None when none is."""
    return next((body[name] for name in names if name in body), None)


def require_text(body: Mapping[str, Any], *names: str) -> str:
    """A required string member, under any of its spellings."""
    found = next((name for name in names if name in body), None)
    if found is None:
        raise BadRequest(f"Missing required field '{names[0]}'", extra=_legacy(f"Missing required field '{names[0]}'"))
    text: str = _typed(body[found], found, str, "a string")
    return text


def require_mapping(body: Mapping[str, Any], *names: str) -> JsonObject:
    """A required object member, under any of its spellings."""
    found = next((name for name in names if name in body), None)
    if found is None:
        raise BadRequest(f"Missing required field '{names[0]}'", extra=_legacy(f"Missing required field '{names[0]}'"))
    mapping: JsonObject = _typed(body[found], found, dict, "an object")
    return mapping


def optional_text(body: Mapping[str, Any], name: str) -> str | None:
    """An optional string member; null counts as absent."""
    value = body.get(name)
    return None if value is None else _typed(value, name, str, "a string")


def optional_flag(body: Mapping[str, Any], name: str, default: bool = False) -> bool:
    """An optional boolean member; null counts as absent."""
    value = body.get(name)
    return default if value is None else _typed(value, name, bool, "a boolean")


def optional_number(body: Mapping[str, Any], name: str) -> float | None:
    """An optional number member; null counts as absent."""
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        _typed(value, name, float, "a number")
    return float(value)


def optional_mapping(body: Mapping[str, Any], name: str) -> JsonObject | None:
    """An optional object member; null counts as absent."""
    value = body.get(name)
    return None if value is None else _typed(value, name, dict, "an object")


def _typed(value: Any, name: str, kind: type, wanted: str) -> Any:
    if not isinstance(value, kind):
        sentence = f"Field '{name}' must be {wanted}, got {kind_of(value)}"
        raise BadRequest(sentence, extra=_legacy(sentence))
    return value


def _legacy(sentence: str) -> JsonObject:
    # clients of the compile route read `errors`
    return {"errors": [sentence]}


def page_of(request: web.Request, *, default: int) -> tuple[int, int]:
    """`limit` (1 to 1000) and `offset` of a listing's query."""
    return _whole(request, "limit", default, 1, 1000), _whole(request, "offset", 0, 0, None)


def _whole(request: web.Request, name: str, default: int, low: int, high: int | None) -> int:
    given = request.query.get(name)
    if given is None:
        return default
    wanted = f"a whole number from {low} to {high}" if high is not None else f"a whole number of at least {low}"
    if not (given.isascii() and given.isdigit() and len(given) < 16):
        raise BadRequest(f"Query parameter '{name}' must be {wanted}, got '{given[:40]}'")
    number = int(given)
    if number < low or (high is not None and number > high):
        raise BadRequest(f"Query parameter '{name}' must be {wanted}, got {number}")
    return number


def flag_of(request: web.Request, name: str) -> bool:
    """A query flag: absent is false, bare is true, else a boolean as in the settings."""
    given = request.query.get(name)
    if given is None:
        return False
    try:
        return given == "" or boolean(given)
    except ValueError:
        raise BadRequest(f"Query parameter '{name}' must be true or false, got '{given[:40]}'") from None
