"""One entry of the catalogue of diagnostics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DiagnosticKind:
    """Everything there is to say about one code.

    `messages` maps the slug of each situation to its message, with named blanks. `wrong` is a program that gets
    exactly this code, `right` the same program repaired; both may call `functions`, signatures in the notation of
    `constellation.types.notation`, besides the standard library. `notes` explain single situations (by slug) better
    than the explanation of the whole code. `wrong` is empty for codes no program can provoke.
    """

    code: str
    title: str
    category: str
    messages: Mapping[str, str]
    explanation: str
    wrong: str
    right: str
    severity: str = "error"
    functions: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict[str, str])
