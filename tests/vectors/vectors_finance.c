/*
 * vectors_finance.c - runs published and derived finance vectors: annual percentage rates, time value of money, cent
 * schedules, rate decisions. What a vector is, its members tell.
 *   vectors_finance FILE.json...
 */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "actions/finance_agreement/apr.h"
#include "actions/finance_agreement/decision.h"
#include "actions/finance_agreement/money.h"
#include "actions/finance_agreement/schedule.h"
#include "actions/finance_agreement/tvm.h"

static int passed, failed;

static const char *name_of(const json_t *vector)
{
    const char *id = json_string_value(json_object_get(vector, "id"));
    const char *name = json_string_value(json_object_get(json_object_get(vector, "input"), "name"));
    return id ? id : name ? name : "?";
}

__attribute__((format(printf, 2, 3))) static void fail(const json_t *vector, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("FAIL %s: ", name_of(vector));
    vprintf(fmt, ap);
    putchar('\n');
    va_end(ap);
    failed++;
}

/* "12", "19/30", "0.08/12" or a JSON number; NaN when it is none of them. */
static long double number(const json_t *value)
{
    if (json_is_number(value))
        return json_number_value(value);
    const char *text = json_string_value(value);
    char *end;
    if (!text)
        return NAN;
    long double v = strtold(text, &end);
    if (end == text)
        return NAN;
    if (*end == '/') {
        const char *below = end + 1;
        v /= strtold(below, &end);
        if (end == below)
            return NAN;
    }
    return *end ? NAN : v;
}

static long double member(const json_t *object, const char *key, long double absent)
{
    const json_t *value = json_object_get(object, key);
    return value && !json_is_null(value) ? number(value) : absent;
}

/* The first of two spellings of a member. */
static long double either(const json_t *object, const char *key, const char *other, long double absent)
{
    return member(object, key, member(object, other, absent));
}

static int64_t integer(const json_t *object, const char *key, int64_t absent)
{
    return (int64_t)roundl(member(object, key, absent));
}

/* ---- Annual percentage rates ---- */

static double half_up_at(double value, int decimals)
{
    double scale = pow(10, decimals);
    return floor(value * scale + 0.5 + 1e-9) / scale;
}

static void run_apr(const json_t *v)
{
    enum { RUNS = 512 };
    struct apr_run runs[RUNS];
    const json_t *payments = json_object_get(v, "payments"), *payment;
    const char *method = json_string_value(json_object_get(v, "method"));
    bool us = method && !strncmp(method, "US", 2);
    size_t i, n = json_array_size(payments);
    if (!method || n > RUNS) {
        fail(v, "not understood");
        return;
    }
    json_array_foreach (payments, i, payment) {
        runs[i] = (struct apr_run){ .amount = (double)member(payment, "amount", NAN),
                                    .count = (int)integer(payment, "count", 1),
                                    .t = (int)integer(payment, "t", 0),
                                    .f = (double)member(payment, "f", 0),
                                    .s = (double)member(payment, "s", 0),
                                    .step = (double)member(payment, "step", 0) };
    }
    double advance = (double)member(v, "advance", NAN), rate = NAN;
    double per_year = (double)either(v, "unit_periods_per_year", "w", 12);
    enum apr_fault fault = us ? apr_us(advance, runs, n, per_year, &rate) : apr_eu(advance, runs, n, &rate);
    double published = (double)member(v, "published", NAN), tolerance = (double)member(v, "tolerance", 0.005);
    int decimals = (int)integer(v, "decimals", 2);
    if (fault != APR_OK)
        fail(v, "no rate (fault %d), published %.*f", fault, decimals, published);
    else if (!(fabs(half_up_at(rate * 100, decimals) - published) < 1e-9 || fabs(rate * 100 - published) <= tolerance))
        fail(v, "%.8f %%, published %.*f", rate * 100, decimals, published);
    else
        passed++;
}

/* ---- Time value of money ---- */

