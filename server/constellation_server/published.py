"""The description of published modules: one concrete path each, with schemas drawn from their types.

Owns how a module's signature becomes an operation of the API's description. Refuses to call modules.

Invariant: a body valid under an operation's request schema has every input the module needs, of its type.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from constellation.engine.schema import object_schema, type_schema
from constellation.modules.module import Module
from constellation.types.model import OptionalType


def published_paths(modules: Iterable[Module]) -> dict[str, Any]:
    """Path → path item for every module published over HTTP, sorted by name."""
    published = sorted((m for m in modules if m.http), key=lambda m: m.name)
    return {f"/modules/{quote(m.name, safe='')}/invoke": {"post": _operation(m)} for m in published}


def _operation(module: Module) -> dict[str, Any]:
    spec = module.spec
    signature = spec.overloads[0]
    inputs = {p.name: p.type for p in signature.parameters}
    required = [name for name, type_ in inputs.items() if not isinstance(type_, OptionalType)]
    outputs = {
        "type": "object",
        "properties": {"result": type_schema(signature.returns)},
        "required": ["result"],
    }
    answer = {
        "type": "object",
        "properties": {"success": {"const": True}, "module": {"const": spec.name}, "outputs": outputs},
        "required": ["success", "module", "outputs"],
    }
    failure = {"$ref": "#/components/schemas/ErrorEnvelope"}
    failures = {
        400: "An input is missing or of the wrong type",
        404: "No such module",
        413: "Too large",
        415: "Unsupported content type",
        500: "The module failed",
        503: "Not available at present",
        504: "The module took too long",
    }
    answers = {200: ("Success", answer), **{status: (text, failure) for status, text in failures.items()}}
    return {
        "operationId": "invoke" + "".join(c if c.isalnum() else "_" for c in module.name),
        "summary": spec.description or f"Call {module.name}",
        "tags": list(spec.tags),
        "x-constellation-role": "Execute",
        "requestBody": {"required": True, "content": {"application/json": {"schema": object_schema(inputs, required)}}},
        "responses": {
            str(status): {"description": text, "content": {"application/json": {"schema": schema}}}
            for status, (text, schema) in answers.items()
        },
    }
