"""Signature help inside the arguments of a call, closed or not."""

from __future__ import annotations

from dataclasses import dataclass

from constellation.types.signature import FunctionSpec, Signature
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
        shown = tuple(_shown(spec, written, signature) for signature in spec.overloads)
        most = max((len(s.parameters) for s in spec.overloads), default=1)
        return SignatureHelp(shown, min(frame.index, max(most - 1, 0)))
    return None


def _shown(spec: FunctionSpec, written: str, signature: Signature) -> ShownSignature:
    label = call_text(spec, written, signature)
    spans: list[tuple[int, int, str]] = []
    at = label.index("(") + 1
    for parameter in signature.parameters:
        text = f"{parameter.name}: {parameter.type}"
        spans.append((at, at + len(text), str(parameter.type)))
        at += len(text) + 2
    return ShownSignature(label, tuple(spans), spec.description)
