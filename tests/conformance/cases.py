"""Loading conformance files and telling which suite a file belongs to.

A *suite* is a case format: `language`, `stdlib`, `cookbook`, `runtime`, `http` or `lsp`. A file's suite is told from
its content, not its name, so any file of a known format can be run. Invariant: a case is a plain dict with an `id`.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
Case = dict[str, Any]


def load_cases(path: Path) -> list[Case]:
    """The cases of one YAML file; raises ValueError when it is not a list of mappings with an `id`."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    if not isinstance(content, list) or not all(isinstance(c, dict) and "id" in c for c in content):
        raise ValueError(f"{path}: expected a list of cases, each with an id")
    return content


def suite_of(cases: Iterable[Case]) -> str:
    """The suite whose format the cases have."""
    keys: set[str] = set()
    for case in cases:
        keys.update(case)
    if "steps" in keys and "document" not in keys:
        return "http"
    if "document" in keys:
        return "lsp"
    if "recipe" in keys:
        return "cookbook"
    if "tier" in keys:
        return "stdlib"
    if keys & {"modules", "status", "same_structural_hash", "different_structural_hash"}:
        return "runtime"
    return "language"


def pending(suite: str) -> dict[str, str]:
    """Case ids that are known not to hold yet, with the reason that follows each on its line."""
    lines = (HERE / "pending" / f"{suite}.txt").read_text(encoding="utf-8").splitlines()
    entries = (line.partition(" ") for line in lines if line.strip() and not line.startswith("#"))
    return {name: reason.strip(" #") for name, _, reason in entries}
