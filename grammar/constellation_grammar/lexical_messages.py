"""Words for mistakes in single tokens, and for spellings of other languages.

Owns the rules that need little of the surroundings. Each rule answers with a problem or None for "not my case".
Invariant: a rule points at characters the user would change.
"""

from __future__ import annotations

from constellation_grammar.segments import UNCLOSED
from constellation_grammar.situation import COMMAS, COMPARISONS, Situation, shown, span_of
from constellation_grammar.spelling import similar
from constellation_grammar.syntax import OPTION_NAMES, Related, SyntaxProblem
from constellation_grammar.tokens import BAD

_DIGITS_AND_UNDERSCORE = frozenset("0123456789_")
ANNOTATIONS = ("example", "source", "sink")
_NAME_PLACES = frozenset({"IN", "OUT", "TYPE", "USE", "AS"})


def unclosed_string(s: Situation) -> SyntaxProblem | None:
    """A string that does not end on its line, or an interpolation in it that does not."""
    kind, text, start, end = s.found
    if kind != UNCLOSED and not (kind == BAD and text[0] == '"'):
        return None
    if s.opener[0] == "STRING_START" and s.after_operand and len(text) <= 1:
        return unclosed_interpolation(s)
    return s.problem(
        (start, end), "unterminated-string", "String is not closed on this line", "Close the string with '\"'"
    )


def unclosed_interpolation(s: Situation) -> SyntaxProblem:
    """`${` without its `}`."""
    at = s.opener[3] - 2
    related = (Related(at, at + 2, "The '${' opened here"),)
    return s.problem(
        s.gap(), "unclosed-bracket", "Missing '}' to close the '${' opened here", "Insert '}'", related=related
    )


def annotation(s: Situation) -> SyntaxProblem | None:
    """A word behind `@` that is no annotation."""
    kind, text, start, end = s.found
    if kind != BAD or text[0] != "@":
        return None
    if text == "@":
        word = s.at(1)
        if word[1] in ANNOTATIONS:
            return s.problem(
                (start, word[3]), "unknown-annotation", f"An annotation is written without a blank: @{word[1]}"
            )
        return s.problem((start, end), "unknown-annotation", "Expected @example, @source or @sink")
    guesses = similar(text[1:], ANNOTATIONS, 1)
    hint = f" Did you mean '@{guesses[0]}'?" if guesses else " Use @example, @source or @sink"
    return s.problem((start + 1, end), "unknown-annotation", f"Unknown annotation '{shown(s.found)}'.{hint}")


def bad_number(s: Situation) -> SyntaxProblem | None:
    """A number that touches a letter, or a name that begins with a digit."""
    kind, text, start, end = s.found
    if kind == BAD and text[0].isdigit():
        if s.previous[0] in _NAME_PLACES and not s.wants_expression:
            return s.problem((start, end), "bad-name", "A name cannot start with a digit")
        if s.at(1)[0] == "EQUALS":
            return s.problem((start, end), "bad-name", "A name cannot start with a digit")
        advice: tuple[str, ...] = ()
        mantissa, exponent, power = text.lower().partition("e")
        if exponent and mantissa.isdigit() and power.isdigit():
            advice = (f"An exponent needs a fraction: {mantissa}.0e{power}",)
        elif set(text) <= _DIGITS_AND_UNDERSCORE:
            advice = (f"Numbers have no '_': {text.replace('_', '')}",)
        elif text[:2] in ("0x", "0b", "0o"):
            advice = ("Numbers are written in decimal",)
        return s.problem((start, end), "bad-name", "A number cannot be followed directly by letters", *advice)
    if kind == "DURATION" and s.wants_expression:
        return s.problem((start, end), "bad-name", f"A duration such as {shown(s.found)} is only a call option's value")
    if kind in ("INTEGER", "FLOAT") and s.previous[0] in _NAME_PLACES and not s.wants_expression:
        return s.problem((start, end), "bad-name", "A name cannot start with a digit")
    return None


def fraction(s: Situation) -> SyntaxProblem | None:
    """`.5` and `3.`: digits are needed on both sides of the point."""
    if s.found[0] == "DOT" and s.wants_expression and s.at(1)[0] == "INTEGER" and s.touches(0, 1):
        digits = s.at(1)[1]
        return s.problem(
            span_of(s.found, s.at(1)), "bad-name", f"A Float needs digits before the point: write 0.{digits}"
        )
    if s.previous[0] == "DOT" and s.at(-2)[0] == "INTEGER" and s.touches(-2, -1):
        digits = s.at(-2)[1]
        return s.problem(
            span_of(s.at(-2), s.previous), "bad-name", f"A Float needs digits behind the point: write {digits}.0"
        )
    return None


