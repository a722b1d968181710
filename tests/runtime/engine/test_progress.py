"""Maximum progress: what runs, what waits, and what a failure spares."""

# pyright: reportUnknownLambdaType=false, reportUnknownArgumentType=false

from __future__ import annotations

import asyncio

import pytest

from constellation.engine.errors import (
    MissingInputError,
    ModuleNotFoundError_,
    ModuleSignatureChangedError,
    RunFailed,
    UnexpectedInputError,
)
from constellation.engine.result import Status
from constellation.types.values import NONE, Some
from tests.runtime.engine.workshop import Workshop, echo


async def test_a_failure_blocks_only_what_depends_on_it() -> None:
    shop = Workshop().failing("Explode(v: Int) -> Int").module("Keep(v: Int) -> Int", echo)
    async with shop.engine() as engine:
        result = await engine.run_source(
            "in x: Int\nbad = Explode(x)\nafter = Keep(bad)\ngood = Keep(x)\nout after\nout good\n", {"x": 1}
        )
    assert result.status is Status.FAILED
    assert result.outputs == {"good": 1}
    assert result.pending_outputs == ("after",)
    assert [(e.node_name, e.module_name, e.message) for e in result.errors] == [
        ("bad", "Explode", "Module 'Explode' execution failed: kaboom")
    ]
    assert shop.calls == {"Explode": 1, "Keep": 1}


async def test_errors_come_in_the_order_of_the_text_not_of_time() -> None:
    shop = Workshop().sleeping("Late(v: Int) -> Int", 1.0, lambda v: 1 // 0).failing("Soon(v: Int) -> Int", "soon")
    async with shop.engine() as engine:
        result = await engine.run_source("in x: Int\na = Late(x)\nb = Soon(x)\nout a\nout b\n", {"x": 1})
    assert [e.node_name for e in result.errors] == ["a", "b"]
    assert result.error is not None and "; " in result.error


async def test_an_operator_failure_names_the_variable() -> None:
    async with Workshop().engine() as engine:
        result = await engine.run_source("in a: Int\nin b: Int\nq = a / b\nout q\n", {"a": 1, "b": 0})
    assert [e.message for e in result.errors] == ["Operation failed in 'q': division by zero"]
    with pytest.raises(RunFailed, match="division by zero"):
        result.raise_for_status()


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("a + 1", "integer overflow"),
        ("a * 2", "integer overflow"),
        ("0 - a - 2", "integer overflow"),
        ("a / 0", "division by zero"),
        ("(0 - a - 1) / (0 - 1)", "integer overflow"),
    ],
)
async def test_integers_are_64_bit(expression: str, problem: str) -> None:
    async with Workshop().engine() as engine:
        result = await engine.run_source(f"in a: Int\nr = {expression}\nout r\n", {"a": 2**63 - 1})
    assert problem in str(result.error)


@pytest.mark.parametrize(
    "program",
    [
        'in s: String\nr = "${s}${s}"\nout r\n',
        'in s: String\nr = "' + "${s}" * 20_000 + '"\nout r\n',
        'in s: String\na = [s, s, s, s]\nb = [a, a, a, a]\nc = [b, b, b, b]\nr = "all: ${c}"\nout r\n',
        'in s: String\na = map([1], n => "${s}${n}${s}")\nr = "${a}"\nout r\n',
    ],
)
async def test_a_text_that_grows_too_long_is_refused_before_it_takes_the_memory(program: str) -> None:
    async with Workshop().engine() as engine:
        result = await engine.run_source(program, {"s": "x" * 6_000_000})
    assert "result too large: more than 10485760 characters" in str(result.error)


async def test_an_operator_inside_an_argument_is_not_blamed_on_the_call() -> None:
    shop = Workshop().module("Keep(v: Int) -> Int", echo)
    async with shop.engine() as engine:
        result = await engine.run_source("in a: Int\nr = Keep(1 / a)\nout r\n", {"a": 0})
    assert [e.message for e in result.errors] == ["Operation failed in 'r': division by zero"]
    assert shop.calls == {}


async def test_a_nested_conditional_call_that_fails_is_named() -> None:
    shop = Workshop().failing("Explode(v: Int) -> Int")
    async with shop.engine() as engine:
        result = await engine.run_source("in a: Int\nr = if (a > 0) Explode(a) else 1\nout r\n", {"a": 1})
    assert [e.message for e in result.errors] == ["Module 'Explode' execution failed: kaboom"]


async def test_a_lambda_body_that_fails_names_the_element() -> None:
    async with Workshop().engine() as engine:
        result = await engine.run_source("in xs: List<Int>\nr = map(xs, (x) => 6 / x)\nout r\n", {"xs": [1, 0]})
    assert [e.message for e in result.errors] == ["Module 'map' execution failed: element 1: division by zero"]


