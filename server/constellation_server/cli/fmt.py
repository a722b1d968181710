"""`constellation fmt [FILES]`: lay programs out canonically, in place or only to see."""

from __future__ import annotations

import difflib
import os
import tempfile
from pathlib import Path

import click

from constellation_server.cli.console import Console
from constellation_server.cli.files import SOURCE_LIMIT, expand, read_text
from constellation_server.cli.local import project_settings
from constellation_server.cli.options import global_options
from constellation_server.cli.outcome import Exit, usage_error


@click.command("fmt")
@click.argument("files", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@global_options
@click.pass_obj
def command(console: Console, files: tuple[str, ...], check: bool, diff: bool) -> int:
    """Format FILES (programs or folders; - formats standard input to standard output).

    Comments and meaning are kept; statements with syntax errors are left as they are.

    Example: constellation fmt --check pipelines/
    """
    from constellation_grammar.formatter import format_text

    changed: list[str] = []
    names = expand(files or (str(project_settings(console).root),))
    for name in names:
        before = read_text(name, SOURCE_LIMIT)
        after = format_text(before)
        if name == "-" and not (check or diff):
            click.echo(after, nl=False)
            continue
        if before == after:
            continue
        changed.append(name)
        if diff and not console.json:
            lines = difflib.unified_diff(before.splitlines(True), after.splitlines(True), name, f"{name} (formatted)")
            console.out("".join(line if line.endswith("\n") else f"{line}\n" for line in lines).rstrip("\n"))
        elif not check:
            _write(Path(name), after)
    return _report(console, names, changed, only_looking=check or diff)


def _write(path: Path, text: str) -> None:
    """Replace a file's content at once, keeping its permissions."""
    try:
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=path.parent, delete=False) as temporary:
            temporary.write(text)
        os.chmod(temporary.name, path.stat().st_mode & 0o7777)
        os.replace(temporary.name, path)
    except OSError as problem:
        raise usage_error(f"Cannot write {path}: {problem.strerror}") from None


def _report(console: Console, names: list[str], changed: list[str], *, only_looking: bool) -> int:
    fails = only_looking and bool(changed)
    if console.json:
        console.document(
            {"success": not fails, "changed": changed, "unchanged": [n for n in names if n not in changed]}
        )
    elif names != ["-"] or only_looking:
        verb = "would be reformatted" if only_looking else "reformatted"
        for name in changed:
            console.out(f"{console.mark('unchanged' if only_looking else 'success')} {name} {verb}")
        console.note(f"{len(changed)} of {len(names)} file(s) {verb}")
    return Exit.COMPILE_ERROR if fails else Exit.SUCCESS