# spelling → sentence; each is tried where the first token of the spelling is or was
_SIGNS = {
    "&&": "Use 'and' instead of '&&'",
    "&": "Use 'and' instead of '&'",
    "||": "Use 'or' instead of '||'",
    "!": "Use 'not' instead of '!'",
    "//": "Comments start with '#'",
    "/*": "Comments start with '#'",
    "<>": "Use '!=' instead of '<>'",
    "===": "Use '==' instead of '==='",
    "!==": "Use '!=' instead of '!=='",
    "%": "There is no '%' operator; use modulo(a, b)",
    "**": "There is no '**' operator; use pow(a, b)",
    "^": "There is no '^' operator; use pow(a, b)",
    "++": "There is no '++' operator; write x + 1, or join texts with an interpolation",
    "=<": "Use '<=' instead of '=<'",
    ":=": "Use '=' instead of ':='",
    "+=": "There is no '+='; give the sum a name: total = a + b",
    "-=": "There is no '-='; give the difference a name: rest = a - b",
    "?": "There is no '?' operator; use 'if (c) a else b', or '??' for a default",
    ";": "Declarations need no separator; remove the ';'",
    "'": "Strings use double quotes",
    "`": "Strings use double quotes",
    "“": "Strings use double quotes",
    "”": "Strings use double quotes",
    "\\": "An expression may simply go on in the next line; remove the '\\'",
}
_COMMENT_SIGNS = frozenset({"//", "/*"})
_SPELLINGS = ((-1, 1), (-1, 0), (0, 2), (0, 1), (0, 0))  # which tokens around the unexpected one may spell it


def foreign_sign(s: Situation) -> SyntaxProblem | None:
    """An operator or a quote of another language."""
    for first, last in _SPELLINGS:
        if not all(s.touches(i, i + 1) for i in range(first, last)):
            continue
        spelling = "".join(s.at(i)[1] for i in range(first, last + 1))
        sentence = _SIGNS.get(spelling)
        if sentence is None or (spelling == "<>" and not s.wants_expression):
            continue
        start, end = span_of(s.at(first), s.at(last))
        if spelling in _COMMENT_SIGNS:
            line_end = s.text.find("\n", start)
            end = line_end if line_end >= 0 else len(s.text.rstrip())
        elif spelling in "'`":
            end = _closing_quote(s.text, start, spelling)
        return s.problem((start, end), "foreign-syntax", sentence)
    return None


def _closing_quote(text: str, start: int, quote: str) -> int:
    """The offset behind the quote's partner on the same line; behind the quote itself when it has none."""
    line_end = text.find("\n", start)
    end = text.find(quote, start + 1, line_end if line_end >= 0 else len(text))
    return end + 1 if end >= 0 else start + 1


def foreign_word(s: Situation) -> SyntaxProblem | None:
    """`then`, and `if` without parentheses."""
    if s.previous[1] == "then" and s.at(-2)[0] == "RPAREN" and s.level():
        return s.problem(span_of(s.previous, s.previous), "foreign-syntax", "'if' takes no 'then': if (c) a else b")
    if s.found[0] == "COLON" and s.previous[0] == "RPAREN" and s.wants_expression:
        return s.problem(s.here(), "foreign-syntax", "'if' takes no ':': if (c) a else b")
    if s.previous[0] == "IF" and s.found[0] != "LPAREN":
        return s.problem(s.missing(), "foreign-syntax", "Put the condition of 'if' in parentheses: if (c) a else b")
    return None


