"""Values at a glance: one short line each.

Owns the texts shown in graphs, lenses and step states. Invariant: at most `WIDTH` characters.
"""

from __future__ import annotations

from typing import Any

from constellation.types.model import ListType, MapType, OptionalType, RecordType, SeqType, Type, UnionType
from constellation.types.text import render_text
from constellation.types.values import NONE, Some, Variant

WIDTH = 50


def preview(type_: Type, value: Any) -> str:
    """A language value in a few characters."""
    text = _shown(type_, value)
    return text if len(text) <= WIDTH else f"{text[: WIDTH - 3]}..."


def _shown(type_: Type, value: Any) -> str:
    match type_:
        case OptionalType():
            if isinstance(value, Some):
                return f"Some({_shown(type_.inner, value.value)})"
            return "None" if value is NONE else str(value)
        case ListType():
            return f"[{len(value)} items]"
        case SeqType():
            return f"Seq[{len(value)} items]"
        case MapType():
            return f"{{{len(value)} entries}}"
        case RecordType():
            return "{" + ", ".join(name for name, _ in type_.fields) + "}"
        case UnionType():
            return f"{type_.by_key[value.tag]}(...)" if isinstance(value, Variant) else str(value)
        case _:
            return f'"{value}"' if isinstance(value, str) else render_text(value)
