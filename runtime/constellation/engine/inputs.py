"""Inputs of a run: from what a caller gives to language values in cells.

Owns which inputs are missing, unknown or wrong. Refuses to decide what a missing input means for the run.

Invariant: every problem of one set of inputs is reported at once, in declaration order.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from constellation.engine.errors import InputValidationError, UnexpectedInputError
from constellation.engine.plan import UNSET
from constellation.image.graph import InputSpec
from constellation.types.decoding import decoder
from constellation.types.json import input_value
from constellation.types.model import OptionalType
from constellation.types.problems import InputProblem, ValueRejected
from constellation.types.scalar_decoding import Misfit
from constellation.types.values import NONE

Reader = tuple[str, Callable[[Any], Any], bool]


class InputReader:
    """Reads the declared inputs of one program."""

    def __init__(self, specs: tuple[InputSpec, ...], *, suspend_on_missing_optional: bool = False) -> None:
        self._specs = specs
        self._names = {spec.name for spec in specs}
        self._readers = [
            (spec.name, decoder(spec.type), isinstance(spec.type, OptionalType) and not suspend_on_missing_optional)
            for spec in specs
        ]

    def read(self, given: Mapping[str, Any], cells: list[Any]) -> bool:
        """Put the inputs into the first cells; False when one is missing. Raises for unknown or wrong ones."""
        if not self._names.issuperset(given):
            self.refuse_unknown(given, self._wrong(given))
        complete = True
        for cell, (name, read, optional) in enumerate(self._readers):
            if name in given:
                try:
                    cells[cell] = read(given[name])
                except Misfit:
                    problems = self._wrong(given)
                    raise InputValidationError("; ".join(p.message for p in problems), problems) from None
            elif optional:
                cells[cell] = NONE
            else:
                complete = False
        return complete

    def restore(self, values: Mapping[str, Any], cells: list[Any]) -> bool:
        """Put checked values (with a `value` each) into the first cells; False when one is missing."""
        complete = True
        for cell, (name, _, optional) in enumerate(self._readers):
            if name in values:
                cells[cell] = values[name].value
            elif optional:
                cells[cell] = NONE
            else:
                complete = False
        return complete

    def refuse_unknown(self, given: Iterable[str], others: Sequence[InputProblem] = ()) -> None:
        """Raises `UnexpectedInputError` naming every input nothing declares, and the other problems."""
        unknown = [name for name in given if name not in self._names]
        close = {name: difflib.get_close_matches(name, self._names, n=1) for name in unknown}
        raise UnexpectedInputError(unknown, {name: found[0] for name, found in close.items() if found}, others)

    def _wrong(self, given: Mapping[str, Any]) -> list[InputProblem]:
        """What is wrong with the values of declared inputs, in declaration order."""
        problems: list[InputProblem] = []
        for spec in self._specs:
            if spec.name in given:
                try:
                    input_value(spec.name, spec.type, given[spec.name])
                except ValueRejected as rejected:
                    problems += rejected.problems
        return problems


def provided(specs: tuple[InputSpec, ...], cells: list[Any], given: Iterable[str]) -> dict[str, tuple[Any, Any]]:
    """The inputs a caller gave, as typed values."""
    names = set(given)
    return {
        spec.name: (spec.type, cells[i]) for i, spec in enumerate(specs) if spec.name in names and cells[i] is not UNSET
    }