async def test_elements_that_call_a_waiting_module_run_side_by_side() -> None:
    shop = Workshop().sleeping("Slow(v: Int) -> Int", 1.0, lambda v: v * 10)
    async with shop.engine() as engine:
        before = shop.clock.now()
        result = await engine.run_source("in xs: List<Int>\nr = map(xs, (x) => Slow(x))\nout r\n", {"xs": [3, 1, 2]})
        assert shop.clock.now() - before == pytest.approx(1.0)
    assert result["r"] == [30, 10, 20]


async def test_finished_elements_are_not_repeated() -> None:
    shop = Workshop()

    async def sometimes(v: int) -> int:
        if v == 2 and shop.arguments.count(("Some", (2,))) == 1:
            raise RuntimeError("not yet")
        return v

    shop.module("Some(v: Int) -> Int", sometimes, waits=True)
    async with shop.engine() as engine:
        failed = await engine.run_source("in xs: List<Int>\nr = map(xs, (x) => Some(x))\nout r\n", {"xs": [1, 2, 3]})
        assert failed.status is Status.FAILED
        healed = await engine.resume(failed.execution_id)
        assert healed["r"] == [1, 2, 3]
    assert shop.arguments.count(("Some", (1,))) == 1
    assert shop.arguments.count(("Some", (2,))) == 2


async def test_a_conditional_waits_only_for_what_it_selects() -> None:
    shop = Workshop().sleeping("Slow(v: Int) -> Int", 3.0, echo).sleeping("After(v: Int) -> Int", 2.0, echo)
    source = "in f: Boolean\nslow = Slow(1)\nq = if (f) 5 else slow\nr = After(q)\nout r\n"
    for flag, expected in ((True, 3.0), (False, 5.0)):
        async with shop.engine() as engine:
            before = shop.clock.now()
            await engine.run_source(source, {"f": flag})
            assert shop.clock.now() - before == pytest.approx(expected)


async def test_lazy_bindings_run_once_when_forced() -> None:
    shop = Workshop().sleeping("Heavy(v: Int) -> Int", 1.0, echo)
    source = "in w: Boolean\nh = Heavy(4) with lazy\na = if (w) h else 0\nb = (h when w) ?? 0\nout a\nout b\n"
    async with shop.engine() as engine:
        assert (await engine.run_source(source, {"w": False})).outputs == {"a": 0, "b": 0}
        assert shop.calls["Heavy"] == 0
        assert (await engine.run_source(source, {"w": True})).outputs == {"a": 4, "b": 4}
        assert shop.calls["Heavy"] == 1


async def test_on_missing_error_refuses_before_anything_runs() -> None:
    shop = Workshop().module("Keep(v: Int) -> Int", echo)
    async with shop.engine() as engine:
        with pytest.raises(MissingInputError, match="Missing required input: 'y'"):
            await engine.run_source("in x: Int\nin y: Int\na = Keep(x)\nout a\nout y\n", {"x": 1}, on_missing="error")
    assert not shop.calls


async def test_an_unknown_input_is_refused_with_a_suggestion() -> None:
    async with Workshop().engine() as engine:
        with pytest.raises(UnexpectedInputError, match="Did you mean 'name'"):
            await engine.run_source("in name: String\nout name\n", {"nmae": "x"})


async def test_a_module_that_is_gone_or_changed_is_named() -> None:
    shop = Workshop().module("Keep(v: Int) -> Int", echo)
    async with shop.engine() as engine:
        pipeline = engine.compile("in x: Int\na = Keep(x)\nout a\n")
        engine.unregister("Keep")
        with pytest.raises(ModuleNotFoundError_, match="'Keep'"):
            await engine.run(pipeline, {"x": 1})
        engine.register(*Workshop().module("Keep(v: String) -> Int", len).modules)
        with pytest.raises(ModuleSignatureChangedError, match="'Keep' changed its signature"):
            await engine.run(pipeline, {"x": 1})
        engine.register(*shop.modules)
        assert (await engine.run(pipeline, {"x": 1}))["a"] == 1


async def test_deep_and_wide_programs() -> None:
    deep = "1"
    for _ in range(120):
        deep = f"(if (x > 0) {deep} else 2)"
    chain = " + ".join(["x"] * 240)
    cases = ", ".join(f"x > {1000 - i} -> {i}" for i in range(150))
    async with Workshop().module("Keep(v: Int) -> Int", echo).engine() as engine:
        assert (await engine.run_source(f"in x: Int\nr = {deep}\nout r\n", {"x": 1}))["r"] == 1
        assert (await engine.run_source(f"in x: Int\nr = {chain}\nout r\n", {"x": 2}))["r"] == 480
        source = f"in x: Int\nr = branch {{ {cases}, otherwise -> 0 - 1 }}\nout r\n"
        assert (await engine.run_source(source, {"x": 900}))["r"] == 101
        many = "in x: Int\n" + "".join(f"b{i} = Keep(x) + {i}\n" for i in range(700)) + "out b699\n"
        assert (await engine.run_source(many, {"x": 1}))["b699"] == 700


