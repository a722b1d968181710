"""Plain JSON ⇄ language values, by type: the front of `decoding.py` and `encoding.py`.

Owns the names others use, and the wording around an input. Refuses to parse or print JSON text.

Invariant: `decode(t)(encode(t)(v)) == v` for every value of every type without nested optionals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from constellation.types.decoding import MAX_DEPTH, MAX_ITEMS, decode_value
from constellation.types.encoding import encoder, same
from constellation.types.model import Type
from constellation.types.problems import InputProblem, ValueRejected

__all__ = [
    "MAX_DEPTH",
    "MAX_ITEMS",
    "InputProblem",
    "ValueRejected",
    "decode",
    "encode",
    "encode_python",
    "input_value",
    "same",
]


def decode(type_: Type) -> Callable[..., Any]:
    """The function from plain data to values of a type: `decode(type)(raw, path="")`.

    Raises `ValueRejected`; a `path` given is put in front of its problems' paths.
    """

    def read(raw: Any, path: str = "") -> Any:
        try:
            return decode_value(type_, raw)
        except ValueRejected as rejected:
            if not path:
                raise
            moved = [p.under(path) for p in rejected.problems]
        raise ValueRejected(InputProblem(p.path, p.expected, p.got, f"field '{p.path}': {_bare(p)}") for p in moved)

    return read


def _bare(problem: InputProblem) -> str:
    head, separator, rest = problem.message.partition("': ")
    return rest if separator and head.startswith("field '") else problem.message


def encode(type_: Type) -> Callable[[Any], Any]:
    """The function from values of a type to plain JSON; `same` when they are plain already."""
    return encoder(type_)


def encode_python(type_: Type) -> Callable[[Any], Any]:
    """The function from values of a type to plain Python objects: absent is None, records are dicts, union values
    `{"tag", "value"}`, maps dicts whatever their keys."""
    return encoder(type_, python=True)


def input_value(name: str, type_: Type, raw: Any) -> Any:
    """The value of a run's input. Raises `ValueRejected` whose messages begin `Input '<name>': ` and whose paths
    begin with the input's name."""
    try:
        return decode_value(type_, raw)
    except ValueRejected as rejected:
        found = rejected.problems
    raise ValueRejected(_of_input(name, problem) for problem in found)


def _of_input(name: str, problem: InputProblem) -> InputProblem:
    moved = problem.under(name)
    names_itself = not problem.path and problem.message.startswith("missing required field")
    where = "" if names_itself else f"field '{moved.path}': "
    return InputProblem(moved.path, problem.expected, problem.got, f"Input '{name}': {where}{_bare(problem)}")
