/*
 * test_bulk_work.c - bulk jobs at work: in modelled time, ended in the middle, beside others, under faults. However
 * one ends, each of its records is successful, failed or unprocessed, and what is in the org is what was successful.
 */
#include "sandbox/records/changes.h"
#include "tests/sandbox/bulk_fixture.h"

#define INSERT "{\"object\":\"Account\",\"operation\":\"insert\"}"

/* n Accounts "Work 1" and on; each tenth has no name. */
static char *accounts(int n)
{
    struct text t = { 0 };
    text_str(&t, "Name,NumberOfEmployees\n");
    for (int i = 1; i <= n; i++)
        text_fmt(&t, i % 10 ? "Work %d,%d\n" : ",%d\n", i, i);
    return text_take(&t, NULL);
}

static struct job_id begun(int n)
{
    struct job_id id = create(INSERT);
    char *csv = accounts(n);
    assert_int_equal(upload(id, csv), 201);
    free(csv);
    assert_int_equal(set_state(id, "UploadComplete"), 200);
    return id;
}

/* Every record in exactly one of the three results. */
static void all_accounted_for(struct job_id id, int n, int done, int failed)
{
    char *seen = mem_new((size_t)n + 1);
    int of[3];
    static const char *const parts[] = { "/successfulResults", "/failedResults", "/unprocessedrecords" };
    for (int k = 0; k < 3; k++) {
        assert_int_equal(call("GET", at(id, parts[k]), NULL), 200);
        of[k] = rows();
        const char *p = strchr(text(), '\n');
        for (const char *row = p + 1; *row; row = strchr(row, '\n') + 1) {
            const char *number = strchr(row, '\n');
            while (number[-1] != ',')
                number--;
            long i = strtol(number + (*number == '"'), NULL, 10);
            assert_in_range(i, 1, n);
            assert_int_equal(seen[i]++, 0);
        }
    }
    free(seen);
    assert_int_equal(of[0] + of[1] + of[2], n);
    assert_int_equal(count("Account WHERE Name LIKE 'Work %'"), of[0]);
    if (done >= 0) {
        assert_int_equal(of[0], done);
        assert_int_equal(of[1], failed);
    }
}

/* ---- ends ---- */

static void a_job_fails_with_half_its_records_done(void **state)
{
    (void)state;
    knob("{\"end\":{\"object\":\"Account\",\"afterRows\":250,\"message\":\"InternalServerError : no more\"}}");
    struct job_id id = made(call("POST", QUERY, "{\"query\":\"SELECT Id FROM Account\"}")); /* writes nothing */
    wait_at(query_at(id, ""), "JobComplete");
    id = begun(500);
    wait_at(at(id, ""), "Failed");
    counts("250", "25");
    holds("\"errorMessage\":\"InternalServerError : no more\"");
    all_accounted_for(id, 500, 225, 25);
    id = begun(1); /* only the first one was to end */
    wait_at(at(id, ""), "JobComplete");
}

static void an_administrator_aborts(void **state)
{
    (void)state;
    knob("{\"end\":{\"afterRows\":200,\"state\":\"Aborted\",\"times\":2}}");
    struct job_id id = begun(500);
    wait_at(at(id, ""), "Aborted");
    lacks("errorMessage");
    all_accounted_for(id, 500, 180, 20);
    id = begun(100); /* has fewer */
    wait_at(at(id, ""), "JobComplete");
    knob("{\"end\":{\"afterRows\":0}}");
    id = begun(100);
    wait_at(at(id, ""), "Failed");
    counts("0", "0");
    holds("retried more than 20 times");
}

static void a_job_that_waits_is_aborted(void **state)
{
    (void)state;
    knob("{\"hold\":true}");
    struct job_id id = begun(50);
    assert_int_equal(call("GET", at(id, ""), NULL), 200);
    assert_string_equal(member("state"), "UploadComplete");
    assert_int_equal(set_state(id, "Aborted"), 200);
    knob("{\"hold\":false}");
    all_accounted_for(id, 50, 0, 0);
    assert_int_equal(call("DELETE", at(id, ""), NULL), 204);
}

