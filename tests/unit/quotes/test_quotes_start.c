/* test_quotes_start.c - the start of generateQuotes: what it refuses at once, and what the job keeps of its beginning.
 */
#include "tests/unit/quotes/quotes_org.h"

#include <unistd.h>

extern const struct action quotes_action;

static char started[200000]; /* the input that the queue got; "" = none */

static bool take_start(void *ctx, int what, const struct act_call *c, const char *body, int *status, char **answer,
                       struct err *e)
{
    (void)ctx;
    (void)c;
    (void)e;
    assert_int_equal(what, CALL_JOB_START);
    copy_text(started, sizeof started, body);
    *status = 201;
    *answer = strdup("{\"jobId\":\"" JOB "\",\"state\":\"queued\"}");
    return true;
}

/* Runs the handler; the code of the refusal, "" when the job was started. */
static const char *start(const char *input)
{
    static char code[64];
    json_t *in = json_loads(input, 0, NULL), *out = NULL;
    started[0] = '\0';
    services.job_ask = take_start;
    fresh_call();
    call.step = NULL;
    enum act_outcome outcome = quotes_action.run(&call, in, &out);
    assert_int_equal(outcome == ACT_OK, started[0] != '\0');
    copy_text(code, sizeof code, outcome == ACT_OK ? "" : call.refusal.code);
    json_decref(out);
    json_decref(in);
    call_fini(&call);
    return code;
}

static void a_start_is_refused_before_there_is_a_job(void **state)
{
    (void)state;
    /* codes must be declared: those of the declaration that is under test */
    declaration.root =
        json_loads("{\"errors\":[{\"code\":\"which_opportunities\",\"status\":422,\"description\":\"x\"},"
                   "{\"code\":\"invalid_condition\",\"status\":422,\"description\":\"x\"}]}",
                   0, NULL);
    assert_string_equal(start("{}"), "which_opportunities");
    assert_string_equal(start("{\"condition\":\"Id != null\",\"opportunityIds\":[\"" OPP("1") "\"]}"),
                        "which_opportunities");
    assert_string_equal(start("{\"condition\":\"Amount > 1 LIMIT 5\"}"), "invalid_condition");
    assert_int_equal(org.queries, 0);
    org.condition_error = "unexpected token: x";
    assert_string_equal(start("{\"condition\":\"Amount > 1\"}"), "invalid_condition");
    org.condition_error = NULL;
    assert_string_equal(start("{\"condition\":\"Amount > 1\"}"), "");
    org.queries = 0;
    assert_string_equal(start("{\"opportunityIds\":[\"" OPP("1") "\"]}"), "");
    assert_int_equal(org.queries, 0);
    json_decref(declaration.root);
}

/* Runs a page of one Opportunity with what the queue got, as the worker gives it to the step. */
static double page_price(void)
{
    json_t *in = json_loads(started, 0, NULL), *items = json_pack("[s]", OPP("1"));
    fresh_call();
    call.now += 400 * 86400; /* another day */
    call.kept = json_incref(json_object_get(in, CALL_KEPT));
    json_object_del(in, CALL_KEPT);
    json_decref(done_with(step_run(&call, STEP_WORK_PAGE, in, items), 0, 0));
    call_fini(&call);
    json_decref(in);
    json_decref(items);
    assert_int_equal(org.records_n, 3);
    double price = json_number_value(json_object_get(org.records[1].fields, "UnitPrice"));
    for (; org.records_n; org.records_n--)
        json_decref(org.records[org.records_n - 1].fields);
    return price;
}

static void a_job_prices_by_what_it_began_with(void **state)
{
    (void)state;
    static const char spring[] =
        "{\"name\":\"spring\",\"capPercent\":50,\"defaultRegion\":\"EMEA\",\"layers\":[{\"name\":\"l\",\"default\":0,"
        "\"rules\":[{\"name\":\"s\",\"percent\":20,\"to\":\"2026-06-30\",\"precedence\":1}]}]}";
    char path[300];
    const char *folder = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/spring-XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, spring, strlen(spring)) == (ssize_t)strlen(spring));
    close(fd);
    add_deals(1);
    assert_true(rules_choose(path, no_fault, NULL));
    assert_string_equal(start("{\"opportunityIds\":[\"" OPP("1") "\"]}"), "");
    /* the same rules after their end, and other rules: it is still spring for this job */
    assert_true(page_price() == 80);
    assert_true(rules_choose("sample", no_fault, NULL));
    assert_true(page_price() == 80);
    json_decref(done_with(run_page("{}", 1), 0, 0)); /* one that has kept nothing */
    assert_true(json_number_value(json_object_get(org.records[1].fields, "UnitPrice")) == 90);
    unlink(path);
}

