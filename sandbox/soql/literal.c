/* literal.c - tokens as the parser takes them, and literal values. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/encoding.h"
#include "sandbox/soql/soql_parts.h"

void sq_advance(struct parser *p)
{
    p->token = p->ahead;
    p->ahead = soql_next_token(p->text, p->n, &p->at);
}

bool sq_is(const struct soql_token *t, const char *word)
{
    return (t->kind == TOKEN_NAME || t->kind == TOKEN_SIGN) && t->n == strlen(word) &&
           strncasecmp(t->p, word, t->n) == 0;
}

bool sq_at(const struct parser *p, const char *word)
{
    return sq_is(&p->token, word);
}

bool sq_take(struct parser *p, const char *word)
{
    if (!sq_at(p, word))
        return false;
    sq_advance(p);
    return true;
}

bool sq_unexpected(struct parser *p)
{
    if (p->token.kind == TOKEN_END)
        soql_fail(p->error, "MALFORMED_QUERY", p->token.at, "unexpected token: <EOF>");
    else if (p->token.kind == TOKEN_BAD && *p->token.p == '\'')
        soql_fail(p->error, "MALFORMED_QUERY", p->token.at,
                  "line breaks or an end of the text inside a string literal");
    else
        soql_fail(p->error, "MALFORMED_QUERY", p->token.at, "unexpected token: '%.*s'",
                  (int)(p->token.n < 80 ? p->token.n : 80), p->token.p);
    return false;
}

bool sq_expect(struct parser *p, const char *word)
{
    return sq_take(p, word) || sq_unexpected(p);
}

bool sq_in(const struct soql_token *t, const char *const *list)
{
    for (; *list; list++)
        if (sq_is(t, *list))
            return true;
    return false;
}

/* Words that cannot be an alias, because they go on with the query. */
bool sq_reserved(const struct soql_token *t)
{
    static const char *const words[] = { "AND",    "ASC",   "DESC",     "EXCLUDES", "FIRST",  "FROM",  "GROUP",
                                         "HAVING", "IN",    "INCLUDES", "LAST",     "LIKE",   "LIMIT", "NOT",
                                         "NULL",   "NULLS", "OR",       "ORDER",    "SELECT", "USING", "WHERE",
                                         "WITH",   "FOR",   "UPDATE",   "TRUE",     "FALSE",  NULL };
    return sq_in(t, words);
}

bool sq_plain(const struct soql_token *t)
{
    return t->kind == TOKEN_NAME && !memchr(t->p, '.', t->n);
}

const char *sq_copy(struct parser *p, const struct soql_token *t)
{
    return soql_dup(p->arena, t->p, t->n);
}

/* ---- values ---- */

static int hex4(const char *s, const char *end)
{
    int v = 0;
    for (int i = 0; i < 4; i++, s++) {
        if (s >= end || hex_value(*s) < 0)
            return -1;
        v = v * 16 + hex_value(*s);
    }
    return v;
}

static char *put_utf8(char *o, int c)
{
    if (c < 0x80) {
        *o++ = (char)c;
    } else if (c < 0x800) {
        *o++ = (char)(0xc0 | c >> 6);
        *o++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *o++ = (char)(0xe0 | c >> 12);
        *o++ = (char)(0x80 | (c >> 6 & 0x3f));
        *o++ = (char)(0x80 | (c & 0x3f));
    } else {
        *o++ = (char)(0xf0 | c >> 18);
        *o++ = (char)(0x80 | (c >> 12 & 0x3f));
        *o++ = (char)(0x80 | (c >> 6 & 0x3f));
        *o++ = (char)(0x80 | (c & 0x3f));
    }
    return o;
}

