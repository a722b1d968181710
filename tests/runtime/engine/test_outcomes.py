"""What became of each call: in the state of a run, and in the events about it."""

from __future__ import annotations

from typing import Any

import pytest

from constellation.engine.observing import ConstellationBackends, Event
from tests.runtime.engine.workshop import Workshop, echo

SOURCE = """
in x: Int
in y: Int
slow = Slow(x) with timeout: 1s
again = Slow(x) with retry: 1, timeout: 1s
good = Nap(x)
bad = Bad(x)
after = Keep(bad)
waits = Keep(y)
choice = if (x > 0) Keep(1) else Keep(2)
idle = Keep(x) with lazy
pick = if (x > 0) 1 else idle
out good
out waits
"""


def work() -> Workshop:
    shop = Workshop().module("Keep(v: Int) -> Int", echo).failing("Bad(v: Int) -> Int")
    return shop.sleeping("Slow(v: Int) -> Int", 100.0, echo).sleeping("Nap(v: Int) -> Int", 0.5, echo)


async def test_a_state_tells_what_became_of_each_call() -> None:
    async with work().engine() as engine:
        result = await engine.run_source(SOURCE, {"x": 1})
        assert result.suspended_state is not None
        statuses: dict[str, dict[str, Any]] = result.suspended_state.to_json()["moduleStatuses"]
        assert {key: status["tag"] for key, status in statuses.items()} == {
            "slow#1": "Timed", "again#1": "Timed", "good#1": "Fired", "bad#1": "Failed", "after#1": "Unfired",
            "waits#1": "Unfired", "choice#1/a": "Fired", "choice#1/b": "Skipped", "idle#1": "Unfired",
        }  # fmt: skip
        assert statuses["slow#1"]["latency"] == pytest.approx(1000)
        assert statuses["good#1"] == {"tag": "Fired", "latency": 500.0, "attempts": 1}
        resumed = await engine.resume(result.execution_id, {"y": 2})
        assert resumed.suspended_state is not None
        again = resumed.suspended_state.to_json()["moduleStatuses"]
        assert (again["good#1"]["tag"], again["waits#1"]["tag"]) == ("Replayed", "Fired")


async def test_listeners_hear_of_calls_that_are_not_made() -> None:
    events: list[Event] = []
    async with work().engine(backends=ConstellationBackends(listener=events.append)) as engine:
        result = await engine.run_source(SOURCE, {"x": 1})
        skipped = [event.node_key for event in events if event.kind == "module_skipped"]
        assert skipped == ["after#1", "choice#1/b", "idle#1"]
        assert events[-1].kind == "execution_completed"
        events.clear()
        await engine.resume(result.execution_id, {"y": 2})
        assert [e.node_key for e in events if e.kind == "module_skipped"] == skipped
        assert [e.node_key for e in events if e.kind == "module_replayed"] == ["good#1", "choice#1/a"]


async def test_a_call_waits_for_its_other_operands_from_the_moment_it_has_an_input() -> None:
    shop = Workshop().sleeping("Late(v: Int) -> Int", 10.0, echo)
    shop.module("Two(a: Int, b: Int) -> Int", echo, inputs_timeout=3.0)
    source = "in x: Int\nin y: Int\nlate = Late(1)\nr = Two(x, late)\nq = Two(y, late)\nout r\nout q\n"
    async with shop.engine() as engine:
        result = await engine.run_source(source, {"x": 1})
    assert [error.message for error in result.errors] == [
        "Module 'Two' execution failed: Module Two timed out waiting for inputs after 3s"
    ]
    assert result.failed_nodes == ("r",)
    assert result.missing_inputs == {"y": "Int"}
