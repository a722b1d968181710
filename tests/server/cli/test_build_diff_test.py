"""`constellation compile --input`, `diff` and `test`."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.server.cli.conftest import Invoke

ONE = "in x: Int\ny = x + 1\nout y\n"
TWO = '# reformatted, one literal changed\nin x: Int\ny = x + 2\nz = Trim("a")\nout y\nout z\n'


@pytest.fixture
def pipelines(folder: Path) -> Path:
    path = folder / "pipelines"
    path.mkdir()
    (path / "one.cst").write_text(ONE)
    (path / "two.cst").write_text(TWO)
    return path


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_build_writes_a_store_and_skips_what_is_unchanged(invoke: Invoke, folder: Path, pipelines: Path) -> None:
    done = invoke("compile", "--input", "pipelines", "--output", "store")
    assert done.code == 0
    assert done.out.splitlines()[-1] == "2 compiled, 0 unchanged, 0 failed"
    assert len(list((folder / "store" / "images").iterdir())) == 2
    (pipelines / "one.cst").write_text(ONE.replace("+ 1", "+ 3"))
    again = invoke("compile", "--input", "pipelines", "--output", "store", "--json").document
    assert [p["name"] for p in again["compiled"]] == ["one"]
    assert [p["name"] for p in again["unchanged"]] == ["two"]


def test_builds_are_reproducible(
    invoke: Invoke, folder: Path, pipelines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    for output in ("a", "b"):
        invoke("compile", "--input", "pipelines", "--output", output)
    assert files(folder / "a") == files(folder / "b")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "noon")
    refused = invoke("compile", "--input", "pipelines", "--output", "c")
    assert (refused.code, (folder / "c").exists()) == (10, False)


def test_where_nothing_can_be_written(invoke: Invoke, folder: Path, pipelines: Path) -> None:
    (folder / "file").write_text("")
    done = invoke("compile", "--input", "pipelines", "--output", "file")
    assert done.code == 2
    assert "The pipeline store file cannot be opened: Not a directory" in done.err
    assert "file: not a folder" in invoke("compile", "--input", "file", "--output", "store").err


def test_a_broken_file_leaves_the_store_unwritten_unless_told_to_go_on(
    invoke: Invoke, folder: Path, pipelines: Path
) -> None:
    (pipelines / "broken.cst").write_text("out nothing\n")
    done = invoke("compile", "--input", "pipelines", "--output", "store")
    assert done.code == 1
    assert "broken  Line 1: Undefined variable: nothing" in done.err
    assert not (folder / "store").exists()
    kept = invoke("compile", "--input", "pipelines", "--output", "store", "--keep-going")
    assert kept.code == 1
    assert "2 compiled, 0 unchanged, 1 failed" in kept.out
    assert len(list((folder / "store" / "images").iterdir())) == 2


def test_build_usage(invoke: Invoke, folder: Path) -> None:
    assert invoke("compile", "--input", "nowhere", "--output", "store").code == 10
    assert invoke("compile", "--input", "nowhere").code == 10
    (folder / "empty").mkdir()
    empty = invoke("compile", "--input", "empty", "--output", "store")
    assert empty.code == 0
    assert "No file matches *.cst" in empty.err


def test_diff_of_two_files_in_words(invoke: Invoke, pipelines: Path) -> None:
    done = invoke("diff", "pipelines/one.cst", "pipelines/two.cst")
    assert done.code == 0
    assert "~ step y changed: 1 is now 2" in done.out
    assert '+ step z added: trim("a")' in done.out
    assert "+ output z added: z" in done.out
    document = invoke("diff", "pipelines/one.cst", "pipelines/two.cst", "--json").document
    assert not document["equal"]
    assert document["changes"][0] == {
        "kind": "changed", "subject": "step", "name": "y", "before": "x + 1", "after": "x + 2",
        "details": ["1 is now 2"],
    }  # fmt: skip


def test_diff_says_which_file_is_broken_and_what_is_not_there(invoke: Invoke, folder: Path, pipelines: Path) -> None:
    (folder / "broken.cst").write_text("out nothing\n")
    done = invoke("diff", "pipelines/one.cst", "broken.cst")
    assert done.code == 1
    assert "Compilation failed with 1 error(s) in broken.cst:" in done.err
    assert invoke("diff", "pipelines/one.cst", "broken.cst", "--json").document["file"] == "broken.cst"
    invoke("compile", "--input", "pipelines", "--output", "store")
    assert "'onee.cst' is no file and no pipeline of store" in invoke("diff", "onee.cst", "one", "--store", "store").err


def test_diff_of_names_versions_and_hashes_of_a_store(invoke: Invoke, folder: Path, pipelines: Path) -> None:
    invoke("compile", "--input", "pipelines", "--output", "store")
    (pipelines / "one.cst").write_text(ONE.replace("+ 1", "* 2"))
    invoke("compile", "--input", "pipelines", "--output", "store")
    done = invoke("diff", "one@v1", "one", "--store", "store")
    assert "~ step y changed: x + 1 is now x * 2" in done.out
    digest = invoke("compile", "pipelines/one.cst", "--json").document["structuralHash"]
    assert "No difference" in invoke("diff", digest, "one@v2", "--store", "store").out
    assert invoke("diff", "nobody", "one", "--store", "store").code == 5
    assert invoke("diff", "nobody", "one").code == 10


GREET_TESTS = """\
# who is greeted
- name: a name  # the usual
  inputs: {name: Ada}
  outputs: {line: "Hello, Ada"}