static long double tvm_of(const char *fn, const json_t *a)
{
    long double rate = member(a, "rate", 0), nper = member(a, "nper", 0), pv = member(a, "pv", 0),
                fv = member(a, "fv", 0);
    long double pmt = member(a, "pmt", 0), per = member(a, "per", 0), npery = member(a, "npery", NAN);
    int start = (int)integer(a, "start", 1), end = (int)integer(a, "end", 1);
    bool due = member(a, "type", 0) != 0;
    if (!strcmp(fn, "PMT"))
        return tvm_pmt(rate, nper, pv, fv, due);
    if (!strcmp(fn, "IPMT"))
        return tvm_ipmt(rate, per, nper, pv, fv, due);
    if (!strcmp(fn, "PPMT"))
        return tvm_ppmt(rate, per, nper, pv, fv, due);
    if (!strcmp(fn, "CUMIPMT"))
        return tvm_cumipmt(rate, (int)nper, pv, start, end, due);
    if (!strcmp(fn, "CUMPRINC"))
        return tvm_cumprinc(rate, (int)nper, pv, start, end, due);
    if (!strcmp(fn, "FV"))
        return tvm_fv(rate, nper, pmt, pv, due);
    if (!strcmp(fn, "PV"))
        return tvm_pv(rate, nper, pmt, fv, due);
    if (!strcmp(fn, "NPER"))
        return tvm_nper(rate, pmt, pv, fv, due);
    if (!strcmp(fn, "RATE"))
        return tvm_rate(nper, pmt, pv, fv, due);
    if (!strcmp(fn, "EFFECT"))
        return tvm_effect(either(a, "nominal", "rate", NAN), npery);
    if (!strcmp(fn, "NOMINAL"))
        return tvm_nominal(either(a, "effect", "rate", NAN), npery);
    return NAN;
}

static void run_tvm(const json_t *v)
{
    const char *fn = json_string_value(json_object_get(v, "fn"));
    long double got = tvm_of(fn, json_object_get(v, "args"));
    long double published = member(v, "published", NAN), tolerance = member(v, "abs_tol", 0);
    /* Some published figures come from an iteration that stopped early; the 50-digit recomputation decides then, whose
     * text is cut after 15 decimals. */
    long double recomputed = member(v, "recomputed", published);
    const char *words = json_string_value(json_object_get(v, "published"));
    bool none = words && (!strncasecmp(words, "nan", 3) || *words == '#'); /* a spreadsheet's error */
    bool equal = none ? !isfinite(got) : isinf(published) && got == published;
    if (equal || fabsl(got - published) <= tolerance || fabsl(got - recomputed) <= tolerance + 6e-16L)
        passed++;
    else
        fail(v, "%s gives %.18Lg, published %.18Lg, tolerance %.2Lg", fn, got, published, tolerance);
}

/* ---- Cent schedules ---- */

static bool same(const json_t *v, const char *what, int64_t got, const json_t *from, const char *key)
{
    const json_t *want = json_object_get(from, key);
    if (!want || json_is_null(want) || (int64_t)json_integer_value(want) == got)
        return true;
    fail(v, "%s is %lld, published %lld", what, (long long)got, (long long)json_integer_value(want));
    return false;
}

static bool same_row(const json_t *v, const json_t *row, const struct schedule_row *rows, int count)
{
    char what[40];
    int64_t n = integer(row, "n", 0);
    if (n < 1 || n > count) {
        fail(v, "there is no row %lld", (long long)n);
        return false;
    }
    const struct schedule_row *r = &rows[n - 1];
    snprintf(what, sizeof what, "row %lld", (long long)n);
    return same(v, what, r->payment, row, "payment") && same(v, what, r->interest, row, "interest") &&
           same(v, what, r->principal, row, "principal") && same(v, what, r->balance, row, "balance");
}

static void run_schedule(const json_t *v)
{
    static struct schedule_row rows[SCHEDULE_MAX_ROWS];
    struct loan loan = { .principal = integer(v, "principal_cents", 0),
                         .balloon = (int64_t)either(v, "balloon", "balloon_cents", 0),
                         .ppm = (int32_t)integer(v, "rate_ppm", -1),
                         .payments = (int)integer(v, "payments", 0),
                         .per_year = (int)either(v, "per", "per_year", 12),
                         .odd_days = (int)integer(v, "odd_days", 0) };
    struct schedule s;
    enum schedule_fault fault = schedule_build(&loan, rows, &s);
    if (fault != SCHEDULE_OK) {
        fail(v, "no schedule (fault %d)", fault);
        return;
    }
    const json_t *row;
    size_t i;
    bool ok = same(v, "payment", s.payment, v, "payment_cents") &&
              same(v, "final payment", s.final_payment, v, "final_payment_cents") &&
              same(v, "total interest", s.total_interest, v, "total_interest_cents") &&
              same(v, "total paid", s.total_paid, v, "total_paid_cents");
    json_array_foreach (json_object_get(v, "rows"), i, row)
        ok = ok && same_row(v, row, rows, s.count);
    passed += ok;
}

/* ---- Rate decisions ---- */

