"""Deploying a folder of programs at start-up, and again whenever a file changes.

Owns which files belong, the names they are deployed under, and what happens to a broken one. Refuses to compile itself.
Invariant: a file that does not compile never changes what its name serves, and no change of a file ends the watcher.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from constellation.compiler.rendering import SourceText, line_message
from constellation_server.bodies import errors_of
from constellation_server.compilation import remember
from constellation_server.problems import CompileTimeout, Problem
from constellation_server.references import BadName, check_name

if TYPE_CHECKING:
    from constellation.compiler.compiler import Compilation
    from constellation_server.state import ServerState

LOG: Final = logging.getLogger("constellation.loader")


class LoaderError(Exception):
    """The folder cannot be loaded; the text has one line per file at fault."""


@dataclass(slots=True)
class LoadReport:
    """What one pass over a folder did. `skipped` were answered by the compile cache."""

    loaded: int = 0
    skipped: int = 0
    failed: int = 0
    errors: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    aliases: list[str] = field(default_factory=list[str])

    def fail(self, file: str, messages: Iterable[str]) -> None:
        """Note a file that was not deployed."""
        self.failed += 1
        self.errors[file] = list(messages)


@dataclass(frozen=True, slots=True)
class FolderSettings:
    """Which files of a folder are programs and how they are named."""

    directory: Path
    pattern: str = "*.cst"
    recursive: bool = False
    fail_on_error: bool = False
    alias_strategy: str = "filename"
    interval: float = 1.0

    def files(self) -> list[Path]:
        """The regular files that match, in path order; links that leave the folder and hidden folders are ignored."""
        root = self.directory.resolve()
        if not root.is_dir():
            raise LoaderError(f"{self.directory}: {'not a folder' if root.exists() else 'no such folder'}")
        found = root.rglob("*") if self.recursive else root.iterdir()
        return sorted(path for path in found if self.includes(path, root))

    def includes(self, path: Path, root: Path | None = None) -> bool:
        """Whether a path is one of the folder's programs."""
        root = root or self.directory.resolve()
        try:
            inside = path.relative_to(root)
            hidden = any(part.startswith(".") for part in inside.parts)
            depth = len(inside.parts) == 1 or self.recursive
            return (
                depth and not hidden and fnmatch(path.name, self.pattern)
                and path.resolve().is_relative_to(root) and path.is_file()
            )  # fmt: skip
        except (OSError, ValueError):
            return False

    def shown(self, path: Path) -> str:
        """How messages name a file: by its path below the folder."""
        return path.relative_to(self.directory.resolve()).as_posix()

    def alias(self, path: Path) -> str | None:
        """The name a file is deployed under; None when files get none."""
        if self.alias_strategy == "hash-only":
            return None
        if self.alias_strategy == "relative-path":
            return path.relative_to(self.directory.resolve()).with_suffix("").as_posix()
        return path.stem


Compile = Callable[[str], Awaitable["Compilation"]]
Changes = Callable[[Path, float], AsyncIterator[set[Path]]]


