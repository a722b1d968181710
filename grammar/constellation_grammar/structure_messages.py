"""Words for what is missing, left open or too much.

Each rule answers with a problem or None for "not my case". Invariant: something missing is reported right behind the
token it should follow; something wrong at the token itself.
"""

from __future__ import annotations

from constellation_grammar.situation import (
    COMMAS,
    COMPARISONS,
    OPERATORS,
    RESERVED_KINDS,
    Situation,
    shown,
    span_of,
)
from constellation_grammar.syntax import Related, SyntaxProblem
from constellation_grammar.tokens import CLOSERS, OPENERS, Token

_CLOSING = {"LPAREN": ")", "LBRACKET": "]", "LBRACE": "}", "STRING_START": "}", "LESS": ">"}
_OPENING = {"LPAREN": "(", "LBRACKET": "[", "LBRACE": "{", "STRING_START": "${", "LESS": "<"}
_NOT_OPERANDS = frozenset({"AND", "OR", "WHEN", "ELSE", "AS", "WITH"})
_OPEN_ENDS = OPERATORS | {"DOT", "LBRACKET", "LBRACE"}
_ITEMS = {"LBRACKET": "items", "LPAREN": "arguments"}
_NO_ITEMS = (
    OPERATORS
    | COMMAS
    | set(CLOSERS)
    | {"DOT", "COLON", "THEN", "ARROW", "ELSE", "WITH", "AS", "EQUALS", "IN", "OUT", "USE", "TYPE"}
)
_OTHERWISE = "Branch must have an 'otherwise' clause as the last item"


def brackets(s: Situation) -> SyntaxProblem | None:
    """A bracket without its partner."""
    kind = s.found[0]
    begins = kind in ("IN", "OUT", "TYPE", "USE") and s.at(1)[0] == "NAME"
    if s.ended or (begins and s.openers and not s.wants_expression):
        return _unclosed(s, s.opener) if s.openers else _unclosed_type_arguments(s)
    if kind not in CLOSERS or kind == "STRING_END":
        return None
    if s.in_type and s.accepts("GREATER"):
        problem = _unclosed_type_arguments(s)
        if problem is not None:
            return problem
    if not s.openers:
        return s.problem(s.here(), "unexpected-closing", f"Unexpected '{s.found[1]}'")
    if CLOSERS[kind] == s.opener[0]:
        return None
    if any(s.tokens[index][0] == CLOSERS[kind] for index in s.openers):
        return _unclosed(s, s.opener)
    return s.problem(s.here(), "unexpected-closing", f"Unexpected '{s.found[1]}'")


def _unclosed(s: Situation, opener: Token) -> SyntaxProblem:
    closing, opening = _CLOSING[opener[0]], _OPENING[opener[0]]
    end = opener[3]
    related = (Related(end - len(opening), end, f"The '{opening}' opened here"),)
    message = f"Missing '{closing}' to close the '{opening}' opened here"
    return s.problem(s.gap(), "unclosed-bracket", message, f"Insert '{closing}'", related=related)


def _unclosed_type_arguments(s: Situation) -> SyntaxProblem | None:
    if not s.accepts("GREATER") or not s.in_type:
        return None
    depth = 0
    for token in reversed(s.level()):
        if token[0] == "GREATER":
            depth += 1
        elif token[0] == "LESS":
            if depth == 0:
                return _unclosed(s, token)
            depth -= 1
    return None


def commas(s: Situation) -> SyntaxProblem | None:
    """A comma with nothing behind it where none may trail, and one where none belongs."""
    closes = s.found[0] in CLOSERS or s.ended
    if s.previous[0] in COMMAS and closes and not s.follows_branch and not s.follows_match:
        return s.problem(span_of(s.previous, s.previous), "trailing-comma", "Trailing comma")
    if s.found[0] not in COMMAS or not s.after_operand:
        return None
    if s.at(1)[0] in CLOSERS or s.at(1)[0] in ("$END", "ELSE", "AS") or s.found[0] == "CLOSING_COMMA":
        return s.problem(s.here(), "trailing-comma", "Trailing comma")
    if any(token[0] == "WITH" for token in s.level()) and s.at(1)[0] in COMMAS:
        return s.problem((s.found[3], s.found[3]), "missing-option", "Expected an option such as 'retry: 3' after ','")
    if not s.openers:
        is_output = s.tokens[0][0] == "OUT"
        advice = "Every output has a line of its own" if is_output else "Declarations are not separated by commas"
        return s.problem(s.here(), "unexpected-token", "Unexpected ','", advice)
    return None


