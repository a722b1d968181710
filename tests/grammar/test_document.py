"""A document under an editor's hands: damage stays where it is, and only what changed is read again."""

from __future__ import annotations

import time

import pytest

from constellation_grammar.document import Document, Encoding, Position
from constellation_grammar.syntax import Assignment, Broken, Input, Output, Program, Statement

PIPELINE = """\
# greet somebody
in name: String

greeting = Concat("Hello, ", name)
shout = Uppercase(greeting) # loud
out shout
"""


def statement(program: Program, name: str) -> Statement:
    """The declaration of a name."""
    for found in program.statements:
        if isinstance(found.node, (Input, Assignment)) and found.node.name.text == name:
            return found
    raise AssertionError(f"{name} is not declared")


def type_at(document: Document, text: str, behind: str) -> None:
    """Insert text behind the first place where `behind` stands."""
    at = document.position_at(document.text.index(behind) + len(behind))
    document.apply(at, at, text)


def test_an_unclosed_bracket_stays_in_its_declaration() -> None:
    document = Document(PIPELINE.replace("name)", "name"))
    assert [bool(s.problems) for s in document.program.statements] == [False, True, False, False]
    assert [p.slug for p in statement(document.program, "greeting").problems] == ["unclosed-bracket"]
    assert isinstance(statement(document.program, "shout").node, Assignment)


def test_the_place_of_a_mistake_is_the_parsers() -> None:
    document = Document("a = 1\nb = f(a,, a)\nout b")
    broken = statement(document.program, "b")
    (problem,) = broken.problems
    assert problem.slug == "missing-expression"
    assert broken.offset + problem.start == document.text.index(",,") + 1


def test_an_edit_reads_its_declaration_and_no_other() -> None:
    document = Document(PIPELINE)
    assert document.parsed_statements == 4
    type_at(document, "!", "Hello")
    before = document.program
    assert document.parsed_statements == 1
    type_at(document, " there", "Hello")
    after = document.program
    assert document.parsed_statements == 1
    assert [a.node is b.node for a, b in zip(before.statements, after.statements, strict=True)] == [
        True,
        False,
        True,
        True,
    ]
    assert after.statements[3].offset == before.statements[3].offset + len(" there")


def test_one_edit_among_a_thousand_declarations() -> None:
    lines = ["in n0: Int", *(f"n{i} = add(n{i - 1}, {i})" for i in range(1, 1000)), "out n999"]
    document = Document("\n".join(lines))
    assert document.program.is_valid
    for broken in ("(", '"', "{", "@", " = ", "in "):
        document.apply((500, 5), (500, 5), broken)
        assert document.parsed_statements <= 3
        document.apply((500, 5), (500, 5 + len(broken)), "")
        assert document.program.is_valid
        assert document.parsed_statements <= 3


def test_comments_and_blank_lines_are_nobodys_text() -> None:
    document = Document(PIPELINE)
    before = document.program
    type_at(document, " indeed", "# loud")
    type_at(document, "\n\n\n# more", "# greet somebody")
    assert document.parsed_statements == 0
    pairs = zip(before.statements, document.program.statements, strict=True)
    assert all(a.node is b.node and b.offset > a.offset for a, b in list(pairs)[:1])


def test_replacing_the_whole_text_keeps_what_is_the_same() -> None:
    document = Document(PIPELINE)
    before = document.program
    document.replace("# new\n" + PIPELINE.replace("shout", "cry"))
    assert document.parsed_statements == 2
    assert document.program.statements[0].node is before.statements[0].node
    assert document.version == 1


def test_two_edits_before_anybody_looks() -> None:
    document = Document(PIPELINE)
    assert document.program.is_valid
    type_at(document, ")", "name")
    type_at(document, "x", "out shout")
    assert document.parsed_statements == 2
    assert len(document.program.statements) == 4


def test_a_program_is_made_once() -> None:
    document = Document(PIPELINE)
    assert document.program is document.program


def test_an_unclosed_string_ends_with_its_line() -> None:
    document = Document('a = "open\nb = 2\nout b')
    assert [p.slug for p in statement(document.program, "a").problems] == ["unterminated-string"]
    assert statement(document.program, "b").problems == ()


