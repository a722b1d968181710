"""Stored pipelines: listing, showing, deleting, naming."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from aiohttp import web

from constellation.image.dag import build_dag, type_signature
from constellation.image.image import calls_of
from constellation.stores.protocols import StoreError
from constellation_server.answers import empty_answer, json_answer
from constellation_server.bodies import JsonObject, input_schema, output_schema
from constellation_server.deploying import storing
from constellation_server.problems import BadRequest, Conflict, NotFound
from constellation_server.reading import flag_of, page_of, read_object, require_text
from constellation_server.references import parse_hash
from constellation_server.resolution import Resolved, require_name, resolve_in_path
from constellation_server.routes.modules import module_info
from constellation_server.routing import Route
from constellation_server.state import STATE, ServerState

if TYPE_CHECKING:
    from constellation.image.image import PipelineImage

_MODULE_MEMBERS = ("name", "description", "version", "inputs", "outputs")


async def list_pipelines(request: web.Request) -> web.Response:
    """`GET /pipelines`."""
    state = request.app[STATE]
    limit, offset = page_of(request, default=1000)
    form = request.query.get("format", "object")
    if form not in {"object", "array"}:
        raise BadRequest("Query parameter 'format' must be array or object")
    names = await _names_by_hash(state)
    wanted = request.query.get("alias") or None
    rows: list[tuple[bool, str, str]] = []
    for structural_hash in await state.engine.pipelines.list_hashes():
        aliases = names.get(structural_hash, [])
        if wanted is None or any(wanted in alias for alias in aliases):
            rows.append((not aliases, aliases[0] if aliases else "", structural_hash))
    rows.sort()
    shown: list[JsonObject] = []
    for _, _, structural_hash in rows[offset : offset + limit]:
        image = await _readable(state, structural_hash)
        if image is not None:
            shown.append(summary(image, names.get(structural_hash, [])))
    if form == "array":
        return json_answer(shown)
    return json_answer({"pipelines": shown, "total": len(rows), "limit": limit, "offset": offset})


async def _readable(state: ServerState, structural_hash: str) -> PipelineImage | None:
    """An image of a listing, which one that cannot be read does not spoil."""
    try:
        return await state.engine.pipelines.get(structural_hash)
    except StoreError:
        return None


async def _names_by_hash(state: ServerState) -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for alias, structural_hash in sorted((await state.engine.pipelines.list_aliases()).items()):
        names.setdefault(structural_hash, []).append(alias)
    return names


async def _names_of(state: ServerState, structural_hash: str) -> list[str]:
    aliases = await state.engine.pipelines.list_aliases()
    return sorted(alias for alias, target in aliases.items() if target == structural_hash)


def summary(image: PipelineImage, aliases: list[str]) -> JsonObject:
    """A pipeline as listings show it."""
    row: JsonObject = {
        "structuralHash": image.structural_hash,
        "hash": image.structural_hash,
        "syntacticHash": image.syntactic_hash,
        "aliases": aliases,
        "compiledAt": image.compiled_at,
        "moduleCount": len({call.function for call in calls_of(image.graph)}),
        "declaredOutputs": [spec.name for spec in image.graph.outputs],
    }
    if aliases:
        row["name"] = aliases[0]
    return row


async def show_pipeline(request: web.Request) -> web.Response:
    """`GET /pipelines/{ref}`."""
    state = request.app[STATE]
    ref = request.match_info["ref"]
    included = {part for part in request.query.get("include", "").split(",") if part}
    if not included <= {"image", "source"}:
        raise BadRequest("Query parameter 'include' must be image or source")
    found = await resolve_in_path(state, ref)
    headers: dict[str, str] = {}
    if parse_hash(ref) is not None or "image" in included:
        tag = f'"{found.structural_hash}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if _has_tag(request.headers.get("If-None-Match", ""), tag):
            return empty_answer(304, headers)
    if "image" in included:
        return json_answer(found.image.to_json(), headers=headers)
    body = await _detail(state, found)
    if "source" in included and found.image.source is not None:
        body["source"] = found.image.source
    if flag_of(request, "graph"):
        body["graph"] = graph_body(found.image)
    return json_answer(body, headers=headers)


def _has_tag(header: str, tag: str) -> bool:
    return any(part.strip().removeprefix("W/") in {tag, "*"} for part in header.split(","))


async def _detail(state: ServerState, found: Resolved) -> JsonObject:
    image = found.image
    stored = image.to_json()
    aliases = await _names_of(state, found.structural_hash)
    source = image.source
    body = {
        **summary(image, aliases),
        "modules": _modules(state, image),
        "inputSchema": input_schema(image),
        "outputSchema": output_schema(image),
        "dagSpec": {key: stored[key] for key in ("inputs", "outputs", "ir", "graph") if key in stored},
        "moduleOptions": stored.get("moduleOptions", {}),
        "sourceHash": image.syntactic_hash if source is None else hashlib.sha256(source.encode()).hexdigest(),
    }
    name = found.name or (aliases[0] if aliases else None)
    active = state.deployments.versions.active(name) if name is not None else None
    if active is not None:
        body["activeVersion"] = active.version
    return body


def _modules(state: ServerState, image: PipelineImage) -> list[JsonObject]:
    rows: dict[str, JsonObject] = {}
    for call in calls_of(image.graph):
        if call.function in rows:
            continue
        module = state.engine.modules.get(call.function)
        if module is None:
            rows[call.function] = {"name": call.written, "qualifiedName": call.function, "registered": False}
            continue
        info = module_info(module)
        rows[call.function] = {**{key: info[key] for key in _MODULE_MEMBERS}, "qualifiedName": call.function}
    return sorted(rows.values(), key=lambda row: str(row["name"]))


def graph_body(image: PipelineImage) -> JsonObject:
    """The graph as people see it: boxes, arrows, and the boxes of each declaration that has several."""
    dag = build_dag(image.graph)
    return {
        "nodes": [
            {"id": n.id, "kind": n.kind, "label": n.label, "typeSignature": type_signature(n.type)} for n in dag.nodes
        ],
        "edges": [
            {"id": e.id, "source": e.source, "target": e.target, "label": e.label, "kind": e.kind} for e in dag.edges
        ],
        "groups": [{"id": name, "nodes": list(members)} for name, members in dag.groups.items()],
        "metadata": {"layoutDirection": "TB"},
    }


async def delete_pipeline(request: web.Request) -> web.Response:
    """`DELETE /pipelines/{ref}`."""
    state = request.app[STATE]
    ref = request.match_info["ref"]
    force = flag_of(request, "force")
    while True:
        target = (await resolve_in_path(state, ref)).structural_hash
        async with state.deployments.image_lock(target):
            found = await resolve_in_path(state, ref)
            if found.structural_hash == target:
                removed = await _delete(state, target, ref, force=force)
                return json_answer({"deleted": True, "structuralHash": target, "removedAliases": removed})


async def _delete(state: ServerState, target: str, ref: str, *, force: bool) -> list[str]:
    """Delete an image unless something but the name in the request needs it; the names that went with it."""
    aliases = await _names_of(state, target)
    own = ref if ref in aliases else None
    others = [alias for alias in aliases if alias != own]
    if others and not force:
        listed = ", ".join(others)
        message = f"Cannot delete pipeline: aliases [{listed}] point to it"
        raise Conflict(message, code="AliasConflict", extra={"aliases": others})
    canaries = state.deployments.router.uses(target)
    if canaries:
        raise Conflict(f"Cannot delete pipeline: an active canary of '{canaries[0]}' uses it", code="PipelineInUse")
    if not force and await state.executions.count(structural_hash=target):
        raise Conflict("Cannot delete pipeline: a stored execution uses it", code="PipelineInUse")
    removed = aliases if force else [own] if own is not None else []
    async with storing(state):
        await state.engine.pipelines.remove(target, force=True)
    return removed


async def set_alias(request: web.Request) -> web.Response:
    """`PUT /pipelines/{name}/alias`."""
    state = request.app[STATE]
    config = state.config
    name = require_name(request.match_info["name"])
    body = await read_object(request, config.max_body_bytes, config.body_timeout)
    given = require_text(body, "structuralHash")
    target = parse_hash(given)
    if target is None or await state.engine.pipelines.get(target) is None:
        raise NotFound(f"Pipeline with hash '{given[:80]}' not found")
    async with storing(state):
        done = await state.deployments.point(name, target, source="alias")
    answer: dict[str, Any] = {
        "name": name,
        "structuralHash": target,
        "previousHash": done.previous_hash,
        "version": done.version,
    }
    return json_answer(answer)


async def delete_alias(request: web.Request) -> web.Response:
    """`DELETE /pipelines/{name}/alias`."""
    state = request.app[STATE]
    name = request.match_info["name"]
    if state.deployments.router.canary(name) is not None:
        raise Conflict(f"Cannot drop the name '{name}': its canary is active", code="PipelineInUse")
    async with storing(state):
        dropped = await state.deployments.drop(name)
    if not dropped:
        raise NotFound(f"Pipeline '{name}' not found")
    return json_answer({"deleted": True, "name": name})


ROUTES = (
    Route("GET", "/pipelines", list_pipelines, "listPipelines", "Stored pipelines", {200: "PipelineList"},
          query=("Limit", "Offset", "AliasFilter", "ListFormat"),
          role="ReadOnly"),
    Route("GET", "/pipelines/{ref}", show_pipeline, "getPipeline", "One pipeline",
          {200: "PipelineDetail", 304: "", 404: "ErrorEnvelope"},
          query=("Include", "Graph"), headers=("ETag",), role="ReadOnly"),
    Route("DELETE", "/pipelines/{ref}", delete_pipeline, "deletePipeline", "Delete an image and its name",
          {200: "Deleted", 404: "ErrorEnvelope", 409: "ErrorEnvelope", 503: "ErrorEnvelope"},
          query=("Force",), role="Admin"),
    Route("PUT", "/pipelines/{name}/alias", set_alias, "setAlias", "Point a name at a pipeline",
          {200: "AliasResponse", 404: "ErrorEnvelope", 503: "ErrorEnvelope"}, body="AliasRequest", role="Admin"),
    Route("DELETE", "/pipelines/{name}/alias", delete_alias, "deleteAlias", "Drop a name, keep the image",
          {200: "Deleted", 404: "ErrorEnvelope", 409: "ErrorEnvelope"}, role="Admin"),
)  # fmt: skip
