/*
 * test_bulk_limits.c - the limits of bulk jobs, each at its number and one beyond. Those of CSV itself are in
 * test_bulk_csv.c, the size of an upload over a socket in the suite of bulk jobs.
 */
#include "sandbox/http/http.h"
#include "tests/sandbox/bulk_fixture.h"

#define INSERT "{\"object\":\"Account\",\"operation\":\"insert\"}"
#define DELETE "{\"object\":\"Account\",\"operation\":\"delete\"}"
#define KEYED "{\"object\":\"Account\",\"operation\":\"upsert\",\"externalIdFieldName\":\"AppLinkKey__c\"}"
#define DAY0 1767225600000LL /* 2026-01-01 */

static void set_clock(long long ms)
{
    char body[60];
    snprintf(body, sizeof body, "{\"ms\":%lld}", ms);
    assert_int_equal(ask_status("POST", "/sandbox/clock", NULL, body), 200);
}

static int limits_reset(void **state)
{
    set_clock(0);
    return bulk_reset(state);
}

/* ---- data ---- */

/* One column of n bytes in all: a header and lines of 999 characters. */
static char *data_of(size_t n)
{
    struct text t = { 0 };
    char row[1001];
    memset(row, 'x', 999);
    row[999] = '\n';
    row[1000] = '\0';
    text_str(&t, "Name\n");
    while (n - t.n > 1000)
        text_add(&t, row, 1000);
    text_add(&t, row, n - t.n);
    return text_take(&t, NULL);
}

static void a_hundred_megabytes(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct job_id id = create(INSERT);
        char *csv = data_of(HTTP_UPLOAD_MAX + more);
        int status = upload(id, csv);
        free(csv);
        if (more) {
            refused(status, 413, "EXCEEDED_MAX_SIZE_REQUEST");
            refused(set_state(id, "UploadComplete"), 400, "INVALIDJOBSTATE"); /* nothing of it was taken */
        } else {
            assert_int_equal(status, 201);
        }
        assert_int_equal(set_state(id, "Aborted"), 200);
        assert_int_equal(call("DELETE", at(id, ""), NULL), 204);
    }
}

static void a_multipart_of_100000_characters(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct text t = { 0 };
        text_str(&t, "--B\r\nContent-Disposition: form-data; name=\"job\"\r\n\r\n" INSERT
                     "\r\n--B\r\nContent-Disposition: form-data; name=\"content\"\r\n\r\nName\n");
        for (size_t i = 0; i < 100000 - 6 + more; i++)
            text_str(&t, "\xc3\xa9"); /* characters, not bytes */
        text_str(&t, "\n\r\n--B--\r\n");
        int status = send_as("POST", INGEST, "multipart/form-data; boundary=B", t.p);
        text_free(&t);
        if (more)
            refused(status, 400, "INVALIDBATCH");
        else
            assert_int_equal(status, 200);
    }
}

/* Rows that each fail quickly. */
static char *bad_ids(int n)
{
    struct text t = { 0 };
    text_str(&t, "Id\n");
    for (int i = 0; i < n; i++)
        text_fmt(&t, "x%d\n", i);
    return text_take(&t, NULL);
}

static int batches_of(struct job_id id)
{
    int status, found = -1;
    size_t i;
    json_t *json = ask_json("GET", "/sandbox/bulk", NULL, NULL, &status), *one;
    json_array_foreach (json_object_get(json, "jobs"), i, one)
        if (strcmp(text_of(one, "id"), id.s) == 0)
            found = (int)json_integer_value(json_object_get(one, "batches"));
    json_decref(json);
    return found;
}

static void a_batch_of_10000(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        char *csv = bad_ids(10000 + more);
        struct job_id id = load(DELETE, csv, "JobComplete");
        free(csv);
        counts(more ? "10001" : "10000", more ? "10001" : "10000");
        assert_int_equal(batches_of(id), 1 + more);
        failures(id);
        assert_int_equal(rows(), 10000 + more);
        unprocessed(id);
        assert_int_equal(rows(), 0);
    }
}

/* A key that stands twice in 200 records refuses both; in the next 200 it finds what the first has made. */
static void a_chunk_of_200(void **state)
{
    (void)state;
    for (int at_row = 200; at_row <= 201; at_row++) {
        struct text t = { 0 };
        text_str(&t, "AppLinkKey__c,Name\n");
        for (int i = 1; i <= 201; i++)
            text_fmt(&t, "%s%d-%d,Twin\n", i == 1 || i == at_row ? "twin" : "key", at_row, i == at_row ? 1 : i);
        struct job_id id = load(KEYED, t.p, "JobComplete");
        text_free(&t);
        counts("201", at_row == 200 ? "2" : "0");
        failures(id);
        if (at_row == 200)
            holds("DUPLICATE_VALUE:Duplicate external id specified: twin200-1:AppLinkKey__c --");
    }
}

