"""The image files of a store: one per structural hash, the recently used ones parsed in memory.

Owns reading, verifying and writing single images. Refuses to know names, and who needs an image. Invariant: what is
read has the hash its file is named after; a file that has not is named, set aside, and counts as absent.
"""

from __future__ import annotations

import contextlib
import os
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from constellation.errors import ConstellationError
from constellation.image.codec import UnsupportedImage, decode_image, encode_image
from constellation.image.image import PipelineImage
from constellation.stores.durable import Listing, remove_durably, remove_leftovers, stamp, write_durably
from constellation.stores.protocols import StoreError
from constellation.stores.references import is_hash


class ImageFiles:
    """Images in a folder. `cache_size` of them are kept parsed; `report` is told what is wrong with the others."""

    def __init__(self, folder: Path, *, read_only: bool, cache_size: int, report: Callable[[str], None]) -> None:
        self._folder = folder
        self._read_only = read_only
        self._report = report
        self._cache: OrderedDict[str, PipelineImage] = OrderedDict()
        self._cache_size = cache_size
        self._listing = Listing(folder, ".json")
        self._sizes: dict[str, int] = {}

    def make(self) -> None:
        """Make the folder and remove what a crash left in it. Raises OSError."""
        self._folder.mkdir(parents=True, exist_ok=True)
        remove_leftovers(self._folder)

    def path(self, digest: str) -> Path:
        """The file of an image. Raises StoreError for what is no hash in lower case."""
        if not is_hash(digest) or digest != digest.lower():
            raise StoreError(f"'{digest}' is not a structural hash")
        return self._folder / f"{digest}.json"

    def has(self, digest: str) -> bool:
        """Whether there is a file for a hash."""
        return is_hash(digest) and self.path(digest.lower()).exists()

    def digests(self) -> list[str]:
        """The hashes of all files."""
        return [stem for stem in self._listing.stems() if is_hash(stem)]

    def read(self, digest: str) -> PipelineImage | None:
        """The image of a hash from memory or disk; None when there is none, or none that can be used.

        Raises StoreError when the file is there and cannot be read.
        """
        found = self._cache.get(digest)
        path = self.path(digest)
        if found is not None:
            if path.exists():
                self._cache.move_to_end(digest)
                return found
            self._cache.pop(digest, None)
            return None
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise StoreError(f"image {digest} cannot be read: {problem.strerror}") from problem
        image = self._decoded(path, data)
        if image is not None:
            self.remember(image)
        return image

    def _decoded(self, path: Path, data: bytes) -> PipelineImage | None:
        """The image in a file; a damaged file is set aside, one of a later version stays, and both are named."""
        try:
            image = decode_image(data)
            if image.structural_hash != path.stem:
                raise StoreError(f"the file holds image {image.structural_hash}")
        except UnsupportedImage as problem:
            self._report(f"image {path.stem} was written by a later version and is left out: {problem.message}")
            return None
        except ConstellationError as problem:
            self._report(f"image {path.stem} is damaged and was set aside: {problem.message}")
            if not self._read_only:
                target = self._folder / "corrupt"
                with contextlib.suppress(OSError):
                    target.mkdir(exist_ok=True)
                    os.replace(path, target / path.name)
            return None
        return image

    def write(self, image: PipelineImage) -> None:
        """Write an image; on disk when this returns. Raises OSError."""
        write_durably(self.path(image.structural_hash), encode_image(image))
        self._sizes.pop(image.structural_hash, None)

    def remember(self, image: PipelineImage) -> None:
        """Keep an image parsed."""
        self._cache[image.structural_hash] = image
        self._cache.move_to_end(image.structural_hash)
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)

    def drop(self, digest: str) -> None:
        """Remove the file of an image. Raises OSError."""
        remove_durably(self.path(digest))
        self._cache.pop(digest, None)
        self._sizes.pop(digest, None)

    def touch(self, digest: str) -> None:
        """Note that an image was used. Gone in the meantime, or not ours: then it is not noted."""
        if not self._read_only:
            with contextlib.suppress(OSError):
                os.utime(self.path(digest))

    def last_used(self, digest: str) -> int:
        """When an image was used last, in nanoseconds."""
        return (stamp(self.path(digest)) or (0, 0, 0))[1]

    def size(self, digest: str) -> int:
        """The bytes of an image, which does not change any more."""
        known = self._sizes.get(digest)
        if known is None:
            known = self._sizes[digest] = (stamp(self.path(digest)) or (0, 0, 0))[2]
        return known
