"""`constellation compile FILE`: does it compile, and what is its hash."""

from __future__ import annotations

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import click

from constellation_server.cli.console import Console, short_hash
from constellation_server.cli.excerpts import compile_failure
from constellation_server.cli.files import SOURCE_LIMIT, read_text
from constellation_server.cli.local import local_engine
from constellation_server.cli.options import engine_options, global_options
from constellation_server.cli.outcome import Exit, usage_error

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation


@click.command("compile")
@click.argument("file", required=False)
@click.option("--name", help="The name shown in the answer (default: the file's).")
@click.option("--input", "folder", type=click.Path(path_type=Path), help="Build images of a folder of programs …")
@click.option("--output", type=click.Path(path_type=Path), help="… into this pipeline store.")
@click.option("--recursive", is_flag=True, help="Include folders below.")
@click.option("--pattern", default="*.cst", show_default=True, help="Which files are programs.")
@click.option("--alias-strategy", type=click.Choice(["filename", "relative-path", "hash-only"]), default="filename",
              show_default=True, help="What names the images get.")  # fmt: skip
@click.option("--keep-going", is_flag=True, help="Store what compiles even when some files do not.")
@engine_options
@global_options
@click.pass_obj
def command(
    console: Console, file: str | None, name: str | None, folder: Path | None, output: Path | None, recursive: bool,
    pattern: str, alias_strategy: str, keep_going: bool, modules: tuple[str, ...], demo: bool,
) -> int:  # fmt: skip
    """Type-check FILE (- for standard input) and print its structural hash.

    Nothing is stored. Exit code 1 when it does not compile.

    Example: constellation compile pipelines/shout.cst

    With --input and --output, compile a folder of programs into a pipeline store that a server can start from. Nothing
    is written when a file does not compile, unless --keep-going. SOURCE_DATE_EPOCH makes builds reproducible.

    Example: constellation compile --input pipelines --output .constellation-store
    """
    if folder is not None or output is not None:
        if folder is None or output is None or file is not None:
            raise usage_error("--input DIR and --output STORE go together, without FILE")
        from constellation_server.cli.build import build_folder
        from constellation_server.loader import FolderSettings

        settings = FolderSettings(folder, pattern, recursive, alias_strategy=alias_strategy)
        return build_folder(console, local_engine(console, modules, demo), settings, output, keep_going=keep_going)
    if file is None:
        raise usage_error("Missing argument 'FILE'")
    return _check(console, local_engine(console, modules, demo), file, name)


def _check(console: Console, engine: Constellation, file: str, name: str | None) -> int:
    source = read_text(file, SOURCE_LIMIT)
    compilation = engine.compile_result(source)
    if compilation.image is None:
        raise compile_failure(console, source, compilation.diagnostics)
    from constellation.compiler.rendering import line_message, to_json

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
        return Exit.SUCCESS
    for warning in compilation.diagnostics:
        console.note(f"{console.mark('warning')} {line_message(warning, source)}")
    digest = short_hash(compilation.image.structural_hash)
    console.out(f"{console.mark('success')} Compilation successful (hash: {digest})")
    return Exit.SUCCESS
