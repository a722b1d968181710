"""Building a pipeline store from a folder of programs, offline and reproducibly."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from constellation_server.bodies import timestamp
from constellation_server.cli.console import Console, short_hash
from constellation_server.cli.outcome import CommandFailed, Exit, usage_error
from constellation_server.loader import FolderSettings, LoaderError
from constellation_server.references import BadName, check_name

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation.image.image import PipelineImage
    from constellation.stores.files import FileSystemPipelineStore


@dataclass(frozen=True, slots=True)
class _Program:
    file: str
    name: str | None
    image: PipelineImage | None
    errors: tuple[str, ...] = ()


def build_folder(
    console: Console, engine: Constellation, folder: FolderSettings, output: Path, *, keep_going: bool
) -> int:
    """Compile every program of a folder and write what is new to a store."""
    try:
        paths = folder.files()
    except LoaderError as problem:
        raise usage_error(str(problem)) from None
    if not paths:
        console.note(f"{console.mark('warning', sys.stderr)} No file matches {folder.pattern} in {folder.directory}")
    moment = _build_time()
    programs: list[_Program] = []
    for path in paths:
        programs.append(_compiled(engine, folder, path, {p.name for p in programs}, moment))
    failed = [p for p in programs if p.image is None]
    if failed and not keep_going:
        return _report(console, [], [], failed)
    from constellation.stores.protocols import StoreError

    try:
        compiled, unchanged = asyncio.run(_write(output, [p for p in programs if p.image is not None], moment))
    except StoreError as problem:
        raise CommandFailed(Exit.RUNTIME_ERROR, "store_error", problem.message) from None
    except OSError as problem:
        message = f"The store {output} cannot be written: {problem.strerror}"
        raise CommandFailed(Exit.RUNTIME_ERROR, "store_error", message) from None
    return _report(console, compiled, unchanged, failed)


def _compiled(
    engine: Constellation, folder: FolderSettings, path: Path, taken: set[str | None], moment: datetime | None
) -> _Program:
    from constellation.compiler.rendering import line_message

    name = folder.alias(path)
    file = str(path.relative_to(folder.directory.resolve()))
    try:
        source = path.read_bytes().decode("utf-8-sig")
        if name is not None:
            check_name(name)
    except (OSError, UnicodeDecodeError, BadName) as problem:
        return _Program(file, name, None, (str(problem),))
    if name is not None and name in taken:
        return _Program(file, name, None, (f"Alias collision: '{name}' is already taken by another file",))
    compilation = engine.compile_result(source)
    if compilation.image is None:
        return _Program(file, name, None, tuple(line_message(e, source) for e in compilation.errors))
    image = replace(compilation.image, name=name)
    return _Program(file, name, image if moment is None else replace(image, compiled_at=timestamp(moment)))


def _build_time() -> datetime | None:
    """The moment a reproducible build claims to happen at."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    if not epoch:
        return None
    try:
        return datetime.fromtimestamp(int(epoch), UTC)
    except (ValueError, OverflowError, OSError):
        raise usage_error(f"SOURCE_DATE_EPOCH is not a number of seconds: {epoch}") from None


async def _write(
    output: Path, programs: list[_Program], moment: datetime | None
) -> tuple[list[_Program], list[_Program]]:
    from constellation.stores.files import FileSystemPipelineStore
    from constellation.versions.history import Versions

    store = FileSystemPipelineStore(output)
    versions = Versions(log=store.version_log, now=lambda: moment or datetime.now(UTC))
    compiled: list[_Program] = []
    unchanged: list[_Program] = []
    for program in programs:
        (unchanged if await _is_stored(store, program) else compiled).append(program)
    for program in compiled:
        image = program.image
        assert image is not None
        digest = await store.store(image)
        if program.name is not None:
            async with store.exclusively():
                await store.alias(program.name, digest)
                versions.record(program.name, digest, "compile")
        await store.index_syntactic(image.syntactic_hash, image.registry_hash, digest)
    await store.flush()
    return compiled, unchanged


async def _is_stored(store: FileSystemPipelineStore, program: _Program) -> bool:
    image = program.image
    assert image is not None
    found = await store.lookup_syntactic(image.syntactic_hash, image.registry_hash)
    return found == image.structural_hash and (program.name is None or await store.resolve(program.name) == found)


def _report(console: Console, compiled: list[_Program], unchanged: list[_Program], failed: list[_Program]) -> int:
    if console.json:
        document: dict[str, Any] = {"success": not failed}
        for key, programs in (("compiled", compiled), ("unchanged", unchanged)):
            document[key] = [
                {"file": p.file, "name": p.name, "structuralHash": p.image.structural_hash if p.image else None}
                for p in programs
            ]
        document["failed"] = [{"file": p.file, "errors": list(p.errors)} for p in failed]
        console.document(document)
        return Exit.COMPILE_ERROR if failed else Exit.SUCCESS
    width = max((len(p.name or p.file) for p in (*compiled, *unchanged, *failed)), default=0)
    for program in (*compiled, *unchanged):
        assert program.image is not None
        mark = console.mark("success" if program in compiled else "unchanged")
        console.out(f"{mark} {program.name or program.file:<{width}}  {short_hash(program.image.structural_hash)}")
    for program in failed:
        console.err(f"{console.mark('error', sys.stderr)} {program.name or program.file:<{width}}  {program.errors[0]}")
        for error in program.errors[1:]:
            console.err(f"  {'':<{width}}  {error}")
    console.out(f"{len(compiled)} compiled, {len(unchanged)} unchanged, {len(failed)} failed")
    return Exit.COMPILE_ERROR if failed else Exit.SUCCESS
