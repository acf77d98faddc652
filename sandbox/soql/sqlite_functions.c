/* sqlite_functions.c - what SQLite lacks: text compared case-blind beyond ASCII, LIKE with Salesforce's escapes, sums
 * and means of decimal numbers. */
#include <stdint.h>
#include <string.h>

#include "sandbox/base/decimal.h"
#include "sandbox/soql/soql.h"

static uint32_t next_char(const unsigned char **p, const unsigned char *end)
{
    uint32_t c = *(*p)++;
    int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
    if (!more)
        return c;
    c &= 0x3fU >> more;
    for (; more && *p < end; more--)
        c = c << 6 | (*(*p)++ & 0x3f);
    return c;
}

/* Lower case of Latin, Greek and Cyrillic, which is what names are written in where case exists. */
static uint32_t fold(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if ((c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    bool pairs_even = (c >= 0x100 && c <= 0x137 && c != 0x130) || (c >= 0x14a && c <= 0x177) ||
                      (c >= 0x460 && c <= 0x481) || (c >= 0x48a && c <= 0x4bf) || (c >= 0x4d0 && c <= 0x52f);
    if (pairs_even)
        return c | 1;
    bool pairs_odd = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
    return pairs_odd && (c & 1) ? c + 1 : c;
}

static int compare(void *unused, int an, const void *a, int bn, const void *b)
{
    const unsigned char *p = a, *q = b, *pe = p + an, *qe = q + bn;
    (void)unused;
    while (p < pe && q < qe && *p == *q && *p < 0x80) /* most texts begin alike */
        p++, q++;
    while (p < pe && q < qe) {
        uint32_t x = fold(next_char(&p, pe)), y = fold(next_char(&q, qe));
        if (x != y)
            return x < y ? -1 : 1;
    }
    return (p < pe) - (q < qe);
}

/* % stands for any text, _ for one character, \ takes the next one as it is. Backtracks to the last % only: linear in
 * practice. */
static bool like(const unsigned char *p, const unsigned char *pe, const unsigned char *s, const unsigned char *se)
{
    const unsigned char *star = NULL, *resume = s;
    for (;;) {
        if (p < pe && *p == '%') {
            star = ++p;
            resume = s;
            continue;
        }
        if (s == se && p == pe)
            return true;
        bool ok = s < se && p < pe;
        if (ok) {
            bool literal = *p == '\\' && p + 1 < pe;
            if (literal)
                p++;
            uint32_t want = next_char(&p, pe), got = next_char(&s, se);
            ok = (want == '_' && !literal) || fold(want) == fold(got);
        }
        if (ok)
            continue;
        if (!star || resume >= se)
            return false;
        next_char(&resume, se);
        p = star;
        s = resume;
    }
}

static void sf_like(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    (void)n;
    if (sqlite3_value_type(v[1]) == SQLITE_NULL) {
        sqlite3_result_int(ctx, 0);
        return;
    }
    const unsigned char *p = sqlite3_value_text(v[0]), *s = sqlite3_value_text(v[1]);
    sqlite3_result_int(ctx, like(p, p + sqlite3_value_bytes(v[0]), s, s + sqlite3_value_bytes(v[1])));
}

/* sf_includes('a;b', 'A') - whether a list of values holds one */
static void sf_includes(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    const char *list = (const char *)sqlite3_value_text(v[0]), *want = (const char *)sqlite3_value_text(v[1]);
    size_t m = want ? strlen(want) : 0;
    (void)n;
    for (const char *p = list; p && want;) {
        size_t len = strcspn(p, ";");
        if (len == m && compare(NULL, (int)len, p, (int)m, want) == 0) {
            sqlite3_result_int(ctx, 1);
            return;
        }
        p = p[len] ? p + len + 1 : NULL;
    }
    sqlite3_result_int(ctx, 0);
}

/* ---- sums ---- */

/* SQLite aligns it to 8 bytes, a decimal wants 16: so it is copied in and out. */
struct sum {
    unsigned char total[sizeof(decimal)];
    int64_t n; /* values that are not null */
    int scale;
};

static decimal sum_total(const struct sum *s)
{
    decimal total;
    memcpy(&total, s->total, sizeof total);
    return total;
}

/* sf_sum(value, scale) and sf_avg(value, scale): SQLite's own add binary fractions, so that 0.1 + 0.2 is not 0.3. */
static void sum_step(sqlite3_context *ctx, int n, sqlite3_value **v)
{
    struct sum *s = sqlite3_aggregate_context(ctx, sizeof *s);
    (void)n;
    if (!s || sqlite3_value_type(v[0]) == SQLITE_NULL)
        return;
    s->scale = sqlite3_value_int(v[1]);
    decimal total = sum_total(s) + decimal_of(sqlite3_value_double(v[0]), s->scale);
    memcpy(s->total, &total, sizeof total);
    s->n++;
}

static void sum_result(sqlite3_context *ctx, bool mean)
{
    const struct sum *s = sqlite3_aggregate_context(ctx, 0);
    if (s && s->n)
        sqlite3_result_double(ctx, decimal_quotient(sum_total(s), decimal_power(s->scale) * (mean ? s->n : 1)));
}

static void sum_end(sqlite3_context *ctx)
{
    sum_result(ctx, false);
}

static void mean_end(sqlite3_context *ctx)
{
    sum_result(ctx, true);
}

bool soql_register(sqlite3 *db)
{
    int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    return sqlite3_create_collation(db, "sf", SQLITE_UTF8, NULL, compare) == SQLITE_OK &&
           sqlite3_create_function(db, "sf_like", 2, flags, NULL, sf_like, NULL, NULL) == SQLITE_OK &&
           sqlite3_create_function(db, "sf_includes", 2, flags, NULL, sf_includes, NULL, NULL) == SQLITE_OK &&
           sqlite3_create_function(db, "sf_sum", 2, flags, NULL, NULL, sum_step, sum_end) == SQLITE_OK &&
           sqlite3_create_function(db, "sf_avg", 2, flags, NULL, NULL, sum_step, mean_end) == SQLITE_OK;
}
