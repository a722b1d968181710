"""Quick fixes of values of the wrong type, and of what a call, a `match` or a record still lacks.

Owns the edits. Refuses conversions that no registered function makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import cast

from constellation.types.model import (
    BOOLEAN,
    FLOAT,
    INT,
    STRING,
    FunctionType,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    SeqType,
    Type,
    TypeVariable,
)
from constellation.types.relations import is_subtype
from constellation.types.signature import Signature
from constellation_grammar import syntax
from constellation_lsp.analysis import Analysis
from constellation_lsp.features.code_actions import Action
from constellation_lsp.features.diagnostics import Problem, own_span
from constellation_lsp.features.edits import Edit
from constellation_lsp.features.patterns import missing_patterns
from constellation_lsp.features.wanted import wanted_at
from constellation_lsp.syntax_walk import path_to

_QUICKFIX = "quickfix"
_CONVERSIONS = {"String": "to-string", "Int": "to-int", "Float": "to-float"}
_BASIC = {"String": STRING, "Int": INT, "Float": FLOAT, "Boolean": BOOLEAN}
_LOW = (
    syntax.If, syntax.Guard, syntax.Coalesce, syntax.BooleanOperation, syntax.Not, syntax.Lambda,
)  # fmt: skip


def zero_value(type_: Type | None) -> str:
    """A literal of a type, to be replaced."""
    match type_:
        case ListType() | SeqType():
            return "[]"
        case RecordType():
            return "{ " + ", ".join(f"{n}: {zero_value(t)}" for n, t in type_.fields) + " }"
        case OptionalType():
            return f"{zero_value(type_.inner)} when false"
        case TypeVariable() if type_.bounds:
            return zero_value(type_.bounds[0])
        case FunctionType():
            return f"({', '.join('xyzuvw'[: len(type_.parameters)])}) => {zero_value(type_.result)}"
        case MapType():
            return "build-map([], [])"
        case _:
            return "0" if type_ == INT else "0.0" if type_ == FLOAT else "false" if type_ == BOOLEAN else '""'


def texts_of(found: object) -> tuple[str, ...]:
    """A sequence from a diagnostic's data."""
    return tuple(map(str, cast("tuple[object, ...]", found))) if isinstance(found, tuple | list) else ()


def _path(analysis: Analysis, at: int) -> tuple[int, syntax.Statement, list[syntax.Node]]:
    index = analysis.index_before(at)
    statement = analysis.program.statements[index]
    return index, statement, list(path_to(statement.node, at - statement.offset))


