"""What a half-typed declaration lacks at its end.

Owns one guess: whoever stops typing inside brackets has not closed them yet. Refuses to touch anything before the
end. Invariant: the tokens of the text with an ending behind it are the text's own and then the ending's.
"""

from __future__ import annotations

from constellation_grammar.segments import UNCLOSED, segment
from constellation_grammar.tokens import CLOSERS, OPENERS

_CLOSING = {"LPAREN": ")", "LBRACKET": "]", "LBRACE": "}", "STRING_START": '}"'}
_WANTS_OPERAND = frozenset({"COMMA", "OPTION_COMMA", "CLOSING_COMMA", "LPAREN", "LBRACKET"})


def endings(text: str) -> tuple[str, ...]:
    """What might be missing behind the text, the likeliest first; nothing when no bracket is open."""
    parts = segment(text)
    if len(parts) != 1:
        return ()
    tokens = parts[0].tokens
    open_brackets: list[str] = []
    for kind, _, _, _ in tokens:
        if kind in OPENERS:
            open_brackets.append(kind)
        elif kind in CLOSERS and (not open_brackets or open_brackets.pop() != CLOSERS[kind]):
            return ()
    quote = '"' if tokens[-1][0] == UNCLOSED else ""
    if not open_brackets:
        return ()
    closing = quote + "".join(_CLOSING[kind] for kind in reversed(open_brackets))
    if tokens[-1][0] in _WANTS_OPERAND and open_brackets[-1] in ("LPAREN", "LBRACKET"):
        return "_" + closing, closing
    return (closing,)
