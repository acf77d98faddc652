/* test_client_bulk_step.c - a Bulk job within a step: one job whatever the tries of the step, ended when its job is. */
#include "tests/unit/check.h"

#include "tests/unit/client/step_kit.h"

#define FIRST "750000000000001AAA"

static const char *const columns[] = { "Name" };
static const struct sf_bulk_load load = { "Account", "insert", NULL, columns, 1 };

/* An org with Bulk jobs "75000000000000<n>AAA". */
static struct {
    struct org_job {
        char state[20];
        int uploads;
    } jobs[8];
    int opened, looks, aborts, ends_at; /* a job that runs ends at this look */
    bool cut_upload, gone, refuse_open;
    char ended_as[20];
} org;

static struct {
    int begun, given, stop_at;
    struct sf_bulk_info info;
    char id[SF_ID_SIZE];
    bool ran, empty;
} did;

static void answer_state(int n, struct origin_reply *r)
{
    static char text[200];
    r->n = (size_t)snprintf(text, sizeof text,
                            "{\"id\":\"75000000000000%dAAA\",\"state\":\"%s\",\"numberRecordsProcessed\":2}", n,
                            org.jobs[n].state);
    r->body = text;
}

static void set_state(struct org_job *j, const char *state)
{
    snprintf(j->state, sizeof j->state, "%s", state);
}

static void serve_org(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    int n = 0;
    (void)ctx;
    r->status = 200;
    if (strcmp(q->method, "POST") == 0) {
        r->status = org.refuse_open ? 403 : 200;
        n = ++org.opened;
        set_state(&org.jobs[n], "Open");
        answer_state(n, r);
        return;
    }
    const char *at = strstr(q->target, "/75000000000000");
    n = at ? (int)strtol(at + 15, NULL, 10) : 0;
    if (n < 1 || n > org.opened || org.gone) {
        r->status = 404;
        org.gone = false;
        return;
    }
    struct org_job *j = &org.jobs[n];
    if (strcmp(q->method, "PUT") == 0) {
        j->uploads++;
        r->reset = org.cut_upload;
        r->status = 201;
    } else if (strcmp(q->method, "PATCH") == 0) {
        bool aborts = strstr(q->body, "Aborted");
        org.aborts += aborts;
        if (aborts && strcmp(j->state, "JobComplete") == 0) {
            r->status = 400;
            r->body = "[{\"errorCode\":\"INVALIDJOBSTATE\",\"message\":\"no\"}]";
            r->n = strlen(r->body);
            return;
        }
        set_state(j, aborts ? "Aborted" : "UploadComplete");
    } else {
        org.looks++;
        if (strcmp(j->state, "UploadComplete") == 0 && org.looks >= org.ends_at)
            set_state(j, org.ended_as);
    }
    answer_state(n, r);
}

static void begin_rows(void *ctx)
{
    (void)ctx;
    did.begun++;
    did.given = 0;
}

static enum sf_bulk_give give_row(void *ctx, const char **values)
{
    (void)ctx;
    if (did.stop_at && did.given == did.stop_at)
        return SF_BULK_STOP;
    if (did.empty)
        return SF_BULK_END;
    values[0] = "a name";
    return did.given++ < 2 ? SF_BULK_ROW : SF_BULK_END;
}

static enum act_step run_load(struct act_call *call, const json_t *items, json_t **out)
{
    (void)items, (void)out;
    const struct sf_bulk_work work = { "accounts", &load, begin_rows, give_row, NULL };
    enum act_step ended = ACT_STEP_DONE;
    did.ran = sf_bulk_run(act_org(call), &work, did.id, &did.info, &ended);
    return ended;
}

static bool canceled(void *ctx)
{
    (void)ctx;
    return true;
}

static struct step_kit *set_up_org(void)
{
    memset(&org, 0, sizeof org);
    memset(&did, 0, sizeof did);
    org.ends_at = 2;
    snprintf(org.ended_as, sizeof org.ended_as, "JobComplete");
    struct step_kit *k = step_kit_new();
    k->kit->server = origin_start(serve_org, NULL);
    kit_again(k->kit, 10000);
    return k;
}

/* One try of the step, which finds what the one before has kept. */
static json_t *try_step_for(struct step_kit *k, const char *saved, int time_ms)
{
    json_t *keep = saved && *saved ? json_loads(saved, 0, NULL) : NULL, *none = json_object(),
           *items = json_pack("[i]", 1);
    kit_again(k->kit, time_ms);
    step_fini(&k->step);
    copy_text(k->step.job_id, sizeof k->step.job_id, JOB_ID);
    k->step.saved = keep;
    k->part = run_load;
    k->kit->call.step = &k->step;
    json_t *reply = step_run(&k->kit->call, STEP_WORK_PAGE, none, items);
    json_decref(none);
    json_decref(items);
    return reply;
}

static json_t *try_step(struct step_kit *k, const char *saved)
{
    return try_step_for(k, saved, 10000);
}

static void outcome_is(json_t *reply, const char *outcome)
{
    assert_string_equal(json_string_value(json_object_get(reply, "outcome")), outcome);
    json_decref(reply);
}

#define KEPT "{\"accounts\":\"" FIRST "\",\"other\":1}"

