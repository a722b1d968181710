// The tokens that depend on what follows them.
//
// OPTION_COMMA continues a `with` clause.  `g(f(a) with retry: 2, b)` passes two arguments, `g(f(a) with retry: 2,
// delay: 1s)` one: the comma belongs to the options when, blanks and comments aside, `lazy` or a valued option's name
// with a colon comes next.
//
// The gaps are empty.  They say that what must stand here does not, because the next declaration begins: neither `=`
// nor `@` nor the words `in out use type` can stand in an expression or a type.  So a gap never hides anything valid.

#include "tree_sitter/parser.h"

#include <string.h>

enum TokenType { OPTION_COMMA, GAP, INNER_GAP, MEMBER_GAP };

// One more than the longest word that matters (`cache_backend`): a longer word is none of them.
#define WORD_BUFFER 15

static const char *const VALUED_OPTIONS[] = {
    "retry",       "timeout",  "delay",    "backoff", "fallback",      "cache",  "cache_backend", "throttle",
    "concurrency", "on_error", "priority", "batch",   "batch_timeout", "window", "checkpoint",    "join",
};
static const char *const DECLARATION_WORDS[] = {"in", "out", "use", "type"};
static const char *const RESERVED_WORDS[] = {
    "type", "in",   "out",    "if",        "else", "true", "false", "use",   "as", "and",
    "or",   "not",  "when",   "branch",    "otherwise", "with", "lazy", "match", "is",
};
static const char *const NO_OPERANDS[] = {"else", "when", "as", "with", "otherwise"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool is_one_of(const char *word, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) return true;
    }
    return false;
}

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool starts_word(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

static bool in_word(int32_t c) { return starts_word(c) || (c >= '0' && c <= '9'); }

static void skip_blanks_and_comments(TSLexer *lexer) {
    for (;;) {
        while (is_blank(lexer->lookahead)) lexer->advance(lexer, false);
        if (lexer->lookahead != '#') return;
        while (!lexer->eof(lexer) && lexer->lookahead != '\n') lexer->advance(lexer, false);
    }
}

// Reads a word; a word with hyphens inside is none that matters and reads as "-".  Returns whether the lookahead is
// still what follows the word directly: a hyphen at its end has to be passed to see that it is not part of it.
static bool read_word(TSLexer *lexer, char word[WORD_BUFFER]) {
    unsigned length = 0;
    bool hyphenated = false, exact = true;
    for (;;) {
        while (in_word(lexer->lookahead)) {
            if (length < WORD_BUFFER - 1) word[length++] = (char)lexer->lookahead;
            lexer->advance(lexer, false);
        }
        if (lexer->lookahead != '-') break;
        while (lexer->lookahead == '-') lexer->advance(lexer, false);
        if (!in_word(lexer->lookahead)) {
            exact = false;
            break;
        }
        hyphenated = true;
    }
    word[length] = '\0';
    if (hyphenated) strcpy(word, "-");
    return exact;
}

static bool equals_sign_follows(TSLexer *lexer) {
    skip_blanks_and_comments(lexer);
    if (lexer->lookahead != '=') return false;
    lexer->advance(lexer, false);
    return lexer->lookahead != '=' && lexer->lookahead != '>';
}

static bool option_follows(TSLexer *lexer) {
    char word[WORD_BUFFER];
    skip_blanks_and_comments(lexer);
    if (!starts_word(lexer->lookahead)) return false;
    bool exact = read_word(lexer, word);
    if (strcmp(word, "lazy") == 0) return true;
    if (!exact || !is_one_of(word, VALUED_OPTIONS, COUNT(VALUED_OPTIONS))) return false;
    skip_blanks_and_comments(lexer);
    return lexer->lookahead == ':';
}

// Behind a dot a reserved word may be a field's name, so it takes a closer look: `in NAME :`, `out NAME` without `=`.
// `type NAME =` may just as well be the field `type` and the assignment to NAME; then that is what it is.
static bool declaration_goes_on(TSLexer *lexer, const char *keyword) {
    char name[WORD_BUFFER];
    skip_blanks_and_comments(lexer);
    if (strcmp(keyword, "type") == 0 || !starts_word(lexer->lookahead)) return false;
    if (!read_word(lexer, name) || is_one_of(name, RESERVED_WORDS, COUNT(RESERVED_WORDS))) return false;
    if (strcmp(keyword, "in") != 0) return !equals_sign_follows(lexer);
    skip_blanks_and_comments(lexer);
    return lexer->lookahead == ':';
}

static bool gap_here(TSLexer *lexer, bool inner, bool member) {
    char word[WORD_BUFFER];
    skip_blanks_and_comments(lexer);
    if (lexer->eof(lexer) || lexer->lookahead == '@') return true;
    if (!starts_word(lexer->lookahead)) {
        int32_t c = lexer->lookahead;
        return member || (inner && (c == ')' || c == ']' || c == '}' || c == ','));
    }
    bool exact = read_word(lexer, word);
    if (is_one_of(word, DECLARATION_WORDS, COUNT(DECLARATION_WORDS))) {
        return !member || (exact && declaration_goes_on(lexer, word));
    }
    if (inner && is_one_of(word, NO_OPERANDS, COUNT(NO_OPERANDS))) return true;
    return exact && equals_sign_follows(lexer);
}

static bool scan_option_comma(TSLexer *lexer) {
    while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
    if (lexer->lookahead != ',') return false;
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    lexer->result_symbol = OPTION_COMMA;
    return option_follows(lexer);
}

void *tree_sitter_constellation_external_scanner_create(void) { return NULL; }

void tree_sitter_constellation_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_constellation_external_scanner_serialize(void *payload, char *buffer) {
    (void)payload;
    (void)buffer;
    return 0;
}

void tree_sitter_constellation_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
    (void)payload;
    (void)buffer;
    (void)length;
}

bool tree_sitter_constellation_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
    (void)payload;
    // during error recovery everything is valid: no gaps then
    if (valid_symbols[OPTION_COMMA]) return scan_option_comma(lexer);
    bool inner = valid_symbols[INNER_GAP], member = valid_symbols[MEMBER_GAP];
    if (!inner && !member && !valid_symbols[GAP]) return false;
    lexer->mark_end(lexer);
    lexer->result_symbol = inner ? INNER_GAP : member ? MEMBER_GAP : GAP;
    return gap_here(lexer, inner, member);
}
