"""The session's settings: what an editor may configure, with its defaults.

Owns names, types and defaults of the settings. Refuses to fail: unknown keys are ignored, a value of the wrong type
falls back to its default and is named in `complaints`.

Invariant: a `Settings` value always satisfies the documented types and ranges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, cast

_SEVERITIES = ("error", "warning", "information", "hint", "off")


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings by their dotted name with underscores: `diagnostics.debounceMs` is `diagnostics_debounce_ms`.

    `run.showInlineResults` is the client's own: one that shows results in the text needs no lenses with values.
    """

    diagnostics_mode: str = "auto"
    diagnostics_debounce_ms: int = 150
    diagnostics_workspace: bool = False
    inlay_hints_variable_types: bool = True
    inlay_hints_lambda_parameter_types: bool = True
    inlay_hints_parameter_names: str = "literals"
    inlay_hints_max_length: int = 40
    completion_auto_import: bool = True
    format_line_width: int = 100
    code_lens_enable: bool = True
    run_timeout_ms: int = 60_000
    run_use_examples: bool = True
    run_show_inline_results: bool = False
    trace_timings: bool = False
    lint: Mapping[str, str] = field(default_factory=dict[str, str])
    complaints: tuple[str, ...] = ()


_CHOICES = {
    "diagnostics_mode": ("auto", "push", "pull", "off"),
    "inlay_hints_parameter_names": ("all", "literals", "off"),
}
_RANGES = {
    "diagnostics_debounce_ms": (50, 2000),
    "inlay_hints_max_length": (1, 1000),
    "format_line_width": (20, 1000),
    "run_timeout_ms": (1, 24 * 60 * 60 * 1000),
}


def read_settings(raw: object) -> Settings:
    """Settings from what the client sent: an object of objects (`{"lint": {"unused-variable": "off"}}`)."""
    given = cast("dict[str, Any]", raw) if isinstance(raw, dict) else {}
    found: dict[str, Any] = {}
    complaints: list[str] = []
    for setting in fields(Settings):
        if setting.name in ("lint", "complaints"):
            continue
        section, key = _path(setting.name)
        inside: object = given.get(section)
        value: object = cast("dict[str, Any]", inside).get(key) if isinstance(inside, dict) else None
        if value is None:
            continue
        if _fits(setting.name, value, setting.default):
            found[setting.name] = value
        else:
            complaints.append(f"Setting constellation.{section}.{key} cannot be {value!r}; its default is used")
    lint: object = given.get("lint")
    if isinstance(lint, dict):
        for rule, severity in cast("dict[str, Any]", lint).items():
            if severity not in _SEVERITIES:
                complaints.append(f"Setting constellation.lint.{rule} must be one of {', '.join(_SEVERITIES)}")
        found["lint"] = {k: v for k, v in cast("dict[str, Any]", lint).items() if v in _SEVERITIES}
    return Settings(**found, complaints=tuple(complaints))


def _path(name: str) -> tuple[str, str]:
    words = name.split("_")
    split = 2 if name.startswith(("inlay_", "code_")) else 1
    return _camel(words[:split]), _camel(words[split:])


def _camel(words: list[str]) -> str:
    return words[0] + "".join(w.capitalize() for w in words[1:])


def _fits(name: str, value: object, default: object) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    if name in _RANGES:
        low, high = _RANGES[name]
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return isinstance(value, type(default))
