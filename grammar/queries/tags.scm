; What a tag list of the file names.

(type_definition name: (identifier) @name) @definition.type
(input name: (identifier) @name) @definition.constant
(assignment name: (identifier) @name) @definition.constant
(output alias: (identifier) @name) @definition.constant
(output value: (variable (identifier) @name)) @reference.constant

(call function: (function_name) @name) @reference.call
(call function: (field_access field: (identifier) @name)) @reference.call
(type_name (identifier) @name) @reference.type
