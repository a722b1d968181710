"""Catalogue entries E010-E019: values of the wrong type, and call options."""

from __future__ import annotations

from constellation.compiler.catalogue_entry import DiagnosticKind

_LOAD = ("Load(id: Int) -> String",)

TYPE_ERRORS = (
    DiagnosticKind(
        code="E010",
        title="Type mismatch",
        category="Type",
        messages={
            "type-mismatch": "Type mismatch: expected {expected}, got {actual}",
            "condition-not-boolean": "Type mismatch: expected {expected}, got {actual}",
            "argument-type": "Type mismatch: expected {expected}, got {actual}",
            "comparison-types": "Type mismatch: expected {expected}, got {actual}",
            "pattern-mismatch": "Pattern {pattern} cannot match type {type}",
        },
        explanation=(
            "The value has another type than the place it stands in needs. Types are never converted silently: "
            "an Int is no Float (except a literal), a value is no Optional, text is no number."
        ),
        wrong='in n: Int\nr = concat("n = ", n)\nout r\n',
        right='in n: Int\nr = concat("n = ", to-string(n))\nout r\n',
        notes={
            "condition-not-boolean": "Conditions, guards and the operands of and, or, not must be Boolean.",
            "comparison-types": "Two values can be compared only when they have one type (an Int goes with a Float).",
            "pattern-mismatch": "A case for something the value can never be has no effect, so it is a mistake.",
        },
    ),
    DiagnosticKind(
        code="E011",
        title="Incompatible types for operator",
        category="Type",
        messages={"incompatible-operands": "Incompatible types for operator '{operator}': {left} and {right}"},
        explanation="Reserved; the compiler reports E010, E013 or E014 instead.",
        wrong="",
        right="",
    ),
    DiagnosticKind(
        code="E012",
        title="Incompatible types for merge",
        category="Type",
        messages={"incompatible-merge": "Cannot merge types: {left} + {right}"},
        explanation=(
            "'+' merges a record with a record, a List or Seq of records with another one, or a record with every "
            "element of a List or Seq (on either side). Nothing else can be merged."
        ),
        wrong="type Bad = { x: Int } + Int\nin a: Bad\nout a\n",
        right="type Good = { x: Int } + { y: Int }\nin a: Good\nout a\n",
    ),
    DiagnosticKind(
        code="E013",
        title="Unsupported comparison",
        category="Type",
        messages={"unsupported-comparison": "Operator '{operator}' is not supported for types {left} and {right}"},
        explanation=(
            "== and != compare Int, Float, String and Boolean; < > <= >= compare Int, Float and String. Records, "
            "lists, maps, optionals and unions have no comparison operators; eq(a, b) compares any two values."
        ),
        wrong="in a: { x: Int }\nin b: { x: Int }\nr = a == b\nout r\n",
        right="in a: { x: Int }\nin b: { x: Int }\nr = a.x == b.x\nout r\n",
    ),
    DiagnosticKind(
        code="E014",
        title="Unsupported arithmetic",
        category="Type",
        messages={
            "unsupported-arithmetic": "Arithmetic operator '{operator}' is not supported for types {left} and {right}",
            "unsupported-negation": "Arithmetic operator '-' is not supported for type {type}",
        },
        explanation=(
            "+ - * / work on Int and Float; + also merges records. Text is joined with concat(a, b) or with an "
            'interpolation such as "${a}${b}".'
        ),
        wrong="in first: String\nin last: String\nfull = first + last\nout full\n",
        right='in first: String\nin last: String\nfull = "${first}${last}"\nout full\n',
    ),
    DiagnosticKind(
        code="E015",
        title="Type error",
        category="Type",
        messages={
            "arity": "Function {name} expects {expected} argument(s), got {actual}",
            "field-access-on-non-record": "Field access requires a record type, got {type}",
            "projection-on-non-record": "Projection requires a record type, got {type}",
            "coalesce-not-optional": "Left side of ?? must be Optional, got {type}",
            "lambda-arity": "Lambda has {actual} parameter(s) but expected {expected}",
            "lambda-annotation": "Lambda parameter '{name}' requires a type annotation: nothing here says what it gets",
            "literal-argument": "Argument {position} to {name} must be a text literal: the result's type depends on it",
            "missing-fields": "Record literal is missing required field(s): {fields}",
            "open-record-missing": "Argument {position} to {name}: Missing required field(s): {fields}",
            "open-record-field": (
                "Argument {position} to {name}: Field '{field}' has type {actual} but expected {expected}"
            ),
            "non-exhaustive-match": "Non-exhaustive match on type {type}. Missing patterns for: {missing}",
        },
        explanation=(
            "The construct does not fit the types it is used with: a wrong number of arguments, a field of something "
            "that is no record, ?? on a value that is always present, a record literal without all its fields, or a "
            "match that leaves a case open."
        ),
        wrong="in n: Int\nr = abs(n, 1)\nout r\n",
        right="in n: Int\nr = abs(n)\nout r\n",
        notes={
            "arity": "Every parameter gets one argument, in order; there are no default and no named arguments.",
            "field-access-on-non-record": (
                "A dot takes a field out of a record, of every record of a list, or of an optional record. Anything "
                "else has no fields; there are no methods either."
            ),
            "projection-on-non-record": "Square brackets or braces after a value keep some fields of a record.",
            "coalesce-not-optional": "?? replaces a value that may be absent. This one is always there.",
            "lambda-arity": "The function decides how many values it hands to the lambda.",
            "lambda-annotation": "Only where a function hands values to the lambda are its parameters' types known.",
            "literal-argument": "The names of fields must be known when the program is compiled.",
            "missing-fields": "A record literal must have every field of the type wanted here; more fields are fine.",
            "open-record-missing": "The function takes any record that has these fields, whatever else it has.",
            "open-record-field": "The function takes any record that has these fields with these types.",
            "non-exhaustive-match": "A match must have a case for everything its value can be.",
        },
    ),
    DiagnosticKind(
        code="E016",
        title="Invalid option value",
        category="Type",
        messages={
            "invalid-option-value": "Invalid value for '{option}': {value} ({constraint})",
            "duplicate-option": "Duplicate option '{option}'",
            "invalid-pattern": "Invalid value for '{option}': {value} ({constraint})",
        },
        explanation="The option exists but not with this value, or it is given twice.",
        wrong="in id: Int\nr = Load(id) with concurrency: 0\nout r\n",
        right="in id: Int\nr = Load(id) with concurrency: 4\nout r\n",
        functions=_LOAD,
    ),
    DiagnosticKind(
        code="E017",
        title="Fallback type mismatch",
        category="Type",
        messages={"fallback-type": "Fallback type mismatch: module returns {expected} but fallback is {actual}"},
        explanation="A fallback stands in for the call's result, so it must have the call's type.",
        wrong="in id: Int\nr = Load(id) with fallback: 0\nout r\n",
        right='in id: Int\nr = Load(id) with fallback: "none"\nout r\n',
        functions=_LOAD,
    ),
    DiagnosticKind(
        code="E018",
        title="Invalid lambda context",
        category="Type",
        messages={"lambda-context": "A lambda is only allowed as the argument for a function parameter"},
        explanation=(
            "There are no function values: a lambda can be handed to a function such as map or filter, and nothing "
            "else can be done with it."
        ),
        wrong="in n: Int\ntwice = (x: Int) => x * 2\nout n\nout twice\n",
        right="in ns: List<Int>\ntwice = map(ns, (x) => x * 2)\nout twice\n",
    ),
    DiagnosticKind(
        code="E019",
        title="Unsupported higher-order function",
        category="Type",
        messages={"unsupported-function": "Unknown higher-order function: {name}"},
        explanation="The function takes a lambda but this engine cannot hand it one.",
        wrong="",
        right="",
    ),
)
