"""A folder of programs: which files count, what they are called, and what a change of one does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from constellation_server.compilation import compile_source
from constellation_server.config import ConfigurationError
from constellation_server.loader import FolderSettings, Loader, LoaderError, watched_changes
from tests.server.serving import Client, serving

UPPER = "in text: String\nresult = Uppercase(text)\nout result"
LOWER = UPPER.replace("Uppercase", "Lowercase")


def loader(client: Client, folder: FolderSettings) -> Loader:
    state = client.server.state
    return Loader(state, folder, partial(compile_source, state))


async def test_every_file_is_counted_once(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.cst").write_text(UPPER)
    (tmp_path / "b.cst").write_text(UPPER)
    (tmp_path / "bad.cst").write_text("in x: Int\nout y")
    (tmp_path / ".hidden.cst").write_text(UPPER)
    (tmp_path / "away.cst").symlink_to("/etc/hostname")
    report = await loader(client, FolderSettings(tmp_path)).load()
    assert (report.loaded, report.skipped, report.failed, report.aliases) == (2, 1, 1, ["a", "b"])
    [message] = report.errors["bad.cst"]
    assert message.startswith("Line 2: ")


async def test_two_files_of_one_name(client: Client, tmp_path: Path) -> None:
    for part, source in (("x", UPPER), ("y", LOWER)):
        (tmp_path / part).mkdir()
        (tmp_path / part / "same.cst").write_text(source)
    report = await loader(client, FolderSettings(tmp_path, recursive=True)).load()
    assert report.errors == {"y/same.cst": ["Alias collision: 'same' already loaded, skipping y/same.cst"]}
    assert (await client.execute("same", text="aB"))["outputs"] == {"result": "AB"}
    named = FolderSettings(tmp_path, recursive=True, alias_strategy="relative-path")
    assert (await loader(client, named).load()).aliases == ["x/same", "y/same"]


async def test_hash_only_gives_no_names(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.cst").write_text(UPPER)
    report = await loader(client, FolderSettings(tmp_path, alias_strategy="hash-only")).load()
    assert (report.loaded, report.aliases) == (1, [])
    assert [row["aliases"] for row in (await client.get("/pipelines")).json["pipelines"]] == [[]]


async def test_fail_on_error_deploys_nothing(client: Client, tmp_path: Path) -> None:
    (tmp_path / "a.cst").write_text(UPPER)
    (tmp_path / "z.cst").write_text("out nothing")
    with pytest.raises(LoaderError, match=r"z\.cst: Line 1: "):
        await loader(client, FolderSettings(tmp_path, fail_on_error=True)).load()
    assert (await client.get("/pipelines")).json["total"] == 0


async def test_a_server_with_a_broken_folder_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "z.cst").write_text("out nothing")
    with pytest.raises(ConfigurationError, match=r"z\.cst"):
        async with serving(pipeline_dir=tmp_path, pipeline_fail_on_error=True):
            pytest.fail("it started")
    with pytest.raises(ConfigurationError, match="no such folder"):
        async with serving(pipeline_dir=tmp_path / "none"):
            pytest.fail("it started")


async def test_changed_broken_and_deleted_files(client: Client, tmp_path: Path) -> None:
    path = (tmp_path / "p.cst").resolve()
    path.write_text(UPPER)
    folder = loader(client, FolderSettings(tmp_path))
    await folder.load()
    path.write_text(LOWER)
    await folder.changed(path)
    assert (await client.execute("p", text="aB"))["outputs"] == {"result": "ab"}
    path.write_text("in text String")
    await folder.changed(path)
    path.unlink()
    await folder.changed(path)
    assert (await client.execute("p", text="aB"))["outputs"] == {"result": "ab"}
    assert len((await client.get("/pipelines/p/versions")).json["versions"]) == 2


async def test_a_changed_file_does_not_interfere_with_a_canary(client: Client, tmp_path: Path) -> None:
    path = (tmp_path / "p.cst").resolve()
    path.write_text(UPPER)
    folder = loader(client, FolderSettings(tmp_path))
    await folder.load()
    await client.post("/pipelines/p/reload", {"source": LOWER, "canary": {}})
    path.write_text("in text: String\nresult = Trim(text)\nout result")
    await folder.changed(path)
    assert len((await client.get("/pipelines/p/versions")).json["versions"]) == 2
    assert (await client.get("/pipelines/p/canary")).status == 200


async def test_the_watcher_survives_every_change(client: Client, tmp_path: Path) -> None:
    path = (tmp_path / "p.cst").resolve()
    folder = loader(client, FolderSettings(tmp_path))

    async def changes(root: Path, interval: float) -> AsyncIterator[set[Path]]:
        yield {root / "never there.cst", Path("/outside.cst")}
        path.write_text(UPPER)
        yield {path}

    await folder.watch(changes)
    assert (await client.execute("p", text="a"))["outputs"] == {"result": "A"}


async def test_a_new_folder_brings_its_files(client: Client, tmp_path: Path) -> None:
    """The system may tell of a folder alone: its files were there before anyone could watch it."""

    async def changes(root: Path, interval: float) -> AsyncIterator[set[Path]]:
        (root / "new/deeper").mkdir(parents=True)
        (root / "new/deeper/p.cst").write_text(UPPER)
        yield {root / "new"}

    await loader(client, FolderSettings(tmp_path, recursive=True)).watch(changes)
    assert (await client.execute("p", text="a"))["outputs"] == {"result": "A"}


async def test_changes_are_noticed(tmp_path: Path) -> None:
    watching = watched_changes(tmp_path.resolve(), 0.05)
    batch = asyncio.ensure_future(anext(aiter(watching)))
    try:
        for number in range(200):
            (tmp_path / "p.cst").write_text(f"# {number}")
            done, _ = await asyncio.wait({batch}, timeout=0.1)
            if done:
                break
        assert (tmp_path / "p.cst").resolve() in batch.result()
    finally:
        batch.cancel()
