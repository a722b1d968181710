"""The parse tables: what Lark's LALR analysis of `constellation.lark` yields, as plain data.

Owns their computation, their canonical form and their file. Refuses to parse anything. The tables are computed ahead
of time and shipped as `constellation_tables.json`, so that nothing imports Lark at run time:

    python -m constellation_grammar.tables          # write the file again after the grammar has changed

Lark offers its tables only through a private attribute; therefore its version is pinned exactly and recorded in the
file. Invariant: the shipped file equals what `compute()` makes of the shipped grammar (a test compares them); states
are numbered in order of first visit from the start, so equal grammars give byte-equal files.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

GRAMMAR_FILE = Path(__file__).with_name("constellation.lark")
TABLES_FILE = Path(__file__).with_name("constellation_tables.json")

END = "$END"
"""The terminal behind the last token."""


class Rule(msgspec.Struct, frozen=True, array_like=True):
    """A grammar alternative: its nonterminal, how many symbols it takes, and its builder (None: pass the child on)."""

    nonterminal: str
    length: int
    builder: str | None


class Tables(msgspec.Struct, frozen=True):
    """LALR(1) tables. In `actions` a number ≥ 0 is the state to shift to, `~n` reduces by rule n.

    `conflicts` are the shift/reduce conflicts as `TERMINAL: rule`, sorted; all are resolved by shifting.
    """

    grammar: str
    lark: str
    start: int
    end: int
    rules: tuple[Rule, ...]
    actions: tuple[dict[str, int], ...]
    gotos: tuple[dict[str, int], ...]
    conflicts: tuple[str, ...]


def load() -> Tables:
    """The shipped tables."""
    return msgspec.json.decode(TABLES_FILE.read_bytes(), type=Tables)


def grammar_digest() -> str:
    """SHA-256 of the grammar's text."""
    return hashlib.sha256(GRAMMAR_FILE.read_bytes()).hexdigest()


def compute() -> Tables:
    """Let Lark analyse the grammar. Takes about a quarter of a second; imports Lark."""
    import lark
    from lark.parsers.lalr_analysis import Shift

    table, conflicts = _analyse(lark)
    order, numbers = _visit(table.states, table.start_states["start"], Shift)
    rules: dict[Any, int] = {}
    actions: list[dict[str, int]] = []
    gotos: list[dict[str, int]] = []
    for state in order:
        row: dict[str, int] = {}
        goto: dict[str, int] = {}
        for symbol, (action, argument) in sorted(table.states[state].items(), key=lambda item: str(item[0])):
            name = str(symbol)
            if action is not Shift:
                row[name] = ~rules.setdefault(argument, len(rules))
            elif name.isupper() or name == END:
                row[name] = numbers[argument]
            else:
                goto[name] = numbers[argument]
        actions.append(row)
        gotos.append(goto)
    return Tables(
        grammar=grammar_digest(),
        lark=lark.__version__,
        start=numbers[table.start_states["start"]],
        end=numbers[table.end_states["start"]],
        rules=tuple(_rule(rule) for rule in rules),
        actions=tuple(actions),
        gotos=tuple(gotos),
        conflicts=conflicts,
    )


def write() -> None:
    """Compute the tables and write the file that is shipped."""
    TABLES_FILE.write_bytes(msgspec.json.encode(compute()) + b"\n")


def _analyse(lark: Any) -> tuple[Any, tuple[str, ...]]:
    """Lark's parse table, and the conflicts it only logs."""
    lines: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(record.getMessage())

    handlers, level = lark.logger.handlers, lark.logger.level
    lark.logger.handlers = [Listener()]
    lark.logger.setLevel(logging.DEBUG)
    try:
        parser = lark.Lark(
            GRAMMAR_FILE.read_text(encoding="utf-8"),
            parser="lalr",
            lexer="contextual",
            keep_all_tokens=True,
            maybe_placeholders=False,
        )
    finally:
        lark.logger.handlers = handlers
        lark.logger.setLevel(level)
    table: Any = parser.parser.parser._parse_table
    conflicts: list[str] = []
    for first, second in pairwise(lines):
        if first.startswith("Shift/Reduce conflict for terminal "):
            terminal = first.removeprefix("Shift/Reduce conflict for terminal ").partition(":")[0]
            conflicts.append(f"{terminal}: {second.removeprefix(' * ')}")
    return table, tuple(sorted(conflicts))


def _visit(states: Mapping[int, Any], start: int, shift: object) -> tuple[list[int], dict[int, int]]:
    """Lark's state numbers in order of first visit, and the new number of each."""
    order = [start]
    numbers = {start: 0}
    for state in order:
        for _, (action, target) in sorted(states[state].items(), key=lambda item: str(item[0])):
            if action is shift and target not in numbers:
                numbers[target] = len(order)
                order.append(target)
    return order, numbers


def _rule(rule: Any) -> Rule:
    passes_on = rule.alias is None and rule.options.expand1 and len(rule.expansion) == 1
    name = rule.alias or rule.origin.name
    return Rule(str(rule.origin.name), len(rule.expansion), None if passes_on else str(name))


if __name__ == "__main__":
    write()
