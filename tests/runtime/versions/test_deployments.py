"""Names, versions and canaries over a store of images."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from constellation.versions import CanaryConfig, CanaryConflict, Deployments, NoSuchVersion, Router, Versions


@dataclass(frozen=True)
class Image:
    structural_hash: str


class Images:
    """The smallest store of images."""

    def __init__(self) -> None:
        self.images: dict[str, Image] = {}
        self.aliases: dict[str, str] = {}

    async def store(self, image: Image, /) -> str:
        await asyncio.sleep(0)
        self.images[image.structural_hash] = image
        return image.structural_hash

    async def alias(self, name: str, structural_hash: str, /) -> None:
        await asyncio.sleep(0)
        self.aliases[name] = structural_hash

    async def unalias(self, name: str, /) -> bool:
        return self.aliases.pop(name, None) is not None

    async def resolve(self, name: str, /) -> str | None:
        return self.aliases.get(name)

    async def get(self, structural_hash: str, /) -> Image | None:
        return self.images.get(structural_hash)


class World:
    def __init__(self) -> None:
        self.images = Images()
        self.seconds = 0.0
        self.all = Deployments(self.images, Versions(), Router(), monotonic=lambda: self.seconds)

    async def deploy(self, *hashes: str) -> None:
        for digest in hashes:
            await self.all.deploy("p", Image(digest), source="compile")

    def serves(self) -> tuple[str | None, int | None]:
        active = self.all.versions.active("p")
        return self.images.aliases.get("p"), active.version if active else None


@pytest.fixture
def world() -> World:
    return World()


async def test_deploying_moves_the_name_and_counts(world: World) -> None:
    first = await world.all.deploy("p", Image("a"), source="compile")
    assert (first.previous_hash, first.version, first.changed) == (None, 1, True)
    again = await world.all.deploy("p", Image("a"), source="compile")
    assert (again.version, again.changed) == (1, False)
    second = await world.all.deploy("p", Image("b"), source="compile")
    assert (second.previous_hash, second.version) == ("a", 2)
    assert world.serves() == ("b", 2)


async def test_rolling_back_goes_to_the_next_older_version(world: World) -> None:
    await world.deploy("a", "b", "c")
    done = await world.all.roll_back("p")
    assert (done.previous_version, done.version.version) == (3, 2)
    await world.all.roll_back("p")
    assert world.serves() == ("a", 1)
    with pytest.raises(NoSuchVersion, match="No previous version exists for pipeline 'p'"):
        await world.all.roll_back("p")


async def test_rolling_back_skips_versions_without_image(world: World) -> None:
    await world.deploy("a", "b", "c")
    del world.images.images["b"]
    assert (await world.all.roll_back("p")).version.version == 1
    with pytest.raises(NoSuchVersion, match="Pipeline image for version 2 no longer exists"):
        await world.all.roll_back("p", 2)
    with pytest.raises(NoSuchVersion, match="Version 9 not found"):
        await world.all.roll_back("p", 9)
    with pytest.raises(NoSuchVersion, match="Pipeline 'q' not found"):
        await world.all.roll_back("q")


async def test_a_canary_leaves_the_name_until_it_completes(world: World) -> None:
    await world.deploy("a")
    started = await world.all.try_out("p", Image("b"), CanaryConfig(promotion_steps=(0.5, 1.0)), source="reload")
    assert started.canary is not None
    assert world.serves() == ("a", 1)
    await world.all.promote("p")
    assert world.serves() == ("a", 1)
    await world.all.promote("p")
    assert world.serves() == ("b", 2)
    assert world.all.router.canary("p") is None
    assert world.all.router.last("p") is started.canary


async def test_a_refused_canary_stores_nothing(world: World) -> None:
    with pytest.raises(CanaryConflict, match="no previous version"):
        await world.all.try_out("p", Image("b"), CanaryConfig(), source="reload")
    assert world.images.images == {}
    await world.deploy("a")
    await world.all.try_out("p", Image("b"), CanaryConfig(), source="reload")
    with pytest.raises(CanaryConflict, match="already active for pipeline 'p'"):
        await world.all.try_out("p", Image("c"), CanaryConfig(), source="reload")
    assert set(world.images.images) == {"a", "b"}
    assert len(world.all.versions.list_versions("p")) == 2


async def test_an_unchanged_program_starts_no_canary(world: World) -> None:
    await world.deploy("a")
    done = await world.all.try_out("p", Image("a"), CanaryConfig(), source="reload")
    assert not done.changed and done.canary is None


async def test_recorded_requests_promote_and_roll_back(world: World) -> None:
    await world.deploy("a")
    config = CanaryConfig(min_requests=2, observation_window=10, promotion_steps=(1.0,))
    await world.all.try_out("p", Image("b"), config, source="reload")
    world.seconds = 11
    await world.all.record("p", "b", failed=False, latency_ms=1)
    assert world.serves() == ("a", 1)
    await world.all.record("p", "b", failed=False, latency_ms=1)
    assert world.serves() == ("b", 2)
    await world.all.try_out("p", Image("c"), config, source="reload")
    for _ in range(2):
        await world.all.record("p", "c", failed=True, latency_ms=1)
    assert world.serves() == ("b", 2)
    last = world.all.router.last("p")
    assert last is not None and last.status.value == "rolled_back"


async def test_a_timer_promotes_without_further_requests(world: World) -> None:
    await world.deploy("a")
    config = CanaryConfig(min_requests=1, observation_window=10, promotion_steps=(1.0,))
    await world.all.try_out("p", Image("b"), config, source="reload")
    await world.all.record("p", "b", failed=False, latency_ms=1)
    world.seconds = 10
    await world.all.tick()
    assert world.serves() == ("b", 2)


async def test_deploying_and_rolling_back_end_a_canary(world: World) -> None:
    await world.deploy("a", "b")
    await world.all.try_out("p", Image("c"), CanaryConfig(), source="reload")
    await world.deploy("d")
    last = world.all.router.last("p")
    assert last is not None and last.reason == "superseded"
    await world.all.try_out("p", Image("e"), CanaryConfig(), source="reload")
    done = await world.all.roll_back("p")
    assert done.aborted_canary and world.serves() == ("c", 3)


async def test_a_canary_between_deployed_versions(world: World) -> None:
    await world.deploy("a", "b")
    started = await world.all.compare("p", None, "a", CanaryConfig(initial_weight=0.5))
    assert (started.old.version, started.new.version) == (2, 1)
    await world.all.abort("p", "manual")
    assert world.serves() == ("b", 2)
    with pytest.raises(ValueError, match="the same"):
        await world.all.compare("p", "b", "b", CanaryConfig())


async def test_concurrent_deployments_of_a_name_keep_alias_and_version_together(world: World) -> None:
    await asyncio.gather(*(world.all.deploy("p", Image(f"h{n}"), source="compile") for n in range(20)))
    active = world.all.versions.active("p")
    assert active is not None
    assert active.structural_hash == world.images.aliases["p"]
    assert [v.version for v in world.all.versions.list_versions("p")] == list(range(20, 0, -1))


# ------------------------------------------------------------------------------------- refused and failed


class FailingImages(Images):
    """A store that may stop moving names."""

    broken = False

    async def alias(self, name: str, structural_hash: str, /) -> None:
        if self.broken:
            raise OSError(28, "No space left on device")
        await super().alias(name, structural_hash)


async def test_a_step_the_store_refuses_is_not_taken_and_can_be_taken_later() -> None:
    world = World()
    world.images = images = FailingImages()
    world.all = Deployments(images, Versions(), Router(), monotonic=lambda: world.seconds)
    await world.deploy("a")
    config = CanaryConfig(initial_weight=0.5, promotion_steps=(1.0,), min_requests=1, observation_window=10)
    await world.all.try_out("p", Image("b"), config, source="reload")
    images.broken = True
    with pytest.raises(OSError, match="No space"):
        await world.all.promote("p")
    with pytest.raises(OSError, match="No space"):
        await world.all.abort("p", "manual")
    world.seconds = 11
    await world.all.record("p", "b", failed=False, latency_ms=1)
    canary = world.all.router.canary("p")
    assert canary is not None
    assert (canary.weight, canary.step, canary.status.value, canary.reason) == (0.5, 0, "observing", "")
    assert world.serves() == ("a", 1)
    images.broken = False
    await world.all.tick()
    assert world.serves() == ("b", 2) and world.all.router.canary("p") is None


async def test_a_comparison_with_itself_records_nothing(world: World) -> None:
    await world.deploy("a")
    await world.images.store(Image("x"))
    with pytest.raises(ValueError, match="the same"):
        await world.all.compare("p", "x", "x", CanaryConfig())
    assert len(world.all.versions.list_versions("p")) == 1


async def test_versions_given_by_number_are_the_sides(world: World) -> None:
    await world.deploy("a", "b", "a", "c")
    started = await world.all.compare("p", None, 1, CanaryConfig())
    assert (started.old.version, started.new.version) == (4, 1)
    await world.all.abort("p", "manual")
    started = await world.all.compare("p", 2, 3, CanaryConfig())
    assert (started.old.version, started.new.version) == (2, 3)
    await world.all.abort("p", "manual")
    with pytest.raises(NoSuchVersion, match="Version 9 not found"):
        await world.all.compare("p", None, 9, CanaryConfig())
    del world.images.images["b"]
    with pytest.raises(NoSuchVersion, match="image for version 2 no longer exists"):
        await world.all.compare("p", None, 2, CanaryConfig())


async def test_recording_one_side_does_not_push_out_the_other(world: World) -> None:
    world.all.versions.max_versions = 2
    await world.deploy("a", "b")
    await world.images.store(Image("x"))
    started = await world.all.compare("p", 1, "x", CanaryConfig())
    assert (started.old.version, started.new.version) == (1, 3)
    assert [v.version for v in world.all.versions.list_versions("p")] == [3, 2, 1]


async def test_the_active_version_is_the_side_even_if_another_has_its_image(world: World) -> None:
    await world.deploy("a", "b", "a")
    await world.all.roll_back("p", 1)
    started = await world.all.compare("p", "a", "b", CanaryConfig())
    assert started.old.version == 1


async def test_a_name_that_was_dropped_has_nothing_to_compare_with(world: World) -> None:
    await world.deploy("a")
    await world.all.drop("p")
    with pytest.raises(CanaryConflict, match="no previous version"):
        await world.all.try_out("p", Image("b"), CanaryConfig(), source="reload")
    with pytest.raises(CanaryConflict, match="no previous version"):
        await world.all.compare("p", None, "a", CanaryConfig())


# --------------------------------------------------------------------------------------------- restarting


class Documents:
    """A log of canaries in memory."""

    def __init__(self) -> None:
        self.saved: dict[str, Mapping[str, Any]] = {}
        self.aside: list[str] = []

    def load(self) -> list[Mapping[str, Any]]:
        return list(self.saved.values())

    def save(self, name: str, document: Mapping[str, Any]) -> None:
        self.saved[name] = document

    def remove(self, name: str) -> bool:
        return self.saved.pop(name, None) is not None

    def set_aside(self, name: str, why: str) -> None:
        self.aside.append(name)


async def restarted(world: World, log: Documents) -> Deployments:
    """What a new process makes of the same store, histories and log."""
    again = Deployments(world.images, world.all.versions, Router(), monotonic=lambda: world.seconds)
    again.keep_canaries_in(log)
    return again


async def test_what_was_measured_survives_a_restart(world: World) -> None:
    log = Documents()
    world.all.keep_canaries_in(log)
    await world.deploy("a")
    await world.all.try_out("p", Image("b"), CanaryConfig(min_requests=10), source="reload")
    for number in range(6):
        await world.all.record("p", "ab"[number % 2], failed=number == 1, latency_ms=number)
    await world.all.save_measurements()
    before, after = world.all.router.canary("p"), (await restarted(world, log)).router.canary("p")
    assert before is not None and after is not None
    assert (after.old_metrics, after.new_metrics) == (before.old_metrics, before.new_metrics)
    assert after.new_metrics.requests == 3 and after.new_metrics.failures == 1


async def test_a_canary_whose_name_has_moved_since_has_ended(world: World) -> None:
    log = Documents()
    world.all.keep_canaries_in(log)
    await world.deploy("a")
    await world.all.try_out("p", Image("b"), CanaryConfig(), source="reload")
    left = dict(log.saved)
    await world.deploy("c")
    assert log.saved == {}
    log.saved = left
    assert (await restarted(world, log)).router.canary("p") is None


async def test_documents_that_are_no_canaries_are_set_aside(world: World) -> None:
    log = Documents()
    world.all.keep_canaries_in(log)
    await world.deploy("a")
    await world.all.try_out("p", Image("b"), CanaryConfig(), source="reload")
    await world.all.deploy("r", Image("a"), source="compile")
    good = log.saved["p"]
    log.saved = {"p": good, "q": {"name": "q"}, "r": {**good, "name": "r", "oldVersion": []}}
    again = await restarted(world, log)
    assert list(again.router.active()) == ["p"] and log.aside == ["q", "r"]
