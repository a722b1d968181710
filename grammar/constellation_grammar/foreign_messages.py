"""Words for constructs of other languages: in types, operators, cases, lambdas, literals and imports.

Owns rules that recognise what somebody meant who knows another language, and name our spelling of it. Each rule
answers with a problem or None for "not my case". Spellings of single signs are in `lexical_messages.py`. Invariant: a
rule answers only where the parser is stuck, so a valid program never meets one.
"""

from __future__ import annotations

from constellation_grammar.situation import COMMAS, NOTHING, Situation, shown, span_of
from constellation_grammar.syntax import SyntaxProblem

_LITERALS = frozenset({"INTEGER", "FLOAT", "STRING", "STRING_START", "TRUE", "FALSE", "MINUS"})
_LAMBDA = "A lambda is written with '=>': (x) => x + 1"
_NO_TUPLES = "There are no tuples: use a record { a: …, b: … }, or a list"


def _foreign(s: Situation, span: tuple[int, int], message: str) -> SyntaxProblem:
    return s.problem(span, "foreign-syntax", message)


# ------------------------------------------------------------------------------------------------------- types


def types(s: Situation) -> SyntaxProblem | None:
    """`Int?`, `Int[]`, `[Int]`, `List(Int)`, `A & B`, `(A, B)`, `A or B`."""
    message = _wanted_type(s) if s.wants_type else _after_type(s) if s.in_type else _optional_field(s)
    if message is None:
        return None
    if s.found[0] == "RBRACKET":
        return _foreign(s, span_of(s.at(-2), s.found), message)
    return _foreign(s, s.here(), message)


def _wanted_type(s: Situation) -> str | None:
    kind = s.found[0]
    if kind == "LBRACKET":
        inner = shown(s.at(1)) if s.at(1)[0] == "NAME" else "…"
        return f"A list type is written List<{inner}>"
    if kind == "RBRACKET" and s.previous[0] == "LBRACKET" and s.at(-2)[0] == "NAME":
        return f"A list type is written List<{shown(s.at(-2))}>"
    if kind == "BAR" and s.previous[0] == "BAR" and s.touches(-1, 0):
        return "Use '|' between the types of a union"
    return None


def _after_type(s: Situation) -> str | None:
    kind, text = s.found[0], s.found[1]
    if text == "?":
        name = shown(s.previous) if s.previous[0] == "NAME" else "…"
        return f"An optional type is written Optional<{name}>"
    if kind == "OR":
        return "Use '|' between the types of a union"
    if kind == "AND" or text == "&":
        return "Two record types are joined with '+': A + B"
    if kind in COMMAS and s.opener[0] == "LPAREN":
        return _NO_TUPLES
    if kind == "LPAREN" and s.previous[0] == "NAME" and s.touches(-1, 0):
        return f"Type arguments stand in '<' and '>': {shown(s.previous)}<…>"
    if kind == "LBRACE":
        return "A record type has no word before its brace: { name: Type }"
    if kind in ("ARROW", "THEN"):
        return "The type of a function cannot be written in a program"
    return None


def _optional_field(s: Situation) -> str | None:
    if s.found[1] == "?" and s.opener[0] == "LBRACE" and s.accepts("COLON") and s.tokens[0][0] in ("IN", "TYPE"):
        return f"An optional field has an optional type: {shown(s.previous)}: Optional<…>"
    return None


# --------------------------------------------------------------------------------------------------- operators


