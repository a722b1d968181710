; What can be folded: everything in brackets, option clauses, long strings.

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
  (projection)
  (with_clause)
  (string)
] @fold
