"""`constellation diff A B`: what differs between two programs, by declaration, in words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from constellation_server.cli.console import Console, short_hash
from constellation_server.cli.excerpts import compile_failure
from constellation_server.cli.files import SOURCE_LIMIT, read_text
from constellation_server.cli.local import local_engine, project_settings
from constellation_server.cli.options import engine_options, global_options
from constellation_server.cli.outcome import CommandFailed, Exit, usage_error

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation.image.image import PipelineImage


@click.command("diff")
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@click.option("--store", type=click.Path(path_type=Path, file_okay=False), help="Pipeline store of names and hashes.")
@engine_options
@global_options
@click.pass_obj
def command(console: Console, old: str, new: str, store: Path | None, modules: tuple[str, ...], demo: bool) -> int:
    """Show what changed from A to B: files, or names, hashes and versions (name@v2) of a pipeline store.

    Layout, comments, order and spellings are no difference. Exit code 0 whether or not anything differs.

    Example: constellation diff pricing@v1 pricing.cst --store .constellation-store
    """
    engine = local_engine(console, modules, demo)
    folder = store or _project_store(console)
    before, after = (_image(console, engine, ref, folder) for ref in (old, new))
    from constellation.image.difference import differences

    changes = differences(before.graph, after.graph)
    if console.json:
        console.document(
            {"success": True, "equal": not changes, "from": before.structural_hash, "to": after.structural_hash,
             "changes": [c.to_json() for c in changes]}
        )  # fmt: skip
        return Exit.SUCCESS
    if not changes:
        console.out(f"{console.mark('unchanged')} No difference ({short_hash(before.structural_hash)})")
        return Exit.SUCCESS
    console.out(f"{short_hash(before.structural_hash)} → {short_hash(after.structural_hash)}")
    for change in changes:
        console.out(f"  {'+' if change.kind == 'added' else '-' if change.kind == 'removed' else '~'} {change}")
    return Exit.SUCCESS


def _project_store(console: Console) -> Path | None:
    settings = project_settings(console)
    return settings.root / settings.store if settings.store else None


def _image(console: Console, engine: Constellation, ref: str, folder: Path | None) -> PipelineImage:
    if ref == "-" or Path(ref).is_file():
        source = read_text(ref, SOURCE_LIMIT)
        compilation = engine.compile_result(source)
        if compilation.image is None:
            raise compile_failure(console, source, compilation.diagnostics, file=ref)
        return compilation.image
    if folder is None or not folder.is_dir():
        where = f"the store {folder} does not exist" if folder else "no store is given (--store DIR)"
        raise usage_error(f"'{ref}' is no file, and {where}")
    image = asyncio.run(_stored(ref, folder))
    if image is None:
        raise CommandFailed(Exit.NOT_FOUND, "not_found", f"'{ref}' is no file and no pipeline of {folder}")
    return image


async def _stored(ref: str, folder: Path) -> PipelineImage | None:
    from constellation.stores.files import FileSystemPipelineStore
    from constellation.stores.references import InvalidReference
    from constellation.versions.history import Versions
    from constellation_server.references import BadReference, NameRef, parse_ref

    store = FileSystemPipelineStore(folder, read_only=True)
    try:
        parsed = parse_ref(ref)
        digest = await store.resolve_ref(ref)
    except (BadReference, InvalidReference) as problem:
        raise usage_error(f"'{ref}' is no reference: {problem}") from None
    if digest is None and isinstance(parsed, NameRef) and parsed.base is not None:
        entry = Versions(log=store.version_log).get(parsed.base, parsed.number)
        digest = entry.structural_hash if entry is not None else None
    return None if digest is None else await store.get(digest)
