; What every piece of a program is, for colouring.

(comment) @comment

; ---------------------------------------------------------------- words

["type" "in" "out" "use" "as"] @keyword
["if" "else" "branch" "otherwise" "match" "is" "when"] @keyword.conditional
"with" @keyword
["and" "or" "not"] @keyword.operator
["@example" "@source" "@sink"] @attribute
[(true) (false)] @boolean

; ------------------------------------------------------------- literals

(integer) @number
(float) @number.float
(duration) @number
(string) @string
(quoted) @string
(escape) @string.escape
(interpolation
  "${" @punctuation.special
  "}" @punctuation.special)

; ---------------------------------------------------------------- names

(variable (identifier) @variable)
(function_name) @function.call
(call function: (field_access field: (identifier) @function.call))
(call function: (field_access source: (variable (identifier) @module)))
(path (identifier) @module)
(import alias: (identifier) @module)

(input name: (identifier) @variable.parameter)
(assignment name: (identifier) @variable)
(output alias: (identifier) @variable)
(parameter name: (identifier) @variable.parameter)

(type_definition name: (identifier) @type.definition)
(type_name (identifier) @type)
(type_constructor (identifier) @type.builtin)
((type_name (identifier) @type.builtin)
  (#any-of? @type.builtin "String" "Int" "Float" "Boolean"))
(type_test (identifier) @type)

(field_type name: (identifier) @property)
(field name: (identifier) @property)
(field_access field: (identifier) @property)
(projection (identifier) @property)
(record_pattern (identifier) @variable)
(wildcard) @character.special

(option_name) @property
(word (identifier) @constant)
(window name: (identifier) @constant)

; ------------------------------------------------------------ operators

["=" "==" "!=" "<" "<=" ">" ">=" "+" "-" "*" "/" "??" "->" "=>" "|"] @operator
["(" ")" "[" "]" "{" "}"] @punctuation.bracket
(generic_type ["<" ">"] @punctuation.bracket)
["," ":" "."] @punctuation.delimiter
(trailing_comma) @punctuation.delimiter
