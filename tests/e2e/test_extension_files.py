"""What the extension ships: the snippets are programs, and the package holds what it needs and nothing else."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from constellation_grammar.formatter import format_text
from constellation_grammar.parser import parse
from tests.e2e.code_server import EXTENSION, install, why_not

SNIPPETS: dict[str, dict[str, str | list[str]]] = json.loads(
    (EXTENSION / "snippets" / "constellation.json").read_text()
)
DECLARATION = re.compile(r"\s*(in|out|use|type|@\w+)\b|[\w-]+ =")


def filled(body: str | list[str]) -> str:
    """A snippet's text with every placeholder at its default or first choice, in a declaration of its own."""
    text = body if isinstance(body, str) else "\n".join(body)
    for _ in range(2):  # choices first, then what they may stand in
        text = re.sub(r"(?<!\\)\$\{\d+\|([^,|]*)[^|]*\|\}", r"\1", text)
        text = re.sub(r"(?<!\\)\$\{\d+:([^{}]*)\}", r"\1", text)
    text = text.replace("\\$", "$")
    if text.startswith("with"):
        return f"x = trim(y) {text}\n"
    return f"{text}\n" if DECLARATION.match(text) else f"x = {text}\n"


@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_with_its_defaults_parses(name: str) -> None:
    program = filled(SNIPPETS[name]["body"])
    assert "${1" not in program
    assert parse(program).problems == (), program


@pytest.mark.parametrize("name", SNIPPETS)
def test_the_formatter_leaves_a_snippet_as_it_is(name: str) -> None:
    program = filled(SNIPPETS[name]["body"])
    assert format_text(program) == program


def test_snippets_have_different_prefixes() -> None:
    prefixes = [snippet["prefix"] for snippet in SNIPPETS.values()]
    assert len(set(map(str, prefixes))) == len(prefixes)


@pytest.mark.skipif(why_not() is not None, reason=why_not() or "")
def test_the_package_holds_the_built_files_and_is_small() -> None:
    install()
    vsix: Path = EXTENSION / "constellation.vsix"
    with zipfile.ZipFile(vsix) as package:
        names = {name.removeprefix("extension/") for name in package.namelist() if name.startswith("extension/")}
        manifest = json.loads(package.read("extension/package.json"))
    assert {"dist/extension.js", "dist/runner.js", "dist/dag.js", "dist/constellation.tmLanguage.json"} <= names
    assert not [name for name in names if name.endswith((".map", ".ts", ".vsix")) or "node_modules" in name]
    assert manifest["main"].removeprefix("./") in names
    assert vsix.stat().st_size < 1024 * 1024
