"""Completion: what may be typed at the cursor.

Owns the contexts and what each offers. Refuses to decide what resolves: names of functions are offered exactly when the
compiler's resolver finds them from here.

Invariant: nothing is offered inside comments, plain string content or numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from constellation.types.model import BOOLEAN, OptionalType
from constellation_grammar import syntax
from constellation_grammar.tokens import scan_exactly
from constellation_lsp.analysis import Analysis
from constellation_lsp.cursor import cursor_at
from constellation_lsp.cursor_frames import Cursor
from constellation_lsp.features.completion_items import Item, chosen, ranked
from constellation_lsp.features.completion_values import expressions, members, variables
from constellation_lsp.features.completion_wanted import parameter_names, record_types, wanted_types
from constellation_lsp.features.option_guide import BUILTIN_TYPES, OPTIONS, UNITS, WORDS
from constellation_lsp.features.patterns import missing_patterns, record_fields, scrutinee_type
from constellation_lsp.features.type_fixes import zero_value
from constellation_lsp.features.wanted import wanted_at

_SKELETONS = {"List": "List<$1>", "Seq": "Seq<$1>", "Map": "Map<$1, $2>", "Optional": "Optional<$1>"}
_DURATION_OPTIONS = frozenset(("timeout", "delay", "cache", "batch_timeout", "checkpoint", "window", "join"))
_MOST_AHEAD = 5000


@dataclass(frozen=True, slots=True)
class Completions:
    """The items, the span of the word they replace, whether typing on may give others, and where the cursor is."""

    items: list[Item]
    start: int
    end: int
    incomplete: bool = False
    cursor: int = -1


def complete(analysis: Analysis, offset: int, *, auto_import: bool = True) -> Completions:
    """What may stand at an offset."""
    cursor = cursor_at(analysis.text, analysis.declaration_start(offset), offset)
    word, start = cursor.word, cursor.start
    if cursor.place == "namespace" and cursor.path:
        word, start = f"{cursor.path}.{word}", cursor.path_start
    items, incomplete = chosen(_items(analysis, cursor, auto_import), word)
    return Completions(items, start, cursor.end, incomplete, offset)


def _items(analysis: Analysis, cursor: Cursor, auto_import: bool) -> Iterable[Item]:
    match cursor.place:
        case "declaration":
            return _declaration()
        case "input-name":
            return _missing_inputs(analysis)
        case "type":
            return _types(analysis, cursor)
        case "output":
            return _outputs(analysis, cursor)
        case "namespace":
            return _namespaces(analysis, cursor)
        case "namespace-done":
            return [_keyword("as")]
        case "member":
            return members(analysis, cursor)
        case "projection":
            return _projection(analysis, cursor)
        case "after-operand":
            return _after_operand(analysis, cursor)
        case "option-name":
            return _option_names(cursor)
        case "option-value":
            return _option_values(analysis, cursor)
        case "match-arm":
            return _match_arms(analysis, cursor)
        case "branch-case":
            return [*_otherwise(analysis, cursor), *expressions(analysis, cursor, auto_import)]
        case "record-key":
            return _record_keys(analysis, cursor)
        case "annotation":
            return [Item(n, "keyword", insert=n) for n in ("example", "source", "sink")]
        case "expression":
            return _expression(analysis, cursor, auto_import)
        case _:
            return ()


def _keyword(word: str, insert: str = "") -> Item:
    return ranked(Item(word, "keyword", insert=insert or word), 2, 2)


_TEMPLATES = {
    "in name: Type": ("declare an input", "in ${1:name}: ${2:String}"),
    "branch": (
        "the first case that holds",
        "${1:name} = branch {\n  ${2:condition} -> ${3:value},\n  otherwise -> $4\n}",
    ),
    "match": ("by the shape of a value", "${1:name} = match ${2:value} {\n  ${3:_} -> $4\n}"),
    "@example(…) in …": ("an input with an example", '@example(${1:"text"})\nin ${2:name}: ${3:String}'),
}


def _declaration() -> Iterator[Item]:
    for word in ("in", "out", "use", "type"):
        yield Item(word, "keyword", insert=word, sort=f"0{word}")
    for label, (about, snippet) in _TEMPLATES.items():
        yield Item(label, "snippet", about, snippet=snippet, sort=f"1{label}", template=True)
    for name in ("example", "source", "sink"):
        yield Item(f"@{name}", "keyword", insert=f"@{name}", sort=f"2{name}")


def _expression(analysis: Analysis, cursor: Cursor, auto_import: bool) -> Iterator[Item]:
    """What an expression may start with, where a lambda is wanted the names of its parameters."""
    names = parameter_names(analysis, cursor)
    if names:
        yield from (Item(name, "variable", insert=name, sort=f"0{n}{name}") for n, name in enumerate(names))
        return
    if any(frame.kind == "annotation" for frame in cursor.frames):
        yield from (
            Item(text, "snippet", "a value of this type", text, sort=f"00{text}")
            for text in dict.fromkeys(zero_value(type_) for type_ in wanted_types(analysis, cursor))
        )
    yield from expressions(analysis, cursor, auto_import)


def _otherwise(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    """`otherwise`, unless the branch has it already."""
    depth = 0
    for kind, *_ in scan_exactly(analysis.text[cursor.end : cursor.end + _MOST_AHEAD], tuple):
        depth += kind in ("LBRACE", "LPAREN", "LBRACKET")
        depth -= kind in ("RBRACE", "RPAREN", "RBRACKET")
        if kind == "OTHERWISE" and depth == 0:
            return
        if depth < 0:
            break
    yield _keyword("otherwise", "otherwise -> ")


def _missing_inputs(analysis: Analysis) -> Iterator[Item]:
    """Names that are used and declared nowhere, with the type their use asks for."""
    seen: set[str] = set()
    for place in analysis.occurrences.everything():
        name = place.occurrence
        if name.kind != "variable" or name.role != "use" or name.binder is not None or name.name in seen:
            continue
        if not analysis.occurrences.definitions("variable", name.name):
            seen.add(name.name)
            wanted = wanted_at(analysis, place)
            shown = str(wanted) if wanted is not None else "String"
            yield Item(name.name, "variable", f"in {shown}", f"{name.name}: {shown}", sort=f"0{name.name}")


def _types(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    for name, entry in analysis.named_types(analysis.index_before(cursor.start)).items():
        kind = "struct" if hasattr(entry.type, "fields") else "type"
        yield Item(name, kind, str(entry.type), name, sort=f"0{name}")
    for name, about in BUILTIN_TYPES.items():
        yield Item(
            name, "type", insert=name, snippet=_SKELETONS.get(name, ""), documentation=about, sort=f"1{name}",
            deprecated=name == "Candidates",
        )  # fmt: skip
    yield Item("{ }", "struct", "a record type", "{ }", "{ $1 }", "2{")


def _outputs(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    already = {
        s.node.value.name
        for s in analysis.program.statements
        if isinstance(s.node, syntax.Output) and isinstance(s.node.value, syntax.Variable)
        and not s.node.start + s.offset <= cursor.start <= s.node.end + s.offset
    }  # fmt: skip
    for item in variables(analysis, cursor, ()):
        if item.label not in already:
            yield ranked(item, 0 if not item.detail.startswith("in ") else 1, 0)


def _namespaces(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    """Whole dotted paths; the edit replaces what is typed of the path."""
    typed = f"{cursor.path}." if cursor.path else ""
    for name in sorted(analysis.table.namespaces):
        if name.startswith(typed):
            yield Item(name, "module", insert=name, sort=name)


def _projection(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    start, end = cursor.frame.subject
    named = {token[1] for token in cursor.frame.names}
    type_ = analysis.type_of_span(start, end)
    for name, field_type in record_fields(type_):
        if name not in named:
            yield Item(name, "field", str(field_type), name, sort=f"0{name}")


def _after_operand(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    """`with` after a call, operators by the type of what stands before; all of them where that is not known."""
    if cursor.after_call:
        yield Item("with", "keyword", "call options", "with ", sort="0with")
    types = analysis.types_ending_at(cursor.operand_end)
    if any(isinstance(t, OptionalType) for t in types) or not types:
        yield Item("??", "keyword", "a value for when it is absent", "?? ", sort="1??")
    if BOOLEAN in types or not types:
        yield from (Item(word, "keyword", insert=f"{word} ", sort=f"1{word}") for word in ("and", "or"))
    yield Item("when", "keyword", insert="when ", sort="1when")
    if cursor.keyword == "out" and cursor.frame.kind == "top":
        yield Item("as", "keyword", "the output's name", "as ", sort="2as")


def _option_names(cursor: Cursor) -> Iterator[Item]:
    used = set(cursor.frame.options or ())
    for number, (name, guide) in enumerate(OPTIONS.items()):
        if name not in used:
            insert = name if name == "lazy" else f"{name}: "
            detail = f"{guide.type} - {guide.summary}"
            yield Item(name, "property", detail, insert, sort=f"{number:02}", documentation=guide.description)


def _option_values(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    option = cursor.frame.option
    if cursor.after_number:
        if option in _DURATION_OPTIONS or (option == "throttle" and cursor.after_slash):
            for number, (unit, name) in enumerate(UNITS.items()):
                yield Item(unit, "unit", name, unit, sort=str(number))
        return
    if option == "cache_backend":
        for name in analysis.backends or ("memory", "redis", "memcached"):
            yield Item(f'"{name}"', "enum", insert=f'"{name}"')
    elif option == "throttle":
        yield Item("100/1min", "snippet", "calls per time", "100/1min", "${1:100}/${2:1min}")
    elif option == "lazy":
        yield from (Item(word, "keyword", insert=word) for word in ("true", "false"))
    for number, (word, about) in enumerate(WORDS.get(option, {}).items()):
        insert, snippet = word, ""
        if option == "window" or word == "buffer":
            snippet = f"{word}($1)"
        yield Item(word, "enum", insert=insert, snippet=snippet, sort=str(number), documentation=about)


def _match_arms(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    type_ = scrutinee_type(analysis, cursor.frame.subject)
    for number, pattern in enumerate(missing_patterns(type_, cursor.frame.covered)):
        yield Item(pattern, "enum", insert=f"{pattern} -> ", sort=f"0{number:03}")
    if "_" not in cursor.frame.covered:
        yield Item("_", "keyword", insert="_ -> ", sort="1")


def _record_keys(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    given = set(cursor.frame.keys)
    fields = [(n, t) for type_ in record_types(analysis, cursor) for n, t in type_.fields]
    for name, type_ in dict(fields).items():
        if name not in given:
            yield Item(name, "field", str(type_), f"{name}: ", sort=f"0{name}")
    if not fields:
        for item in variables(analysis, cursor, ()):
            if item.label not in given:
                yield Item(item.label, "variable", item.detail, f"{item.label}: {item.label}", sort=f"1{item.label}")
