"""Runs language-server cases over a real transport: pipes, or the server's WebSocket.

`stdio` serves the session over two operating-system pipes in this process, `ws` connects to the HTTP server's `/lsp`,
`process` starts `constellation lsp`. Every case gets an engine and a session of its own. `run_case` returns None when
the case holds, otherwise what was expected and what came.
"""

from __future__ import annotations

import asyncio
import re
from itertools import pairwise
from typing import Any

from constellation_lsp.transports.framing import with_headers
from tests.conformance.cases import Case
from tests.conformance.lsp_client import Client, RpcError, offset_of, position_of
from tests.conformance.lsp_expect.answers import Answer, Unmet
from tests.conformance.lsp_expect.judging import judge
from tests.conformance.lsp_transports import connect, raw_websocket

JSON = dict[str, Any]
URI = "file:///project/main.cst"
CURSOR = "\u2038"

VS_CODE: JSON = {
    "general": {"positionEncodings": ["utf-16"], "staleRequestSupport": {"cancel": True, "retryOnContentModified": []}},
    "workspace": {
        "workspaceEdit": {"documentChanges": True},
        "applyEdit": True,
    },
    "textDocument": {
        "synchronization": {"didSave": True},
        "completion": {
            "contextSupport": True,
            "completionItem": {
                "snippetSupport": False,
                "documentationFormat": ["markdown", "plaintext"],
                "labelDetailsSupport": True,
                "deprecatedSupport": True,
            },
        },
        "hover": {"contentFormat": ["markdown", "plaintext"]},
        "definition": {"linkSupport": True},
        "documentSymbol": {"hierarchicalDocumentSymbolSupport": True},
        "publishDiagnostics": {
            "relatedInformation": True,
            "versionSupport": True,
            "tagSupport": {"valueSet": [1, 2]},
            "codeDescriptionSupport": True,
            "dataSupport": True,
        },
        "codeAction": {
            "isPreferredSupport": True,
            "codeActionLiteralSupport": {"codeActionKind": {"valueSet": ["quickfix", "refactor", "source"]}},
        },
        "rename": {"prepareSupport": True},
        "foldingRange": {"lineFoldingOnly": True},
        "inlayHint": {},
        "semanticTokens": {"requests": {"full": True}, "tokenTypes": [], "tokenModifiers": [], "formats": ["relative"]},
    },
}

SHORT_NAMES = {"semanticTokens": "textDocument/semanticTokens/full"}
DOCUMENT_FREE = {"initialize", "shutdown", "ws"}