/* One escape; `like` keeps \% \_ and \\ as they are. Returns where it ends, NULL when it is none. */
static const char *unescape(const char *s, const char *end, bool like, char **out)
{
    static const char from[] = "nrtbfNRTBF\"'\\", to[] = "\n\r\t\b\f\n\r\t\b\f\"'\\";
    const char *at = *s ? strchr(from, *s) : NULL;
    if (*s == '%' || *s == '_' || (*s == '\\' && like)) {
        if (like)
            *(*out)++ = '\\';
        *(*out)++ = *s;
        return s + 1;
    }
    if (at) {
        *(*out)++ = to[at - from];
        return s + 1;
    }
    if (*s != 'u' && *s != 'U')
        return NULL;
    int c = hex4(s + 1, end), low = -1;
    s += 5;
    if (c >= 0xd800 && c < 0xdc00 && end - s >= 6 && s[0] == '\\' && (s[1] | 0x20) == 'u')
        low = hex4(s + 2, end);
    if (low >= 0xdc00 && low < 0xe000) {
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
        s += 6;
    }
    if (c <= 0 || (c >= 0xd800 && c < 0xe000))
        return NULL;
    *out = put_utf8(*out, c);
    return s;
}

static const char *decode_string(struct parser *p, const struct soql_token *t, bool like)
{
    char *text = soql_new(p->arena, 2 * t->n + 1), *o = text;
    const char *end = t->p + t->n - 1;
    for (const char *s = t->p + 1; s < end;) {
        if (*s != '\\') {
            *o++ = *s++;
            continue;
        }
        const char *next = unescape(s + 1, end, like, &o);
        if (!next) {
            soql_fail(p->error, "MALFORMED_QUERY", t->at,
                      "Invalid string literal '%.*s'. Illegal character sequence '\\%c' in string literal.",
                      (int)(t->n > 202 ? 200 : t->n - 2), t->p + 1, s[1]);
            return NULL;
        }
        s = next;
    }
    *o = '\0';
    return text;
}

static const char *capitals(struct parser *p, const struct soql_token *t)
{
    char *s = soql_dup(p->arena, t->p, t->n);
    for (char *c = s; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    return s;
}

static bool parse_named_value(struct parser *p, struct soql_value *v)
{
    bool takes_n = false;
    v->text = capitals(p, &p->token);
    if (sq_at(p, "TRUE") || sq_at(p, "FALSE"))
        v->kind = SOQL_BOOLEAN;
    else if (sq_at(p, "NULL"))
        v->kind = SOQL_NULL;
    else if (soql_is_date_literal(v->text, &takes_n))
        v->kind = takes_n ? SOQL_DATE_N_LITERAL : SOQL_DATE_LITERAL;
    else
        return sq_unexpected(p);
    sq_advance(p);
    if (!takes_n)
        return true;
    if (!sq_expect(p, ":"))
        return false;
    if (p->token.kind != TOKEN_INTEGER)
        return sq_unexpected(p);
    v->n = strtol(sq_copy(p, &p->token), NULL, 10);
    sq_advance(p);
    return true;
}

bool sq_value(struct parser *p, struct soql_value *v)
{
    static const enum soql_value_kind plain[] = { [TOKEN_INTEGER] = SOQL_INTEGER,
                                                  [TOKEN_DECIMAL] = SOQL_DECIMAL,
                                                  [TOKEN_CURRENCY] = SOQL_CURRENCY,
                                                  [TOKEN_DATE] = SOQL_DATE,
                                                  [TOKEN_DATETIME] = SOQL_DATETIME };
    v->at = p->token.at;
    if (soql_is_amount(&p->token))
        p->token.kind = TOKEN_CURRENCY;
    switch (p->token.kind) {
    case TOKEN_STRING:
        v->kind = SOQL_STRING;
        v->text = decode_string(p, &p->token, false);
        v->like = v->text ? decode_string(p, &p->token, true) : NULL;
        break;
    case TOKEN_INTEGER:
    case TOKEN_DECIMAL:
    case TOKEN_CURRENCY:
    case TOKEN_DATE:
    case TOKEN_DATETIME:
        v->kind = plain[p->token.kind];
        v->text = sq_copy(p, &p->token);
        break;
    case TOKEN_NAME:
        return parse_named_value(p, v);
    default:
        return sq_unexpected(p);
    }
    if (!v->text)
        return false;
    sq_advance(p);
    return true;
}
