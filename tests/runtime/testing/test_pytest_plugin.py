"""pytest finds the tests beside programs, and shows what differs without a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TESTS = """\
- name: greets
  inputs: {name: Ada}
  outputs: {line: "Hello, Ada"}
- name: greets somebody else
  inputs: {name: Bob}
  outputs: {line: "Hello, Eve"}
"""


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_every_test_of_a_file_is_an_item(tmp_path: Path) -> None:
    (tmp_path / "greet.cst").write_text('in name: String\nline = "Hello, ${name}"\nout line\n')
    (tmp_path / "greet.cst.test.yaml").write_text(TESTS)
    done = run_pytest(tmp_path)
    assert done.returncode == 1
    assert "1 failed, 1 passed" in done.stdout
    assert 'outputs differ: line: expected "Hello, Eve", got "Hello, Bob"' in done.stdout
    assert "Traceback" not in done.stdout


def test_modules_and_the_demo_library_can_be_loaded(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text(
        "from constellation import module\n\n\n"
        '@module\ndef twice(n: int) -> int:\n    """Doubles."""\n    return 2 * n\n'
    )
    (tmp_path / "card.cst").write_text("in id: String\nuser = GetUser(id)\nout Twice(4) as eight\nout user.name\n")
    (tmp_path / "card.cst.test.yaml").write_text(
        "- name: both\n  inputs: {id: user-123}\n  outputs: {eight: 8, name: Alice}\n"
    )
    assert run_pytest(tmp_path).returncode == 1
    assert run_pytest(tmp_path, "--constellation-modules", "shop", "--constellation-demo").returncode == 0


def test_a_mistake_in_a_test_file_is_shown(tmp_path: Path) -> None:
    (tmp_path / "x.cst").write_text("out 1 as one\n")
    (tmp_path / "x.cst.test.yaml").write_text("- naem: x\n")
    done = run_pytest(tmp_path)
    assert done.returncode == 2
    assert "unknown key 'naem'" in done.stdout
