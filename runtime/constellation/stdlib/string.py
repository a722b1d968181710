"""`stdlib.string`: texts as sequences of code points.

Invariant: nothing depends on locale or on how a text is encoded; no result exceeds the text limit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

from constellation.stdlib.declare import Namespace, Site, StandardError, extended
from constellation.stdlib.equality import equality_for
from constellation.stdlib.limits import check_items, check_text, lists_joined, text_form, texts_joined
from constellation.types.model import STRING
from constellation.types.values import NONE, Absent, Some

namespace = Namespace("stdlib.string")
standard = namespace.standard
added = extended(namespace)


def concat_texts(a: str, b: str) -> str:
    """Two texts, one after the other."""
    check_text(len(a) + len(b))
    return a + b


@standard("concat", "(a: String, b: String) -> String", "(a: List<T>, b: List<T>) -> List<T>", binder=True)
def concat(site: Site) -> Callable[..., Any]:
    """Two texts, or two lists, one after the other."""
    return concat_texts if site.returns == STRING else lists_joined


@standard("string-length", "(value: String) -> Int", aliases=("text-length", "char-count"))
def string_length(value: str) -> int:
    """Number of characters (code points)."""
    return len(value)


@standard("join", "(list: List<String>, separator: String) -> String")
def join(items: Sequence[str], separator: str) -> str:
    """The texts of a list with a separator between them; an empty list gives an empty text."""
    return texts_joined(separator, items)


@standard("split", "(value: String, substring: String) -> List<String>")
def split(value: str, substring: str) -> list[str]:
    """The pieces between the occurrences of a literal delimiter, empty ones included; an empty delimiter gives the
    whole text as one piece."""
    return _bounded(value.split(substring, _MOST)) if substring else [value]


_MOST: Final = 1_000_000


def _bounded(pieces: list[str]) -> list[str]:
    check_items(len(pieces))
    return pieces


def contains_text(value: str, substring: str) -> bool:
    """Whether a text occurs in another."""
    return substring in value


def contains_item(equal: Callable[[Any, Any], bool]) -> Callable[[Sequence[Any], Any], bool]:
    """Membership by the given equality."""
    return lambda items, value: any(equal(item, value) for item in items)


def membership(site: Site) -> Callable[..., Any]:
    """Membership in a list, by the cheapest equality of the site's element type."""
    element = site.parameter_types[1]
    return contains_item(equality_for(element))


@standard(
    "contains", "(value: String, substring: String) -> Boolean", "(list: List<T>, value: T) -> Boolean", binder=True
)
def contains(site: Site) -> Callable[..., Any]:
    """Whether a text contains another (case-sensitive; the empty text is in every text), or a list an element."""
    return contains_text if site.parameter_types[0] == STRING else membership(site)


@standard("trim", "(value: String) -> String")
def trim(value: str) -> str:
    """The text without whitespace at both ends."""
    return value.strip()


@standard("replace", "(value: String, target: String, replacement: String) -> String")
def replace(value: str, target: str, replacement: str) -> str:
    """Every occurrence of a literal text replaced, from left to right, the result not searched again. An empty
    target inserts the replacement before every character and at the end."""
    if len(replacement) > len(target):
        check_text(len(value) + value.count(target) * (len(replacement) - len(target)))
    return value.replace(target, replacement)


def _short_enough(text: str) -> str:
    """The text, unless it became too long: some characters have two or three in the other case."""
    check_text(len(text))
    return text


@standard("uppercase", "(text: String) -> String")
def uppercase(text: str) -> str:
    """The text in upper case, by Unicode's rules."""
    return _short_enough(text.upper())


@standard("lowercase", "(text: String) -> String")
def lowercase(text: str) -> str:
    """The text in lower case, by Unicode's rules."""
    return _short_enough(text.lower())


@standard("word-count", "(text: String) -> Int")
def word_count(text: str) -> int:
    """Number of words: runs of characters that are no whitespace."""
    return len(text.split())


@standard("split-lines", "(text: String) -> List<String>")
def split_lines(text: str) -> list[str]:
    """The lines of a text, without their line ends; empty lines at the end are dropped."""
    if not text:
        return [""]
    *ended, last = _bounded(text.split("\n", _MOST))
    lines = [*(line.removesuffix("\r") for line in ended), last]
    while lines and not lines[-1]:
        lines.pop()
    return lines


@standard("substring", "(value: String, start: Int, end: Int) -> String")
def substring(value: str, start: int, end: int) -> str:
    """The characters from `start` up to but without `end`, as far as the text reaches. Fails with `negative
    index`."""
    if start < 0 or end < 0:
        raise StandardError("negative index")
    return value[start:end]


