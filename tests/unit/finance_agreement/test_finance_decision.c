/* test_finance_decision.c - the rate rule: its promises, on random policies and quotes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "actions/finance_agreement/decision.h"

enum { QUOTES = 12 };

static uint64_t next_random(uint64_t *seed)
{
    *seed += 0x9e3779b97f4a7c15u;
    uint64_t z = *seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static int32_t up_to(uint64_t *seed, int32_t most)
{
    return (int32_t)(next_random(seed) % ((uint64_t)most + 1));
}

struct question {
    struct decision_policy policy;
    int32_t max, table, quotes[QUOTES];
    size_t count;
};

static struct question random_question(uint64_t *seed)
{
    struct question q = { .policy = { .list = up_to(seed, 120000),
                                      .policy_floor = next_random(seed) % 2 ? 0 : up_to(seed, 60000),
                                      .buy = next_random(seed) % 2 ? 0 : up_to(seed, 60000),
                                      .margin = up_to(seed, 8000),
                                      .undercut = up_to(seed, 5000),
                                      .grid = next_random(seed) % 2 ? 100 : 1,
                                      .legal_cap = next_random(seed) % 3 ? DECISION_NONE : 20000 + up_to(seed, 200000),
                                      .markup_cap = next_random(seed) % 3 ? DECISION_NONE : up_to(seed, 30000) },
                          .max = up_to(seed, 150000),
                          .table = next_random(seed) % 2 ? DECISION_NONE : up_to(seed, 120000) };
    q.count = next_random(seed) % (QUOTES + 1);
    for (size_t i = 0; i < q.count; i++)
        q.quotes[i] = 30000 + up_to(seed, next_random(seed) % 8 ? 20000 : 300000);
    return q;
}

static struct decision ask(const struct question *q)
{
    return decision_make(&q->policy, q->max, q->quotes, q->count, q->table);
}

static int repeats(void)
{
    return getenv("LONG") ? 2000000 : 100000;
}

static void a_rate_keeps_every_limit(void **state)
{
    (void)state;
    uint64_t seed = 1;
    int offered = 0, refused = 0;
    for (int i = 0; i < repeats(); i++) {
        struct question q = random_question(&seed);
        struct decision d = ask(&q);
        int32_t floor = q.policy.buy + q.policy.margin > q.policy.policy_floor ? q.policy.buy + q.policy.margin
                                                                               : q.policy.policy_floor;
        assert_int_equal(d.floor, floor);
        if (d.outcome == DECISION_RATE) {
            offered++;
            assert_true(d.rate <= q.max && d.rate >= floor && d.rate >= 0);
            assert_true(q.policy.legal_cap == DECISION_NONE || d.rate <= q.policy.legal_cap);
            assert_true(q.policy.markup_cap == DECISION_NONE || d.rate <= q.policy.buy + q.policy.markup_cap);
            assert_true(d.rate <= q.policy.list || d.rate == floor);
            continue;
        }
        refused++;
        assert_true(floor > q.max || (q.policy.legal_cap != DECISION_NONE && floor > q.policy.legal_cap) ||
                    (q.policy.markup_cap != DECISION_NONE && q.policy.margin > q.policy.markup_cap) ||
                    (q.policy.markup_cap != DECISION_NONE && floor > q.policy.buy + q.policy.markup_cap));
    }
    assert_true(offered > repeats() / 20 && refused > repeats() / 20);
}

/* A market that moves up as a whole never lowers the rate; a larger undercut never raises it. */
static void the_rate_follows_market_and_undercut(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < repeats(); i++) {
        struct question q = random_question(&seed), up = q, under = q;
        int32_t shift = up_to(&seed, 40000);
        for (size_t k = 0; k < q.count; k++)
            up.quotes[k] += shift;
        if (q.table != DECISION_NONE)
            up.table += shift;
        under.policy.undercut += shift;
        struct decision d = ask(&q), higher = ask(&up), lower = ask(&under);
        assert_true(higher.outcome == d.outcome && lower.outcome == d.outcome);
        if (d.outcome == DECISION_RATE && (higher.rate < d.rate || lower.rate > d.rate))
            fail_msg("rate %d, %d with the market up, %d with more undercut", d.rate, higher.rate, lower.rate);
    }
}

static void order_and_repetition_do_not_matter(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < repeats(); i++) {
        struct question q = random_question(&seed);
        struct decision d = ask(&q);
        int32_t mixed[4 * QUOTES];
        size_t n = 0;
        for (size_t k = 0; k < q.count; k++)
            for (uint64_t copies = 1 + next_random(&seed) % 3; copies; copies--)
                mixed[n++] = q.quotes[k];
        for (size_t k = n; k > 1; k--) {
            size_t other = next_random(&seed) % k;
            int32_t swap = mixed[k - 1];
            mixed[k - 1] = mixed[other];
            mixed[other] = swap;
        }
        struct decision again = decision_make(&q.policy, q.max, mixed, n, q.table);
        assert_true(again.outcome == d.outcome && again.rate == d.rate && again.bench == d.bench &&
                    again.median == d.median && again.binding == d.binding && again.eligible == d.eligible &&
                    again.dropped == d.dropped);
    }
}

