"""`constellation fmt [FILES]`: lay programs out canonically, in place or only to see."""

from __future__ import annotations

import difflib
import io
import os
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import click

from constellation_server.cli.console import Console
from constellation_server.cli.files import SOURCE_LIMIT, expand, read_text
from constellation_server.cli.local import project_settings
from constellation_server.cli.options import global_options
from constellation_server.cli.outcome import CommandFailed, Exit, usage_error


@dataclass(slots=True)
class _Found:
    """What became of the files, by name."""

    changed: list[str] = field(default_factory=list[str])
    unchanged: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])
    """Those with statements the parser does not understand; a file may be changed and broken."""
    failed: dict[str, str] = field(default_factory=dict[str, str])
    """Those that could not be read or written, with the reason."""
    diffs: dict[str, str] = field(default_factory=dict[str, str])
    formatted: str | None = None
    """Standard input, formatted."""


@click.command("fmt")
@click.argument("files", nargs=-1)
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change; exit with 1 like --check.")
@click.option("--width", type=click.IntRange(20, 1000), default=100, show_default=True, metavar="COLUMNS",
              help="Break lines that would be longer.")  # fmt: skip
@global_options
@click.pass_obj
def command(console: Console, files: tuple[str, ...], check: bool, diff: bool, width: int) -> int:
    """Format FILES (programs or folders; - formats standard input to standard output; default: the project's folder).

    Comments and meaning are kept; statements with syntax errors are left as they are. A file that cannot be read or
    written does not keep the others from being formatted; the exit code is 10 then.

    Example: constellation fmt --check pipelines/
    """
    found = _Found()
    for name in expand(files or (str(project_settings(console).root),)):
        try:
            _format(console, name, found, width, only_looking=check or diff, with_diff=diff)
        except CommandFailed as problem:
            found.failed[name] = problem.message
            console.err(f"{console.mark('error', sys.stderr)} {problem.message}")
    return _report(console, found, only_looking=check or diff)


def _format(console: Console, name: str, found: _Found, width: int, *, only_looking: bool, with_diff: bool) -> None:
    """Format one file, or standard input."""
    from constellation_grammar.formatter import format_text, has_mistakes

    before = read_text(name, SOURCE_LIMIT)
    after = format_text(before, width)
    if before != after and not only_looking and name != "-":
        _write(Path(name), after)
    (found.unchanged if before == after else found.changed).append(name)
    if has_mistakes(before):
        found.broken.append(name)
    if name == "-" and not only_looking:
        found.formatted = after
        if not console.json:
            click.echo(after, nl=False)
    if with_diff and before != after:
        found.diffs[name] = _difference(before, after, name)
        if not console.json:
            console.out(found.diffs[name].rstrip("\n"))


def _difference(before: str, after: str, name: str) -> str:
    """A unified diff; only line feeds end lines."""
    lines = difflib.unified_diff(_lines(before), _lines(after), name, f"{name} (formatted)")
    return "".join([line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines])


def _lines(text: str) -> list[str]:
    return list(io.StringIO(text, newline="\n"))


def _write(path: Path, text: str) -> None:
    """Replace a file's content at once, keeping its permissions; of a link, what it points at."""
    target = path.resolve()
    temporary = ""
    try:
        if not os.access(target, os.W_OK):
            raise PermissionError(13, "Permission denied")
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", newline="", dir=target.parent, delete=False) as stream:
            temporary = stream.name
            stream.write(text)
        os.chmod(temporary, target.stat().st_mode & 0o7777)
        os.replace(temporary, target)
    except OSError as problem:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise usage_error(f"Cannot write {path}: {problem.strerror}") from None


def _report(console: Console, found: _Found, *, only_looking: bool) -> int:
    verb = "would be reformatted" if only_looking else "reformatted"
    summary = f"{len(found.changed)} of {len(found.changed) + len(found.unchanged)} file(s) {verb}"
    exit_code = Exit.COMPILE_ERROR if only_looking and found.changed else Exit.SUCCESS
    document: dict[str, object] = {"success": True}
    if exit_code is not Exit.SUCCESS:
        document = {"success": False, "error": "not_formatted", "message": summary}
    if found.failed:
        exit_code = Exit.USAGE_ERROR
        document = {"success": False, "error": "usage_error", "message": "; ".join(found.failed.values())}
    if console.json:
        document |= {"changed": found.changed, "unchanged": found.unchanged, "broken": found.broken}
        document |= {"failed": [{"file": name, "message": text} for name, text in found.failed.items()]}
        if found.diffs:
            document["diffs"] = found.diffs
        if found.formatted is not None:
            document["formatted"] = found.formatted
        console.document(document)
    else:
        _tell(console, found, verb, summary, only_looking=only_looking)
    return exit_code


def _tell(console: Console, found: _Found, verb: str, summary: str, *, only_looking: bool) -> None:
    warning = console.mark("warning", sys.stderr)
    if found.formatted is None:
        for name in found.changed:
            console.out(f"{console.mark('unchanged' if only_looking else 'success')} {name} {verb}")
    for name in found.broken:
        console.note(f"{warning} {name} has syntax errors; those statements stay as they are")
    if not (found.changed or found.unchanged or found.failed):
        console.note(f"{warning} No programs found")
    elif found.formatted is None and (found.changed or found.unchanged):
        console.note(summary)
