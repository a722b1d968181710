"""Runs the cases whose subject is a program: the language, stdlib, cookbook and runtime formats.

Every case gets a fresh engine on a virtual clock. `run_case` returns None when the case holds, otherwise what was
expected and what came. The formats are described at the head of each YAML file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from constellation.engine.constellation import Constellation
from constellation.errors import ConstellationError
from constellation.modules.module import Execution, Module
from constellation.stdlib.demo import demo_modules
from constellation.testing.clock import FakeClock
from constellation.testing.expectations import Unmet, check_outputs, check_result
from constellation.types.json import decode, encode
from constellation.types.model import Type
from constellation.types.notation import parse_type
from constellation.types.signature import FunctionSpec, Parameter, Signature
from tests.conformance.cases import Case


async def run_case(suite: str, case: Case) -> str | None:
    """None when the case holds, otherwise a message."""
    try:
        if suite == "language":
            await _language(case)
        elif suite in {"stdlib", "cookbook"}:
            await _program(case, demo_modules(delay_scale=0.0))
        elif "same_structural_hash" in case or "different_structural_hash" in case:
            _hashes(case)
        else:
            await _runtime(case)
    except Unmet as unmet:
        return str(unmet)
    return None


# ------------------------------------------------------------------------------------------------- language


async def _language(case: Case) -> None:
    modules = [_signature_only(f) for f in case.get("functions", ())]
    async with Constellation(modules=modules, clock=FakeClock()) as engine:
        compilation = engine.compile_result(case["source"])
        errors = [d for d in compilation.diagnostics if d.severity == "error"]
        if "errors" in case:
            _expect_errors(case, errors, others_allowed=False)
            return
        if errors:
            raise Unmet(f"expected the program to be accepted, got {_listing(case['source'], errors)}")
        if "types" in case:
            _expect_types(case["types"], compilation.checked)
        if "outputs" in case:
            result = await engine.run_source(case["source"], case.get("inputs", {}))
            check_outputs(case["outputs"], result)


def _expect_types(expected: Mapping[str, str], checked: Any) -> None:
    found: dict[str, Type] = {i.name: i.type for i in checked.graph.inputs}
    found.update({b.name: b.expression.type for b in checked.graph.bindings})
    for name, text in expected.items():
        if found.get(name) != parse_type(text):
            raise Unmet(f"expected {name}: {text}, got {found.get(name)}")


def _expect_errors(case: Case, errors: Iterable[Any], *, others_allowed: bool) -> None:
    source: str = case["source"]
    left = list(errors)
    for wanted in case["errors"]:
        match = next((e for e in left if _is_error(source, e, wanted)), None)
        if match is None:
            raise Unmet(f"expected error {json.dumps(wanted)}, got {_listing(source, errors)}")
        left.remove(match)
    codes = {w["code"] for w in case["errors"]}
    stray = [e for e in left if e.code not in codes]
    if stray and not others_allowed:
        raise Unmet(f"expected no other errors, got {_listing(source, stray)}")


def _is_error(source: str, error: Any, wanted: Mapping[str, Any]) -> bool:
    line, column = _place(source, error.start)
    return bool(
        error.code == wanted["code"]
        and wanted.get("line", line) == line
        and wanted.get("column", column) == column
        and wanted.get("contains", "") in error.message
    )


def _place(source: str, offset: int) -> tuple[int, int]:
    before = source[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _listing(source: str, errors: Iterable[Any]) -> str:
    rows = ["{}:{} {} {}".format(*_place(source, e.start), e.code, e.message) for e in errors]
    return "; ".join(rows) or "no errors"


# ------------------------------------------------------------------------------------- stdlib and cookbook


async def _program(case: Case, modules: Iterable[Module]) -> None:
    async with Constellation(modules=list(modules), clock=FakeClock()) as engine:
        if "errors" in case:
            diagnostics = engine.compile_result(case["source"]).diagnostics
            _expect_errors(case, [d for d in diagnostics if d.severity == "error"], others_allowed=True)
            return
        result = await _run(engine, case)
        check_result(case, result)
        for step in case.get("resume", ()):
            result = await engine.resume(result.execution_id, step["inputs"])
            check_result(step, result)


async def _run(engine: Constellation, case: Case) -> Any:
    compilation = engine.compile_result(case["source"])
    if compilation.image is None:
        raise Unmet(f"does not compile: {_listing(case['source'], compilation.diagnostics)}")
    return await engine.run(engine.pipeline_of(compilation.image), case.get("inputs") or {})


# -------------------------------------------------------------------------------------------------- runtime


async def _runtime(case: Case) -> None:
    clock = FakeClock()
    calls: dict[str, int] = {}
    modules = [_behaving(m, clock, calls) for m in case.get("modules", ())]
    async with Constellation(modules=modules, clock=clock) as engine:
        started = clock.now()
        state: Any = None
        try:
            result = await _run(engine, case)
        except (ConstellationError, Unmet) as refused:
            _expect_refusal(case, refused)
        else:
            check_result(case, result)
            state = result.suspended_state
        _expect_calls(case, calls)
        _expect_time(case, (clock.now() - started) * 1000)
        for step in case.get("then_resume", ()):
            state = await _resume(engine, state, step, calls)


async def _resume(engine: Constellation, state: Any, step: Mapping[str, Any], calls: Mapping[str, int]) -> Any:
    try:
        result = await engine.resume(state, step.get("inputs", {}), resolved_nodes=step.get("resolved_nodes", {}))
    except ConstellationError as refused:
        _expect_refusal(step, refused)
        _expect_calls(step, calls)
        return state
    check_result(step, result)
    _expect_calls(step, calls)
    return result.suspended_state


def _expect_refusal(expected: Mapping[str, Any], refused: Exception) -> None:
    if expected.get("status", "completed") != "failed":
        raise Unmet(f"expected status {expected.get('status')}, got a refusal: {refused}")
    if expected.get("error_contains", "") not in str(refused):
        raise Unmet(f"expected an error containing {expected['error_contains']!r}, got {refused}")
    if expected.get("outputs"):
        raise Unmet(f"expected outputs {expected['outputs']!r}, got a refusal: {refused}")


def _expect_calls(expected: Mapping[str, Any], calls: Mapping[str, int]) -> None:
    for name, count in expected.get("calls", {}).items():
        if calls.get(name, 0) != count:
            raise Unmet(f"expected {count} calls of {name}, got {calls.get(name, 0)}")


def _expect_time(expected: Mapping[str, Any], elapsed_ms: float) -> None:
    if elapsed_ms < expected.get("min_ms", 0) or elapsed_ms > expected.get("max_ms", math.inf):
        bounds = f"{expected.get('min_ms', 0)} to {expected.get('max_ms', '∞')} ms"
        raise Unmet(f"expected {bounds} of virtual time, took {elapsed_ms:.0f} ms")


def _hashes(case: Case) -> None:
    engine = Constellation(modules=[_signature_only(m) for m in case.get("modules", ())])
    same = "same_structural_hash" in case
    seen: dict[str, int] = {}
    for number, source in enumerate(case["same_structural_hash" if same else "different_structural_hash"]):
        compilation = engine.compile_result(source)
        if compilation.image is None:
            raise Unmet(f"source {number} does not compile: {_listing(source, compilation.diagnostics)}")
        digest = compilation.image.structural_hash
        if not same and digest in seen:
            raise Unmet(f"expected different hashes, sources {seen[digest]} and {number} have the same")
        seen[digest] = number
    if same and len(seen) != 1:
        raise Unmet(f"expected one hash, got {len(seen)}")


# ---------------------------------------------------------------------------------------------- test modules


def spec_of(name: str, parameters: Iterable[Iterable[str]], returns: str) -> FunctionSpec:
    """The specification of a function given in the files' notation."""
    namespace, _, last = name.rpartition(".")
    taken = tuple(Parameter(n, parse_type(t)) for n, t in parameters)
    signature = Signature(taken, parse_type(returns))
    return FunctionSpec(name, namespace, last, (signature,), (last,), generic="|" in str(signature))


