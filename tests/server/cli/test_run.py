"""`constellation run`: inputs, outputs, statuses and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.server.cli.conftest import Invoke

GREET = 'in name: String\ngreeting = "Hello, ${name}"\nletters = StringLength(name)\nout greeting\nout letters\n'
APPROVE = "in userId: String\nin approval: Boolean\nuser = GetUser(userId)\nout user when approval\n"
DIVIDE = "in a: Int\nin b: Int\nq = Divide(a, b)\nout q\n"


@pytest.fixture
def greet(folder: Path) -> str:
    (folder / "greet.cst").write_text(GREET)
    return "greet.cst"


def test_completed_run_prints_outputs_in_declaration_order(invoke: Invoke, greet: str) -> None:
    done = invoke("run", greet, "-i", "name=Ada")
    assert (done.code, done.err) == (0, "")
    assert done.out == '✓ Execution completed:\n  greeting: "Hello, Ada"\n  letters: 3\n'


def test_a_function_of_the_demo_library_says_how_to_load_it(invoke: Invoke, folder: Path) -> None:
    (folder / "approve.cst").write_text(APPROVE)
    failed = invoke("run", "approve.cst", "-i", "userId=ada")
    assert failed.code == 1
    assert "^^^^^^^ add --demo: 'GetUser' belongs to the demo library" in failed.err
    assert "→ Add --demo: 'GetUser' belongs to the demo library" in invoke("check", "approve.cst").out
    assert invoke("check", "--demo", "approve.cst").code == 0


def test_json_may_stand_anywhere_on_the_line(invoke: Invoke, greet: str) -> None:
    for arguments in (("--json", "run", greet), ("run", "-j", greet), ("run", greet, "--json")):
        done = invoke(*arguments, "-i", "name=Ada")
        assert done.document["outputs"] == {"greeting": "Hello, Ada", "letters": 3}
        assert done.document["success"] is True


def test_text_that_looks_like_a_number_stays_text_for_a_string_input(invoke: Invoke, greet: str) -> None:
    assert '"Hello, 01234"' in invoke("run", greet, "-i", "name=01234").out
    assert '"Hello, 7"' in invoke("run", greet, "-i", "name=7").out
    assert '"Hello, true"' in invoke("run", greet, "-i", "name=true").out


def test_later_sources_of_inputs_win(invoke: Invoke, folder: Path, greet: str) -> None:
    (folder / "inputs.json").write_text('{"name": "file"}')
    (folder / "name.txt").write_text("text")
    assert '"Hello, file"' in invoke("run", greet, "-f", "inputs.json").out
    assert '"Hello, pair"' in invoke("run", greet, "-f", "inputs.json", "-i", "name=pair").out
    assert '"Hello, text"' in invoke("run", greet, "-i", "name=@name.txt").out
    assert '"Hello, @name"' in invoke("run", greet, "-i", "name=@@name").out
    assert '"Hello, 1"' in invoke("run", greet, "-i", "name=pair", "-I", "name=1").out


def test_program_and_inputs_from_standard_input(invoke: Invoke, greet: str) -> None:
    assert '"Hello, Ada"' in invoke("run", "-", "-i", "name=Ada", stdin=GREET).out
    assert '"Hello, Ada"' in invoke("run", greet, "-f", "-", stdin='{"name": "Ada"}').out


def test_unknown_input_is_ignored_with_a_warning(invoke: Invoke, greet: str) -> None:
    done = invoke("run", greet, "-i", "name=Ada", "-i", "nmae=x")
    assert done.code == 0
    assert done.err == "⚠ Input 'nmae' is not declared by the program and was ignored\n"


def test_suspended_run_names_what_is_missing_and_what_is_computed(invoke: Invoke, folder: Path) -> None:
    (folder / "approve.cst").write_text(APPROVE)
    done = invoke("run", "approve.cst", "-i", "userId=user-123", "--demo")
    assert done.code == 0
    assert "⏸ Execution suspended" in done.out
    assert "    approval: Boolean" in done.out
    assert '    user: {"id":"user-123","name":"Alice","email":"alice@example.com"}' in done.out
    assert invoke("run", "approve.cst", "-i", "userId=user-123", "--demo", "--fail-on-suspend").code == 7
    document = invoke("run", "approve.cst", "-i", "userId=user-123", "--demo", "--json").document
    assert document["status"] == "suspended"
    assert document["missingInputs"] == {"approval": "Boolean"}


def test_failed_run_says_which_module_failed_and_why(invoke: Invoke, folder: Path) -> None:
    (folder / "divide.cst").write_text(DIVIDE)
    done = invoke("run", "divide.cst", "-i", "a=1", "-i", "b=0")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("✗ Module 'Divide' execution failed: division by zero\n  execution: ")
    failed = invoke("run", "divide.cst", "-i", "a=1", "-i", "b=0", "--json")
    assert failed.code == 2
    assert failed.document["error"] == "runtime_error"
    assert failed.document["message"] == "Module 'Divide' execution failed: division by zero"


def test_three_independent_errors_are_all_printed_with_carets(invoke: Invoke, folder: Path) -> None:
    (folder / "broken.cst").write_text("in n: Int\na = Uppercas(n)\nb = n + true\nc = missing\nout a\nout b\nout c\n")
    done = invoke("run", "broken.cst", "--demo")
    assert (done.code, done.out) == (1, "")
    assert "✗ Compilation failed with 3 error(s):" in done.err
    assert (
        "  • Line 2: Unknown function 'Uppercas'\n      2 | a = Uppercas(n)\n              ^^^^^^^^ did you mean"
        in done.err
    )
    assert "  • Line 3: Arithmetic operator '+' is not supported for types Int and Boolean" in done.err
    assert "  • Line 4: Undefined variable: missing" in done.err
    assert done.err.count("^") >= 3
    document = invoke("run", "broken.cst", "--demo", "--json").document
    assert [line.split(":")[0] for line in document["errors"]] == ["Line 2", "Line 3", "Line 4"]


def test_bad_input_value_names_the_input(invoke: Invoke, folder: Path) -> None:
    (folder / "divide.cst").write_text(DIVIDE)
    done = invoke("run", "divide.cst", "-i", "a=one", "-i", "b=2", "--json")
    assert (done.code, done.document["error"]) == (2, "input_error")
    assert "Input 'a': " in done.document["message"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run",), "Missing argument 'FILE'"),
        (("run", "nowhere.cst"), "File not found: nowhere.cst"),
        (("run", "."), "Path is a directory: ."),
        (("run", "greet.cst", "-i", "name"), "Invalid input format 'name', expected key=value"),
        (("run", "greet.cst", "-f", "list.json"), "Inputs must be a JSON object: list.json"),
        (("run", "greet.cst", "-f", "broken.json"), "Not valid JSON: broken.json"),
        (("run", "latin.cst"), "Not valid UTF-8: latin.cst"),
        (("run", "huge.cst"), "File too large (max 1MB): huge.cst"),
        (("run", "greet.cst", "--modules", "no.such"), "Cannot import modules from 'no.such'"),
        (("rum", "greet.cst"), "No such command 'rum'"),
        (("run", "greet.cst", "--fast"), "No such option"),
    ],
)
def test_usage_errors(invoke: Invoke, folder: Path, greet: str, arguments: tuple[str, ...], message: str) -> None:
    (folder / "list.json").write_text("[1]")
    (folder / "broken.json").write_text("{")
    (folder / "latin.cst").write_bytes(b"x = \xff\n")
    (folder / "huge.cst").write_bytes(b"#" * ((1 << 20) + 1))
    done = invoke(*arguments)
    assert (done.code, done.out) == (10, "")
    assert message in done.err
    as_json = invoke(*arguments, "--json")
    assert as_json.code == 10
    assert message in as_json.document["message"]
    assert json.loads(as_json.out)["error"] == "usage_error"


def test_own_modules_and_the_place_of_an_import_error(invoke: Invoke, folder: Path) -> None:
    (folder / "shop_modules.py").write_text(
        "from constellation import module\n\n\n@module\ndef vat(net: int) -> int:\n"
        '    """Tax on a net amount."""\n    return net * 19 // 100\n'
    )
    (folder / "vat.cst").write_text("in net: Int\ntax = Vat(net)\nout tax\n")
    assert "tax: 19" in invoke("run", "vat.cst", "-i", "net=100", "--modules", "shop_modules").out
    (folder / "broken_modules.py").write_text("x = 1\ny = undefined_name\n")
    done = invoke("run", "vat.cst", "--modules", "broken_modules")
    assert done.code == 10
    assert "broken_modules.py:2: NameError: name 'undefined_name' is not defined" in done.err


def test_project_settings_name_the_modules(invoke: Invoke, folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.constellation]\ndemo = true\nmodlues = ["x"]\n')
    (folder / "approve.cst").write_text(APPROVE)
    done = invoke("run", "approve.cst", "-i", "userId=user-123", "-i", "approval=true")
    assert done.code == 0
    assert "unknown key 'modlues' in the constellation settings; did you mean 'modules'?" in done.err


def test_opt_in_parts_of_the_library_are_enabled_by_option_or_settings(invoke: Invoke, folder: Path) -> None:
    (folder / "dice.cst").write_text("use stdlib.random\nroll = random-int(6, 6)\nout roll\n")
    refused = invoke("run", "dice.cst")
    assert refused.code == 1
    assert "Undefined namespace: stdlib.random (the namespace stdlib.random is disabled; enable it with" in refused.err
    assert "--enable random" in refused.err
    assert invoke("run", "dice.cst", "--enable", "random", "--json").document["outputs"] == {"roll": 6}
    assert invoke("check", "--enable", "random", "dice.cst").code == 0
    assert "'dice' is not one of 'http', 'random'" in invoke("run", "dice.cst", "--enable", "dice").err
    (folder / "constellation.toml").write_text('stdlib = ["random"]\n')
    assert invoke("run", "dice.cst").code == 0
    (folder / "constellation.toml").write_text('stdlib = ["dice"]\n')
    wrong = invoke("run", "dice.cst")
    assert (wrong.code, "stdlib 'dice'; there are http and random" in wrong.err) == (10, True)


def test_what_a_program_logs_goes_to_stderr(invoke: Invoke, folder: Path) -> None:
    (folder / "loud.cst").write_text('in n: Int\nm = log(n + 1)\nout log("a\\u{1b}[2Jb") as t\nout m\n')
    done = invoke("run", "loud.cst", "-i", "n=1")
    assert done.out == '✓ Execution completed:\n  t: "a\\u001b[2Jb"\n  m: 2\n'
    assert done.err == "ℹ log: 2\nℹ log: a[2Jb\n"
    assert invoke("run", "-q", "loud.cst", "-i", "n=1").err == ""
    machine = invoke("run", "--json", "loud.cst", "-i", "n=1")
    assert (machine.err, machine.document["outputs"]["m"]) == ("", 2)
    assert "log: 2" in invoke("run", "--json", "-v", "loud.cst", "-i", "n=1").err
