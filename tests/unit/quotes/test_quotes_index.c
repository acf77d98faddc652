/* test_quotes_index.c - the price index: how rules name it, which answers are taken, and what it does to prices. */
#include "tests/unit/check.h"

#include "actions/quotes/deal.h"
#include "actions/quotes/index.h"
#include "runtime/client/call.h"

#define URL "https://prices.example.com/index"
#define INDEX(rest) "{\"url\":\"" URL "\"," rest "}"
#define CHOICES "\"maxAgeHours\":24,\"whenAway\":\"refuse\",\"whenMissing\":\"refuse\""
#define SET(index)                                                                                                     \
    "{\"name\":\"t\",\"capPercent\":50,\"lineOverride\":true,\"defaultRegion\":\"EMEA\",\"index\":" index              \
    ",\"layers\":[{\"name\":\"l\",\"default\":10,\"rules\":[]}]}"

enum { NOW = 1767225600 /* 2026-01-01 */ };

struct heard {
    char text[4096];
    int count;
};

static void hear(void *ctx, const char *fault)
{
    struct heard *h = ctx;
    size_t n = strlen(h->text);
    snprintf(h->text + n, sizeof h->text - n, "%s\n", fault);
    h->count++;
}

static bool only_example(void *ctx, const char *url, char *why, size_t size)
{
    (void)ctx;
    snprintf(why, size, "is not allowed here.");
    return strncmp(url, URL, strlen(URL)) == 0;
}

static struct rules *read_for(const char *text, struct heard *h)
{
    *h = (struct heard){ "", 0 };
    return rules_read_for(text, strlen(text), only_example, hear, h);
}

static struct rules *set_of(const char *of, const char *away, const char *missing)
{
    char text[600];
    struct heard h;
    snprintf(text, sizeof text,
             SET("{\"url\":\"" URL "\",\"of\":\"%s\",\"maxAgeHours\":24,\"whenAway\":\"%s\",\"whenMissing\":\"%s\"}"),
             of, away, missing);
    struct rules *r = read_for(text, &h);
    if (!r)
        fail_msg("%s", h.text);
    return r;
}

/* ---- how rules name it ---- */

static void rules_that_name_it_wrongly_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text, *fault;
    } cases[] = {
        { SET("[]"), "\"index\" must be an object" },
        { SET("null"), "\"index\" must be an object" },
        { SET("{" CHOICES ",\"of\":\"country\"}"), "\"url\" of \"index\" must be an https URL" },
        { SET("{\"url\":\"ftp://prices.example.com/index\",\"of\":\"country\"," CHOICES "}"), "must be an https URL" },
        { SET("{\"url\":\"https://other.example.com/\",\"of\":\"country\"," CHOICES "}"), "is not allowed here." },
        { SET(INDEX("\"of\":\"planet\"," CHOICES)), "\"of\" of \"index\" must be" },
        { SET(INDEX(CHOICES)), "\"of\" of \"index\" must be" },
        { SET(INDEX("\"of\":\"country\",\"whenAway\":\"refuse\",\"whenMissing\":\"refuse\"")), "\"maxAgeHours\" of" },
        { SET(INDEX("\"of\":\"country\",\"maxAgeHours\":0,\"whenAway\":\"refuse\",\"whenMissing\":\"refuse\"")),
          "\"maxAgeHours\" of" },
        { SET(INDEX("\"of\":\"country\",\"maxAgeHours\":8761,\"whenAway\":\"refuse\",\"whenMissing\":\"refuse\"")),
          "\"maxAgeHours\" of" },
        { SET(INDEX("\"of\":\"country\",\"maxAgeHours\":2,\"whenMissing\":\"refuse\"")), "\"whenAway\" of" },
        { SET(INDEX("\"of\":\"country\",\"maxAgeHours\":2,\"whenAway\":\"refuse\"")), "\"whenMissing\" of" },
        { SET(INDEX("\"of\":\"country\",\"maxAgeHours\":2,\"whenAway\":\"hope\",\"whenMissing\":\"refuse\"")),
          "\"whenAway\" of" },
        { SET(INDEX("\"of\":\"country\",\"unit\":\"percent\"," CHOICES)), "has a member \"unit\"" },
    };
    struct heard h;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (read_for(cases[i].text, &h) || !strstr(h.text, cases[i].fault))
            fail_msg("%s: wanted \"%s\", heard \"%s\"", cases[i].text, cases[i].fault, h.text);
    /* beside a fault elsewhere: both are told */
    assert_null(read_for("{\"name\":\"t\",\"index\":{\"url\":\"https://other.example.com/\"}}", &h));
    assert_int_equal(h.count, 8);
    struct rules *r = read_for(SET(INDEX("\"about\":\"x\",\"of\":\"currency\"," CHOICES)), &h);
    assert_non_null(r);
    assert_false(r->index.without_away || r->index.without_missing);
    assert_null(r->prices);
    rules_free(r);
}

