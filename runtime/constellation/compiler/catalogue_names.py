"""Catalogue entries E001-E007: names that do not exist or are not clear."""

from __future__ import annotations

from constellation.compiler.catalogue_entry import DiagnosticKind

NAME_ERRORS = (
    DiagnosticKind(
        code="E001",
        title="Undefined variable",
        category="Reference",
        messages={"undefined-variable": "Undefined variable: {name}{later}"},
        explanation=(
            "A variable can be used only below the line that introduces it: an 'in' declaration, an assignment, a "
            "lambda parameter or a match pattern. Names are case-sensitive, and a hyphen belongs to the name: "
            "write x - 1 with blanks for a subtraction."
        ),
        wrong="in rate: Int\ntotal = rat * 2\nout total\n",
        right="in rate: Int\ntotal = rate * 2\nout total\n",
    ),
    DiagnosticKind(
        code="E002",
        title="Undefined function",
        category="Reference",
        messages={
            "undefined-function": "Unknown function '{name}'{hint}",
            "alias-is-no-function": "Unknown function '{name}' (it is a namespace alias: {name}.function(…))",
        },
        explanation=(
            "No function of this name can be seen here. Functions without a namespace and the standard library are "
            "always visible; as soon as a program has a 'use', functions of other namespaces must be imported or "
            "written with their namespace. Names are case-sensitive."
        ),
        wrong="in text: String\nresult = Uppercas(text)\nout result\n",
        right="in text: String\nresult = Uppercase(text)\nout result\n",
    ),
    DiagnosticKind(
        code="E003",
        title="Undefined type",
        category="Reference",
        messages={
            "undefined-type": "Undefined type: {name}{later}",
            "undefined-generic-type": "Undefined type: {name}<...>{hint}",
        },
        explanation=(
            "Types are String, Int, Float, Boolean, records { field: Type }, List<T>, Seq<T>, Map<K, V>, Optional<T> "
            "and names defined above with 'type'. A type cannot refer to itself."
        ),
        wrong="in count: Integer\nout count\n",
        right="in count: Int\nout count\n",
    ),
    DiagnosticKind(
        code="E004",
        title="Undefined namespace",
        category="Reference",
        messages={"undefined-namespace": "Undefined namespace: {name}{hint}"},
        explanation=(
            "No registered function lives in a namespace of this name. A dot before a call's parenthesis always "
            "separates a namespace from a function; values have no methods."
        ),
        wrong="use stdlib.maths\nin n: Int\ntwice = add(n, n)\nout twice\n",
        right="use stdlib.math\nin n: Int\ntwice = add(n, n)\nout twice\n",
    ),
    DiagnosticKind(
        code="E005",
        title="Ambiguous function reference",
        category="Reference",
        messages={"ambiguous-function": "Ambiguous function '{name}'. Candidates: {candidates}"},
        explanation=(
            "Several visible namespaces have a function of this name, and nothing says which one is meant. Write the "
            "call with its namespace, or import only one of them."
        ),
        wrong="use a\nuse b\nin s: String\nr = clean(s)\nout r\n",
        right="use a\nuse b as other\nin s: String\nr = clean(s)\nt = other.clean(r)\nout t\n",
        functions=(
            "a.clean(s: String) -> String",
            "b.clean(s: String) -> String",
        ),
    ),
    DiagnosticKind(
        code="E006",
        title="Invalid projection",
        category="Reference",
        messages={"unknown-projection-field": "Invalid projection: field '{name}' not found. Available: {available}"},
        explanation="A projection keeps some fields of a record (or of every record of a list); each must exist.",
        wrong="in p: { id: Int, name: String }\nr = p[id, title]\nout r\n",
        right="in p: { id: Int, name: String }\nr = p[id, name]\nout r\n",
    ),
    DiagnosticKind(
        code="E007",
        title="Invalid field access",
        category="Reference",
        messages={"unknown-field": "Invalid field access: field '{name}' not found. Available: {available}"},
        explanation="The record on the left of the dot has no field of this name.",
        wrong="in user: { name: String, age: Int }\nmail = user.nme\nout mail\n",
        right="in user: { name: String, age: Int }\nmail = user.name\nout mail\n",
    ),
)
