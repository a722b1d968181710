"""`constellation check FILE…`: diagnostics only, for people, problem matchers and programs."""

from __future__ import annotations

import sys
from typing import Any

import click

from constellation_server.cli.advice import advised
from constellation_server.cli.console import Console
from constellation_server.cli.files import SOURCE_LIMIT, expand, read_text
from constellation_server.cli.local import local_engine
from constellation_server.cli.options import engine_options, global_options
from constellation_server.cli.outcome import Exit


@click.command("check")
@click.argument("files", nargs=-1, required=True)
@click.option("--concise", is_flag=True, help="One line each: file:line:column: code message.")
@engine_options
@global_options
@click.pass_obj
def command(console: Console, files: tuple[str, ...], concise: bool, modules: tuple[str, ...], demo: bool) -> int:
    """Print the errors and warnings of FILES (programs or folders; - for standard input).

    Exit code 1 when any file has an error; warnings never fail.

    Example: constellation check pipelines/*.cst
    """
    from constellation.compiler.rendering import SourceText, render_all, to_json
    from constellation.compiler.rendering import concise as concise_line

    engine = local_engine(console, modules, demo)
    documents: list[dict[str, Any]] = []
    blocks: list[str] = []
    errors = warnings = 0
    names = expand(files)
    for file in names:
        text = read_text(file, SOURCE_LIMIT)
        source = SourceText(text)
        compilation = engine.compile_result(text)
        found = advised(compilation.diagnostics)
        errors += len(compilation.errors) + compilation.omitted_errors
        warnings += len(found) - len(compilation.errors)
        documents.append({"file": file, "diagnostics": [to_json(d, source) for d in found]})
        if concise:
            blocks += [concise_line(d, source, file) for d in found]
        elif found:
            colour = console.colored(sys.stdout)
            blocks.append(render_all(found, source, file=file, colour=colour, omitted=compilation.omitted_errors))
    if console.json:
        console.document({"success": errors == 0, "errors": errors, "warnings": warnings, "files": documents})
        return Exit.COMPILE_ERROR if errors else Exit.SUCCESS
    if blocks:
        console.out(("\n" if concise else "\n\n").join(blocks))
    kind = "error" if errors else "warning" if warnings else "success"
    console.note(f"{console.mark(kind)} {len(names)} file(s): {errors} error(s), {warnings} warning(s)")
    return Exit.COMPILE_ERROR if errors else Exit.SUCCESS