/* ---- which answers are taken ---- */

#define ANSWER(as_of, values) "{\"asOf\":\"" as_of "\",\"source\":\"Test\",\"values\":{" values "}}"

static const struct answer {
    const char *of, *text, *failure; /* "" = it is taken */
} answers[] = {
    { "country", ANSWER("2026-01-01T00:00:00Z", "\"DE\":1.02"), "" },
    { "country", ANSWER("2026-01-01", "\"DE\":1"), "" },
    { "country", ANSWER("2025-12-31", "\"DE\":1"), "" },
    { "country", ANSWER("2025-12-30", "\"DE\":1"), "stale" },
    { "country", ANSWER("2025-12-30T23:59:59Z", "\"DE\":1"), "stale" },
    { "country", ANSWER("2025-12-31T01:00:00.250+01:00", "\"DE\":1"), "" },
    { "country", ANSWER("2025-12-31T00:59:59.250+01:00", "\"DE\":1"), "stale" },
    { "country", ANSWER("2025-12-30T23:30:00-00:30", "\"DE\":1"), "" },
    { "country", ANSWER("2026-01-01T00:05:00Z", "\"DE\":1"), "" },
    { "country", ANSWER("2026-01-01T00:05:01Z", "\"DE\":1"), "future" },
    { "country", ANSWER("2026-02-30", "\"DE\":1"), "no_date" },
    { "country", ANSWER("2026-01-01T00:00Z", "\"DE\":1"), "no_date" },
    { "country", ANSWER("2026-01-01T24:00:00Z", "\"DE\":1"), "no_date" },
    { "country", ANSWER("2026-01-01T00:00:00", "\"DE\":1"), "no_date" },
    { "country", ANSWER("2026-01-01T00:00:00.Z", "\"DE\":1"), "no_date" },
    { "country", ANSWER("2026-01-01T00:00:00+1:000", "\"DE\":1"), "no_date" },
    { "country", ANSWER("today", "\"DE\":1"), "no_date" },
    { "country", "{\"source\":\"Test\",\"values\":{\"DE\":1}}", "no_date" },
    { "country", "[]", "no_date" },
    { "country", "{\"asOf\":\"2026-01-01\",\"values\":{\"DE\":1}}", "no_source" },
    { "country", "{\"asOf\":\"2026-01-01\",\"source\":\"a\\nb\",\"values\":{\"DE\":1}}", "no_source" },
    { "country", "{\"asOf\":\"2026-01-01\",\"source\":\"Test\"}", "no_values" },
    { "country", ANSWER("2026-01-01", ""), "no_values" },
    { "country", ANSWER("2026-01-01", "\"DE\":\"1.02\""), "not_a_number" },
    { "country", ANSWER("2026-01-01", "\"DE\":null"), "not_a_number" },
    { "country", ANSWER("2026-01-01", "\"DE\":0.1,\"FR\":10"), "" },
    { "country", ANSWER("2026-01-01", "\"DE\":0.099999"), "out_of_bounds" },
    { "country", ANSWER("2026-01-01", "\"DE\":10.000001"), "out_of_bounds" },
    { "country", ANSWER("2026-01-01", "\"DE\":0"), "out_of_bounds" },
    { "country", ANSWER("2026-01-01", "\"DE\":-1"), "out_of_bounds" },
    { "country", ANSWER("2026-01-01", "\"DE\":1e300"), "out_of_bounds" },
    { "country", ANSWER("2026-01-01", "\"DE\":1,\"Atlantis\":11"), "out_of_bounds" },
    { "country", ANSWER("2026-01-01", "\"DE\":1,\"EMEA\":1.1"), "" },
    { "country", ANSWER("2026-01-01", "\"DE\":1,\"Germany\":1.1"), "two_values" },
    { "currency", ANSWER("2026-01-01", "\"EUR\":1,\"eur\":1"), "two_values" },
    { "family", ANSWER("2026-01-01", "\"Hardware\":1,\"Software\":1.5"), "" },
};

