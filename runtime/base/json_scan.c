/* json_scan.c - a strict JSON scanner for small objects, in place. */
#include "runtime/base/json_scan.h"

#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"

struct scan {
    char *p, *end;
    unsigned flags;
    int depth;
    const char *why;
};

static bool fail(struct scan *s, const char *why)
{
    s->why = why;
    return false;
}

static void blanks(struct scan *s)
{
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r'))
        s->p++;
}

static bool take(struct scan *s, char c)
{
    if (s->p == s->end || *s->p != c)
        return false;
    s->p++;
    return true;
}

static bool word(struct scan *s, const char *text)
{
    size_t n = strlen(text);
    if ((size_t)(s->end - s->p) < n || memcmp(s->p, text, n) != 0)
        return false;
    s->p += n;
    return true;
}

static bool digits(struct scan *s)
{
    char *from = s->p;
    while (s->p < s->end && char_digit(*s->p))
        s->p++;
    return s->p > from;
}

static bool number(struct scan *s)
{
    take(s, '-');
    if (!take(s, '0') && !digits(s))
        return fail(s, "a value that is not JSON");
    if (take(s, '.') && !digits(s))
        return fail(s, "a number without digits after its point");
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+'))
            take(s, '-');
        if (!digits(s))
            return fail(s, "a number without digits in its exponent");
    }
    return true;
}

/* Four hexadecimal digits; -1 when they are not. */
static long hex4(struct scan *s)
{
    long v = 0;
    if (s->end - s->p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int d = char_hex_value(*s->p++);
        if (d < 0)
            return -1;
        v = v << 4 | d;
    }
    return v;
}