/* A row that others have locked is tried 20 times in all. */
static void twenty_tries(void **state)
{
    (void)state;
    for (int locked = 19; locked <= 20; locked++) {
        char fault[300];
        snprintf(fault, sizeof fault,
                 "{\"object\":\"Account\",\"operation\":\"create\",\"match\":{\"Name\":\"Locked\"},\"status\":400,"
                 "\"errorCode\":\"UNABLE_TO_LOCK_ROW\",\"message\":\"unable to obtain exclusive access\",\"times\":%d}",
                 locked);
        assert_int_equal(ask_status("POST", "/sandbox/record-faults", NULL, fault), 200);
        struct job_id id = load(INSERT, "Name\nFree\nLocked\n", "JobComplete");
        counts("2", locked == 19 ? "0" : "1");
        assert_string_equal(member("retries"), "19");
        failures(id);
        if (locked == 20)
            holds("UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--");
        assert_int_equal(count("Account WHERE Name = 'Free'"), locked == 19 ? 1 : 2); /* once in each job */
        assert_int_equal(count("Account WHERE Name = 'Locked'"), 1);
    }
}

/* ---- a day ---- */

static void batches_of_a_day(void **state)
{
    (void)state;
    set_clock(DAY0);
    knob("{\"used\":{\"batches\":14998}}");
    char *csv = bad_ids(10001);
    load(DELETE, csv, "JobComplete"); /* 15,000 */
    refused(call("POST", INGEST, INSERT), 400, "EXCEEDEDQUOTA");
    holds("ApiBatchItems Limit exceeded");
    set_clock(DAY0 + 23 * 3600000LL);
    refused(call("POST", INGEST, INSERT), 400, "EXCEEDEDQUOTA");
    set_clock(DAY0 + 24 * 3600000LL);
    create(INSERT);
    knob("{\"used\":{\"batches\":14999}}");
    struct job_id id = load(DELETE, csv, "Failed"); /* two where one is left */
    holds("ExceededQuota : ApiBatchItems Limit exceeded.");
    unprocessed(id);
    assert_int_equal(rows(), 10001);
    load(INSERT, "Name\nThe last one\n", "JobComplete");
    free(csv);
}

static void queries_of_a_day(void **state)
{
    static const char query[] = "{\"query\":\"SELECT Name FROM Account LIMIT 1\"}";
    (void)state;
    knob("{\"used\":{\"queryJobs\":9999}}");
    struct job_id id = made(call("POST", QUERY, query));
    refused(call("POST", QUERY, query), 400, "EXCEEDEDQUOTA");
    wait_at(query_at(id, ""), "JobComplete");
    assert_int_equal(call("GET", query_at(id, "/results"), NULL), 200);
    for (int more = 0; more < 2; more++) {
        char used[100];
        snprintf(used, sizeof used, "{\"used\":{\"queryJobs\":0,\"resultBytes\":%lld}}",
                 1000000000000LL - (long long)said.body_n + more);
        knob(used);
        id = made(call("POST", QUERY, query));
        wait_at(query_at(id, ""), more ? "Failed" : "JobComplete");
        if (more)
            holds("1 TB");
        else
            assert_int_equal(call("GET", query_at(id, "/results"), NULL), 200);
    }
}

static void a_job_is_open_for_a_day(void **state)
{
    (void)state;
    set_clock(DAY0);
    struct job_id id = create(INSERT);
    set_clock(DAY0 + 24 * 3600000LL);
    assert_int_equal(call("GET", at(id, ""), NULL), 200);
    assert_string_equal(member("state"), "Open");
    assert_int_equal(upload(id, "Name\nLate\n"), 201);
    set_clock(DAY0 + 24 * 3600000LL + 1);
    refused(set_state(id, "UploadComplete"), 400, "INVALIDJOBSTATE");
    assert_int_equal(call("GET", at(id, ""), NULL), 200);
    assert_string_equal(member("state"), "Aborted");
}

