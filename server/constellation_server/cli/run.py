"""`constellation run FILE`: compile and run in this process."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import click

from constellation_server.cli.console import Console, preview
from constellation_server.cli.excerpts import compile_failure
from constellation_server.cli.files import SOURCE_LIMIT, read_text
from constellation_server.cli.inputs import gather_inputs
from constellation_server.cli.local import local_engine
from constellation_server.cli.options import engine_options, global_options
from constellation_server.cli.outcome import CommandFailed, Exit

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation.engine.observing import Event
    from constellation.engine.pipeline import Pipeline
    from constellation.engine.result import ExecutionResult

_ASIDE = 200
"""Characters shown of a value that is no output."""


@click.command("run")
@click.argument("file")
@click.option("-i", "--input", "pairs", multiple=True, metavar="K=V", help="An input: JSON, else text; @path reads.")
@click.option("-I", "--text", "texts", multiple=True, metavar="K=TEXT", help="An input that is text as it stands.")
@click.option("-f", "--inputs", "inputs_file", metavar="INPUTS.json", help="A JSON object of inputs (- for stdin).")
@click.option("--fail-on-suspend", is_flag=True, help="Exit with 7 when the run is suspended.")
@engine_options
@global_options
@click.pass_obj
def command(
    console: Console,
    file: str,
    pairs: tuple[str, ...],
    texts: tuple[str, ...],
    inputs_file: str | None,
    fail_on_suspend: bool,
    modules: tuple[str, ...],
    demo: bool,
) -> int:
    """Run the program in FILE (- for standard input) and print its outputs.

    What the program's log function says is printed on standard error.

    Exit code 1 when it does not compile, 2 when the run fails.

    Example: constellation run greet.cst -i name=Ada
    """
    source = read_text(file, SOURCE_LIMIT)
    engine = local_engine(console, modules, demo)
    compilation = engine.compile_result(source)
    if compilation.image is None:
        raise compile_failure(console, source, compilation.diagnostics)
    pipeline = engine.pipeline_of(compilation.image)
    inputs = gather_inputs(pairs, texts, inputs_file, pipeline.inputs)
    for name in [n for n in inputs if n not in pipeline.inputs]:
        console.note(f"{console.mark('warning')} Input '{name}' is not declared by the program and was ignored")
        del inputs[name]
    engine.add_listener(lambda event: _tell(console, event))
    result = asyncio.run(_execute(engine, pipeline, inputs))
    return _report(console, result, fail_on_suspend)


def _tell(console: Console, event: Event) -> None:
    """What the program's `log` says goes to stderr, in JSON mode only with --verbose."""
    if event.kind != "log" or (console.json and not console.verbose):
        return
    text = "".join(sign for sign in str(event.metadata["text"]) if sign.isprintable() or sign in "\n\t")
    if not console.quiet:
        click.echo(f"{console.mark('info', sys.stderr)} log: {text}", err=True, color=console.colored(sys.stderr))


async def _execute(engine: Constellation, pipeline: Pipeline, inputs: dict[str, Any]) -> ExecutionResult:
    from constellation.engine.errors import InputValidationError

    async with engine:
        try:
            return await engine.run(pipeline, inputs)
        except InputValidationError as problem:
            message = f"Input error: {problem.message}"
            raise CommandFailed(Exit.RUNTIME_ERROR, "input_error", message) from None


def _report(console: Console, result: ExecutionResult, fail_on_suspend: bool) -> int:
    body = result.to_json()
    status = result.status.value
    document: dict[str, Any] = {
        "success": result.success,
        "status": status,
        "outputs": body["outputs"],
        "structuralHash": result.structural_hash,
        "executionId": result.execution_id,
    }
    if status == "suspended":
        document |= {"missingInputs": dict(result.missing_inputs), "pendingOutputs": list(result.pending_outputs)}
        if console.json:
            console.document(document)
        else:
            _print_suspended(console, result, body)
        return Exit.SUSPENDED if fail_on_suspend else Exit.SUCCESS
    if not result.success:
        raise _run_failure(console, result, body)
    if console.json:
        console.document(document)
    elif not body["outputs"]:
        console.out(f"{console.mark('success')} Execution completed: No outputs produced")
    else:
        console.out(f"{console.mark('success')} Execution completed:")
        _print_values(console, body["outputs"])
    return Exit.SUCCESS


def _print_values(console: Console, values: dict[str, Any], indent: str = "  ", limit: int | None = None) -> None:
    for name, value in values.items():
        console.out(f"{indent}{name}: {preview(value, limit) if limit else preview(value)}")


def _print_suspended(console: Console, result: ExecutionResult, body: dict[str, Any]) -> None:
    console.out(f"{console.mark('suspended')} Execution suspended")
    console.out(f"  id: {result.execution_id}")
    console.out("  missing inputs:")
    for name, type_name in result.missing_inputs.items():
        console.out(f"    {name}: {type_name}")
    if body["outputs"]:
        console.out("  outputs so far:")
        _print_values(console, body["outputs"], "    ")
    if body.get("computedNodes"):
        console.out("  computed so far:")
        _print_values(console, body["computedNodes"], "    ", limit=_ASIDE)
    flags = " ".join(f"-i {name}=…" for name in result.missing_inputs)
    console.out(f"  to complete it, run again with: {flags}")


def _run_failure(console: Console, result: ExecutionResult, body: dict[str, Any]) -> CommandFailed:
    message = "; ".join(e.message for e in result.errors) or f"Execution {result.status.value}"
    timed_out = any(e.code == "EXECUTION_TIMEOUT" for e in result.errors)
    lines = [f"{console.mark('error')} {e.message}" for e in result.errors] or [f"{console.mark('error')} {message}"]
    if body["outputs"]:
        lines += ["  outputs so far:", *(f"    {n}: {preview(v)}" for n, v in body["outputs"].items())]
    lines.append(f"  execution: {result.execution_id}")
    details = {"status": "failed", "executionId": result.execution_id, "outputs": body["outputs"]}
    code = "execution_timeout" if timed_out else "runtime_error"
    return CommandFailed(Exit.RUNTIME_ERROR, code, message, human="\n".join(lines), details=details)