def _signature_only(entry: Mapping[str, Any]) -> Module:
    def bind(overload: int, parameter_types: tuple[Type, ...], returns: Type) -> Callable[..., Any]:
        def never(*arguments: Any) -> Any:
            raise AssertionError(f"{entry['name']} has no implementation")

        return never

    return Module(spec_of(entry["name"], entry["params"], entry["returns"]), bind)


def _behaving(entry: Mapping[str, Any], clock: FakeClock, calls: dict[str, int]) -> Module:
    spec = spec_of(entry["name"], entry["params"], entry["returns"])
    behaviour: Mapping[str, Any] = entry["behaviour"]
    names = [p.name for p in spec.overloads[0].parameters]

    def bind(overload: int, parameter_types: tuple[Type, ...], returns: Type) -> Callable[..., Any]:
        def value(plain: Any) -> Any:
            return decode(returns)(plain)

        async def body(*arguments: Any) -> Any:
            count = calls[spec.name] = calls.get(spec.name, 0) + 1
            if "sleep_ms" in behaviour:
                await clock.sleep(behaviour["sleep_ms"] / 1000)
            if "echo" in behaviour:
                at = names.index(behaviour["echo"])
                return value(encode(parameter_types[at])(arguments[at]))
            if "fail" in behaviour:
                raise RuntimeError(behaviour["fail"])
            if count <= behaviour.get("fail_times", 0):
                raise RuntimeError(f"attempt {count} failed")
            return value(count if "count" in behaviour else behaviour.get("const", behaviour.get("then")))

        return body

    return Module(spec, bind, Execution.ASYNC)
