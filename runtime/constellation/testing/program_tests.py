"""Tests that live beside a program: `name.cst.test.yaml` next to `name.cst`, and the program's own `@example` values.

Owns collecting tests and running one. Refuses to print, to decide exit codes, and to read test files (`test_files.py`).
Invariant: every test runs on an engine of its own, so no test sees what another did.

A test file is a list of mappings: `name`, `inputs`, and what `expectations.py` checks (`outputs`, `status`,
`error_contains`, `missing_inputs`, `computed`); `resume` is a list of further steps, each with `inputs` and what is
expected then; `modules` fakes modules by name: `GetUser: {returns: {…}}` or `GetUser: {fails: "no such user"}`.

Pauses between attempts, throttles and time limits pass at once; only the time a module really takes is real time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from constellation.engine.clock import Clock
from constellation.engine.constellation import Constellation
from constellation.engine.result import ExecutionResult
from constellation.image.graph import GraphExpression, GuardNode, ListNode, Literal, RecordNode
from constellation.modules.module import Execution, Implementation, Module
from constellation.testing.clock import FakeClock
from constellation.testing.expectations import Unmet, check_result
from constellation.testing.test_files import TestFileError, read_tests
from constellation.types.json import decode
from constellation.types.model import OptionalType, Type
from constellation.types.problems import ValueRejected
from constellation_grammar.spelling import similar

SUFFIX = ".test.yaml"

EngineFactory = Callable[[Clock], Constellation]
"""Makes an engine on the given clock."""


@dataclass(frozen=True, slots=True)
class ProgramTest:
    """One test of one program. `index` and `line` are its place in the test file, None for a test made of `@example`
    values."""

    program: Path
    name: str
    expected: Mapping[str, Any]
    inputs: Mapping[str, Any]
    index: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test ended: `problem` is None when it passed. `result` is how its last step ended, when it ran at all."""

    test: ProgramTest
    problem: str | None
    seconds: float
    result: ExecutionResult | None = None


def test_file_of(program: Path) -> Path:
    """Where a program's tests live."""
    return program.with_name(program.name + SUFFIX)


test_file_of.__test__ = False  # type: ignore[attr-defined]


def find_programs(paths: Iterable[Path]) -> Iterator[Path]:
    """The programs the paths stand for: a program itself, the one a test file belongs to, all below a folder."""
    seen: set[Path] = set()
    for path in paths:
        for program in _below(path) if path.is_dir() else [_program_of(path)]:
            if program not in seen:
                seen.add(program)
                yield program


def _below(folder: Path) -> list[Path]:
    """The programs below a folder, and those test files speak of; hidden folders left out."""
    files = {*folder.rglob("*.cst"), *map(_program_of, folder.rglob(f"*.cst{SUFFIX}"))}
    return sorted(p for p in files if not any(part.startswith(".") for part in p.relative_to(folder).parts))


def _program_of(path: Path) -> Path:
    return path.with_name(path.name.removesuffix(SUFFIX))


def collect(program: Path, engine: Constellation) -> list[ProgramTest]:
    """The tests of a program: those of its test file, else one made of its `@example` values, else none. Where only
    some inputs have examples, the program is expected to wait for the others.

    Raises TestFileError for an unusable test file and OSError when the program cannot be read.
    """
    path = test_file_of(program)
    if path.exists():
        if not program.exists():
            raise TestFileError(f"{path}: there is no {program.name} beside it")
        written = enumerate(read_tests(path))
        return [ProgramTest(program, t.name, t.fields, t.fields.get("inputs", {}), i, t.line) for i, t in written]
    image = engine.compile_result(program.read_text(encoding="utf-8")).image
    if image is None:
        return [ProgramTest(program, "compiles", {}, {})]
    inputs: dict[str, Any] = {}
    waits = False
    for declared in image.graph.inputs:
        values = [plain for example in declared.examples for plain in _plain(example)]
        if values:
            inputs[declared.name] = values[0]
        else:
            waits = waits or not isinstance(declared.type, OptionalType)
    expected = {"status": "suspended"} if waits else {}
    return [ProgramTest(program, "examples", expected, inputs)] if inputs else []


