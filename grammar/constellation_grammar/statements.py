"""What is remembered of declarations already parsed.

Owns the cut of a text into cacheable pieces and a bounded memory of them. Refuses to parse. A piece starts at a line
that looks like the head of a declaration; whether it really is one only parsing can tell, so a piece counts only when
it parses on its own: texts cut in a wrong place are slow, never wrong.

Invariant: the pieces of a text, joined, are the text. If each parses on its own, the declarations of the text are
those of its pieces.
"""

from __future__ import annotations

import re
from typing import Generic, TypeVar

from constellation_grammar.tokens import WORD, WORD_END

T = TypeVar("T")

_HEAD = re.compile(rf"^(?=[ \t]*+(?:@|(?:in|out|type|use){WORD_END}|{WORD}[ \t]*+=(?![=>])))", re.M)
_COMPLETE_WITH_NOTES = re.compile(rf"[ \t]*@(?s:.*?)\)[ \t]*(?:in|out){WORD_END}")


def pieces(text: str) -> list[str]:
    """The text cut in front of every line that looks like the head of a declaration; annotation lines stay with it."""
    parts = _HEAD.split(text)
    if "@" not in text:
        return parts
    glued: list[str] = []
    notes: list[str] = []
    for part in parts:
        notes.append(part)
        if part.lstrip(" \t")[:1] != "@" or _COMPLETE_WITH_NOTES.match(part):
            glued.append("".join(notes))
            notes = []
    if notes:
        glued.append("".join(notes))
    return glued


class Memory(Generic[T]):
    """Pieces of text → what is known of them, in two generations: when the young one is full, the old one is dropped.

    Every operation is one dict access, so threads may share it without a lock.
    """

    def __init__(self, entries: int = 20_000, characters: int = 4_000_000) -> None:
        self._entries, self._characters = entries, characters
        self._young: dict[str, T] = {}
        self._old: dict[str, T] = {}
        self._size = 0

    def find(self, texts: list[str]) -> list[T | None]:
        """What is known of each text."""
        found = list(map(self._young.get, texts))
        if None in found and self._old:
            for index, known in enumerate(found):
                if known is None:
                    found[index] = self.get(texts[index])
        return found

    def get(self, text: str) -> T | None:
        """What is known of one text."""
        known = self._young.get(text)
        if known is None:
            known = self._old.get(text)
            if known is not None:
                self.put(text, known)
        return known

    def put_all(self, known: dict[str, T]) -> None:
        """Remember several texts."""
        for text in known:
            self._size += len(text)
        if self._size > self._characters or len(self._young) + len(known) > self._entries:
            self._old, self._young, self._size = self._young, {}, 0
        self._young.update(known)

    def put(self, text: str, known: T) -> None:
        """Remember a text."""
        if self._size > self._characters or len(self._young) >= self._entries:
            self._old, self._young, self._size = self._young, {}, 0
        self._young[text] = known
        self._size += len(text)
