/* test_jobs.c - what an action asks of the queue, and what becomes of the answer. */
#include "tests/unit/check.h"

#include "tests/unit/client/step_kit.h"

#define STARTED "{\"jobId\":\"" JOB_ID "\",\"state\":\"queued\",\"operation\":\"test\",\"message\":\"m\"}"
#define DONE "{\"jobId\":\"" JOB_ID "\",\"state\":\"done\",\"operation\":\"test\",\"message\":\"m\"}"

static enum act_outcome start(struct step_kit *k, const char *input, json_t **out)
{
    json_t *in = json_loads(input, 0, NULL);
    *out = NULL;
    k->kit->call.park = (struct park){ 0 };
    enum act_outcome outcome = act_job_start(&k->kit->call, in, out);
    json_decref(in);
    return outcome;
}

static enum act_outcome ask(struct step_kit *k, enum act_job_question what, const char *input, json_t **out)
{
    json_t *in = json_loads(input, 0, NULL);
    *out = NULL;
    k->kit->call.park = (struct park){ 0 };
    enum act_outcome outcome = act_job_ask(&k->kit->call, what, in, out);
    json_decref(in);
    return outcome;
}

static void test_start(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    json_t *out;
    k->answer = STARTED;
    assert_int_equal(start(k, "{\"condition\":\"x\"}", &out), ACT_OK);
    assert_int_equal(k->what, CALL_JOB_START);
    assert_string_equal(k->body, "{\"condition\":\"x\"}");
    assert_string_equal(declaration_text(out, "jobId"), JOB_ID);
    assert_string_equal(k->kit->call.park.job_id, "");
    json_decref(out);
    step_kit_free(k);
}

static void test_who_waits_is_parked(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    const struct park *park = &k->kit->call.park;
    json_t *out;
    k->answer = STARTED;
    assert_int_equal(start(k, "{\"waitSeconds\":7}", &out), ACT_OK);
    assert_string_equal(park->job_id, JOB_ID);
    assert_true(park->started && park->wait_s == 7 && out);
    json_decref(out);
    assert_int_equal(ask(k, ACT_JOB_GET, "{\"waitSeconds\":900}", &out), ACT_OK);
    assert_string_equal(park->job_id, JOB_ID);
    assert_true(!park->started && park->wait_s == JOB_WAIT_MAX_S);
    json_decref(out);
    static const char *const nobody[] = { "{}", "{\"waitSeconds\":0}", "{\"waitSeconds\":-3}" };
    for (size_t i = 0; i < COUNT(nobody); i++) {
        assert_int_equal(ask(k, ACT_JOB_GET, nobody[i], &out), ACT_OK);
        assert_string_equal(park->job_id, "");
        json_decref(out);
    }
    assert_int_equal(ask(k, ACT_JOB_CANCEL, "{\"waitSeconds\":9}", &out), ACT_OK);
    assert_string_equal(park->job_id, "");
    json_decref(out);
    step_kit_free(k);
}

static void test_nobody_waits_for_what_has_ended(void **state)
{
    static const char *const ends[] = { "done", "failed", "canceled" };
    (void)state;
    struct step_kit *k = step_kit_new();
    json_t *out;
    for (size_t i = 0; i < COUNT(ends); i++) {
        char answer[200];
        snprintf(answer, sizeof answer, "{\"jobId\":\"" JOB_ID "\",\"state\":\"%s\"}", ends[i]);
        k->answer = answer;
        assert_int_equal(start(k, "{\"waitSeconds\":7}", &out), ACT_OK);
        assert_string_equal(k->kit->call.park.job_id, "");
        json_decref(out);
        assert_int_equal(ask(k, ACT_JOB_GET, "{\"waitSeconds\":7}", &out), ACT_OK);
        assert_string_equal(k->kit->call.park.job_id, "");
        json_decref(out);
    }
    step_kit_free(k);
}

static void test_questions(void **state)
{
    static const enum call_job want[] = { [ACT_JOB_GET] = CALL_JOB_GET,
                                          [ACT_JOB_LIST] = CALL_JOB_LIST,
                                          [ACT_JOB_CANCEL] = CALL_JOB_CANCEL,
                                          [ACT_JOB_RETRY] = CALL_JOB_RETRY,
                                          [ACT_JOB_FAILURES] = CALL_JOB_FAILURES };
    (void)state;
    struct step_kit *k = step_kit_new();
    json_t *out;
    k->answer = DONE;
    for (size_t i = 0; i < COUNT(want); i++) {
        assert_int_equal(ask(k, (enum act_job_question)i, "{\"jobId\":\"j\"}", &out), ACT_OK);
        assert_int_equal(k->what, want[i]);
        json_decref(out);
    }
    assert_int_equal(ask(k, (enum act_job_question)COUNT(want), "{}", &out), ACT_FAULT);
    assert_int_equal(k->questions, COUNT(want));
    step_kit_free(k);
}

static void test_refusals_are_kept(void **state)
{
    (void)state;
    struct step_kit *k = step_kit_new();
    const struct err *e = &k->kit->call.refusal;
    json_t *out;
    k->refusal.retry_after_s = 5;
    err_set(&k->refusal, 503, "jobs_unavailable", "The job database does not answer. Try again.");
    k->refusal.retry_after_s = 5;
    assert_int_equal(start(k, "{\"waitSeconds\":7}", &out), ACT_REFUSED);
    assert_null(out);
    assert_string_equal(k->kit->call.park.job_id, "");
    assert_true(e->status == 503 && e->retry_after_s == 5);
    assert_string_equal(e->code, "jobs_unavailable");
    k->kit->front.job_ask = NULL;
    assert_int_equal(ask(k, ACT_JOB_LIST, "{}", &out), ACT_REFUSED);
    assert_string_equal(e->code, "jobs_not_configured");
    assert_int_equal(e->status, 503);
    step_kit_free(k);
}

static void test_mistakes(void **state)
{
    static const char *const nonsense[] = { "", "[]", "{", "\"x\"", "{\"a\":1,\"a\":2}" };
    (void)state;
    struct step_kit *k = step_kit_new();
    json_t *out;
    for (size_t i = 0; i < COUNT(nonsense); i++) {
        k->answer = nonsense[i];
        assert_int_equal(start(k, "{}", &out), ACT_FAULT);
        assert_null(out);
    }
    k->answer = STARTED;
    int asked = k->questions;
    k->kit->call.step = &k->step;
    assert_int_equal(start(k, "{}", &out), ACT_FAULT);
    assert_int_equal(ask(k, ACT_JOB_GET, "{}", &out), ACT_FAULT);
    k->kit->call.step = NULL;
    k->kit->declaration.is_job = false;
    assert_int_equal(start(k, "{}", &out), ACT_FAULT);
    assert_int_equal(k->questions, asked);
    step_kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start),
        cmocka_unit_test(test_who_waits_is_parked),
        cmocka_unit_test(test_nobody_waits_for_what_has_ended),
        cmocka_unit_test(test_questions),
        cmocka_unit_test(test_refusals_are_kept),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
