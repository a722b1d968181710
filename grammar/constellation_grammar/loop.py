"""The LALR loop: tokens → declarations, driven by the tables.

Owns shifting and reducing. Knows no construct of the language: the tables say when, the builders say what. Never
recurses, so nesting costs memory only.

A rule that merely passes its child on (a rung of the precedence ladder) costs nothing: after a reduction, the state
reached through all following rungs is remembered per state, nonterminal and lookahead. Invariant: the result equals
that of Lark's own loop on the same tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from constellation_grammar.syntax import Declaration
from constellation_grammar.tables import END, Tables
from constellation_grammar.tokens import OPTION_KINDS, Token

_Reduction = tuple[str, int, Any]


class State(dict[str, Any]):
    """A parser state: per terminal the state to shift to, the reduction to make, or None to accept."""

    __slots__ = ("gotos", "settled")

    def __init__(self) -> None:
        super().__init__()
        self.gotos: dict[str, State] = {}
        self.settled: dict[tuple[str, str], State] = {}


class Unexpected(Exception):
    """A token that cannot stand where it stands."""

    def __init__(self, token: Token) -> None:
        super().__init__(token)
        self.token = token


class Machine:
    """The automaton made from tables and builders. Holds no state of a parse; safe to share between threads."""

    def __init__(self, tables: Tables, builders: Mapping[str, Any]) -> None:
        states = [State() for _ in tables.actions]
        rules: list[_Reduction] = [
            (rule.nonterminal, rule.length, None if rule.builder is None else builders[rule.builder])
            for rule in tables.rules
        ]
        for state, actions, gotos in zip(states, tables.actions, tables.gotos, strict=True):
            for terminal, action in actions.items():
                state[terminal] = states[action] if action >= 0 else rules[~action]
            state.gotos = {nonterminal: states[target] for nonterminal, target in gotos.items()}
        self.start = states[tables.start]
        states[tables.end][END] = None

    def run(self, tokens: Iterable[Token], stack: list[State]) -> list[Declaration]:
        """Parse tokens, the last of which has the kind `END`. `stack` holds the start state and is used up.

        Raises `Unexpected` at the first token that cannot stand, and whatever a builder raises.
        """
        state = stack[0]
        values: list[Any] = []
        push, keep = stack.append, values.append
        for token in tokens:
            kind = token[0]
            while True:
                try:
                    action = state[kind]
                except KeyError:
                    other = _kind_here(state, token)
                    if other is None:
                        raise Unexpected(token) from None
                    kind = other
                    continue
                if action.__class__ is State:
                    state = action
                    push(state)
                    keep(token)
                    break
                if action is None:
                    result: list[Declaration] = values[-1]
                    return result
                nonterminal, length, build = action
                if length == 1:
                    if build is not None:
                        values[-1] = build(values[-1:])
                    stack.pop()
                    below = stack[-1]
                elif length:
                    children = values[-length:]
                    del stack[-length:], values[-length:]
                    keep(build(children))
                    below = stack[-1]
                else:
                    keep(build(()))
                    below = state
                try:
                    state = below.settled[nonterminal, kind]
                except KeyError:
                    state = below.settled[nonterminal, kind] = _settle(below, nonterminal, kind)
                push(state)
        raise AssertionError("the tokens did not end with the end token")


def stack_after(start: State, tokens: Iterable[Token]) -> list[State]:
    """The parser's states right behind these tokens, before any look at the next; the tokens must be acceptable."""
    stack = [start]
    for token in tokens:
        kind = token[0]
        while True:
            action = stack[-1].get(kind)
            if action is None:
                other = _kind_here(stack[-1], token)
                if other is None:
                    return stack
                kind = other
            elif isinstance(action, State):
                stack.append(action)
                break
            else:
                nonterminal, length, _ = action
                if length:
                    del stack[-length:]
                stack.append(stack[-1].gotos[nonterminal])
    return stack


def acceptable(stack: list[State], kind: str) -> bool:
    """Whether the parser with this stack could take a token of this kind, all reductions before it included."""
    states = list(stack)
    while True:
        action = states[-1].get(kind, False)
        if action is False:
            return False
        if action is None or isinstance(action, State):
            return True
        nonterminal: str
        length: int
        nonterminal, length, _ = action
        if length:
            del states[-length:]
        states.append(states[-1].gotos[nonterminal])


def _settle(below: State, nonterminal: str, kind: str) -> State:
    """The state after a reduction and all rungs of the ladder that follow it on this lookahead."""
    state = below.gotos[nonterminal]
    while True:
        action = state.get(kind)
        if not isinstance(action, tuple) or action[2] is not None:
            return state
        state = below.gotos[action[0]]


def _kind_here(state: State, token: Token) -> str | None:
    """The other kind a token may have by its position: an option's name, a plain quoted string."""
    kind: str | None = None
    if token[0] == "NAME":
        kind = OPTION_KINDS.get(token[1])
    elif token[0] == "STRING":
        kind = "QUOTED"
    return kind if kind is not None and kind in state else None
