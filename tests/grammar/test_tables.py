"""The shipped tables are those of the shipped grammar."""

from __future__ import annotations

import lark

from constellation_grammar import tables
from constellation_grammar.builder import BUILDERS


def test_the_shipped_tables_are_fresh() -> None:
    shipped = tables.load()
    assert shipped.grammar == tables.grammar_digest(), "run: python -m constellation_grammar.tables"
    assert shipped.lark == lark.__version__
    assert shipped == tables.compute()


def test_only_the_known_conflicts_exist() -> None:
    """All are about the comma behind nested options, and all mean: the innermost `with` takes it."""
    assert tables.load().conflicts == (
        "CLOSING_COMMA: <open_construct : called WITH options_open>",
        "CLOSING_COMMA: <primary : called WITH options_closed>",
        "OPTION_COMMA: <open_construct : called WITH options_open>",
        "OPTION_COMMA: <primary : called WITH options_closed>",
    )


def test_every_named_alternative_has_a_builder_and_every_builder_an_alternative() -> None:
    named = {rule.builder for rule in tables.load().rules if rule.builder is not None}
    assert named == set(BUILDERS)
