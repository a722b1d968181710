"""Syntax errors in words (E020), at the place of the mistake.

Owns the order in which the rules are tried: tokens that are none first, then spellings of other languages, options,
brackets, and what is missing; whatever no rule knows is an unexpected token. The rules themselves are in
`lexical_messages.py`, `foreign_messages.py`, `option_messages.py`, `statement_messages.py` and
`structure_messages.py`.

Invariant: there is always exactly one answer.
"""

from __future__ import annotations

from collections.abc import Callable

from constellation_grammar import foreign_messages as foreign
from constellation_grammar import lexical_messages as lexical
from constellation_grammar import option_messages as options
from constellation_grammar import statement_messages as statements
from constellation_grammar import structure_messages as structure
from constellation_grammar.loop import State, stack_after
from constellation_grammar.situation import Situation
from constellation_grammar.syntax import SyntaxProblem
from constellation_grammar.tokens import Token

_RULES: tuple[Callable[[Situation], SyntaxProblem | None], ...] = (
    lexical.unclosed_string,
    lexical.annotation,
    options.option_value,
    options.missing_option,
    options.later_option,
    options.option_without_value,
    options.options_without_with,
    foreign.types,
    foreign.operators,
    foreign.imports,
    foreign.lambdas,
    foreign.match_words,
    foreign.literals,
    lexical.fraction,
    lexical.bad_number,
    lexical.foreign_sign,
    lexical.stray_character,
    lexical.foreign_word,
    lexical.foreign_equals,
    statements.stray_word,
    lexical.foreign_access,
    lexical.foreign_names,
    options.misplaced_annotation,
    options.annotation_arguments,
    foreign.branch_words,
    structure.missing_comma,
    structure.branch_cases,
    structure.missing_field,
    structure.brackets,
    structure.commas,
    structure.match_patterns,
    options.misplaced_options,
    lexical.chained_comparison,
    structure.open_end,
    structure.operand_only,
    structure.missing_else,
    structure.missing_arrow,
    structure.reserved_name,
    structure.missing_name,
    structure.missing_colon,
    structure.missing_type,
    structure.missing_expression,
)


def explain(text: str, tokens: list[Token], index: int, start: State) -> SyntaxProblem:
    """The problem a person should read.

    `tokens` are those of the text, read tolerantly; `index` is that of the first one a parser which begins in the
    state `start` cannot take, or their number when the text ends too early.
    """
    situation = Situation(text, tokens, index, stack_after(start, tokens[:index]))
    for rule in _RULES:
        problem = rule(situation)
        if problem is not None:
            return problem
    return structure.unexpected(situation)
