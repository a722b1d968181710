"""One folder under several stores, files that cannot be read, and what eviction leaves alone."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from constellation.engine.constellation import Constellation
from constellation.stores.files import FileSystemPipelineStore
from constellation.stores.histories import FolderLog
from constellation.stores.memory import InMemoryPipelineStore
from constellation.stores.protocols import StoreError, UnknownImageError
from constellation.versions import Versions
from tests.runtime.stores.images import image_of


def refusing(victim: Path) -> Callable[[Path], bytes]:
    real = Path.read_bytes

    def read(path: Path) -> bytes:
        if path == victim:
            raise OSError(24, "Too many open files")
        return real(path)

    return read


async def test_names_that_cannot_be_read_just_now_are_not_thrown_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = await (first := FileSystemPipelineStore(tmp_path)).store(image_of(0))
    await first.alias("p", digest)
    store = FileSystemPipelineStore(tmp_path)
    await first.alias("r", digest)
    monkeypatch.setattr(Path, "read_bytes", refusing(tmp_path / "aliases.json"))
    with pytest.raises(StoreError, match="Too many open files"):
        await store.resolve("p")
    with pytest.raises(StoreError, match="Too many open files"):
        await store.alias("q", digest)
    monkeypatch.undo()
    assert await store.list_aliases() == {"p": digest, "r": digest}
    assert not (tmp_path / "aliases.json.bad").exists()


async def test_an_image_that_cannot_be_read_just_now_is_not_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = FileSystemPipelineStore(tmp_path)
    digest = await first.store(image_of(0))
    await first.store(image_of(1))
    store = FileSystemPipelineStore(tmp_path)
    monkeypatch.setattr(Path, "read_bytes", refusing(tmp_path / "images" / f"{digest}.json"))
    with pytest.raises(StoreError, match="Too many open files"):
        await store.get(digest)
    assert [image.structural_hash for image in await store.list_images()] == [image_of(1).structural_hash]
    monkeypatch.undo()
    assert await store.get(digest) is not None


async def test_an_index_that_cannot_be_read_just_now_knows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = FileSystemPipelineStore(tmp_path)
    await first.index_syntactic("s", "r", await first.store(image_of(0)))
    store = FileSystemPipelineStore(tmp_path)
    monkeypatch.setattr(Path, "read_bytes", refusing(tmp_path / "syntactic_index.json"))
    assert await store.lookup_syntactic("s", "r") is None
    monkeypatch.undo()
    assert await store.lookup_syntactic("s", "r") == image_of(0).structural_hash


async def test_an_image_of_a_later_version_stays_where_it_is_and_is_named(tmp_path: Path) -> None:
    digest = await FileSystemPipelineStore(tmp_path).store(image_of(0))
    path = tmp_path / "images" / f"{digest}.json"
    later = json.dumps({**json.loads(path.read_bytes()), "formatVersion": 2}).encode()
    path.write_bytes(later)
    store = FileSystemPipelineStore(tmp_path)
    assert await store.get(digest) is None and await store.get(digest) is None
    assert path.read_bytes() == later
    (problem,) = store.problems
    assert digest in problem and "unsupported image format 2" in problem


async def test_a_read_only_store_leaves_damaged_files_alone(tmp_path: Path) -> None:
    first = FileSystemPipelineStore(tmp_path)
    digest = await first.store(image_of(0))
    await first.alias("p", digest)
    Versions(log=first.version_log).record("p", digest, "compile")
    for path in (tmp_path / "aliases.json", tmp_path / "images" / f"{digest}.json", tmp_path / "versions" / "p.json"):
        path.write_text("{")
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    store = FileSystemPipelineStore(tmp_path, read_only=True)
    assert await store.list_aliases() == {}
    assert await store.get(digest) is None
    assert Versions(log=store.version_log).names() == []
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("content", ["{", "[]", '{"name":5}', '{"name":"q"}', '{"name":"p","versions":7}'])
def test_a_damaged_history_is_kept_aside_and_the_others_stay(tmp_path: Path, content: str) -> None:
    log = FileSystemPipelineStore(tmp_path).version_log
    Versions(log=log).record("other", "a" * 64, "compile")
    (tmp_path / "versions" / "p.json").write_text(content)
    versions = Versions(log=FileSystemPipelineStore(tmp_path).version_log)
    assert versions.names() == ["other"]
    assert versions.record("p", "b" * 64, "compile").version == 1
    assert (tmp_path / "versions" / "p.json.bad").read_text() == content


# ----------------------------------------------------------------------------------------------- shared


def test_what_another_process_deployed_is_seen_and_its_numbers_are_not_used_again(tmp_path: Path) -> None:
    one, other = (Versions(log=FileSystemPipelineStore(tmp_path).version_log) for _ in range(2))
    assert one.record("p", "a" * 64, "compile").version == 1
    assert other.record("p", "b" * 64, "compile").version == 2
    assert one.record("p", "c" * 64, "compile").version == 3
    assert [v.structural_hash[0] for v in other.list_versions("p")] == ["c", "b", "a"]
    other.activate("p", 1)
    active = one.active("p")
    assert active is not None and active.version == 1


def record_many(folder: Path, mark: str) -> None:
    """Twenty versions, from a process of its own."""
    versions = Versions(log=FolderLog(folder / "versions", folder / ".lock"), max_versions=0)
    for number in range(20):
        versions.record("p", f"{mark}{number}", "compile")


def test_processes_that_deploy_at_once_lose_no_version(tmp_path: Path) -> None:
    workers = [multiprocessing.get_context("spawn").Process(target=record_many, args=(tmp_path, m)) for m in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = Versions(log=FolderLog(tmp_path / "versions", tmp_path / ".lock")).list_versions("p")
    assert [v.version for v in found] == list(range(40, 0, -1))
    assert {v.structural_hash for v in found} == {f"{m}{n}" for m in "ab" for n in range(20)}


async def test_an_image_another_process_removed_cannot_be_named(tmp_path: Path) -> None:
    one, other = FileSystemPipelineStore(tmp_path), FileSystemPipelineStore(tmp_path)
    digest = await one.store(image_of(0))
    assert await other.remove(digest)
    with pytest.raises(UnknownImageError):
        await one.alias("p", digest)
    assert await one.get(digest) is None


# --------------------------------------------------------------------------------------------- eviction


async def test_versions_of_any_process_are_not_evicted_but_may_be_removed(tmp_path: Path) -> None:
    old = image_of(0)
    engine = Constellation(pipeline_store=FileSystemPipelineStore(tmp_path))
    await engine.deployments.deploy("p", old, source="compile")
    await engine.deployments.deploy("p", image_of(1), source="compile")
    other = FileSystemPipelineStore(tmp_path, max_images=3)
    for number in range(2, 8):
        await other.store(image_of(number))
    assert (await other.stats())["images"] == 3
    assert await other.get(old.structural_hash) is not None
    assert await other.remove(old.structural_hash)


async def test_an_image_on_its_way_to_a_name_is_not_evicted() -> None:
    engine = Constellation(pipeline_store=InMemoryPipelineStore(max_images=1))
    store = engine.pipelines
    real = store.resolve

    async def resolve(name: str) -> str | None:
        await store.store(image_of(9))
        return await real(name)

    store.resolve = resolve  # type: ignore[method-assign]
    done = await engine.deployments.deploy("p", image_of(0), source="compile")
    assert (await store.list_aliases()) == {"p": done.structural_hash}


async def test_hashes_are_hashes_in_either_case(tmp_path: Path) -> None:
    for store in (FileSystemPipelineStore(tmp_path), InMemoryPipelineStore()):
        digest = await store.store(image_of(0))
        await store.alias("p", digest.upper())
        assert await store.resolve("p") == digest
        assert await store.get(digest.upper()) is not None
        assert await store.remove(digest.upper(), force=True)


# ---------------------------------------------------------------------------------------------- listing


async def test_what_another_process_stores_and_removes_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = FileSystemPipelineStore(tmp_path), FileSystemPipelineStore(tmp_path)
    digest = ""
    for number in range(4):
        digest = await one.store(image_of(number))
        assert len(await other.list_hashes()) == number + 1
    moment = time.time_ns() + 10**9
    monkeypatch.setattr(time, "time_ns", lambda: moment)
    assert len(await other.list_hashes()) == len(await other.list_hashes()) == 4
    await one.remove(digest)
    assert digest not in await other.list_hashes()
    assert (await other.stats())["images"] == 3
    assert (await other.stats())["bytes"] == sum(p.stat().st_size for p in (tmp_path / "images").glob("*.json"))


async def test_a_folder_that_is_not_settled_is_not_remembered(tmp_path: Path) -> None:
    store = FileSystemPipelineStore(tmp_path)
    assert await store.list_hashes() == []
    folder = tmp_path / "images"
    before = folder.stat()
    (folder / f"{'a' * 64}.json").write_text("{}")
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert await store.list_hashes() == ["a" * 64], "a change within one tick of the file system's clock"