static void a_finished_job_is_kept_for_a_week(void **state)
{
    (void)state;
    set_clock(DAY0);
    struct job_id id = load(INSERT, "Name\nKept\n", "JobComplete"), open = create(INSERT);
    set_clock(DAY0 + 7 * 24 * 3600000LL);
    successes(id);
    set_clock(DAY0 + 7 * 24 * 3600000LL + 1);
    refused(call("GET", at(id, "/successfulResults"), NULL), 404, "NOT_FOUND");
    refused(call("GET", at(open, ""), NULL), 404, "NOT_FOUND"); /* it had ended after a day */
}

static void limits_say_what_is_left(void **state)
{
    static const char query[] = "{\"query\":\"SELECT Name FROM Account LIMIT 1\"}";
    (void)state;
    assert_int_equal(call("GET", DATA "/limits", NULL), 200);
    holds("\"DailyBulkApiBatches\":{\"Max\":15000,\"Remaining\":15000}");
    holds("\"DailyBulkV2QueryJobs\":{\"Max\":10000,\"Remaining\":10000}");
    holds("\"DailyBulkV2QueryFileStorageMB\":{\"Max\":976562,\"Remaining\":976562}");
    load(INSERT, "Name\nCounted\n", "JobComplete");
    struct job_id id = made(call("POST", QUERY, query));
    wait_at(query_at(id, ""), "JobComplete");
    assert_int_equal(call("GET", DATA "/limits", NULL), 200);
    holds("\"DailyBulkApiBatches\":{\"Max\":15000,\"Remaining\":14999}");
    holds("\"DailyBulkV2QueryJobs\":{\"Max\":10000,\"Remaining\":9999}");
    holds("\"DailyBulkV2QueryFileStorageMB\":{\"Max\":976562,\"Remaining\":976561}");
    holds("\"DailyApiRequests\"");
    assert_non_null(reply_get(&said, "Sforce-Limit-Info"));
}

/* ---- lists ---- */

static void a_thousand_jobs_of_a_list(void **state)
{
    (void)state;
    struct job_id first = create(INSERT), last = first;
    for (int i = 1; i < 1000; i++)
        last = create(INSERT);
    assert_int_equal(call("GET", INGEST, NULL), 200);
    holds("\"done\":true");
    holds(first.s);
    json_t *json = json_loads(text(), 0, NULL);
    assert_int_equal(json_array_size(json_object_get(json, "records")), 1000);
    assert_string_equal(text_of(json_array_get(json_object_get(json, "records"), 0), "id"), last.s);
    json_decref(json);
    create(INSERT);
    assert_int_equal(call("GET", INGEST, NULL), 200);
    holds("\"done\":false");
    lacks(first.s);
    char next[200];
    snprintf(next, sizeof next, "%.190s", member("nextRecordsUrl"));
    assert_int_equal(call("GET", next, NULL), 200);
    holds("\"done\":true");
    holds(first.s);
    lacks(last.s);
    assert_int_equal(call("GET", INGEST "?jobType=Classic", NULL), 200);
    holds("\"records\":[]");
}

/* Calls count as all others do. */
static void calls_of_a_day(void **state)
{
    (void)state;
    struct job_id id = create(INSERT);
    int used = (int)strtol(strchr(reply_get(&said, "Sforce-Limit-Info"), '=') + 1, NULL, 10);
    char setup[60];
    snprintf(setup, sizeof setup, "{\"callsPerDay\":%d}", used + 1);
    assert_int_equal(ask_status("POST", "/sandbox/setup", NULL, setup), 200);
    assert_int_equal(call("GET", at(id, ""), NULL), 200);
    refused(call("GET", at(id, ""), NULL), 403, "REQUEST_LIMIT_EXCEEDED");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_hundred_megabytes, limits_reset),
        cmocka_unit_test_setup(a_multipart_of_100000_characters, limits_reset),
        cmocka_unit_test_setup(a_batch_of_10000, limits_reset),
        cmocka_unit_test_setup(a_chunk_of_200, limits_reset),
        cmocka_unit_test_setup(twenty_tries, limits_reset),
        cmocka_unit_test_setup(batches_of_a_day, limits_reset),
        cmocka_unit_test_setup(queries_of_a_day, limits_reset),
        cmocka_unit_test_setup(limits_say_what_is_left, limits_reset),
        cmocka_unit_test_setup(a_job_is_open_for_a_day, limits_reset),
        cmocka_unit_test_setup(a_finished_job_is_kept_for_a_week, limits_reset),
        cmocka_unit_test_setup(a_thousand_jobs_of_a_list, limits_reset),
        cmocka_unit_test_setup(calls_of_a_day, limits_reset),
    };
    return cmocka_run_group_tests(tests, bulk_open, bulk_close);
}
