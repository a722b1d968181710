"""Names: from word tokens to `Name` nodes.

Owns the rule that the parts of a called or imported name touch their dots. Used by both front ends. Invariant: a
name's span is exactly its words and dots.
"""

from __future__ import annotations

from constellation_grammar.literals import Mistake
from constellation_grammar.syntax import Name
from constellation_grammar.tokens import Token


def name_of(token: Token) -> Name:
    """The name a word token spells."""
    return Name(token[2], token[3], token[1])


def joined_name(words: list[Token]) -> Name:
    """The dotted name of these words (the tokens without the dots)."""
    previous = words[0]
    for word in words[1:]:
        if word[2] != previous[3] + 1:
            message = "No blanks around the dots of a called or imported name"
            raise Mistake(previous[3], word[2], "unexpected-token", message)
        previous = word
    return Name(words[0][2], previous[3], ".".join([word[1] for word in words]))
