"""Generated programs for property tests: pieces of programs in any order, and plausible whole ones.

Owns the generators of this folder's tests. Everything is made from a `random.Random`, so a seed names a program.
"""

from __future__ import annotations

from random import Random

WORDS = """
in out type use as if else branch otherwise match is when and or not with lazy true false ( ) [ ] { } < > , : . = ==
!= <= >= + - * / ?? -> => | @example @source @sink _ x y z user items name age Int String Float Boolean List Map
Optional Seq Candidates add Uppercase map filter Load 0 1 -7 2.5 "text" "\\q" "open retry timeout 30s 5/1s backoff
exponential fallback priority window sliding count # é
"""
SOUP = (*WORDS.split(), '"a ${x} b"', "\n", "\n", "\n")

_TYPES = (
    "Int", "String", "Float", "Boolean", "List<Int>", "Optional<Int>", "{ a: Int, b: String }", "Int | String",
    "List<{ a: Int, b: String }>", "Seq<String>", "Map<String, Int>", "{ a: Int } | { b: String }", "T0", "Nope",
    "{ a: Int } + { c: Float }", "List<Optional<Float>>",
)  # fmt: skip

_EXPRESSIONS = (
    "{v}", "{v} + {v}", "{v} * 2", "{v} == {v}", "{v} < {v}", "not {v}", "{v} and {v}", "{v} ?? {v}", "{v} when {v}",
    "if ({v}) {v} else {v}", "[{v}, {v}]", "[]", "{{ a: {v}, b: {v} }}", "{v}.a", "{v}[a, b]", "{v}{{a}}",
    '"t ${{{v}}}"', "add({v}, {v})", "Uppercase({v})", "map({v}, (p) => p + {v})", "filter({v}, p => p > {v})",
    "Load({v}) with retry: 3, fallback: {v}", "Load({v}) with delay: 1s, retry: 99, cache_backend: \"r\"",
    "match {v} {{ {{ a }} -> a, is Int -> {v}, _ -> {v} }}", "match {v} {{ is String -> 1, is Int -> {v} }}",
    "branch {{ {v} -> {v}, true -> {v}, otherwise -> {v} }}", "-{v}", "({v})", "1", "2.5", "true", '"s"', "-3",
    "list-first({v})", "sort-by({v}, (p) => p.a)", "group-by({v}, (p) => p)", "concat({v}, {v})", "max({v}, 1)",
    "nope({v})", "map({v}, {v})", "(p) => p", "{v}.a.b", "sum({v})", "some({v})", "omit({v}, \"a\")", "zip({v}, {v})",
    "{{ a: 1, a: {v} }}", "acme.f({v})", "{v}.trim()", "average([1, {v}])", "eq({v}, {v})", "distinct({v} + {v})",
)  # fmt: skip


def soup(random: Random, length: int) -> str:
    """Tokens of the language in no order at all."""
    return " ".join(random.choice(SOUP) for _ in range(length))


def expression(random: Random, names: list[str], depth: int = 2) -> str:
    """An expression over some names; most are ill-typed in some place."""
    template = random.choice(_EXPRESSIONS)
    parts = template.split("{v}")
    made = parts[0]
    for part in parts[1:]:
        deeper = depth > 0 and random.random() < 0.35
        made += f"({expression(random, names, depth - 1)})" if deeper else random.choice(names)
        made += part
    return made.replace("{{", "{").replace("}}", "}")


def declaration(random: Random, number: int, names: list[str]) -> str:
    """One declaration; adds the name it introduces."""
    chance = random.random()
    pool = names or ["missing"]
    if chance < 0.2 or not names:
        names.append(f"i{number}")
        example = f"@example({random.choice(('1', '{ a: 1 }', '[]', random.choice(pool)))}) " * (random.random() < 0.2)
        return f"{example}in i{number}: {random.choice(_TYPES)}"
    if chance < 0.25:
        return f"type T{random.randrange(3)} = {random.choice(_TYPES)}"
    if chance < 0.3:
        return random.choice(("use stdlib.math", "use stdlib.string as s", "use nowhere", "use acme"))
    if chance < 0.4:
        return (
            f"out {expression(random, pool, 1)} as o{number}" if random.random() < 0.3 else f"out {random.choice(pool)}"
        )
    target = random.choice(names) if random.random() < 0.1 else f"v{number}"
    value = expression(random, [*names, "missing", f"v{number + 1}"] if random.random() < 0.1 else names)
    names.append(target)
    return f"{target} = {value}"


def program(random: Random, length: int) -> str:
    """A program of that many declarations, one on each line."""
    names: list[str] = []
    return "".join(declaration(random, number, names) + "\n" for number in range(length))