static void the_time_in_the_queue(void **state)
{
    (void)state;
    knob("{\"queueMs\":600000}");
    struct job_id id = begun(1);
    assert_int_equal(call("GET", at(id, ""), NULL), 200);
    assert_string_equal(member("state"), "UploadComplete");
    knob("{\"queueMs\":5}");
    struct job_id next = begun(1);
    wait_at(at(next, ""), "JobComplete"); /* past the other one */
    assert_int_equal(call("GET", at(id, ""), NULL), 200);
    assert_string_equal(member("state"), "UploadComplete");
    assert_int_equal(call("DELETE", at(id, ""), NULL), 204);
}

/* ---- modelled time ---- */

static void model(const char *json)
{
    assert_int_equal(ask_status("POST", "/sandbox/model", NULL, json), 200);
}

static double model_number(const char *name)
{
    int status;
    json_t *json = ask_json("GET", "/sandbox/model", NULL, NULL, &status);
    double n = json_number_value(json_object_get(json, name));
    json_decref(json);
    return n;
}

static void wait_for_work(double ms)
{
    for (int i = 0; i < WAIT_TRIES && model_number("workMs") < ms; i++)
        pause_ms(WAIT_MS);
    assert_true(model_number("workMs") >= ms);
}

static void close_to(double got, double want)
{
    if (got < want - 1e-6 || got > want + 1e-6)
        fail_msg("wanted %f, got %f", want, got);
}

/* 200 records are one statement; where one fails the org goes on one by one. A job is no call. */
static void what_a_job_costs(void **state)
{
    (void)state;
    struct text csv = { 0 };
    text_str(&csv, "Name\n");
    for (int i = 0; i < 400; i++)
        text_str(&csv, "Costs\n");
    struct job_id id = create(INSERT);
    assert_int_equal(upload(id, csv.p), 201);
    text_free(&csv);
    model("{\"networkMs\":1,\"recordMs\":0.01,\"statementMs\":0.5,\"pageMs\":2}");
    int before = asked;
    assert_int_equal(set_state(id, "UploadComplete"), 200);
    wait_at(at(id, ""), "JobComplete");
    close_to(model_number("workMs"), 400 * 0.01 + 2 * 0.5);
    close_to(model_number("calls"), asked - before);
    model("{\"recordMs\":0.01,\"statementMs\":0.5,\"pageMs\":2}");
    id = begun(10);
    wait_at(at(id, ""), "JobComplete");
    close_to(model_number("workMs"), 10 * 0.01 + (1 + 10) * 0.5);
    model("{\"pageMs\":2}");
    made(call("POST", QUERY, "{\"query\":\"SELECT Id FROM Account\"}"));
    wait_for_work(2);
    close_to(model_number("workMs"), 2);
}

/* While its records take their time, nobody else waits; aborted then, it stops behind the 200 that it was about. */
static void a_job_at_work_holds_nobody_and_can_be_aborted(void **state)
{
    (void)state;
    struct job_id id = create(INSERT);
    char *csv = accounts(1000);
    assert_int_equal(upload(id, csv), 201);
    free(csv);
    model("{\"recordMs\":1000}");
    assert_int_equal(set_state(id, "UploadComplete"), 200);
    wait_for_work(200 * 1000);
    assert_int_equal(call("GET", DATA "/query?q=SELECT+Id+FROM+Account", NULL), 200);
    assert_int_equal(call("GET", at(id, ""), NULL), 200);
    assert_string_equal(member("state"), "InProgress");
    counts("0", "0");
    refused(call("DELETE", at(id, ""), NULL), 400, "INVALIDJOBSTATE");
    assert_int_equal(set_state(id, "Aborted"), 200);
    model("{}");
    all_accounted_for(id, 1000, 180, 20);
}

/* Two batches are at work at once. */
static void batches_side_by_side(void **state)
{
    struct text csv = { 0 };
    (void)state;
    text_str(&csv, "Id\n");
    for (int i = 0; i < 10001; i++)
        text_fmt(&csv, "x%d\n", i);
    struct job_id id = create("{\"object\":\"Account\",\"operation\":\"delete\"}");
    assert_int_equal(upload(id, csv.p), 201);
    text_free(&csv);
    model("{\"statementMs\":10000}");
    assert_int_equal(set_state(id, "UploadComplete"), 200);
    wait_for_work(10000.0 * (1 + 200) + 10000.0 * (1 + 1)); /* the first 200 of one and the only one of the other */
    model("{}");
    wait_at(at(id, ""), "JobComplete");
    counts("10001", "10001");
}

