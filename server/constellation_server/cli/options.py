"""Options several commands share, and the group that accepts the global ones anywhere on the line.

Owns what `--json`, `--quiet`, `--verbose` and `--color` mean on any command, and lazy loading of commands.
Invariant: naming a command imports that command's file only.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, TypeVar

import click

from constellation.stdlib import OPT_IN
from constellation_server.cli.console import Console

F = TypeVar("F", bound=Callable[..., Any])

COMMANDS = {
    "check": ("constellation_server.cli.check", "Print a program's errors and warnings."),
    "compile": ("constellation_server.cli.compile", "Type-check a program, or build images for a folder of them."),
    "diff": ("constellation_server.cli.diff", "Show what differs between two programs."),
    "explain": ("constellation_server.cli.explain", "Explain an error or warning code."),
    "fmt": ("constellation_server.cli.fmt", "Format programs."),
    "lsp": ("constellation_server.cli.lsp", "Run the language server on standard input and output."),
    "run": ("constellation_server.cli.run", "Run a program with inputs."),
    "serve": ("constellation_server.cli.server", "Start the HTTP server (same as 'server')."),
    "server": ("constellation_server.cli.server", "Start the HTTP server."),
    "stdlib": ("constellation_server.cli.stdlib", "Print the functions of the standard library."),
    "test": ("constellation_server.cli.test", "Run the tests that live beside programs."),
}
"""Command name → the file that defines `command`, and its one-line help."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        command: click.Command = importlib.import_module(entry[0]).command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in sorted(COMMANDS)])


def _remember(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def callback(ctx: click.Context, parameter: click.Parameter, value: Any) -> None:
        console = ctx.ensure_object(Console)
        if value not in (None, False, ()):
            setattr(console, name, value)

    return callback


def global_options(function: F) -> F:
    """The options every command takes, before or after its name."""
    options = (
        click.option(
            "-j", "--json", is_flag=True, expose_value=False, callback=_remember("json"), help="Machine output."
        ),
        click.option(
            "-q",
            "--quiet",
            is_flag=True,
            expose_value=False,
            callback=_remember("quiet"),
            help="Only results and errors.",
        ),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            expose_value=False,
            callback=_remember("verbose"),
            help="Say more on stderr.",
        ),
        click.option(
            "--color",
            type=click.Choice(["auto", "always", "never"]),
            expose_value=False,
            callback=_remember("color"),
            help="When to use colour.",
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def engine_options(function: F) -> F:
    """What a command that compiles takes: opt-in library parts, the user's modules and the demo library."""
    function = click.option(
        "--enable", type=click.Choice(OPT_IN), multiple=True, expose_value=False, callback=_remember("enable"),
        help="Load an opt-in part of the standard library (repeatable).",
    )(function)  # fmt: skip
    function = click.option(
        "--modules", "modules", multiple=True, metavar="PKG.MOD", help="Import modules from here (repeatable)."
    )(function)
    return click.option("--demo", is_flag=True, help="Load the demo library (GetUser, SlowQuery, …).")(function)
