"""One page per namespace of the standard library, from the functions and from `docs/reference/examples/NAMESPACE.yaml`.

An example is one of

    {call: EXPRESSION, gives: VALUE}      it is accepted and has this value
    {fails: EXPRESSION, with: MESSAGE}    it is accepted and the run fails so
    {rejects: EXPRESSION, code: CODE}     it is not accepted

The suite runs them all and compares their names with the library's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from constellation.engine.constellation import Constellation
    from constellation.modules.module import Module

EXAMPLES = Path(__file__).resolve().parent.parent / "reference" / "examples"
INTRODUCTIONS = {
    "stdlib": "One function that belongs nowhere else.",
    "stdlib.bool": "Truth values. The operators `and`, `or` and `not` do the same; these also work on lists.",
    "stdlib.collection": "Functions that take a function: see [lambdas](../../guide/functions.md#lambdas).",
    "stdlib.compare": "Comparisons as functions, for use where an operator cannot stand.",
    "stdlib.convert": "From text to numbers and back.",
    "stdlib.debug": "Looking into a running pipeline. `constellation run` prints what `log` says on standard error; an "
    "engine writes it as an INFO record of the logger `constellation.lang` and tells its listeners (`on_log`).",
    "stdlib.hash": "Checksums, signatures, encodings.",
    "stdlib.http": 'Requests to other servers. **Opt-in**: `--enable http`, `stdlib = ["http"]` in the project '
    'settings or `Constellation(stdlib=["http"])`, and the hosts that may be asked in `CONSTELLATION_HTTP_HOSTS`.',
    "stdlib.json": "Text that holds JSON.",
    "stdlib.list": "Lists. Positions count from 0; where a negative position is allowed it counts from the end.",
    "stdlib.map": "Maps: a value under each key, in the order they came. All functions leave their argument alone.",
    "stdlib.math": "Arithmetic on signed 64-bit integers and doubles. A result that does not fit fails; it is never "
    "wrapped, rounded or infinite.",
    "stdlib.ml": "Preparing features for models.",
    "stdlib.optional": "Values that may be absent: see [Optional values](../../guide/optional-and-maps.md).",
    "stdlib.random": 'Chance. **Opt-in**: `--enable random` or `stdlib = ["random"]`. Draws from the engine\'s '
    "generator; never cached. `Constellation(random_seed=7)` draws the same again.",
    "stdlib.record": "Records as a whole. Field names are literals: they decide the type of the result.",
    "stdlib.regex": "Regular expressions in RE2's notation, matched in time linear in the text. A pattern that is a "
    "literal is checked when the program is compiled.",
    "stdlib.stats": "Statistics of lists of numbers. All but `product` and `cumulative-sum` fail on an empty list.",
    "stdlib.string": "Text: sequences of Unicode code points. Nothing depends on a locale.",
    "stdlib.time": "Instants are milliseconds since 1970-01-01T00:00Z; everything is UTC.",
    "stdlib.validate": "Checks that pass their value through, or fail the run.",
}


def library() -> dict[str, list[Module]]:
    """Namespace → its functions by name, the opt-in ones included."""
    from constellation.stdlib import SETS, load

    found: dict[str, list[Module]] = {}
    for module in load(SETS):
        found.setdefault(module.spec.namespace or "stdlib", []).append(module)
    return {name: sorted(found[name], key=lambda m: m.spec.name) for name in sorted(found)}


def short(namespace: str) -> str:
    """The name of a namespace's page and example file: `stdlib.math` → `math`."""
    return namespace.removeprefix("stdlib.")


def examples(namespace: str) -> dict[str, list[dict[str, Any]]]:
    """Function → its examples."""
    path = EXAMPLES / f"{short(namespace)}.yaml"
    loaded: dict[str, list[dict[str, Any]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def index_page() -> Iterator[str]:
    """All functions in one table."""
    from constellation.stdlib import NAMESPACE_ALIASES

    found = library()
    total = sum(map(len, found.values()))
    yield "# Functions\n"
    yield f"The standard library: {total} functions in {len(found)} namespaces. They need no `use`, and each answers to"
    yield "several spellings: `list-length`, `ListLength` and `stdlib.list.list-length` are the same function.\n"
    yield "In signatures, `T`, `U`, `K`, `V` stand for any type. A list function that accepts `List<T>` accepts"
    yield "`Seq<T>` as well. When a function cannot produce a value the run fails with the message shown; no function"
    yield "returns a special value instead.\n"
    others = ", ".join(f"`{alias}` for `{name}`" for alias, name in sorted(NAMESPACE_ALIASES.items()))
    yield f"Other names of namespaces: {others}.\n"
    for namespace, modules in found.items():
        yield f"## {namespace}\n\n{INTRODUCTIONS[namespace].replace('../../', '../')}\n"
        page = f"functions/{short(namespace)}.md"
        yield " · ".join(f"[{m.spec.name}]({page}#{m.spec.name})" for m in modules) + "\n"


def namespace_page(namespace: str) -> Iterator[str]:
    """The functions of one namespace with their examples."""
    from constellation.engine.constellation import Constellation

    shown = examples(namespace)
    engine = Constellation(stdlib=["http", "random"])
    yield f"# {namespace}\n\n{INTRODUCTIONS[namespace]}\n"
    for module in library()[namespace]:
        spec = module.spec
        yield f"## {spec.name} {{ #{spec.name} }}\n"
        signatures = "\n".join(f"{spec.name}{signature}" for signature in spec.overloads)
        yield f"```cst\n{signatures}\n```\n\n{' '.join(spec.description.split())}\n"
        spellings = ", ".join(f"`{s}`" for s in spec.spellings[1:])
        if spellings:
            yield f"Also written {spellings}.\n"
        yield "| example | result |\n|---|---|"
        for example in shown.get(spec.name, []):
            yield _row(engine, example)
        yield ""


def _row(engine: Constellation, example: dict[str, Any]) -> str:
    if "call" in example:
        value = json.dumps(example["gives"], ensure_ascii=False)
        return f"| {_code(example['call'])} | {_code(value)} |"
    if "fails" in example:
        return f'| {_code(example["fails"])} | <span class="fails">fails:</span> {_text(example["with"])} |'
    code = example["code"]
    messages = [d.message for d in engine.check(f"out {example['rejects']} as result\n") if d.code == code]
    says = f'<span class="rejected">rejected:</span> [{code}](../errors.md#{code.lower()}) {_text(messages[0])}'
    return f"| {_code(example['rejects'])} | {says} |"


def _code(text: str) -> str:
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _text(text: str) -> str:
    for character in "\\`*_{}[]<>|":
        text = text.replace(character, f"&#{ord(character)};")
    return text
