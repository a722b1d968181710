"""Words for what stands where a declaration may begin and begins none.

Owns the reading of stray words: declarations of other languages, expressions without a name, options without `with`.
Each rule answers with a problem or None for "not my case". Invariant: the problem stands at the stray word.
"""

from __future__ import annotations

from constellation_grammar.situation import COMMAS, OPERATORS, Situation, shown, span_of
from constellation_grammar.syntax import OPTION_NAMES, RESERVED_WORDS, SyntaxProblem
from constellation_grammar.tokens import Token


def stray_word(s: Situation) -> SyntaxProblem | None:
    """A word where a declaration may begin that begins none."""
    word = s.stray
    if word[0] != "NAME":
        return None
    span = span_of(word, word)
    if s.found[0] == "COLON" and word[1] in OPTION_NAMES and any(token[0] == "WITH" for token in s.level()):
        end = s.at(-2)[3]
        return s.problem((end, end), "unexpected-token", "Expected ',' between two options")
    if s.found[0] == "COLON" and s.at(1)[0] == "NAME" and s.at(2)[0] == "EQUALS":
        advice = f"Write {shown(word)} = …"
        return s.problem((s.found[2], s.at(1)[3]), "foreign-syntax", "The type of an assignment is inferred", advice)
    foreign = _FOREIGN_DECLARATIONS.get(word[1]) or _foreign_statement(s, word)
    if foreign:
        return s.problem(span, "foreign-syntax", foreign)
    if s.found[0] == "LPAREN" and s.touches(-1, 0):
        return s.problem(
            span, "unexpected-token", f"The result of '{shown(word)}' needs a name: result = {shown(word)}(…)"
        )
    message = f"Unexpected '{shown(word)}'"
    if s.at(-2)[0] == "NAME" and s.at(-3)[0] not in ("IN", "TYPE", "OUT", "USE") and not s.begins_line(-1):
        return s.problem(span, "unexpected-token", message, f"A call takes parentheses: {shown(s.at(-2))}(…)")
    advice = "A declaration starts with in, out, type, use, an annotation, or name ="
    return s.problem(span, "unexpected-token", message, advice)


def _foreign_statement(s: Situation, word: Token) -> str:
    """What a word means that stands where a declaration may begin, judged by what is around it; else nothing."""
    text = shown(word)
    if s.found[0] == "COLON" and word[1] in OPTION_NAMES and s.at(-2)[0] == "RPAREN" and not s.begins_line(-1):
        return f"Options follow 'with': f(x) with {text}: …"
    if word[1].lower() in RESERVED_WORDS and word[1].lower() != word[1]:
        return f"Reserved words are written small: {word[1].lower()}"
    if s.at(-2)[0] in ("STRING", "STRING_END") and s.touches(-2, -1):
        return 'A quote inside a string is written \\"'
    if word[1] in _WORD_OPERATORS and s.at(-2)[0] != "EQUALS" and not s.begins_line(-1):
        return _WORD_OPERATORS[word[1]]
    if s.at(-2)[1] in _NO_MARKERS:
        return f"A call needs no '{s.at(-2)[1]}'"
    if not s.begins_line(-1):
        return ""
    if s.found[0] == "COLON":
        return f"An input begins with 'in': in {text}: …"
    if s.found[0] == "LESS" and s.at(1)[0] == "MINUS" and s.touches(0, 1):
        return f"Use '=' to name a value, not '<-': {text} = …"
    if s.found[1] == "==":
        return f"Use '=' to name a value: {text} = …"
    if s.found[0] in COMMAS:
        return "An assignment has one name"
    if s.found[0] in OPERATORS:
        return f"An expression needs a name: result = {text} …"
    return ""


_FOREIGN_DECLARATIONS = {
    "let": "A declaration needs no 'let': name = value",
    "var": "A declaration needs no 'var': name = value",
    "val": "A declaration needs no 'val': name = value",
    "const": "A declaration needs no 'const': name = value",
    "set": "A declaration needs no 'set': name = value",
    "return": "Use 'out' instead of 'return'",
    "output": "Use 'out' instead of 'output'",
    "input": "Use 'in' instead of 'input'",
    "param": "Use 'in' instead of 'param'",
    "import": "Use 'use' instead of 'import'",
    "include": "Use 'use' instead of 'include'",
    "from": "Use 'use' instead of 'from': use stdlib.math",
    "record": "Use 'type' instead of 'record': type Name = { … }",
    "struct": "Use 'type' instead of 'struct': type Name = { … }",
    "class": "Use 'type' instead of 'class': type Name = { … }",
    "interface": "Use 'type' instead of 'interface': type Name = { … }",
    "enum": "There are no enumerations; use String, or a union of records",
    "for": "There are no loops; use map or filter on a list",
    "foreach": "There are no loops; use map or filter on a list",
    "while": "There are no loops; use map or filter on a list",
    "def": "Functions are registered by the host, not defined in a pipeline",
    "fn": "Functions are registered by the host, not defined in a pipeline",
    "func": "Functions are registered by the host, not defined in a pipeline",
    "function": "Functions are registered by the host, not defined in a pipeline",
}


_WORD_OPERATORS = {
    "instanceof": "The type of a value is asked in a match: match x { is Int -> …, _ -> … }",
    "mod": "There is no 'mod' operator; use modulo(a, b)",
    "div": "Use '/' instead of 'div'",
    "equals": "Use '==' instead of 'equals'",
    "then": "'if' takes no 'then': if (c) a else b",
}
_NO_MARKERS = frozenset({"await", "async", "new"})
