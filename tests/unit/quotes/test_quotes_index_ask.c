/* test_quotes_index_ask.c - who is asked for the price index and when, what stands in while it is away, and what
 * answers tell of it. */
#include "tests/unit/check.h"

#include "actions/quotes/index.h"
#include "runtime/base/system.h"
#include "runtime/client/client.h"

#define URL "https://prices.example.com/index"
#define ANSWER(as_of, values) "{\"asOf\":\"" as_of "\",\"source\":\"Test\",\"values\":{" values "}}"

enum { NOW = 1767225600 /* 2026-01-01 */ };

static struct act_call call;
static struct declaration declaration;
static struct registry_row row = { .name = "quotes" };

static void no_fault(void *ctx, const char *fault)
{
    (void)ctx;
    fail_msg("%s", fault);
}

static struct rules *set_of(const char *of, const char *away, const char *missing)
{
    char text[600];
    int n = snprintf(text, sizeof text,
                     "{\"name\":\"t\",\"capPercent\":50,\"defaultRegion\":\"EMEA\",\"index\":{\"url\":\"" URL
                     "\",\"of\":\"%s\",\"maxAgeHours\":24,\"whenAway\":\"%s\",\"whenMissing\":\"%s\"},\"layers\":[{"
                     "\"name\":\"l\",\"default\":10,\"rules\":[]}]}",
                     of, away, missing);
    struct rules *r = rules_read(text, (size_t)n, no_fault, NULL);
    assert_non_null(r);
    return r;
}

static struct {
    const char *cached; /* the body; NULL = none */
    const char *cached_url;
    int64_t cached_age_ms;
    bool breaker_open;
    int asked, reported, put;
} way;

static bool cache_get(void *ctx, const char *key, void **value, size_t *n, int64_t *age_ms)
{
    char text[2000];
    (void)ctx;
    assert_non_null(strstr(key, "price-index"));
    if (!way.cached)
        return false;
    *n = (size_t)snprintf(text, sizeof text, "{\"url\":\"%s\",\"body\":%s}", way.cached_url, way.cached);
    *value = strdup(text);
    *age_ms = way.cached_age_ms;
    return true;
}

static void cache_put(void *ctx, const char *key, const void *value, size_t n, int ttl_s)
{
    (void)ctx, (void)key, (void)value, (void)n, (void)ttl_s;
    way.put++;
}

static bool breaker_allow(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    way.asked++;
    return !way.breaker_open;
}

static void breaker_report(void *ctx, const char *name, bool ok)
{
    (void)ctx, (void)name;
    assert_false(ok);
    way.reported++;
}

static const struct services front = {
    .cache_get = cache_get, .cache_put = cache_put, .breaker_allow = breaker_allow, .breaker_report = breaker_report
};
static struct client *client;

static int begin(void **state)
{
    (void)state;
    declaration.row = &row;
    call_init(&call, &declaration, &front);
    call.deadline_ms = clock_ms() + 20000;
    call.now = NOW;
    call.client = client;
    memset(&way, 0, sizeof way);
    way.cached_url = URL;
    return 0;
}

static int end(void **state)
{
    (void)state;
    call_fini(&call);
    return 0;
}

/* Nobody can be reached: no host is allowed. What is remembered is all there is. */
static const char *ask(const struct rules *r, bool anew)
{
    static struct price_index x;
    index_ask(&call, r, anew, &x);
    return x.failure ? x.failure : "";
}

static void what_is_remembered_stands_in(void **state)
{
    (void)state;
    struct rules *r = set_of("country", "refuse", "refuse");
    assert_string_equal(ask(r, false), "refused_host");
    assert_int_equal(way.reported, 1);
    way.cached = ANSWER("2025-12-31T12:00:00Z", "\"DE\":1.02");
    way.asked = 0;
    assert_string_equal(ask(r, false), ""); /* fresh: nobody is asked */
    assert_int_equal(way.asked, 0);
    assert_string_equal(ask(r, true), ""); /* a job asks all the same */
    assert_int_equal(way.asked, 1);
    way.cached_age_ms = 5 * 60 * 1000 + 1;
    assert_string_equal(ask(r, false), ""); /* asked for, away, and still young enough */
    assert_int_equal(way.asked, 2);
    way.breaker_open = true;
    assert_string_equal(ask(r, false), "");
    way.cached = ANSWER("2025-12-30T23:00:00Z", "\"DE\":1.02");
    assert_string_equal(ask(r, false), "breaker_open"); /* too old by now */
    way.cached = ANSWER("2025-12-31T12:00:00Z", "\"DE\":1.02");
    way.cached_url = "https://prices.example.com/other";
    assert_string_equal(ask(r, false), "breaker_open"); /* that of other rules */
    way.cached_url = URL;
    call.deadline_ms = clock_ms() + 2000;
    way.cached = NULL;
    assert_string_equal(ask(r, false), "timeout"); /* no time is left to ask */
    assert_int_equal(way.put, 0);
    rules_free(r);
}

static void answers_tell_what_was_used(void **state)
{
    (void)state;
    struct rules *r = set_of("family", "withoutIndex", "withoutIndex");
    struct price_index x = { .source = "Test", .as_of = "2025-12-31", .age_s = 9000 };
    json_t *answer = json_object(), *warnings = json_array();
    index_tell(r, &x, false, answer, warnings);
    assert_true(json_number_value(sf_get(answer, "index.ageHours")) == 2.5);
    assert_string_equal(sf_get_text(answer, "index.source"), "Test");
    assert_int_equal(json_array_size(warnings), 0);
    index_tell(r, &x, true, answer, warnings);
    assert_non_null(strstr(json_string_value(json_array_get(warnings, 0)), "no value for their family"));
    json_object_clear(answer);
    x.failure = "stale";
    index_tell(r, &x, false, answer, warnings);
    assert_null(json_object_get(answer, "index"));
    assert_non_null(strstr(json_string_value(json_array_get(warnings, 1)), "older than 24 hours (as of 2025-12-31)"));
    json_decref(answer);
    json_decref(warnings);
    rules_free(r);
}

static int open_client(void **state)
{
    static struct client_settings settings;
    char why[200];
    (void)state;
    client = hosts_parse(&settings.fetch_hosts, "", false, why, sizeof why) ? client_new(&settings) : NULL;
    return client ? 0 : -1;
}

static int close_client(void **state)
{
    (void)state;
    client_free(client);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_is_remembered_stands_in, begin, end),
        cmocka_unit_test_setup_teardown(answers_tell_what_was_used, begin, end),
    };
    return cmocka_run_group_tests(tests, open_client, close_client);
}
