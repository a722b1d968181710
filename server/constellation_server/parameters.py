"""The parameters and response headers of the API, as the OpenAPI document shows them.

Owns their names, places and schemas. Invariant: every parameter a route names is here once; two of the same name in
different routes have entries of their own.
"""

from __future__ import annotations

from typing import Any, Final

Parameter = dict[str, Any]
_NAME: Final = {"type": "string", "minLength": 1}


def _path(name: str, about: str, schema: Parameter | None = None) -> Parameter:
    return {"name": name, "in": "path", "required": True, "description": about, "schema": schema or _NAME}


def _query(name: str, about: str, schema: Parameter) -> Parameter:
    return {"name": name, "in": "query", "required": False, "description": about, "schema": schema}


def _choice(*words: str, default: str | None = None) -> Parameter:
    schema: Parameter = {"type": "string", "enum": list(words)}
    return schema if default is None else {**schema, "default": default}


_FLAG: Final = {"type": "boolean", "default": False}
_LIMIT: Final = {"type": "integer", "minimum": 1, "maximum": 1000}

PATH_PARAMETERS: Final[dict[str, str]] = {
    "ref": "Ref",
    "name": "Name",
    "id": "ExecutionId",
    "version": "Version",
    "ns": "Namespace",
}
"""What a placeholder in a path is."""

PARAMETERS: Final[dict[str, Parameter]] = {
    "Ref": _path("ref", "a hash, sha256:hash, a name, or name@vN; a slash in a name is %2F"),
    "Name": _path("name", "a name; a slash in it is %2F"),
    "ExecutionId": _path("id", "the id of a kept execution"),
    "Version": _path("version", "the number of a version", {"type": "integer", "minimum": 1}),
    "Namespace": _path("ns", "a namespace such as stdlib.math"),
    "Limit": _query("limit", "rows at most", {**_LIMIT, "default": 1000}),
    "ExecutionsLimit": _query("limit", "rows at most", {**_LIMIT, "default": 100}),
    "Offset": _query("offset", "rows to skip", {"type": "integer", "minimum": 0, "default": 0}),
    "AliasFilter": _query("alias", "only pipelines with this text in an alias", {"type": "string"}),
    "ListFormat": _query("format", "array: the bare list", _choice("object", "array", default="object")),
    "Include": _query("include", "image: the whole image; source: the program's text", _choice("image", "source")),
    "Graph": _query("graph", "adds the drawn graph", _FLAG),
    "Force": _query("force", "every alias too, even with stored executions", _FLAG),
    "Last": _query("last", "the most recent finished one", _FLAG),
    "MetricsFormat": _query("format", "json", _choice("json", default="json")),
    "HashFilter": _query("structuralHash", "of the pipeline", {"type": "string"}),
    "PipelineFilter": _query("pipeline", "the pipeline's name", {"type": "string"}),
    "StatusFilter": _query("status", "only executions in this state", _choice("suspended", "failed")),
    "TagFilter": _query("tag", "only modules with this tag", {"type": "string"}),
    "Search": _query("search", "text in name or description", {"type": "string"}),
    "RequestIdHeader": {
        "name": "X-Request-ID",
        "in": "header",
        "required": False,
        "description": "names the request in its answer and in the log: 1 to 128 letters, digits and ._:@/+=-; "
        "anything else is replaced",
        "schema": {"type": "string"},
    },
}  # fmt: skip

HEADERS: Final[dict[str, Parameter]] = {
    "X-Request-ID": {"description": "the request's id, given or made", "schema": {"type": "string"}},
    "X-Execution-Id": {"description": "the execution the request began or continued", "schema": {"type": "string"}},
    "X-Pipeline-Hash": {
        "description": "the image that was run",
        "schema": {"$ref": "#/components/schemas/Hash"},
    },
    "X-Pipeline-Version": {
        "description": "its version, when a name led to it",
        "schema": {"type": "integer", "minimum": 1},
    },
    "ETag": {
        "description": "the structural hash in double quotes, when asked for by hash",
        "schema": {"type": "string"},
    },
    "Allow": {"description": "the methods the path has", "schema": {"type": "string"}},
    "Retry-After": {"description": "seconds to wait", "schema": {"type": "integer"}},
}

HEADERS_OF_STATUS: Final[dict[int, tuple[str, ...]]] = {405: ("Allow",), 429: ("Retry-After",)}
"""Headers that answers of a status carry, whatever the route."""
