"""What can be told of a declaration with a mistake in it.

Owns two decisions: when the part before the mistake is a whole declaration, and which name a broken one
would have had. Refuses to guess values or types. Invariant: the name is one the text declares in so many words.
"""

from __future__ import annotations

from itertools import pairwise

from constellation_grammar.loop import State, acceptable, stack_after
from constellation_grammar.segments import Segment
from constellation_grammar.syntax import Broken, Name
from constellation_grammar.tables import END
from constellation_grammar.tokens import Token

_KEYWORDS = {"IN": "in", "OUT": "out", "USE": "use", "TYPE": "type"}


def complete_before(text: str, tokens: list[Token], index: int, start: State) -> int | None:
    """The number of tokens that make a complete declaration before the mistake at `index`, if it is one of its own.

    That is a word which starts a line and cannot go on with the declaration. A mistake on the declaration's own line
    rather means that its value is not what it seems (`x = a && b`).
    """
    for end in (index, index - 1):
        if 0 < end < len(tokens) and tokens[end][0] == "NAME" and "\n" in text[tokens[end - 1][3] : tokens[end][2]]:
            return end if acceptable(stack_after(start, tokens[:end]), END) else None
    return None


def recovered(text: str, part: Segment) -> Broken:
    """The declaration as far as its first words tell."""
    length = len(text)
    index = next((i for i, token in enumerate(part.tokens) if token[0] in _KEYWORDS), None)
    first = part.tokens[0]
    second = part.tokens[1] if len(part.tokens) > 1 else None
    third = part.tokens[2] if len(part.tokens) > 2 else None
    compound = second is not None and third is not None and third[0] == "EQUALS" and second[3] == third[2]
    if second is not None and (second[0] in ("EQUALS", "COLON") or compound) and first[0] not in _KEYWORDS:
        return Broken(0, length, "=", _name(first, part.start))
    if index is None or (index and not first[1].startswith("@")):
        return Broken(0, length, "", None)
    keyword = _KEYWORDS[part.tokens[index][0]]
    following = part.tokens[index + 1] if index + 1 < len(part.tokens) else None
    if keyword in ("in", "type"):
        return Broken(0, length, keyword, None if following is None else _name(following, part.start))
    if keyword == "use":
        return Broken(0, length, keyword, _alias(part))
    return Broken(0, length, keyword, None)


def _alias(part: Segment) -> Name | None:
    for token, following in pairwise(part.tokens):
        if token[0] == "AS":
            return _name(following, part.start)
    return None


def _name(token: Token, origin: int) -> Name | None:
    kind, word, start, end = token
    return Name(start - origin, end - origin, word) if kind == "NAME" else None
