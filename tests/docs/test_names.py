"""The book and the code have the same names: what exists is documented, and nothing else is."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from tests.docs.book import DOCS, build, generated, written

ROOT = DOCS.parent
FLAG = re.compile(r"(?<![\w-])--[a-z][a-z-]+")
VARIABLE = re.compile(r"\bCONSTELLATION_[A-Z_]+\b")
ELSEWHERE = {
    # flags of other tools that pages mention
    "--constellation-demo",
}


def hand_written() -> dict[str, str]:
    pages = {n: t for n, t in written().items() if n not in ("architecture.md", "identity.md")}
    return {**pages, "README.md": (ROOT / "README.md").read_text(encoding="utf-8")}


@pytest.mark.parametrize(
    "package", ["constellation", "constellation.sync", "constellation.testing", "constellation_server"]
)
def test_every_exported_name_is_documented_with_words(package: str) -> None:
    page = generated()["reference/python.md"]
    anchor = package.replace(".", "-")
    section = page.split(f"{{ #{anchor} }}")[1].split("\n## ")[0]
    entries = re.findall(r"^### (\w+) .*?\n(.*?)(?=^### |\Z)", section, re.M | re.S)
    exported: list[str] = importlib.import_module(package).__all__
    assert [name for name, _ in entries] == exported
    for name, text in entries:
        words = re.sub(r"```.*?```", "", text, flags=re.S).strip()
        assert words, f"{package}.{name} has no documentation"


def test_every_member_of_a_public_class_is_documented() -> None:
    page = generated()["reference/python.md"]
    assert re.findall(r"^\| `[^`]+` \|\s*\|$", page, re.M) == []


def test_every_environment_variable_the_code_reads_is_documented() -> None:
    read: set[str] = set()
    for root in ("runtime", "server", "lsp"):
        for path in (ROOT / root).rglob("*.py"):
            read |= set(re.findall(r"\"(CONSTELLATION_[A-Z_]+[A-Z])\"", path.read_text(encoding="utf-8")))
    documented = build()["settings"].variables()
    assert read <= documented
    page = generated()["reference/settings.md"]
    assert all(f"`{variable}`" in page for variable in documented)


def test_the_pages_name_only_variables_that_exist() -> None:
    known = build()["settings"].variables()
    for name, text in hand_written().items():
        assert set(VARIABLE.findall(text)) <= known, name


def test_every_flag_of_every_command_is_documented() -> None:
    page = generated()["reference/commands.md"]
    missing = [flag for flag in build()["commands"].flags() if not re.search(rf"{flag}(?![\w-])", page)]
    assert missing == []


def test_the_pages_name_only_flags_that_exist() -> None:
    known = build()["commands"].flags() | ELSEWHERE
    for name, text in hand_written().items():
        assert set(FLAG.findall(text)) <= known, name


def test_the_pages_name_only_commands_that_exist() -> None:
    from constellation_server.cli.options import COMMANDS

    for name, text in hand_written().items():
        called = set(re.findall(r"`constellation ([a-z]+)", text)) | set(
            re.findall(r"^constellation ([a-z]+)", text, re.M)
        )
        assert called <= set(COMMANDS), name


def test_every_command_is_documented() -> None:
    from constellation_server.cli.options import COMMANDS

    page = generated()["reference/commands.md"]
    assert re.findall(r"^## constellation (\w+)$", page, re.M) == sorted(COMMANDS)


def test_every_command_has_a_right_and_a_wrong_example() -> None:
    from constellation_server.cli.options import COMMANDS

    examples: dict[str, str] = build()["commands"].examples()
    assert sorted(examples) == sorted(COMMANDS)
    for name, text in examples.items():
        assert len(re.findall(r"^```sh$", text, re.M)) > 1, name
        assert "exit code" in text, name


def test_every_route_of_the_server_is_documented() -> None:
    from constellation_server.routing import all_routes

    page = generated()["reference/http.md"]
    for route in all_routes():
        path = re.sub(r"{(\w+):[^}]*}", r"{\1}", route.path)
        assert f"{'WebSocket' if route.websocket else route.method} {path}" in page


def test_the_pages_name_only_routes_that_exist() -> None:
    from constellation_server.routing import all_routes

    known = {(r.method, re.sub(r"{[^}]*}", "{}", r.path)) for r in all_routes()}
    for name, text in hand_written().items():
        for method, path in re.findall(r"`(GET|POST|PUT|DELETE) (/[^`?\s]*)", text):
            assert (method, re.sub(r"{[^}]*}", "{}", path)) in known, f"{name}: {method} {path}"


def test_every_project_key_is_documented() -> None:
    page = generated()["reference/settings.md"]
    assert all(f"| `{key}` |" in page for key in build()["settings"].project_keys())


def test_every_code_and_every_situation_has_its_place() -> None:
    from constellation.compiler.catalogue import CATALOGUE

    page = generated()["reference/errors.md"]
    for kind in CATALOGUE.values():
        assert f"{{ #{kind.code.lower()} }}" in page
        if len(kind.messages) > 1:
            assert all(f'id="{slug}"' in page for slug in kind.messages)


def test_every_page_is_in_the_table_of_contents() -> None:
    contents = (DOCS / "mkdocs.yml").read_text(encoding="utf-8")
    listed = re.findall(r": (\S+\.md)$", contents, re.M)
    assert sorted(listed) == sorted({*written(), *generated()})
    assert all(Path(name).suffix == ".md" for name in listed)
