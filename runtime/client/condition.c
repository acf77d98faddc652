/*
 * condition.c - whether a text from outside can stand behind WHERE in brackets without becoming anything else.
 *
 * It is read token by token; whatever is no token of a condition is refused. What can follow what is left to the org,
 * but brackets, quotes and words are not: with those right, the text cannot end the bracket that it is put into, and
 * no clause can begin inside.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "runtime/base/chars.h"
#include "runtime/base/encoding.h"
#include "runtime/client/client_parts.h"

struct reader {
    const char *p;
    int depth;
    bool compared; /* there was an operator */
    char *why;
    size_t size;
};

enum { WORD_MAX = 500, DEPTH_MAX = 100 };

static bool no(struct reader *r, const char *what)
{
    snprintf(r->why, r->size, "%s", what);
    return false;
}

/* Words that begin a clause, a sub-select or a scope. None of them is the name of a field, so they need no quotes. */
static bool forbidden(const char *word, size_t n)
{
    static const char *const words[] = { "SELECT", "FROM",   "WHERE",    "LIMIT", "OFFSET", "ORDER", "GROUP",
                                         "HAVING", "FOR",    "WITH",     "USING", "SCOPE",  "ALL",   "ROWS",
                                         "TYPEOF", "UPDATE", "VIEWSTAT", "BY",    "FIELDS", "END" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && strncasecmp(words[i], word, n) == 0)
            return true;
    return false;
}

static bool operator_word(const char *word, size_t n)
{
    static const char *const words[] = { "LIKE", "IN", "INCLUDES", "EXCLUDES" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strlen(words[i]) == n && strncasecmp(words[i], word, n) == 0)
            return true;
    return false;
}

/* LAST_N_DAYS:30 and its sisters: the one place for a colon. */
static bool counted_date(const char *word, size_t n)
{
    return (n > 7 && (strncasecmp(word, "LAST_N_", 7) == 0 || strncasecmp(word, "NEXT_N_", 7) == 0)) ||
           (n > 6 && strncasecmp(word, "N_", 2) == 0 && strncasecmp(word + n - 4, "_AGO", 4) == 0);
}

/* Account.Name, USD5000, LAST_N_DAYS:30, DISTANCE */
static bool take_word(struct reader *r)
{
    size_t n = 0;
    while (char_alnum(r->p[n]) || r->p[n] == '_' || r->p[n] == '.')
        n++;
    if (n > WORD_MAX)
        return no(r, "A name in the condition is too long.");
    if (forbidden(r->p, n)) {
        snprintf(r->why, r->size,
                 "The condition has the word %.*s. Write only what stands behind WHERE, without sub-select, ORDER BY, "
                 "LIMIT or the like.",
                 (int)n, r->p);
        return false;
    }
    r->compared = r->compared || operator_word(r->p, n);
    bool counted = counted_date(r->p, n);
    r->p += n;
    if (*r->p != ':')
        return true;
    if (!counted || !char_digit(r->p[1]))
        return no(r, "The condition has a \":\": binds are not known here. Write the value itself.");
    for (r->p++; char_digit(*r->p);)
        r->p++;
    return true;
}

/* How much of `p` has the form, in which 0 stands for a digit; 0 when it has another. */
static size_t formed(const char *p, const char *form)
{
    size_t n = 0;
    for (; form[n]; n++)
        if (form[n] == '0' ? !char_digit(p[n]) : p[n] != form[n])
            return 0;
    return n;
}

static size_t digits(const char *p)
{
    return strspn(p, "0123456789");
}

/* Z, +01:00, -0530 */
static size_t zone(const char *p)
{
    if (*p == 'Z' || *p == 'z')
        return 1;
    size_t n = *p != '+' && *p != '-' ? 0 : formed(p + 1, "00:00") ? 6 : formed(p + 1, "0000") ? 5 : 0;
    return n;
}

/* 2026-01-31, 2026-01-31T10:00:00.000+01:00; 0 when it is no date. */
static size_t date(const char *p)
{
    size_t n = formed(p, "0000-00-00"), time = n ? formed(p + n, "T00:00:00") : 0;
    if (!time)
        return n;
    n += time;
    if (p[n] == '.')
        n += 1 + digits(p + n + 1);
    return zone(p + n) ? n + zone(p + n) : 0;
}

/* 5, -1.5e3 */
static size_t number(const char *p)
{
    size_t n = *p == '-' || *p == '+', whole = digits(p + n);
    n += whole;
    if (p[n] == '.')
        n += 1 + digits(p + n + 1);
    if ((p[n] | 32) == 'e') {
        size_t sign = p[n + 1] == '-' || p[n + 1] == '+', power = digits(p + n + 1 + sign);
        n += power ? 1 + sign + power : 0;
    }
    return n;
}

static bool take_number(struct reader *r)
{
    size_t n = date(r->p);
    r->p += n ? n : number(r->p);
    if (char_alnum(*r->p) || *r->p == '_' || *r->p == '.' || *r->p == ':' || *r->p == '-' || *r->p == '+')
        return no(r, "A number or date in the condition is none, or runs into what follows. Dates are written "
                     "2026-01-31 or 2026-01-31T10:00:00Z.");
    return true;
}

/* 'it\'s', closed within the text. */
static bool take_text(struct reader *r)
{
    const char *p = r->p + 1;
    for (; *p != '\''; p++) {
        if (*p == '\\' && p[1])
            p++;
        if ((unsigned char)*p < ' ')
            return no(r, *p ? "A text in the condition has a control character."
                            : "A text in the condition is not closed: a quote is missing.");
    }
    r->p = p + 1;
    return true;
}

static bool take_sign(struct reader *r)
{
    static const char *const operators[] = { "<=", ">=", "!=", "<>", "=", "<", ">" };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        size_t n = strlen(operators[i]);
        if (strncmp(r->p, operators[i], n) == 0) {
            r->compared = true;
            r->p += n;
            return true;
        }
    }
    if (*r->p == '(' && ++r->depth > DEPTH_MAX)
        return no(r, "The condition has too many brackets within brackets.");
    if (*r->p == ')' && --r->depth < 0)
        return no(r, "The condition closes a bracket that it has not opened.");
    if (*r->p != '(' && *r->p != ')' && *r->p != ',')
        return no(r, *r->p == ':' ? "The condition has a \":\": binds are not known here. Write the value itself."
                                  : "The condition has a character that no condition has outside of quotes.");
    r->p++;
    return true;
}

static bool take(struct reader *r)
{
    if (*r->p == '\'')
        return take_text(r);
    if (char_letter(*r->p))
        return take_word(r);
    if (char_digit(*r->p) || ((*r->p == '-' || *r->p == '+') && char_digit(r->p[1])))
        return take_number(r);
    return take_sign(r);
}

bool sf_condition_check(const char *text, char *why, size_t size)
{
    struct reader r = { .p = text, .why = why, .size = size };
    if (!text || strlen(text) > SF_CONDITION_MAX)
        return no(&r, "The condition has more than 4,000 bytes. Give a list of ids, or several shorter conditions.");
    if (!utf8_valid(span_of(text)))
        return no(&r, "The condition is not UTF-8.");
    for (;;) {
        r.p += strspn(r.p, " \t\r\n");
        if (!*r.p)
            break;
        if (!take(&r))
            return false;
    }
    if (r.depth)
        return no(&r, "The condition opens a bracket that it does not close.");
    if (!r.compared)
        return no(&r, "The condition compares nothing. Write one such as StageName = 'Prospecting'.");
    return true;
}