static void answers_are_taken_whole_or_not_at_all(void **state)
{
    (void)state;
    struct price_index x;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct rules *r = set_of(answers[i].of, "refuse", "refuse");
        json_t *body = json_loads(answers[i].text, 0, NULL);
        assert_non_null(body);
        bool taken = index_read(body, r, NOW, &x);
        assert_int_equal(taken, x.failure == NULL);
        if (strcmp(taken ? "" : x.failure, answers[i].failure) != 0)
            fail_msg("%s: %s, not %s", answers[i].text, taken ? "taken" : x.failure, answers[i].failure);
        json_decref(body);
        rules_free(r);
    }
}

static void keys_are_those_of_lines(void **state)
{
    (void)state;
    static const struct {
        const char *of, *country, *family, *currency;
        int ppm; /* 0 = none */
    } cases[] = {
        { "country", "Germany", "", "", 1020000 },
        { "country", "deu", "", "", 1020000 },
        { "country", "FR", "", "", 980000 },
        { "country", "Japan", "", "", 0 },
        { "country", "", "", "", 0 },
        { "country", "Atlantis", "", "", 0 },
        { "region", "Germany", "", "", 1030000 },
        { "region", "", "", "", 1030000 },
        { "region", "Japan", "", "", 0 },
        { "family", "", "hardware", "", 1200000 },
        { "family", "", "", "", 0 },
        { "currency", "", "", "EUR", 1500000 },
        { "currency", "", "", "", 0 },
        { "currency", "", "", "GBP", 0 },
    };
    json_t *body = json_loads(ANSWER("2026-01-01", "\"Germany\":1.02,\"FRA\":0.98,\"EMEA\":1.03,\"Hardware\":1.2,"
                                                   "\"EUR\":1.4999999,\"\":3,\"a\\tb\":2"),
                              0, NULL);
    struct price_index x;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct rules *r = set_of(cases[i].of, "refuse", "refuse");
        struct price_facts f = { .country = cases[i].country,
                                 .family = cases[i].family,
                                 .currency = cases[i].currency };
        assert_true(index_read(body, r, NOW, &x));
        r->prices = &x;
        const struct index_value *value = rules_index_value(r, rules_index_key(r, &f));
        if ((value ? value->ppm : 0) != cases[i].ppm)
            fail_msg("%s of \"%s\": %d", cases[i].of, cases[i].country, value ? value->ppm : 0);
        rules_free(r);
    }
    json_decref(body);
}