@standard("split-words", "(text: String) -> List<String>")
def split_words(text: str) -> list[str]:
    """The words of a text: runs of characters that are no whitespace."""
    return _bounded(text.split(None, _MOST))


def split_without_empty(text: str, separator: str) -> list[str]:
    """Literal split without empty pieces."""
    return [piece for piece in split(text, separator) if piece]


@standard(
    "tokenize", "(text: String) -> List<String>", "(text: String, separator: String) -> List<String>", binder=True
)
def tokenize(site: Site) -> Callable[..., Any]:
    """The words of a text; with a separator, the non-empty pieces between its occurrences."""
    return split_words if len(site.parameter_types) == 1 else split_without_empty


@standard("line-count", "(text: String) -> Int", aliases=("count-lines",))
def line_count(text: str) -> int:
    """Number of lines, as `split-lines` finds them."""
    return len(split_lines(text))


_SENTENCE_END: Final = re.compile(r"[.!?]+")


@standard("sentence-count", "(text: String) -> Int")
def sentence_count(text: str) -> int:
    """Number of non-blank pieces between runs of `.`, `!` and `?`."""
    return sum(1 for piece in _SENTENCE_END.split(text) if piece.strip())


@standard("average-word-length", "(text: String) -> Float")
def average_word_length(text: str) -> float:
    """Mean number of characters of the words of a text; 0.0 without words."""
    words = text.split()
    return sum(map(len, words)) / len(words) if words else 0.0


_PLACEHOLDER: Final = re.compile(r"\{\{|\}\}|\{([0-9]+)\}")


@standard("format", "(template: String, values: List<T>) -> String")
def format_template(template: str, values: Sequence[Any]) -> str:
    """The template with `{0}`, `{1}`, … replaced by the text form of the values; `{{` and `}}` are literal braces.
    Fails with `format index <i> out of range`."""
    pieces: list[str] = []
    position = 0
    size = len(template)
    rendered: dict[int, str] = {}
    for found in _PLACEHOLDER.finditer(template):
        pieces.append(template[position : found.start()])
        position = found.end()
        if found[1] is None:
            pieces.append(found[0][0])
            continue
        index = int(found[1]) if len(found[1]) < 10 else len(values)
        if index >= len(values):
            raise StandardError(f"format index {found[1]} out of range")
        text = rendered.setdefault(index, text_form(values[index]) if index not in rendered else "")
        size += len(text)
        check_text(size)
        pieces.append(text)
    return "".join(pieces) + template[position:]


@added("starts-with", "(value: String, part: String) -> Boolean")
def starts_with(value: str, part: str) -> bool:
    """Whether a text begins with another."""
    return value.startswith(part)


@added("ends-with", "(value: String, part: String) -> Boolean")
def ends_with(value: str, part: str) -> bool:
    """Whether a text ends with another."""
    return value.endswith(part)


@added("index-of", "(value: String, part: String) -> Optional<Int>")
def index_of(value: str, part: str) -> Some | Absent:
    """First position of a text in another, if it occurs."""
    position = value.find(part)
    return NONE if position < 0 else Some(position)


@added("count-substring", "(value: String, part: String) -> Int")
def count_substring(value: str, part: str) -> int:
    """Number of occurrences that do not overlap. Fails with `empty search text`."""
    if not part:
        raise StandardError("empty search text")
    return value.count(part)


@added("char-at", "(value: String, index: Int) -> Optional<String>")
def char_at(value: str, index: int) -> Some | Absent:
    """The character at a position, counted from the end when negative; nothing outside the text."""
    return Some(value[index]) if -len(value) <= index < len(value) else NONE


@added("chars", "(value: String) -> List<String>")
def chars(value: str) -> list[str]:
    """The characters of a text."""
    check_items(len(value))
    return list(value)


@added("repeat", "(value: String, times: Int) -> String")
def repeat(value: str, times: int) -> str:
    """The text a number of times in a row. Fails with `negative count`."""
    if times < 0:
        raise StandardError("negative count")
    check_text(len(value) * times)
    return value * times if value else ""


def _check_fill(width: int, fill: str) -> None:
    if len(fill) != 1:
        raise StandardError("fill must be one character")
    check_text(width)


@added("pad-left", "(value: String, width: Int, fill: String) -> String")
def pad_left(value: str, width: int, fill: str) -> str:
    """The text filled up on the left to a width; never shortened. Fails with `fill must be one character`."""
    _check_fill(width, fill)
    return value.rjust(width, fill)


