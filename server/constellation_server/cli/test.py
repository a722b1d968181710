"""`constellation test [FILES]`: run the tests beside programs, with progress, differences, `--update` and JUnit."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import click

from constellation_server.cli.console import Console
from constellation_server.cli.local import local_engine, project_settings
from constellation_server.cli.options import engine_options, global_options
from constellation_server.cli.outcome import Exit, usage_error

if TYPE_CHECKING:
    from constellation.engine.clock import Clock
    from constellation.engine.constellation import Constellation
    from constellation.engine.result import ExecutionResult
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
    from constellation.testing.program_tests import collect, find_programs, run_test
    from constellation.testing.test_files import TestFileError

    def make_engine(clock: Clock) -> Constellation:
        return local_engine(console, modules, demo, clock=clock)

    engine = local_engine(console, modules, demo)
    try:
        tests = [t for p in find_programs(files or _default(console)) for t in collect(p, engine)]
    except TestFileError as problem:
        raise usage_error(str(problem)) from None
    except UnicodeDecodeError as problem:
        raise usage_error(f"A program is not valid UTF-8: {problem}") from None
    except OSError as problem:
        raise usage_error(f"Cannot read {problem.filename}: {problem.strerror}") from None
    outcomes: list[Outcome] = []
    for test in tests:
        outcomes.append(asyncio.run(run_test(test, make_engine)))
        _progress(console, outcomes[-1], len(outcomes), len(tests))
    if update:
        _update(console, outcomes)
        outcomes = [replace(o, problem=None) if _updatable(o) else o for o in outcomes]
    if junit is not None:
        _write_report(junit, outcomes)
    return _summary(console, outcomes)


def _default(console: Console) -> list[Path]:
    settings = project_settings(console)
    return [settings.root / settings.pipelines if settings.pipelines else settings.root]


def _shown(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _label(test: ProgramTest) -> str:
    return f"{_shown(test.program)}: {test.name}"


def _written_at(test: ProgramTest) -> str:
    """Where a test stands, for people who want to look."""
    from constellation.testing.program_tests import test_file_of

    return f"\n      {_shown(test_file_of(test.program))}:{test.line}" if test.line else ""


def _progress(console: Console, outcome: Outcome, done: int, total: int) -> None:
    if console.json:
        return
    mark = console.mark("success" if outcome.problem is None else "error")
    if outcome.problem is not None or not console.quiet:
        console.out(f"[{done:>{len(str(total))}}/{total}] {mark} {_label(outcome.test)}")
    if outcome.problem is not None:
        console.out(f"      {outcome.problem}{_written_at(outcome.test)}")


def _summary(console: Console, outcomes: list[Outcome]) -> int:
    failed = [o for o in outcomes if o.problem is not None]
    if console.json:
        rows = [
            {"file": str(o.test.program), "name": o.test.name, "line": o.test.line, "passed": o.problem is None,
             "problem": o.problem, "durationMs": round(o.seconds * 1000)}
            for o in outcomes
        ]  # fmt: skip
        passed = len(outcomes) - len(failed)
        document: dict[str, Any] = {"success": not failed}
        if failed:
            document |= {"error": "tests_failed", "message": f"{len(failed)} of {len(outcomes)} test(s) failed"}
        console.document(document | {"passed": passed, "failed": len(failed), "tests": rows})
    elif not outcomes:
        console.note(f"{console.mark('warning', sys.stderr)} No tests found")
    else:
        seconds = sum(o.seconds for o in outcomes)
        console.out(f"{len(outcomes) - len(failed)} passed, {len(failed)} failed in {seconds:.2f} s")
    return Exit.RUNTIME_ERROR if failed else Exit.SUCCESS


def _updatable(outcome: Outcome) -> bool:
    return outcome.test.index is not None and outcome.result is not None and not outcome.test.expected.get("resume")


def _update(console: Console, outcomes: Iterable[Outcome]) -> None:
    """Rewrite the expectations of failed tests, keeping the files' comments and order."""
    from ruamel.yaml import YAML

    from constellation.testing.program_tests import test_file_of

    yaml: Any = YAML()
    yaml.width = 4096
    yaml.preserve_quotes = True
    by_file: dict[Path, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.problem is not None and _updatable(outcome):
            by_file.setdefault(test_file_of(outcome.test.program), []).append(outcome)
    for path, changed in by_file.items():
        content = yaml.load(path.read_text(encoding="utf-8"))
        for outcome in changed:
            if outcome.result is not None:
                _expect(content[outcome.test.index], outcome.result)
        with path.open("w", encoding="utf-8") as stream:
            yaml.dump(content, stream)
        console.note(f"{console.mark('info', sys.stderr)} Updated {len(changed)} test(s) in {path}")


def _expect(entry: dict[str, Any], result: ExecutionResult) -> None:
    """Make a test expect what came."""
    from constellation.testing.expectations import error_text

    document: dict[str, Any] = result.to_json()
    if "outputs" in entry or result.status.value == "completed":
        entry["outputs"] = document["outputs"]
    entry["status"] = result.status.value
    if result.status.value == "completed":
        for key in ("status", "error_contains", "missing_inputs", "pending_outputs"):
            entry.pop(key, None)
    if entry.get("error_contains") is not None and entry["error_contains"] not in error_text(result):
        entry["error_contains"] = error_text(result)
    for key, names in (("missing_inputs", result.missing_inputs), ("pending_outputs", result.pending_outputs)):
        if key in entry and set(entry[key] or ()) != set(names):
            entry[key] = sorted(names)
    computed: dict[str, Any] = document.get("computedNodes", {})
    if entry.get("computed"):
        entry["computed"] = {name: computed[name] for name in entry["computed"] if name in computed}


def _write_report(path: Path, outcomes: list[Outcome]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_junit(outcomes))
    except OSError as problem:
        raise usage_error(f"Cannot write {path}: {problem.strerror}") from None


_NO_XML = re.compile("[^\\t\\n\\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _xml(text: str) -> str:
    """A text as XML may hold it."""
    return _NO_XML.sub("\ufffd", text)


def _junit(outcomes: list[Outcome]) -> bytes:
    failures = sum(o.problem is not None for o in outcomes)
    total = f"{sum(o.seconds for o in outcomes):.3f}"
    suite = ElementTree.Element(
        "testsuite", name="constellation", tests=str(len(outcomes)), failures=str(failures), time=total
    )
    for outcome in outcomes:
        attributes = {
            "classname": _xml(str(outcome.test.program)),
            "name": _xml(outcome.test.name),
            "time": f"{outcome.seconds:.3f}",
        }
        case = ElementTree.SubElement(suite, "testcase", attributes)
        if outcome.problem is not None:
            problem = _xml(outcome.problem)
            ElementTree.SubElement(case, "failure", message=problem).text = problem + _written_at(outcome.test)
    report: bytes = ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True)
    return report
