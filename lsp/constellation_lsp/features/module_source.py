"""Where the Python code of a registered module stands."""

from __future__ import annotations

import inspect
from pathlib import Path

from constellation.modules.registry import ModuleRegistry


def source_of(registry: ModuleRegistry, qualified_name: str) -> tuple[str, int] | None:
    """The URI of the file and the zero-based line of the function; None when there is no such file."""
    module = registry.get(qualified_name)
    if module is None or module.function is None:
        return None
    try:
        function = inspect.unwrap(module.function)
        path = inspect.getsourcefile(function)
        lines, first = inspect.getsourcelines(function)
    except (OSError, TypeError, ValueError):
        return None
    if path is None or not Path(path).is_file():
        return None
    head = next((n for n, line in enumerate(lines) if line.lstrip().startswith(("def ", "async def "))), 0)
    return Path(path).absolute().as_uri(), first + head - 1
