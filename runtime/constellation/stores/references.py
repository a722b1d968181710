"""References to pipelines: hashes, names and what a name may look like.

Invariant: 64 hexadecimal digits always mean a hash, never a name.
"""

from __future__ import annotations

import re
from typing import Final

from constellation.stores.protocols import StoreError

_HASH: Final = re.compile(r"[0-9a-fA-F]{64}\Z")
_VERSIONED: Final = re.compile(r"(.+)@v([1-9][0-9]{0,17})\Z", re.S)
NAME_LIMIT: Final = 256


class InvalidReference(StoreError):
    """A reference or name that cannot be one."""

    default_code = "INVALID_REFERENCE"


def is_hash(text: str) -> bool:
    """Whether a text is a structural hash."""
    return _HASH.match(text) is not None


def split_reference(ref: str) -> tuple[str | None, str]:
    """A reference as (hash, "") or (None, name). Raises `InvalidReference`."""
    bare = ref.removeprefix("sha256:")
    if is_hash(bare):
        return bare.lower(), ""
    if not ref or len(ref) > NAME_LIMIT or not ref.isprintable() or bare is not ref:
        raise InvalidReference("Invalid pipeline reference format")
    return None, ref


def split_version(ref: str) -> tuple[str, int] | None:
    """The name and number of `name@vN`; None for anything else."""
    match = _VERSIONED.match(ref)
    return None if match is None else (match[1], int(match[2]))


def check_alias(name: str) -> None:
    """Raises `InvalidReference` for what cannot be a name: empty, too long, unprintable, or a hash."""
    if not 1 <= len(name) <= NAME_LIMIT or not name.isprintable():
        raise InvalidReference(f"Invalid alias: 1 to {NAME_LIMIT} printable characters are allowed")
    if is_hash(name.removeprefix("sha256:")):
        raise InvalidReference("Invalid alias: a name may not look like a hash")