def test_a_string_over_lines_may_read_like_a_declaration() -> None:
    document = Document('prompt = "Answer\nin English:\nuse short words"\nout prompt')
    assert document.program.is_valid
    assert len(document.program.statements) == 2
    document.apply((0, 0), (0, 0), "# c\n")
    assert document.program.is_valid
    document.apply((1, 16), (1, 16), " ${f(x)}\nin every\nin")
    assert document.program.is_valid
    document.apply((5, 15), (5, 16), "")
    assert not document.program.is_valid


def test_a_broken_declaration_keeps_its_name() -> None:
    document = Document("x = f(a b) + \ny = 1\nin 2\nout )")
    nodes = [s.node for s in document.program.statements]
    assert isinstance(nodes[0], Assignment) and nodes[0].name.text == "x"
    assert isinstance(nodes[2], (Input, Broken))
    assert isinstance(nodes[3], (Output, Broken))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_positions_out_of_range_mean_the_nearest_place(encoding: Encoding) -> None:
    document = Document("é = 1\nout é", encoding)
    assert document.offset_at(-5, 3) == 0
    assert document.offset_at(0, -1) == 0
    assert document.offset_at(0, 99) == 5
    assert document.offset_at(7, 0) == len(document.text)
    assert document.position_at(-3) == Position(0, 0)
    assert document.position_at(99) == document.position_at(len(document.text))
    document.apply((9, 9), (-1, 4), "x")
    assert document.text == "x"


def test_an_edit_from_back_to_front() -> None:
    document = Document("abc")
    document.apply((0, 2), (0, 1), "-")
    assert document.text == "a-c"


def test_a_position_inside_a_character_means_its_beginning() -> None:
    assert Document("😀x", "utf-16").offset_at(0, 1) == 0
    assert Document("é😀x", "utf-8").offset_at(0, 4) == 1
    assert Document("😀x", "utf-8").offset_at(0, 4) == 1


def test_halves_of_a_surrogate_pair_that_meet_are_one_character() -> None:
    document = Document('x = ""')
    document.apply((0, 5), (0, 5), "\ud83d")
    assert document.program.length == 7
    document.apply((0, 6), (0, 6), "\ude00")
    assert document.text == 'x = "😀"'
    assert document.program.is_valid


def test_a_byte_order_mark_is_a_blank() -> None:
    document = Document("\ufeffx = 1")
    assert document.program.statements[0].offset == 1
    assert document.program.is_valid
    document.apply((0, 0), (0, 1), "")
    assert document.program.statements[0].offset == 0


def test_tokens_have_absolute_places() -> None:
    document = Document("# c\nx = f(a)\nout x")
    assert [(text, start) for _, text, start, _ in document.tokens][:3] == [("x", 4), ("=", 6), ("f", 8)]
    for _, text, start, end in document.tokens:
        assert document.text[start:end] == text


def test_bytes_of_the_tree() -> None:
    document = Document('x = "é😀"\nout x')
    out = document.tree.root_node.children[1]
    assert document.offset_of_byte(out.start_byte) == document.text.index("out")
    assert document.byte_at(document.text.index("out")) == out.start_byte


@pytest.mark.parametrize("size", [2_000, 8_000])
def test_opening_and_editing_take_time_in_proportion(size: int) -> None:
    document = Document("\n".join(f"n{i} = f(n{i - 1})" for i in range(size)))
    began = time.perf_counter()
    assert len(document.program.statements) == size
    assert time.perf_counter() - began < size / 1_000
    spent: list[float] = []
    for turn in range(9):
        began = time.perf_counter()
        document.apply((size // 2, 8), (size // 2, 9), str(turn))
        assert document.parsed_statements == 1
        spent.append(time.perf_counter() - began)
    assert min(spent) < 0.02


@pytest.mark.parametrize(
    "junk", ["(" * 20_000, '"' * 20_001, "x = " * 5_000, "@sink(" * 5_000, "in " * 5_000, '"${' * 5_000]
)
def test_junk_is_read_in_reasonable_time(junk: str) -> None:
    began = time.perf_counter()
    document = Document(junk)
    assert not document.program.is_valid
    document.apply((0, 1), (0, 1), "y")
    assert document.program.length == len(junk) + 1
    assert time.perf_counter() - began < 20
