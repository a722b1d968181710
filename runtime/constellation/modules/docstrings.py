"""The parts of a docstring that programs see: what the function does, and a sentence per parameter.

Invariant: understands Google-style `Args:` sections and `:param name:` fields; everything else is description.
"""

from __future__ import annotations

import inspect
import re
from typing import Final

_SECTION: Final = re.compile(r"^(Args|Arguments|Parameters|Returns|Raises|Yields|Example|Examples|Note|Notes):\s*$")
_FIELD: Final = re.compile(r"^:(?:param|parameter|arg)\s+(?:[^:]*\s)?(\w+):\s*(.*)$")
_ENTRY: Final = re.compile(r"^(\w+)(?:\s*\([^)]*\))?:\s*(.*)$")


def read_docstring(docstring: str | None) -> tuple[str, dict[str, str]]:
    """The description (without sections) and the parameters' descriptions."""
    description: list[str] = []
    parameters: dict[str, str] = {}
    section, current = "", ""
    for line in inspect.cleandoc(docstring or "").splitlines():
        header = _SECTION.match(line)
        if header:
            section, current = header[1], ""
            continue
        described = _FIELD.match(line)
        if described:
            section, current = "fields", described[1]
            parameters[current] = described[2].strip()
        elif section in ("Args", "Arguments", "Parameters", "fields"):
            current = _parameter_line(line, section, current, parameters)
        elif not section:
            description.append(line)
    return "\n".join(description).strip(), parameters


def _parameter_line(line: str, section: str, current: str, parameters: dict[str, str]) -> str:
    text = line.strip()
    indent = len(line) - len(line.lstrip())
    entry = _ENTRY.match(text) if section != "fields" and 0 < indent <= 4 else None
    if entry:
        parameters[entry[1]] = entry[2].strip()
        return entry[1]
    if text and current:
        parameters[current] = f"{parameters[current]} {text}".strip()
    return current