class Loader:
    """The programs of one folder, in one server."""

    def __init__(self, state: ServerState, folder: FolderSettings, compile_source: Compile) -> None:
        self._state = state
        self._folder = folder
        self._compile = compile_source

    async def load(self) -> LoadReport:
        """Deploy every file. With `fail_on_error` nothing is deployed unless everything compiles."""
        report = LoadReport()
        ready: list[tuple[Path, str | None, Compilation]] = []
        taken: set[str] = set()
        for path in self._folder.files():
            name, file = self._folder.alias(path), self._folder.shown(path)
            if name is not None and name in taken:
                report.fail(file, [_collision(name, file)])
                continue
            messages, compilation = await self._compiled(path, name)
            if compilation is None:
                report.fail(file, messages)
                continue
            if name is not None:
                taken.add(name)
            report.skipped += compilation.cached is not None
            ready.append((path, name, compilation))
        self._complain(report)
        for path, name, compilation in ready:
            await self._deploy(path, name, compilation)
            report.loaded += 1
            if name is not None:
                report.aliases.append(name)
        return report

    def _complain(self, report: LoadReport) -> None:
        lines = [f"{file}: {message}" for file, messages in report.errors.items() for message in messages]
        if lines and self._folder.fail_on_error:
            raise LoaderError("\n".join(lines))
        for line in lines:
            LOG.warning("%s", line)

    async def _compiled(self, path: Path, name: str | None) -> tuple[list[str], Compilation | None]:
        try:
            source = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            return ["contains invalid UTF-8"], None
        except OSError as problem:
            return [f"cannot be read: {problem.strerror}"], None
        try:
            if name is not None:
                check_name(name)
            compilation = await self._compile(source)
        except BadName as problem:
            return [f"cannot be named after its file: {problem}"], None
        except (CompileTimeout, Problem) as problem:
            return [problem.message], None
        if compilation.image is None:
            return [line_message(e, SourceText(source)) for e in errors_of(compilation.diagnostics)], None
        return [], compilation

    async def _deploy(self, path: Path, name: str | None, compilation: Compilation) -> None:
        state, image = self._state, compilation.image
        if image is None:
            raise ValueError("a program that does not compile cannot be deployed")
        if name is None:
            await state.engine.pipelines.store(image)
        else:
            await state.deployments.deploy(name, image, source="loader")
            state.sources[name] = path
        await remember(state, compilation)

    # -------------------------------------------------------------------------------------------- watching

    async def watch(self, changes: Changes | None = None) -> None:
        """Deploy files as they change, for ever. `changes` yields sets of changed paths."""
        root = self._folder.directory.resolve()
        async for paths in (changes or watched_changes)(root, self._folder.interval):
            for path in self._files_of(paths, root):
                try:
                    await self.changed(path)
                except Exception:
                    LOG.exception("the change of a file could not be handled")

    def _files_of(self, paths: Iterable[Path], root: Path) -> list[Path]:
        """Changed files in path order; a folder stands for what is below it: it may have come with its files."""
        files: set[Path] = set()
        for path in paths:
            if path != root and path.is_dir():
                files.update(below for below in path.rglob("*") if self._folder.includes(below, root))
            else:
                files.add(path)
        return sorted(files)

    async def changed(self, path: Path) -> None:
        """Deploy one file that was written, or note that it is gone."""
        if not path.is_relative_to(self._folder.directory.resolve()):
            return
        name, file = self._folder.alias(path), self._folder.shown(path)
        if not path.exists():
            if name is not None and self._state.sources.get(name) == path:
                LOG.info("%s is gone; '%s' stays as it is", file, name)
            return
        if not self._folder.includes(path):
            return
        if name is not None and self._state.sources.get(name, path) != path:
            LOG.warning("%s", _collision(name, file))
            return
        if name is not None and self._state.deployments.router.canary(name) is not None:
            LOG.warning("%s changed, but a canary of '%s' is active; end it first", file, name)
            return
        messages, compilation = await self._compiled(path, name)
        if compilation is None:
            LOG.warning("%s is broken, the previous version stays: %s", file, "; ".join(messages))
            return
        await self._deploy(path, name, compilation)
        LOG.info("%s deployed", file)


def _collision(name: str, file: str) -> str:
    return f"Alias collision: '{name}' already loaded, skipping {file}"


async def watched_changes(root: Path, interval: float) -> AsyncIterator[set[Path]]:
    """Changed paths below a folder, collected over the interval, by operating-system notification or polling."""
    import watchfiles

    awatch: Callable[..., AsyncIterator[set[tuple[Any, str]]]] = vars(watchfiles)["awatch"]
    milliseconds = max(int(interval * 1000), 50)
    async for batch in awatch(root, debounce=milliseconds, step=min(50, milliseconds), recursive=True):
        yield {Path(changed) for _, changed in batch}


def start_watching(loader: Loader) -> asyncio.Task[None]:
    """Watch in the background."""
    return asyncio.create_task(loader.watch())
