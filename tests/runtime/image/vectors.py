"""The golden vectors: programs with the structural hash they had when they were written down, for ever.

`python -m tests.runtime.image.vectors` adds vectors for programs of the conformance files that are not in the list yet.
It never changes one that is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from constellation.compiler.checker import Checker
from constellation.image.image import PipelineImage, build_image
from constellation.modules.registry import ModuleRegistry
from constellation.stdlib import NAMESPACE_ALIASES, NAMESPACE_MEMBERS, load
from constellation.stdlib.demo import demo_modules
from constellation.types.functions import FunctionTable
from constellation_grammar.parser import parse
from tests.conformance.cases import HERE, load_cases
from tests.conformance.programs import spec_of

FILE = Path(__file__).with_name("golden_vectors.json")
Vector = dict[str, Any]
library = ModuleRegistry([*load(), *demo_modules()], NAMESPACE_ALIASES, NAMESPACE_MEMBERS).table


def vectors() -> list[Vector]:
    """Every golden vector: `id`, `source`, `functions` it calls besides the library, `hash`."""
    found: list[Vector] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    return found


def image_of(source: str, functions: Iterable[Mapping[str, Any]] = ()) -> PipelineImage | None:
    """The image of a program that may call functions given by signature; None when it does not check."""
    graph = Checker(_table(json.dumps(list(functions)))).check(parse(source)).graph
    return None if graph is None else build_image(graph, source=source)


@cache
def _table(functions: str) -> FunctionTable:
    extra = [spec_of(f["name"], f["params"], f["returns"]) for f in json.loads(functions)]
    if not extra:
        return library
    named = {f.qualified_name for f in extra}
    known = [f for f in library.functions.values() if f.qualified_name not in named]
    return FunctionTable([*known, *extra], NAMESPACE_ALIASES, NAMESPACE_MEMBERS)


def main() -> None:
    """Add what is missing."""
    known = {v["id"]: v for v in vectors()}
    for suite in ("language", "stdlib", "cookbook", "runtime"):
        for case in load_cases(HERE / f"{suite}.yaml"):
            functions = [
                {key: f[key] for key in ("name", "params", "returns")}
                for f in (*case.get("functions", ()), *case.get("modules", ()))
            ]
            if case["id"] in known or "source" not in case:
                continue
            image = image_of(case["source"], functions)
            if image is not None:
                known[case["id"]] = {
                    "id": case["id"], "source": case["source"], "functions": functions, "hash": image.structural_hash,
                }  # fmt: skip
    FILE.write_text(json.dumps(list(known.values()), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{len(known)} vectors")


if __name__ == "__main__":
    main()
