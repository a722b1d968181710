"""Programs made up from the grammar: valid ones from a seed, and broken ones by changing a token.

Every alternative of `constellation.lark` comes up (test_programs.py counts). The programs follow the grammar alone:
names need not be defined, types need not fit. A program is a list of tokens; `text_of` puts blanks, line breaks and
comments between them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

Tokens = list[str]

RESERVED = [
    "type",
    "in",
    "out",
    "if",
    "else",
    "true",
    "false",
    "use",
    "as",
    "and",
    "or",
    "not",
    "when",
    "branch",
    "otherwise",
    "with",
    "lazy",
    "match",
    "is",
]
NAMES = [
    "a",
    "b",
    "c",
    "x",
    "y",
    "item",
    "user",
    "total",
    "max-score",
    "rank-v2",
    "_",
    "_x",
    "orders",
    "in-x",
    "not-found",
    "List",
    "Foo",
    "T",
    "retry",
    "timeout",
    "fixed",
    "cache_backend",
    "priority",
    "window",
    "batch_timeout",
    "fallback",
    "example",
]
_DURATIONS = ("5s", "100ms", "1min", "2h", "1d", "0s")
_NUMBERS = ("0", "1", "7", "42", "3.14", "0.5", "1.5e-3", "2.0E10", "9223372036854775807")
_TEXTS = ("", "x", "# ", "}", "{", "\\n", '\\"', "$", "\\${", "\n", "é", "\\u{1F600}", "it's")
_QUOTED = ('"kafka"', '"a\\b"', '"${"', '""')


class Programs:
    """A writer of programs. Equal seeds write equal programs."""

    def __init__(self, seed: int | str | Random) -> None:
        self.random = seed if isinstance(seed, Random) else Random(seed)

    # ------------------------------------------------------------------------------------------------ choices

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def times(self, make: Callable[[], Tokens], least: int, most: int) -> list[Tokens]:
        return [make() for _ in range(self.random.randint(least, most))]

    def listed(self, items: list[Tokens], trailing: bool = True) -> Tokens:
        """Items with commas between them, now and then one behind the last."""
        tokens: Tokens = []
        for index, item in enumerate(items):
            tokens += ([","] if index else []) + item
        return [*tokens, ","] if items and trailing and self.chance(0.25) else tokens

    def name(self) -> Tokens:
        return [self.random.choice(NAMES)]

    def word(self) -> Tokens:
        return [self.random.choice(RESERVED)] if self.chance(0.4) else self.name()

    # ------------------------------------------------------------------------------------------------- program

    def program(self, statements: int | None = None) -> Tokens:
        """A valid program of so many declarations (1 to 50 by default, mostly few)."""
        count = statements or min(50, 1 + int(self.random.expovariate(0.15)))
        tokens: Tokens = []
        for _ in range(count):
            tokens += self.declaration()
        return tokens

    def declaration(self) -> Tokens:
        """One declaration."""
        kind = self.random.randrange(10)
        if kind == 0:
            return ["type", *self.name(), "=", *self.type(3)]
        if kind == 1:
            notes = [token for _ in range(self.random.choice((0, 1, 2))) for token in self.input_note()]
            return [*notes, "in", *self.name(), ":", *self.type(2)]
        if kind == 2:
            path = [self.one("a", "stdlib")] + [t for _ in range(self.random.randrange(3)) for t in (".", *self.word())]
            return ["use", "".join(path), *(["as", *self.name()] if self.chance(0.4) else [])]
        if kind in (3, 4):
            notes = [token for _ in range(self.random.choice((0, 0, 1, 2))) for token in self.sink()]
            value = self.closed_by_comma() if self.chance(0.1) else self.expression(self.random.randrange(4))
            alias = ["as", *self.name()] if self.chance(0.4) and value[-1] != "," else []
            return [*notes, "out", *value, *alias]
        if self.chance(0.1):
            return [*self.name(), "=", *self.closed_by_comma()]
        return [*self.name(), "=", *self.expression(self.random.randrange(5))]

    def closed_by_comma(self) -> Tokens:
        """A value that ends in options with a comma behind."""
        options = self.times(lambda: self.option(1), 1, 3)
        if self.chance(0.3):
            options[-1] = self.fallback(1)
        tokens = [*self.called(1), "with", *self.listed(options, trailing=False), ","]
        if self.chance(0.2):
            return ["not", *tokens]
        return [*self.operand(1), "+", *tokens] if self.chance(0.3) else tokens

    def input_note(self) -> Tokens:
        if self.chance(0.5):
            return ["@example", "(", *self.expression(1), ")"]
        return ["@source", "(", self.one(*_QUOTED), *self.properties(), ")"]

    def sink(self) -> Tokens:
        return ["@sink", "(", self.one(*_QUOTED), *self.properties(), ")"]

    def properties(self) -> Tokens:
        tokens = self.fields(2, self.random.randrange(3))
        return [",", *tokens] if tokens else [","] if self.chance(0.5) else []

    # --------------------------------------------------------------------------------------------------- types

    def type(self, depth: int) -> Tokens:
        kind = self.random.randrange(10) if depth > 0 else 0
        if kind <= 2:
            return self.name()
        if kind <= 4:
            opener, closer = self.random.choice(("<>", "[]"))
            return [*self.name(), opener, *self.listed(self.times(lambda: self.type(depth - 1), 1, 2)), closer]
        if kind <= 6:
            fields = self.times(lambda: [*self.word(), ":", *self.type(depth - 1)], 0, 3)
            return ["{", *self.listed(fields), "}"]
        if kind == 7:
            return ["(", *self.type(depth - 1), ")"]
        tokens = self.type(depth - 1)
        for _ in range(self.random.randint(1, 2)):
            tokens += [self.one("|", "+"), *self.type(depth - 1)]
        return tokens

    # --------------------------------------------------------------------------------------------- expressions

    # A `closed` expression does not end in a construct that would take an operator behind it for its own.

    def expression(self, depth: int) -> Tokens:
        """Any expression, at most `depth` constructs deep."""
        if depth <= 0:
            return self.simple()
        kind = self.random.randrange(12)
        if kind == 0:
            return self.function(depth)
        if kind == 1:
            return [*self.guarded(depth - 1), "??", *self.expression_after("??", depth)]
        if kind == 2:
            return [*self.guarded(depth - 1), "when", *self.condition(depth - 1)]
        return self.condition(depth)

    def expression_after(self, operator: str, depth: int) -> Tokens:
        if self.chance(0.3):
            return [*self.guarded(depth - 1), operator, *self.condition(depth - 1)]
        return self.condition(depth - 1)

    def guarded(self, depth: int) -> Tokens:
        tokens = self.condition(depth, closed=True)
        return [*tokens, "when", *self.condition(depth - 1, closed=True)] if self.chance(0.2) else tokens

    def condition(self, depth: int, closed: bool = False) -> Tokens:
        kind = self.random.randrange(8) if depth > 0 else 7
        if kind == 0:
            return [*self.condition(depth - 1, True), self.one("and", "or"), *self.condition(depth - 1, closed)]
        if kind == 1:
            return ["not", *self.condition(depth - 1, closed)]
        if kind == 2:
            sign = self.one("==", "!=", "<", "<=", ">", ">=")
            return [*self.sum(depth - 1, True), sign, *self.sum(depth - 1, closed)]
        return self.sum(depth, closed)

    def sum(self, depth: int, closed: bool = False) -> Tokens:
        tokens: Tokens = []
        while depth > 0 and self.chance(0.25):
            tokens += [*self.signed(depth - 1, True), self.one("+", "-", "*", "/")]
        return tokens + self.signed(depth, closed)

    def signed(self, depth: int, closed: bool = False) -> Tokens:
        signs = ["-"] if self.chance(0.08) else []
        if self.chance(0.01):
            signs = ["-", "-"]
        is_open = not closed and depth > 0 and self.chance(0.1)
        return [*signs, *(self.open(depth) if is_open else self.operand(depth))]

    def open(self, depth: int) -> Tokens:
        """A construct whose last part takes everything to its right."""
        if self.chance(0.6):
            condition, then, orelse = (self.expression(depth - 1) for _ in range(3))
            return ["if", "(", *condition, ")", *then, "else", *orelse]
        options = [self.option(depth) for _ in range(self.random.randrange(3))]
        for _ in range(self.random.randint(1, 2)):
            options.insert(self.random.randrange(len(options) + 1), self.fallback(depth))
        return [*self.called(depth), "with", *self.listed(options, trailing=False)]

    def operand(self, depth: int) -> Tokens:
        tokens = self.primary(depth)
        while self.chance(0.2):
            if self.chance(0.5):
                tokens += [".", *self.word()]
            else:
                opener, closer = self.random.choice(("[]", "{}"))
                tokens += [opener, *self.listed(self.times(self.word, 1, 3)), closer]
        return tokens

    def simple(self) -> Tokens:
        kind = self.random.randrange(6)
        if kind <= 2:
            return self.name()
        if kind == 3:
            return [self.one(*_NUMBERS)]
        return [self.one("true", "false")] if kind == 4 else self.string(0)

    def primary(self, depth: int) -> Tokens:
        if depth <= 0:
            return self.simple()
        makers = (
            self.simple, lambda: self.string(depth), lambda: self.call(depth), lambda: self.call(depth),
            lambda: ["(", *self.expression(depth - 1), ")"],
            lambda: self.branch(depth), lambda: self.match(depth),
            lambda: ["[", *self.listed(self.times(lambda: self.expression(depth - 1), 0, 3)), "]"],
            lambda: ["{", *self.fields(depth, self.random.randrange(4)), "}"],
            lambda: self.negated_call(depth),
        )  # fmt: skip
        return self.random.choice(makers)()

    def negated_call(self, depth: int) -> Tokens:
        inner = self.name() if self.chance(0.4) else self.expression(depth - 1)
        return ["(", *self.sum(0), "==", "not", "(", *inner, ")", ")"]

    def fields(self, depth: int, count: int) -> Tokens:
        """Fields with commas. Behind options, a name that reads like one more option would be one."""
        items: list[Tokens] = []
        for _ in range(count):
            after_options = any("with" in item for item in items)
            name = [self.one("a", "b", "type", "in")] if after_options else self.word()
            items.append([*name, ":", *self.expression(depth - 1)])
        return self.listed(items)

    def text(self) -> str:
        """Some characters of a string."""
        first, second = self.one(*_TEXTS), self.one(*_TEXTS)
        return first if first == "$" and second == "{" else first + second

    def string(self, depth: int) -> Tokens:
        text = '"' + self.text()
        if depth <= 0 or self.chance(0.5):
            return [text + '"']
        tokens: Tokens = []
        for _ in range(self.random.randint(1, 3)):
            tokens += [text + "${", *self.expression(depth - 1)]
            text = "}" + self.text()
        return [*tokens, text + '"']

    def branch(self, depth: int) -> Tokens:
        tokens = ["branch", "{"]
        for _ in range(self.random.randrange(4)):
            tokens += [*self.expression(depth - 1), "->", *self.expression(depth - 1), ","]
        return [*tokens, "otherwise", "->", *self.expression(depth - 1), *([","] if self.chance(0.3) else []), "}"]

    def match(self, depth: int) -> Tokens:
        arms = self.times(lambda: [*self.pattern(), "->", *self.expression(depth - 1)], 1, 3)
        return ["match", *self.operand(depth - 1), "{", *self.listed(arms), "}"]

    def pattern(self) -> Tokens:
        kind = self.random.randrange(3)
        if kind == 0:
            return ["_"]
        return ["is", *self.name()] if kind == 1 else ["{", *self.listed(self.times(self.name, 1, 3)), "}"]

    def function(self, depth: int) -> Tokens:
        if self.chance(0.3):
            return [*self.name(), "=>", *self.expression(depth - 1)]
        typed = self.random.choice((0.0, 0.4, 1.0))
        parameters = self.times(lambda: self.name() + ([":", *self.type(1)] if self.chance(typed) else []), 0, 3)
        return ["(", *self.listed(parameters), ")", "=>", *self.expression(depth - 1)]

    # --------------------------------------------------------------------------------------- calls and options

    def called(self, depth: int) -> Tokens:
        function = self.one("f", "g", "Uppercase", "stdlib.math.add", "a.not", "retry", "and", "or")
        return [function, "(", *self.listed(self.times(lambda: self.expression(depth - 1), 0, 3)), ")"]

    def call(self, depth: int) -> Tokens:
        tokens = self.called(depth)
        if self.chance(0.35):
            tokens += ["with", *self.listed(self.times(lambda: self.option(depth), 1, 3), trailing=False)]
        return tokens

    def fallback(self, depth: int) -> Tokens:
        return ["fallback", ":", *self.expression(depth - 1)]

    def option(self, depth: int) -> Tokens:
        """Any option but `fallback` (which may only end a clause in most places)."""
        duration = self.one(*_DURATIONS)
        counts = ["-3"] if self.chance(0.2) else ["3"]
        kind = self.random.randrange(9)
        if kind == 0:
            return [self.one("retry", "concurrency", "batch"), ":", *counts]
        if kind == 1:
            return [self.one("timeout", "delay", "cache", "batch_timeout", "checkpoint"), ":", duration]
        if kind == 2:
            return ["throttle", ":", "10", "/", duration]
        if kind == 3:
            return self.random.choice((["backoff", ":", "linear"], ["on_error", ":", "skip"]))
        if kind == 4:
            return ["priority", ":", *self.random.choice((["high"], ["5"], ["-5"]))]
        if kind == 5:
            return ["lazy", *self.random.choice(([], [":", "true"], [":", "false"]))]
        if kind == 6:
            return ["cache_backend", ":", self.one(*_QUOTED)]
        return self.form(duration)

    def form(self, duration: str) -> Tokens:
        name, form, arguments = self.random.choice(
            (("window", "tumbling", [duration]), ("window", "sliding", [duration, "1s"]), ("window", "count", ["5"]),
             ("join", "buffer", [duration]), ("join", "zip", []), ("join", "combine_latest", []))
        )  # fmt: skip
        if not arguments:
            return [name, ":", form]
        return [name, ":", form, "(", *self.listed([[argument] for argument in arguments]), ")"]


# ------------------------------------------------------------------------------------------------------ layout

_WORD_LIKE = re.compile(r"[A-Za-z0-9_\-@]")
_MERGING = ("=>", "==", "->", ">=", "<=", "!=", "??")


_GAPS = (" ", " ", " ", " ", " ", "\n", "\t", "  ", "\r\n", "\n\n", "\n    ")
_COMMENTED_GAPS = (
    " # note\n", "\n# note\n", '  #a "${ { )\n', "\n\n\n# x\n\n", "#!\n", "\n  # one\n  # two\n", " # \n", "\r\n# é\r\n"
)  # fmt: skip


def may_touch(left: str, right: str) -> bool:
    """Whether two tokens stay two tokens, with the same meaning, when nothing stands between them."""
    last, first = left[-1], right[0]
    if left == "-" and first.isdigit():
        return False  # the minus would become the number's sign
    if _WORD_LIKE.match(last) and _WORD_LIKE.match(first):
        return False
    if "." in (last, first) and (last.isdigit() or first.isdigit() or left[-1:].isdigit()):
        return False
    return last + first not in _MERGING


def text_of(tokens: Tokens, random: Random, crowded: float | None = None, comments: float = 0.03) -> str:
    """The tokens as text, with blanks, line breaks and comments between them.

    `crowded` is the share of places where tokens touch if they may (by default any, per text); `comments` the share
    of places with a comment. Strings, and what stands in their interpolations, keep clear of comments that hold
    quotes or braces, not of line breaks.
    """
    crowded = random.random() if crowded is None else crowded
    parts: list[str] = []
    previous = ""
    for token in tokens:
        if previous:
            if random.random() < crowded and may_touch(previous, token):
                gap = ""
            elif random.random() < comments:
                gap = random.choice(_COMMENTED_GAPS)
            else:
                gap = random.choice(_GAPS)
            parts.append(gap)
        parts.append(token)
        previous = token
    return "".join(parts)


_POOL = [
    *RESERVED, *NAMES, "=", "==", "=>", "->", ",", ",", ":", ":", ".", "(", ")", "[", "]", "{", "}", "+", "-", "*",
    "/", "<", ">", "??", "|", "1", "2.5", "5s", '"s"', '"${', '}"', "@example", "@sink", '"', "007", "!", "&",
]  # fmt: skip


def mutated(tokens: Tokens, random: Random) -> Tokens:
    """The tokens with one of them left out, doubled, swapped, replaced or put in."""
    changed = list(tokens)
    index = random.randrange(len(changed))
    kind = random.randrange(5)
    if kind == 0:
        del changed[index]
    elif kind == 1:
        changed.insert(index, changed[index])
    elif kind == 2 and index + 1 < len(changed):
        changed[index], changed[index + 1] = changed[index + 1], changed[index]
    elif kind == 3:
        changed[index] = random.choice(_POOL)
    else:
        changed.insert(index, random.choice(_POOL))
    return changed or ["x"]
