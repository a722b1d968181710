"""What holds for every program: the checker never raises, an incremental check is a full one, order does not matter."""

from __future__ import annotations

from random import Random

import pytest

from constellation.compiler.checked import CheckedProgram
from constellation.compiler.checker import Checker
from constellation_grammar.document import Document
from constellation_grammar.parser import Parser
from tests.runtime.compiler.judged import checker, report
from tests.runtime.compiler.programs import declaration, program, soup

FUNCTIONS = ("Load(id: Int) -> String", "acme.f(id: Int) -> String", "Take(v: Int | Float) -> List<Float>")
NORMAL, MANY = 2_000, 200_000


@pytest.fixture(scope="module")
def count(slow: bool) -> int:
    """How many programs each property is tried on."""
    return MANY if slow else NORMAL


def _text(random: Random) -> str:
    if random.random() < 0.4:
        return soup(random, random.randrange(1, 50))
    return program(random, random.randrange(1, 16))


def _shown(checked: CheckedProgram) -> tuple[object, ...]:
    """Everything anyone can see of a checked program."""
    names = [
        (v.name, str(v.type), v.key) if (v := checked.statements[i].analysis.variable) is not None else None
        for i in range(len(checked.statements))
    ]
    return checked.diagnostics, checked.hints, checked.graph, names, checked.omitted_errors


def test_the_checker_never_fails_on_anything(seed: int, count: int) -> None:
    random = Random(seed)
    parser = Parser()
    judge = checker(*FUNCTIONS)
    for _ in range(count):
        text = _text(random)
        for parsed in (parser.parse(text), Document(text).program):
            checked = judge.check(parsed, text=text)
            assert "E900" not in {d.code for d in checked.diagnostics}, text
            assert (checked.graph is None) == bool(checked.errors), text
            for found in (*checked.diagnostics, *checked.hints):
                assert 0 <= found.start <= found.end <= len(text), (text, found)
        offset = random.randrange(len(text) + 1)
        checked.scope_at(offset)
        checked.type_at(offset)


def _edited(random: Random, text: str) -> str:
    lines = text.split("\n")
    place = random.randrange(len(lines))
    chance = random.random()
    if chance < 0.25:
        del lines[place]
    elif chance < 0.5:
        lines.insert(place, declaration(random, 77, ["i0", "v1", "v2"]))
    elif chance < 0.75:
        lines[place] = declaration(random, place, ["i0", "v1", "v2"])
    else:
        other = random.randrange(len(lines))
        lines[place], lines[other] = lines[other], lines[place]
    return "\n".join(lines)


def test_an_incremental_check_is_a_full_check(seed: int, count: int) -> None:
    random = Random(seed)
    parser = Parser()
    judge = checker(*FUNCTIONS)
    for _ in range(count):
        text = program(random, random.randrange(1, 16))
        checked = judge.check(parser.parse(text), text=text)
        for _ in range(4):
            text = _edited(random, text)
            parsed = parser.parse(text)
            checked = judge.check(parsed, checked, text=text)
            fresh = Checker(judge.table).check(parsed, text=text)
            assert _shown(checked) == _shown(fresh), text


def test_the_order_of_independent_declarations_changes_no_diagnostics(seed: int, count: int) -> None:
    random = Random(seed)
    parser = Parser()
    judge = checker(*FUNCTIONS)
    for _ in range(count):
        head = program(random, 4)
        names = ["i0", "v1", "v2"]
        lines = [f"own{n} = {declaration(random, n, [*names]).partition('= ')[2] or '1'}" for n in range(4)]
        outs = "".join(f"out own{n}\n" for n in range(4))
        shuffled = random.sample(lines, len(lines))
        found: list[list[tuple[str, str, str]]] = []
        for order in (lines, shuffled):
            text = head + "\n".join(order) + "\n" + outs
            parsed = parser.parse(text)
            checked = judge.check(parsed, text=text)
            if checked.omitted_errors or not parsed.is_valid:
                break
            found.append(
                sorted(
                    (d.code, report(text, d)[2], d.message.partition(" on line ")[0])
                    for d in checked.diagnostics
                    if d.code not in ("E001", "E031", "OPTS006")
                )
            )
        assert len(found) < 2 or found[0] == found[1], (lines, shuffled)


def test_one_edit_rechecks_what_it_touches_and_nothing_else() -> None:
    judge, parser = checker(), Parser()
    text = "in n0: Int\n" + "".join(f"n{i} = n{i - 1} + 1\n" for i in range(1, 200)) + "out n199\n"
    before = judge.check(parser.parse(text), text=text)
    edited = text.replace("n100 = n99 + 1", "n100 = n99 * 2")
    after = judge.check(parser.parse(edited), before, text=edited)
    assert after.graph is not None
    assert after.rechecked <= 3
    renamed = edited.replace("n150 = n149 + 1", 'n150 = "x"')
    last = judge.check(parser.parse(renamed), after, text=renamed)
    assert [(d.code, report(renamed, d)[2]) for d in last.errors] == [("E014", "n150 + 1")]
    assert last.rechecked < 60