async def test_deeply_nested_calls_in_conditionals() -> None:
    deep = "Keep(1)"
    for i in range(100):
        deep = f"(if (Keep(x) > {i % 2}) {deep} else Keep(2))"
    async with Workshop().module("Keep(v: Int) -> Int", echo).engine() as engine:
        assert (await engine.run_source(f"in x: Int\nr = {deep}\nout r\n", {"x": 5}))["r"] == 1


async def test_no_task_survives_a_run() -> None:
    shop = Workshop().sleeping("Slow(v: Int) -> Int", 5.0, echo).failing("Explode(v: Int) -> Int")
    async with shop.engine() as engine:
        before = asyncio.all_tasks()
        await engine.run_source("in x: Int\na = Slow(x)\nb = Slow(x)\nc = Explode(x)\nout a\nout b\n", {"x": 1})
        assert asyncio.all_tasks() == before
        task = asyncio.ensure_future(engine.run_source("in x: Int\na = Slow(x)\nb = Slow(x)\nout a\n", {"x": 1}))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == before
        assert engine.lifecycle.inflight_count == 0


@pytest.mark.parametrize(
    ("expression", "status", "calls"),
    [
        ("if (f) Keep(y) + Bad(2) + Keep(3) else 0", Status.FAILED, {"Bad": 1, "Keep": 1}),
        ("if (f) Bad(1) + Keep(2) else 0", Status.FAILED, {"Bad": 1, "Keep": 1}),
        ("if (f) (6 / z) + Keep(2) else 0", Status.FAILED, {"Keep": 1}),
        ("Keep(y) + (6 / z)", Status.FAILED, {}),
        ("sum(map([1, 2], (p) => Bad(p) + Keep(p)))", Status.FAILED, {"Bad": 2, "Keep": 2}),
        ("sum(map([1, 2], (p) => Bad(p) + Slow(p)))", Status.FAILED, {"Bad": 2, "Slow": 2}),
        ("if (f) lazy1 + lazy2 else 0", Status.SUSPENDED, {"Keep": 1}),
        ("if (f) sum(map([1], (p) => p + lazy1 + lazy2)) else 0", Status.SUSPENDED, {"Keep": 1}),
        ("Bad(1) with fallback: Keep(y) + Keep(2)", Status.FAILED, {"Bad": 1, "Keep": 1}),
    ],
)
async def test_an_operand_without_a_value_spares_those_beside_it(
    expression: str, status: Status, calls: dict[str, int]
) -> None:
    shop = Workshop().module("Keep(v: Int) -> Int", echo).failing("Bad(v: Int) -> Int")
    shop.sleeping("Slow(v: Int) -> Int", 1.0, echo)
    source = "in f: Boolean\nin y: Int\nin z: Int\nlazy1 = Keep(y) with lazy\nlazy2 = Keep(4) with lazy\n"
    async with shop.engine() as engine:
        result = await engine.run_source(f"{source}r = {expression}\nout r\n", {"f": True, "z": 0})
    assert result.status is status
    assert shop.calls == calls
    assert result.missing_inputs == {"y": "Int"}


async def test_failures_beside_each_other_are_all_reported() -> None:
    shop = Workshop().failing("Bad(v: Int) -> Int").failing("Worse(v: Int) -> Int", "worse")
    async with shop.engine() as engine:
        result = await engine.run_source(
            "in x: Int\nr = if (x > 0) Bad(x) + Worse(x) + 1 / (x - 1) else 0\nout r\n", {"x": 1}
        )
    assert [error.message for error in result.errors] == [
        "Operation failed in 'r': division by zero",
        "Module 'Bad' execution failed: kaboom",
        "Module 'Worse' execution failed: worse",
    ]


@pytest.mark.parametrize(
    ("expression", "value", "calls"),
    [
        ("and(Test(0), Test(1))", False, 1),
        ("and(Test(0), Test(1)) with retry: 2", False, 1),
        ("and(Test(1), Test(0)) with on_error: skip", False, 2),
        ("or(Test(1), Test(0)) with cache: 1min", True, 1),
        ("or(Test(0), Test(1)) with concurrency: 2, fallback: false", True, 2),
        ("(coalesce(Maybe(1), 5) with timeout: 1s) == 1", True, 1),
        ("(coalesce(Maybe(0), Maybe(1) ?? 5) with retry: 1) == 1", True, 2),
    ],
)
async def test_call_forms_of_operators_decide_early_with_options_too(expression: str, value: bool, calls: int) -> None:
    shop = Workshop().module("Test(v: Int) -> Boolean", bool)
    shop.module("Maybe(v: Int) -> Optional<Int>", lambda v: Some(v) if v else NONE)
    async with shop.engine() as engine:
        result = await engine.run_source(f"in x: Int\nr = {expression}\nout r\n", {"x": 1})
        assert result.error is None
    assert result["r"] is value
    assert sum(shop.calls.values()) == calls
