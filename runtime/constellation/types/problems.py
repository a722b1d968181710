"""What is wrong with a value that should have been of a type.

Invariant: a problem's message is a complete sentence fragment naming the field it is about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from constellation.errors import ConstellationError


@dataclass(frozen=True, slots=True)
class InputProblem:
    """One misfit. `path` leads to it from the value's root (`items[2].price`; empty at the root).

    `message` is what people read: `field 'items[2].price': expected Float, got string`.
    """

    path: str
    expected: str
    got: str
    message: str

    def under(self, name: str) -> InputProblem:
        """The same problem with the input's name in front of the path."""
        joiner = "" if not self.path or self.path.startswith("[") else "."
        return InputProblem(f"{name}{joiner}{self.path}", self.expected, self.got, self.message)


class ValueRejected(ConstellationError):
    """A plain value does not fit the expected type; `problems` has every misfit."""

    default_code = "INPUT_VALIDATION"

    def __init__(self, problems: Iterable[InputProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(p.message for p in self.problems))
