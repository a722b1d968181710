"""Types and signatures as text: what manifests, test data and declarations of standard functions are written in.

Owns the notation: the type grammar of programs plus `(A, B) => C`, open records `{ f: T | r }` and type variables.
Refuses to know programs' own type aliases.

Invariant: a single capital letter is a type variable; `N` ranges over the numbers, `O` over the ordered types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from constellation.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    NOTHING,
    PRIMITIVES,
    STRING,
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    TypeVariable,
)
from constellation.types.relations import is_generic, merge_types, union_of
from constellation.types.signature import FunctionSpec, Parameter, Signature

__all__ = ["NotationError", "parse_function", "parse_signature", "parse_type"]

BOUNDS: Mapping[str, tuple[Type, ...]] = {"N": (INT, FLOAT), "O": (INT, FLOAT, STRING, BOOLEAN)}

_TOKEN = re.compile(r"\s*(?:(=>|->|[A-Za-z_](?:[A-Za-z0-9_.]|-(?!>))*|[<>\[\](){}|:,+]))")


class NotationError(ValueError):
    """A text that is no type or signature; the message says where."""


def parse_type(text: str) -> Type:
    """The type a text denotes. Raises `NotationError`."""
    parser = _Parser(text)
    type_ = parser.type()
    parser.expect("")
    return type_


def parse_signature(text: str, last: bool = False) -> tuple[str, Signature]:
    """`name(a: Int) -> String` as (name, signature). Raises `NotationError`."""
    parser = _Parser(text)
    name = parser.take()
    parser.skip_declared_variables()
    parameters: list[Parameter] = []
    parser.expect("(")
    while not parser.accept(")"):
        parameter = parser.take()
        parser.expect(":")
        parameters.append(Parameter(parameter, parser.type()))
        if not parser.accept(","):
            parser.expect(")")
            break
    parser.expect("->")
    returns = parser.type()
    parser.expect("")
    return name, Signature(tuple(parameters), returns, last)


def parse_function(*texts: str, prelude: bool = False, spellings: tuple[str, ...] = ()) -> FunctionSpec:
    """A function from the texts of its overloads, all with the same qualified name.

    `spellings` are further simple names it answers to.
    """
    parsed = [parse_signature(text) for text in texts]
    qualified = parsed[0][0]
    namespace, _, name = qualified.rpartition(".")
    overloads = tuple(signature for _, signature in parsed)
    generic = any(is_generic(t) for s in overloads for t in (s.returns, *(p.type for p in s.parameters)))
    return FunctionSpec(
        qualified, namespace, name, overloads, (name, *spellings), prelude=prelude, pure=prelude, generic=generic
    )


class _Parser:
    """Recursive descent over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[str] = []
        position = 0
        stripped = text.rstrip()
        while position < len(stripped):
            match = _TOKEN.match(stripped, position)
            if match is None:
                raise NotationError(f"Unexpected character {stripped[position]!r} in {text!r}")
            self._tokens.append(match[1])
            position = match.end()
        self._tokens.append("")
        self._at = 0

    @property
    def next(self) -> str:
        return self._tokens[self._at]

    def take(self) -> str:
        token = self._tokens[self._at]
        if not (token[:1].isalpha() or token[:1] == "_"):
            raise NotationError(f"Expected a name but found {token or 'the end'!r} in {self._text!r}")
        self._at += 1
        return token

    def accept(self, token: str) -> bool:
        if self.next != token:
            return False
        self._at += 1
        return True

    def expect(self, token: str) -> None:
        if self.next != token:
            wanted, found = token or "the end", self.next or "the end"
            raise NotationError(f"Expected {wanted!r} but found {found!r} in {self._text!r}")
        self._at += 1 if token else 0

    def skip_declared_variables(self) -> None:
        if self.accept("<"):
            while not self.accept(">"):
                self.take()
                self.accept(",")

    def type(self) -> Type:
        members = [self._merge()]
        while self.next == "|" and not self._at_row():
            self.expect("|")
            members.append(self._merge())
        return union_of(*members) if len(members) > 1 else members[0]

    def _at_row(self) -> bool:
        name = self._tokens[self._at + 1]
        return self._tokens[self._at + 2 : self._at + 3] == ["}"] and (name[:1].islower() or name[:1] == "_")

    def _merge(self) -> Type:
        type_ = self._primary()
        while self.accept("+"):
            type_ = merge_types(type_, self._primary())
        return type_

    def _primary(self) -> Type:
        if self.accept("{"):
            return self._record()
        if self.accept("("):
            return self._function_or_group()
        name = self.take()
        if self.next in ("<", "["):
            return self._generic(name)
        if name in PRIMITIVES:
            return PRIMITIVES[name]
        if name == "Nothing":
            return NOTHING
        if len(name) == 1 and name.isupper():
            return TypeVariable(name, BOUNDS.get(name, ()))
        raise NotationError(f"Unknown type {name!r} in {self._text!r}")

    def _record(self) -> Type:
        fields: list[tuple[str, Type]] = []
        row: str | None = None
        while not self.accept("}"):
            if self.accept("|"):
                row = self.take()
                self.expect("}")
                break
            name = self.take()
            self.expect(":")
            fields.append((name, self.type()))
            if self.next not in ("|", "}"):
                self.expect(",")
        return RecordType(tuple(fields), row)

    def _function_or_group(self) -> Type:
        inside: list[Type] = []
        while not self.accept(")"):
            inside.append(self.type())
            if not self.accept(","):
                self.expect(")")
                break
        if self.accept("=>"):
            return FunctionType(tuple(inside), self.type())
        if len(inside) != 1:
            raise NotationError(f"Expected '=>' after the parameters in {self._text!r}")
        return inside[0]

    def _generic(self, name: str) -> Type:
        closer = ">" if self.accept("<") else "]"
        if closer == "]":
            self.expect("[")
        arguments = [self.type()]
        while self.accept(","):
            arguments.append(self.type())
        self.expect(closer)
        if name == "Map" and len(arguments) == 2:
            return MapType(arguments[0], arguments[1])
        one = {"List": ListType, "Seq": SeqType, "Candidates": SeqType, "Optional": OptionalType}.get(name)
        if one is None or len(arguments) != 1:
            raise NotationError(f"Unknown type {name}<...> in {self._text!r}")
        return one(arguments[0])
