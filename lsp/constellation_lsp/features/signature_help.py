"""Signature help inside the arguments of a call, closed or not."""

from __future__ import annotations

from dataclasses import dataclass

from constellation_lsp.analysis import Analysis
from constellation_lsp.cursor import cursor_at
from constellation_lsp.features.completion_items import call_text


@dataclass(frozen=True, slots=True)
class ShownSignature:
    """A signature's label, and the spans of its parameters in it with their types."""

    label: str
    parameters: tuple[tuple[int, int, str], ...]
    documentation: str


@dataclass(frozen=True, slots=True)
class SignatureHelp:
    """The signatures of the innermost call around the cursor."""

    signatures: tuple[ShownSignature, ...]
    active_parameter: int


def signature_help(analysis: Analysis, offset: int) -> SignatureHelp | None:
    """The call whose argument list the offset is in; None outside calls."""
    start = analysis.declaration_start(offset)
    cursor = cursor_at(analysis.text, start, offset)
    index = analysis.index_before(offset)
    for frame in reversed(cursor.frames):
        if frame.kind != "call":
            continue
        spec = analysis.imports(index).resolve(frame.function).function
        if spec is None:
            return None
        written = frame.function.rpartition(".")[2]
        shown = tuple(_shown(call_text(spec, written, s), [(p.name, str(p.type)) for p in s.parameters], spec.description)
                      for s in spec.overloads)  # fmt: skip
        most = max((len(s.parameters) for s in spec.overloads), default=1)
        return SignatureHelp(shown, min(frame.index, max(most - 1, 0)))
    return None


def _shown(label: str, parameters: list[tuple[str, str]], documentation: str) -> ShownSignature:
    spans: list[tuple[int, int, str]] = []
    at = label.index("(") + 1
    for name, type_ in parameters:
        text = f"{name}: {type_}"
        spans.append((at, at + len(text), type_))
        at += len(text) + 2
    return ShownSignature(label, tuple(spans), documentation)
