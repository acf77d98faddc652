/* test_finance_market.c - rate providers: their answers, the cache, the breaker, and which quotes count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "actions/finance_agreement/market.h"

enum { NOW = 1795426200, SLOTS = 32 }; /* 2026-11-23 09:30 UTC */

/* ---- A stand-in for the host: what is fetched is programmed, the cache has a clock of its own ---- */

struct host {
    int64_t clock_s;
    struct {
        char key[200];
        char value[8192];
        size_t n;
        int64_t put_s, ttl_s;
    } cache[SLOTS];
    int cached;
    const char *bodies[MARKET_PROVIDERS]; /* what each fetch gets, in the order of asking; NULL = failure */
    const char *failure;
    int fetched, budget_ms;
    char urls[MARKET_PROVIDERS][1024];
    bool open; /* the breaker */
    int reports_good, reports_bad;
    json_t *owned[MARKET_PROVIDERS * 4];
    int owned_count;
};

static void fake_fetch(void *ctx, struct act_fetch *fetches, size_t count, int budget_ms)
{
    struct host *h = ctx;
    h->budget_ms = budget_ms;
    for (size_t i = 0; i < count; i++) {
        struct act_fetch *f = &fetches[i];
        snprintf(h->urls[i], sizeof h->urls[i], "%s", f->url);
        h->fetched++;
        f->elapsed_ms = 12;
        assert_true(f->max_bytes == MARKET_BODY && f->timeout_ms > 0);
        if (!h->bodies[i]) {
            f->failure = h->failure ? h->failure : "timeout";
            continue;
        }
        f->body = json_loads(h->bodies[i], 0, NULL);
        f->status = 200;
        if (!f->body)
            f->failure = "not_json";
        h->owned[h->owned_count++] = f->body;
    }
}

static bool fake_get(void *ctx, const char *key, struct act_bytes *value, int64_t *age_ms)
{
    struct host *h = ctx;
    for (int i = h->cached - 1; i >= 0; i--)
        if (!strcmp(h->cache[i].key, key) && h->clock_s - h->cache[i].put_s < h->cache[i].ttl_s) {
            *value = (struct act_bytes){ h->cache[i].value, h->cache[i].n };
            if (age_ms)
                *age_ms = (h->clock_s - h->cache[i].put_s) * 1000;
            return true;
        }
    return false;
}

static void fake_put(void *ctx, const char *key, struct act_bytes value, int ttl_s)
{
    struct host *h = ctx;
    assert_true(h->cached < SLOTS && value.n < sizeof h->cache[0].value && strlen(key) < 200);
    snprintf(h->cache[h->cached].key, sizeof h->cache[0].key, "%s", key);
    memcpy(h->cache[h->cached].value, value.p, value.n);
    h->cache[h->cached].n = value.n;
    h->cache[h->cached].put_s = h->clock_s;
    h->cache[h->cached].ttl_s = ttl_s;
    h->cached++;
}

static bool fake_allow(void *ctx, const char *name)
{
    assert_true(*name);
    return !((struct host *)ctx)->open;
}

static void fake_report(void *ctx, const char *name, bool ok)
{
    struct host *h = ctx;
    assert_true(*name);
    h->reports_good += ok;
    h->reports_bad += !ok;
}

static struct host host;
static struct market market;
static struct market_provider providers[MARKET_PROVIDERS];

static struct market_io io(void)
{
    return (struct market_io){ &host, fake_fetch, fake_get, fake_put, fake_allow, fake_report };
}

static int setup(void **state)
{
    (void)state;
    memset(&host, 0, sizeof host);
    host.clock_s = 1000000;
    char why[200];
    int n = market_providers_parse(
        "[{\"id\":\"terms\",\"kind\":\"bank\",\"shape\":\"terms\",\"url\":\"https://a.example/{vin}?s={creditScore}\"},"
        "{\"id\":\"quotes\",\"kind\":\"aggregator\",\"shape\":\"quotes\",\"url\":\"https://b.example/"
        "q?t={termMonths}\"}]",
        providers, why, sizeof why);
    return n == 2 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    for (int i = 0; i < host.owned_count; i++)
        json_decref(host.owned[i]);
    return 0;
}

