"""From a reference a client wrote to the image it means.

Owns the order of lookup: hash, exact name (with canary routing), `name@vN`. Invariant: hashes and versions are never
routed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from constellation_server.problems import BadRequest, NotFound
from constellation_server.references import MAX_LENGTH, BadName, BadReference, HashRef, NameRef, check_name, parse_ref
from constellation_server.state import ServerState

if TYPE_CHECKING:
    from constellation.image.image import PipelineImage


@dataclass(frozen=True, slots=True)
class Resolved:
    """An image, how it was reached, and the version if the way had one. `routed` names the choice of a shared name."""

    image: PipelineImage
    structural_hash: str
    name: str | None = None
    version: int | None = None
    routed: str | None = None


async def resolve_in_body(state: ServerState, ref: str, *, key: str | None = None, route: bool = True) -> Resolved:
    """Resolve the `ref` of a body: 400 when it cannot be a reference, 404 when nothing has it."""
    try:
        parsed = parse_ref(ref)
    except BadReference as problem:
        raise BadRequest(f"Invalid pipeline reference format: {problem}") from None
    found = await _resolve(state, parsed, key=key, route=route)
    if found is None:
        if isinstance(parsed, NameRef) and len(ref) == 64:
            raise BadRequest("Invalid pipeline reference format: Invalid hash format")
        raise NotFound(f"Pipeline '{ref}' not found")
    return found


async def resolve_in_path(state: ServerState, ref: str, *, key: str | None = None, route: bool = False) -> Resolved:
    """Resolve a path segment: whatever cannot be resolved is 404."""
    try:
        found = await _resolve(state, parse_ref(ref), key=key, route=route)
    except BadReference:
        found = None
    if found is None:
        raise NotFound(f"Pipeline '{ref[:MAX_LENGTH]}' not found")
    return found


async def _resolve(state: ServerState, parsed: HashRef | NameRef, *, key: str | None, route: bool) -> Resolved | None:
    images, deployments = state.engine.pipelines, state.deployments
    if isinstance(parsed, HashRef):
        image = await images.get(parsed.structural_hash)
        return None if image is None else Resolved(image, parsed.structural_hash)
    chosen = deployments.router.choose(parsed.name, key) if route else None
    if chosen is not None:
        return await _chosen(state, parsed.name, chosen)
    target = await images.resolve(parsed.name)
    version: int | None = None
    if target is not None:
        active = deployments.versions.active(parsed.name)
        version = active.version if active is not None and active.structural_hash == target else None
    elif parsed.base is not None:
        entry = deployments.versions.get(parsed.base, parsed.number)
        if entry is not None:
            target, version = entry.structural_hash, entry.version
    image = await images.get(target) if target is not None else None
    if image is None or target is None:
        return None
    name = parsed.name if version is None or parsed.base is None else parsed.base
    return Resolved(image, target, name, version)


async def _chosen(state: ServerState, name: str, chosen: str) -> Resolved | None:
    parsed = parse_ref(chosen)
    found = await _resolve(state, parsed, key=None, route=False)
    if found is None:
        return None
    version = _version_of(state, name, found.structural_hash)
    if isinstance(parsed, NameRef) and parsed.base == name:
        version = found.version
    return Resolved(found.image, found.structural_hash, name, version, chosen)


def _version_of(state: ServerState, name: str, structural_hash: str) -> int | None:
    """Which version of a shared name an image is: that of the canary's sides, else the newest."""
    canary = state.deployments.router.canary(name)
    sides = () if canary is None else (canary.new, canary.old)
    entry = next((v for v in sides if v.structural_hash == structural_hash), None)
    entry = entry or state.deployments.versions.find(name, structural_hash)
    return None if entry is None else entry.version


def require_name(name: str) -> str:
    """A name a client chose; 400 when it may not."""
    try:
        return check_name(name)
    except BadName as problem:
        sentence = f"Invalid pipeline name: {problem}"
        raise BadRequest(sentence, extra={"errors": [sentence]}) from None
