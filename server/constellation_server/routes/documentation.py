"""The API's own description: the OpenAPI document and a page that lists it."""

from __future__ import annotations

from functools import cache
from html import escape
from typing import Any

from aiohttp import web

from constellation_server.answers import json_answer
from constellation_server.openapi import document
from constellation_server.published import published_paths
from constellation_server.routes.health import engine_version
from constellation_server.routing import Route, all_routes
from constellation_server.state import STATE

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Constellation HTTP API</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
code{{font-family:ui-monospace,monospace}}td{{padding:.2rem 1rem .2rem 0;vertical-align:top}}</style></head>
<body><h1>Constellation HTTP API</h1><p>Version {version}.
The whole description: <a href="/openapi.json">openapi.json</a>.</p>
<table>{rows}</table></body></html>
"""


@cache
def _description() -> dict[str, Any]:
    return document(all_routes(), engine_version())


async def openapi(request: web.Request) -> web.Response:
    """`GET /openapi.json`."""
    whole = _description()
    published = published_paths(request.app[STATE].engine.modules)
    return json_answer({**whole, "paths": {**whole["paths"], **published}})


async def published(request: web.Request) -> web.Response:
    """`GET /modules/published/openapi`: the same document with nothing but the published modules."""
    return json_answer({**_description(), "paths": published_paths(request.app[STATE].engine.modules)})


async def page(request: web.Request) -> web.Response:
    """`GET /docs`."""
    rows = "".join(
        f"<tr><td><code>{route.method}</code></td><td><code>{escape(route.path)}</code></td>"
        f"<td>{escape(route.summary)}</td></tr>"
        for route in all_routes()
    )
    return web.Response(
        text=_PAGE.format(version=escape(engine_version()), rows=rows),
        content_type="text/html",
        headers={
            "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


ROUTES = (
    Route("GET", "/openapi.json", openapi, "getOpenApi", "This description", {200: "OpenApi"}, role="ReadOnly"),
    Route("GET", "/modules/published/openapi", published, "getPublishedOpenApi",
          "The description of the published modules alone", {200: "OpenApi"}, role="ReadOnly"),
    Route("GET", "/docs", page, "getDocs", "A page listing the API", {200: "Page"}, role="ReadOnly"),
)  # fmt: skip
