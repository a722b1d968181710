"""The edge of the command line: runs a command and turns how it ended into an exit code.

Invariant: nothing escapes as a traceback but a bug of ours; in JSON mode a failure is a document too.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

import click

from constellation_server.cli.console import Console
from constellation_server.cli.options import LazyGroup, global_options
from constellation_server.cli.outcome import CommandFailed, Exit

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def _print_version(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"constellation {version('constellation-engine')}")
        ctx.exit()


@click.group(cls=LazyGroup, context_settings=_SETTINGS)
@click.option("-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version,
              help="Print the version.")  # fmt: skip
@global_options
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Typed pipelines: check them, run them, serve them.

    Exit codes: 0 success, 1 the program does not compile, 2 the run failed, 10 wrong usage.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    try:
        if not given:
            with cli.make_context("constellation", [], resilient_parsing=True) as ctx:
                click.echo(cli.get_help(ctx), err=True)
            return Exit.USAGE_ERROR
        result = cli.main(args=given, prog_name="constellation", standalone_mode=False, obj=console)
        return int(result or 0)
    except CommandFailed as failure:
        return _report(console, failure)
    except click.UsageError as problem:
        return _report_usage(console, problem, "--json" in given or "-j" in given)
    except (click.Abort, KeyboardInterrupt):
        console.err("interrupted")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.SUCCESS


def _report(console: Console, failure: CommandFailed) -> int:
    if console.json:
        document = {"success": False, "error": failure.code, "message": failure.message, **failure.details}
        console.document(document)
    else:
        console.err(failure.human or f"{console.mark('error', sys.stderr)} {failure.message}")
    return failure.exit_code


def _report_usage(console: Console, problem: click.UsageError, as_json: bool) -> int:
    console.json = console.json or as_json
    if console.json:
        console.document({"success": False, "error": "usage_error", "message": problem.format_message()})
    else:
        console.err(f"{console.mark('error', sys.stderr)} {problem.format_message()}")
        if problem.ctx is not None:
            console.err(problem.ctx.get_usage())
            console.err(f"Try '{problem.ctx.command_path} --help'.")
    return Exit.USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
