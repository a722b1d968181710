"""The JSON schemas of requests and answers, as the OpenAPI document shows them.

Invariant: every schema a route names is here; tests compare live answers with them.
"""

from __future__ import annotations

from typing import Any, Final

Schema = dict[str, Any]


def _object(required: str = "", /, **properties: Any) -> Schema:
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required.split()
    return schema


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _mapping(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


TEXT: Final[Schema] = {"type": "string"}
WHOLE: Final[Schema] = {"type": "integer"}
NUMBER: Final[Schema] = {"type": "number"}
FLAG: Final[Schema] = {"type": "boolean"}
ANY: Final[Schema] = {}
TYPES: Final[Schema] = {**_mapping(TEXT), "description": "name → wire type such as CString or CList(CInt)"}
HASH: Final[Schema] = _ref("Hash")
SOURCE: Final[Schema] = {"type": "string", "pattern": "\\S", "description": "the program's text"}
NAME: Final[Schema] = {"type": "string", "minLength": 1, "maxLength": 256}
MOMENT: Final[Schema] = {"type": "string", "format": "date-time"}

_OPTIONS = _object(
    priority={**WHOLE, "minimum": 0, "maximum": 100, "default": 50},
    timeoutMs={**WHOLE, "minimum": 1},
    includeTimings=FLAG,
    includeProvenance=FLAG,
    executionId={"type": "string", "format": "uuid"},
)
_EXECUTION: Final[Schema] = {
    "success": FLAG,
    "status": {"enum": ["completed", "suspended", "failed", "cancelled"]},
    "outputs": _mapping(ANY),
    "executionId": TEXT,
    "resumptionCount": WHOLE,
    "missingInputs": TYPES,
    "missingInputNames": _list(TEXT),
    "pendingOutputs": _list(TEXT),
    "computedNodes": _mapping(ANY),
    "executeTimeMs": WHOLE,
    "code": TEXT,
    "error": TEXT,
    "message": TEXT,
    "failures": _list(_ref("Failure")),
    "warnings": _list(_ref("Warning")),
    "timings": _mapping(NUMBER),
    "provenance": _mapping(TEXT),
    "requestId": TEXT,
}
_SUMMARY: Final[Schema] = {
    "structuralHash": HASH,
    "hash": HASH,
    "syntacticHash": HASH,
    "aliases": _list(TEXT),
    "name": TEXT,
    "compiledAt": MOMENT,
    "moduleCount": WHOLE,
    "declaredOutputs": _list(TEXT),
}
_STORED: Final[Schema] = {
    "executionId": TEXT,
    "status": {"enum": ["suspended", "failed"]},
    "structuralHash": HASH,
    "pipelineName": TEXT,
    "resumptionCount": WHOLE,
    "missingInputs": TYPES,
    "missingInputNames": _list(TEXT),
    "pendingOutputs": _list(TEXT),
    "createdAt": MOMENT,
    "updatedAt": MOMENT,
    "expiresAt": MOMENT,
}
_SHARE: Final[Schema] = {**NUMBER, "exclusiveMinimum": 0, "maximum": 1}
_CANARY_REQUEST: Final[Schema] = {
    "initialWeight": _SHARE,
    "percent": {**NUMBER, "exclusiveMinimum": 0, "maximum": 100},
    "promotionSteps": {**_list(_SHARE), "minItems": 1, "description": "strictly increasing, the last one 1"},
    "observationWindow": {
        "oneOf": [{**TEXT, "pattern": "^[0-9]+([.][0-9]+)? *(ms|s|m|min|h)?$"}, {**NUMBER, "exclusiveMinimum": 0}],
        "description": "a duration such as 5m, or seconds",
    },
    "errorThreshold": {**NUMBER, "minimum": 0, "maximum": 1},
    "latencyThresholdMs": {**NUMBER, "exclusiveMinimum": 0},
    "minRequests": {**WHOLE, "minimum": 1},
    "autoPromote": FLAG,
    "autoRollback": FLAG,
}
_MODULE: Final[Schema] = {
    "name": TEXT,
    "qualifiedName": TEXT,
    "description": TEXT,
    "version": TEXT,
    "tags": _list(TEXT),
    "category": TEXT,
    "inputs": TYPES,
    "outputs": TYPES,
    "signature": TEXT,
    "published": FLAG,
}
_SIDE = _object("requests successes failures avgLatencyMs p99LatencyMs", requests=WHOLE, successes=WHOLE,
                failures=WHOLE, avgLatencyMs=NUMBER, p99LatencyMs=NUMBER)  # fmt: skip
_SIDE_VERSION = _object("version structuralHash", version=WHOLE, structuralHash=HASH)

SCHEMAS: Final[dict[str, Schema]] = {
    "Hash": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    "HashInput": {"type": "string", "pattern": "^([sS][hH][aA]256:)?[0-9a-fA-F]{64}$"},
    "ErrorEnvelope": _object(
        "success code error message requestId", success={"const": False}, code=TEXT, error=TEXT, message=TEXT,
        requestId=TEXT,
    ),
    "Failure": _object("node message", node=TEXT, module=TEXT, message=TEXT, code=TEXT, retriesAttempted=WHOLE),
    "Warning": _object("code message", line=WHOLE, column=WHOLE, code=TEXT, message=TEXT),
    "Diagnostic": _object(
        "line column severity code message", line=WHOLE, column=WHOLE, endLine=WHOLE, endColumn=WHOLE, severity=TEXT,
        code=TEXT, message=TEXT, suggestions=_list(TEXT),
    ),
    "CompileRequest": _object("source", source=SOURCE, name=NAME, alias=NAME, dagName=NAME, dryRun=FLAG),
    "CompileResponse": _object(
        "success structuralHash syntacticHash pipelineId cached compileTimeMs inputSchema outputSchema errors warnings",
        success={"const": True}, structuralHash=HASH, syntacticHash=HASH, name=TEXT, alias=TEXT, dagName=TEXT,
        pipelineId=HASH, version=WHOLE, cached=FLAG, compileTimeMs=WHOLE, inputSchema=TYPES, outputSchema=TYPES,
        errors=_list(TEXT), warnings=_list(_ref("Warning")),
    ),
    "CompileFailure": _object(
        "success code error message requestId", success={"const": False}, code=TEXT, status=TEXT, error=TEXT,
        message=TEXT, errors=_list(TEXT), compilationErrors=_list(TEXT), diagnostics=_list(_ref("Diagnostic")),
        requestId=TEXT,
    ),
    "RunRequest": _object("source inputs", source=SOURCE, inputs=_mapping(ANY), input=_mapping(ANY), options=_OPTIONS),
    "RunResponse": _object(
        "success status outputs structuralHash executionId resumptionCount", **_EXECUTION, structuralHash=HASH,
        compileTimeMs=WHOLE, cached=FLAG,
    ),
    "ExecuteRequest": _object(
        "ref inputs", ref={**NAME, "description": "a hash, sha256:hash, a name, or name@vN"}, dagName=NAME,
        inputs=_mapping(ANY), options=_OPTIONS, canaryKey=TEXT,
    ),
    "ExecuteResponse": _object("success status outputs executionId resumptionCount", **_EXECUTION),
    "ResumeRequest": _object(inputs=_mapping(ANY), additionalInputs=_mapping(ANY), resolvedNodes=_mapping(ANY)),
    "ResumeResponse": _object(
        "success status outputs structuralHash executionId resumptionCount", **_EXECUTION, structuralHash=HASH
    ),
    "ValidateRequest": _object("source", source=SOURCE),
    "ValidateResponse": _object(
        "valid errors warnings", valid=FLAG, errors=_list(TEXT), warnings=_list(_ref("Warning")),
        diagnostics=_list(_ref("Diagnostic")), inputSchema=TYPES, outputSchema=TYPES,
    ),
    "PipelineSummary": _object("structuralHash hash aliases compiledAt moduleCount declaredOutputs", **_SUMMARY),
    "PipelineList": {
        "oneOf": [
            _object("pipelines total limit offset", pipelines=_list(_ref("PipelineSummary")), total=WHOLE,
                    limit=WHOLE, offset=WHOLE),
            _list(_ref("PipelineSummary")),
        ]
    },
    "PipelineDetail": _object(
        "structuralHash modules inputSchema outputSchema dagSpec sourceHash", **_SUMMARY,
        modules=_list(_object("name", **_MODULE)), inputSchema=TYPES, outputSchema=TYPES, dagSpec=_object(),
        moduleOptions=_object(), sourceHash=HASH, activeVersion=WHOLE, source=TEXT, image=_object(), graph=_object(),
    ),
    "Deleted": _object("deleted", deleted={"const": True}, structuralHash=HASH, name=TEXT,
                       removedAliases=_list(TEXT)),
    "AliasRequest": _object("structuralHash", structuralHash=_ref("HashInput")),
    "AliasResponse": _object("name structuralHash previousHash version", name=TEXT, structuralHash=HASH,
                             previousHash={"type": ["string", "null"]}, version=WHOLE),
    "CanaryRequest": _object(**_CANARY_REQUEST),
    "CanaryStart": _object("canary", stable={"type": ["string", "integer"]}, canary={"type": ["string", "integer"]},
                           **_CANARY_REQUEST),
    "CanaryState": _object(
        "pipelineName oldVersion newVersion currentWeight currentStep status startedAt config metrics",
        pipelineName=TEXT, oldVersion=_SIDE_VERSION, newVersion=_SIDE_VERSION, currentWeight=NUMBER, currentStep=WHOLE,
        status={"enum": ["observing", "promoting", "rolled_back", "complete"]}, reason=TEXT, startedAt=MOMENT,
        stepStartedAt=MOMENT, config=_object(**_CANARY_REQUEST), metrics=_object("oldVersion newVersion",
        oldVersion=_SIDE, newVersion=_SIDE), success=FLAG, previousWeight=NUMBER, newWeight=NUMBER,
    ),
    "ReloadRequest": _object(source=SOURCE, canary=_ref("CanaryRequest")),
    "ReloadResponse": _object(
        "success name changed previousHash newHash version", success={"const": True}, name=TEXT, changed=FLAG,
        previousHash={"type": ["string", "null"]}, newHash=HASH, version=WHOLE, canary=_ref("CanaryState"),
    ),
    "VersionList": _object(
        "name activeVersion versions", name=TEXT, activeVersion=WHOLE,
        versions=_list(_object("version structuralHash createdAt active source", version=WHOLE, structuralHash=HASH,
                               createdAt=MOMENT, active=FLAG, source=TEXT)),
    ),
    "RollbackResponse": _object(
        "success name previousVersion activeVersion structuralHash", success={"const": True}, name=TEXT,
        previousVersion=WHOLE, activeVersion=WHOLE, structuralHash=HASH, abortedCanary=FLAG,
    ),
    "ExecutionSummary": _object("executionId status structuralHash resumptionCount missingInputs createdAt", **_STORED),
    "ExecutionList": _object("executions total limit offset", executions=_list(_ref("ExecutionSummary")), total=WHOLE,
                             limit=WHOLE, offset=WHOLE),
    "ExecutionDetail": _object("executionId status structuralHash providedInputs computedNodes", **_STORED,
                               providedInputs=_list(TEXT), computedNodes=_mapping(ANY)),
    "ModuleInfo": _object("name description version inputs outputs", **_MODULE, options=_list(TEXT)),
    "ModuleList": _object("modules", modules=_list(_ref("ModuleInfo"))),
    "PublishedList": _object("modules", modules=_list(_object("name endpoint", **_MODULE, endpoint=TEXT))),
    "Inputs": _mapping(ANY),
    "InvokeResponse": _object("success module outputs", success=FLAG, module=TEXT, outputs=_mapping(ANY)),
    "NamespaceList": _object("namespaces", namespaces=_list(TEXT)),
    "NamespaceFunctions": _object(
        "namespace functions", namespace=TEXT,
        functions=_list(_object("name qualifiedName params returns description", name=TEXT, qualifiedName=TEXT,
                                params=_list(TEXT), returns=TEXT, description=TEXT)),
    ),
    "Status": _object("status", status=TEXT),
    "Health": _object("status uptime uptimeSeconds pipelineCount", status=TEXT, uptime=TEXT, uptimeSeconds=WHOLE,
                      version=TEXT, pipelineCount=WHOLE),
    "Ready": _object("status ready", status=TEXT, ready=FLAG, reason=TEXT, checks=_mapping(FLAG)),
    "HealthDetail": _object("status timestamp lifecycle", status=TEXT, timestamp=MOMENT, lifecycle=_object(),
                            cache=_object(), scheduler=_object(), stores=_object(), readinessChecks=_mapping(FLAG)),
    "Metrics": _object("timestamp server cache scheduler executions compilation", timestamp=MOMENT, server=_object(),
                       cache={"type": ["object", "null"]}, scheduler=_object(), executions=_object(),
                       compilation=_object(), pipelines=_object(), suspensions=_object(), canaries=_object()),
    "OpenApi": _object("openapi info paths"),
    "Page": TEXT,
}  # fmt: skip
