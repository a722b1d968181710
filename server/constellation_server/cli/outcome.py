"""How a command ends: exit codes, and the one exception that carries a failure to the edge.

Invariant: the exit code depends on the outcome alone, never on the output format.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """Exit codes of every command."""

    SUCCESS = 0
    COMPILE_ERROR = 1
    RUNTIME_ERROR = 2
    CONNECTION_ERROR = 3
    NOT_FOUND = 5
    CONFLICT = 6
    SUSPENDED = 7
    USAGE_ERROR = 10


class CommandFailed(Exception):
    """A command that cannot go on. `details` join the JSON document; `human` replaces the one-line message."""

    def __init__(
        self,
        exit_code: Exit,
        code: str,
        message: str,
        *,
        human: str | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.code = code
        self.message = message
        self.human = human
        self.details = dict(details or {})


def usage_error(message: str) -> CommandFailed:
    """Bad arguments or an unusable local file."""
    return CommandFailed(Exit.USAGE_ERROR, "usage_error", message)
