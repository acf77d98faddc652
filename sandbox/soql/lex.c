/* lex.c - the words of SOQL. */
#include <ctype.h>
#include <string.h>

#include "sandbox/soql/soql.h"

static bool name_start(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t digits_at(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && isdigit((unsigned char)p[i]))
        i++;
    return i;
}

/* Matches a shape of '9' (digit) and literal characters. */
static bool shape(const char *p, size_t n, const char *want)
{
    size_t len = strlen(want);
    if (n < len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (want[i] == '9' ? !isdigit((unsigned char)p[i]) : toupper((unsigned char)p[i]) != want[i])
            return false;
    return true;
}

/* 2024-01-31, 2024-01-31T10:00:00.000Z, ...+01:00, ...+0100; 0 when it is neither. */
static size_t date_length(const char *p, size_t n, enum soql_token_kind *kind)
{
    if (!shape(p, n, "9999-99-99"))
        return 0;
    *kind = TOKEN_DATE;
    if (n <= 10 || toupper((unsigned char)p[10]) != 'T')
        return 10;
    if (!shape(p, n, "9999-99-99T99:99:99"))
        return 0;
    *kind = TOKEN_DATETIME;
    size_t i = 19;
    if (i < n && p[i] == '.')
        i += 1 + digits_at(p + i + 1, n - i - 1);
    if (i < n && toupper((unsigned char)p[i]) == 'Z')
        return i + 1;
    if (shape(p + i, n - i, "+99:99") || shape(p + i, n - i, "-99:99"))
        return i + 6;
    return shape(p + i, n - i, "+9999") || shape(p + i, n - i, "-9999") ? i + 5 : 0;
}

/* e5, E+5 or e-5; 0 when it is none */
static size_t exponent_length(const char *p, size_t n)
{
    size_t sign = n > 1 && (p[1] == '+' || p[1] == '-');
    if (n < 2 || (*p != 'e' && *p != 'E'))
        return 0;
    size_t digits = digits_at(p + 1 + sign, n - 1 - sign);
    return digits ? 1 + sign + digits : 0;
}

static size_t number_length(const char *p, size_t n, enum soql_token_kind *kind)
{
    size_t i = n && (*p == '-' || *p == '+'), whole = digits_at(p + i, n - i);
    *kind = TOKEN_INTEGER;
    i += whole;
    size_t part = i < n && p[i] == '.' ? digits_at(p + i + 1, n - i - 1) : 0;
    if (part) {
        *kind = TOKEN_DECIMAL;
        i += 1 + part;
    }
    if (!whole && !part)
        return 0;
    size_t exponent = exponent_length(p + i, n - i);
    if (exponent)
        *kind = TOKEN_DECIMAL;
    return i + exponent;
}

/* Three letters and a number, as in USD5000. What begins so and goes on like a name is one, and USD5000 itself may be
 * an alias: sq_value takes it as an amount where a value stands. */
static size_t currency_length(const char *p, size_t n)
{
    enum soql_token_kind kind;
    if (n < 4 || !isalpha((unsigned char)p[0]) || !isalpha((unsigned char)p[1]) || !isalpha((unsigned char)p[2]) ||
        !isdigit((unsigned char)p[3]))
        return 0;
    size_t len = 3 + number_length(p + 3, n - 3, &kind);
    return len < n && (name_char(p[len]) || p[len] == '.') ? 0 : len;
}

static size_t name_length(const char *p, size_t n)
{
    size_t i = 0;
    while (i < n && (name_char(p[i]) || (p[i] == '.' && i + 1 < n && name_start(p[i + 1]))))
        i++;
    return i;
}

/* Up to the closing quote; 0 when there is none. */
static size_t string_length(const char *p, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (p[i] == '\\')
            i++;
        else if (p[i] == '\'')
            return i + 1;
    }
    return 0;
}

static size_t sign_length(const char *p, size_t n)
{
    static const char *const two[] = { "!=", "<>", "<=", ">=" };
    for (size_t i = 0; n >= 2 && i < sizeof two / sizeof *two; i++)
        if (memcmp(p, two[i], 2) == 0)
            return 2;
    return strchr("(),:=<>", *p) && *p ? 1 : 0;
}

struct soql_token soql_next_token(const char *text, size_t n, size_t *at)
{
    while (*at < n && isspace((unsigned char)text[*at]))
        (*at)++;
    struct soql_token t = { TOKEN_END, text + *at, 0, *at };
    size_t left = n - *at;
    const char *p = t.p;
    if (left == 0)
        return t;
    if (name_start(*p)) {
        size_t amount = currency_length(p, left);
        t.n = name_length(p, left);
        t.kind = amount > t.n ? TOKEN_CURRENCY : TOKEN_NAME;
        t.n = amount > t.n ? amount : t.n;
    } else if (*p == '\'') {
        t.kind = TOKEN_STRING;
        t.n = string_length(p, left);
    } else if (isdigit((unsigned char)*p) || *p == '-' || *p == '+' || *p == '.') {
        t.n = date_length(p, left, &t.kind);
        t.n = t.n ? t.n : number_length(p, left, &t.kind);
        /* 5abc is no number; a date runs into nothing either */
        if (t.n < left && name_char(p[t.n]))
            t.n = 0;
    } else {
        t.kind = TOKEN_SIGN;
        t.n = sign_length(p, left);
    }
    if (t.n == 0) {
        t.kind = TOKEN_BAD;
        t.n = 1;
    }
    *at += t.n;
    return t;
}

bool soql_is_amount(const struct soql_token *t)
{
    return t->kind == TOKEN_NAME && currency_length(t->p, t->n) == t->n;
}