static void a_raised_limit_never_hurts(void **state)
{
    (void)state;
    uint64_t seed = 4;
    for (int i = 0; i < repeats(); i++) {
        struct question q = random_question(&seed), more = q;
        more.max += up_to(&seed, 50000);
        struct decision d = ask(&q), e = ask(&more);
        if (d.outcome == DECISION_RATE)
            assert_true(e.outcome == DECISION_RATE && e.rate >= d.rate);
    }
}

static void outliers_are_dropped_from_five_quotes_on(void **state)
{
    (void)state;
    static const struct decision_policy policy = {
        .list = 90000, .undercut = 2500, .grid = 100, .legal_cap = -1, .markup_cap = -1
    };
    static const int32_t five[] = { 10000, 56400, 57000, 58000, 59000 };
    struct decision d = decision_make(&policy, 120000, five, 5, DECISION_NONE);
    assert_int_equal(d.dropped, 1);
    assert_int_equal(d.bench, 56400);
    d = decision_make(&policy, 120000, five, 4, DECISION_NONE); /* four say too little about what is far off */
    assert_int_equal(d.dropped, 0);
    assert_int_equal(d.bench, 10000);
}

static void more_quotes_than_room_keep_the_lowest(void **state)
{
    (void)state;
    static const struct decision_policy policy = { .list = 900000, .grid = 1, .legal_cap = -1, .markup_cap = -1 };
    int32_t many[3 * DECISION_QUOTES];
    for (int i = 0; i < 3 * DECISION_QUOTES; i++)
        many[i] = 90000 - 10 * i;
    struct decision d = decision_make(&policy, 120000, many, 3 * DECISION_QUOTES, DECISION_NONE);
    assert_int_equal(d.bench, 90000 - 10 * (3 * DECISION_QUOTES - 1));
    assert_int_equal(d.eligible, DECISION_QUOTES);
}

static void the_original_demo_is_reproduced(void **state)
{
    (void)state;
    /* min(3.5 %, the customer's maximum) with the default policy, whatever the published averages say above it */
    static const struct decision_policy policy = {
        .list = 35000, .undercut = 2500, .grid = 100, .legal_cap = -1, .markup_cap = -1
    };
    for (int32_t max = 0; max < 100000; max += 500) {
        struct decision d = decision_make(&policy, max, NULL, 0, 56400);
        assert_int_equal(d.outcome, DECISION_RATE);
        assert_int_equal(d.rate, max < 35000 ? max : 35000);
        assert_int_equal(d.binding, max < 35000 ? DECISION_CUSTOMER_MAX : DECISION_LIST);
    }
}

static void every_step_is_explained(void **state)
{
    (void)state;
    uint64_t seed = 6;
    static char said[DECISION_STEPS][DECISION_SENTENCE];
    for (int i = 0; i < 20000; i++) {
        struct question q = random_question(&seed);
        struct decision d = ask(&q);
        int n = decision_explain(&d, &q.policy, q.max, said);
        assert_int_equal(n, d.outcome == DECISION_RATE && d.bench != DECISION_NONE ? DECISION_STEPS
                                                                                   : DECISION_STEP_COMPETITIVE);
        for (int k = 0; k < n; k++) {
            size_t length = strlen(said[k]);
            if (length < 20 || length + 1 >= DECISION_SENTENCE || said[k][length - 1] != '.')
                fail_msg("no sentence: %s", said[k]);
        }
    }
    /* a worse offer than a competitor's is called that */
    static const struct decision_policy dear = {
        .list = 80000, .buy = 60000, .margin = 5000, .undercut = 2500, .grid = 100, .legal_cap = -1, .markup_cap = -1
    };
    int32_t quote = 56400;
    struct decision d = decision_make(&dear, 90000, &quote, 1, DECISION_NONE);
    decision_explain(&d, &dear, 90000, said);
    assert_non_null(strstr(said[DECISION_STEP_COMPETITIVE], "a competitor is cheaper"));
    assert_non_null(strstr(said[DECISION_STEP_FLOOR], "6.5%"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rate_keeps_every_limit),
        cmocka_unit_test(the_rate_follows_market_and_undercut),
        cmocka_unit_test(order_and_repetition_do_not_matter),
        cmocka_unit_test(a_raised_limit_never_hurts),
        cmocka_unit_test(outliers_are_dropped_from_five_quotes_on),
        cmocka_unit_test(more_quotes_than_room_keep_the_lowest),
        cmocka_unit_test(the_original_demo_is_reproduced),
        cmocka_unit_test(every_step_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