def missing_comma(s: Situation) -> SyntaxProblem | None:
    """Two fields, cases, items or arguments with only a line end between them."""
    if s.ended or not s.openers or not s.accepts("COMMA", "OPTION_COMMA", "CLOSING_COMMA"):
        return None
    if s.opener[0] == "LBRACE" and s.at(1)[0] == "COLON" and s.found[0] in ("NAME", *RESERVED_KINDS):
        return s.problem(s.missing(), "unexpected-token", "Expected ',' between two fields")
    if not s.starts_line or not (s.after_operand or s.in_type) or s.found[0] in _NO_ITEMS:
        return None
    what = "cases" if s.follows_branch else _ITEMS.get(s.opener[0])
    if s.opener[0] == "LPAREN" and s.before_opener()[0] != "NAME":
        return None
    return None if what is None else s.problem(s.missing(), "unexpected-token", f"Expected ',' between two {what}")


def branch_cases(s: Situation) -> SyntaxProblem | None:
    """A branch without `otherwise`, or with something behind it."""
    if not s.follows_branch:
        return None
    level = s.level()
    has_otherwise = any(token[0] == "OTHERWISE" for token in level)
    if s.found[0] == "RBRACE" and not has_otherwise and (s.after_operand or s.previous[0] in ("LBRACE", *COMMAS)):
        if level and not any(token[0] == "THEN" for token in level):
            return None
        return s.problem(s.here(), "missing-otherwise", _OTHERWISE)
    if has_otherwise and s.previous[0] in COMMAS:
        return s.problem(s.here(), "missing-otherwise", _OTHERWISE)
    if s.found[0] == "OTHERWISE" and s.after_operand and s.accepts("COMMA"):
        return s.problem(s.gap(), "unexpected-token", "Expected ',' between two cases")
    return None


def missing_arrow(s: Situation) -> SyntaxProblem | None:
    """A branch or match case without `->`."""
    if not s.in_arms or s.wants_expression:
        return None
    if s.found[0] in OPERATORS and s.after_operand:
        return None
    return s.problem(s.missing(), "missing-arrow", "Expected '->' and a result")


def match_patterns(s: Situation) -> SyntaxProblem | None:
    """What stands in a match where a pattern should, and a match without cases."""
    if s.accepts("IS") and not s.wants_expression and s.follows_match:
        if s.found[0] == "RBRACE" and s.previous[0] == "LBRACE":
            message = "A match needs at least one case: { field } -> …, is Type -> … or _ -> …"
            return s.problem(s.gap(), "unexpected-token", message)
        message = "Expected a pattern: { field, … }, is Type or _"
        return s.problem(s.missing(), "unexpected-token", message)
    if s.previous[0] == "MATCH" and s.found[0] in ("IF", "NOT", "MINUS"):
        message = f"'{s.found[1]}' needs parentheses around it here: match (…) {{ … }}"
        return s.problem(s.here(), "unexpected-token", message)
    if s.previous[0] == "BRANCH":
        return s.problem(
            s.missing(), "unexpected-token", "Expected the cases in braces: branch { c -> …, otherwise -> … }"
        )
    if s.after_operand and s.accepts("LBRACE") and not s.wants_expression and not s.accepts("PLUS", "WHEN"):
        return s.problem(s.missing(), "unexpected-token", "Expected the cases in braces: match x { _ -> … }")
    return None


def missing_else(s: Situation) -> SyntaxProblem | None:
    """`if (c) e` and no `else`."""
    if not s.accepts("ELSE") or not s.after_operand or (s.found[0] == "COLON" or s.found[0] in COMPARISONS):
        return None
    if s.found[1].lower() in ("elif", "elseif", "elsif", "else"):
        wanted = "else" if s.found[1].lower() == "else" else "else if"
        return s.problem(s.here(), "foreign-syntax", f"Use '{wanted}' instead of '{shown(s.found)}'")
    message = "'if' needs an 'else' branch: every expression has a value"
    return s.problem(s.gap(), "missing-else", message)


