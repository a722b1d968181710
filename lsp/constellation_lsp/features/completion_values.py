"""Completion of values: variables, functions, members of namespaces and of records.

Owns what an expression may start with and how it is ranked by the wanted type.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from constellation.types.model import BOOLEAN, FunctionType, Type
from constellation_lsp.analysis import Analysis
from constellation_lsp.cursor_frames import Cursor
from constellation_lsp.features.completion_items import (
    Item,
    Spelling,
    is_subsequence,
    rank,
    rank_function,
    ranked,
    spelling_of,
)
from constellation_lsp.features.completion_wanted import wanted_types
from constellation_lsp.features.imports import import_edit
from constellation_lsp.features.patterns import record_fields

_ENOUGH_CALLS = 50
_STARTS = ("if", "branch", "match", "not", "true", "false")


def variables(analysis: Analysis, cursor: Cursor, wanted: Sequence[Type]) -> Iterator[Item]:
    """Variables declared before the declaration, lambda parameters and pattern names around the cursor."""
    index = analysis.index_before(cursor.start)
    word = cursor.word.lower()
    local_names = {name for name, _ in cursor.locals}
    for name, binder in cursor.locals:
        type_ = analysis.local_type(index, binder)
        shown = str(type_) if type_ is not None else ""
        yield Item(name, "variable", shown, name, sort=f"{rank(type_, wanted) if type_ else 2}0{name}")
    fits: dict[Type, tuple[str, int]] = {}
    for name, variable in analysis.variables(index).items():
        if name in local_names or not is_subsequence(word, name.lower()):
            continue
        known = fits.get(variable.type)
        if known is None:
            known = fits[variable.type] = (str(variable.type), rank(variable.type, wanted))
        detail = f"in {known[0]}" if variable.is_input else known[0]
        yield Item(name, "variable", detail, name, sort=f"{known[1]}0{name}")


def expressions(analysis: Analysis, cursor: Cursor, auto_import: bool) -> Iterator[Item]:
    """Everything an expression may start with."""
    wanted = wanted_types(analysis, cursor)
    yield from variables(analysis, cursor, wanted)
    yield from _functions(analysis, cursor, wanted, auto_import)
    index = analysis.index_before(cursor.start)
    for alias, entry in analysis.imports(index).aliases.items():
        yield ranked(Item(alias, "module", entry.namespace, alias), 2, 1)
    yield ranked(Item("stdlib", "module", "standard library", "stdlib"), 2, 2)
    for word in _STARTS:
        boolean = word in ("true", "false", "not")
        fit = (0 if BOOLEAN in wanted else 3) if wanted and boolean else 2
        yield ranked(Item(word, "keyword", insert=word), fit, 2)
    if any(isinstance(w, FunctionType) for w in wanted):
        yield Item("(x) => …", "snippet", "lambda", "(x) => ", "(${1:x}) => $2", "00lambda")


def _functions(analysis: Analysis, cursor: Cursor, wanted: Sequence[Type], auto_import: bool) -> Iterator[Item]:
    index = analysis.index_before(cursor.start)
    imports = analysis.imports(index)
    kebab = _prefers_kebab(analysis, cursor.word)
    for spelling in analysis.spellings.matching(cursor.word):
        found = imports.resolve(spelling.name)
        if found.function is not None:
            if found.function is spelling.spec:
                yield _function(spelling, cursor, wanted, kebab)
        elif auto_import and imports.entries and spelling.spec.namespace and cursor.word:
            namespace = spelling.spec.namespace
            item = _function(spelling, cursor, wanted, kebab)
            edit = import_edit(analysis, namespace)
            yield Item(
                item.label, item.kind, item.detail, item.insert, item.snippet, f"{item.sort}~", item.documentation,
                namespace, (edit,), item.deprecated,
            )  # fmt: skip


def _function(spelling: Spelling, cursor: Cursor, wanted: Sequence[Type], kebab: bool) -> Item:
    spec, name = spelling.spec, spelling.name
    preferred = not spec.prelude or (spelling.kebab if kebab else spelling.twin)
    fit = rank_function(spec, wanted)
    insert, snippet = (name, "") if cursor.called else (f"{name}()", spelling.snippet)
    return Item(
        name, "function", spelling.detail, insert, snippet, f"{fit}1{name}" if preferred else f"9{fit}{name}",
        spec.description, spec.namespace, (), bool(spec.deprecated),
    )  # fmt: skip


def _prefers_kebab(analysis: Analysis, word: str) -> bool:
    """Whether standard functions are called by their kebab names: as the document does, else as the word looks."""
    counts = [0, 0]
    seen = 0
    for index in range(len(analysis.program.statements)):
        for occurrence in analysis.occurrences.of(index):
            if occurrence.kind == "function":
                counts[occurrence.name.rpartition(".")[2][:1].islower()] += 1
                seen += 1
        if seen >= _ENOUGH_CALLS:
            break
    if counts[0] != counts[1]:
        return counts[1] > counts[0]
    return word[:1].islower()


def members(analysis: Analysis, cursor: Cursor) -> Iterator[Item]:
    """What may follow a dot: functions and namespaces of a namespace, else fields of a value."""
    index = analysis.index_before(cursor.start)
    head = cursor.path.partition(".")[0]
    shadowed = head in analysis.variables(index) or head in dict(cursor.locals)
    namespace = _namespace(analysis, cursor.path, index) if not shadowed else None
    if namespace is not None:
        yield from _namespace_members(analysis, namespace, cursor)
        return
    type_ = _subject(analysis, cursor)
    for name, field_type in record_fields(type_):
        yield Item(name, "field", str(field_type), name, sort=f"0{name}")


def _subject(analysis: Analysis, cursor: Cursor) -> Type | None:
    """The type of what stands before the dot."""
    end = len(analysis.text[: cursor.dot].rstrip())
    start = cursor.path_start if cursor.path else end
    return analysis.type_of_span(start, end)


def _namespace(analysis: Analysis, path: str, index: int) -> str | None:
    """The namespace a dotted path means: through an alias, an import's last segment, or in full."""
    head, _, rest = path.partition(".")
    if not head:
        return None
    imports = analysis.imports(index)
    alias = imports.aliases.get(head)
    if alias is not None:
        return f"{alias.namespace}.{rest}" if rest else alias.namespace
    if path in analysis.table.namespace_prefixes:
        return path
    for entry in imports.entries:
        if not entry.alias and entry.namespace.rpartition(".")[2] == head:
            return f"{entry.namespace}.{rest}" if rest else entry.namespace
    return None


def _namespace_members(analysis: Analysis, namespace: str, cursor: Cursor) -> Iterator[Item]:
    capital = cursor.word[:1].isupper()
    seen: set[str] = set()
    for name, spec in sorted(analysis.table.members(namespace).items()):
        spelling = spelling_of(spec, name)
        if (spelling.twin if capital else spelling.kebab) or (
            cursor.word and name.lower().startswith(cursor.word.lower())
        ):
            seen.add(name)
            yield _function(spelling, cursor, (), not capital)
    prefix = f"{analysis.table.canonical_namespace(namespace)}."
    for child in sorted(
        {n[len(prefix) :].partition(".")[0] for n in analysis.table.namespaces if n.startswith(prefix)}
    ):
        if child not in seen:
            yield Item(child, "module", prefix + child, child, sort=f"0{child}")
