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
        cmocka_unit_test_setup(rules_that_cannot_be_read_any_more_end_the_job, begin),
    };
    return cmocka_run_group_tests(tests, NULL, end);
}
