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
    """Done. A suspended run is a success too, unless `--fail-on-suspend`."""
    COMPILE_ERROR = 1
    """A program does not compile, or `fmt --check` found one that would change."""
    RUNTIME_ERROR = 2
    """The run failed, its inputs cannot be used, or a test failed."""
    NOT_FOUND = 5
    """No such pipeline, execution or code."""
    SUSPENDED = 7
    """The run is suspended (`--fail-on-suspend`)."""
    USAGE_ERROR = 10
    """Wrong arguments, a file that cannot be read, settings or modules that cannot be used."""


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