class _Run:
    """One case on one connection."""

    def __init__(self, case: Case, client: Client, legend: JSON) -> None:
        self.case = case
        self.client = client
        self.legend = legend
        self.uri: str = case.get("uri", URI)
        self.saved: dict[str, Any] = {}
        self.started: dict[str, tuple[int, asyncio.Future[Any]]] = {}
        document: str = case.get("document", "")
        self.cursor = document.find(CURSOR)
        self.text = document.replace(CURSOR, "")
        self.cursor_text = self.text

    async def prepare(self) -> None:
        given = self.case.get("params") or {}
        explicit = "uri" in given or "textDocument" in given
        wanted = self.case["request"] not in DOCUMENT_FREE and not explicit
        if self.text or self.cursor >= 0 or (wanted and "/" not in self.case["request"]):
            await self.client.open(self.uri, self.text)
        for edit in self.case.get("edits", ()):
            await self.edit(edit)

    async def edit(self, edit: Any) -> None:
        changes = [_change(c) for c in (edit if isinstance(edit, list) else [edit])]
        await self.client.change(self.uri, changes)
        self.text = self.client.texts[self.uri]

    def params(self, method: str, given: Any) -> Any:
        if given is None and method != "shutdown":
            given = {}
        if method in ("shutdown", "initialize"):
            return given
        if method.startswith("constellation/"):
            base: JSON = {} if method.startswith("constellation/step") and method != "constellation/stepStart" else {
                "uri": self.uri
            }  # fmt: skip
        else:
            at = position_of(self.cursor_text, max(self.cursor, 0))
            base = {"textDocument": {"uri": self.uri}, "position": at}
            base |= self._defaults(method, at)
        return base | {k: _expanded(k, self._filled(v)) for k, v in (given or {}).items()}

    def _defaults(self, method: str, at: JSON) -> JSON:
        whole = {"start": {"line": 0, "character": 0}, "end": position_of(self.text, len(self.text))}
        if method == "textDocument/inlayHint":
            return {"range": whole}
        if method == "textDocument/codeAction":
            reported = self.client.diagnostics.get(self.uri, {}).get("diagnostics", [])
            return {"range": {"start": at, "end": at}, "context": {"diagnostics": reported}}
        if method == "textDocument/references":
            return {"context": {"includeDeclaration": True}}
        if method == "textDocument/formatting":
            return {"options": {"tabSize": 2, "insertSpaces": True}}
        if method == "textDocument/selectionRange":
            return {"positions": [at]}
        return {}

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith("$"):
            return self.saved.get(value[1:], value)
        if isinstance(value, dict):
            return {k: self._filled(v) for k, v in value.items()}
        return value

    def answer(self, result: Any = None, error: JSON | None = None) -> Answer:
        return Answer(result, error, self.text, self.uri, self.legend)

    async def ask(self, request: str, given: Any, *, explicit_null: bool = False) -> Answer:
        if request == "diagnostics":
            settled = self.client.versions.get(self.uri) == 1  # nothing older can still be on its way
            wait = self.client.diagnostics_of if settled else self.client.final_diagnostics_of
            return self.answer(await wait(self.uri))
        method = SHORT_NAMES.get(request, request if "/" in request or request in DOCUMENT_FREE else None)
        method = method or f"textDocument/{request}"
        params = None if explicit_null else self.params(method, given)
        if method == "textDocument/codeAction":
            await self.client.diagnostics_of(self.uri)
            params = self.params(method, given)
        try:
            return self.answer(await self.client.request(method, params))
        except RpcError as problem:
            return self.answer(error=problem.error)

    async def sequence(self) -> Answer:
        for step in self.case["steps"]:
            await self.step(step)
        return self.answer()

    async def step(self, step: JSON) -> None:
        if "request" in step:
            await self._request_step(step)
        elif "notify" in step:
            if step["notify"] == "textDocument/didClose":
                await self.client.close_document(self.uri)
            else:
                await self.client.notify(step["notify"], self.params(step["notify"], step.get("params")))
        elif "edit" in step:
            await self.edit(step["edit"])
        elif "cancel" in step:
            await self.client.notify("$/cancelRequest", {"id": self.started[step["cancel"]][0]})
        elif "await" in step:
            try:
                answer = self.answer(await asyncio.wait_for(self.started[step["await"]][1], 10))
            except RpcError as problem:
                answer = self.answer(error=problem.error)
            judge(step.get("expect", {}), answer)
        elif "assert_equal" in step:
            left, right = (self._filled(v) for v in step["assert_equal"])
            if left != right:
                raise Unmet(f"expected equal values, got {left} and {right}")

    async def _request_step(self, step: JSON) -> None:
        if "async" in step:
            self.started[step["async"]] = await self.client.start(
                step["request"], self.params(step["request"], step.get("params"))
            )
            return
        started = asyncio.get_running_loop().time()
        answer = await self.ask(step["request"], step.get("params"))
        took = asyncio.get_running_loop().time() - started
        if took * 1000 > step.get("within_ms", 30_000):
            raise Unmet(f"expected an answer within {step['within_ms']} ms, it took {took * 1000:.0f}")
        judge(step.get("expect", {}), answer)
        if "save" in step:
            self.saved[step["as"]] = _saved(step["save"], answer.result)


def _saved(path: str, result: Any) -> Any:
    if path == "ids":
        return sorted(n["id"] for n in result["dag"]["nodes"])
    for part in path.split(".")[1:]:
        result = result[part]
    return result


def _change(change: JSON) -> JSON:
    if "range" not in change:
        return {"text": change["text"]}
    return {"range": _expanded("range", change["range"]), "text": change["text"]}


