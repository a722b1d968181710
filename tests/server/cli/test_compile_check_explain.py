"""`constellation compile`, `check`, `explain` and the program's own options."""

from __future__ import annotations

from pathlib import Path

from tests.server.cli.conftest import Invoke

GOOD = "in text: String\nresult = Uppercase(text)\nout result\n"
BROKEN = "in text: String\nresult = Uppercas(text)\nout result\n"


def test_compile_prints_the_hash_and_stores_nothing(invoke: Invoke, folder: Path) -> None:
    (folder / "shout.cst").write_text(GOOD)
    done = invoke("compile", "shout.cst")
    document = invoke("compile", "shout.cst", "--json").document
    assert done.out == f"✓ Compilation successful (hash: {document['structuralHash'][:12]}...)\n"
    assert (document["success"], document["name"], document["stored"]) == (True, "shout", False)
    assert len(document["syntacticHash"]) == 64


def test_check_shows_an_excerpt_with_carets_and_suggestions(invoke: Invoke, folder: Path) -> None:
    (folder / "broken.cst").write_text(BROKEN)
    done = invoke("check", "broken.cst")
    assert done.code == 1
    assert done.out.startswith("Error E002: Undefined function\n  --> broken.cst:2:10\n")
    assert "  2 │ result = Uppercas(text)\n    │          ^^^^^^^^\n" in done.out
    assert "  → Did you mean 'Uppercase'?" in done.out
    assert done.err == "✗ 1 file(s): 1 error(s), 0 warning(s)\n"


def test_check_concise_is_one_line_for_problem_matchers(invoke: Invoke, folder: Path) -> None:
    (folder / "broken.cst").write_text(BROKEN)
    assert invoke("check", "--concise", "-q", "broken.cst").out == "broken.cst:2:10: E002 Unknown function 'Uppercas'\n"


def test_check_json_lists_every_file(invoke: Invoke, folder: Path) -> None:
    (folder / "good.cst").write_text(GOOD)
    (folder / "broken.cst").write_text(BROKEN)
    document = invoke("check", "--json", "good.cst", "broken.cst").document
    assert (document["success"], document["errors"]) == (False, 1)
    assert [len(f["diagnostics"]) for f in document["files"]] == [0, 1]


def test_explain_a_code_its_list_and_an_unknown_one(invoke: Invoke) -> None:
    page = invoke("explain", "e010")
    assert page.code == 0
    assert page.out.startswith("E010: Type mismatch (Type)")
    assert "Wrong:" in page.out
    assert "Right:" in page.out
    assert "    Pattern … cannot match type …\n        A case for something the value can never be" in page.out
    assert page.out.count("Type mismatch: expected …, got …") == 1
    assert max(map(len, page.out.splitlines())) <= 92
    assert invoke("explain", "pattern-mismatch").out == page.out
    document = invoke("explain", "--json", "E010").document
    assert document["messages"]["pattern-mismatch"] == "Pattern {pattern} cannot match type {type}"
    assert document["notes"].keys() <= document["messages"].keys()
    assert "E002  Undefined function" in invoke("explain").out
    unknown = invoke("explain", "E999")
    assert (unknown.code, unknown.out) == (5, "")
    assert "Unknown code 'E999'" in unknown.err


def test_version_and_help(invoke: Invoke) -> None:
    assert invoke("--version").out.startswith("constellation ")
    assert "run" in invoke("--help").out
    bare = invoke()
    assert (bare.code, bare.out) == (10, "")
    assert "Usage: constellation" in bare.err