def operators(s: Situation) -> SyntaxProblem | None:
    """`a | b`, `x?.f`, `x ?: y`, `x is T`, `x as T`, `a if c else b`, `;` in brackets, `a::b`."""
    kind, text = s.found[0], s.found[1]
    if text == "?" and s.touches(0, 1) and s.at(1)[0] in ("DOT", "COLON"):
        message = "Use '??' instead of '?:'"
        if s.at(1)[0] == "DOT":
            message = "A plain dot reaches into an optional, too: x.field"
        return _foreign(s, span_of(s.found, s.at(1)), message)
    if text == ";" and s.openers:
        return _foreign(s, s.here(), "Use ',' instead of ';'")
    if kind == "COLON" and s.at(1)[0] == "COLON" and s.touches(0, 1):
        return _foreign(s, span_of(s.found, s.at(1)), "Use '.' instead of '::'")
    if kind in COMMAS and s.opener[0] == "LPAREN" and s.after_operand and s.before_opener()[0] != "NAME":
        return None if _is_note(s) else _foreign(s, s.here(), _NO_TUPLES)
    if not s.after_operand or s.starts_line:
        return None
    meant = _after_operand(s, kind)
    return None if meant is None else _foreign(s, s.here(), meant)


def _is_note(s: Situation) -> bool:
    return s.before_opener()[0] in ("EXAMPLE", "SOURCE", "SINK", "AND", "OR", "NOT") or s.at(1)[0] == "RPAREN"


def _after_operand(s: Situation, kind: str) -> str | None:
    if kind == "BAR" and s.at(1)[0] == "GREATER" and s.touches(0, 1):
        return "There is no '|>' operator; call the function: f(x)"
    if kind == "BAR" and not s.touches(0, 1):
        return "Use 'or' instead of '|'"
    if kind == "IS" and not s.follows_match:
        return "'is' stands only in a match: match x { is Int -> …, _ -> … }"
    if kind == "AS" and s.tokens[0][0] in ("NAME", "IN"):
        return "Values are converted by functions such as to-string(x), not with 'as'"
    if kind == "IF" and s.tokens[0][0] == "OUT":
        return "The condition of an output follows 'when': out x when c"
    if kind == "IF" and not s.accepts("COMMA") and s.at(-2)[0] not in ("IN", "TYPE", "USE"):
        return "The condition stands first: if (c) a else b"
    return None


# ------------------------------------------------------------------------------------------------------- cases


def branch_words(s: Situation) -> SyntaxProblem | None:
    """`else -> …`, `_ -> …` or `default -> …` at the end of a branch."""
    if not s.follows_branch:
        return None
    if s.found[0] == "ELSE" and s.at(1)[0] == "THEN":
        return _foreign(s, s.here(), "Use 'otherwise' instead of 'else' in a branch")
    level = s.level()
    arrows = [index for index, token in enumerate(level) if token[0] == "THEN"]
    if s.found[0] != "RBRACE" or not arrows or not arrows[-1]:
        return None
    word = level[arrows[-1] - 1]
    alone = arrows[-1] == 1 or level[arrows[-1] - 2][0] in COMMAS
    if word[1] in ("_", "default") and alone:
        return _foreign(s, span_of(word, word), f"Use 'otherwise' instead of '{word[1]}' in a branch")
    return None


def match_words(s: Situation) -> SyntaxProblem | None:
    """Patterns and cases of other languages."""
    if s.before_opener()[0] == "MATCH" and (s.previous[0] == "IS" or s.found[0] == "THEN"):
        end = s.before_opener()[3]
        return s.problem((end, end), "missing-expression", "Expected an expression after 'match'")
    if s.found[0] == "COLON" and _in_record_pattern(s):
        return _foreign(s, s.here(), f"A record pattern only names fields: {{ {shown(s.previous)} }}")
    if not s.follows_match:
        return None
    if s.found[0] == "THEN" and s.previous[0] in ("OTHERWISE", "ELSE"):
        return _foreign(
            s, span_of(s.previous, s.previous), f"Use '_' instead of '{s.previous[1]}' for all other cases of a match"
        )
    if s.found[0] == "THEN" and s.previous[0] == "IS":
        return s.problem(s.gap(), "missing-name", "Expected a type's name after 'is'")
    if s.found[0] == "IS" and s.previous[1] == "case":
        return _foreign(s, span_of(s.previous, s.previous), "A case needs no 'case': is Int -> …")
    if s.found[0] in ("LESS", "LBRACKET") and s.at(-2)[0] == "IS":
        message = f"'is' takes a bare name: write type T = {shown(s.previous)}<…> above, then is T"
        return _foreign(s, s.here(), message)
    if s.found[0] in ("WHEN", "IF", "AND", "OR") and s.in_arms and not s.wants_expression:
        return _foreign(s, s.here(), "A case has no condition; decide in its result: if (c) a else b")
    if s.after_operand and s.accepts("COMMA") and (s.found[0] == "IS" or s.at(1)[0] == "THEN"):
        return s.problem(s.gap(), "unexpected-token", "Expected ',' between two cases")
    if s.found[0] in _LITERALS and s.accepts("IS") and not s.wants_expression:
        advice = "To compare with values, use branch { x == 1 -> …, otherwise -> … }"
        message = "Expected a pattern: { field, … }, is Type or _"
        return s.problem(s.here(), "unexpected-token", message, advice)
    return None


