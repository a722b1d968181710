"""Errors of defining and registering modules, and the errors a module's body may raise to say more than its text.

Invariant: a definition error lists every problem found, not only the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from constellation.errors import ConstellationError


class ModuleDefinitionError(ConstellationError):
    """One or more modules cannot be defined; `problems` has one sentence each, naming module and parameter."""

    default_code = "MODULE_DEFINITION"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("; ".join(self.problems))


class DuplicateModule(ConstellationError):
    """A module of that name is already registered, or given twice in one call."""

    default_code = "DUPLICATE_MODULE"

    def __init__(self, name: str, message: str | None = None) -> None:
        self.name = name
        super().__init__(message or f"Module '{name}' is already registered", context={"module": name})


class ModuleError(Exception):
    """What a body raises to fail with a code of its own, with details, or without being retried."""

    def __init__(
        self,
        message: str,
        code: str | None = None,
        details: Mapping[str, object] | None = None,
        retryable: bool = True,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.details: dict[str, object] = dict(details or {})
        self.retryable = retryable


class NonRetryable(ModuleError):
    """A failure that trying again cannot cure; stops retries at once."""

    def __init__(self, message: str, code: str | None = None, details: Mapping[str, object] | None = None) -> None:
        super().__init__(message, code, details, retryable=False)


class ElementError(Exception):
    """A lambda failed for one element of a list: `element <index>: <message>`. The failure is `__cause__`."""

    def __init__(self, index: int, message: str) -> None:
        super().__init__(f"element {index}: {message}")
        self.index = index
