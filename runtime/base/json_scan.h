/*
 * json_scan.h - a strict JSON scanner for small objects of which a few string members matter: no allocation, strings
 * unescaped in place, every byte checked. Bodies of invocations are jansson's work, not this one's.
 */
#ifndef ACTIONHOST_BASE_JSON_SCAN_H
#define ACTIONHOST_BASE_JSON_SCAN_H

#include "runtime/base/bytes.h"

enum { SCAN_DEPTH = 16, SCAN_MEMBERS = 64 };

/* What is wanted of an object: a string member, or an object whose members are wanted in turn. */
struct scan_field {
    const char *name;
    struct span *text;                /* where a string goes; NULL for an object */
    const struct scan_field *members; /* of the object; ends with a NULL name */
};

enum scan_flags {
    SCAN_NOCASE = 1, /* names match whatever the case of their ASCII letters, and so do duplicates */
    SCAN_CLOSED = 2, /* a member that is not listed is an error */
    SCAN_NULL = 4    /* null counts as absent, for the document, for strings and for objects */
};

/*
 * Scans text[0..n) as one JSON object with nothing behind it but blanks; `fields` ends with a NULL name. Wanted strings
 * that are absent stay as they are. Strings are unescaped where they stand and followed by a NUL, so `text` is changed
 * and must live as long as the spans. False with a short reason in *why: not JSON, not UTF-8, a NUL character, a lone
 * surrogate, a member twice in one object, more than SCAN_MEMBERS of them, deeper than SCAN_DEPTH, or a wanted member
 * of another type.
 */
bool scan_object(char *text, size_t n, const struct scan_field *fields, unsigned flags, const char **why) MUST_CHECK;

#endif
