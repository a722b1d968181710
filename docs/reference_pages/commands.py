"""The page of the command line, from the commands themselves."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator

import click

from reference_pages.source_docs import attribute_docs, cell, fragment


def page() -> Iterator[str]:
    """Every command with its arguments, options and exit codes."""
    from constellation_server.cli.main import cli
    from constellation_server.cli.options import COMMANDS
    from constellation_server.cli.outcome import Exit

    yield "# Commands\n"
    yield "`--json` makes every command print one JSON document on standard output, also for a failure; notes and logs"
    yield "go to standard error. An option may stand before or after the name of the command.\n"
    meanings = attribute_docs(Exit)
    yield "| exit code | means |\n|---|---|"
    for code in Exit:
        yield f"| {code.value} | {cell(meanings[code.name])} |"
    yield ""
    with click.Context(cli, info_name="constellation") as ctx:
        yield "## Options of every command\n\nAnd `--help`, which prints what is on this page.\n"
        yield from _options(ctx, cli)
        shown = examples()
        for name in sorted(COMMANDS):
            command = cli.get_command(ctx, name)
            assert command is not None
            with click.Context(command, info_name=name, parent=ctx) as inner:
                yield f"## constellation {name}\n"
                yield from _command(inner, command, {p.name for p in cli.params})
                yield shown[name]


def examples() -> dict[str, str]:
    """Command → right and wrong uses of it, in the order they are run."""
    sections = re.split(r"^## (\w+)\n", fragment("commands"), flags=re.M)[1:]
    return dict(zip(sections[::2], sections[1::2], strict=True))


def _command(ctx: click.Context, command: click.Command, everywhere: set[str | None]) -> Iterator[str]:
    yield f"```console\n{command.get_usage(ctx).removeprefix('Usage: ')}\n```\n"
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        text = " ".join(paragraph.split())
        if text.startswith("Example: "):
            yield f"```console\n$ {text.removeprefix('Example: ')}\n```\n"
        else:
            yield f"{text}\n"
    own = click.Command(command.name, params=[p for p in command.params if p.name not in everywhere])
    yield from _options(ctx, own)
    codes = ", ".join(f"{code} {name}" for name, code in _exit_codes(command))
    yield f"Exit codes: {codes}.\n"


def _options(ctx: click.Context, command: click.Command) -> Iterator[str]:
    rows = [record for p in command.params if isinstance(p, click.Option) and (record := p.get_help_record(ctx))]
    if rows:
        yield "| option | means |\n|---|---|"
        for flags, about in rows:
            yield f"| `{flags}` | {cell(about)} |"
        yield ""


def _exit_codes(command: click.Command) -> Iterator[tuple[str, int]]:
    """The codes the command's own file can end with, and those of every command."""
    from constellation_server.cli.outcome import Exit

    assert command.callback is not None
    source = inspect.getsource(inspect.getmodule(inspect.unwrap(command.callback)) or command)
    used = {"SUCCESS", "USAGE_ERROR", *re.findall(r"Exit\.([A-Z_]+)", source)}
    if "compile_failure" in source:
        used.add("COMPILE_ERROR")
    for code in Exit:
        if code.name in used:
            yield code.name.lower().replace("_", " "), code.value


def flags() -> set[str]:
    """Every long option of every command."""
    from constellation_server.cli.main import cli
    from constellation_server.cli.options import COMMANDS

    found = {"--help"}
    with click.Context(cli) as ctx:
        for command in (cli, *(cli.get_command(ctx, name) for name in COMMANDS)):
            assert command is not None
            found |= {o for p in command.params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")}
    return found