static struct market_request request(int term)
{
    return (struct market_request){ .currency = "USD",
                                    .condition = MARKET_NEW,
                                    .tier = MARKET_PRIME,
                                    .term_months = term,
                                    .year = 2026,
                                    .make = "Koa",
                                    .model = "Model X",
                                    .vin = "1FTFW1E50RF000011",
                                    .now = NOW };
}

static void collect(void)
{
    struct market_io with = io();
    struct market_request r = request(60);
    market_collect(&with, providers, 2, &r, 800, 1500, &market);
}

static const char terms_body[] = "{\"apr\":{\"36\":7.644,\"48\":7.644,\"60\":7.524,\"72\":7.663,\"84\":8.263}}";
static const char quotes_body[] =
    "{\"quotes\":[{\"lender\":\"Harbor CU\",\"kind\":\"credit_union\",\"termMonths\":60,\"ratePercent\":5.64,"
    "\"basis\":\"nominal\",\"asOf\":\"2026-11-23T08:00:00Z\"},{\"lender\":\"First Bank\",\"termMonths\":60,"
    "\"ratePercent\":7.47}]}";

static int rates_of(struct market_rate out[64], int term, int32_t ltv)
{
    struct market_request r = request(term);
    return market_rates(&market, &r, ltv, out, 64);
}

static void both_shapes_are_read(void **state)
{
    (void)state;
    struct market_rate rates[64];
    host.bodies[0] = terms_body;
    host.bodies[1] = quotes_body;
    collect();
    assert_int_equal(market.count, 7);
    assert_int_equal(host.budget_ms, 1500);
    assert_string_equal(host.urls[0], "https://a.example/1FTFW1E50RF000011?s=720");
    assert_string_equal(host.urls[1], "https://b.example/q?t=60");
    assert_int_equal(rates_of(rates, 60, 900000), 3);
    assert_string_equal(rates[0].lender, "terms");
    assert_int_equal(rates[0].ppm, 75240);
    assert_int_equal(rates[1].ppm, 56400);
    assert_string_equal(market_quality(&market, rates, 3), "live");
    assert_string_equal(market_quality(&market, rates, 1), "partial");
    assert_string_equal(market_quality(&market, rates, 0), "default_table");
    assert_int_equal(market.sources[1].status, MARKET_LIVE);
    assert_int_equal(host.reports_good, 2);
}

static void rates_lie_between_terms_never_beyond(void **state)
{
    (void)state;
    struct market_rate rates[64];
    host.bodies[0] = terms_body;
    host.bodies[1] = NULL;
    collect();
    assert_int_equal(rates_of(rates, 54, 0), 1); /* half-way between 7.644 and 7.524 */
    assert_int_equal(rates[0].ppm, 75840);
    assert_true(rates[0].interpolated);
    assert_int_equal(rates_of(rates, 35, 0), 0);
    assert_int_equal(rates_of(rates, 36, 0), 1);
    assert_int_equal(rates_of(rates, 84, 0), 1);
    assert_int_equal(rates_of(rates, 85, 0), 0);
}

static void a_wrong_answer_counts_like_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{}",
        "[]",
        "{\"apr\":[]}",
        "{\"apr\":{\"sixty\":5}}",
        "{\"apr\":{\"60\":\"5\"}}",
        "{\"apr\":{\"60\":-1}}",
        "{\"apr\":{\"60\":40.1}}",
        "{\"apr\":{\"0\":5}}",
        "{\"apr\":{\"1000\":5}}",
        "{\"apr\":{\"60\":null}}",
        "{\"error\":{\"status\":404}}",
        "{\"apr\":{\"60\":5},\"x\":[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]}", /* deeper than 16 */
        NULL                                                            /* no JSON at all */
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setup(NULL);
        host.bodies[0] = wrong[i] ? wrong[i] : "<html>";
        collect();
        if (market.count || market.sources[0].status != MARKET_FAILED || !market.sources[0].failure)
            fail_msg("took %s", host.bodies[0]);
        assert_int_equal(host.reports_bad, 2);
        teardown(NULL);
    }
    setup(NULL);
    host.bodies[0] =
        "{\"apr\":{\"60\":40},\"x\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}"; /* just deep enough, the highest rate */
    collect();
    assert_int_equal(market.count, 1);
}