def _plain(expression: GraphExpression) -> list[Any]:
    """The JSON value of a literal expression in a list of one; an empty list when it is not literal."""
    match expression:
        case Literal(value=value):
            return [value]
        case ListNode(items=items):
            parts = [_plain(item) for item in items]
            return [[p[0] for p in parts]] if all(parts) else []
        case RecordNode(fields=fields):
            pairs = [(f.name, _plain(f.value)) for f in fields]
            return [{name: value[0] for name, value in pairs}] if all(v for _, v in pairs) else []
        case GuardNode(value=value, condition=Literal(value=holds)):
            return _plain(value) if holds else [None]
        case _:
            inner: GraphExpression | None = getattr(expression, "value", None)
            return _plain(inner) if type(expression).__name__ == "ConvertNode" and inner is not None else []


async def run_test(test: ProgramTest, make_engine: EngineFactory) -> Outcome:
    """Run one test on a new engine."""
    started = time.perf_counter()
    result: ExecutionResult | None = None
    clock = FakeClock(held_runs=True)
    try:
        async with make_engine(clock) as engine:
            _take_real_time(engine, clock)
            _install_fakes(engine, test.expected.get("modules", {}))
            result = await _first(engine, test)
            check_result(test.expected, result)
            for step in test.expected.get("resume", ()):
                result = await engine.resume(result.execution_id, step.get("inputs") or {})
                check_result({key: value for key, value in step.items() if value is not None}, result)
        problem = None
    except Unmet as unmet:
        problem = str(unmet)
    except Exception as error:
        problem = getattr(error, "message", None) or str(error) or type(error).__name__
    return Outcome(test, problem, time.perf_counter() - started, result)


def _take_real_time(engine: Constellation, clock: FakeClock) -> None:
    """While a module that awaits something runs, time passes as it really does."""

    def bound(module: Module) -> Callable[..., Implementation]:
        def bind(overload: int, parameter_types: tuple[Type, ...], returns: Type) -> Implementation:
            body = module.bind(overload, parameter_types, returns)

            async def held(*arguments: object) -> object:
                release = clock.hold()
                try:
                    return await body(*arguments)
                finally:
                    release()

            return held

        return bind

    for module in list(engine.modules):
        if module.execution is Execution.ASYNC:
            engine.register(replace(module, bind=bound(module)))


async def _first(engine: Constellation, test: ProgramTest) -> ExecutionResult:
    compilation = engine.compile_result(test.program.read_text(encoding="utf-8"))
    if compilation.image is None:
        from constellation.compiler.rendering import line_message

        source = test.program.read_text(encoding="utf-8")
        errors = [line_message(d, source) for d in compilation.diagnostics if d.severity == "error"]
        raise Unmet("does not compile: " + "; ".join(errors))
    return await engine.run(engine.pipeline_of(compilation.image), dict(test.inputs))


def _install_fakes(engine: Constellation, fakes: Mapping[str, Any]) -> None:
    for name, fake in fakes.items():
        if name not in engine.modules:
            near = similar(name, sorted({spelling for module in engine.modules for spelling in module.spec.spellings}))
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise Unmet(f"cannot fake '{name}': there is no such module{hint}")
        engine.register(_fake(name, engine.modules[name], fake))


def _fake(name: str, module: Module, fake: dict[str, Any]) -> Module:
    def bind(overload: int, parameter_types: tuple[Type, ...], returns: Type) -> Callable[..., object]:
        try:
            value = decode(returns)(fake["returns"]) if "returns" in fake else None
        except ValueRejected as rejected:
            raise Unmet(f"the fake of '{name}' does not return {returns}: {rejected.message}") from None

        def body(*arguments: object) -> object:
            if "fails" in fake:
                raise RuntimeError(str(fake["fails"]))
            return value

        return body

    return replace(module, bind=bind, execution=Execution.INLINE, wants_context=False, function=None)
