"""Builds the documentation site:  ./dev docs [--serve]

Copies the hand-written pages of this folder to build/docs-source, writes the reference pages that come from the code
beside them (`reference_pages/`), shows under every wrong program the message it gets, and runs mkdocs on the result.
Invariant: a generated page is never edited or committed; its text lives in docstrings, catalogues and example files.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from textwrap import wrap
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "docs"
TARGET = ROOT / "build" / "docs-source"
sys.path.insert(0, str(SOURCE))

from reference_pages import commands, errors, functions, http_api, python_api, recipes, settings  # noqa: E402

PAGES: dict[str, Callable[[], Iterator[str]]] = {
    "reference/errors.md": errors.page,
    "reference/functions.md": functions.index_page,
    **{
        f"reference/functions/{functions.short(name)}.md": partial(functions.namespace_page, name)
        for name in functions.library()
    },
    "guide/recipes.md": recipes.page,
    "reference/commands.md": commands.page,
    "reference/settings.md": settings.page,
    "reference/http.md": http_api.page,
    "reference/python.md": python_api.page,
}
ERRORS = "reference/errors.md"
COLUMNS = 80
"""Characters that fit beside the table of contents."""
_FENCE = re.compile(
    r"^```(cst wrong (?P<code>\w+)|json run|python run|sh [a-z ]+|yaml test)\n(?P<body>.*?)^```$", re.M | re.S
)


def shown(page: str, text: str) -> str:
    """A page as readers see it: marks of the test suite become titles, wrong programs are followed by their message."""
    return _FENCE.sub(lambda found: _block(found, page), text)


def _block(found: re.Match[str], page: str) -> str:
    top = "../" * page.count("/")
    info, body = found[1], found["body"]
    if found["code"]:
        code = found["code"]
        link = f"[What {code} means]({top}reference/errors.md#{code.lower()}){{ .more }}" if page != ERRORS else ""
        message = _message(body, code)
        told = f"\n\n```{{.text .message}}\n{message}\n```" if message else ""
        return f'```{{.cst .wrong title="{_verdict(code)}: {code}"}}\n{body}```{told}\n\n{link}'
    if info == "json run":
        return _run(json.loads(body))
    return f"```{info.split()[0]}\n{body}```"


def _verdict(code: str) -> str:
    from constellation.compiler.catalogue import CATALOGUE

    severity = CATALOGUE[code].severity
    return "Rejected" if severity == "error" else severity.capitalize()


def _message(program: str, code: str) -> str:
    """What the command line prints about a program."""
    from constellation.compiler.catalogue import CATALOGUE
    from constellation.compiler.rendering import render

    functions = CATALOGUE[code].functions
    found = [d for d in (*_check(program), *_check(program, *functions)) if d.code == code]
    if not found:
        return ""
    told, explanation = render(found[0], program, file="program.cst"), found[0].explanation
    wide, narrow = ("\n".join(f"  {line}" for line in wrap(explanation, width)) for width in (96, COLUMNS))
    return told.replace(wide, narrow)


def _check(program: str, *functions: str) -> list[Any]:
    """The diagnostics of a program that may call the demo library or functions given by their signatures."""
    from constellation.compiler.checker import Checker
    from constellation.types.functions import FunctionTable
    from constellation.types.notation import parse_function
    from constellation_grammar.parser import parse

    if not functions:
        return _engine().check(program)
    table = FunctionTable([*(module.spec for module in _engine().modules), *map(parse_function, functions)])
    return list(Checker(table).check(parse(program), text=program).diagnostics)


@cache
def _engine() -> Any:
    from constellation.engine.constellation import Constellation
    from constellation.stdlib.demo import demo_modules

    return Constellation(modules=demo_modules())


def _run(run: dict[str, Any]) -> str:
    """A run as a small table."""
    rows = ["| | |", "|---|---|"]
    for title, key in (("inputs", "inputs"), ("outputs", "outputs"), ("waits for", "missing_inputs")):
        value = run.get(key)
        if isinstance(value, dict):
            for name, given in value.items():
                rows.append(f"| {title} | `{name}` = `{_json(given)}` |")
                title = ""
        elif isinstance(value, list):
            rows.append(f"| {title} | {', '.join(f'`{name}`' for name in value)} |")
    if "error_contains" in run:
        rows.append(f"| fails | {run['error_contains']} |")
    for step in run.get("resume", ()):
        rows += [f"| then | `{name}` = `{_json(given)}` |" for name, given in step["inputs"].items()]
        rows += [f"| outputs | `{name}` = `{_json(given)}` |" for name, given in step.get("outputs", {}).items()]
    return '<div class="run" markdown>\n\n' + "\n".join(rows) + "\n\n</div>"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_pages(target: Path) -> None:
    """Put hand-written and generated pages into a folder."""
    shutil.rmtree(target, ignore_errors=True)
    ignored = shutil.ignore_patterns("*.py", "*.yml", "__pycache__", "examples", "reference_pages")
    shutil.copytree(SOURCE, target, ignore=ignored)
    for name, page in PAGES.items():
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(page()), encoding="utf-8")
    for path in target.rglob("*.md"):
        name = path.relative_to(target).as_posix()
        path.write_text(shown(name, path.read_text(encoding="utf-8")), encoding="utf-8")


def main() -> int:
    """Build the site; with --serve show it on a local port."""
    write_pages(TARGET)
    command = [sys.executable, "-m", "mkdocs", "serve" if "--serve" in sys.argv else "build", "-q", "--strict"]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    code = subprocess.call([*command, "-f", str(SOURCE / "mkdocs.yml")], env=environment)
    if code == 0:
        print(f"docs: {ROOT / 'build' / 'site' / 'index.html'}")
    return code


if __name__ == "__main__":
    sys.exit(main())