def foreign_equals(s: Situation) -> SyntaxProblem | None:
    """`=` where another sign belongs: in a condition, a record, an option, behind an input's name."""
    if s.found[0] != "EQUALS":
        return None
    if s.starts_line:
        return s.problem(s.here(), "missing-name", "Expected a name before '='")
    if s.at(-2)[0] == "IN":
        message = f"Expected ':' and a type after '{shown(s.previous)}'"
        return s.problem(s.here(), "missing-colon", message)
    if s.tokens[0][0] == "IN" and s.in_type:
        advice = f"Use an Optional input: in {shown(s.tokens[1])}: Optional<…>, then {shown(s.tokens[1])} ?? …"
        return s.problem(s.here(), "foreign-syntax", "An input has no default value", advice)
    if s.at(-2)[0] == "OUT":
        name = shown(s.previous)
        return s.problem(s.here(), "foreign-syntax", f"Assign first, then publish: {name} = …, then out {name}")
    if s.accepts("COLON"):
        what = "an option" if any(token[0] == "WITH" for token in s.level()) else "a field"
        return s.problem(s.here(), "foreign-syntax", f"Use ':' between {what} and its value")
    if s.opener[0] == "LPAREN" and s.at(-2)[0] in ("LPAREN", *COMMAS) and s.before_opener()[0] == "NAME":
        message = "Arguments are given in order, without names"
        return s.problem(span_of(s.previous, s.found), "foreign-syntax", message)
    if s.openers and s.after_operand:
        return s.problem(s.here(), "foreign-syntax", "Use '==' to compare; '=' only names a value")
    if s.at(-2)[0] == "DOT":
        return s.problem(s.here(), "foreign-syntax", "Only a name can be assigned; records are merged: r + { f: v }")
    return None


def foreign_access(s: Situation) -> SyntaxProblem | None:
    """`xs[0]`, `x["key"]`, `value.method()`."""
    if s.previous[0] == "LBRACKET" and s.accepts("NAME") and not s.wants_expression:
        if s.found[0] in ("INTEGER", "MINUS"):
            message = "Lists have no index syntax; use list-first(xs) or a filter"
            return s.problem(s.here(), "foreign-syntax", message)
        if s.found[0] in ("STRING", "STRING_START"):
            return s.problem(s.here(), "foreign-syntax", "Fields are named without quotes: r.field or r[field]")
    if s.found[0] == "LPAREN" and s.at(-2)[0] == "DOT":
        message = f"Values have no methods; call {shown(s.previous)}(value)"
        return s.problem(s.here(), "foreign-syntax", message)
    if s.found[0] == "LPAREN" and s.after_operand:
        return s.problem(s.here(), "unexpected-token", "Only a name can be called")
    return None


def foreign_names(s: Situation) -> SyntaxProblem | None:
    """Quoted field names, named arguments, arrows of other languages."""
    quoted = s.found[0] in ("STRING", "STRING_START", "INTEGER") and s.at(1)[0] == "COLON"
    if quoted and s.previous[0] in ("LBRACE", *COMMAS) and s.opener[0] == "LBRACE" and not s.wants_expression:
        return s.problem(s.here(), "foreign-syntax", "Field names are written without quotes: { name: value }")
    named = s.found[0] == "COLON" and s.previous[0] == "NAME" and s.opener[0] == "LPAREN"
    if named and s.before_opener()[0] in ("NAME", "AND", "OR"):
        message = "Arguments are given in order, without names"
        if s.previous[1] in OPTION_NAMES:
            message = f"Options follow the call: f(x) with {s.previous[1]}: …"
        return s.problem(span_of(s.previous, s.found), "foreign-syntax", message)
    if s.found[0] == "COLON" and s.at(-2)[0] == "OUT":
        return s.problem(s.here(), "foreign-syntax", "An output's type is inferred; write only: out name")
    if s.found[0] == "THEN" and s.after_operand and not s.in_arms:
        return s.problem(s.here(), "foreign-syntax", "A lambda is written with '=>': (x) => x + 1")
    if s.found[0] == "ARROW" and (s.previous[0] == "OTHERWISE" or s.in_arms):
        return s.problem(s.here(), "foreign-syntax", "Use '->' between a case and its result")
    return None


def stray_character(s: Situation) -> SyntaxProblem | None:
    """A character no token starts with."""
    kind, text, start, end = s.found
    if kind != BAD:
        return None
    character = text[0]
    visible = character if character.isprintable() and character != " " else f"U+{ord(character):04X}"
    advice: tuple[str, ...] = ()
    if character.isalpha() or character == "$":
        advice = ("Names are made of the letters a to z, digits, '_' and '-'",)
    return s.problem((start, end), "stray-character", f"Unexpected character '{visible}'", *advice)


def chained_comparison(s: Situation) -> SyntaxProblem | None:
    """`a < b < c`."""
    if s.found[0] not in COMPARISONS or not s.after_operand:
        return None
    for token in reversed(s.level()):
        if token[0] in COMPARISONS:
            return s.problem(s.here(), "chained-comparison", "Comparisons cannot be chained; use 'and'")
        if token[0] in ("AND", "OR", "WHEN", "COALESCE", "EQUALS", "ARROW", "THEN", "ELSE", "COLON", *COMMAS):
            return None
    return None
