"""The page of recipes: the programs of `examples/` with runs from the tests beside them, which the suite runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
RUNS = 2
"""Runs shown of each."""


def page() -> Iterator[str]:
    """Every example with its first runs."""
    yield "# Recipes\n"
    yield "Small programs for real purposes; they are in the folder `examples/` with their tests. Those that call"
    yield "modules need the demo library: `constellation run --demo examples/20-user-card.cst`.\n"
    for path in sorted(EXAMPLES.glob("*.cst")):
        text = path.read_text(encoding="utf-8")
        first, _, program = text.partition("\n")
        title, dot, more = first.removeprefix("# ").partition(". ")
        yield f"## {title.removesuffix('.')} {{ #{path.stem} }}\n"
        yield f"{more}\n" if dot else ""
        yield f'```cst title="{path.name}"\n{program.strip()}\n```\n'
        for run in _runs(path)[:RUNS]:
            yield f"```json run\n{json.dumps(run, ensure_ascii=False)}\n```\n"


def _runs(path: Path) -> list[dict[str, Any]]:
    beside = path.with_name(path.name + ".test.yaml")
    found: list[dict[str, Any]] = yaml.safe_load(beside.read_text(encoding="utf-8"))
    return found