def _in_record_pattern(s: Situation) -> bool:
    if len(s.openers) < 2 or s.opener[0] != "LBRACE" or s.before_opener()[0] not in ("LBRACE", *COMMAS):
        return False
    outer = s.openers[-2]
    return s.tokens[outer][0] == "LBRACE" and any(token[0] == "MATCH" for token in s.level(outer))


# ----------------------------------------------------------------------------------------------------- lambdas


def lambdas(s: Situation) -> SyntaxProblem | None:
    """`|x| e`, `lambda x: e`, `(x) => { e }`, `(x): T => e`, `(T x) => e`, `fn(x) => e`."""
    kind = s.found[0]
    if kind == "BAR" and s.wants_expression and s.at(1)[0] == "NAME" and s.at(2)[0] == "BAR":
        return _foreign(s, span_of(s.found, s.at(2)), _LAMBDA)
    if s.previous[1] == "lambda" and kind == "NAME":
        return _foreign(s, span_of(s.previous, s.previous), _LAMBDA)
    if s.before_opener()[0] == "ARROW" and _begins_block(s):
        message = "A lambda's body is an expression, without braces: (x) => x + 1"
        return _foreign(s, span_of(s.opener, s.opener), message)
    if kind == "COLON" and s.previous[0] == "RPAREN" and s.at(2)[0] == "ARROW":
        return _foreign(s, span_of(s.found, s.at(1)), "The type of a lambda's result is inferred: (x) => …")
    if kind == "NAME" and s.previous[0] == "NAME" and s.at(1)[0] == "RPAREN" and s.at(2)[0] == "ARROW":
        message = f"A parameter's type stands behind its name: ({shown(s.found)}: {shown(s.previous)}) => …"
        return _foreign(s, span_of(s.previous, s.found), message)
    if kind == "ARROW" and s.previous[0] == "RPAREN":
        word = _before_parenthesis(s)
        if word[0] == "NAME" and s.at(-2)[0] in ("NAME", "LPAREN"):
            return _foreign(s, span_of(word, word), "A lambda has no name: (x) => x + 1")
    return None


def _before_parenthesis(s: Situation) -> tuple[str, str, int, int]:
    """The token before the parenthesis that was just closed."""
    depth = 0
    for index in range(s.index - 1, -1, -1):
        kind = s.tokens[index][0]
        depth += (kind == "RPAREN") - (kind == "LPAREN")
        if depth == 0:
            return s.at(index - s.index - 1)
    return NOTHING


def _begins_block(s: Situation) -> bool:
    """Whether the innermost brace is opened right here and holds no field."""
    if s.opener[0] != "LBRACE" or s.found[0] == "EQUALS":
        return False
    return s.previous == s.opener or (s.at(-2) == s.opener and s.accepts("COLON"))


# ---------------------------------------------------------------------------------------- literals and records