static void only_what_fits_the_loan_counts(void **state)
{
    (void)state;
    static const struct {
        const char *members;
        int32_t ltv;
        int counts;
    } cases[] = {
        { "", 0, 1 },
        { ",\"currency\":\"EUR\"", 0, 0 },
        { ",\"condition\":\"used\"", 0, 0 },
        { ",\"condition\":\"new\"", 0, 1 },
        { ",\"scoreMin\":721", 0, 0 },
        { ",\"scoreMin\":720,\"scoreMax\":720", 0, 1 },
        { ",\"scoreMax\":719", 0, 0 },
        { ",\"maxLtvPercent\":90", 900000, 1 },
        { ",\"maxLtvPercent\":90", 900001, 0 },
        { ",\"expiresAt\":\"2026-11-23T09:30:00Z\"", 0, 0 },
        { ",\"expiresAt\":\"2026-11-23T09:30:01Z\"", 0, 1 },
        { ",\"asOf\":\"2026-10-23T09:30:00Z\"", 0, 1 },
        { ",\"asOf\":\"2026-10-23T09:29:59Z\"", 0, 0 },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char body[256];
        struct market_rate rates[64];
        setup(NULL);
        snprintf(body, sizeof body, "{\"quotes\":[{\"termMonths\":60,\"ratePercent\":5%s}]}", cases[i].members);
        host.bodies[1] = body;
        collect();
        if (rates_of(rates, 60, cases[i].ltv) != cases[i].counts)
            fail_msg("%s", body);
        teardown(NULL);
    }
    setup(NULL);
}

static void the_order_of_quotes_does_not_matter(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{\"quotes\":[{\"lender\":\"A\",\"termMonths\":48,\"ratePercent\":5},{\"lender\":\"A\",\"termMonths\":72,"
        "\"ratePercent\":7},"
        "{\"lender\":\"A\",\"termMonths\":36,\"ratePercent\":1},{\"lender\":\"A\",\"termMonths\":48,\"ratePercent\":6}]"
        "}",
        "{\"quotes\":[{\"lender\":\"A\",\"termMonths\":48,\"ratePercent\":6},{\"lender\":\"A\",\"termMonths\":36,"
        "\"ratePercent\":1},"
        "{\"lender\":\"A\",\"termMonths\":72,\"ratePercent\":7},{\"lender\":\"A\",\"termMonths\":48,\"ratePercent\":5}]"
        "}",
    };
    for (int i = 0; i < 2; i++) {
        struct market_rate rates[64];
        setup(NULL);
        host.bodies[1] = bodies[i];
        collect();
        assert_int_equal(rates_of(rates, 60, 0), 1);
        assert_int_equal(rates[0].ppm, 60000); /* between 5 at 48 and 7 at 72 */
        teardown(NULL);
    }
    setup(NULL);
}

static void bases_are_converted(void **state)
{
    (void)state;
    struct market_rate rates[64];
    host.bodies[1] = "{\"quotes\":[{\"lender\":\"A\",\"termMonths\":60,\"ratePercent\":6.1572,\"basis\":\"apr_eu\"},"
                     "{\"lender\":\"B\",\"termMonths\":60,\"ratePercent\":5.99,\"basis\":\"apr_us\"}]}";
    collect();
    assert_int_equal(rates_of(rates, 60, 0), 2);
    assert_in_range(rates[0].ppm, 59899, 59901); /* 6.1572 % effective is 5.99 % nominal */
    assert_int_equal(rates[1].ppm, 59900);
}