/* ---- a price index: what the cache of all workers has, as no host may be fetched from ---- */

static const char *index_answer; /* NULL = it is away */

static bool remembered(void *ctx, const char *key, void **value, size_t *n, int64_t *age_ms)
{
    char text[600];
    (void)ctx;
    if (!index_answer || !strstr(key, "price-index"))
        return false;
    *n = (size_t)snprintf(text, sizeof text, "{\"url\":\"https://prices.example.com/\",\"body\":%s}", index_answer);
    *value = strdup(text);
    *age_ms = 0;
    return true;
}

static bool allow(void *ctx, const char *name)
{
    (void)ctx, (void)name;
    return true;
}

static void reported(void *ctx, const char *name, bool ok)
{
    (void)ctx, (void)name, (void)ok;
}

static void choose_indexed(const char *away, const char *missing)
{
    char path[300], text[600];
    const char *folder = getenv("TMPDIR");
    int n = snprintf(text, sizeof text,
                     "{\"name\":\"indexed\",\"capPercent\":50,\"defaultRegion\":\"EMEA\",\"index\":{\"url\":"
                     "\"https://prices.example.com/\",\"of\":\"country\",\"maxAgeHours\":24,\"whenAway\":\"%s\","
                     "\"whenMissing\":\"%s\"},\"layers\":[{\"name\":\"l\",\"default\":10,\"rules\":[]}]}",
                     away, missing);
    snprintf(path, sizeof path, "%s/indexed-XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, text, (size_t)n) == n);
    close(fd);
    assert_true(rules_choose(path, no_fault, NULL));
    unlink(path);
    services.cache_get = remembered;
    services.breaker_allow = allow;
    services.breaker_report = reported;
}

static const char start_one[] = "{\"opportunityIds\":[\"" OPP("1") "\"]}";

/* The finish of the job that was started, after pages that have noted `unindexed` lines. */
static json_t *finished(int unindexed)
{
    json_t *in = json_loads(started, 0, NULL);
    fresh_call();
    call.kept = json_incref(json_object_get(in, CALL_KEPT));
    json_object_del(in, CALL_KEPT);
    json_t *sums = json_pack("{s:i}", "unindexed", unindexed);
    json_t *reply = step_run(&call, STEP_WORK_FINISH, in, sums);
    assert_string_equal(said(reply, "outcome"), "done");
    call_fini(&call);
    json_decref(sums);
    json_decref(in);
    return reply;
}

static void a_job_prices_by_the_index_of_its_start(void **state)
{
    (void)state;
    add_deals(1);
    choose_indexed("refuse", "refuse");
    index_answer = "{\"asOf\":\"2025-12-31T22:00:00Z\",\"source\":\"Test\",\"values\":{\"DE\":1.5}}";
    assert_string_equal(start(start_one), "");
    index_answer = "{\"asOf\":\"2026-01-01\",\"source\":\"Test\",\"values\":{\"DE\":3}}";
    assert_true(page_price() == 135);
    index_answer = NULL;
    assert_true(page_price() == 135);
    json_t *reply = finished(0);
    const json_t *result = json_object_get(reply, "result");
    assert_true(json_number_value(sf_get(result, "index.ageHours")) == 2);
    assert_string_equal(sf_get_text(result, "index.asOf"), "2025-12-31T22:00:00Z");
    assert_int_equal(json_array_size(json_object_get(result, "warnings")), 0);
    json_decref(reply);
}

static void without_its_index_a_job_is_refused_or_says_so(void **state)
{
    (void)state;
    add_deals(1);
    declaration.root = json_loads(
        "{\"errors\":[{\"code\":\"price_index_unavailable\",\"status\":503,\"description\":\"x\"}]}", 0, NULL);
    choose_indexed("refuse", "refuse");
    index_answer = NULL;
    assert_string_equal(start(start_one), "price_index_unavailable");
    assert_non_null(strstr(call.refusal.message, "FETCH_HOSTS"));
    index_answer = "{\"asOf\":\"2025-12-30\",\"source\":\"Test\",\"values\":{\"DE\":1.5}}"; /* too old */
    assert_string_equal(start(start_one), "price_index_unavailable");
    choose_indexed("withoutIndex", "refuse");
    assert_string_equal(start(start_one), "");
    index_answer = "{\"asOf\":\"2026-01-01\",\"source\":\"Test\",\"values\":{\"DE\":1.5}}"; /* too late for this job */
    assert_true(page_price() == 90);
    json_t *reply = finished(0);
    assert_null(sf_get(reply, "result.index"));
    assert_non_null(strstr(json_string_value(json_array_get(sf_get(reply, "result.warnings"), 0)), "without the price "
                                                                                                   "index"));
    json_decref(reply);
    json_decref(declaration.root);
}

static void a_line_without_a_value_fails_its_row_or_is_noted(void **state)
{
    (void)state;
    add_deals(1);
    choose_indexed("refuse", "refuse");
    index_answer = "{\"asOf\":\"2026-01-01\",\"source\":\"Test\",\"values\":{\"FR\":1.5}}";
    json_t *reply = done_with(run_page("{}", 1), 1, 0); /* a job of an event: it asks by itself */
    assert_string_equal(said(result_of(reply, 0), "code"), "price_index_value_missing");
    json_decref(reply);
    choose_indexed("refuse", "withoutIndex");
    reply = done_with(run_page("{}", 1), 0, 0);
    assert_int_equal(json_integer_value(sf_get(reply, "sums.unindexed")), 2);
    json_decref(reply);
    assert_string_equal(start(start_one), "");
    reply = finished(2);
    assert_non_null(strstr(json_string_value(json_array_get(sf_get(reply, "result.warnings"), 0)), "no value for their "
                                                                                                   "country"));
    json_decref(reply);
}

static void a_step_that_asks_by_itself_is_tried_again(void **state)
{
    (void)state;
    add_deals(1);
    choose_indexed("refuse", "refuse");
    index_answer = NULL;
    json_t *reply = run_page("{}", 1);
    assert_string_equal(said(reply, "outcome"), "again");
    assert_int_equal(org.writes, 0);
    json_decref(reply);
    choose_indexed("withoutIndex", "refuse");
    json_decref(done_with(run_page("{}", 1), 0, 0));
    assert_true(json_number_value(json_object_get(org.records[1].fields, "UnitPrice")) == 90);
}

static void rules_that_cannot_be_read_any_more_end_the_job(void **state)
{
    (void)state;
    add_deals(1);
    fresh_call();
    call.kept = json_pack("{s:{s:s}, s:i}", "rules", "name", "old", "day", 20000);
    json_t *in = json_object(), *items = json_pack("[s]", OPP("1"));
    json_t *reply = step_run(&call, STEP_WORK_PAGE, in, items);
    assert_string_equal(said(reply, "outcome"), "job_failed");
    assert_string_equal(said(reply, "code"), "rules_outdated");
    call_fini(&call);
    json_decref(reply);
    json_decref(in);
    json_decref(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_start_is_refused_before_there_is_a_job, begin),
        cmocka_unit_test_setup(a_job_prices_by_what_it_began_with, begin),
        cmocka_unit_test_setup(a_job_prices_by_the_index_of_its_start, begin),
        cmocka_unit_test_setup(without_its_index_a_job_is_refused_or_says_so, begin),
        cmocka_unit_test_setup(a_line_without_a_value_fails_its_row_or_is_noted, begin),
        cmocka_unit_test_setup(a_step_that_asks_by_itself_is_tried_again, begin),
        cmocka_unit_test_setup(rules_that_cannot_be_read_any_more_end_the_job, begin),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
