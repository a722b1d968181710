/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

// The tolerant grammar of constellation-lang, for editors.
//
// It accepts every valid program without an ERROR node, and a little more: where an expression, a type or a name is
// still to be typed (`x =`, `in x:`, `user.`, `f(a) with retry:`, `a +`), there is a `hole`, so that what stands around
// it is not disturbed. The reader of the tree (constellation_grammar/tree.py) reports holes, and what is written too
// freely here: numbers that touch letters, blanks around the dots of a called name, an operator behind an open
// `if … else`, a comma at the end of a declaration, words and arguments of options.
//
// Four tokens need to look ahead (src/scanner.c): the comma that continues a `with` clause, and the empty ones:
//   _gap         nothing here, because the next declaration begins, or the text ends
//   _inner_gap   the same, or because a bracket closes, or a comma follows
//   _member_gap  the same behind a dot, where a reserved word may be a name

const RESERVED = [
  'type', 'in', 'out', 'if', 'else', 'true', 'false', 'use', 'as', 'and', 'or', 'not', 'when', 'branch', 'otherwise',
  'with', 'lazy', 'match', 'is',
];

// From the loosest binding to the tightest.
const LEVEL = {
  lambda: 0, coalesce: 1, guard: 2, or: 3, and: 4, not: 5, comparison: 6, sum: 7, product: 8, negation: 9, postfix: 10,
  call: 11,
};

/** One or more, separated by commas, with an optional comma at the end. */
function list(/** @type {RuleOrLiteral} */ item) {
  return seq(item, repeat(seq(',', item)), optional(','));
}

/**
 * The same for things that begin with a name. `{ a: f(x), retry: 2 }`: the scanner takes the comma before `retry:` for
 * one between options; here it is an ordinary comma.
 * @param {any} $
 */
function namedList($, /** @type {RuleOrLiteral} */ item) {
  return seq(item, repeat(seq(choice(',', alias($._option_comma, ',')), item)), optional(','));
}

/**
 * What must stand here, or a hole.
 * @param {any} $
 */
function operand($, /** @type {RuleOrLiteral} */ rule) {
  return choice(rule, alias($._inner_gap, $.hole));
}

/** @param {any} $ */
function nameHole($) {
  return alias($._gap, $.hole);
}

/** @param {any} $ */
function memberHole($) {
  return alias($._member_gap, $.hole);
}

