"""`constellation fmt`: in place, only looking, standard input, and files that cannot be formatted."""

from __future__ import annotations

from pathlib import Path

from tests.server.cli.conftest import Invoke

LOOSE = "in  a:Int\nout   a"
TIDY = "in a: Int\nout a\n"


def test_fmt_rewrites_checks_and_shows_differences(invoke: Invoke, folder: Path) -> None:
    path = folder / "loose.cst"
    path.write_text("in   x:Int\ny=x+1 # one more\nout y\n")
    check = invoke("fmt", "--check", "loose.cst")
    assert check.code == 1
    assert "loose.cst would be reformatted" in check.out
    shown = invoke("fmt", "--diff", "loose.cst").out
    assert "-in   x:Int\n-y=x+1 # one more\n+in x: Int\n+y = x + 1  # one more\n" in shown
    assert invoke("fmt", "loose.cst").code == 0
    assert path.read_text() == "in x: Int\ny = x + 1  # one more\nout y\n"
    assert invoke("fmt", "--check", "loose.cst").code == 0
    assert invoke("fmt", "-", stdin="y=1\nout y").out == "y = 1\nout y\n"


def test_fmt_goes_on_behind_a_file_it_cannot_read(invoke: Invoke, folder: Path) -> None:
    (folder / "bad.cst").write_bytes(b"in a: Int # \xff\n")
    (folder / "loose.cst").write_text(LOOSE)
    done = invoke("fmt", ".", "nowhere.cst")
    assert done.code == 10
    assert "Not valid UTF-8: bad.cst" in done.err
    assert "File not found: nowhere.cst" in done.err
    assert (folder / "loose.cst").read_text() == TIDY
    document = invoke("fmt", "--json", ".").document
    assert (document["success"], document["error"]) == (False, "usage_error")
    assert [failed["file"] for failed in document["failed"]] == ["bad.cst"]


def test_fmt_says_what_it_leaves_because_of_syntax_errors(invoke: Invoke, folder: Path) -> None:
    (folder / "broken.cst").write_text("in  a:Int\nx = add( a ,\nout   a\n")
    done = invoke("fmt", "broken.cst")
    assert (done.code, (folder / "broken.cst").read_text()) == (0, "in a: Int\nx = add( a ,\nout a\n")
    assert "broken.cst has syntax errors; those statements stay as they are" in done.err
    assert invoke("fmt", "--json", "broken.cst").document["broken"] == ["broken.cst"]


def test_fmt_of_standard_input_as_json_is_one_document(invoke: Invoke) -> None:
    assert invoke("fmt", "--json", "-", stdin=LOOSE).document["formatted"] == TIDY
    looked = invoke("fmt", "--json", "--diff", "-", stdin=LOOSE)
    assert (looked.code, looked.document["error"]) == (1, "not_formatted")
    assert "\n-out   a\n\\ No newline at end of file\n+in a: Int\n" in looked.document["diffs"]["-"]


def test_fmt_keeps_permissions_and_writes_through_links(invoke: Invoke, folder: Path) -> None:
    (folder / "real.cst").write_text(LOOSE)
    (folder / "real.cst").chmod(0o640)
    (folder / "link.cst").symlink_to("real.cst")
    assert invoke("fmt", "link.cst").code == 0
    assert (folder / "link.cst").is_symlink()
    assert (folder / "real.cst").read_text() == TIDY
    assert (folder / "real.cst").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in folder.iterdir()) == ["link.cst", "real.cst"]


def test_fmt_takes_a_width_and_says_when_there_is_nothing(invoke: Invoke, folder: Path) -> None:
    assert "No programs found" in invoke("fmt").err
    (folder / "wide.cst").write_text("total = concat(first_argument, second_argument)\n")
    assert invoke("fmt", "--check", "wide.cst").code == 0
    assert invoke("fmt", "--check", "--width", "30", "wide.cst").code == 1