static void one_job_is_seen_to_its_end(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    outcome_is(try_step(k, NULL), "done");
    assert_true(did.ran);
    assert_string_equal(did.id, FIRST);
    assert_string_equal(k->state, "{\"accounts\":\"" FIRST "\"}");
    assert_int_equal(did.info.state, SF_BULK_COMPLETE);
    assert_int_equal(did.info.processed, 2);
    assert_int_equal(org.opened, 1);
    assert_int_equal(org.jobs[1].uploads, 1);
    step_kit_free(k);
}

/* Killed after what was kept: before the upload, after it, while the org works, after the end. */
static void what_was_begun_is_found(void **state)
{
    static const struct {
        const char *state;
        int opened, uploads; /* of all jobs, by this try */
    } cases[] = { { "Open", 1, 1 }, { "UploadComplete", 0, 0 }, { "JobComplete", 0, 0 }, { "Aborted", 0, 0 } };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct step_kit *k = set_up_org();
        org.opened = 1;
        set_state(&org.jobs[1], cases[i].state);
        outcome_is(try_step(k, KEPT), "done");
        assert_true(did.ran);
        assert_int_equal(org.opened - 1, cases[i].opened);
        assert_int_equal(org.jobs[1].uploads, 0); /* nothing is sent into what another try had opened */
        assert_int_equal(org.jobs[2].uploads, cases[i].uploads);
        if (cases[i].opened) {
            assert_string_equal(org.jobs[1].state, "Aborted");
            assert_string_equal(k->state, "{\"accounts\":\"750000000000002AAA\",\"other\":1}");
        }
        step_kit_free(k);
    }
}

static void a_job_that_was_taken_away_is_begun_anew(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    outcome_is(try_step(k, KEPT), "done");
    assert_int_equal(org.opened, 1);
    step_kit_free(k);
}

static void a_cut_upload_is_tried_again_as_another_job(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    org.cut_upload = true;
    outcome_is(try_step(k, NULL), "again");
    assert_false(did.ran);
    org.cut_upload = false;
    outcome_is(try_step(k, k->state), "done");
    assert_int_equal(org.opened, 2);
    assert_string_equal(org.jobs[1].state, "Aborted");
    assert_int_equal(did.begun, 2);
    step_kit_free(k);
}

static void nothing_is_sent_when_the_id_is_not_kept(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    k->refuses = true;
    outcome_is(try_step(k, NULL), "again");
    assert_int_equal(org.opened, 1);
    assert_int_equal(org.jobs[1].uploads, 0);
    step_kit_free(k);
}

static void a_stop_leaves_the_job_and_a_cancel_ends_it(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    org.opened = 1;
    set_state(&org.jobs[1], "UploadComplete");
    org.ends_at = 1000;
    k->stop = true;
    outcome_is(try_step(k, KEPT), "again");
    assert_int_equal(org.aborts, 0);
    k->kit->front.step_canceled = canceled;
    outcome_is(try_step(k, KEPT), "again");
    assert_int_equal(org.aborts, 1);
    assert_string_equal(org.jobs[1].state, "Aborted");
    step_kit_free(k);
}

static void a_cancel_before_the_first_job_opens_none(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    k->stop = true;
    k->kit->front.step_canceled = canceled;
    outcome_is(try_step(k, NULL), "again");
    assert_int_equal(org.opened, 0);
    step_kit_free(k);
}

static void a_source_that_stops_aborts(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    did.stop_at = 1;
    outcome_is(try_step(k, NULL), "again");
    assert_string_equal(org.jobs[1].state, "Aborted");
    step_kit_free(k);
}

static void without_a_row_nothing_is_begun(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    did.empty = true;
    outcome_is(try_step(k, NULL), "done");
    assert_true(did.ran);
    assert_string_equal(did.id, "");
    assert_string_equal(org.jobs[1].state, "Aborted");
    step_kit_free(k);
}

static void what_the_org_refuses_ends_the_step(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    org.refuse_open = true;
    outcome_is(try_step(k, NULL), "job_failed");
    assert_int_equal(org.jobs[1].uploads, 0);
    step_kit_free(k);
}

static void it_ends_before_its_time_is_over(void **state)
{
    struct step_kit *k = set_up_org();
    (void)state;
    org.ends_at = 1000000;
    outcome_is(try_step_for(k, NULL, 1000), "again");
    assert_string_equal(org.jobs[1].state, "UploadComplete");
    step_kit_free(k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_job_is_seen_to_its_end),
        cmocka_unit_test(what_was_begun_is_found),
        cmocka_unit_test(a_job_that_was_taken_away_is_begun_anew),
        cmocka_unit_test(a_cut_upload_is_tried_again_as_another_job),
        cmocka_unit_test(nothing_is_sent_when_the_id_is_not_kept),
        cmocka_unit_test(a_stop_leaves_the_job_and_a_cancel_ends_it),
        cmocka_unit_test(a_cancel_before_the_first_job_opens_none),
        cmocka_unit_test(a_source_that_stops_aborts),
        cmocka_unit_test(without_a_row_nothing_is_begun),
        cmocka_unit_test(what_the_org_refuses_ends_the_step),
        cmocka_unit_test(it_ends_before_its_time_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