/* So are two jobs, though only one lane waits for work. */
static void jobs_side_by_side(void **state)
{
    assert_int_equal(bulk_close(state), 0); /* with the lanes of other tests it would prove nothing */
    assert_int_equal(bulk_open(state), 0);
    struct job_id first = begun(9), second;
    wait_at(at(first, ""), "JobComplete");
    for (int round = 0; round < 3; round++) {
        knob("{\"hold\":true}");
        first = begun(9);
        second = begun(9);
        model("{\"recordMs\":10000}");
        knob("{\"hold\":false}"); /* for both at once */
        wait_for_work(2 * 9 * 10000.0);
        model("{}");
        wait_at(at(first, ""), "JobComplete");
        wait_at(at(second, ""), "JobComplete");
    }
}

/* A reset forgets jobs, and what they were about writes nothing into the new data. */
static void a_reset_ends_work(void **state)
{
    (void)state;
    struct job_id id = create(INSERT);
    char *csv = accounts(1000);
    assert_int_equal(upload(id, csv), 201);
    free(csv);
    model("{\"recordMs\":1000}");
    assert_int_equal(set_state(id, "UploadComplete"), 200);
    wait_for_work(200 * 1000);
    assert_int_equal(ask_status("POST", "/sandbox/reset", NULL, ""), 200);
    model("{}");
    refused(call("GET", at(id, ""), NULL), 404, "NOT_FOUND");
    assert_int_equal(count("Account WHERE Name LIKE 'Work %'"), 0);
    id = begun(10); /* behind whatever was left of the other */
    wait_at(at(id, ""), "JobComplete");
    all_accounted_for(id, 10, 9, 1);
}

/* Rows that are locked by chance are tried again, and all are written once. */
static void locked_rows_are_tried_again(void **state)
{
    (void)state;
    model("{\"lockErrorRate\":0.3,\"seed\":5}");
    struct job_id id = begun(400);
    wait_at(at(id, ""), "JobComplete");
    counts("400", "40");
    assert_string_not_equal(member("retries"), "0");
    model("{}");
    all_accounted_for(id, 400, 360, 40);
}

/* ---- many at once ---- */

enum { MANY = 24 };

static void many_jobs_at_once(void **state)
{
    struct job_id ids[MANY];
    (void)state;
    knob("{\"hold\":true}");
    for (int i = 0; i < MANY; i++)
        ids[i] = begun(30);
    knob("{\"hold\":false}");
    for (int i = 0; i < MANY; i++) {
        wait_at(at(ids[i], ""), "JobComplete");
        counts("30", "3");
    }
    assert_int_equal(count("Account WHERE Name LIKE 'Work %'"), MANY * 27);
}

/* ---- changes ---- */

static struct heard {
    size_t n, sizes[20];
    char origin[200];
} heard;

static void hear(void *ctx, struct org *o, const struct commit *commit)
{
    (void)ctx, (void)o;
    if (heard.n < 20)
        heard.sizes[heard.n++] = commit->n;
    snprintf(heard.origin, sizeof heard.origin, "%.190s", commit->origin);
}

static void hear_nothing(void *ctx, struct org *o, const struct published *event)
{
    (void)ctx, (void)o, (void)event;
}

/* What 200 records have changed is told as one transaction, of this API and the client that has made the job. */
static void changes_are_told_by_200(void **state)
{
    static const struct change_listener listener = { hear, hear_nothing, NULL };
    struct org *o = sandbox_org(box, 0);
    size_t n = strlen(line);
    (void)state;
    changes_listen(o, &listener);
    pthread_mutex_lock(&o->lock);
    assert_true(changes_select(o, "Account"));
    pthread_mutex_unlock(&o->lock);
    heard.n = 0;
    snprintf(line + n, sizeof line - n, "\nSforce-Call-Options: client=tester");
    struct job_id id = begun(450);
    line[n] = '\0';
    wait_at(at(id, ""), "JobComplete");
    pthread_mutex_lock(&o->lock);
    assert_int_equal(heard.n, 3);
    assert_int_equal(heard.sizes[0], 180);
    assert_int_equal(heard.sizes[1], 180);
    assert_int_equal(heard.sizes[2], 45);
    assert_string_equal(heard.origin, "com/salesforce/api/bulkapi/62.0;client=tester");
    pthread_mutex_unlock(&o->lock);
}

