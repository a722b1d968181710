"""`constellation compile FILE`: does it compile, and what is its hash."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

import click

from constellation_server.cli.console import Console, short_hash
from constellation_server.cli.excerpts import compile_failure
from constellation_server.cli.files import SOURCE_LIMIT, read_text
from constellation_server.cli.local import local_engine
from constellation_server.cli.options import engine_options, global_options


@click.command("compile")
@click.argument("file")
@click.option("--name", help="The name shown in the answer (default: the file's).")
@engine_options
@global_options
@click.pass_obj
def command(console: Console, file: str, name: str | None, modules: tuple[str, ...], demo: bool) -> None:
    """Type-check FILE (- for standard input) and print its structural hash.

    Nothing is stored. Exit code 1 when it does not compile.

    Example: constellation compile pipelines/shout.cst
    """
    source = read_text(file, SOURCE_LIMIT)
    engine = local_engine(console, modules, demo)
    compilation = engine.compile_result(source)
    if compilation.image is None:
        raise compile_failure(console, source, compilation.diagnostics)
    from constellation.compiler.rendering import api_line, to_json

    if console.json:
        document: dict[str, Any] = {
            "success": True,
            "structuralHash": compilation.image.structural_hash,
            "syntacticHash": compilation.image.syntactic_hash,
            "name": name or PurePath(file).stem,
            "stored": False,
            "warnings": [to_json(d, source) for d in compilation.diagnostics],
        }
        console.document(document)
        return
    for warning in compilation.diagnostics:
        console.note(f"{console.mark('warning')} {api_line(warning, source)}")
    digest = short_hash(compilation.image.structural_hash)
    console.out(f"{console.mark('success')} Compilation successful (hash: {digest})")
