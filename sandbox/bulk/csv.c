/* csv.c - see csv.h. */
#include "sandbox/bulk/csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    char c;
} delimiters[] = {
    { "COMMA", ',' }, { "TAB", '\t' }, { "PIPE", '|' }, { "SEMICOLON", ';' }, { "CARET", '^' }, { "BACKQUOTE", '`' },
};
enum { DELIMITERS = sizeof delimiters / sizeof *delimiters };

bool csv_delimiter(const char *name, char *out)
{
    for (size_t i = 0; i < DELIMITERS; i++)
        if (strcmp(delimiters[i].name, name) == 0) {
            *out = delimiters[i].c;
            return true;
        }
    return false;
}

const char *csv_delimiter_name(char delimiter)
{
    size_t i = 0;
    while (i < DELIMITERS - 1 && delimiters[i].c != delimiter)
        i++;
    return delimiters[i].name;
}

bool csv_line_ending(const char *name, bool *crlf)
{
    *crlf = strcmp(name, "CRLF") == 0;
    return *crlf || strcmp(name, "LF") == 0;
}

const char *csv_line_ending_name(bool crlf)
{
    return crlf ? "CRLF" : "LF";
}

/* ---- one record ---- */

const char *csv_value(const struct csv_record *r, size_t i, size_t *n)
{
    *n = r->starts[i + 1] - r->starts[i] - 1;
    return r->text.p + r->starts[i];
}

void csv_record_free(struct csv_record *r)
{
    text_free(&r->text);
    free(r->starts);
    *r = (struct csv_record){ .n = 0 };
}

/* The value that was just added ends here. */
static void end_value(struct csv_record *r)
{
    text_char(&r->text, '\0');
    if (r->n + 2 > r->cap) {
        r->cap = r->cap ? r->cap * 2 : 32;
        r->starts = realloc(r->starts, r->cap * sizeof *r->starts);
        if (!r->starts)
            abort();
        r->starts[0] = 0;
    }
    r->starts[++r->n] = r->text.n;
}

/* Characters of n bytes as an org counts them, in UTF-16; (size_t)-1 when they are not UTF-8. */
static size_t characters(const char *s, size_t n)
{
    size_t count = 0;
    for (size_t i = 0; i < n;) {
        unsigned char c = (unsigned char)s[i];
        size_t more = c < 0x80                ? 0
                      : c >= 0xc2 && c < 0xe0 ? 1
                      : c >= 0xe0 && c < 0xf0 ? 2
                      : c >= 0xf0 && c < 0xf5 ? 3
                                              : n;
        if (more >= n - i)
            return (size_t)-1;
        for (size_t k = 1; k <= more; k++)
            if (((unsigned char)s[i + k] & 0xc0) != 0x80)
                return (size_t)-1;
        unsigned char next = more ? (unsigned char)s[i + 1] : 0;
        bool overlong = (c == 0xe0 && next < 0xa0) || (c == 0xf0 && next < 0x90);
        if (overlong || (c == 0xed && next >= 0xa0) || (c == 0xf4 && next >= 0x90))
            return (size_t)-1;
        count += c >= 0xf0 ? 2 : 1;
        i += more + 1;
    }
    return count;
}

/* ---- reading ---- */

void csv_start(struct csv_reader *r, const char *p, size_t n, const struct csv_dialect *dialect)
{
    *r = (struct csv_reader){ .p = p, .end = p + n, .dialect = *dialect };
}

static bool wrong(struct csv_reader *r, const char *what)
{
    snprintf(r->why, sizeof r->why, "%s (record %llu)", what, r->at);
    return false;
}

static bool wrong_ending(struct csv_reader *r)
{
    snprintf(r->why, sizeof r->why,
             "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is %s",
             csv_line_ending_name(r->dialect.crlf));
    return false;
}

/* Bytes of the line ending that stands at p: 0 when none does. One of the other kind is told by `other`. */
static size_t ending_at(const struct csv_reader *r, const char *p, bool *other)
{
    size_t found = *p == '\n' ? 1 : *p == '\r' && p + 1 < r->end && p[1] == '\n' ? 2 : 0;
    *other = found && found != (r->dialect.crlf ? 2u : 1u);
    return found;
}