def literals(s: Situation) -> SyntaxProblem | None:
    """`a..b`, `...x`, comprehensions, `f"…"`, three quotes, `1,000`, blocks behind `if`, comments with two dashes."""
    kind = s.found[0]
    if kind == "MINUS" and s.at(1)[0] == "MINUS" and s.touches(0, 1) and s.starts_line:
        return _foreign(s, span_of(s.found, s.at(1)), "Comments start with '#'")
    if kind == "DOT":
        return _dots(s)
    if s.found[1] == "for" and s.openers:
        return _foreign(s, s.here(), "There are no comprehensions; use map(xs, (x) => …) or filter")
    if s.found[1] == '""' and s.at(1)[0] == "STRING" and s.touches(0, 1):
        return _foreign(s, span_of(s.found, s.at(1)), "There are no triple quotes; comments start with '#'")
    if kind in ("STRING", "STRING_START") and s.touches(-1, 0):
        if s.previous[1] == '""' or s.found[1] == '""':
            message = "There are no triple quotes; a string may go on over several lines"
            return _foreign(s, span_of(s.previous, s.found), message)
        if s.previous[0] == "NAME" and not (s.at(-2)[0] == "STRING" and s.touches(-2, -1)):
            message = 'A string has no prefix; put values into it with "${…}"'
            return _foreign(s, span_of(s.previous, s.previous), message)
    if kind in COMMAS and not s.openers and _groups_digits(s):
        whole = f"{s.previous[1]}{s.at(1)[1]}"
        return _foreign(s, span_of(s.previous, s.at(1)), f"Numbers have no thousands separator: write {whole}")
    if kind == "COLON" and s.opener[0] == "LBRACE" and s.before_opener()[0] == "NAME" and s.at(-2) == s.opener:
        word = s.before_opener()
        return _foreign(s, span_of(word, word), "A record has no name before its brace: { field: value }")
    if _begins_block(s) and _follows_if(s):
        message = "The branches of 'if' are values, without braces: if (c) a else b"
        return _foreign(s, span_of(s.opener, s.opener), message)
    return None


def _groups_digits(s: Situation) -> bool:
    """Whether the unexpected comma touches an integer before it and one of three digits behind it."""
    behind = s.at(1)
    numbers = s.previous[0] == "INTEGER" and behind[0] == "INTEGER" and len(behind[1]) == 3
    return numbers and s.touches(-1, 0) and s.touches(0, 1)


def _dots(s: Situation) -> SyntaxProblem | None:
    if s.previous[0] == "DOT" and s.at(-2)[0] == "INTEGER" and s.touches(-1, 0):
        return _foreign(s, span_of(s.previous, s.found), "There are no ranges; use range(1, 10)")
    if s.at(1)[0] == "DOT" and s.at(2)[0] == "DOT":
        message = "Records are merged with '+': r + { a: 1 }"
        if s.opener[0] == "LBRACKET":
            message = "Lists are joined by a function: list-concat(a, b)"
        return _foreign(s, span_of(s.found, s.at(2)), message)
    return None


def _follows_if(s: Situation) -> bool:
    if s.before_opener()[0] == "ELSE":
        return True
    return s.before_opener()[0] == "RPAREN" and any(token[0] == "IF" for token in s.level(s.openers[-1]))


# ----------------------------------------------------------------------------------------------------- imports


def imports(s: Situation) -> SyntaxProblem | None:
    """`use "a.b"`, `use a.*`, `use a/b`."""
    if s.tokens[0][0] != "USE" or s.starts_line:
        return None
    if s.previous[0] == "USE" and s.found[0] == "STRING":
        return _foreign(s, s.here(), "A namespace is written without quotes: use stdlib.math")
    if s.previous[0] == "DOT" and s.found[0] == "STAR":
        return _foreign(s, span_of(s.previous, s.found), "An import takes the whole namespace; remove the '.*'")
    if s.found[0] in ("SLASH", "COLON"):
        return _foreign(s, s.here(), "The parts of a namespace are joined by dots: use stdlib.math")
    return None
