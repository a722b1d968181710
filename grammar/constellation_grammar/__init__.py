"""The language as text: grammar, parsers, syntax tree, formatter. Knows no types, modules or execution."""