/* A value in quotes; r->p stands behind the first of them, afterwards behind the last. */
static bool quoted_value(struct csv_reader *r, struct csv_record *out)
{
    for (;;) {
        const char *quote = memchr(r->p, '"', (size_t)(r->end - r->p));
        if (!quote)
            return wrong(r, "InvalidBatch : A quoted value has no closing quote");
        bool doubled = quote + 1 < r->end && quote[1] == '"';
        text_add(&out->text, r->p, (size_t)(quote - r->p) + doubled);
        r->p = quote + 1 + doubled;
        if (!doubled)
            return true;
    }
}

/* A quote in it ends it, and is then what should have been a delimiter. */
static void plain_value(struct csv_reader *r, struct csv_record *out)
{
    const char *p = r->p;
    bool other = false;
    while (p < r->end && *p != r->dialect.delimiter && *p != '"' && !ending_at(r, p, &other))
        p++;
    text_add(&out->text, r->p, (size_t)(p - r->p));
    r->p = p;
}

/* All values of the record at r->p, which ends up behind its line ending. */
static bool read_values(struct csv_reader *r, struct csv_record *out)
{
    for (;;) {
        bool other = false;
        bool quoted = r->p < r->end && *r->p == '"';
        r->p += quoted;
        if (quoted && !quoted_value(r, out))
            return false;
        if (!quoted)
            plain_value(r, out);
        end_value(out);
        if (out->n > CSV_COLUMNS_MAX)
            return wrong(r, "InvalidBatch : A record has more than 5,000 fields");
        if (r->p == r->end) {
            out->raw_n = (size_t)(r->p - out->raw);
            return true;
        }
        size_t ending = ending_at(r, r->p, &other);
        if (ending) {
            out->raw_n = (size_t)(r->p - out->raw);
            r->p += ending;
            return !other || wrong_ending(r);
        }
        if (*r->p != r->dialect.delimiter)
            return wrong(r, "InvalidBatch : A quote or blanks stand outside of a quoted value");
        r->p++;
    }
}

static bool within_limits(struct csv_reader *r, const struct csv_record *out)
{
    size_t whole = characters(out->raw, out->raw_n);
    if (whole == (size_t)-1)
        return wrong(r, "InvalidBatch : The data is not UTF-8");
    if (memchr(out->raw, '\0', out->raw_n))
        return wrong(r, "InvalidBatch : The data holds a NUL character");
    if (r->at == 1 && whole > CSV_HEADER_MAX)
        return wrong(r, "InvalidBatch : The header has more than 32,000 characters");
    if (whole > CSV_RECORD_MAX)
        return wrong(r, "InvalidBatch : A record has more than 400,000 characters");
    for (size_t i = 0, n; i < out->n && whole > CSV_FIELD_MAX; i++) {
        const char *value = csv_value(out, i, &n);
        if (n > CSV_FIELD_MAX && characters(value, n) > CSV_FIELD_MAX)
            return wrong(r, "InvalidBatch : A field has more than 32,000 characters");
    }
    if (r->at == 1)
        r->columns = out->n;
    return out->n == r->columns || wrong(r, "InvalidBatch : The number of fields is not that of the header");
}

enum csv_outcome csv_next(struct csv_reader *r, struct csv_record *out)
{
    size_t ending;
    bool other = false;
    out->n = 0;
    out->text.n = 0;
    while (r->p < r->end && (ending = ending_at(r, r->p, &other)) > 0) {
        if (other) {
            wrong_ending(r);
            return CSV_WRONG;
        }
        r->p += ending;
    }
    if (r->p == r->end)
        return CSV_END;
    r->at++;
    out->raw = r->p;
    return read_values(r, out) && within_limits(r, out) ? CSV_READ : CSV_WRONG;
}

/* ---- writing ---- */

void csv_put(struct text *out, const struct csv_dialect *dialect, bool first, const char *p, size_t n)
{
    if (!first)
        text_char(out, dialect->delimiter);
    text_char(out, '"');
    for (const char *quote; (quote = n ? memchr(p, '"', n) : NULL) != NULL;) {
        text_add(out, p, (size_t)(quote - p) + 1);
        text_char(out, '"');
        n -= (size_t)(quote - p) + 1;
        p = quote + 1;
    }
    text_add(out, p, n);
    text_char(out, '"');
}

void csv_end_record(struct text *out, const struct csv_dialect *dialect)
{
    text_str(out, dialect->crlf ? "\r\n" : "\n");
}
