"""Reads what no object says at run time: the docstrings under attributes, and the examples of generated pages."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any


@cache
def attribute_docs(owner: type | ModuleType) -> dict[str, str]:
    """Attribute → the string literal that follows its assignment in the class body or module."""
    tree = ast.parse(inspect.cleandoc("\n" + inspect.getsource(owner)))
    body = tree.body
    if isinstance(owner, type):
        definition = body[0]
        assert isinstance(definition, ast.ClassDef)
        body = definition.body
    return dict(_pairs(body))


def _pairs(body: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, following in pairwise(body):
        if not (isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)):
            continue
        text: Any = following.value.value
        if isinstance(statement, ast.Assign):
            targets = statement.targets
        elif isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        else:
            continue
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(text, str):
                yield target.id, " ".join(text.split())


def fragment(name: str) -> str:
    """Hand-written examples of a generated page: `examples_NAME.md` beside this file."""
    return (Path(__file__).parent / f"examples_{name}.md").read_text(encoding="utf-8")


def cell(text: str) -> str:
    """A text as the cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
