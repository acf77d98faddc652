/* bulk_csv.c - reading and writing CSV, a piece and a record at a time. */
#include "runtime/client/bulk_parts.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"

/* Where the reader stands. */
enum {
    AT_FIELD,  /* before the first byte of a field */
    IN_PLAIN,  /* within a field without quotes */
    IN_QUOTED, /* within quotes */
    AT_QUOTE,  /* behind a quote within quotes: the end, or the first half of a quote */
    AT_CR,     /* behind a CR that must be half of a line's end */
    BROKEN
};

void csv_reader_init(struct csv_reader *r, csv_record_fn *record, void *ctx)
{
    *r = (struct csv_reader){ .record = record, .ctx = ctx, .state = AT_FIELD };
    buf_init(&r->text, CSV_RECORD);
}

void csv_reader_fini(struct csv_reader *r)
{
    buf_free(&r->text);
    free(r->starts);
    r->starts = NULL;
}

static bool broken(struct csv_reader *r, const char *why)
{
    r->why = why;
    r->state = BROKEN;
    return false;
}

/* ---- fields and records ---- */

static bool begin_field(struct csv_reader *r)
{
    if (r->n == CSV_COLUMNS)
        return broken(r, "A record has more than 5,000 fields.");
    if (r->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 16;
        size_t *more = realloc(r->starts, cap * sizeof *more);
        if (!more)
            return broken(r, "Out of memory.");
        r->starts = more;
        r->cap = cap;
    }
    r->starts[r->n++] = r->text.n;
    return true;
}

static bool add(struct csv_reader *r, const char *p, size_t n)
{
    return buf_add(&r->text, p, n) || broken(r, "A record is longer than an org allows.");
}

static bool end_field(struct csv_reader *r)
{
    r->state = AT_FIELD;
    return add(r, "", 1);
}

static bool end_record(struct csv_reader *r)
{
    struct span text = { r->text.p, r->text.n };
    if (r->columns && r->n != r->columns)
        return broken(r, "A record has more or fewer fields than the header.");
    if (!utf8_valid(text))
        return broken(r, "A record is not UTF-8.");
    const char **fields = malloc(r->n * sizeof *fields);
    if (!fields)
        return broken(r, "Out of memory.");
    for (size_t i = 0; i < r->n; i++)
        fields[i] = r->text.p + r->starts[i];
    r->columns = r->n;
    r->records++;
    bool on = r->record(r->ctx, fields, r->n);
    free(fields);
    r->text.n = 0;
    r->n = 0;
    return on || broken(r, NULL);
}

/* ---- bytes ---- */

/* What ends a field without quotes. */
static bool ends_plain(char c)
{
    return c == ',' || c == '\n' || c == '\r';
}

/* A byte behind a whole field. */
static bool behind_field(struct csv_reader *r, char c)
{
    if (c == '\r') {
        r->state = AT_CR;
        return true;
    }
    return end_field(r) && (c == ',' || end_record(r));
}

/* As much of a plain or quoted field as there is; returns how much, 0 = broken. */
static size_t take_run(struct csv_reader *r, const char *p, size_t n)
{
    size_t k = 0;
    bool quoted = r->state == IN_QUOTED;
    while (k < n && p[k] && p[k] != '"' && (quoted || !ends_plain(p[k])))
        k++;
    if (k && !add(r, p, k))
        return 0;
    return k;
}