@added("pad-right", "(value: String, width: Int, fill: String) -> String")
def pad_right(value: str, width: int, fill: str) -> str:
    """The text filled up on the right to a width; never shortened. Fails with `fill must be one character`."""
    _check_fill(width, fill)
    return value.ljust(width, fill)


@added("trim-start", "(value: String) -> String")
def trim_start(value: str) -> str:
    """The text without whitespace at its start."""
    return value.lstrip()


@added("trim-end", "(value: String) -> String")
def trim_end(value: str) -> str:
    """The text without whitespace at its end."""
    return value.rstrip()


@added("remove-prefix", "(value: String, part: String) -> String")
def remove_prefix(value: str, part: str) -> str:
    """The text without a given beginning, if it has it."""
    return value.removeprefix(part)


@added("remove-suffix", "(value: String, part: String) -> String")
def remove_suffix(value: str, part: str) -> str:
    """The text without a given ending, if it has it."""
    return value.removesuffix(part)


@added("replace-first", "(value: String, target: String, replacement: String) -> String")
def replace_first(value: str, target: str, replacement: str) -> str:
    """The first occurrence of a literal text replaced."""
    check_text(len(value) + len(replacement))
    return value.replace(target, replacement, 1)


@added("capitalize", "(value: String) -> String")
def capitalize(value: str) -> str:
    """The text with its first character in upper case, the rest untouched."""
    return _short_enough(value[:1].upper() + value[1:])


_WORD: Final = re.compile(r"\S+")


@added("title-case", "(value: String) -> String")
def title_case(value: str) -> str:
    """Every word with its first character in upper case and the rest in lower case."""
    return _short_enough(_WORD.sub(lambda word: word[0][:1].upper() + word[0][1:].lower(), value))


def reversed_text(value: str) -> str:
    """A text backwards, by code point."""
    return value[::-1]


def reversed_list(items: Sequence[Any]) -> list[Any]:
    """A list backwards."""
    return list(items[::-1])


@added("reverse", "(value: String) -> String", "(list: List<T>) -> List<T>", binder=True)
def reverse(site: Site) -> Callable[..., Any]:
    """A text or a list backwards."""
    return reversed_text if site.returns == STRING else reversed_list


@added("is-blank", "(value: String) -> Boolean")
def is_blank(value: str) -> bool:
    """Whether a text is empty or only whitespace."""
    return not value or value.isspace()


@added("equals-ignore-case", "(a: String, b: String) -> Boolean")
def equals_ignore_case(a: str, b: str) -> bool:
    """Whether two texts are equal apart from upper and lower case."""
    return a.casefold() == b.casefold()


@added("abbreviate", "(value: String, max: Int) -> String")
def abbreviate(value: str, longest: int) -> str:
    """The text, cut to a number of characters with `…` as the last when it is longer. Fails with `max must be
    positive`."""
    if longest <= 0:
        raise StandardError("max must be positive")
    return value if len(value) <= longest else value[: longest - 1] + "…"


_NOT_SLUG: Final = re.compile(r"[^a-z0-9]+")


@added("slugify", "(value: String) -> String")
def slugify(value: str) -> str:
    """The text as part of an address: accents dropped, lower case, everything but letters and digits as `-`."""
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode("ascii").lower()
    return _short_enough(_NOT_SLUG.sub("-", plain).strip("-"))


@added("contains-any", "(value: String, parts: List<String>) -> Boolean")
def contains_any(value: str, parts: Sequence[str]) -> bool:
    """Whether at least one of the texts occurs; false for none."""
    return any(part in value for part in parts)


@added("contains-all", "(value: String, parts: List<String>) -> Boolean")
def contains_all(value: str, parts: Sequence[str]) -> bool:
    """Whether all of the texts occur; true for none."""
    return all(part in value for part in parts)


@added("url-encode", "(value: String) -> String")
def url_encode(value: str) -> str:
    """The text percent-encoded (RFC 3986, UTF-8); a blank becomes `%20`."""
    from urllib.parse import quote

    encoded = quote(value, safe="")
    check_text(len(encoded))
    return encoded


_BROKEN_PERCENT: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@added("url-decode", "(value: String) -> String")
def url_decode(value: str) -> str:
    """The text with percent-encoding undone. Fails with `invalid percent-encoding`."""
    from urllib.parse import unquote

    if _BROKEN_PERCENT.search(value):
        raise StandardError("invalid percent-encoding")
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise StandardError("invalid percent-encoding") from None