static bool same_word(const char *got, const json_t *want)
{
    const char *text = json_string_value(want);
    if (!text)
        return !want || got == NULL;
    if (!got || strlen(got) != strlen(text))
        return false;
    for (size_t i = 0; got[i]; i++)
        if (got[i] != (text[i] == '-' ? '_' : text[i])) /* older texts write codes with hyphens */
            return false;
    return true;
}

static bool same_rate(int32_t got, const json_t *expect, const char *key)
{
    const json_t *want = json_object_get(expect, key);
    return !want || (json_is_null(want) ? got == DECISION_NONE : json_integer_value(want) == got);
}

static void run_decision(const json_t *v)
{
    const json_t *in = json_object_get(v, "input"), *expect = json_object_get(v, "expect"),
                 *quotes = json_object_get(in, "quotes");
    struct decision_policy policy = { .list = (int32_t)integer(in, "list", 35000),
                                      .policy_floor = (int32_t)either(in, "floor", "policy_floor", 0),
                                      .buy = (int32_t)integer(in, "buy", 0),
                                      .margin = (int32_t)integer(in, "margin", 0),
                                      .undercut = (int32_t)integer(in, "undercut", 2500),
                                      .grid = (int32_t)integer(in, "grid", 100),
                                      .legal_cap = (int32_t)integer(in, "legal", DECISION_NONE),
                                      .markup_cap = (int32_t)integer(in, "markup", DECISION_NONE) };
    int32_t rates[DECISION_QUOTES * 4];
    size_t n = 0;
    for (; n < json_array_size(quotes) && n < sizeof rates / sizeof *rates; n++) {
        const json_t *quote = json_array_get(quotes, n);
        rates[n] = (int32_t)(json_is_object(quote) ? integer(quote, "ppm", -1) : json_integer_value(quote));
    }
    struct decision d = decision_make(&policy, (int32_t)integer(in, "max", INT32_MAX), rates, n,
                                      (int32_t)integer(in, "table", DECISION_NONE));
    if (d.outcome != DECISION_RATE) {
        if (integer(expect, "status", 200) == 422 &&
            same_word(decision_outcome_code(d.outcome), json_object_get(expect, "code")) &&
            same_rate(d.floor, expect, "minimum_viable_ppm"))
            passed++;
        else
            fail(v, "refused with %s, minimum viable %d", decision_outcome_code(d.outcome), d.floor);
        return;
    }
    if (integer(expect, "status", 200) == 200 && same_rate(d.rate, expect, "rate_ppm") &&
        same_rate(d.bench, expect, "benchmark_ppm") && same_rate(d.median, expect, "median_ppm") &&
        same_word(decision_binding_name(d.binding), json_object_get(expect, "binding")) &&
        same_word(decision_competitive_name(d.competitive), json_object_get(expect, "competitive")))
        passed++;
    else
        fail(v, "rate %d bound by %s, benchmark %d, %s", d.rate, decision_binding_name(d.binding), d.bench,
             d.competitive ? decision_competitive_name(d.competitive) : "no benchmark");
}

/* ---- Files ---- */

static void run_vector(const json_t *v)
{
    if (json_object_get(v, "fn"))
        run_tvm(v);
    else if (json_object_get(v, "advance"))
        run_apr(v);
    else if (json_object_get(v, "principal_cents"))
        run_schedule(v);
    else if (json_object_get(v, "input") && json_object_get(v, "expect"))
        run_decision(v);
    else
        fail(v, "no known kind of vector");
}

/* A JSON file, with or without a byte order mark; NULL with the reason in error. */
static json_t *load(const char *path, json_error_t *error)
{
    char mark[3];
    FILE *f = fopen(path, "rb");
    json_t *root = NULL;
    if (!f) {
        snprintf(error->text, sizeof error->text, "cannot be read");
        return NULL;
    }
    if (fread(mark, 1, 3, f) != 3 || memcmp(mark, "\xef\xbb\xbf", 3) != 0)
        rewind(f);
    root = json_loadf(f, 0, error);
    fclose(f);
    return root;
}

static void run_file(const char *path)
{
    json_error_t error;
    json_t *root = load(path, &error);
    const json_t *vectors = json_is_array(root) ? root : json_object_get(root, "vectors"), *v;
    size_t i;
    if (!json_is_array(vectors)) {
        printf("FAIL %s: %s\n", path, root ? "holds no vectors" : error.text);
        failed++;
    } else {
        json_array_foreach (vectors, i, v)
            run_vector(v);
    }
    json_decref(root);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        run_file(argv[i]);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed;
}
