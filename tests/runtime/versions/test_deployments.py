"""Names, versions and canaries over a store of images."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

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
