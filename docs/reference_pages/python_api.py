"""The pages of the Python interface, from the docstrings and signatures of what the packages export."""

from __future__ import annotations

import dataclasses
import enum
import importlib
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cached_property
from typing import Any, TypeVar

from reference_pages.source_docs import attribute_docs, cell, fragment

MODULES = {
    "constellation": "The engine, modules, pipelines, stores, errors: `from constellation import …`.",
    "constellation.sync": "The engine for programs without an event loop.",
    "constellation.testing": "For the tests of pipelines and modules.",
    "constellation_server": "Serving an engine from your own program.",
}

WIDTH = 90


def page() -> Iterator[str]:
    """Everything the packages export, by kind."""
    yield "# Python\n"
    yield "What `constellation` and its neighbours export. How to use it: [Embed the engine](../how-to/embed.md).\n"
    yield fragment("python")
    for name, about in MODULES.items():
        module = importlib.import_module(name)
        yield f"## {name} {{ #{name.replace('.', '-')} }}\n\n{about}\n"
        exported = [(member, getattr(module, member)) for member in module.__all__]
        for title, members in _groups(exported):
            links = ", ".join(f"[`{member}`](#{_anchor(name, member)})" for member, _ in members)
            yield f"{title}: {links}\n" if title else f"{links}\n"
        for member, value in exported:
            yield from _entry(name, member, value)


def _groups(exported: list[tuple[str, Any]]) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    errors = [(n, v) for n, v in exported if isinstance(v, type) and issubclass(v, BaseException)]
    others = [pair for pair in exported if pair not in errors]
    yield ("Names" if errors else ""), others
    if errors:
        yield "Errors", errors


def _anchor(module: str, name: str) -> str:
    return f"{module.replace('.', '-')}-{name}".lower()


def _entry(module: str, name: str, value: Any) -> Iterator[str]:
    yield f"### {name} {{ #{_anchor(module, name)} }}\n"
    if isinstance(value, TypeVar):
        home = sys.modules[value.__module__]
        yield f"```python\n{name} = {_type_variable(value)}\n```\n\n{attribute_docs(home)[name]}\n"
        return
    yield f"```python\n{_head(name, value)}\n```\n\n{inspect.getdoc(value) or ''}\n"
    if isinstance(value, type):
        yield from _fields(value)
        yield from _methods(value)


def _type_variable(value: TypeVar) -> str:
    arguments = [repr(value.__name__), *(t.__name__ for t in value.__constraints__)]
    return f"TypeVar({', '.join(arguments)})"


def _head(name: str, value: Any) -> str:
    if not isinstance(value, type):
        kind = "async def" if inspect.iscoroutinefunction(value) else "def"
        return f"{kind} {name}{_signature(value)}"
    if issubclass(value, enum.Enum):
        return "\n".join([f"class {name}(Enum)", *(f"    {m.name} = {m.value!r}" for m in value)])
    if getattr(value, "_is_protocol", False):
        return f"class {name}(Protocol):\n" + "\n".join(_protocol_methods(value))
    bases = [b.__name__ for b in value.__bases__ if issubclass(b, BaseException)]
    return f"class {name}{_signature(value)}" + (f"  # {', '.join(bases)}" if bases else "")


def _protocol_methods(value: type) -> Iterator[str]:
    for name, member in vars(value).items():
        if inspect.isfunction(member) and not name.startswith("_"):
            keyword = "async def" if inspect.iscoroutinefunction(member) else "def"
            yield f"    {keyword} {name}{_signature(member)}: ...".replace("\n", "\n    ")


def _signature(value: Any) -> str:
    """The parameters and the result, on one line when they fit."""
    try:
        signature = inspect.signature(value)
    except (TypeError, ValueError):
        return "()"
    parts: list[str] = []
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    for parameter in signature.parameters.values():
        if parameter.name == "self":
            continue
        if kind is not parameter.kind and inspect.Parameter.POSITIONAL_ONLY is kind:
            parts.append("/")
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and "*" not in "".join(p[:1] for p in parts):
            parts.append("*")
        kind = parameter.kind
        parts.append(_parameter(parameter))
    returns = _annotation(signature.return_annotation)
    ending = f" -> {returns}" if returns not in ("", "None") else ""
    line = f"({', '.join(parts)}){ending}"
    if len(line) < WIDTH:
        return line
    return "(\n" + "".join(f"    {part},\n" for part in parts) + f"){ending}"


def _parameter(parameter: inspect.Parameter) -> str:
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
    annotation = _annotation(parameter.annotation)
    text = f"{stars}{parameter.name}" + (f": {annotation}" if annotation else "")
    if parameter.default is inspect.Parameter.empty:
        return text
    default = repr(parameter.default)
    shown = "…" if default.startswith("<") else default.rpartition(".")[2] if "UNSET" in default else default
    return f"{text} = {shown}" if annotation else f"{text}={shown}"


def _annotation(annotation: object) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
    return re.sub(r"\b(?:typing|collections\.abc|constellation(?:\.\w+)+)\.", "", text)


def _fields(value: type) -> Iterator[str]:
    about = attribute_docs(value)
    names: list[tuple[str, str]] = []
    if dataclasses.is_dataclass(value):
        names = [(f.name, str(f.type)) for f in dataclasses.fields(value) if not f.name.startswith("_")]
    described = [(n, t) for n, t in names if n in about]
    if described:
        yield "| field | means |\n|---|---|"
        for name, _ in described:
            yield f"| `{name}` | {cell(about[name])} |"
        yield ""


def _methods(value: type) -> Iterator[str]:
    rows: list[str] = []
    for name, member in inspect.getmembers(value):
        if name.startswith("_") or _inherited(value, name):
            continue
        function = inspect.unwrap(member) if callable(member) else member
        documentation = inspect.getdoc(member)
        if isinstance(member, property | cached_property):
            rows.append(f"| `{name}` | {cell(documentation or '')} |")
        elif inspect.isroutine(function) and documentation:
            kind = "await " if inspect.iscoroutinefunction(function) else ""
            signature = re.sub(r"\(\s+|,?\s+\)", lambda found: found[0].strip(" ,\n"), _signature(member))
            rows.append(f"| `{kind}{name}{' '.join(signature.split())}` | {cell(documentation)} |")
    if rows:
        yield "| member | does |\n|---|---|"
        yield from rows
        yield ""


def _inherited(value: type, name: str) -> bool:
    if issubclass(value, BaseException):
        return name not in vars(value)
    return not any(name in vars(base) for base in value.__mro__ if base.__module__.startswith("constellation"))