static void what_a_job_keeps_is_read_again(void **state)
{
    (void)state;
    struct rules *r = set_of("country", "refuse", "refuse");
    struct price_index x, again;
    json_t *body = json_loads(ANSWER("2025-12-31T12:00:00Z", "\"Japan\":0.97,\"DE\":1.02,\"US\":10"), 0, NULL);
    assert_true(index_read(body, r, NOW, &x));
    json_t *kept = index_keep(&x);
    assert_true(index_kept(kept, r, &again));
    assert_int_equal(again.n, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(again.values[i].key, x.values[i].key);
        assert_int_equal(again.values[i].ppm, x.values[i].ppm);
    }
    assert_string_equal(again.as_of, "2025-12-31T12:00:00Z");
    assert_string_equal(again.source, "Test");
    assert_int_equal(again.age_s, 12 * 3600);
    json_object_set_new(json_object_get(kept, "values"), "DE", json_integer(INDEX_PPM_MAX + 1));
    assert_false(index_kept(kept, r, &again));
    json_decref(kept);
    x.failure = "timeout";
    kept = index_keep(&x);
    assert_true(index_kept(kept, r, &again));
    assert_string_equal(again.failure, "timeout");
    json_decref(kept);
    json_decref(body);
    rules_free(r);
}

/* ---- what it does to prices ---- */

static struct act_call call;
static struct declaration declaration;

static struct deal deal_of(const char *currency, const char *country, size_t lines)
{
    struct deal d = { .name = "Deal", .country = country, .currency = currency, .lines_n = lines };
    d.exponent = amount_exponent(currency);
    d.lines = act_alloc(&call, (lines + 1) * sizeof *d.lines);
    for (size_t i = 0; i < lines; i++) {
        d.lines[i].product = "Gateway";
        d.lines[i].family = below(3) ? "Hardware" : "Support";
        d.lines[i].override_ppm = below(4) ? -1 : (int)below(1000001);
        d.lines[i].unit = (struct decimal){ (int64_t)below(10000000) - 1000, (int)below(5) };
        d.lines[i].quantity = (struct decimal){ 1 + (int64_t)below(100000), (int)below(3) };
    }
    return d;
}

static __int128 power(int n)
{
    __int128 p = 1;
    while (n-- > 0)
        p *= 10;
    return p;
}

/* |10^x * rounded - exact| <= 1/2 */
static void assert_rounded(int64_t rounded, __int128 num, __int128 den)
{
    __int128 error = 2 * ((__int128)rounded * den - num);
    assert_true(error <= den && error >= -den);
}

static void check_line(const struct deal *d, const struct deal_line *l, const struct rules *r, int32_t ppm)
{
    __int128 scale = power(d->exponent);
    assert_int_equal(l->index ? l->index->ppm : AMOUNT_PPM, ppm);
    if (ppm == AMOUNT_PPM) {
        assert_int_equal(l->base.digits, l->unit.digits);
        assert_int_equal(l->base.places, l->unit.places);
    } else {
        assert_int_equal(l->base.places, d->exponent);
        assert_rounded(l->base.digits, (__int128)l->unit.digits * ppm * scale, power(l->unit.places) * AMOUNT_PPM);
    }
    assert_true(l->ppm <= r->cap_ppm);
    assert_rounded(l->net, (__int128)l->base.digits * (AMOUNT_PPM - l->ppm) * scale,
                   power(l->base.places) * AMOUNT_PPM);
    assert_rounded(l->total, (__int128)l->net * l->quantity.digits, power(l->quantity.places));
    assert_rounded(l->list, (__int128)l->base.digits * l->quantity.digits * scale,
                   power(l->base.places) * power(l->quantity.places));
}

