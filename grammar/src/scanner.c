// The one token that depends on what follows it: the comma that continues a `with` clause.
//
// `g(f(a) with retry: 2, b)` passes two arguments, `g(f(a) with retry: 2, delay: 1s)` one.  The comma belongs to the
// options when, blanks and comments aside, `lazy` or a valued option's name with a colon comes next.

#include "tree_sitter/parser.h"

#include <string.h>

enum TokenType { OPTION_COMMA };

#define LONGEST_NAME 13

static const char *const VALUED_OPTIONS[] = {
    "retry",    "timeout",  "delay",  "backoff",       "fallback", "cache",      "cache_backend", "throttle",
    "concurrency", "on_error", "priority", "batch", "batch_timeout", "window", "checkpoint", "join",
};

static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

static bool is_word(int32_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

static void skip_blanks_and_comments(TSLexer *lexer) {
    for (;;) {
        while (is_blank(lexer->lookahead)) lexer->advance(lexer, false);
        if (lexer->lookahead != '#') return;
        while (!lexer->eof(lexer) && lexer->lookahead != '\n') lexer->advance(lexer, false);
    }
}

static bool is_valued_option(const char *name) {
    for (size_t i = 0; i < sizeof VALUED_OPTIONS / sizeof VALUED_OPTIONS[0]; i++) {
        if (strcmp(name, VALUED_OPTIONS[i]) == 0) return true;
    }
    return false;
}

// Whether an option follows. The comma is already behind us and marked as the token's end.
static bool option_follows(TSLexer *lexer) {
    char name[LONGEST_NAME + 1];
    unsigned length = 0;
    skip_blanks_and_comments(lexer);
    while (is_word(lexer->lookahead)) {
        if (length == LONGEST_NAME) return false;
        name[length++] = (char)lexer->lookahead;
        lexer->advance(lexer, false);
    }
    name[length] = '\0';
    if (lexer->lookahead == '-') {
        // part of the name, unless the name ends here: `lazy->`, `lazy- 1`
        while (lexer->lookahead == '-') lexer->advance(lexer, false);
        if (is_word(lexer->lookahead)) return false;
        return strcmp(name, "lazy") == 0;
    }
    if (strcmp(name, "lazy") == 0) return true;
    if (!is_valued_option(name)) return false;
    skip_blanks_and_comments(lexer);
    return lexer->lookahead == ':';
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
    if (!valid_symbols[OPTION_COMMA]) return false;
    while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
    if (lexer->lookahead != ',') return false;
    lexer->advance(lexer, false);
    lexer->mark_end(lexer);
    lexer->result_symbol = OPTION_COMMA;
    return option_follows(lexer);
}
