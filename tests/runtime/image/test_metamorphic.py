"""Changes that mean nothing keep the structural hash, changes that mean something change it: on generated programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

import pytest

from constellation_grammar.formatter import format_text
from tests.runtime.compiler.typed_programs import TypedPrograms
from tests.runtime.image.vectors import image_of

NORMAL, MANY = 400, 20_000
Edit = Callable[[str, Random], str]


def comments(text: str, random: Random) -> str:
    lines = [
        f"  {line}  # {random.random()}" if random.random() < 0.7 else f"\n# x = 1\n{line}"
        for line in text.splitlines()
    ]
    return "\n".join(lines)


def layout(text: str, random: Random) -> str:
    return format_text(text) if random.random() < 0.5 else text.replace(" = ", "\n   =\t").replace(", ", " ,\n ")


def order(text: str, random: Random) -> str:
    """Inputs in any order, outputs in any order behind everything else."""
    lines = text.splitlines()
    inputs = [line for line in lines if line.startswith("in ")]
    outputs = [line for line in lines if line.startswith("out ")]
    random.shuffle(inputs)
    random.shuffle(outputs)
    steps = [line for line in lines if not line.startswith(("in ", "out "))]
    return "\n".join([*inputs, *steps, *outputs])


def independent_steps(text: str, random: Random) -> str:
    """Every step as late as possible: just before the first line that mentions it."""
    lines = text.splitlines()
    steps = [n for n, line in enumerate(lines) if re.match(r"v\d+ =", line)]
    for number in sorted(steps, key=lambda _: random.random()):
        name = lines[number].split(" ")[0]
        at = number
        while at + 1 < len(lines) and not re.search(rf"\b{name}\b", lines[at + 1]):
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
            at += 1
    return "\n".join(lines)


def parentheses(text: str, random: Random) -> str:
    return re.sub(r"^(v\d+) = (.*)$", r"\1 = ((\2))", text, flags=re.M)


def aliases(text: str, random: Random) -> str:
    return re.sub(r"^in (i\d+): (.*)$", r"type Of-\1 = \2\nin \1: Of-\1", text, flags=re.M)


def spellings(text: str, random: Random) -> str:
    text = text.replace("list-length(", "ListLength(").replace("identity(", "stdlib.identity(")
    return re.sub(r"List<(Int|Float|String)>", r"List[\1]", text)


def lambda_parameters(text: str, random: Random) -> str:
    return re.sub(r"\bp(\d+)\b", r"element-\1", text).replace("(q) => q >", "zz => zz >")


SAME: list[Edit] = [
    comments, layout, order, independent_steps, parentheses, aliases, spellings, lambda_parameters,
]  # fmt: skip


def literal(text: str, random: Random) -> str:
    return replaced(r"(?<![\w.$<-])\d(?![\w.])", lambda found: str((int(found) + 1) % 10), text, random)


def truth(text: str, random: Random) -> str:
    return replaced(r"\b(true|false)\b", lambda found: "false" if found == "true" else "true", text, random)


def operator(text: str, random: Random) -> str:
    return replaced(r"(?<= )[+*](?= [i(v0-9])", lambda found: "*" if found == "+" else "+", text, random)


def words(text: str, random: Random) -> str:
    return replaced(r'"t"', lambda _: '"T"', text, random)


def rename_step(text: str, random: Random) -> str:
    return re.sub(r"\bv0\b", "renamed", text)


def rename_input(text: str, random: Random) -> str:
    return re.sub(r"\bi0\b", "renamed", text)


def another_step(text: str, random: Random) -> str:
    return f"{text}\nunused = 1"


def another_input(text: str, random: Random) -> str:
    return f"in unused: Int\n{text}"


def another_output(text: str, random: Random) -> str:
    return f"{text}\nout v0 as again"


def guarded_output(text: str, random: Random) -> str:
    return text.replace("out v0", "out v0 when true")


def input_type(text: str, random: Random) -> str:
    return re.sub(r"^in (i\d+): (.*)$", r"in \1: Optional<\2>", text, count=1, flags=re.M)


def option(text: str, random: Random) -> str:
    return f"{text}\nw = identity(1) with retry: {random.randint(1, 3)}"


DIFFERENT: list[Edit] = [
    literal, truth, operator, words, rename_step, rename_input, another_step, another_input, another_output,
    guarded_output, input_type, option,
]  # fmt: skip


def replaced(pattern: str, change: Callable[[str], str], text: str, random: Random) -> str:
    """The text with one match, not in an input's type, changed."""
    lines = text.splitlines()
    places = [
        (number, match)
        for number, line in enumerate(lines)
        if not line.startswith(("in ", "out "))
        for match in re.finditer(pattern, line.partition("#")[0])
    ]
    if not places:
        return text
    number, match = random.choice(places)
    line = lines[number]
    lines[number] = line[: match.start()] + change(match[0]) + line[match.end() :]
    return "\n".join(lines)


def hash_of(text: str) -> str | None:
    image = image_of(text)
    return None if image is None else image.structural_hash


@pytest.mark.parametrize("edit", SAME, ids=lambda e: e.__name__)
def test_what_means_nothing_keeps_the_hash(edit: Edit, seed: int, slow: bool) -> None:
    pairs(edit, seed, (MANY if slow else NORMAL) // len(SAME) + 1, lambda one, other: one == other)


@pytest.mark.parametrize("edit", DIFFERENT, ids=lambda e: e.__name__)
def test_what_means_something_changes_it(edit: Edit, seed: int, slow: bool) -> None:
    pairs(edit, seed, (MANY if slow else NORMAL) // len(DIFFERENT) + 1, lambda one, other: one != other)


def pairs(edit: Edit, seed: int, count: int, holds: Callable[[str, str], bool]) -> None:
    """Check an edit on generated programs until `count` pairs were compared."""
    random = Random(f"{seed} {edit.__name__}")
    compared = tried = 0
    while compared < count and tried < 20 * count:
        tried += 1
        text = TypedPrograms(random).text
        changed = edit(text, random)
        before, after = hash_of(text), hash_of(changed)
        if before is None or after is None or changed == text:
            continue
        compared += 1
        assert holds(before, after), f"{text}\n--- {edit.__name__} ---\n{changed}"
    assert compared >= min(count, 10)
