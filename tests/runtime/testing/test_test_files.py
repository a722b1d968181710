"""Test files: every mistake is named with its line, and values are read the JSON-like way."""

from __future__ import annotations

from pathlib import Path

import pytest

from constellation.testing.test_files import TestFileError, read_tests

MISTAKES = """\
- hello
- name: a
  output: {total: 2}
  status: complete
  status: failed
- name: b
  inputs: [1]
  modules: [GetUser]
  error_contains: 5
  missing_inputs: n
- modules:
    A: {return: 1}
    B: {returns: 1, fails: "no"}
    C:
  resume:
    - input: {n: 1}
    - 5
"""
FOUND = """\
x.cst.test.yaml:1: test 1 must be a mapping
x.cst.test.yaml:3: test 'a' has an unknown key 'output'; did you mean 'outputs'?
x.cst.test.yaml:5: test 'a' has 'status' twice
x.cst.test.yaml:7: 'inputs' must be a mapping of names to values
x.cst.test.yaml:8: 'modules' must be a mapping of modules to 'returns: VALUE' or 'fails: MESSAGE'
x.cst.test.yaml:9: 'error_contains' must be a text
x.cst.test.yaml:10: 'missing_inputs' must be a list of names
x.cst.test.yaml:12: the fake of 'A' needs either 'returns: VALUE' or 'fails: MESSAGE'
x.cst.test.yaml:13: the fake of 'B' needs either 'returns: VALUE' or 'fails: MESSAGE'
x.cst.test.yaml:14: the fake of 'C' needs either 'returns: VALUE' or 'fails: MESSAGE'
x.cst.test.yaml:16: a step of 'resume' has an unknown key 'input'; did you mean 'inputs'?
x.cst.test.yaml:17: a step of 'resume' must be a mapping"""


def written(folder: Path, text: str) -> Path:
    path = folder / "x.cst.test.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problem_of(folder: Path, text: str) -> str:
    with pytest.raises(TestFileError) as caught:
        read_tests(written(folder, text))
    return str(caught.value).replace(f"{folder}/", "")


def test_every_mistake_is_named_with_its_line(tmp_path: Path) -> None:
    assert problem_of(tmp_path, MISTAKES) == FOUND


@pytest.mark.parametrize(
    "text, problem",
    [
        ("", "x.cst.test.yaml: expected a list of tests, each beginning with '- name: …'"),
        ("name: x", "x.cst.test.yaml: expected a list of tests, each beginning with '- name: …'"),
        ("- name: a\n- [x\n", "x.cst.test.yaml:3: not valid YAML: expected ',' or ']', but got '<stream end>'"),
        ("- status: complete\n", "'status' is one of completed, suspended, failed or cancelled, not 'complete'"),
    ],
)
def test_what_is_no_list_of_tests(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in problem_of(tmp_path, text)


def test_values_are_read_as_json_would_have_them(tmp_path: Path) -> None:
    values = "a: yes, b: 2024-01-01, c: 1:30, d: 0x10, e: 1e3, f: true, g: , h: -5, i: .5"
    (test,) = read_tests(written(tmp_path, f"# head\n- name: kinds\n  inputs: {{{values}}}\n  outputs:\n"))
    assert (test.name, test.line) == ("kinds", 2)
    assert test.fields.keys() == {"name", "inputs"}
    texts = {"a": "yes", "b": "2024-01-01", "c": "1:30"}
    assert test.fields["inputs"] == texts | {"d": 16, "e": 1000.0, "f": True, "g": None, "h": -5, "i": 0.5}
