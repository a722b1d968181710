"""The pipeline store in a folder: layout, restart, damage, two stores on one folder."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from constellation.stores.files import FileSystemPipelineStore
from constellation.stores.protocols import PipelineInUse, ReadOnlyStore, StoreError, UnknownImageError
from tests.runtime.stores.images import image_of


async def stored(folder: Path, count: int = 3) -> FileSystemPipelineStore:
    store = FileSystemPipelineStore(folder)
    for number in range(count):
        digest = await store.store(image_of(number))
        await store.alias(f"p{number}", digest)
        await store.index_syntactic(image_of(number).syntactic_hash, "r", digest)
    return store


async def test_layout_is_the_documented_one(tmp_path: Path) -> None:
    await stored(tmp_path)
    digests = {image_of(n).structural_hash for n in range(3)}
    assert {p.stem for p in (tmp_path / "images").iterdir()} == digests
    assert json.loads((tmp_path / "aliases.json").read_text()) == {
        f"p{n}": image_of(n).structural_hash for n in range(3)
    }
    assert set(json.loads((tmp_path / "syntactic_index.json").read_text()).values()) == digests


async def test_everything_is_there_after_a_restart(tmp_path: Path) -> None:
    await stored(tmp_path)
    again = FileSystemPipelineStore(tmp_path)
    for number in range(3):
        image = await again.get_by_name(f"p{number}")
        assert image is not None
        assert image.graph == image_of(number).graph
        assert image.source == image_of(number).source
        assert await again.lookup_syntactic(image.syntactic_hash, "r") == image.structural_hash
        assert await again.resolve_ref(f"sha256:{image.structural_hash.upper()}") == image.structural_hash


async def test_the_same_image_has_the_same_bytes_in_every_store(tmp_path: Path) -> None:
    for name in ("a", "b"):
        await FileSystemPipelineStore(tmp_path / name).store(image_of(1))
    one, other = (next((tmp_path / name / "images").iterdir()).read_bytes() for name in ("a", "b"))
    assert one == other


async def test_moving_an_alias_with_compare_and_set(tmp_path: Path) -> None:
    store = await stored(tmp_path)
    old, new = image_of(0).structural_hash, image_of(1).structural_hash
    await store.alias("p0", new, expect=old)
    with pytest.raises(StoreError, match="expected"):
        await store.alias("p0", old, expect=old)
    assert await store.resolve("p0") == new
    with pytest.raises(UnknownImageError):
        await store.alias("p0", "f" * 64)


async def test_an_image_in_use_stays(tmp_path: Path) -> None:
    store = await stored(tmp_path)
    digest = image_of(0).structural_hash
    with pytest.raises(PipelineInUse, match="alias 'p0'"):
        await store.remove(digest)
    assert await store.remove(digest, force=True)
    assert await store.get(digest) is None
    assert await store.resolve("p0") is None
    assert await store.lookup_syntactic(image_of(0).syntactic_hash, "r") is None
    assert not await store.remove(digest)


@pytest.mark.parametrize("damage", [b"", b"{", b"null", b'{"format":"constellation-image"}', b"\xff" * 40])
async def test_a_damaged_image_is_set_aside_and_named(tmp_path: Path, damage: bytes) -> None:
    await stored(tmp_path)
    victim = image_of(1).structural_hash
    (tmp_path / "images" / f"{victim}.json").write_bytes(damage)
    again = FileSystemPipelineStore(tmp_path)
    assert await again.get(victim) is None
    assert any(victim in problem for problem in again.problems)
    assert (tmp_path / "images" / "corrupt" / f"{victim}.json").exists()
    assert await again.get_by_name("p2") is not None


async def test_an_image_changed_on_disk_fails_its_hash(tmp_path: Path) -> None:
    await stored(tmp_path)
    victim = image_of(1).structural_hash
    path = tmp_path / "images" / f"{victim}.json"
    path.write_bytes(path.read_bytes().replace(b" and ", b" or "))
    assert await FileSystemPipelineStore(tmp_path).get(victim) is None


@pytest.mark.parametrize("name", ["aliases.json", "syntactic_index.json"])
async def test_a_damaged_index_file_is_kept_aside_and_the_store_opens(tmp_path: Path, name: str) -> None:
    await stored(tmp_path)
    (tmp_path / name).write_text("[1, 2")
    again = FileSystemPipelineStore(tmp_path)
    assert len(await again.list_images()) == 3
    assert await again.list_aliases() == ({} if name == "aliases.json" else await again.list_aliases())
    await again.index_syntactic("s", "r", image_of(0).structural_hash)
    await again.alias("new", image_of(0).structural_hash)
    assert await again.resolve("new") == image_of(0).structural_hash
    assert (tmp_path / f"{name}.bad").read_text() == "[1, 2"


async def test_two_stores_on_one_folder_lose_no_alias(tmp_path: Path) -> None:
    one, other = FileSystemPipelineStore(tmp_path), FileSystemPipelineStore(tmp_path)
    digest = await one.store(image_of(0))
    for number in range(20):
        await (one if number % 2 else other).alias(f"n{number}", digest)
    assert len(await one.list_aliases()) == len(await other.list_aliases()) == 20


async def test_leftovers_of_a_crash_are_removed_but_not_a_writer_at_work(tmp_path: Path) -> None:
    await stored(tmp_path)
    old, young = tmp_path / "images" / ".a.json.1.tmp", tmp_path / "images" / ".b.json.2.tmp"
    old.write_text("half")
    young.write_text("half")
    os.utime(old, (0, 0))
    FileSystemPipelineStore(tmp_path)
    assert (old.exists(), young.exists()) == (False, True)


async def test_read_only_answers_and_refuses(tmp_path: Path) -> None:
    await stored(tmp_path)
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    store = FileSystemPipelineStore(tmp_path, read_only=True)
    assert await store.get_by_name("p0") is not None
    with pytest.raises(ReadOnlyStore):
        await store.alias("x", image_of(0).structural_hash)
    with pytest.raises(ReadOnlyStore):
        await store.store(image_of(9))
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


async def test_eviction_spares_what_is_referred_to(tmp_path: Path) -> None:
    store = FileSystemPipelineStore(tmp_path, max_images=3)
    await store.alias("kept", await store.store(image_of(0)))
    pinned = await store.store(image_of(1))
    store.roots.append(lambda: [(pinned, "execution e1")])
    for number in range(2, 8):
        await store.store(image_of(number))
    assert (await store.stats())["images"] == 3
    assert await store.get_by_name("kept") is not None
    assert await store.get(pinned) is not None
    assert await store.get(image_of(7).structural_hash) is not None


async def test_a_write_that_fails_is_the_callers_error_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await stored(tmp_path)

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(StoreError, match="No space left"):
        await store.alias("late", image_of(0).structural_hash)
    with pytest.raises(StoreError, match="No space left"):
        await store.store(image_of(5))
    monkeypatch.undo()
    assert await store.resolve("late") is None
    assert await store.get(image_of(5).structural_hash) is None
    assert not list(tmp_path.rglob("*.tmp"))


async def test_names_of_any_shape_have_a_history_file(tmp_path: Path) -> None:
    store = FileSystemPipelineStore(tmp_path)
    names = ["a/b", "..", "é" * 256, "x" * 256, "A", "a", "con.txt"]
    for name in names:
        store.version_log.save(name, {"versions": []})
    assert {str(d["name"]) for d in FileSystemPipelineStore(tmp_path).version_log.load()} == set(names)
    assert all(p.parent == tmp_path / "versions" for p in tmp_path.rglob("*.json") if p.name != "store.json")


async def test_names_of_images_that_are_gone_are_reported_and_dropped(tmp_path: Path) -> None:
    await stored(tmp_path)
    aliases = json.loads((tmp_path / "aliases.json").read_text())
    victim = image_of(1).structural_hash
    (tmp_path / "images" / f"{victim}.json").unlink()
    (tmp_path / "aliases.json").write_text(json.dumps({**aliases, "odd": "no hash"}))
    read_only = FileSystemPipelineStore(tmp_path, read_only=True)
    assert await read_only.resolve("p1") is None and await read_only.resolve("odd") is None
    assert "odd" in json.loads((tmp_path / "aliases.json").read_text())
    again = FileSystemPipelineStore(tmp_path)
    assert set(await again.list_aliases()) == {"p0", "p2"}
    assert sorted(p.split("'")[1] for p in again.problems) == ["odd", "p1"]
    assert set(json.loads((tmp_path / "aliases.json").read_text())) == {"p0", "p2"}
