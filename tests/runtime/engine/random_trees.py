"""Random programs over the modules of `reference.MODULES`, well typed, with inputs that may be missing.

Everything is made from a `random.Random`, so a seed names a program.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from tests.runtime.engine.program_trees import (
    BOOLEAN,
    INT,
    LIST,
    OPTIONAL,
    RECORD,
    STRING,
    Expression,
    Options,
    Statement,
    Tree,
)
from tests.runtime.engine.reference import MODULES

_INPUTS = (("x", INT), ("y", INT), ("flag", BOOLEAN), ("xs", LIST), ("maybe", OPTIONAL), ("pair", RECORD))
_TYPES = (INT, INT, INT, BOOLEAN, OPTIONAL, LIST, RECORD, STRING)
_ENDLESS = 40
"""Expressions in one statement, about: deeper ones become literals and variables."""

Maker = Callable[[str, int], Expression]


class RandomTrees:
    """One program: `tree`, the `given` inputs, the `rest` of them, and the modules that are `broken`: for every
    argument, or for odd ones."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._scope: list[tuple[str, str]] = list(_INPUTS)
        self._fresh = 0
        self._budget = 0
        statements = [self._statement(f"v{number}") for number in range(random.randrange(1, 6))]
        self.tree = Tree(_INPUTS, tuple(statements), tuple(self._outputs(statements)))
        values = {name: self._value(type_) for name, type_ in _INPUTS}
        self.given = {name: value for name, value in values.items() if random.random() < 0.75}
        self.rest = {name: value for name, value in values.items() if name not in {*self.given, "maybe"}}
        self.broken = {name: random.choice(("always", "odd")) for name in MODULES if random.random() < 0.2}

    def _statement(self, name: str) -> Statement:
        self._budget = _ENDLESS
        type_ = self._random.choice(_TYPES)
        lazy = type_ in (INT, BOOLEAN, OPTIONAL) and self._random.random() < 0.3
        expression = self._call(type_, 3) if lazy else self.expression(type_, 4)
        self._scope.append((name, type_))
        return Statement(name, expression, lazy)

    def _outputs(self, statements: list[Statement]) -> list[tuple[str, Expression | None]]:
        chosen = [s for s in statements if self._random.random() < 0.5] or statements[-1:]
        guarded = self._random.random() < 0.2
        self._budget = 5
        return [(s.name, self.expression(BOOLEAN, 2) if guarded and s is chosen[0] else None) for s in chosen]

    def _value(self, type_: str) -> object:
        random = self._random
        number = random.randrange(5)
        if type_ == BOOLEAN:
            return random.random() < 0.5
        if type_ == LIST:
            return [random.randrange(4) for _ in range(random.randrange(4))]
        if type_ == OPTIONAL:
            return None if random.random() < 0.4 else number
        return {"a": number, "b": random.randrange(3)} if type_ == RECORD else number

    # --- expressions ---

    def expression(self, type_: str, depth: int) -> Expression:
        """An expression of a type."""
        self._budget -= 1
        known = [name for name, have in self._scope if have == type_]
        if known and (depth <= 0 or self._budget <= 0 or self._random.random() < 0.3):
            return Expression("variable", type_, name=self._random.choice(known))
        if depth <= 0 or self._budget <= 0:
            return self._literal(type_)
        common: list[Maker] = [self._if, self._branch, self._match, self._coalesce, self._own, self._own, self._own]
        if any(returns == type_ for _, returns, _ in MODULES.values()):
            common += [self._call] * 4
        return self._random.choice(common)(type_, depth - 1)

    def _literal(self, type_: str) -> Expression:
        if type_ in (INT, BOOLEAN):
            value = self._random.randrange(4) if type_ == INT else self._random.random() < 0.5
            return Expression("literal", type_, value=value)
        if type_ == OPTIONAL:
            return Expression("when", type_, (self._literal(INT), self._literal(BOOLEAN)))
        if type_ == RECORD:
            return Expression("record", type_, (self._literal(INT), self._literal(INT)))
        return Expression("list" if type_ == LIST else "interpolation", type_, (self._literal(INT),))

    def _if(self, type_: str, depth: int) -> Expression:
        return Expression("if", type_, (self.expression(BOOLEAN, depth), *self._two(type_, depth)))

    def _branch(self, type_: str, depth: int) -> Expression:
        first, second = self._two(BOOLEAN, depth)
        one, two = self._two(type_, depth)
        return Expression("branch", type_, (first, one, second, two, self.expression(type_, depth)))

    def _match(self, type_: str, depth: int) -> Expression:
        self._fresh += 1
        names = (f"m{self._fresh}", f"n{self._fresh}")
        subject = (self.expression(BOOLEAN, depth - 1), *self._two(INT, depth - 1))
        arms = tuple(self._within((name, INT), lambda: self.expression(type_, depth)) for name in names)
        return Expression("match", type_, (*subject, *arms), names=names)

    def _within(self, name: tuple[str, str], make: Callable[[], Expression]) -> Expression:
        self._scope.append(name)
        try:
            return make()
        finally:
            self._scope.pop()

    def _coalesce(self, type_: str, depth: int) -> Expression:
        if type_ != INT:
            return self._own(type_, depth)
        parts = (self.expression(OPTIONAL, depth), self.expression(INT, depth))
        if self._random.random() < 0.2:
            return Expression("call", INT, parts, name="coalesce")
        return Expression("operation", INT, parts, name="??")

    def _call(self, type_: str, depth: int) -> Expression:
        name = self._random.choice([name for name, (_, returns, _) in MODULES.items() if returns == type_])
        arguments = tuple(self.expression(t, depth) for t in MODULES[name][0])
        return self._with_options(Expression("call", type_, arguments, name=name), depth)

    def _with_options(self, call: Expression, depth: int) -> Expression:
        chance = self._random.random()
        if chance < 0.1:
            return replace(call, options=Options(fallback=self.expression(call.type, depth)))
        if chance < 0.15:
            return replace(call, options=Options(skip=True))
        return replace(call, options=Options(retry=1)) if chance < 0.2 else call

    def _own(self, type_: str, depth: int) -> Expression:
        """A form only some types have."""
        makers = {INT: self._int, BOOLEAN: self._boolean, LIST: self._list, RECORD: self._record}
        if type_ in makers:
            return makers[type_](depth)
        if type_ == OPTIONAL:
            return Expression("when", type_, (self.expression(INT, depth), self.expression(BOOLEAN, depth)))
        parts = [
            self.expression(self._random.choice((INT, BOOLEAN)), depth) for _ in range(self._random.randrange(1, 3))
        ]
        return Expression("interpolation", type_, tuple(parts))

    def _int(self, depth: int) -> Expression:
        form = self._random.randrange(6)
        if form == 0:
            return Expression("field", INT, (self.expression(RECORD, depth),), name=self._random.choice("ab"))
        if form == 1:
            return Expression("call", INT, (self.expression(LIST, depth),), name="sum")
        if form == 2:
            return Expression("negate", INT, (self.expression(INT, depth),))
        return Expression("operation", INT, self._two(INT, depth), name=self._random.choice("++-/"))

    def _boolean(self, depth: int) -> Expression:
        form = self._random.randrange(6)
        if form == 0:
            return Expression("not", BOOLEAN, (self.expression(BOOLEAN, depth),))
        if form == 1:
            return self._lambda(self._random.choice(("any", "all")), BOOLEAN, BOOLEAN, depth)
        if form == 2:
            return Expression("operation", BOOLEAN, self._two(INT, depth), name=self._random.choice((">", "==", "<=")))
        name = self._random.choice(("and", "or"))
        if form == 3:
            call = Expression("call", BOOLEAN, self._two(BOOLEAN, depth), name=name)
            return self._with_options(call, depth) if self._random.random() < 0.5 else call
        return Expression("operation", BOOLEAN, self._two(BOOLEAN, depth), name=name)

    def _list(self, depth: int) -> Expression:
        form = self._random.randrange(3)
        if form == 0:
            return Expression("list", LIST, self._two(INT, depth))
        return self._lambda("map", LIST, INT, depth) if form == 1 else self._lambda("filter", LIST, BOOLEAN, depth)

    def _lambda(self, name: str, type_: str, body: str, depth: int) -> Expression:
        self._fresh += 1
        parameter = f"p{self._fresh}"
        source = self.expression(LIST, depth)
        inner = self._within((parameter, INT), lambda: self.expression(body, depth))
        return Expression("lambda", type_, (source, inner), name=name, names=(parameter,))

    def _record(self, depth: int) -> Expression:
        if self._random.random() < 0.3:
            return Expression("project", RECORD, (self.expression(RECORD, depth),))
        return Expression("record", RECORD, self._two(INT, depth))

    def _two(self, type_: str, depth: int) -> tuple[Expression, Expression]:
        return self.expression(type_, depth), self.expression(type_, depth)
