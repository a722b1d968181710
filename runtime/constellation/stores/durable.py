"""Files that are either the old one or the new one, and never half of either.

Owns writing, replacing and locking files so that what was acknowledged survives a crash: a temporary file of its own
name in the same folder, fsync, rename, fsync of the folder. Refuses to know what is written.

Invariant: a reader sees a complete file at every moment; `write_durably` returns only when the new one is on disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from uuid import uuid4

STALE_SECONDS = 60.0
"""Temporary files older than this are leftovers of a crash."""


def write_durably(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Replace a file's content. Raises OSError, with the old content in place, when that fails.

    `sync=False` is for caches: still atomic, but a power failure may bring the old content back.
    """
    _make_folder(path.parent)
    temporary = path.with_name(f".{uuid4().hex}.tmp")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            if sync:
                os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if sync:
        sync_folder(path.parent)


def _make_folder(folder: Path) -> None:
    """A folder that is there after a power failure, as the files in it are."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and removals in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_durably(path: Path) -> bool:
    """Remove a file; False when there was none."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    sync_folder(path.parent)
    return True


def remove_leftovers(folder: Path, now: float | None = None) -> None:
    """Remove temporary files a crash left behind; those of writers at work are younger."""
    moment = time.time() if now is None else now
    for path in folder.glob(".*.tmp"):
        with contextlib.suppress(OSError):
            if moment - path.stat().st_mtime > STALE_SECONDS:
                path.unlink()


def lock_file(path: Path) -> int:
    """Take an advisory lock on a file; waits for other processes. Closing the descriptor frees it, as dying does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextlib.contextmanager
def exclusive(path: Path) -> Generator[None]:
    """Hold the lock on a file."""
    descriptor = lock_file(path)
    try:
        yield
    finally:
        os.close(descriptor)


@contextlib.asynccontextmanager
async def exclusive_async(path: Path) -> AsyncGenerator[None]:
    """The same without holding up the event loop meanwhile. Tasks of one process have to take turns by themselves."""
    taking = asyncio.ensure_future(asyncio.to_thread(lock_file, path))
    try:
        descriptor = await asyncio.shield(taking)
    except asyncio.CancelledError:
        taking.add_done_callback(_free)
        raise
    try:
        yield
    finally:
        os.close(descriptor)


def _free(taken: asyncio.Future[int]) -> None:
    if not taken.cancelled() and taken.exception() is None:
        os.close(taken.result())


Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp | None:
    """What changes when a file is replaced: inode, modification time in ns, size; None without a file."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


SETTLED_NS = 100_000_000
"""A folder changed less than this long ago may change again without its time of change telling so."""


class Listing:
    """The files of a folder with one suffix; the folder is read again only when it changed."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder = folder
        self._suffix = suffix
        self._known: tuple[Stamp, tuple[str, ...]] | None = None

    def stems(self) -> tuple[str, ...]:
        """The names without the suffix; none of a folder that does not exist."""
        now = stamp(self._folder)
        if now is None:
            return ()
        if self._known is not None and self._known[0] == now:
            return self._known[1]
        settled = time.time_ns() - now[1] > SETTLED_NS
        length = len(self._suffix)
        found = tuple(name[:-length] for name in os.listdir(self._folder) if name.endswith(self._suffix))
        self._known = (now, found) if settled else None
        return found
