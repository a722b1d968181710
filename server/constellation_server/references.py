"""How clients name pipelines: hashes, names, `name@vN`; and which names they may choose.

Owns the spelling rules. Refuses to look anything up. Invariant: a string is classified the same way in a body and in a
path; only the status of a refusal differs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MAX_LENGTH: Final = 256
_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")
_VERSIONED: Final = re.compile(r"(.+)@v([1-9][0-9]{0,17})", re.DOTALL)
_PREFIX: Final = "sha256:"
_UNFIT: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\\\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class HashRef:
    """An image, by structural hash (lower case)."""

    structural_hash: str


@dataclass(frozen=True, slots=True)
class NameRef:
    """A name, or `base` at version `number`; the exact name is looked up first."""

    name: str
    base: str | None = None
    number: int = 0


class BadReference(ValueError):
    """A text that cannot be a reference; says why."""


class BadName(ValueError):
    """A text that cannot be a name; says why."""


def parse_ref(text: str) -> HashRef | NameRef:
    """Classify a reference. Raises BadReference."""
    if not text.strip():
        raise BadReference("cannot be blank")
    if len(text) > MAX_LENGTH:
        raise BadReference(f"too long: {len(text)} characters (max {MAX_LENGTH})")
    if _has_control(text):
        raise BadReference("contains a control character or a backslash")
    if text[: len(_PREFIX)].lower() == _PREFIX:
        if not _HASH.fullmatch(text, len(_PREFIX)):
            raise BadReference("Invalid hash format")
        return HashRef(text[len(_PREFIX) :].lower())
    if _HASH.fullmatch(text):
        return HashRef(text.lower())
    versioned = _VERSIONED.fullmatch(text)
    return NameRef(text, versioned[1], int(versioned[2])) if versioned else NameRef(text)


def parse_hash(text: str) -> str | None:
    """The lower-case digits of a hash in either spelling; None when it is none."""
    digits = text[len(_PREFIX) :] if text[: len(_PREFIX)].lower() == _PREFIX else text
    return digits.lower() if _HASH.fullmatch(digits) else None


def check_name(name: str) -> str:
    """The name, when a client may choose it. Raises BadName."""
    if not name.strip():
        raise BadName("cannot be blank")
    if len(name) > MAX_LENGTH:
        raise BadName(f"too long: {len(name)} characters (max {MAX_LENGTH})")
    if not name.isprintable() or "\\" in name:
        raise BadName("contains an unprintable character or a backslash")
    if name != name.strip():
        raise BadName("must not begin or end with a blank")
    if any(part in {"", ".", ".."} for part in name.split("/")):
        raise BadName("no part between slashes may be empty, '.' or '..'")
    if name[: len(_PREFIX)].lower() == _PREFIX or _HASH.fullmatch(name):
        raise BadName("must not look like a hash")
    if re.search(r"@v[0-9]+$", name):
        raise BadName("must not end like a version (@v1)")
    return name


def _has_control(text: str) -> bool:
    return _UNFIT.search(text) is not None