def open_end(s: Situation) -> SyntaxProblem | None:
    """An operator or a postfix behind a construct that takes everything to its right."""
    if s.found[0] not in _OPEN_ENDS or not s.after_operand:
        return None
    for token in reversed(s.level()):
        if token[0] == "ELSE":
            message = "'if … else' ends its expression: put it in parentheses to go on"
            return s.problem(s.here(), "unexpected-token", message)
        if token[1] == "fallback":
            message = "'fallback:' takes everything to its right: put the call in parentheses to go on"
            return s.problem(s.here(), "unexpected-token", message)
    return None


def operand_only(s: Situation) -> SyntaxProblem | None:
    """`not e` and lambdas where only an operand may stand, `and` without its left side."""
    if s.found[0] == "ARROW" and s.after_operand:
        if s.previous[0] == "RPAREN" and not any(token[0] in OPERATORS for token in s.level()[-2:]):
            return s.problem(s.here(), "unexpected-token", "A lambda's parameters are names: (a, b: Int) => …")
        return s.problem(s.here(), "unexpected-token", "A lambda needs parentheses around it here")
    if s.previous[0] in ("NOT", "AND", "OR") and s.accepts("LPAREN") and not s.wants_expression:
        span = span_of(s.previous, s.previous)
        if s.previous[0] == "NOT":
            return s.problem(span, "unexpected-token", "'not' needs parentheses around it here: (not x)")
        return s.problem(span, "missing-expression", f"Expected an expression before '{s.previous[1]}'")
    if s.previous[0] == "RPAREN" and s.accepts("ARROW") and not s.accepts("DOT", "$END"):
        closing = s.at(-2)
        if closing[0] in COMMAS and s.at(-4)[0] == "LPAREN":
            return s.problem(span_of(closing, closing), "trailing-comma", "Trailing comma")
        advice = "There are no tuples: use a list [a, b] or a record { a: x, b: y }"
        if not s.openers:
            return s.problem(s.missing(), "foreign-syntax", advice)
        return s.problem(s.missing(), "unexpected-token", "Expected '=>' after a lambda's parameters", advice)
    return None


def reserved_name(s: Situation) -> SyntaxProblem | None:
    """A reserved word where a name should be."""
    kind = s.found[0]
    if kind not in RESERVED_KINDS:
        return None
    message = f"'{s.found[1]}' is a reserved word and cannot be a name"
    if s.at(1)[0] == "EQUALS":
        return s.problem(s.here(), "reserved-name", message)
    if s.starts_line and kind in _NOT_OPERANDS:
        return None
    if not s.wants_expression and s.accepts("EQUALS", "$END", "OUT") and kind in ("IF", "BRANCH", "MATCH", "NOT"):
        return s.problem(s.here(), "unexpected-token", f"An expression needs a name: result = {s.found[1]} …")
    if s.accepts("NAME") and not s.after_operand and s.previous[0] != "MATCH":
        if s.wants_expression and kind in _NOT_OPERANDS:
            return None
        return s.problem(s.here(), "reserved-name", message)
    return None


def missing_name(s: Situation) -> SyntaxProblem | None:
    """`in`, `out`, `type`, `use`, `as` with no name behind."""
    if s.previous[0] in ("IN", "OUT", "USE") and s.found[0] == "EQUALS":
        message = f"'{s.previous[1]}' is a reserved word and cannot be a name"
        return s.problem(span_of(s.previous, s.previous), "reserved-name", message)
    if s.previous[0] == "IN" and s.found[0] in ("LBRACKET", "LPAREN"):
        advice = "To look into a list, call list-contains(xs, x)"
        return s.problem(s.missing(), "missing-name", "Expected a name after 'in'", advice)
    if s.previous[0] in ("IN", "OUT", "TYPE", "USE", "AS"):
        return s.problem(s.missing(), "missing-name", f"Expected a name after '{s.previous[1]}'")
    return None


