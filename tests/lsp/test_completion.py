"""Completion at places the conformance cases do not reach. `‸` is the cursor."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from constellation.modules.registry import ModuleRegistry
from constellation_grammar.document import Document
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.completion import Completions, complete
from tests.conformance.lsp_transports import case_engine

USERS = "in users: List<{ name: String, age: Int }>\n"


@pytest.fixture(scope="module")
def registry() -> ModuleRegistry:
    """The functions of the demo registry."""
    return case_engine().modules


def at_cursor(registry: ModuleRegistry, marked: str) -> Completions:
    offset = marked.index("‸")
    return complete(Analysis(Document(marked.replace("‸", "")), registry), offset)


def labels(registry: ModuleRegistry, marked: str) -> list[str]:
    return [item.label for item in at_cursor(registry, marked).items]


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        (f"{USERS}r = filter(users, (u) => u.‸)\nout r\n", ["age", "name"]),
        (f"{USERS}r = filter(users, (u) => gt(u.‸, 3))\nout r\n", ["age", "name"]),
        ("in u: { home: { city: String } }\nr = u.home.‸\nout u\n", ["city"]),
        ("in u: { name: String, age: Int }\np = u{‸}\nout p\n", ["age", "name"]),
        ("in x: String | Int\nr = match x { ‸ }\nout r\n", ["is String", "is Int", "_"]),
        ("in t: String\nr = Uppercase(t) with timeout: 30‸\nout r\n", ["ms", "s", "min", "h", "d"]),
        ("in t: String\nr = Uppercase(t) with retry: ‸\nout r\n", []),
        ("in t: String\nr = Uppercase(t) with throttle: 10/‸\nout r\n", []),
        ("in t: 12‸\n", []),
        ("in x: Int\nout x as ‸\n", []),
        ("use acme.‸\nin x: Int\nout x\n", ["acme.num", "acme.text"]),
        ("in x: Int\nr = add(x, 1) ‸\nout x\n", ["with", "when"]),
        ('in t: String\nr = "${t} and ‸"\nout r\n', []),
        ("in t: String # the ‸\nout t\n", []),
    ],
)
def test_what_is_offered(registry: ModuleRegistry, marked: str, expected: list[str]) -> None:
    assert labels(registry, marked) == expected


def test_a_long_list_keeps_what_the_program_defines(registry: ModuleRegistry) -> None:
    found = at_cursor(registry, "in zebra: Int\nr = if (‸\nout zebra\n")
    assert found.incomplete
    assert len(found.items) == 500
    assert "zebra" in [item.label for item in found.items]


def test_the_documents_spelling_comes_first(registry: ModuleRegistry) -> None:
    kebab = labels(registry, "in t: String\na = string-length(t)\nb = string-le‸\nout t\n")
    pascal = labels(registry, "in t: String\na = StringLength(t)\nb = stringle‸\nout t\n")
    assert kebab[0] == "string-length"
    assert pascal[0] == "StringLength"


def test_a_call_is_not_doubled(registry: ModuleRegistry) -> None:
    open_call = at_cursor(registry, "in t: String\nr = Upperc‸(t)\nout r\n").items[0]
    no_call = at_cursor(registry, "in t: String\nr = Upperc‸\nout r\n").items[0]
    assert (open_call.insert, no_call.insert) == ("Uppercase", "Uppercase()")
    assert no_call.snippet == "Uppercase(${1:text})$0"


def test_the_whole_word_is_replaced(registry: ModuleRegistry) -> None:
    found = at_cursor(registry, "in t: String\nr = Upp‸ercase(t)\nout r\n")
    assert (found.start, found.end) == (17, 26)


PIECES = st.sampled_from(
    ["in ", "out ", "x", " = ", "add(", ")", ",", "{", "}", "[", "]", '"', "${", "with ", "retry: ", "3", ".", "match ",
     "branch ", " -> ", "(a) => ", ": ", "List<", ">", "\n", "# ", "@", "@example(", "use ", "type ", "when ", "é", " "]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(pieces=st.lists(PIECES, max_size=25), at=st.integers(0, 200))
def test_completion_never_fails(registry: ModuleRegistry, pieces: list[str], at: int) -> None:
    text = "".join(pieces)
    offset = min(at, len(text))
    found = complete(Analysis(Document(text), registry), offset)
    assert 0 <= found.start <= offset <= found.end <= len(text)