- name: wrong
  inputs: {name: Bob}
  outputs: {line: "Hello, Eve"}
"""


def test_tests_beside_programs(invoke: Invoke, folder: Path) -> None:
    (folder / "greet.cst").write_text('in name: String\nline = "Hello, ${name}"\nout line\n')
    (folder / "greet.cst.test.yaml").write_text(GREET_TESTS)
    (folder / "shown.cst").write_text("@example(3)\nin n: Int\nout n * 2 as doubled\n")
    done = invoke("test", "--junit", "report.xml")
    assert done.code == 2
    assert "[1/3] ✓ greet.cst: a name" in done.out
    assert '      outputs differ: line: expected "Hello, Eve", got "Hello, Bob"' in done.out
    assert "[3/3] ✓ shown.cst: examples" in done.out
    report = ElementTree.parse(folder / "report.xml").getroot()
    assert (report.get("tests"), report.get("failures")) == ("3", "1")
    assert invoke("test", "--update").code == 0
    updated = (folder / "greet.cst.test.yaml").read_text()
    assert "# who is greeted" in updated
    assert "# the usual" in updated
    assert "Hello, Bob" in updated
    assert invoke("test").code == 0


def test_modules_can_be_faked(invoke: Invoke, folder: Path) -> None:
    (folder / "card.cst").write_text("in id: String\nuser = GetUser(id)\nout user.name\n")
    (folder / "card.cst.test.yaml").write_text(
        "- name: found\n  inputs: {id: u}\n  modules: {GetUser: {returns: {id: u, name: Eve, email: e}}}\n"
        "  outputs: {name: Eve}\n"
        "- name: down\n  inputs: {id: u}\n  modules: {GetUser: {fails: unreachable}}\n  status: failed\n"
        "  error_contains: \"Module 'GetUser' execution failed: unreachable\"\n"
    )
    done = invoke("test", "card.cst", "--demo")
    assert (done.code, done.out.splitlines()[-1].split(" in ")[0]) == (0, "2 passed, 0 failed")


def test_a_test_file_with_a_mistake_is_a_usage_error(invoke: Invoke, folder: Path) -> None:
    (folder / "x.cst").write_text(ONE)
    (folder / "x.cst.test.yaml").write_text("- name: a\n  input: {x: 1}\n")
    done = invoke("test")
    assert done.code == 10
    assert "x.cst.test.yaml:2: test 'a' has an unknown key 'input'; did you mean 'inputs'?" in done.err


def test_update_writes_everything_a_test_looks_at(invoke: Invoke, folder: Path) -> None:
    (folder / "x.cst").write_text("in n: Int\nin m: Int\nhalf = 10 / n\nout half\nout m\n")
    (folder / "x.cst.test.yaml").write_text(
        "- name: 'quoted'\n  inputs: {n: 5}\n  status: suspended\n  missing_inputs: [n]\n  computed: {half: 1}\n"
        "- name: fails  # why\n  inputs: {n: 0, m: 1}\n  status: failed\n  error_contains: overflow\n"
        "- name: works\n  inputs: {n: 1, m: 1}\n  status: failed\n"
    )
    done = invoke("test", "--update", "--junit", "reports/junit.xml")
    assert (done.code, done.out.splitlines()[-1].split(" in ")[0]) == (0, "3 passed, 0 failed")
    assert ElementTree.parse(folder / "reports" / "junit.xml").getroot().get("tests") == "3"
    assert invoke("test").code == 0
    updated = (folder / "x.cst.test.yaml").read_text()
    assert "- name: 'quoted'\n  inputs: {n: 5}\n" in updated
    assert "computed:\n    half: 2\n" in updated
    assert "- name: fails  # why\n" in updated
    assert "division by zero" in updated


def test_a_program_with_some_examples_waits_for_the_rest(invoke: Invoke, folder: Path) -> None:
    (folder / "x.cst").write_text("@example(3)\nin n: Int\nin later: Int\nin note: Optional<Int>\nout n + later as r\n")
    assert invoke("test").code == 0
    (folder / "x.cst").write_text("@example(0)\nin n: Int\nin note: Optional<Int>\nout 1 / n as r\n")
    failed = invoke("test", "--json")
    assert (failed.code, failed.document["error"]) == (2, "tests_failed")
    assert failed.document["message"] == "1 of 1 test(s) failed"


def test_a_junit_report_holds_no_character_xml_has_not(invoke: Invoke, folder: Path) -> None:
    (folder / "x.cst").write_text("in s: String\nr = one-of(s, [])\nout r\n")
    (folder / "x.cst.test.yaml").write_text('- name: "\\x01"\n  inputs: {s: "a\\x02"}\n')
    assert invoke("test", "--junit", "junit.xml").code == 2
    case = ElementTree.parse(folder / "junit.xml").getroot().find("testcase")
    assert case is not None
    assert case.get("name") == "\ufffd"
    (folder / "file").write_text("")
    assert invoke("test", "--junit", "file/junit.xml").code == 10
