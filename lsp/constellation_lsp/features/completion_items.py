"""Completion items, their filter and their order.

Owns what an item consists of and how items are ranked. Refuses to know contexts.

Invariant: `sort` is `<rank><kind><name>`; a lower rank fits the wanted type better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from constellation.types.functions import FunctionTable
from constellation.types.model import ErrorType, FunctionType, OptionalType, Type, TypeVariable
from constellation.types.relations import is_subtype
from constellation.types.signature import FunctionSpec, Signature

MOST_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Item:
    """One completion. `insert` replaces the word; `edits` are further replacements `(start, end, text)`.

    A `template` is nothing without its placeholders: editors that cannot fill them in do not get it.
    """

    label: str
    kind: str
    detail: str = ""
    insert: str = ""
    snippet: str = ""
    sort: str = ""
    documentation: str = ""
    description: str = ""
    edits: tuple[tuple[int, int, str], ...] = ()
    deprecated: bool = False
    template: bool = False


def call_text(spec: FunctionSpec, name: str, signature: Signature) -> str:
    """`Name(p: T) -> R`: a signature in call order."""
    return f"{name}{signature}"


@dataclass(frozen=True, slots=True)
class Spelling:
    """One name of a function: its main names are offered always, other aliases when they are typed.

    `kebab` and `twin` say whether it is the function's own name, or the PascalCase form of that. `detail` is the
    signature, `snippet` a call with placeholders.
    """

    name: str
    folded: str
    spec: FunctionSpec
    kebab: bool
    twin: bool
    detail: str
    snippet: str

    @property
    def main(self) -> bool:
        """Whether it is offered before it is typed."""
        return self.kebab or self.twin


def spelling_of(spec: FunctionSpec, name: str) -> Spelling:
    """A name of a function with its texts."""
    detail = call_text(spec, name, spec.overloads[0]) if spec.overloads else name
    snippet = f"{name}({_placeholders(spec)})$0"
    return Spelling(name, name.lower(), spec, name == spec.name, name == pascal(spec.name), detail, snippet)


def _placeholders(spec: FunctionSpec) -> str:
    if not spec.overloads:
        return ""
    shown: list[str] = []
    for number, parameter in enumerate(spec.overloads[0].parameters, 1):
        if isinstance(parameter.type, FunctionType):
            names = ", ".join("xyzuvw"[i] for i in range(min(len(parameter.type.parameters), 6)))
            shown.append(f"({names}) => ${{{number}}}")
        else:
            shown.append(f"${{{number}:{parameter.name}}}")
    return ", ".join(shown)


class Spellings:
    """All names of a table's functions, sorted; made once per table."""

    def __init__(self, table: FunctionTable) -> None:
        found = [spelling_of(f, name) for f in table.functions.values() for name in dict.fromkeys(f.spellings)]
        self.all = sorted(found, key=lambda s: (s.folded, s.name))
        self.main = [s for s in self.all if s.main]

    def matching(self, word: str) -> list[Spelling]:
        """The spellings a word may become; aliases only when it is their beginning."""
        folded = word.lower()
        if not folded:
            return self.main
        return [
            s
            for s in self.all
            if (s.main and is_subsequence(folded, s.folded)) or (not s.main and s.folded.startswith(folded))
        ]


def pascal(name: str) -> str:
    """The PascalCase twin of a kebab-case name."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace("_", "-").split("-"))


def is_subsequence(word: str, name: str) -> bool:
    """Whether the letters of a word occur in a name in that order; both already folded."""
    if name.startswith(word):
        return True
    letters = iter(name)
    return all(letter in letters for letter in word)


def rank(type_: Type, wanted: Sequence[Type]) -> int:
    """0 the wanted type, 1 fits it, 2 unknown, 3 does not fit."""
    if not wanted:
        return 2
    if isinstance(type_, ErrorType | TypeVariable):
        return 2
    if any(type_ == w for w in wanted):
        return 0
    if any(isinstance(w, TypeVariable | ErrorType) for w in wanted):
        return 2
    return 1 if any(is_subtype(type_, w) for w in wanted) else 3


def rank_function(spec: FunctionSpec, wanted: Sequence[Type]) -> int:
    """The best rank of any overload's result."""
    if not wanted:
        return 2
    return min((rank(_shape(s.returns), wanted) for s in spec.overloads), default=2)


def _shape(type_: Type) -> Type:
    return type_.inner if isinstance(type_, OptionalType) and isinstance(type_.inner, TypeVariable) else type_


def chosen(items: Iterable[Item], word: str) -> tuple[list[Item], bool]:
    """The items a word may become, best first, and whether there are more than are shown."""
    folded = word.lower().strip('"')
    kept = [item for item in items if is_subsequence(folded, item.label.lower().strip('"'))]
    incomplete = len(kept) > MOST_ITEMS
    if incomplete:
        # whatever is cut, what the program itself defines stays
        own = [item for item in kept if item.kind != "function"]
        functions = sorted((i for i in kept if i.kind == "function"), key=lambda i: i.sort)
        kept = (own + functions)[:MOST_ITEMS]
    kept.sort(key=lambda i: (not i.label.lower().strip('"').startswith(folded), i.sort or i.label))
    return kept, incomplete


def ranked(item: Item, fit: int, group: int) -> Item:
    """The item with its sort key: fit first, then variables (0), functions (1), keywords (2)."""
    return replace(item, sort=f"{fit}{group}{item.label}")
