"""Which alternatives of the grammar a program uses: the plain LALR automaton, counting its reductions."""

from __future__ import annotations

from collections import Counter
from itertools import chain

from constellation_grammar.tables import END, Tables
from constellation_grammar.tokens import OPTION_KINDS, scan_exactly


def alternatives_used(tables: Tables, text: str) -> Counter[int]:
    """How often each rule of the tables is reduced while a valid text is parsed."""
    counts: Counter[int] = Counter()
    stack = [tables.start]
    tokens = scan_exactly(text, lambda: tables.actions[stack[-1]])
    for kind, word, _, _ in chain(tokens, [(END, "", 0, 0)]):
        while True:
            actions = tables.actions[stack[-1]]
            if kind not in actions:
                if stack[-1] == tables.end:
                    return counts
                kind = OPTION_KINDS[word]
                continue
            action = actions[kind]
            if action >= 0:
                stack.append(action)
                break
            rule = tables.rules[~action]
            counts[~action] += 1
            if rule.length:
                del stack[-rule.length :]
            stack.append(tables.gotos[stack[-1]][rule.nonterminal])
    return counts