static void fresh_answers_are_remembered(void **state)
{
    (void)state;
    struct market_rate rates[64];
    host.bodies[0] = terms_body;
    host.bodies[1] = quotes_body;
    collect();
    host.clock_s += MARKET_FRESH_S;
    collect();
    assert_int_equal(host.fetched, 2);
    assert_int_equal(market.sources[0].status, MARKET_CACHED);
    assert_int_equal(market.sources[0].age_s, MARKET_FRESH_S);
    int n = rates_of(rates, 60, 0);
    assert_int_equal(n, 3);
    assert_string_equal(market_quality(&market, rates, n), "cached");
    host.clock_s += 1; /* stale from here on: asked again */
    collect();
    assert_int_equal(host.fetched, 4);
    assert_int_equal(market.sources[0].status, MARKET_LIVE);
}

static void a_stale_answer_is_refreshed_by_one_caller(void **state)
{
    (void)state;
    struct market_io with = io();
    struct market_request r = request(60);
    host.bodies[0] = terms_body;
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    host.clock_s += MARKET_FRESH_S + 1;
    host.bodies[0] = NULL; /* the one that asks gets nothing, */
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    assert_int_equal(host.fetched, 2);
    assert_int_equal(market.sources[0].status, MARKET_CACHED); /* but has what is remembered, and says why */
    assert_string_equal(market.sources[0].failure, "timeout");
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    assert_int_equal(host.fetched, 2); /* the other one does not wait */
    assert_int_equal(market.sources[0].status, MARKET_CACHED);
    host.clock_s += 60;
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    assert_int_equal(host.fetched, 3);
}

static void what_is_remembered_is_forgotten_in_the_end(void **state)
{
    (void)state;
    struct market_io with = io();
    struct market_request r = request(60);
    host.bodies[0] = terms_body;
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    host.bodies[0] = NULL;
    host.clock_s += MARKET_KEEP_S - 1;
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    assert_int_equal(market.sources[0].status, MARKET_CACHED);
    host.clock_s += 1;
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    assert_int_equal(market.sources[0].status, MARKET_FAILED);
    assert_int_equal(market.count, 0);
}

static void an_open_breaker_keeps_from_asking(void **state)
{
    (void)state;
    host.open = true;
    host.bodies[0] = terms_body;
    collect();
    assert_int_equal(host.fetched, 0);
    assert_string_equal(market.sources[0].failure, "breaker_open");
    assert_int_equal(host.reports_good + host.reports_bad, 0);
}

static void without_time_nobody_is_asked(void **state)
{
    (void)state;
    struct market_io with = io();
    struct market_request r = request(60);
    host.bodies[0] = terms_body;
    market_collect(&with, providers, 2, &r, 800, 0, &market);
    assert_int_equal(host.fetched, 0);
    assert_string_equal(market.sources[0].failure, "no_time");
    assert_int_equal(host.reports_good + host.reports_bad, 0);
}

static void another_question_has_another_memory(void **state)
{
    (void)state;
    struct market_io with = io();
    struct market_request r = request(60);
    host.bodies[0] = terms_body;
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    r.tier = MARKET_SUBPRIME; /* stands in the URL */
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    assert_int_equal(host.fetched, 2);
    r.term_months = 48; /* does not */
    market_collect(&with, providers, 1, &r, 800, 1500, &market);
    assert_int_equal(host.fetched, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(both_shapes_are_read),
        TEST(rates_lie_between_terms_never_beyond),
        TEST(a_wrong_answer_counts_like_none),
        TEST(only_what_fits_the_loan_counts),
        TEST(the_order_of_quotes_does_not_matter),
        TEST(bases_are_converted),
        TEST(fresh_answers_are_remembered),
        TEST(a_stale_answer_is_refreshed_by_one_caller),
        TEST(what_is_remembered_is_forgotten_in_the_end),
        TEST(an_open_breaker_keeps_from_asking),
        TEST(without_time_nobody_is_asked),
        TEST(another_question_has_another_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
