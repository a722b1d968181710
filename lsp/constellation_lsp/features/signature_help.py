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
        meant = analysis.meant(index, frame.function)
        written = frame.function.rpartition(".")[2]
        signatures = [(spec, signature) for spec in meant for signature in spec.overloads]
        if not signatures:
            return None
        shown = tuple(_shown(spec, written, signature, of_several=len(meant) > 1) for spec, signature in signatures)
        most = max(len(signature.parameters) for _, signature in signatures)
        return SignatureHelp(shown, min(frame.index, max(most - 1, 0)))
    return None


def _shown(spec: FunctionSpec, written: str, signature: Signature, *, of_several: bool) -> ShownSignature:
    label = call_text(spec, written, signature)
    spans: list[tuple[int, int, str]] = []
    at = label.index("(") + 1
    for parameter in signature.parameters:
        text = f"{parameter.name}: {parameter.type}"
        spans.append((at, at + len(text), str(parameter.type)))
        at += len(text) + 2
    about = f"`{spec.qualified_name}` {spec.description}".rstrip() if of_several else spec.description
    return ShownSignature(label, tuple(spans), about)
