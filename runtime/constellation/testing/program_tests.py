"""Tests that live beside a program: `name.cst.test.yaml` next to `name.cst`, and the program's own `@example` values.

Owns the file format, collecting tests and running one. Refuses to print or to decide exit codes. Invariant: every test
runs on an engine of its own, so no test sees what another did.

A test file is a list of mappings: `name`, `inputs`, and what `expectations.py` checks (`outputs`, `status`,
`error_contains`, `missing_inputs`, `computed`); `resume` is a list of further steps, each with `inputs` and what is
expected then; `modules` fakes modules by name: `GetUser: {returns: {…}}` or `GetUser: {fails: "no such user"}`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import yaml

from constellation.engine.constellation import Constellation
from constellation.engine.result import ExecutionResult
from constellation.image.graph import GraphExpression, GuardNode, ListNode, Literal, RecordNode
from constellation.modules.module import Execution, Module
from constellation.testing.expectations import Unmet, check_result
from constellation.types.json import decode
from constellation.types.model import Type

SUFFIX = ".test.yaml"
_STEP_KEYS = {"inputs", "outputs", "status", "error_contains", "missing_inputs", "pending_outputs", "computed"}
_KEYS = _STEP_KEYS | {"name", "about", "resume", "modules"}

EngineFactory = Callable[[], Constellation]


class TestFileError(Exception):
    """A test file that cannot be used; the text names the file, the test and the key."""

    __test__ = False


@dataclass(frozen=True, slots=True)
class ProgramTest:
    """One test of one program. `index` is its place in the test file, None for a test made of `@example` values."""

    program: Path
    name: str
    expected: Mapping[str, Any]
    inputs: Mapping[str, Any]
    index: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test ended: `problem` is None when it passed. `outputs` are the actual ones, when it ran at all."""

    test: ProgramTest
    problem: str | None
    seconds: float
    outputs: Mapping[str, Any] | None = None
    status: str | None = None


def test_file_of(program: Path) -> Path:
    """Where a program's tests live."""
    return program.with_name(program.name + SUFFIX)


test_file_of.__test__ = False  # type: ignore[attr-defined]


def find_programs(paths: Iterable[Path]) -> Iterator[Path]:
    """The programs the paths stand for: a program itself, the one a test file belongs to, all below a folder."""
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            found = sorted(p for p in path.rglob("*.cst") if not any(part.startswith(".") for part in p.parts[1:]))
        elif path.name.endswith(SUFFIX):
            found = [path.with_name(path.name.removesuffix(SUFFIX))]
        else:
            found = [path]
        for program in found:
            if program not in seen:
                seen.add(program)
                yield program


def collect(program: Path, engine: Constellation) -> list[ProgramTest]:
    """The tests of a program: those of its test file, else one made of its `@example` values, else none.

    Raises TestFileError for an unusable test file and OSError when the program cannot be read.
    """
    path = test_file_of(program)
    if path.exists():
        return [_test(path, program, index, entry) for index, entry in enumerate(_entries(path))]
    image = engine.compile_result(program.read_text(encoding="utf-8")).image
    if image is None:
        return [ProgramTest(program, "compiles", {}, {})]
    inputs: dict[str, Any] = {}
    for declared in image.graph.inputs:
        values = [plain for example in declared.examples for plain in _plain(example)]
        if values:
            inputs[declared.name] = values[0]
    return [ProgramTest(program, "examples", {}, inputs)] if inputs else []


def _entries(path: Path) -> list[object]:
    try:
        content: object = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as problem:
        raise TestFileError(f"{path}: not valid YAML: {problem}") from None
    if not isinstance(content, list):
        raise TestFileError(f"{path}: expected a list of tests")
    return cast("list[object]", content)


def _test(path: Path, program: Path, index: int, entry: object) -> ProgramTest:
    if not isinstance(entry, dict):
        raise TestFileError(f"{path}: test {index + 1} is not a mapping")
    fields = cast("dict[str, Any]", entry)
    name = str(fields.get("name") or fields.get("about") or f"test {index + 1}")
    unknown = sorted(fields.keys() - _KEYS)
    if unknown:
        known = ", ".join(sorted(_KEYS))
        raise TestFileError(f"{path}: test '{name}' has an unknown key '{unknown[0]}'; known: {known}")
    return ProgramTest(program, name, fields, fields.get("inputs") or {}, index)


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
    try:
        async with make_engine() as engine:
            _install_fakes(engine, test.expected.get("modules") or {})
            result = await _first(engine, test)
            check_result(test.expected, result)
            for step in test.expected.get("resume") or ():
                result = await engine.resume(result.execution_id, step.get("inputs") or {})
                check_result(step, result)
        problem = None
    except Unmet as unmet:
        problem = str(unmet)
    except Exception as error:
        problem = getattr(error, "message", None) or str(error) or type(error).__name__
    seconds = time.perf_counter() - started
    if result is None:
        return Outcome(test, problem, seconds)
    return Outcome(test, problem, seconds, result.to_json()["outputs"], result.status.value)


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
            raise Unmet(f"cannot fake '{name}': there is no such module")
        if not isinstance(fake, dict) or not {"returns", "fails"} & fake.keys():
            raise Unmet(f"the fake of '{name}' needs 'returns' or 'fails'")
        engine.register(_fake(engine.modules[name], cast("dict[str, Any]", fake)))


def _fake(module: Module, fake: Mapping[str, Any]) -> Module:
    def bind(overload: int, parameter_types: tuple[Type, ...], returns: Type) -> Callable[..., object]:
        value = decode(returns)(fake["returns"]) if "returns" in fake else None

        def body(*arguments: object) -> object:
            if "fails" in fake:
                raise RuntimeError(str(fake["fails"]))
            return value

        return body

    return replace(module, bind=bind, execution=Execution.INLINE, wants_context=False, function=None)
