"""`stdlib.regex`: regular expressions in linear time (RE2: no back-references, no look-around).

Invariant: no pattern, whoever wrote it, can make finding a match take more than linear time.
"""

from __future__ import annotations

from functools import lru_cache
from importlib import import_module
from typing import Any

from constellation.stdlib.declare import Namespace, StandardError, extended
from constellation.stdlib.limits import check_items, check_text
from constellation.types.values import NONE, Absent, Some

namespace = Namespace("stdlib.regex")
added = extended(namespace)


@lru_cache(maxsize=256)
def compiled(pattern: str, groups: bool = False) -> Any:
    """The compiled pattern; without `groups` its parentheses only group, which is faster. Raises `StandardError` for a
    text that is no pattern."""
    re2: Any = import_module("re2")
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 8 << 20
    options.never_capture = not groups
    try:
        return re2.compile(pattern, options)
    except re2.error:
        raise StandardError("invalid regular expression") from None


def is_valid(pattern: str) -> bool:
    """Whether a text is a regular expression; what the compiler asks about literal patterns."""
    try:
        compiled(pattern)
    except StandardError:
        return False
    return True


@added("regex-matches", "(value: String, pattern: String) -> Boolean")
def regex_matches(value: str, pattern: str) -> bool:
    """Whether the whole text matches a pattern. Fails with `invalid regular expression`."""
    return compiled(pattern).fullmatch(value) is not None


@added("regex-test", "(value: String, pattern: String) -> Boolean")
def regex_test(value: str, pattern: str) -> bool:
    """Whether a pattern matches anywhere in the text. Fails with `invalid regular expression`."""
    return compiled(pattern).search(value) is not None


@added("regex-find", "(value: String, pattern: String) -> Optional<String>")
def regex_find(value: str, pattern: str) -> Some | Absent:
    """The first match, if there is one. Fails with `invalid regular expression`."""
    found = compiled(pattern).search(value)
    return NONE if found is None else Some(found.group(0))


@added("regex-find-all", "(value: String, pattern: String) -> List<String>")
def regex_find_all(value: str, pattern: str) -> list[str]:
    """All matches that do not overlap. Fails with `invalid regular expression`."""
    matches: list[str] = []
    for found in compiled(pattern).finditer(value):
        matches.append(found.group(0))
        check_items(len(matches))
    return matches


@added("regex-groups", "(value: String, pattern: String) -> Optional<List<String>>")
def regex_groups(value: str, pattern: str) -> Some | Absent:
    """The groups of the first match, an empty text for a group that took no part. Fails with `invalid regular
    expression`."""
    found = compiled(pattern, groups=True).search(value)
    if found is None:
        return NONE
    check_text(sum(found.end(n) - found.start(n) for n in range(1, found.re.groups + 1)))
    return Some([group or "" for group in found.groups()])


def _replacement(template: str, found: Any, groups: int) -> str:
    pieces: list[str] = []
    position = 0
    while (mark := template.find("$", position)) >= 0 and mark + 1 < len(template):
        pieces.append(template[position:mark])
        sign = template[mark + 1]
        position = mark + 2
        if sign == "$":
            pieces.append("$")
        elif sign in "123456789":
            pieces.append((found.group(int(sign)) or "") if int(sign) <= groups else "")
        else:
            pieces.append("$")
            position = mark + 1
    return "".join(pieces) + template[position:]


@added("regex-replace", "(value: String, pattern: String, replacement: String) -> String")
def regex_replace(value: str, pattern: str, replacement: str) -> str:
    """Every match replaced; `$1` to `$9` stand for groups, `$$` for `$`. Fails with `invalid regular expression`."""
    expression = compiled(pattern, groups="$" in replacement)
    pieces: list[str] = []
    position = size = 0
    for found in expression.finditer(value):
        text = _replacement(replacement, found, expression.groups)
        pieces += (value[position : found.start()], text)
        size += len(pieces[-2]) + len(text)
        check_text(size)
        position = found.end()
    check_text(size + len(value) - position)
    return "".join(pieces) + value[position:]


@added("regex-split", "(value: String, pattern: String) -> List<String>")
def regex_split(value: str, pattern: str) -> list[str]:
    """The pieces between the matches, empty ones included. Fails with `invalid regular expression`."""
    pieces: list[str] = []
    position = 0
    for found in compiled(pattern).finditer(value):
        if found.end() == found.start():
            continue
        pieces.append(value[position : found.start()])
        check_items(len(pieces))
        position = found.end()
    return [*pieces, value[position:]]