def _string_plus(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    if problem.data.get("left") != "String" and problem.data.get("right") != "String":
        yield from _operation(analysis, problem)
        return
    _, statement, path = _path(analysis, own_span(problem)[0])
    whole = next((n for n in path if isinstance(n, syntax.Arithmetic) and n.operator == "+"), None)
    if whole is None:
        return
    text = "".join(_interpolated(analysis.text, statement.offset, part) for part in _operands(whole))
    edit: Edit = (whole.start + statement.offset, whole.end + statement.offset, f'"{text}"')
    yield Action("Use string interpolation", _QUICKFIX, (edit,), problem, True)


def _operands(node: syntax.Expression) -> Iterator[syntax.Expression]:
    if isinstance(node, syntax.Arithmetic) and node.operator == "+":
        yield from _operands(node.left)
        yield from _operands(node.right)
    else:
        yield node


def _interpolated(text: str, offset: int, node: syntax.Expression) -> str:
    while isinstance(node, syntax.Paren):
        node = node.value
    written = text[node.start + offset : node.end + offset]
    if isinstance(node, syntax.StringLiteral | syntax.Interpolation):
        return written[1:-1]
    return f"${{{written}}}"


# ------------------------------------------------------------------------------------------- the wrong type


def _mismatch(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    yield from _default(analysis, problem)
    yield from _conversion(analysis, problem)


def _default(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """An Optional where its content is wanted."""
    yield from _default_at(analysis, problem, own_span(problem), str(problem.data.get("expected")))


def _operation(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """Operands of two types: an absent one gets a default, the right one is converted to the left one's type."""
    span = own_span(problem)
    index, statement, path = _path(analysis, span[0])
    offset = statement.offset
    node = next((n for n in path if (n.start + offset, n.end + offset) == span), None)
    if not isinstance(node, syntax.Comparison | syntax.Arithmetic):
        return
    left, right = analysis.type_of(index, node.left), analysis.type_of(index, node.right)
    for operand, other in ((node.left, right), (node.right, left)):
        place = (operand.start + offset, operand.end + offset)
        yield from _default_at(analysis, problem, place, str(other))
    if isinstance(node, syntax.Comparison):
        yield from _conversion(analysis, problem, (node.right.start + offset, node.right.end + offset))


def _default_at(analysis: Analysis, problem: Problem, span: tuple[int, int], wanted: str) -> Iterator[Action]:
    start, end = span
    type_ = analysis.type_of_span(start, end)
    if not isinstance(type_, OptionalType) or str(type_.inner) != wanted:
        return
    default = zero_value(type_.inner)
    written = analysis.text[start:end]
    opened, closed = _parentheses(analysis, start, end, keeps_when=True)
    outer = _operand_of(analysis, start, end)
    before, after = ("(", ")") if outer else ("", "")
    title = f"Provide a default: {written} ?? {default}"

    def edits(value: str) -> tuple[Edit, ...]:
        tail: Edit = (end, end, f"{closed} ?? {value}{after}")
        head = before + opened
        return ((start, start, head), tail) if head else (tail,)

    yield Action(title, _QUICKFIX, edits(default), problem, snippets=edits(f"${{1:{default}}}"))


def _operand_of(analysis: Analysis, start: int, end: int) -> bool:
    """Whether what stands at a span is the operand of something that binds tighter than `??`."""
    _, statement, path = _path(analysis, start)
    span = (start - statement.offset, end - statement.offset)
    outer = next((o for o, n in pairwise(path) if (n.start, n.end) == span), None)
    return isinstance(
        outer,
        syntax.Arithmetic | syntax.Comparison | syntax.BooleanOperation | syntax.Not | syntax.Negation | syntax.Guard
        | syntax.FieldAccess | syntax.Projection,
    )  # fmt: skip


def _parentheses(analysis: Analysis, start: int, end: int, *, keeps_when: bool) -> tuple[str, str]:
    """The parentheses an expression needs as the left operand of `??`."""
    _, statement, path = _path(analysis, start)
    span = (start - statement.offset, end - statement.offset)
    node = next((n for n in path if (n.start, n.end) == span), None)
    low = isinstance(node, _LOW) and not (keeps_when and isinstance(node, syntax.Guard))
    has_options = isinstance(node, syntax.Call) and bool(node.options)
    return ("(", ")") if low or has_options else ("", "")


def _conversion(analysis: Analysis, problem: Problem, span: tuple[int, int] | None = None) -> Iterator[Action]:
    """A function of the registry that makes the wanted type of the given one."""
    wanted, given = str(problem.data.get("expected", "")), _BASIC.get(str(problem.data.get("actual", "")))
    name = _CONVERSIONS.get(wanted)
    if name is None or given is None:
        return
    start, end = span or own_span(problem)
    spec = analysis.imports(analysis.index_before(start)).resolve(name).function
    if spec is None or not any(_converts(s, given, _BASIC[wanted]) for s in spec.overloads):
        return
    edits: tuple[Edit, ...] = ((start, start, f"{name}("), (end, end, ")"))
    yield Action(f"Convert with {name}(…)", _QUICKFIX, edits, problem, wanted == "String")


def _converts(signature: Signature, given: Type, wanted: Type) -> bool:
    if len(signature.parameters) != 1 or signature.returns != wanted:
        return False
    taken = signature.parameters[0].type
    if isinstance(taken, TypeVariable):
        return not taken.bounds or given in taken.bounds
    return is_subtype(given, taken)


# -------------------------------------------------------------------------------------- what is missing


def _missing_arguments(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """Zero values for the parameters that got nothing."""
    index, statement, path = _path(analysis, own_span(problem)[0])
    call = next((n for n in reversed(path) if isinstance(n, syntax.Call)), None)
    spec = analysis.imports(index).resolve(call.function.text).function if call is not None else None
    if call is None or spec is None:
        return
    longer = [s for s in spec.overloads if len(s.parameters) > len(call.arguments)]
    if not longer or len(longer) < len(spec.overloads):
        return
    signature = min(longer, key=lambda s: len(s.parameters))
    missing = signature.parameters[len(call.arguments) :]
    at = (call.arguments[-1].end if call.arguments else call.close - 1) + statement.offset
    comma = analysis.text.find(",", at, call.close + statement.offset) if call.arguments else -1
    at, lead = (comma + 1, " ") if comma >= 0 else (at, ", " if call.arguments else "")
    values = [zero_value(p.type) for p in missing]
    slots = ", ".join(f"${{{n}:{_escaped(value)}}}" for n, value in enumerate(values, 1))
    edit: Edit = (at, at, lead + ", ".join(values))
    yield Action("Insert missing arguments", _QUICKFIX, (edit,), problem, snippets=((at, at, lead + slots),))


def _escaped(text: str) -> str:
    """A text inside a snippet's placeholder."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def _annotate(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    """The type that the lambda's body asks of its parameter, else `String`."""
    start, end = own_span(problem)
    places = [p for p in analysis.occurrences.everything() if p.occurrence.binder is not None and p.start == start]
    uses = analysis.occurrences.uses(places[0]) if places else []
    wanted = next((t for t in (wanted_at(analysis, use) for use in uses) if t is not None), STRING)
    edits: list[Edit] = [(end, end, f": {wanted}")]
    if places and not _in_parentheses(analysis, start):
        edits = [(start, start, "("), (end, end, f": {wanted})")]
    yield Action("Annotate parameter", _QUICKFIX, tuple(edits), problem)


def _in_parentheses(analysis: Analysis, start: int) -> bool:
    _, statement, path = _path(analysis, start)
    found = next((n for n in reversed(path) if isinstance(n, syntax.Lambda)), None)
    return found is not None and analysis.text[found.start + statement.offset] == "("


def _missing_cases(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    index, statement, path = _path(analysis, own_span(problem)[0])
    node = next((n for n in reversed(path) if isinstance(n, syntax.Match)), None)
    if node is None or not node.arms:
        return
    text, base = analysis.text, statement.offset
    covered = [text[a.pattern.start + base : a.pattern.end + base] for a in node.arms]
    scrutinee = analysis.type_of(index, node.scrutinee)
    value = zero_value(analysis.type_of(index, node.arms[0].value))
    last = node.arms[-1].end + base
    lead = case_lead(text, node.arms[-1].start + base)
    cases = "".join(f"{lead}{pattern} -> {value}" for pattern in missing_patterns(scrutinee, covered))
    if cases:
        yield Action("Add missing cases", _QUICKFIX, ((last, last, cases),), problem, True)
    yield Action("Add '_ -> …'", _QUICKFIX, ((last, last, f"{lead}_ -> {value}"),), problem)


def case_lead(text: str, case: int) -> str:
    """What stands before one more case: a comma, and a new line as deep as the case that starts at a position."""
    line = text[text.rfind("\n", 0, case) + 1 : case]
    return f",\n{line}" if not line.strip() else ", "


def _missing_fields(analysis: Analysis, problem: Problem) -> Iterator[Action]:
    start, end = own_span(problem)
    names = texts_of(problem.data.get("fields"))
    if not names or analysis.text[end - 1 : end] != "}":
        return
    wanted = analysis.read_type(str(problem.data.get("expected", "")))
    types = wanted.by_name if isinstance(wanted, RecordType) else {}
    inside = analysis.text[start + 1 : end - 1].rstrip()
    added = ", ".join(f"{name}: {zero_value(types.get(name))}" for name in names)
    at = start + 1 + len(inside)
    lead = ", " if inside.strip() and not inside.endswith(",") else " "
    yield Action("Add missing fields", _QUICKFIX, ((at, end - 1, f"{lead}{added} "),), problem, True)


TYPE_FIXES: dict[str, Callable[[Analysis, Problem], Iterator[Action]]] = {
    "unsupported-arithmetic": _string_plus,
    "type-mismatch": _mismatch,
    "argument-type": _mismatch,
    "comparison-types": _operation,
    "condition-not-boolean": _default,
    "fallback-type": _mismatch,
    "arity": _missing_arguments,
    "lambda-annotation": _annotate,
    "non-exhaustive-match": _missing_cases,
    "missing-fields": _missing_fields,
}
"""The fixes by the slug of what they answer."""
