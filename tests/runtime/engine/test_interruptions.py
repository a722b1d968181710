"""However a run is interrupted (missing inputs, failing modules, cancelling), it ends as one that never was, and
no call that has succeeded is made again: random programs against the reference."""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import Any

import orjson
import pytest

from constellation.engine.constellation import Constellation
from constellation.engine.result import ExecutionResult, Status
from constellation.stores.suspension import SuspendedExecution
from constellation.types.json import encode
from tests.runtime.compiler.typed_programs import TypedPrograms
from tests.runtime.engine.program_trees import Tree
from tests.runtime.engine.random_trees import RandomTrees
from tests.runtime.engine.reference import Body, Reference
from tests.runtime.engine.test_against_reference import Bench

MOST = 12
"""Interruptions after which nothing is broken or missing any more."""


class Succeeding(Bench):
    """A bench that counts the calls that have succeeded."""

    def _add(self, name: str, signature: str, body: Body) -> None:
        def counted(*values: Any) -> Any:
            self.succeeded[name, repr(values)] += 1
            return body(*values)

        super()._add(name, signature, counted)

    def begin(self, broken: dict[str, str]) -> None:
        super().begin(broken)
        self.succeeded: Counter[tuple[str, str]] = Counter()


def absorbs(tree: Tree) -> bool:
    """Whether a value may depend on a failure that is gone by the end."""
    conditions = [condition for _, condition in tree.outputs if condition is not None]
    whole = [statement.expression for statement in tree.statements] + conditions
    return any(e.options.skip or e.options.fallback is not None for root in whole for e in root.inside())


class Interrupted:
    """One program, run in pieces."""

    def __init__(self, bench: Succeeding, seed: int) -> None:
        self.random = Random(seed)
        self.program = RandomTrees(self.random)
        self.bench = bench
        self.whole: dict[str, Any] = {"maybe": None, **self.program.given, **self.program.rest}
        self.left = dict(self.program.rest)

    async def run(self) -> ExecutionResult:
        """To the end, or to a failure that stays."""
        program, bench = self.program, self.bench
        bench.begin(program.broken)
        given = {name: value for name, value in self.whole.items() if name not in program.rest}
        handle = bench.engine.start(bench.engine.compile(program.tree.text), given)
        if self.random.random() < 0.5:
            bench.shop.clock.call_later(self.random.choice((0.1, 0.6, 1.1)), handle.cancel)
        result = await handle.result()
        for attempt in range(MOST + 1):
            if result.status is Status.COMPLETED:
                break
            result = await self._again(result, last=attempt >= MOST // 2)
        return result

    async def _again(self, result: ExecutionResult, *, last: bool) -> ExecutionResult:
        bench, random = self.bench, self.random
        if last or random.random() < 0.5:
            bench.broken = {}
        more = {name: self.left[name] for name in list(self.left) if last or random.random() < 0.4}
        self.left = {name: value for name, value in self.left.items() if name not in more}
        state = result.suspended_state
        assert state is not None
        kept = SuspendedExecution.from_bytes(state.to_bytes()) if random.random() < 0.3 else result.execution_id
        if not last and random.random() < 0.3:
            bench.shop.clock.call_later(random.choice((0.1, 0.6, 1.1)), lambda: self._cancel(result.execution_id))
        return await bench.engine.resume(kept, more)

    def _cancel(self, execution_id: str) -> None:
        running = self.bench.engine.lifecycle.get(execution_id)
        if running is not None:
            running.cancel()


@pytest.mark.parametrize("count", [500, pytest.param(50_000, marks=pytest.mark.slow)])
async def test_an_interrupted_run_ends_as_one_that_was_not(seed: int, count: int) -> None:
    bench = Succeeding()
    for number in range(count):
        interrupted = Interrupted(bench, seed * 1_000_003 + number)
        tree = interrupted.program.tree
        if absorbs(tree):
            continue
        result = await interrupted.run()
        reference = Reference(tree, interrupted.whole, {})
        shown = f"seed {seed * 1_000_003 + number}\n{tree.text}\n{interrupted.whole}\n{result.error}"
        assert (result.status is Status.FAILED) == bool(reference.failed), shown
        assert dict(result.outputs) == reference.outputs, shown
        assert dict(bench.succeeded) == dict(reference.calls), shown


@pytest.mark.parametrize("count", [300, pytest.param(20_000, marks=pytest.mark.slow)])
async def test_programs_of_every_type_survive_suspension_and_stepping(seed: int, count: int) -> None:
    """Inputs that come one at a time, through JSON, and waves instead of a run: the same outputs, to the byte."""
    engine = Constellation()
    for number in range(count):
        random = Random(seed * 1_000_003 + number)
        program = TypedPrograms(random)
        pipeline = engine.compile(program.text)
        whole = orjson.dumps((await engine.run(pipeline, program.inputs)).to_json()["outputs"])
        first = {name: program.inputs[name] for name, type_ in pipeline.inputs.items() if "Optional" in type_}
        result = await engine.run(pipeline, first)
        for name in random.sample(list(program.inputs), len(program.inputs)):
            if name in first:
                continue
            assert result.suspended_state is not None
            state = SuspendedExecution.from_bytes(result.suspended_state.to_bytes())
            result = await engine.resume(state, {name: program.inputs[name]})
        shown = f"{program.text}\n{program.inputs}"
        assert result.status is Status.COMPLETED, shown
        assert orjson.dumps(result.to_json()["outputs"]) == whole, shown
        async with engine.step(pipeline, program.inputs) as stepper:
            await stepper.step_to_completion()
        stepped = {name: encode(type_)(value) for name, (type_, value) in stepper.outputs.items()}
        assert orjson.dumps(stepped) == whole, shown
