/* test_job_operations.c - getJob and its sisters: what they ask, and that what a queue answers fits their schemas. */
#include "tests/action_kit.h"

#define JOB_ID "6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90"
#define SHORT "{\"jobId\":\"" JOB_ID "\",\"state\":\"running\",\"operation\":\"generateQuotes\",\"message\":\"m\"}"
#define COUNTS "\"jobId\":\"" JOB_ID "\",\"operation\":\"generateQuotes\",\"state\":\"done\",\"done\":8,\"failed\":1"
#define FAILURE "{\"item\":\"006000000000001AAA\",\"code\":\"LOCKED\",\"message\":\"m\",\"field\":\"Name\"}"
#define WHOLE                                                                                                          \
    "{" COUNTS ",\"total\":9,\"percent\":100,\"ratePerSecond\":2.5,\"etaSeconds\":0,\"createdAt\":"                    \
    "\"2026-01-01T00:00:00.000Z\",\"startedAt\":\"2026-01-01T00:00:01.000Z\",\"finishedAt\":"                          \
    "\"2026-01-01T00:00:02.250Z\",\"message\":\"m\",\"resultJson\":\"{}\",\"failures\":[" FAILURE "]}"

static const char *given; /* the queue's answer; NULL = it refuses */
static char asked[400];
static int asked_what;

static bool job_ask(void *ctx, int what, const struct act_call *call, const char *body, int *status, char **answer,
                    struct err *e)
{
    (void)ctx, (void)call;
    asked_what = what;
    copy_text(asked, sizeof asked, body);
    *status = 200;
    if (!given)
        return err_set(e, 404, "job_not_found", "There is no such job.");
    *answer = strdup(given);
    return true;
}
static const struct services front = { .job_ask = job_ask };

static const struct {
    const char *operation, *input, *answer;
    enum call_job what;
    const char *declared; /* defaults that the queue is asked with besides */
} sisters[] = {
    { "getJob", "{\"jobId\":\"" JOB_ID "\",\"waitSeconds\":20}", WHOLE, CALL_JOB_GET, "{}" },
    { "getJob", "{\"jobId\":\"6F1C2F0E-6F3C-4F5A-8A3E-2F0C5D1E7A90\"}", "{" COUNTS "}", CALL_JOB_GET,
      "{\"waitSeconds\":0}" },
    { "listJobs", "{}", "{\"jobs\":[{" COUNTS "}],\"cursor\":\"" JOB_ID "\"}", CALL_JOB_LIST, "{\"pageSize\":20}" },
    { "listJobs", "{\"state\":\"done\",\"operation\":\"x\",\"pageSize\":200,\"cursor\":\"" JOB_ID "\"}",
      "{\"jobs\":[]}", CALL_JOB_LIST, "{}" },
    { "cancelJob", "{\"jobId\":\"" JOB_ID "\"}", SHORT, CALL_JOB_CANCEL, "{}" },
    { "retryJob", "{\"jobId\":\"" JOB_ID "\"}", SHORT, CALL_JOB_RETRY, "{}" },
    { "getJobFailures", "{\"jobId\":\"" JOB_ID "\"}", "{\"failures\":[" FAILURE "],\"cursor\":\"17\"}",
      CALL_JOB_FAILURES, "{\"pageSize\":200}" },
    { "getJobFailures", "{\"jobId\":\"" JOB_ID "\",\"cursor\":\"17\",\"pageSize\":2000}", "{\"failures\":[]}",
      CALL_JOB_FAILURES, "{}" },
};
enum { SISTERS = sizeof sisters / sizeof *sisters };

static void they_ask_the_queue(void **state)
{
    (void)state;
    for (int i = 0; i < SISTERS; i++) {
        json_t *answer, *want = json_loads(sisters[i].answer, 0, NULL), *in = json_loads(sisters[i].input, 0, NULL);
        given = sisters[i].answer;
        assert_int_equal(action_invoke_with(&front, sisters[i].operation, sisters[i].input, &answer), 200);
        assert_int_equal(asked_what, sisters[i].what);
        json_t *body = json_loads(asked, 0, NULL);
        json_t *declared = json_loads(sisters[i].declared, 0, NULL);
        json_object_update_missing(in, declared);
        assert_true(json_equal(answer, want));
        assert_true(json_equal(body, in));
        json_decref(declared);
        json_decref(body);
        json_decref(in);
        json_decref(want);
        json_decref(answer);
    }
}

static void a_refusal_is_the_queues(void **state)
{
    (void)state;
    given = NULL;
    for (int i = 0; i < SISTERS; i++) {
        json_t *answer;
        assert_int_equal(action_invoke_with(&front, sisters[i].operation, sisters[i].input, &answer), 404);
        assert_string_equal(json_string_value(json_object_get(answer, "code")), "job_not_found");
        json_decref(answer);
    }
}

static void without_a_queue_they_say_so(void **state)
{
    (void)state;
    for (int i = 0; i < SISTERS; i++) {
        json_t *answer;
        assert_int_equal(action_invoke(sisters[i].operation, sisters[i].input, &answer), 503);
        assert_string_equal(json_string_value(json_object_get(answer, "code")), "jobs_not_configured");
        json_decref(answer);
    }
}

static void nonsense_is_not_asked(void **state)
{
    static const struct {
        const char *operation, *input;
    } bad[] = {
        { "getJob", "{}" },
        { "getJob", "{\"jobId\":\"\"}" },
        { "getJob", "{\"jobId\":\"6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a9g\"}" },
        { "getJob", "{\"jobId\":\"6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90\",\"waitSeconds\":21}" },
        { "getJob", "{\"jobId\":\"6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90\",\"waitSeconds\":-1}" },
        { "cancelJob", "{\"jobId\":5}" },
        { "retryJob", "{\"jobId\":\"6f1c2f0e6f3c4f5a8a3e2f0c5d1e7a90\"}" },
        { "listJobs", "{\"pageSize\":201}" },
        { "listJobs", "{\"pageSize\":0}" },
        { "listJobs", "{\"cursor\":\"1\"}" },
        { "getJobFailures", "{\"jobId\":\"6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90\",\"cursor\":\"x\"}" },
        { "getJobFailures", "{\"jobId\":\"6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90\",\"pageSize\":2001}" },
    };
    (void)state;
    asked[0] = '\0';
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        json_t *answer;
        if (action_invoke_with(&front, bad[i].operation, bad[i].input, &answer) != 422)
            fail_msg("%s took %s", bad[i].operation, bad[i].input);
        json_decref(answer);
    }
    assert_string_equal(asked, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_ask_the_queue),
        cmocka_unit_test(a_refusal_is_the_queues),
        cmocka_unit_test(without_a_queue_they_say_so),
        cmocka_unit_test(nonsense_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
