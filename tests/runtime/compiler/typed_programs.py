"""Generated programs that are well typed on purpose, with inputs, for properties about running what checks.

Owns the generator and what it means for plain JSON to be a value of a type. Expressions are total: none fails for its
values. Everything is made from a `random.Random`, so a seed names a program.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, cast

from constellation.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    STRING,
    ListType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    UnionType,
)
from constellation.types.notation import parse_type

TYPES = [
    parse_type(text)
    for text in (
        "Int", "Int", "String", "Float", "Boolean", "List<Int>", "Optional<Int>", "{ a: Int, b: String }",
        "List<{ a: Int, b: String }>", "Int | String", "{ a: Int } | { b: String }", "Optional<{ a: Int }>",
        "List<Float>", "List<Int | String>", "{ a: Float, c: List<Int> }", "Optional<Optional<String>>", "Seq<Int>",
        "List<Optional<Int>>", "{ x: { a: Int }, y: Int | Boolean }", "Optional<Int | String>",
    )
]  # fmt: skip


class TypedPrograms:
    """One program: `text` with `inputs` that fit it."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._names: list[tuple[str, Type]] = []
        self._fresh = 0
        self.inputs: dict[str, Any] = {}
        self.text = "".join(f"{line}\n" for line in self._lines())

    def _lines(self) -> list[str]:
        lines: list[str] = []
        for number in range(self._random.randrange(1, 4)):
            type_ = self._type()
            lines.append(f"in i{number}: {type_}")
            self.inputs[f"i{number}"] = self._value(type_)
            self._names.append((f"i{number}", type_))
        for number in range(self._random.randrange(1, 5)):
            type_ = self._type()
            lines.append(f"v{number} = {self.expression(type_, 3)}")
            lines.append(f"out v{number}")
            self._names.append((f"v{number}", type_))
        return lines

    def _type(self) -> Type:
        return self._random.choice(TYPES)

    def _value(self, type_: Type) -> Any:
        random = self._random
        if isinstance(type_, (ListType, SeqType)):
            return [self._value(type_.element) for _ in range(random.randrange(3))]
        if isinstance(type_, OptionalType):
            return None if random.random() < 0.5 else self._value(type_.inner)
        if isinstance(type_, RecordType):
            return {name: self._value(field) for name, field in type_.fields}
        if isinstance(type_, UnionType):
            tag = random.choice(list(type_.by_tag))
            return {"tag": tag, "value": self._value(type_.by_tag[tag])}
        plain: dict[Type, Any] = {INT: random.randrange(9), FLOAT: 1.5, STRING: "s", BOOLEAN: random.random() < 0.5}
        return plain[type_]

    # ---------------------------------------------------------------------------------------------- expressions

    def expression(self, type_: Type, depth: int) -> str:
        """An expression whose type fits `type_`."""
        known = [name for name, have in self._names if have == type_]
        if known and self._random.random() < (0.35 if depth else 0.8):
            return self._random.choice(known)
        if depth <= 0:
            return self._literal(type_)
        makers: list[Callable[[Type, int], str]] = [self._literal_deep, self._literal_deep, self._own, self._own]
        makers += [self._if, self._branch, self._coalesce, self._field, self._match, self._identity, self._guarded]
        return self._random.choice(makers)(type_, depth - 1)

    def _literal(self, type_: Type) -> str:
        return self._literal_deep(type_, 0)

    def _literal_deep(self, type_: Type, depth: int) -> str:
        random = self._random
        if isinstance(type_, ListType):
            items = [self.expression(type_.element, depth - 1) for _ in range(random.randrange(3))]
            return f"[{', '.join(items)}]"
        if isinstance(type_, SeqType):
            known = [name for name, have in self._names if have == type_]
            return random.choice(known) if known else self._literal_deep(ListType(type_.element), depth)
        if isinstance(type_, OptionalType):
            return f"({self.expression(type_.inner, depth - 1)} when {self.expression(BOOLEAN, depth - 1)})"
        if isinstance(type_, RecordType):
            fields = [f"{name}: {self.expression(field, depth - 1)}" for name, field in type_.fields]
            random.shuffle(fields)
            return f"{{ {', '.join(fields)} }}"
        if isinstance(type_, UnionType):
            first, second = random.sample(list(type_.members), 2)
            test = self.expression(BOOLEAN, depth - 1)
            return f"(if ({test}) {self.expression(first, depth - 1)} else {self.expression(second, depth - 1)})"
        plain: dict[Type, str] = {
            INT: str(random.randrange(9)),
            FLOAT: "2.5",
            STRING: '"t"',
            BOOLEAN: random.choice(("true", "false")),
        }
        return plain[type_]

    def _if(self, type_: Type, depth: int) -> str:
        test = self.expression(BOOLEAN, depth)
        return f"(if ({test}) {self.expression(type_, depth)} else {self.expression(type_, depth)})"

    def _branch(self, type_: Type, depth: int) -> str:
        test, value = self.expression(BOOLEAN, depth), self.expression(type_, depth)
        return f"branch {{ {test} -> {value}, otherwise -> {self.expression(type_, depth)} }}"

    def _coalesce(self, type_: Type, depth: int) -> str:
        return f"({self.expression(OptionalType(type_), depth)} ?? {self.expression(type_, depth)})"

    def _field(self, type_: Type, depth: int) -> str:
        wide = {"f": self.expression(type_, depth), "g": self.expression(self._type(), depth - 1)}
        inside = ", ".join(f"{name}: {value}" for name, value in wide.items())
        return self._random.choice((f"{{ {inside} }}.f", f"({{ {inside} }} + {{ h: 1 }})[f, h].f"))

    def _match(self, type_: Type, depth: int) -> str:
        subject = f"(if ({self.expression(BOOLEAN, depth)}) {{ m: {self.expression(type_, depth)} }} else {{ n: 1 }})"
        return f"match {subject} {{ {{ m }} -> m, _ -> {self.expression(type_, depth)} }}"

    def _identity(self, type_: Type, depth: int) -> str:
        return f"identity({self.expression(type_, depth)})"

    def _guarded(self, type_: Type, depth: int) -> str:
        return f"(list-get({self.expression(ListType(type_), depth)}, 0) ?? {self.expression(type_, depth)})"

    def _own(self, type_: Type, depth: int) -> str:
        """A form only this type has."""
        if isinstance(type_, ListType):
            return self._of_list(type_, depth)
        if type_ is INT:
            return self._random.choice((
                f"({self.expression(INT, depth)} {self._random.choice('+-*')} {self.expression(INT, depth)})",
                f"list-length({self.expression(ListType(self._type()), depth)})",
                f"sum({self.expression(ListType(INT), depth)})",
                f"-({self.expression(INT, depth)})",
            ))  # fmt: skip
        if type_ is FLOAT:
            return self._random.choice((
                f"({self.expression(FLOAT, depth)} * {self.expression(INT, depth)})",
                f"add({self.expression(INT, depth)}, {self.expression(FLOAT, depth)})",
                f"average({self.expression(ListType(INT), depth)})",
            ))  # fmt: skip
        if type_ is STRING:
            return f'"<${{{self.expression(self._type(), depth)}}}>"'
        if type_ is BOOLEAN:
            return self._random.choice((
                f"({self.expression(INT, depth)} < {self.expression(FLOAT, depth)})",
                f"({self.expression(STRING, depth)} == {self.expression(STRING, depth)})",
                f"({self.expression(BOOLEAN, depth)} and not ({self.expression(BOOLEAN, depth)}))",
                f"any({self.expression(ListType(INT), depth)}, (q) => q > {self.expression(INT, depth)})",
            ))  # fmt: skip
        return self._literal_deep(type_, depth)

    def _of_list(self, type_: ListType, depth: int) -> str:
        self._fresh += 1
        name, element = f"p{self._fresh}", self._type()
        items = self.expression(ListType(element), depth)
        self._names.append((name, element))
        body = self.expression(type_.element, depth)
        self._names.pop()
        same = self.expression(type_, depth)
        return self._random.choice((f"map({items}, ({name}) => {body})", f"list-concat({same}, {same})"))


def conforms(value: object, type_: Type) -> bool:
    """Whether plain JSON is a value of a type."""
    if isinstance(type_, (ListType, SeqType)):
        return isinstance(value, list) and all(conforms(v, type_.element) for v in cast("list[object]", value))
    if isinstance(type_, OptionalType):
        return value is None or conforms(value, type_.inner)
    if isinstance(type_, RecordType):
        if not isinstance(value, dict):
            return False
        fields = cast("dict[str, object]", value)
        return fields.keys() == type_.by_name.keys() and all(conforms(v, type_.by_name[k]) for k, v in fields.items())
    if isinstance(type_, UnionType):
        tagged = cast("dict[str, object]", value) if isinstance(value, dict) else {}
        member = type_.by_tag.get(str(tagged.get("tag")))
        return member is not None and conforms(tagged.get("value"), member)
    plain: dict[Type, type] = {INT: int, FLOAT: float, STRING: str, BOOLEAN: bool}
    return type(value) is plain.get(type_)