/* After "\u". Appends the character at *to. */
static bool unicode(struct scan *s, char **to)
{
    long c = hex4(s);
    if (c < 0)
        return fail(s, "a \\u escape without four hexadecimal digits");
    if (c == 0)
        return fail(s, "a NUL character in a string");
    if (c >= 0xd800 && c < 0xe000) {
        long low = c < 0xdc00 && take(s, '\\') && take(s, 'u') ? hex4(s) : -1;
        if (low < 0xdc00 || low > 0xdfff)
            return fail(s, "half of a surrogate pair");
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    char *o = *to;
    if (c < 0x80) {
        *o++ = (char)c;
    } else {
        if (c < 0x800) {
            *o++ = (char)(0xc0 | c >> 6);
        } else {
            if (c < 0x10000) {
                *o++ = (char)(0xe0 | c >> 12);
            } else {
                *o++ = (char)(0xf0 | c >> 18);
                *o++ = (char)(0x80 | (c >> 12 & 63));
            }
            *o++ = (char)(0x80 | (c >> 6 & 63));
        }
        *o++ = (char)(0x80 | (c & 63));
    }
    *to = o;
    return true;
}

/* After a backslash. */
static bool escape(struct scan *s, char **to)
{
    static const char from[] = "\"\\/bfnrt", what[] = "\"\\/\b\f\n\r\t";
    if (s->p == s->end)
        return fail(s, "a string without an end");
    char c = *s->p++;
    if (c == 'u')
        return unicode(s, to);
    const char *at = memchr(from, c, sizeof from - 1);
    if (!at)
        return fail(s, "an unknown escape in a string");
    *(*to)++ = what[at - from];
    return true;
}

/* Reads a string and unescapes it where it stands; what comes out is never longer than what went in. */
static bool string(struct scan *s, struct span *out)
{
    if (!take(s, '"'))
        return fail(s, "something else where a string belongs");
    char *from = s->p, *to = from;
    for (;;) {
        if (s->p == s->end)
            return fail(s, "a string without an end");
        unsigned char c = (unsigned char)*s->p++;
        if (c == '"')
            break;
        if (c < 0x20)
            return fail(s, "a control character in a string");
        if (c != '\\')
            *to++ = (char)c;
        else if (!escape(s, &to))
            return false;
    }
    *to = '\0'; /* at the latest where the closing quote was */
    *out = (struct span){ from, (size_t)(to - from) };
    return true;
}

static bool object(struct scan *s, const struct scan_field *fields);

static bool array(struct scan *s);

static bool any(struct scan *s)
{
    static const struct scan_field none[] = { { NULL, NULL, NULL } };
    struct span ignored;
    if (s->p == s->end)
        return fail(s, "an end where a value belongs");
    switch (*s->p) {
    case '"':
        return string(s, &ignored);
    case '{':
        return object(s, none);
    case '[':
        return array(s);
    case 't':
        return word(s, "true") || fail(s, "a value that is not JSON");
    case 'f':
        return word(s, "false") || fail(s, "a value that is not JSON");
    case 'n':
        return word(s, "null") || fail(s, "a value that is not JSON");
    default:
        return number(s);
    }
}

static bool array(struct scan *s)
{
    if (++s->depth > SCAN_DEPTH)
        return fail(s, "too many levels");
    s->p++;
    blanks(s);
    if (!take(s, ']')) {
        do {
            blanks(s);
            if (!any(s))
                return false;
            blanks(s);
        } while (take(s, ','));
        if (!take(s, ']'))
            return fail(s, "an array without an end");
    }
    s->depth--;
    return true;
}

/* The value of a wanted member. */
static bool wanted(struct scan *s, const struct scan_field *f)
{
    if ((s->flags & SCAN_NULL) && word(s, "null"))
        return true;
    if (f->text)
        return string(s, f->text);
    if (s->p == s->end || *s->p != '{')
        return fail(s, "something else where an object belongs");
    return object(s, f->members);
}

static bool same(const struct scan *s, struct span a, struct span b)
{
    if (a.n != b.n)
        return false;
    if (!(s->flags & SCAN_NOCASE))
        return a.n == 0 || memcmp(a.p, b.p, a.n) == 0;
    for (size_t i = 0; i < a.n; i++)
        if (char_to_lower(a.p[i]) != char_to_lower(b.p[i]))
            return false;
    return true;
}

static bool member(struct scan *s, const struct scan_field *fields, struct span *seen, size_t *count)
{
    struct span name;
    if (!string(s, &name))
        return false;
    if (*count == SCAN_MEMBERS)
        return fail(s, "too many members");
    for (size_t i = 0; i < *count; i++)
        if (same(s, name, seen[i]))
            return fail(s, "a member that is given twice");
    seen[(*count)++] = name;
    blanks(s);
    if (!take(s, ':'))
        return fail(s, "a member without a colon");
    blanks(s);
    for (const struct scan_field *f = fields; f->name; f++)
        if (same(s, name, span_of(f->name)))
            return wanted(s, f);
    if ((s->flags & SCAN_CLOSED) && fields->name)
        return fail(s, "a member that is not allowed");
    return any(s);
}

static bool object(struct scan *s, const struct scan_field *fields)
{
    struct span seen[SCAN_MEMBERS];
    size_t count = 0;
    if (++s->depth > SCAN_DEPTH)
        return fail(s, "too many levels");
    s->p++;
    blanks(s);
    if (!take(s, '}')) {
        do {
            blanks(s);
            if (!member(s, fields, seen, &count))
                return false;
            blanks(s);
        } while (take(s, ','));
        if (!take(s, '}'))
            return fail(s, "an object without an end");
    }
    s->depth--;
    return true;
}

/* Most texts are ASCII, which eight bytes at a time can tell. */
static bool utf8(const char *p, size_t n)
{
    size_t at = 0;
    for (uint64_t w; n - at >= sizeof w; at += sizeof w) {
        memcpy(&w, p + at, sizeof w);
        if (w & 0x8080808080808080u)
            return utf8_valid((struct span){ p + at, n - at });
    }
    return utf8_valid((struct span){ p + at, n - at });
}

bool scan_object(char *text, size_t n, const struct scan_field *fields, unsigned flags, const char **why)
{
    struct scan s = { .p = text, .end = text + n, .flags = flags, .why = "" };
    bool ok = false;
    if (!utf8(text, n)) {
        fail(&s, "bytes that are not UTF-8");
        goto out;
    }
    blanks(&s);
    if (!((flags & SCAN_NULL) && word(&s, "null"))) {
        if (s.p == s.end || *s.p != '{') {
            fail(&s, "something else than a JSON object");
            goto out;
        }
        if (!object(&s, fields))
            goto out;
    }
    blanks(&s);
    ok = s.p == s.end || fail(&s, "something behind the object");
out:
    *why = s.why;
    return ok;
}