static bool take_byte(struct csv_reader *r, char c)
{
    if (!c)
        return broken(r, "A record has a NUL byte.");
    switch (r->state) {
    case AT_FIELD:
        if (!begin_field(r))
            return false;
        r->state = c == '"' ? IN_QUOTED : IN_PLAIN;
        return c == '"' || (ends_plain(c) ? behind_field(r, c) : add(r, &c, 1));
    case IN_PLAIN:
        return c == '"' ? broken(r, "A quote stands within a field that does not begin with one.") : behind_field(r, c);
    case IN_QUOTED:
        r->state = AT_QUOTE; /* nothing else ends a run */
        return true;
    case AT_QUOTE:
        if (c == '"') {
            r->state = IN_QUOTED;
            return add(r, &c, 1);
        }
        return ends_plain(c) ? behind_field(r, c) : broken(r, "A quoted field goes on behind its last quote.");
    case AT_CR:
        return c == '\n' ? end_field(r) && end_record(r) : broken(r, "A CR outside of quotes is not followed by LF.");
    default:
        return false;
    }
}

bool csv_read(struct csv_reader *r, const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && r->state != BROKEN) {
        size_t k = r->state == IN_PLAIN || r->state == IN_QUOTED ? take_run(r, p + i, n - i) : 0;
        i += k;
        if (r->state != BROKEN && k == 0 && !take_byte(r, p[i++]))
            break;
    }
    return r->state != BROKEN;
}

bool csv_read_end(struct csv_reader *r)
{
    switch (r->state) {
    case BROKEN:
        return false;
    case IN_QUOTED:
        return broken(r, "The text ends within quotes.");
    case AT_CR:
        return broken(r, "The text ends with a CR without LF.");
    case AT_FIELD:
        return r->n == 0 || (begin_field(r) && end_field(r) && end_record(r)); /* a comma was the last byte */
    default:
        return end_field(r) && end_record(r);
    }
}

/* ---- writing ---- */

static size_t characters(struct span s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

static const char *fault_of(const char *value)
{
    struct span s = span_of(value);
    if (strcmp(value, "#N/A") == 0)
        return "The text #N/A cannot be sent: the org would empty the field.";
    if (!utf8_valid(s))
        return "A value is not UTF-8.";
    if (s.n > CSV_FIELD_CHARS && characters(s) > CSV_FIELD_CHARS)
        return "A value has more than 131,072 characters.";
    return NULL;
}

/* Blanks at an end are kept as they are, but some readers take them off unless they are quoted. */
static bool needs_quotes(const char *s)
{
    size_t n = strlen(s);
    return strpbrk(s, "\",\r\n") || s[0] == ' ' || s[0] == '\t' || (n && (s[n - 1] == ' ' || s[n - 1] == '\t'));
}

static void write_field(struct buf *out, const char *s)
{
    if (!needs_quotes(s)) {
        buf_str(out, s);
        return;
    }
    buf_char(out, '"');
    for (const char *quote; (quote = strchr(s, '"')); s = quote + 1) {
        buf_add(out, s, (size_t)(quote - s));
        buf_str(out, "\"\"");
    }
    buf_str(out, s);
    buf_char(out, '"');
}

static const char *write_fields(struct buf *out, const char *const *values, size_t n, const char *null)
{
    size_t begun = out->n;
    for (size_t i = 0; i < n; i++) {
        const char *value = values[i] ? values[i] : "";
        const char *fault = value == null ? NULL : fault_of(value);
        if (fault)
            return fault;
        if (i)
            buf_char(out, ',');
        if (n == 1 && !*value)
            buf_str(out, "\"\""); /* a bare line's end would be no record */
        else if (value == null)
            buf_str(out, "#N/A");
        else
            write_field(out, value);
    }
    buf_char(out, '\n');
    if (out->failed || out->n - begun > CSV_RECORD ||
        (out->n - begun > CSV_RECORD / 4 &&
         characters((struct span){ out->p + begun, out->n - begun }) > CSV_RECORD / 4))
        return "A record has more than 400,000 characters.";
    return NULL;
}

bool csv_write(struct buf *out, const char *const *values, size_t n, const char *null, const char **why)
{
    size_t begun = out->n;
    *why = write_fields(out, values, n, null);
    if (!*why)
        return true;
    out->n = begun;
    out->failed = false;
    if (out->p)
        out->p[begun] = '\0';
    return false;
}
