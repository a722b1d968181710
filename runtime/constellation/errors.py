"""The base of every exception Constellation raises on purpose.

Owns the common shape: a message, a stable code, a category and a context of plain facts. Refuses to know what went
wrong in any one room; each room derives its own classes.

Invariant: `to_json()` holds no stack trace and nothing that is not JSON.
"""

from __future__ import annotations

from collections.abc import Mapping


class ConstellationError(Exception):
    """An error with a stable `code`, a `category` (type, compiler, runtime, resume, storage) and a `context`.

    `str(error)` is `[CODE] message [key=value, …]`; `error.message` is the bare sentence.
    """

    default_code = "CONSTELLATION"
    default_category = "runtime"

    def __init__(
        self,
        message: str,
        code: str | None = None,
        category: str | None = None,
        context: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code if code is not None else self.default_code
        self.category = category if category is not None else self.default_category
        self.context: dict[str, object] = dict(context or {})

    def __str__(self) -> str:
        facts = ", ".join(f"{key}={value}" for key, value in self.context.items())
        return f"[{self.code}] {self.message}" + (f" [{facts}]" if facts else "")

    def to_json(self) -> dict[str, object]:
        """The error as a JSON object: `error`, `category`, `message`, `context`."""
        return {
            "error": self.code,
            "category": self.category,
            "message": self.message,
            "context": {key: _plain(value) for key, value in self.context.items()},
        }


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def cause_text(error: BaseException) -> str:
    """What a message says about its cause: the bare message of our own errors, else `str`, else the class name."""
    if isinstance(error, ConstellationError):
        return error.message
    return str(error) or type(error).__name__
