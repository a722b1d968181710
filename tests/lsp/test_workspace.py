"""Beyond the open documents: symbols and diagnostics of the workspace's files, and where modules come from."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.conformance.lsp_client import Client
from tests.conformance.lsp_transports import connect

JSON = dict[str, Any]
WATCHING: JSON = {"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": True}}}


@asynccontextmanager
async def workspace(
    folder: Path, *, settings: JSON | None = None, capabilities: JSON | None = None
) -> AsyncIterator[Client]:
    """A client whose workspace is a folder."""
    async with connect("stdio") as client:
        folders = [{"uri": folder.as_uri(), "name": "project"}]
        params = {"processId": None, "rootUri": None, "capabilities": capabilities or {}, "workspaceFolders": folders,
                  "initializationOptions": settings or {}}  # fmt: skip
        await client.request("initialize", params)
        await client.notify("initialized", {})
        yield client


async def names(client: Client, query: str) -> list[tuple[str, str | None]]:
    found = await client.request("workspace/symbol", {"query": query})
    return sorted((s["name"], s.get("containerName")) for s in found)


async def test_symbols_of_closed_files(tmp_path: Path) -> None:
    (tmp_path / "a.cst").write_text("type Order = { id: String }\nin order: Order\nout order\n")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "ünder score.cst").write_text("in 😀 x\nsorted-order = 1\n", encoding="utf-8")
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules" / "c.cst").write_text("order = 1\n")
    (tmp_path / "large.cst").write_text("order = 1\n" + "#" * (1 << 20))
    (tmp_path / "broken.cst").write_bytes(b"order = \xff\n")
    async with workspace(tmp_path) as client:
        assert await names(client, "ordr") == [
            ("Order", "a.cst"), ("order", "a.cst"), ("order", "a.cst"), ("sorted-order", "%C3%BCnder%20score.cst"),
        ]  # fmt: skip
        assert ("id", "a.cst") in await names(client, "id")
        found = await client.request("workspace/symbol", {"query": "Order"})
        place = next(s["location"] for s in found if s["name"] == "Order")
        assert place["uri"] == (tmp_path / "a.cst").as_uri()
        assert place["range"] == {"start": {"line": 0, "character": 5}, "end": {"line": 0, "character": 10}}


async def test_an_open_document_stands_for_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.cst"
    path.write_text("in old-name: Int\nout old-name\n")
    async with workspace(tmp_path) as client:
        await client.open(path.as_uri(), "in new-name: Int\nout new-name\n")
        assert {name for name, _ in await names(client, "name")} == {"new-name"}
        await client.close_document(path.as_uri())
        assert {name for name, _ in await names(client, "name")} == {"old-name"}


async def test_watched_files_keep_the_index_current(tmp_path: Path) -> None:
    path = tmp_path / "a.cst"
    path.write_text("in first: Int\nout first\n")
    async with workspace(tmp_path, capabilities=WATCHING) as client:
        assert {name for name, _ in await names(client, "first")} == {"first"}
        path.write_text("in second: Int\nout second\n")
        os.utime(path, (1, 1))
        assert await names(client, "second") == []  # nobody said that it changed
        await client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 2}]})
        assert {name for name, _ in await names(client, "second")} == {"second"}
        path.unlink()
        await client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": path.as_uri(), "type": 3}]})
        assert await names(client, "second") == []


async def test_folders_come_and_go(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / f"{folder.name}.cst").write_text(f"in from-{folder.name}: Int\n")
    async with workspace(one) as client:
        assert {name for name, _ in await names(client, "from")} == {"from-one"}
        event = {"added": [{"uri": two.as_uri(), "name": "two"}], "removed": [{"uri": one.as_uri(), "name": "one"}]}
        await client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert {name for name, _ in await names(client, "from")} == {"from-two"}


async def test_a_hash_asks_for_registered_modules(tmp_path: Path) -> None:
    async with workspace(tmp_path) as client:
        found = await client.request("workspace/symbol", {"query": "#acme.text.SH"})
        assert [(s["name"], s["kind"], s["containerName"], s["location"]["uri"]) for s in found] == [
            ("shout", 12, "acme.text", "constellation-doc:/modules/acme.text.shout.md")
        ]
        page = await client.request("workspace/textDocumentContent", {"uri": found[0]["location"]["uri"]})
        assert "shout(text: String) -> String" in page["text"]
        assert "The text in capitals with an exclamation mark." in page["text"]


async def test_a_module_written_in_python_leads_to_its_source(tmp_path: Path) -> None:
    async with workspace(tmp_path) as client:
        uri = (tmp_path / "a.cst").as_uri()
        await client.open(uri, "in t: String\nr = acme.text.shout(t)\nout r\n")
        at = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 15}}
        place = await client.request("textDocument/definition", at)
        assert place["uri"].endswith("tests/conformance/lsp_transports.py")
        source = (Path(__file__).parents[1] / "conformance" / "lsp_transports.py").read_text().splitlines()
        assert source[place["range"]["start"]["line"]].startswith("def shout(")


async def test_diagnostics_of_closed_files_are_given_when_asked_for(tmp_path: Path) -> None:
    bad, good, opened = (tmp_path / name for name in ("bad.cst", "good.cst", "opened.cst"))
    bad.write_text("out nope\n")
    good.write_text("in a: Int\nout a\n")
    opened.write_text("out nope\n")
    settings = {"diagnostics": {"workspace": True}}
    async with workspace(tmp_path, settings=settings, capabilities={"textDocument": {"diagnostic": {}}}) as client:
        await client.open(opened.as_uri(), "in a: Int\nout a\n")
        found = await client.request("workspace/diagnostic", {"previousResultIds": []})
        codes = {item["uri"]: [d["code"] for d in item["items"]] for item in found["items"]}
        assert codes == {bad.as_uri(): ["E001"], good.as_uri(): []}
        known = [{"uri": item["uri"], "value": item["resultId"]} for item in found["items"]]
        bad.write_text("in a: Int\nout a\n")
        again = await client.request("workspace/diagnostic", {"previousResultIds": known})
        assert {item["uri"]: item["kind"] for item in again["items"]} == {
            bad.as_uri(): "full", good.as_uri(): "unchanged"
        }  # fmt: skip
        partial = {"previousResultIds": [], "partialResultToken": "p", "workDoneToken": "w"}
        assert (await client.request("workspace/diagnostic", partial))["items"] == []
        values = [m["params"] for m in client.notifications if m["method"] == "$/progress"]
        assert [v["value"]["items"][0]["uri"] for v in values if v["token"] == "p"] == [bad.as_uri(), good.as_uri()]
        kinds = [v["value"]["kind"] for v in values if v["token"] == "w"]
        assert (kinds[0], kinds[-1]) == ("begin", "end")


async def test_closed_files_are_left_alone_by_default(tmp_path: Path) -> None:
    (tmp_path / "bad.cst").write_text("out nope\n")
    async with workspace(tmp_path) as client:
        assert await client.request("workspace/diagnostic", {"previousResultIds": []}) == {"items": []}


async def test_a_client_elsewhere_reads_no_files_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "secret.cst").write_text("in secret: Int\nout secret\n")
    async with connect("ws") as client:
        params = {"processId": None, "rootUri": tmp_path.as_uri(), "capabilities": {},
                  "initializationOptions": {"diagnostics": {"workspace": True}}}  # fmt: skip
        await client.request("initialize", params)
        await client.notify("initialized", {})
        assert await names(client, "secret") == []
        assert await client.request("workspace/diagnostic", {"previousResultIds": []}) == {"items": []}
        await client.open("file:///a.cst", "in t: String\nr = acme.text.shout(t)\nout r\n")
        at = {"textDocument": {"uri": "file:///a.cst"}, "position": {"line": 1, "character": 15}}
        assert await client.request("textDocument/definition", at) is None
