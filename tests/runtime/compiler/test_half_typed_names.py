"""What is still being typed is not blamed: the start of a qualified name, and options whose values are missing."""

from __future__ import annotations

import pytest

from constellation.compiler.checker import Checker
from constellation.modules.registry import ModuleRegistry
from constellation.stdlib import NAMESPACE_ALIASES, NAMESPACE_MEMBERS, load
from constellation_grammar.document import Document

TABLE = ModuleRegistry(load(), NAMESPACE_ALIASES, NAMESPACE_MEMBERS).table


def codes(text: str) -> list[str]:
    return [d.code for d in Checker(TABLE).check(Document(text).program).diagnostics if d.code != "LANG002"]


@pytest.mark.parametrize("path", ["stdlib.", "stdlib.math.", "nowhere."])
def test_a_path_that_ends_in_a_dot_is_no_undefined_variable(path: str) -> None:
    assert codes(f"in n: Int\nx = {path}\nout n\n") == ["E020"]


def test_a_finished_field_of_an_unknown_variable_still_is() -> None:
    assert codes("in n: Int\nx = nowhere.field\nout n\n") == ["E001"]


def test_no_warning_about_options_while_one_has_no_value() -> None:
    assert codes("in n: Int\nx = identity(n) with delay: 1s, backoff: \nout x\n") == ["E020"]
    assert "OPTS001" in codes("in n: Int\nx = identity(n) with delay: 1s\nout x\n")
