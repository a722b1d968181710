"""The tree-sitter grammar as other editors get it: its corpus, its queries, its generated sources."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tree_sitter import Query, QueryCursor

from constellation_grammar.syntax import OPTION_NAMES, RESERVED_WORDS
from constellation_grammar.tree import LANGUAGE, parse_tree

GRAMMAR = Path(__file__).parents[2] / "grammar"

SAMPLE = """\
# greet
use stdlib.text as t
type T = { a: List<Int>, type: String } | U
@example("a${x}\\n")
in x: T
y = t.f(x, z => z.a, [1, 2.5, true]) with retry: 3, backoff: fixed, timeout: 5s, window: count(3), lazy
@sink("k", topic: "a")
out match y { {a, b} -> a, is Foo -> not a and b, _ -> 1 + 2 } as z
out upper(x) when if (a) b else c
"""


def corpus() -> Iterator[tuple[str, str, str]]:
    for file in sorted((GRAMMAR / "test" / "corpus").glob("*.txt")):
        parts = re.split(r"={60}\n(.*)\n={60}\n", file.read_bytes().decode())
        for title, body in zip(parts[1::2], parts[2::2], strict=True):
            text, tree = body.split("\n---\n")
            yield title, text.strip("\n"), " ".join(tree.split())


@pytest.mark.parametrize(("title", "text", "tree"), list(corpus()))
def test_corpus(title: str, text: str, tree: str) -> None:
    found = parse_tree(text).root_node
    assert " ".join(str(found).split()).replace("( ", "(") == tree, title
    assert not found.has_error


def captures(query: str, text: str) -> dict[str, list[str]]:
    source = (GRAMMAR / "queries" / f"{query}.scm").read_text()
    found = QueryCursor(Query(LANGUAGE, source)).captures(parse_tree(text).root_node)
    data = text.encode()
    return {name: [data[n.start_byte : n.end_byte].decode() for n in nodes] for name, nodes in found.items()}


def test_highlights() -> None:
    found = captures("highlights", SAMPLE)
    assert set(found["keyword"]) == {"use", "as", "type", "in", "with", "out"}
    assert set(found["keyword.conditional"]) == {"match", "is", "when", "if", "else"}
    assert set(found["function.call"]) == {"f", "upper"}
    assert set(found["type.builtin"]) == {"List", "Int", "String"}
    assert found["attribute"] == ["@example", "@sink"]
    assert set(found["number"]) >= {"1", "3", "5s"}
    assert found["string.escape"] == ["\\n"]
    assert found["comment"] == ["# greet"]
    assert "count" in found["constant"] and "fixed" in found["constant"]


def test_folds_and_indents() -> None:
    text = "x = f(\n  a,\n  [\n    1\n  ]\n)"
    assert sorted(captures("folds", text)["fold"]) == ["(\n  a,\n  [\n    1\n  ]\n)", "[\n    1\n  ]"]
    assert captures("indents", text)["indent.end"] == ["]", ")"]


def test_locals() -> None:
    found = captures("locals", SAMPLE)
    assert set(found["local.definition.var"]) == {"y", "a", "b"}
    assert set(found["local.definition.parameter"]) == {"x", "z"}
    assert found["local.definition.namespace"] == ["t"]


def test_tags_and_injections() -> None:
    found = captures("tags", SAMPLE)
    assert found["definition.type"] == ["type T = { a: List<Int>, type: String } | U"]
    assert "upper" in found["name"]
    assert captures("injections", SAMPLE)["injection.content"] == ["# greet"]


def test_every_query_file_is_tested() -> None:
    names = {file.stem for file in (GRAMMAR / "queries").glob("*.scm")}
    assert names == {"highlights", "folds", "indents", "locals", "tags", "injections"}


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "check_generated.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_generated_sources_are_fresh() -> None:
    answer = subprocess.run(
        [sys.executable, GRAMMAR / "check_generated.py"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr


def test_a_changed_grammar_is_noticed(tmp_path: Path) -> None:
    for name in ("check_generated.py", "grammar.js", "src/grammar.js.sha256"):
        target = tmp_path / name
        target.parent.mkdir(exist_ok=True)
        target.write_bytes((GRAMMAR / name).read_bytes())
    (tmp_path / "grammar.js").write_text("// changed")
    answer = subprocess.run(
        [sys.executable, tmp_path / "check_generated.py"], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert "get-tree-sitter" in answer.stderr


def test_the_grammar_knows_the_words_of_the_language() -> None:
    grammar = json.loads((GRAMMAR / "src" / "grammar.json").read_text())
    options = set(re.findall(r"'type': 'STRING', 'value': '(\w+)'", str(grammar["rules"]["option"])))
    assert options == set(OPTION_NAMES)
    assert {word["value"] for word in grammar["reserved"]["global"]} == RESERVED_WORDS
    scanner = (GRAMMAR / "src" / "scanner.c").read_text()
    named = {
        name: set(re.findall(r'"(\w+)"', body)) for name, body in re.findall(r"(\w+)\[\] = \{(.*?)\};", scanner, re.S)
    }
    assert named["VALUED_OPTIONS"] == set(OPTION_NAMES) - {"lazy"}
    assert named["RESERVED_WORDS"] == RESERVED_WORDS
