"""Any sequence of edits leads to what a fresh document with the same text says."""

from __future__ import annotations

from random import Random

import pytest

from constellation_grammar.document import Document, Encoding
from constellation_grammar.syntax import Program
from tests.grammar.programs import RESERVED, Programs, text_of
from tests.grammar.spans import declarations, mistakes

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
SNIPPETS = (
    *('"', "${", "}", "{", "(", ")", "[", "]", "#", "=", ".", ",", "@", "-", "->", "=>", "\\"),
    *("x", "1", "é", "😀", "@example(", '@sink("'),
    *("\n", "\r", "\r\n", " ", "\t", "\n  ", "\n\n", '"\n', "\u2028", "\0", "\ufeff"),
    *("in ", "out ", "use ", "type ", "with ", "x = ", 'cache_backend: "'),
    *("\nx = 1\n", "x = u.\n", 'y = "a\nin b"\n'),
)


def snapshot(program: Program) -> tuple[object, ...]:
    return program.length, declarations(program), mistakes(program)


def some_text(random: Random) -> str:
    parts = [text_of(Programs(random).program(random.randint(1, 4)), random) for _ in range(random.randint(0, 4))]
    text = random.choice(("\n", "\n", "\r\n", "\n\n")).join(parts)
    return text.replace("\n", "\r\n") if random.random() < 0.2 else text


def some_edit(random: Random, length: int) -> tuple[int, int, str]:
    start = random.randrange(length + 1)
    end = start if random.random() < 0.5 else min(length, start + int(random.expovariate(0.2)))
    if random.random() < 0.05:
        return start, end, text_of(Programs(random).program(1), random)
    return start, end, "".join(random.choice(SNIPPETS) for _ in range(random.randint(0, 3)))


def test_edits_lead_to_a_fresh_document(seed: int, slow: bool) -> None:
    edits = 0
    session = 0
    while edits < (50_000 if slow else 2_500):
        session += 1
        random = Random(f"{seed}/edits/{session}")
        text = some_text(random)
        document = Document(text, random.choice(ENCODINGS))
        for _ in range(random.randint(1, 20)):
            start, end, new = some_edit(random, len(text))
            first, last = document.position_at(start), document.position_at(end)
            start, end = document.offset_at(*first), document.offset_at(*last)
            document.apply(first, last, new)
            text = text[:start] + new + text[end:]
            edits += 1
            assert document.text == text
            if random.random() < 0.5:
                fresh = Document(text, document.encoding)
                assert snapshot(document.program) == snapshot(fresh.program), (session, text)
                assert document.tree.root_node.has_error == fresh.tree.root_node.has_error
                at = random.randrange(len(text) + 1)
                assert document.position_at(at) == fresh.position_at(at)


@pytest.mark.parametrize(
    ("text", "at", "new"),
    [
        pytest.param(" k=[\n out)type", 1, "\n", id="the column of a declaration decides what its brackets hold"),
        pytest.param('"${}"use\nuse@s', 3, ")x=", id="a stray bracket inside an interpolation"),
        pytest.param(
            'y="\nin"\n out\tt x=2 type x=b[{}]', 27, ".", id="a string goes on because of what stands far behind"
        ),
        pytest.param('with\nout,cache_backend:"${"out@', 0, "", id="an option in another declaration"),
    ],
)
def test_edits_that_once_led_elsewhere(text: str, at: int, new: str) -> None:
    document = Document(text, "utf-32")
    before = snapshot(document.program)
    document.apply(document.position_at(at), document.position_at(at), new)
    assert snapshot(document.program) == snapshot(Document(text[:at] + new + text[at:], "utf-32").program)
    document.apply(document.position_at(at), document.position_at(at + len(new)), "")
    assert snapshot(document.program) == before


def test_the_tree_of_a_valid_text_does_not_depend_on_its_history(seed: int) -> None:
    random = Random(f"{seed}/tree")
    for _ in range(100):
        text, wanted = some_text(random), some_text(random)
        document = Document(text)
        assert document.tree is document.tree
        document.apply(document.position_at(0), document.position_at(len(text)), wanted)
        if document.program.is_valid:
            assert str(document.tree.root_node) == str(Document(wanted).tree.root_node)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_position_leads_back_to_its_offset(encoding: Encoding) -> None:
    text = 'a = 1\r\né😀 = 2\rx\n\n\u2028y\x0b = "é😀é"\r\r\n'
    document = Document(text, encoding)
    for offset in range(len(text) + 1):
        found = document.offset_at(*document.position_at(offset))
        between = text[offset - 1 : offset + 1] == "\r\n"
        assert found == (offset - 1 if between else offset)


def test_lines_end_where_the_editor_says(seed: int) -> None:
    random = Random(f"{seed}/lines")
    for _ in range(300):
        document = Document("".join(random.choice("a\r\n\u2028") for _ in range(random.randrange(12))))
        for _ in range(8):
            length = len(document.text)
            first, last = sorted((random.randrange(length + 1), random.randrange(length + 1)))
            new = "".join(random.choice("b\r\n\x0c") for _ in range(random.randrange(4)))
            document.apply(document.position_at(first), document.position_at(last), new)
            fresh = Document(document.text)
            assert [document.line_start(n) for n in range(document.line_count)] == [
                fresh.line_start(n) for n in range(fresh.line_count)
            ]


CHARACTERS = [*map(chr, range(128)), "\ud83d", "\ude00", "é", "😀", "\u2028", "\ufeff", "\x85", "\uffff"]
WORDS = [
    *RESERVED,
    *("x", "y", "f", "(", ")", "[", "]", "{", "}", ",", ".", ":", "=", "->", "=>", "??", "${"),
    *("@example", "@sink", "@source(", "1", "2.5", "5s", "retry:", "cache_backend:"),
    *("|", "+", "-", "*", "/", "<", ">", "==", "#", "\\", '"', '"', "\n", "\n  ", "\nx = ", "\nin x: Int"),
]


def test_no_soup_of_characters_or_words_is_too_much(seed: int, slow: bool) -> None:
    for number in range(20_000 if slow else 1_000):
        random = Random(f"{seed}/soup/{number}")
        pool, glue = (CHARACTERS, "") if random.random() < 0.4 else (WORDS, random.choice(("", " ")))
        document = Document(glue.join(random.choices(pool, k=random.randint(0, 40))), random.choice(ENCODINGS))
        for _ in range(3):
            first, last = [(random.randint(-1, 4), random.randint(-1, 20)) for _ in range(2)]
            document.apply(first, last, "".join(random.choices(CHARACTERS, k=random.randint(0, 3))))
            program = document.program
            assert snapshot(program) == snapshot(Document(document.text).program)
            for statement in program.statements:
                start, end = statement.node.start + statement.offset, statement.node.end + statement.offset
                assert 0 <= start <= end <= program.length
            assert all(
                document.text[start:end] == text for _, text, start, end in document.tokens if "\ufeff" not in text
            )
