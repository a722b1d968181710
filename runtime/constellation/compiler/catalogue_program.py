"""Catalogue entries E020 and up: syntax, the program as a whole, and bugs of the compiler."""

from __future__ import annotations

from constellation.compiler.catalogue_entry import DiagnosticKind

PROGRAM_ERRORS = (
    DiagnosticKind(
        code="E020",
        title="Syntax error",
        category="Syntax",
        messages={
            "syntax": "{message}",
            "no-output": "A pipeline needs at least one output: add 'out {example}'",
            "nested-too-deeply": "This expression is nested too deeply; name a part of it on a line of its own",
            "type-too-large": (
                "This type is too large (limits: {depth} levels deep, {width} members of a union, {size} characters)"
            ),
        },
        explanation="The text is no program of the language. Everything that could be read was still checked.",
        wrong="in x: Int\ny = x +\nout y\n",
        right="in x: Int\ny = x + 1\nout y\n",
        notes={"no-output": "A pipeline runs for the sake of its outputs."},
    ),
    DiagnosticKind(
        code="E021",
        title="Unexpected token",
        category="Syntax",
        messages={"reserved-unexpected-token": "Unexpected {token}"},
        explanation="Reserved; the compiler reports E020 instead.",
        wrong="",
        right="",
    ),
    DiagnosticKind(
        code="E030",
        title="Duplicate definition",
        category="Semantic",
        messages={
            "duplicate-definition": "'{name}' is already defined{where}",
            "duplicate-field": "'{name}' is already defined{where}",
            "duplicate-output-name": "'{name}' is already defined{where} as another output",
        },
        explanation=(
            "Two inputs, two types, two fields of one record or two different outputs cannot share a name. A variable "
            "may be assigned again; the later value counts from there on."
        ),
        wrong="in x: Int\nin x: String\nout x\n",
        right="in x: Int\nin y: String\nout x\nout y\n",
    ),
    DiagnosticKind(
        code="E031",
        title="Circular dependency",
        category="Semantic",
        messages={"circular-dependency": "Circular dependency: {path}"},
        explanation="The variables need each other's values first, so none of them can ever be computed.",
        wrong="a = b + 1\nb = a + 1\nout b\n",
        right="in a: Int\nb = a + 1\nout b\n",
    ),
    DiagnosticKind(
        code="E032",
        title="Unnamed output",
        category="Semantic",
        messages={"unnamed-output": "This output needs a name: out … as NAME"},
        explanation="An output that is not simply a variable or a field needs a name, written after 'as'.",
        wrong="in n: Int\nout n + 1\n",
        right="in n: Int\nout n + 1 as next\n",
    ),
    DiagnosticKind(
        code="E900",
        title="Internal compiler error",
        category="Internal",
        messages={"internal-error": "Internal compiler error: {message}"},
        explanation="This is a bug of the compiler, not of the program. Please report it with the program.",
        wrong="",
        right="",
    ),
)
