"""`constellation test [FILES]`: run the tests beside programs, with progress, differences, `--update` and JUnit."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import click

from constellation_server.cli.console import Console
from constellation_server.cli.local import local_engine, project_settings
from constellation_server.cli.options import engine_options, global_options
from constellation_server.cli.outcome import Exit, usage_error

if TYPE_CHECKING:
    from constellation.testing.program_tests import Outcome, ProgramTest


@click.command("test")
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--update", is_flag=True, help="Write what came as what is expected.")
@click.option("--junit", type=click.Path(dir_okay=False, path_type=Path), help="Write a JUnit report here.")
@engine_options
@global_options
@click.pass_obj
def command(
    console: Console, files: tuple[Path, ...], update: bool, junit: Path | None, modules: tuple[str, ...], demo: bool
) -> int:
    """Run the tests of the programs in FILES (programs, test files or folders; default: the project's).

    Tests live beside a program, in NAME.cst.test.yaml; a program without them is run on its @example values.
    Exit code 2 when a test fails.

    Example: constellation test pipelines/
    """
    from constellation.testing.program_tests import TestFileError, collect, find_programs, run_test

    def make_engine() -> Any:
        return local_engine(console, modules, demo)

    engine = make_engine()
    try:
        tests = [t for p in find_programs(files or _default(console)) for t in collect(p, engine)]
    except (TestFileError, OSError) as problem:
        raise usage_error(str(problem)) from None
    outcomes: list[Outcome] = []
    for test in tests:
        outcomes.append(asyncio.run(run_test(test, make_engine)))
        _progress(console, outcomes[-1], len(outcomes), len(tests))
    if update:
        _update(console, outcomes)
        outcomes = [o for o in outcomes if o.problem is None or not _updatable(o)]
    if junit is not None:
        junit.write_bytes(_junit(outcomes))
    return _summary(console, outcomes)


def _default(console: Console) -> list[Path]:
    settings = project_settings(console)
    return [settings.root / settings.pipelines if settings.pipelines else settings.root]


def _label(test: ProgramTest) -> str:
    path = test.program
    return f"{path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path}: {test.name}"


def _progress(console: Console, outcome: Outcome, done: int, total: int) -> None:
    if console.json:
        return
    mark = console.mark("success" if outcome.problem is None else "error")
    if outcome.problem is not None or not console.quiet:
        console.out(f"[{done:>{len(str(total))}}/{total}] {mark} {_label(outcome.test)}")
    if outcome.problem is not None:
        console.out(f"      {outcome.problem}")


def _summary(console: Console, outcomes: list[Outcome]) -> int:
    failed = [o for o in outcomes if o.problem is not None]
    if console.json:
        rows = [
            {"file": str(o.test.program), "name": o.test.name, "passed": o.problem is None, "problem": o.problem,
             "durationMs": round(o.seconds * 1000)}
            for o in outcomes
        ]  # fmt: skip
        passed = len(outcomes) - len(failed)
        console.document({"success": not failed, "passed": passed, "failed": len(failed), "tests": rows})
    elif not outcomes:
        console.note(f"{console.mark('warning', sys.stderr)} No tests found")
    else:
        seconds = sum(o.seconds for o in outcomes)
        console.out(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed in {seconds:.2f} s")
    return Exit.RUNTIME_ERROR if failed else Exit.SUCCESS


def _updatable(outcome: Outcome) -> bool:
    return outcome.test.index is not None and outcome.outputs is not None and not outcome.test.expected.get("resume")


def _update(console: Console, outcomes: Iterable[Outcome]) -> None:
    """Rewrite the expectations of failed tests, keeping the files' comments and order."""
    from ruamel.yaml import YAML

    from constellation.testing.program_tests import test_file_of

    yaml: Any = YAML()
    yaml.width = 120
    by_file: dict[Path, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.problem is not None and _updatable(outcome):
            by_file.setdefault(test_file_of(outcome.test.program), []).append(outcome)
    for path, changed in by_file.items():
        content = yaml.load(path.read_text(encoding="utf-8"))
        for outcome in changed:
            entry = content[outcome.test.index]
            entry["outputs"] = outcome.outputs
            if outcome.status != "completed":
                entry["status"] = outcome.status
            else:
                entry.pop("status", None)
                entry.pop("error_contains", None)
        with path.open("w", encoding="utf-8") as stream:
            yaml.dump(content, stream)
        console.note(f"{console.mark('info', sys.stderr)} Updated {len(changed)} test(s) in {path}")


def _junit(outcomes: list[Outcome]) -> bytes:
    failures = sum(o.problem is not None for o in outcomes)
    total = f"{sum(o.seconds for o in outcomes):.3f}"
    suite = ElementTree.Element(
        "testsuite", name="constellation", tests=str(len(outcomes)), failures=str(failures), time=total
    )
    for outcome in outcomes:
        attributes = {
            "classname": str(outcome.test.program),
            "name": outcome.test.name,
            "time": f"{outcome.seconds:.3f}",
        }
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if outcome.problem is not None:
            ElementTree.SubElement(case, "failure", message=outcome.problem).text = outcome.problem
    report: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return report
