/*
 * pattern.h - regular expressions that ECMAScript (which reads the published document) and POSIX (which runs here)
 * understand alike.
 *
 * Allowed: ASCII characters, classes such as [A-Za-z0-9_-], groups, alternation, the quantifiers * + ? {m} {m,} {m,n},
 * ^ at the beginning and $ at the end of the pattern or of a branch that is not repeated, and \ before one of ^ $ \ . *
 * + ? ( ) [ ] { } | outside a class. Refused, because the two differ: . and negated classes (a byte here, a UTF-16 unit
 * there), \d \w \s \b, lazy quantifiers, look-around, back references, POSIX classes, a backslash inside a class.
 */
#ifndef ACTIONHOST_SCHEMA_PATTERN_H
#define ACTIONHOST_SCHEMA_PATTERN_H

#include "runtime/base/bytes.h"

enum {
    PATTERN_INPUT = 16 * 1024, /* bytes that are matched at most: matching time is bounded by it */
    PATTERN_TEXT = 512,        /* bytes of a pattern */
    PATTERN_STEPS = 4096       /* atoms after unrolling every {m,n}: bounds the compiled automaton */
};

struct pattern;

/* NULL with the reason, and what to write instead, in `why`. */
struct pattern *pattern_new(const char *text, char *why, size_t size) MUST_CHECK;
void pattern_free(struct pattern *p);

/*
 * Whether it occurs anywhere in `s` (anchors tie it), which has a NUL behind its bytes, as JSON strings have. A longer
 * text than PATTERN_INPUT never matches.
 */
bool pattern_match(const struct pattern *p, struct span s);

#endif
