"""What kind of container an object is, in words type checkers understand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard


def is_items(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """A list or a tuple."""
    return isinstance(value, list | tuple)


def is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    """Any sequence but a text or bytes."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes | bytearray)


def is_dict(value: object) -> TypeGuard[dict[Any, Any]]:
    """Exactly a dict."""
    return type(value) is dict


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Exactly a list."""
    return type(value) is list


def is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    """Any mapping."""
    return isinstance(value, Mapping)