def _expanded(key: str, value: Any) -> Any:
    if key == "position" and isinstance(value, list):
        return {"line": value[0], "character": value[1]}
    if key == "range" and isinstance(value, list):
        start, end = value[:2], value[2:]
        return {"start": _expanded("position", start), "end": _expanded("position", end)}
    return value


async def run_case(case: Case, transport: str = "stdio") -> str | None:
    """None when the case holds over the transport, otherwise a message."""
    try:
        if case["request"] == "ws":
            await _raw_frames(case)
            return None
        async with connect(transport) as client:
            await _run(case, client)
    except Unmet as unmet:
        return str(unmet)
    except (TimeoutError, ConnectionError) as problem:
        return f"no answer: {type(problem).__name__} {problem}"
    return None


async def _run(case: Case, client: Client) -> None:
    setup = case.get("setup", {})
    capabilities = {**VS_CODE, "textDocument": dict(VS_CODE["textDocument"])}
    if setup.get("pull_diagnostics"):
        capabilities["textDocument"]["diagnostic"] = {}
    legend: JSON = {}
    if setup.get("initialize", True) and case["request"] != "initialize":
        result = await client.initialize(capabilities)
        legend = result["capabilities"]["semanticTokensProvider"]["legend"]
    run = _Run(case, client, legend)
    if setup.get("initialize", True) and case["request"] != "initialize":
        await run.prepare()
    if case["request"] == "sequence":
        answer = await run.sequence()
        steps_judge_all = True
    else:
        given = case.get("params", {})
        if case["request"] == "initialize":
            given = {"processId": None, "rootUri": None, **given}
        answer = await run.ask(case["request"], given, explicit_null="params" in case and case["params"] is None)
        steps_judge_all = False
    if not steps_judge_all:
        judge(case["expect"], answer)
    if case["expect"].get("same_structural_hash"):
        await _same_hash(run, answer)


async def _same_hash(run: _Run, answer: Answer) -> None:
    from tests.conformance.lsp_client import edited

    before = await run.ask("constellation/executePipeline", {"inputs": {}})
    await run.client.change(run.uri, [{"text": edited(run.text, answer.result)}])
    after = await run.ask("constellation/executePipeline", {"inputs": {}})
    if before.result["structuralHash"] != after.result["structuralHash"]:
        raise Unmet("the structural hash changed")


async def _raw_frames(case: Case) -> None:
    expect: JSON = case["expect"]
    frames: list[str] = []
    for frame in case["params"]["frames"]:
        frames += _encoded(frame)
    got = await raw_websocket(frames, len(expect.get("responses", ())), wait_close=bool(expect.get("closed")))
    bodies = [re.sub(r"^content-length:.*?\r\n\r\n", "", f, flags=re.I | re.S) for f in got.frames]
    import json

    answers = [m for m in map(json.loads, bodies) if "method" not in m]
    for wanted in expect.get("responses", ()):
        match = [a for a in answers if a.get("id") == wanted["id"] and all(k in a for k in wanted.get("has", ()))]
        if "error_code" in wanted:
            match = [a for a in match if a.get("error", {}).get("code") == wanted["error_code"]]
        if not match:
            raise Unmet(f"expected a response {wanted}, got {answers}")
    if "reply_framing" in expect:
        framed = all(f.lower().startswith("content-length:") for f in got.frames)
        if framed != (expect["reply_framing"] == "headers"):
            raise Unmet(f"expected replies framed as {expect['reply_framing']}, got {got.frames}")
    for key, value in (("closed", got.closed), ("server_alive", got.server_alive)):
        if expect.get(key, value) != value:
            raise Unmet(f"expected {key}: {expect[key]}, got {value}")


def _encoded(frame: JSON) -> list[str]:
    import json

    if frame["framing"] == "raw":
        return [frame["text"]]
    body = json.dumps(frame["json"], ensure_ascii=False)
    if frame["framing"] == "bare":
        return [body]
    text = with_headers(body.encode()).decode()
    cuts = [0, *frame.get("split_at", ()), len(text)]
    return [text[a:b] for a, b in pairwise(cuts)]


__all__ = ["offset_of", "run_case"]
