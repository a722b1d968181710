"""The engine without an event loop: everything the asynchronous one can be awaited for."""

from __future__ import annotations

import inspect

import pytest

from constellation.engine.constellation import Constellation as AsyncConstellation
from constellation.sync import Constellation
from constellation.versions import CanaryConfig

DOUBLE = "in n: Int\nm = n * 2\nout m\n"
TRIPLE = DOUBLE.replace("2", "3")


def test_every_coroutine_of_the_engine_has_a_blocking_twin() -> None:
    with Constellation() as engine:
        for name, found in inspect.getmembers(AsyncConstellation):
            if not name.startswith("_") and inspect.iscoroutinefunction(found):
                twin = getattr(engine, name)
                assert callable(twin) and not inspect.iscoroutinefunction(twin), name


def test_deploying_versions_and_canaries() -> None:
    with Constellation() as engine:
        engine.deploy(DOUBLE, "p")
        second = engine.deploy(TRIPLE, "p")
        assert (second.version, engine.run("p", {"n": 2})["m"], engine.run("p@v1", {"n": 2})["m"]) == (2, 6, 4)
        assert [v.version for v in engine.versions.list_versions("p")] == [2, 1]
        assert engine.versions.set_active_version("p", 1)
        assert engine.run("p", {"n": 2})["m"] == 4
        engine.deployments.compare("p", None, 2, CanaryConfig(initial_weight=1.0, auto_promote=False))
        assert engine.run("p", {"n": 2})["m"] == 6
        assert engine.router.canary("p") is not None
        engine.deployments.abort("p", "manual")
        assert engine.run("p", {"n": 2})["m"] == 4


def test_compiling_and_finding() -> None:
    with Constellation() as engine:
        pipeline = engine.compile_async(DOUBLE, "p")
        digest = engine.store(pipeline)
        assert engine.pipeline(digest).structural_hash == digest
        assert engine.compile_cache.statistics()["loadCount"] == 1


def test_results_as_they_come_and_events() -> None:
    with Constellation() as engine:
        pipeline = engine.compile(DOUBLE)
        rows = {"a": {"n": 1}, "b": {"n": 2}}
        assert {key: result["m"] for key, result in engine.map_unordered(pipeline, rows)} == {"a": 2, "b": 4}
        assert [r["m"] for r in engine.map(pipeline, [{"n": 3}])] == [6]


def test_stepping() -> None:
    with Constellation() as engine, engine.step(engine.compile(DOUBLE), {"n": 4}) as stepper:
        assert stepper.step() is not None
        stepper.step_to_completion()
        assert [value for _, value in stepper.outputs.values()] == [8]


def test_what_the_engine_does_not_have_the_twin_does_not_have_either() -> None:
    with Constellation() as engine, pytest.raises(AttributeError, match="nothing_of_the_kind"):
        engine.nothing_of_the_kind()