export default grammar({
  name: 'constellation',

  word: $ => $.identifier,
  extras: $ => [/[ \t\r\n]+/, $.comment],
  externals: $ => [$._option_comma, $._gap, $._inner_gap, $._member_gap],
  reserved: { global: _ => RESERVED },
  supertypes: $ => [$._declaration],

  conflicts: $ => [
    [$.parameter, $.variable], // `(a)` or `(a) => …`: one token later
  ],

  rules: {
    source_file: $ => repeat($._declaration),

    comment: _ => /#[^\n]*/,
    identifier: _ => /[A-Za-z_][A-Za-z0-9_]*(-+[A-Za-z0-9_]+)*/,
    // reserved words are fine as field names and after a dot
    _member: $ => choice($.identifier, alias(choice(...RESERVED), $.identifier)),

    // ------------------------------------------------------------------------------------------- declarations

    _declaration: $ => choice($.type_definition, $.input, $.output, $.import, $.assignment),

    type_definition: $ => prec.right(seq(
      'type',
      optional(seq(field('name', $.identifier), optional(seq('=', field('type', $._type))))),
    )),

    input: $ => prec.right(seq(
      repeat(choice($.example, $.source)),
      'in',
      choice(nameHole($), seq(field('name', $.identifier), optional(seq(':', field('type', $._type))))),
    )),

    output: $ => seq(
      repeat($.sink),
      'out',
      field('value', $._expression),
      optional(seq('as', field('alias', choice($.identifier, nameHole($))))),
      optional($.trailing_comma),
    ),

    import: $ => seq(
      'use',
      choice(
        nameHole($),
        seq(field('path', $.path), optional(seq('as', field('alias', choice($.identifier, nameHole($)))))),
      ),
    ),
    path: $ => seq($.identifier, repeat(seq('.', choice($._member, memberHole($))))),

    assignment: $ => seq(field('name', $.identifier), '=', field('value', $._expression), optional($.trailing_comma)),
    trailing_comma: _ => ',',

    example: $ => seq('@example', '(', field('value', operand($, $._expression)), ')'),
    source: $ => seq('@source', $._connector),
    sink: $ => seq('@sink', $._connector),
    _connector: $ => seq(
      '(',
      field('connector', $.quoted),
      repeat(seq(choice(',', alias($._option_comma, ',')), $.field)),
      optional(','),
      ')',
    ),
    // no escapes, no interpolation
    quoted: _ => /"[^"]*"/,

    // ------------------------------------------------------------------------------------------------- types

    _type: $ => choice($.union_type, $._merge_operand),
    union_type: $ => seq($._merge_operand, repeat1(seq('|', operand($, $._merge_operand)))),
    _merge_operand: $ => choice($.merge_type, $._primary_type),
    merge_type: $ => prec.left(seq(field('left', $._merge_operand), '+', field('right', operand($, $._primary_type)))),
    _primary_type: $ => choice($.type_name, $.generic_type, $.record_type, $.parenthesized_type, $.hole),
    type_name: $ => $.identifier,
    generic_type: $ => seq(
      field('constructor', alias($.type_name, $.type_constructor)),
      choice(seq('<', optional(list($._type)), '>'), seq('[', optional(list($._type)), ']')),
    ),
    record_type: $ => seq('{', optional(namedList($, $.field_type)), '}'),
    field_type: $ => seq(field('name', $._member), optional(seq(':', field('type', operand($, $._type))))),
    parenthesized_type: $ => seq('(', $._type, ')'),

    // ------------------------------------------------------------------------------------------- expressions

    _expression: $ => choice($.lambda, $._logical),

    lambda: $ => prec(LEVEL.lambda, seq(
      field('parameters', choice($.parameter, $.parameters)),
      '=>',
      field('body', operand($, $._expression)),
    )),
    parameters: $ => seq('(', optional(namedList($, $.parameter)), ')'),
    parameter: $ => seq(field('name', $.identifier), optional(seq(':', field('type', operand($, $._type))))),

    _logical: $ => choice($.coalesce, $.guard, $.or, $.and, $.not, $._comparable),
    coalesce: $ => prec.right(LEVEL.coalesce, seq(field('left', $._logical), '??', field('right', operand($, $._logical)))),
    guard: $ => prec.left(LEVEL.guard, seq(field('value', $._logical), 'when', field('condition', operand($, $._logical)))),
    or: $ => prec.left(LEVEL.or, seq(field('left', $._logical), 'or', field('right', operand($, $._logical)))),
    and: $ => prec.left(LEVEL.and, seq(field('left', $._logical), 'and', field('right', operand($, $._logical)))),
    not: $ => prec(LEVEL.not, seq('not', field('operand', operand($, $._logical)))),

    _comparable: $ => choice($.comparison, $._numeric),
    comparison: $ => prec(LEVEL.comparison, seq(
      field('left', $._numeric),
      field('operator', choice('==', '!=', '<', '<=', '>', '>=')),
      field('right', operand($, $._numeric)),
    )),

    _numeric: $ => choice($.sum, $.product, $.negation, $._postfix),
    sum: $ => prec.left(LEVEL.sum, seq(
      field('left', $._numeric), field('operator', choice('+', '-')), field('right', operand($, $._numeric)),
    )),
    product: $ => prec.left(LEVEL.product, seq(
      field('left', $._numeric), field('operator', choice('*', '/')), field('right', operand($, $._numeric)),
    )),
    negation: $ => prec(LEVEL.negation, seq('-', field('operand', operand($, $._numeric)))),

    _postfix: $ => choice($.field_access, $.projection, $._primary),
    field_access: $ => prec(LEVEL.postfix, seq(field('source', $._postfix), '.', field('field', choice($._member, memberHole($))))),
    projection: $ => prec(LEVEL.postfix, seq(
      field('source', $._postfix),
      choice(seq('[', namedList($, $._member), ']'), seq('{', namedList($, $._member), '}')),
    )),

    _primary: $ => choice(
      $.variable, $.call, $.negated_call, $.parenthesized, $.conditional, $.branch, $.match,
      $.string, $.integer, $.float, $.true, $.false, $.list, $.record, $.hole,
    ),

    hole: $ => $._gap,
    variable: $ => $.identifier,
    true: _ => 'true',
    false: _ => 'false',
    // a number swallows the letters that touch it: `30s` is one wrong token, not two right ones
    integer: _ => /[0-9][A-Za-z0-9_]*/,
    float: _ => /[0-9]+\.[0-9]+([eE][+-]?[0-9]+)?[A-Za-z0-9_]*/,
    parenthesized: $ => prec(1, seq('(', $._expression, ')')),

    call: $ => prec.right(LEVEL.call, seq(
      field('function', choice(
        alias($.variable, $.function_name),
        $.field_access,
        alias(choice('and', 'or'), $.function_name),
      )),
      field('arguments', $.arguments),
      optional($.with_clause),
    )),
    arguments: $ => seq('(', optional(list($._expression)), ')'),
    // where the operator `not` cannot stand: `x == not(y)`
    negated_call: $ => seq('not', '(', $._expression, ')'),

    conditional: $ => prec.right(seq(
      'if', '(', field('condition', operand($, $._expression)), ')',
      field('consequence', operand($, $._expression)),
      optional(seq('else', field('alternative', operand($, $._expression)))),
    )),

    branch: $ => seq(
      'branch', '{',
      repeat(seq($.case, ',')),
      optional(choice($.case, seq($.otherwise, optional(',')))),
      '}',
    ),
    case: $ => seq(field('condition', $._expression), '->', field('value', operand($, $._expression))),
    otherwise: $ => seq('otherwise', '->', field('value', operand($, $._expression))),

    match: $ => seq('match', field('scrutinee', $._postfix), '{', optional(list($.arm)), '}'),
    arm: $ => seq(field('pattern', $._pattern), '->', field('value', operand($, $._expression))),
    _pattern: $ => choice($.record_pattern, $.type_test, $.wildcard),
    record_pattern: $ => seq('{', list($.identifier), '}'),
    type_test: $ => seq('is', $.identifier),
    wildcard: $ => $.identifier,

    list: $ => seq('[', optional(list($._expression)), ']'),
    record: $ => seq('{', optional(namedList($, $.field)), '}'),
    field: $ => seq(field('name', $._member), optional(seq(':', field('value', operand($, $._expression))))),

    string: $ => seq('"', repeat(choice($.text, $.escape, $.interpolation)), token.immediate('"')),
    text: _ => token.immediate(prec(1, /[^"\\$]+|\$/)),
    escape: _ => token.immediate(/\\([ntr\\"$]|u\{[0-9A-Fa-f]{1,6}\})/),
    interpolation: $ => seq(token.immediate(prec(2, '${')), operand($, $._expression), '}'),

    // ------------------------------------------------------------------------------------------ call options

    // The innermost `with` wins a comma.
    with_clause: $ => prec.right(seq(
      'with',
      choice(alias($._inner_gap, $.hole), seq($.option, repeat(seq($._option_comma, $.option)))),
    )),

    option: $ => choice(
      seq(optionName($, 'lazy'), optional(seq(':', optionValue($, choice($.true, $.false))))),
      valued($, choice('retry', 'concurrency', 'batch'), $._signed),
      valued($, 'priority', choice($._signed, $.word)),
      valued($, choice('timeout', 'delay', 'cache', 'batch_timeout', 'checkpoint'), alias($.integer, $.duration)),
      valued($, 'throttle', $.rate),
      valued($, choice('backoff', 'on_error'), $.word),
      valued($, 'cache_backend', $.quoted),
      valued($, choice('window', 'join'), choice($.word, $.window)),
      valued($, 'fallback', $._expression),
    ),
    _signed: $ => choice($.integer, $.negative),
    negative: $ => seq('-', alias(token.immediate(/[0-9][A-Za-z0-9_]*/), $.integer)),
    rate: $ => seq(field('count', $.integer), '/', field('per', alias($.integer, $.duration))),
    word: $ => $.identifier,
    window: $ => seq(field('name', $.identifier), '(', list($._signed), ')'),
  },
});

/** @param {any} $ */
function optionName($, /** @type {RuleOrLiteral} */ names) {
  return field('name', alias(names, $.option_name));
}

/** @param {any} $ */
function optionValue($, /** @type {RuleOrLiteral} */ value) {
  return field('value', operand($, value));
}

/** @param {any} $ */
function valued($, /** @type {RuleOrLiteral} */ names, /** @type {RuleOrLiteral} */ value) {
  return seq(optionName($, names), optional(seq(':', optionValue($, value))));
}
