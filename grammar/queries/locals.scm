; Names and where they are visible.  A declaration's name is visible from the next declaration on.

(source_file) @local.scope
(lambda) @local.scope
(arm) @local.scope

(input name: (identifier) @local.definition.parameter)
(assignment name: (identifier) @local.definition.var)
(type_definition name: (identifier) @local.definition.type)
(import alias: (identifier) @local.definition.namespace)
(parameter name: (identifier) @local.definition.parameter)
(record_pattern (identifier) @local.definition.var)

(variable (identifier) @local.reference)
(type_name (identifier) @local.reference)
(type_test (identifier) @local.reference)
