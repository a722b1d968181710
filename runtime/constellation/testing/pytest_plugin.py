"""pytest finds the tests beside `.cst` programs: every `name.cst.test.yaml` it is pointed at is a file of tests.

Owns the bridge to pytest. Refuses to know the format (`program_tests.py`). Modules come from the project's settings and
from `--constellation-modules`. Invariant: loading the plugin imports nothing of the engine until a test file is found.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from constellation.engine.clock import Clock
    from constellation.engine.constellation import Constellation
    from constellation.testing.program_tests import ProgramTest

_SUFFIX = ".cst.test.yaml"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the plugin."""
    group = parser.getgroup("constellation")
    group.addoption("--constellation-modules", action="append", default=[], metavar="PKG.MOD",
                    help="import modules for .cst tests from here (repeatable)")  # fmt: skip
    group.addoption("--constellation-demo", action="store_true", help="load the demo library for .cst tests")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect test files of programs."""
    if file_path.name.endswith(_SUFFIX):
        collected: pytest.Collector = ProgramFile.from_parent(parent, path=file_path)  # pyright: ignore[reportUnknownMemberType]
        return collected
    return None


class ProgramFile(pytest.File):
    """One `name.cst.test.yaml`."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item per test of the file."""
        from constellation.testing.program_tests import collect
        from constellation.testing.test_files import TestFileError

        program = self.path.with_name(self.path.name.removesuffix(".test.yaml"))
        try:
            tests = collect(program, _engine(self.config))
        except TestFileError as problem:
            raise self.CollectError(str(problem)) from None
        for test in tests:
            yield ProgramItem.from_parent(self, name=test.name, test=test)  # pyright: ignore[reportUnknownMemberType]


class ProgramItem(pytest.Item):
    """One test of a program."""

    def __init__(self, *, test: ProgramTest, **arguments: Any) -> None:
        super().__init__(**arguments)  # pyright: ignore[reportUnknownMemberType]
        self.test = test
        self.funcargs: dict[str, object] = {}  # other plugins look at every item's fixtures

    def runtest(self) -> None:
        """Run it; a problem is the failure's text."""
        from constellation.testing.program_tests import run_test

        outcome = asyncio.run(run_test(self.test, lambda clock: _engine(self.config, clock)))
        if outcome.problem is not None:
            raise ProgramFailed(outcome.problem)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> str:
        """The problem alone; no traceback of ours helps a program's author."""
        if isinstance(excinfo.value, ProgramFailed):
            return f"{self.test.program.name}: {self.name}\n{excinfo.value}"
        return str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the test is, for pytest's report."""
        return self.path, (self.test.line or 1) - 1, f"{self.test.program.name}: {self.name}"


class ProgramFailed(Exception):
    """A program's test that did not hold."""


def _engine(config: pytest.Config, clock: Clock | None = None) -> Constellation:
    from constellation.engine.constellation import Constellation
    from constellation.modules.imports import import_modules
    from constellation.project import load_project

    project = load_project(config.rootpath)
    names: list[str] = [*project.modules, *(config.getoption("--constellation-modules") or [])]
    folders = [project.root / folder for folder in project.python_path]
    modules: list[Any] = import_modules(names, [*folders, config.rootpath])
    if project.demo or config.getoption("--constellation-demo"):
        from constellation.stdlib.demo import demo_modules

        modules += demo_modules()
    return Constellation(modules=modules, stdlib=project.stdlib, clock=clock)
