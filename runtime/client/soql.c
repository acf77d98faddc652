/* soql.c - typed values into SOQL. */
#include "runtime/client/soql.h"

#include <stdio.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/client/client_parts.h"

struct writer {
    struct buf *out;
    char *why;
    size_t size;
};

static bool fault(struct writer *w, const char *what)
{
    snprintf(w->why, w->size, "%s", what);
    return false;
}

/* Backslash and quote are what could end a literal; control characters get their escapes (SOQL reserved characters:
 * \n \r \t \b \f, else \uXXXX), so that the text stays on one line. */
static void write_escaped(struct buf *out, char c)
{
    static const char from[] = "\\'\n\r\t\b\f", to[] = "\\'nrtbf";
    const char *known = strchr(from, c);
    if (known)
        buf_fmt(out, "\\%c", to[known - from]);
    else
        buf_fmt(out, "\\u%04X", (unsigned)c);
}

/* A quoted literal. */
static bool write_text(struct writer *w, const char *s)
{
    struct buf *out = w->out;
    if (!s)
        return buf_str(out, "null");
    if (!utf8_valid(span_of(s)))
        return fault(w, "A text value is not UTF-8.");
    buf_char(out, '\'');
    while (*s) {
        size_t n = 0;
        while ((unsigned char)s[n] >= ' ' && s[n] != '\\' && s[n] != '\'')
            n++;
        buf_add(out, s, n);
        s += n;
        if (!*s)
            break;
        write_escaped(out, *s++);
    }
    return buf_char(out, '\'');
}

/* A pattern of LIKE that finds the text anywhere: what has a meaning in patterns is written so that it has none. */
static bool write_contains(struct writer *w, const char *s)
{
    struct buf *out = w->out;
    if (!s || !utf8_valid(span_of(s)))
        return fault(w, "A text value is not UTF-8.");
    buf_str(out, "'%");
    for (; *s; s++) {
        if (*s == '%' || *s == '_')
            buf_fmt(out, "\\%c", *s);
        else if (*s == '\\' || *s == '\'' || (unsigned char)*s < ' ')
            write_escaped(out, *s);
        else
            buf_char(out, *s);
    }
    return buf_str(out, "%'");
}

static bool write_id(struct writer *w, const char *id)
{
    char id18[SF_ID_SIZE];
    if (!id || !sf_id_check(id, id18))
        return fault(w, "An id value is no record id of 15 or 18 characters.");
    return buf_fmt(w->out, "'%s'", id18);
}

/* -12.50, 1e3: digits around an optional point, optional exponent. */
static bool is_decimal(const char *s)
{
    size_t n;
    if (!s)
        return false;
    s += *s == '-';
    n = strspn(s, "0123456789");
    if (n == 0 || n > 40)
        return false;
    s += n;
    if (*s == '.') {
        n = strspn(++s, "0123456789");
        if (n == 0 || n > 40)
            return false;
        s += n;
    }
    if (*s == 'e' || *s == 'E') {
        s++;
        s += *s == '-' || *s == '+';
        n = strspn(s, "0123456789");
        if (n == 0 || n > 3)
            return false;
        s += n;
    }
    return *s == '\0';
}

static bool write_time(struct writer *w, int64_t t, bool with_time)
{
    struct tm tm;
    time_t when = (time_t)t;
    /* 1700-01-01 to 4000-12-31: what an org can hold */
    if (t < -8520336000 || t > 64092211199 || !gmtime_r(&when, &tm))
        return fault(w, "A date lies outside the years 1700 to 4000.");
    buf_fmt(w->out, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
    return !with_time || buf_fmt(w->out, "T%02d:%02d:%02dZ", tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static bool write_list(struct writer *w, const struct sf_bind *b, bool (*one)(struct writer *, const char *))
{
    if (b->count == 0)
        return fault(w, "A list of values is empty.");
    buf_char(w->out, '(');
    for (size_t i = 0; i < b->count; i++) {
        if (i)
            buf_char(w->out, ',');
        if (!one(w, b->list[i]))
            return false;
    }
    return buf_char(w->out, ')');
}

static bool write_fields(struct writer *w, const struct sf_bind *b, const bool *taken)
{
    bool optional = b->type == SF_BIND_OPTIONAL;
    if (b->count == 0 && !optional)
        return fault(w, "A list of fields is empty.");
    for (size_t i = 0; i < b->count; i++) {
        if (!sf_name_ok(b->list[i], true))
            return fault(w, "A field name holds other characters than letters, digits, \"_\" and \".\".");
        if (optional && (!taken || !taken[i]))
            continue;
        buf_str(w->out, i || optional ? ", " : "");
        buf_str(w->out, b->list[i]);
    }
    return true;
}

static bool write_bind(struct writer *w, const struct sf_bind *b, const bool *taken)
{
    switch (b->type) {
    case SF_BIND_TEXT:
        return write_text(w, b->text);
    case SF_BIND_CONTAINS:
        return write_contains(w, b->text);
    case SF_BIND_ID:
        return write_id(w, b->text);
    case SF_BIND_INT:
        return buf_fmt(w->out, "%lld", (long long)b->number);
    case SF_BIND_DECIMAL:
        return is_decimal(b->text) ? buf_str(w->out, b->text) : fault(w, "A decimal value is no number.");
    case SF_BIND_BOOL:
        return buf_str(w->out, b->number ? "true" : "false");
    case SF_BIND_DATE:
        return write_time(w, b->number, false);
    case SF_BIND_DATETIME:
        return write_time(w, b->number, true);
    case SF_BIND_TEXTS:
        return write_list(w, b, write_text);
    case SF_BIND_IDS:
        return write_list(w, b, write_id);
    case SF_BIND_FIELDS:
    case SF_BIND_OPTIONAL:
        return write_fields(w, b, taken);
    case SF_BIND_CONDITION:
        return sf_condition_check(b->text, w->why, w->size) && buf_fmt(w->out, "(%s)", b->text);
    }
    return fault(w, "A value has no type.");
}

/* Length of what stands before the next hole: quoted literals of the template are stepped over as a whole. */
static size_t until_hole(const char *s)
{
    size_t n = 0;
    bool quoted = false;
    for (; s[n] && (quoted || s[n] != '?'); n++) {
        if (quoted && s[n] == '\\' && s[n + 1])
            n++;
        else if (s[n] == '\'')
            quoted = !quoted;
    }
    return n;
}

bool soql_write(struct buf *out, const char *soql, const struct sf_bind *binds, size_t count,
                const bool *const *optional, char *why, size_t size)
{
    struct writer w = { out, why, size };
    size_t used = 0;
    for (;;) {
        size_t n = until_hole(soql);
        buf_add(out, soql, n);
        soql += n;
        if (!*soql)
            break;
        soql++;
        if (used == count)
            return fault(&w, "The query has more \"?\" than values.");
        if (!write_bind(&w, &binds[used], optional ? optional[used] : NULL) && !out->failed)
            return false;
        used++;
    }
    if (used != count)
        return fault(&w, "The query has fewer \"?\" than values.");
    return out->failed ? fault(&w, "The query is longer than an org accepts.") : true;
}