static void list_prices_are_multiplied_before_discounts(void **state)
{
    (void)state;
    static const char *const countries[] = { "Germany", "US", "Japan", "France", "" }, *const codes[] = { "DE", "US",
                                                                                                          "JP", "FR" };
    static const char *const currencies[] = { "EUR", "JPY", "USD", "" };
    struct rules *r = set_of("country", "refuse", "withoutIndex");
    for (int round = 0; round < 2000; round++) {
        struct price_index x = { .n = 4 };
        int place = (int)below(5);
        int32_t ppm[5] = { 0, 0, 0, AMOUNT_PPM, AMOUNT_PPM };
        for (int i = 0; i < 3; i++)
            ppm[i] = INDEX_PPM_MIN + (int32_t)below(INDEX_PPM_MAX - INDEX_PPM_MIN + 1);
        /* by key: DE FR JP US */
        x.values[0] = (struct index_value){ codes[0], ppm[0] };
        x.values[1] = (struct index_value){ codes[3], ppm[3] };
        x.values[2] = (struct index_value){ codes[2], ppm[2] };
        x.values[3] = (struct index_value){ codes[1], ppm[1] };
        r->prices = &x;
        struct deal d = deal_of(currencies[below(4)], countries[place], 1 + below(6));
        int64_t total = 0, list = 0;
        deal_price(&d, r, 20500);
        assert_null(d.problem.code);
        assert_int_equal(d.unindexed, place == 4 ? d.lines_n : 0);
        for (size_t i = 0; i < d.lines_n; i++) {
            struct price p;
            check_line(&d, &d.lines[i], r, ppm[place]);
            deal_explain(&d, i, r, 20500, &p);
            assert_ptr_equal(p.index, d.lines[i].index);
            assert_int_equal(p.ppm, d.lines[i].ppm);
            total += d.lines[i].total;
            list += d.lines[i].list;
        }
        assert_int_equal(d.total, total);
        assert_int_equal(d.list, list);
    }
    rules_free(r);
}

static void a_line_without_a_value_is_refused_or_told(void **state)
{
    (void)state;
    struct price_index x = { .n = 1, .values = { { "EUR", 1500000 } } };
    struct rules *r = set_of("currency", "refuse", "refuse");
    r->prices = &x;
    struct deal d = deal_of("USD", "Germany", 2);
    deal_price(&d, r, 20500);
    assert_string_equal(d.problem.code, "price_index_value_missing");
    assert_non_null(strstr(d.problem.message, "currency \"USD\""));
    rules_free(r);
    r = set_of("currency", "refuse", "withoutIndex");
    r->prices = &x;
    d = deal_of("USD", "Germany", 2);
    deal_price(&d, r, 20500);
    assert_null(d.problem.code);
    assert_int_equal(d.unindexed, 2);
    /* a huge price leaves the bounds by its factor alone */
    d = deal_of("EUR", "Germany", 1);
    d.lines[0].unit = (struct decimal){ 9000000000000, 0 };
    d.lines[0].quantity = (struct decimal){ 1, 0 };
    deal_price(&d, r, 20500);
    assert_string_equal(d.problem.code, "amount_out_of_range");
    rules_free(r);
}

static void reasons_name_the_index(void **state)
{
    (void)state;
    char words[300];
    struct price_index x = { .n = 1, .values = { { "DE", 1020000 } } };
    struct rules *r = set_of("country", "refuse", "refuse");
    struct price p;
    r->prices = &x;
    struct deal d = deal_of("EUR", "Germany", 1);
    d.lines[0].override_ppm = -1;
    deal_price(&d, r, 20500);
    deal_explain(&d, 0, r, 20500, &p);
    assert_string_equal(rules_words(r, &p, words, sizeof words), "index: DE x 1.02; l: default 10 %");
    rules_free(r);
}

static int begin(void **state)
{
    (void)state;
    call_init(&call, &declaration, NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    call_fini(&call);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_that_name_it_wrongly_are_refused),
        cmocka_unit_test(answers_are_taken_whole_or_not_at_all),
        cmocka_unit_test(keys_are_those_of_lines),
        cmocka_unit_test(what_a_job_keeps_is_read_again),
        cmocka_unit_test_setup_teardown(list_prices_are_multiplied_before_discounts, begin, end),
        cmocka_unit_test_setup_teardown(a_line_without_a_value_is_refused_or_told, begin, end),
        cmocka_unit_test_setup_teardown(reasons_name_the_index, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
