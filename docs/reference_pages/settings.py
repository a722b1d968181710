"""The page of settings, from the tables that read them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from reference_pages.source_docs import attribute_docs, cell, fragment

OTHER_VARIABLES = {
    "CONSTELLATION_HTTP_HOSTS": "Hosts that [`stdlib.http`](functions/http.md) may ask, separated by commas: names, "
    "`*.example.com`, addresses, networks. Not set: none.",
    "CONSTELLATION_DEMO_DELAY_SCALE": "Factor on the delays of the demo library's slow modules; `0` for none.",
    "NO_COLOR": "Any value: the command line prints no colours.",
    "SOURCE_DATE_EPOCH": "Seconds since 1970 that `constellation compile --output` writes as the time of compiling, so "
    "that equal programs make equal stores.",
}
"""Variables that other parts read."""


def page() -> Iterator[str]:
    """The environment variables and the project's settings."""
    from constellation.project import ProjectSettings
    from constellation_server.config import ServerConfig

    yield "# Settings\n"
    yield "A default is overruled by an environment variable, that by an option on the command line. Durations are"
    yield "written `500ms`, `30s`, `5m`, `1h` (bare digits are seconds), sizes `64K`, `10M`, truth values `true` or"
    yield "`false`. A value that cannot be read, or a variable that looks like a misspelling, is reported at start.\n"
    yield "## Environment variables of the server\n"
    yield "| variable | default | means |\n|---|---|---|"
    meanings = attribute_docs(ServerConfig)
    for known in fields(ServerConfig):
        variable = known.metadata.get("variable")
        if variable:
            default = _default(known.default, known.metadata["parse"])
            yield f"| `{variable}` | {default} | {cell(meanings[known.name])} |"
    yield "\n## Other environment variables\n\n| variable | means |\n|---|---|"
    for variable, meaning in OTHER_VARIABLES.items():
        yield f"| `{variable}` | {cell(meaning)} |"
    yield "\n## Project settings\n\nThe table `[tool.constellation]` of `pyproject.toml`, or the same keys in a file"
    yield "`constellation.toml`, in the folder of the programs or one above. Every command and the editor read it.\n"
    yield "| key | means |\n|---|---|"
    about = attribute_docs(ProjectSettings)
    for key in project_keys():
        yield f"| `{key}` | {cell(about[key])} |"
    yield '\n```toml\n[tool.constellation]\nmodules = ["shop.modules"]\npython_path = ["src"]\ndemo = false\n```\n'
    yield fragment("settings")


def project_keys() -> list[str]:
    """The keys a project's settings may have."""
    from constellation.project import ProjectSettings

    return [f.name for f in fields(ProjectSettings) if f.name not in ("root", "warnings")]


def variables() -> set[str]:
    """Every environment variable that is documented."""
    from constellation_server import config

    return set(config.variables()) | set(OTHER_VARIABLES)


def _default(value: Any, parse: Any) -> str:
    from constellation_server.settings import duration, show_duration, size

    if value is None:
        return "not set"
    if parse is duration:
        return f"`{show_duration(value)}`"
    if parse is size:
        return f"`{value // 1024**2}M`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value.as_posix() if isinstance(value, Path) else value}`"
