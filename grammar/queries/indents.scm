; Where a new line is indented, and where it comes back.

[
  (arguments)
  (parameters)
  (list)
  (record)
  (record_type)
  (record_pattern)
  (branch)
  (match)
  (parenthesized)
  (parenthesized_type)
  (projection)
] @indent.begin

[
  (with_clause)
  (conditional)
  (assignment)
] @indent.begin

[")" "]" "}"] @indent.end @indent.branch

[(comment) (string)] @indent.ignore
