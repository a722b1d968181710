"""What is understood of a declaration while it is being typed. `‹…›` is a hole, `‹name›` a name still missing."""

from __future__ import annotations

import pytest

from constellation_grammar.document import Document
from constellation_grammar.syntax import Hole, Name, Node
from constellation_grammar.tree import parse_tree

STATES = """
in                           | Broken
in x                         | Input(x, ‹type›)
in x:                        | Input(x, ‹type›)
in x: List<                  | Input(x, GenericType(List, ‹type›))
in x: { a:                   | Input(x, RecordType(TypeField(a, ‹type›)))
in x: Int |                  | Input(x, UnionType(NamedType(Int), ‹type›))
type T =                     | TypeDefinition(T, ‹type›)
use                          | Broken
use a.                       | Use(a)
use a.b as                   | Use(a.b, ‹name›)
out                          | Output(‹expression›)
out x as                     | Output(Variable(x), ‹name›)
out x when                   | Output(Guard(Variable(x), ‹expression›))
x =                          | Assignment(x, ‹expression›)
x = u.                       | Assignment(x, FieldAccess(Variable(u), ‹name›))
x = a +                      | Assignment(x, Arithmetic(+, Variable(a), ‹expression›))
x = a ??                     | Assignment(x, Coalesce(Variable(a), ‹expression›))
x = not                      | Assignment(x, Not(‹expression›))
x = (a * )                   | Assignment(x, Paren(Arithmetic(*, Variable(a), ‹expression›)))
x = f(                       | Assignment(x, Call(f, ‹expression›))
x = f(a                      | Assignment(x, Call(f, Variable(a)))
x = f(a,                     | Assignment(x, Call(f, Variable(a), ‹expression›))
x = f(g(a, h(                | Assignment(x, Call(f, Call(g, Variable(a), Call(h, ‹expression›))))
x = f(y => y.                | Assignment(x, Call(f, Lambda(Parameter(y), FieldAccess(Variable(y), ‹name›))))
x = f(a) with                | Assignment(x, Call(f, Variable(a)))
x = f(a) with retry:         | Assignment(x, Call(f, Variable(a), Option(retry, ‹expression›)))
x = f(a) with timeout: 30    | Assignment(x, Call(f, Variable(a), Option(timeout, ‹option›)))
x = { k: }                   | Assignment(x, RecordLiteral(RecordField(k, ‹expression›)))
x = { k: 1, l                | Assignment(x, RecordLiteral(RecordField(k, IntLiteral(1)), RecordField(l, ‹expression›)))
x = [a,                      | Assignment(x, ListLiteral(Variable(a), ‹expression›))
x = if (                     | Assignment(x, If(‹expression›, ‹expression›, ‹expression›))
x = if (a) b                 | Assignment(x, If(Variable(a), Variable(b), ‹expression›))
x = branch { a -> }          | Assignment(x, Branch(BranchCase(Variable(a), ‹expression›), ‹expression›))
x = match y { _ ->           | Assignment(x, Match(Variable(y), MatchArm(Wildcard, ‹expression›)))
x = match y {                | Assignment(x, Match(Variable(y)))
x = "a ${ } b"               | Assignment(x, Interpolation(a ,  b, ‹expression›))
x = "a ${u.                  | Assignment(x, Interpolation(a , , FieldAccess(Variable(u), ‹name›)))
x = "abc                     | Assignment(x, StringLiteral(abc))
x = f(a b)                   | Assignment(x, ‹expression›)
x = a && b                   | Assignment(x, ‹expression›)
x = xs[0]                    | Assignment(x, ‹expression›)
""".strip("\n").split("\n")


def sketch(value: object) -> str:
    """A node without its places."""
    if isinstance(value, Hole):
        return f"‹{value.expected}›"
    if isinstance(value, Name):
        return value.text or "‹name›"
    if isinstance(value, Node):
        fields = [getattr(value, name) for name in value.__struct_fields__ if name not in ("start", "end", "close")]
        parts = [sketch(f) for f in fields if f is not None and f != () and not isinstance(f, bool)]
        name = type(value).__name__
        return f"{name}({', '.join(parts)})" if parts and name != "Broken" else name
    if isinstance(value, tuple):
        return ", ".join(map(sketch, value))  # pyright: ignore[reportUnknownArgumentType]
    return str(value)


@pytest.mark.parametrize("state", STATES)
def test_half_typed(state: str) -> None:
    typed, wanted = (part.strip() for part in state.split("  |" if "  |" in state else " |", 1))
    wanted = wanted.lstrip("| ")
    for follows in ("", "\nnext = f(a)\nout next", '\n@sink("log")\nout u', "\nin other: Int"):
        document = Document(typed + follows)
        first, *others = document.program.statements
        assert sketch(first.node) == wanted, typed + follows
        assert len(first.problems) == 1
        assert all(not s.problems for s in others)
        assert len(others) == follows.count("\n") - follows.count("@")


@pytest.mark.parametrize(
    "typed",
    [
        *("in", "in x", "in x:", "out", "x =", "x = u.", "type T =", "use", "use a.", "x = a +", "x = { k: }"),
        *("x = f(a) with", "x = f(a) with retry:", "x = f(a) with retry: 1,", 'x = "a ${ } b"'),
        *("x = branch { a -> b }", "x = match y { _ -> 1, }"),
    ],
)
def test_other_editors_see_no_error_either(typed: str) -> None:
    tree = parse_tree(f"{typed}\nnext = f(a)\nin other: Int\nout next")
    assert not tree.root_node.has_error
    assert [c.type for c in tree.root_node.children[-3:]] == ["assignment", "input", "output"]


@pytest.mark.parametrize("state", STATES)
def test_holes_lie_behind_what_was_typed(state: str) -> None:
    typed = state.split("|")[0].rstrip()
    for length in range(1, len(typed) + 1):
        program = Document(typed[:length] + "   \n\n").program
        for statement in program.statements:
            assert statement.node.end + statement.offset <= len(typed[:length].rstrip())
