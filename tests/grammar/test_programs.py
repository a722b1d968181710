"""The made-up programs are valid and leave no alternative of the grammar out."""

from __future__ import annotations

from collections import Counter
from random import Random

from constellation_grammar import tables
from constellation_grammar.parser import Parser
from tests.grammar.alternatives import alternatives_used
from tests.grammar.programs import Programs, mutated, text_of

_AT_MOST = 12_000


def test_every_alternative_comes_up_a_hundred_times(seed: int) -> None:
    shipped = tables.load()
    counts: Counter[int] = Counter()
    rare = set(range(len(shipped.rules)))
    for number in range(_AT_MOST):
        random = Random(f"{seed}/{number}")
        counts += alternatives_used(shipped, text_of(Programs(random).program(), random))
        rare = {rule for rule in rare if counts[rule] < 100}
        if not rare:
            return
    assert not [shipped.rules[rule] for rule in rare]


def test_made_up_programs_are_valid(seed: int, slow: bool) -> None:
    parser = Parser()
    for number in range(20_000 if slow else 500):
        random = Random(f"{seed}/{number}")
        text = text_of(Programs(random).program(), random)
        program = parser.parse(text)
        assert program.is_valid, (text, program)


def test_programs_have_up_to_fifty_declarations() -> None:
    assert len(Parser().parse(text_of(Programs(1).program(50), Random(1))).statements) == 50


def test_most_changed_programs_are_broken(seed: int) -> None:
    parser, broken = Parser(), 0
    for number in range(200):
        random = Random(f"{seed}/{number}")
        broken += not parser.parse(text_of(mutated(Programs(random).program(), random), random)).is_valid
    assert broken > 100
