"""Reading test files: `name.cst.test.yaml`, a list of tests, every mistake with its line.

Owns the format: which keys a test has, and what may stand under them. Refuses to run anything. Values are read by
YAML's JSON-like core: `true`, `null`, numbers, texts; `no`, `on` and `2024-01-01` are texts.

Invariant: what is returned has only known keys with values of the right kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from constellation.types.kinds import is_list, is_mapping
from constellation_grammar.spelling import similar

__all__ = ["TestFileError", "WrittenTest", "read_tests"]

STATUSES: Final = ("completed", "suspended", "failed", "cancelled")


class TestFileError(Exception):
    """A test file that cannot be used; the text names the file, the lines, the tests and the keys."""

    __test__ = False


@dataclass(frozen=True, slots=True)
class WrittenTest:
    """One entry of a test file: its name, what stands under its keys, and the line it begins on."""

    name: str
    fields: Mapping[str, Any]
    line: int


class _Loader(yaml.SafeLoader):
    """YAML's core schema: no dates, no `yes` and `no`, no merge keys."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType]
        f"tag:yaml.org,2002:{_tag}", re.compile(f"(?:{_pattern})\\Z"), _first
    )


def _number(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> int | float:
    text: str = node.value
    if node.tag.endswith("float"):
        return float(text)
    return int(text, 0) if text[:2] in ("0o", "0x") else int(text)


_Loader.add_constructor("tag:yaml.org,2002:int", _number)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)

Problems = Iterator[tuple[yaml.Node, str]]
Check = Callable[[yaml.Node, Any], Problems]


def _mapping(what: str) -> Check:
    def check(node: yaml.Node, value: Any) -> Problems:
        if not is_mapping(value):
            yield node, f"'{what}' must be a mapping of names to values"

    return check


def _names(what: str) -> Check:
    def check(node: yaml.Node, value: Any) -> Problems:
        if not is_list(value) or not all(isinstance(name, str) for name in value):
            yield node, f"'{what}' must be a list of names"

    return check


def _status(node: yaml.Node, value: Any) -> Problems:
    if value not in STATUSES:
        near = similar(str(value), STATUSES)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        yield node, f"'status' is one of {', '.join(STATUSES[:-1])} or {STATUSES[-1]}, not '{value}'{hint}"


def _text(what: str) -> Check:
    def check(node: yaml.Node, value: Any) -> Problems:
        if not isinstance(value, str):
            yield node, f"'{what}' must be a text"

    return check


def _anything(node: yaml.Node, value: Any) -> Problems:
    yield from ()


def _fakes(node: yaml.Node, value: Any) -> Problems:
    if not is_mapping(value):
        yield node, "'modules' must be a mapping of modules to 'returns: VALUE' or 'fails: MESSAGE'"
        return
    for key, inner in node.value:
        fake = value.get(key.value)
        if not is_mapping(fake) or len(fake) != 1 or not {"returns", "fails"} & fake.keys():
            yield inner, f"the fake of '{key.value}' needs either 'returns: VALUE' or 'fails: MESSAGE'"


def _steps(node: yaml.Node, value: Any) -> Problems:
    if not is_list(value):
        yield node, "'resume' must be a list of steps"
        return
    for inner, step in zip(node.value, value, strict=True):
        yield from _fields(inner, step, _STEP, "a step of 'resume'")


_STEP: Final[dict[str, Check]] = {
    "inputs": _mapping("inputs"),
    "outputs": _mapping("outputs"),
    "status": _status,
    "error_contains": _text("error_contains"),
    "missing_inputs": _names("missing_inputs"),
    "pending_outputs": _names("pending_outputs"),
    "computed": _mapping("computed"),
}
_TEST: Final[dict[str, Check]] = {
    "name": _anything, "about": _anything, **_STEP, "resume": _steps, "modules": _fakes,
}  # fmt: skip


def _fields(node: yaml.Node, value: Any, known: Mapping[str, Check], what: str) -> Problems:
    """The mistakes of a mapping with known keys. A key with nothing behind it is as good as none."""
    if not is_mapping(value):
        yield node, f"{what} must be a mapping"
        return
    seen: set[str] = set()
    for key, inner in node.value:
        name = str(key.value)
        if name in seen:
            yield key, f"{what} has '{name}' twice"
        elif name not in known:
            near = similar(name, tuple(known))
            hint = f"did you mean '{near[0]}'?" if near else f"known keys: {', '.join(known)}"
            yield key, f"{what} has an unknown key '{name}'; {hint}"
        elif value[name] is not None:
            yield from known[name](inner, value[name])
        seen.add(name)


def read_tests(path: Path) -> list[WrittenTest]:
    """The tests of a file. Raises TestFileError naming every mistake, OSError when the file cannot be read."""
    try:
        loader = _Loader(path.read_bytes())
        root = loader.get_single_node()
        content: Any = loader.construct_document(root) if root is not None else None  # pyright: ignore[reportUnknownMemberType]
    except (yaml.YAMLError, ValueError) as problem:
        raise TestFileError(f"{path}{_place(problem)}: not valid YAML: {_said(problem)}") from None
    if root is None or not is_list(content):
        raise TestFileError(f"{path}: expected a list of tests, each beginning with '- name: …'")
    tests: list[WrittenTest] = []
    mistakes: list[str] = []
    for number, (node, entry) in enumerate(zip(root.value, content, strict=True), 1):
        fields: Mapping[str, Any] = entry if is_mapping(entry) else {}
        title = fields.get("name") or fields.get("about")
        name = str(title or f"test {number}")
        found = _fields(node, entry, _TEST, f"test '{name}'" if title else name)
        mistakes += [f"{path}:{at.start_mark.line + 1}: {text}" for at, text in found]
        given = {key: value for key, value in fields.items() if value is not None}
        tests.append(WrittenTest(name, given, node.start_mark.line + 1))
    if mistakes:
        raise TestFileError("\n".join(mistakes))
    return tests


def _place(problem: Exception) -> str:
    mark = getattr(problem, "problem_mark", None)
    return f":{mark.line + 1}" if mark is not None else ""


def _said(problem: Exception) -> str:
    return str(getattr(problem, "problem", None) or problem)