def missing_colon(s: Situation) -> SyntaxProblem | None:
    """`in x` without a type, `type T` without `=`, a field without its value."""
    if s.at(-2)[0] == "IN" and s.accepts("COLON"):
        return s.problem(s.missing(), "missing-colon", f"Expected ':' and a type after '{shown(s.previous)}'")
    if s.at(-2)[0] == "TYPE" and s.accepts("EQUALS"):
        return s.problem(s.missing(), "unexpected-token", f"Expected '=' and a type after '{shown(s.previous)}'")
    if s.opener[0] == "LBRACE" and s.accepts("COLON") and s.previous[0] not in COMMAS and s.previous[0] != "LBRACE":
        typed = any(token[0] in {"IN", "TYPE"} and token[2] < s.opener[2] for token in s.tokens)
        message = f"Expected ':' and a {'type' if typed else 'value'} after '{shown(s.previous)}'"
        return s.problem(s.missing(), "unexpected-token", message)
    return None


def missing_field(s: Situation) -> SyntaxProblem | None:
    """A dot, or the bracket of a projection, with no name behind."""
    if s.previous[0] == "DOT":
        what = "a name" if s.tokens[0][0] == "USE" else "a field name"
        return s.problem(s.missing(), "missing-field", f"Expected {what} after '.'")
    if s.previous[0] in ("LBRACKET", "LBRACE") and _wants_field(s) and s.found[0] in (*CLOSERS, *COMMAS):
        if s.previous[0] == "LBRACE" and s.follows_match:
            return None
        return s.problem(s.gap(), "missing-field", f"Expected a field name after '{s.previous[1]}'")
    return None


def _wants_field(s: Situation) -> bool:
    """Whether a field name may stand here: any word, reserved or not."""
    return s.accepts("OTHERWISE") and s.accepts("ELSE") and s.accepts("NAME")


def missing_type(s: Situation) -> SyntaxProblem | None:
    """Nothing that could be a type where one belongs."""
    if not s.wants_type:
        return None
    return s.problem(s.missing(), "missing-type", f"Expected a type after '{shown(s.previous)}'")


def missing_expression(s: Situation) -> SyntaxProblem | None:
    """Nothing that could be an expression where one belongs."""
    if not s.wants_expression or s.previous[0] == "$END":
        return None
    after = "${" if s.previous[0] in ("STRING_START", "STRING_MIDDLE") else shown(s.previous)
    if s.previous[0] in OPENERS and s.found[0] in CLOSERS and not s.accepts(s.found[0]):
        return s.problem(s.gap(), "missing-expression", f"Expected an expression after '{after}'")
    return s.problem(s.missing(), "missing-expression", f"Expected an expression after '{after}'")


# --------------------------------------------------------------------------------------------- anything else

_ALTERNATIVES = (
    ("COMMA", "','"),
    ("RPAREN", "')'"),
    ("RBRACKET", "']'"),
    ("RBRACE", "'}'"),
    ("STRING_END", "'}'"),
    ("COLON", "':'"),
    ("EQUALS", "'='"),
    ("THEN", "'->'"),
    ("ELSE", "'else'"),
    ("IN", "'in'"),
    ("LPAREN", "'('"),
    ("LBRACE", "'{'"),
    ("NAME", "a name"),
)


def unexpected(s: Situation) -> SyntaxProblem:
    """Any other token out of place."""
    if s.ended:
        return s.problem(s.gap(), "unexpected-token", "Unexpected end of the text")
    message = f"Unexpected '{shown(s.found)}'"
    if s.accepts("$END"):
        if s.starts_line and s.found[0] in ("INTEGER", "FLOAT", "STRING", "STRING_START", "TRUE", "FALSE", "LPAREN"):
            message = f"An expression needs a name: result = {shown(s.found)}"
        return s.problem(s.here(), "unexpected-token", message)
    names = [text for kind, text in _ALTERNATIVES if s.accepts(kind)]
    if s.after_operand:
        names = [name for name in names if name not in ("'('", "'{'")]
    if _wants_field(s):
        names = [*(name for name in names if name[0] == "'" and not name[1].isalpha()), "a field name"]
    names = names[:3]
    if names:
        message += ": expected " + (names[0] if len(names) == 1 else ", ".join(names[:-1]) + " or " + names[-1])
    return s.problem(s.here(), "unexpected-token", message)