/* ---- faults ---- */

static void faults_of_answers(void **state)
{
    (void)state;
    const char *fault = "[{\"path\":\"" INGEST "\",\"method\":\"POST\",\"times\":1,\"status\":503},"
                        "{\"path\":\"" INGEST "\",\"method\":\"PUT\",\"times\":1,\"cut\":\"reset\",\"after\":true}]";
    assert_int_equal(ask_status("POST", "/sandbox/faults", NULL, fault), 200);
    refused(call("POST", INGEST, INSERT), 503, "SERVER_UNAVAILABLE");
    struct job_id id = create(INSERT);
    upload(id, "Name\nWork 1\n"); /* taken, though the answer was lost */
    assert_int_equal(said.cut, CUT_RESET);
    assert_int_equal(set_state(id, "UploadComplete"), 200);
    wait_at(at(id, ""), "JobComplete");
    counts("1", "0");
}

static void knobs_that_are_none(void **state)
{
    static const char *const bad[] = { "[]",
                                       "no json",
                                       "{\"other\":1}",
                                       "{\"queueMs\":-1}",
                                       "{\"queueMs\":\"1\"}",
                                       "{\"pageRows\":0}",
                                       "{\"end\":1}",
                                       "{\"end\":{}}",
                                       "{\"end\":{\"afterRows\":1,\"state\":\"Done\"}}",
                                       "{\"end\":{\"afterRows\":1,\"times\":0}}" };
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(ask_status("POST", "/sandbox/bulk", NULL, bad[i]), 400);
    assert_int_equal(ask_status("POST", "/sandbox/bulk?org=nowhere", NULL, "{}"), 400);
    knob("{\"queueMs\":1,\"pageRows\":2,\"hold\":true,\"hardDelete\":true,\"end\":{\"afterRows\":1}}");
    assert_int_equal(bulk_reset(state), 0);
    int status;
    json_t *json = ask_json("GET", "/sandbox/bulk", NULL, NULL, &status);
    assert_int_equal(json_integer_value(json_object_get(json, "pageRows")), 100000);
    assert_true(json_is_false(json_object_get(json, "hold")));
    assert_int_equal(json_array_size(json_object_get(json, "end")), 0);
    json_decref(json);
}

/* The sandbox ends while jobs are at work and others wait. */
static void an_end_with_work_left(void **state)
{
    model("{\"recordMs\":60000}");
    begun(300);
    knob("{\"queueMs\":600000}");
    begun(1);
    assert_int_equal(bulk_close(state), 0);
    assert_int_equal(bulk_open(state), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_job_fails_with_half_its_records_done, bulk_reset),
        cmocka_unit_test_setup(an_administrator_aborts, bulk_reset),
        cmocka_unit_test_setup(a_job_that_waits_is_aborted, bulk_reset),
        cmocka_unit_test_setup(the_time_in_the_queue, bulk_reset),
        cmocka_unit_test_setup(what_a_job_costs, bulk_reset),
        cmocka_unit_test_setup(a_job_at_work_holds_nobody_and_can_be_aborted, bulk_reset),
        cmocka_unit_test_setup(batches_side_by_side, bulk_reset),
        cmocka_unit_test_setup(jobs_side_by_side, bulk_reset),
        cmocka_unit_test_setup(a_reset_ends_work, bulk_reset),
        cmocka_unit_test_setup(locked_rows_are_tried_again, bulk_reset),
        cmocka_unit_test_setup(many_jobs_at_once, bulk_reset),
        cmocka_unit_test_setup(changes_are_told_by_200, bulk_reset),
        cmocka_unit_test_setup(faults_of_answers, bulk_reset),
        cmocka_unit_test_setup(knobs_that_are_none, bulk_reset),
        cmocka_unit_test_setup(an_end_with_work_left, bulk_reset),
    };
    return cmocka_run_group_tests(tests, bulk_open, bulk_close);
}
