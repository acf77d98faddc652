/*
 * step_kit.h - a step of a job as a worker runs it, with a jobs process that answers as the test says.
 */
#ifndef TESTS_STEP_KIT_H
#define TESTS_STEP_KIT_H

#include "runtime/client/client_parts.h"
#include "runtime/client/step.h"
#include "tests/client_kit.h"

#define JOB_ID "6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90"

/* What the functions of the job do; set by each test. */
typedef enum act_step part_fn(struct act_call *call, const json_t *payload, json_t **out);

struct step_kit {
    struct kit *kit;
    struct step step;
    struct action action;
    struct action_job job;
    part_fn *part;
    /* the jobs process */
    int asked, kept;
    bool stop, refuses;
    char state[STEP_SAVED_BYTES + 1];
    /* the queue */
    int questions, what;
    char body[4096];
    const char *answer; /* NULL = refuses with `refusal` */
    struct err refusal;
};

static struct step_kit *step_kit; /* functions of an action have no context */

static inline enum act_step job_plan(struct act_call *call, const json_t *input, const json_t *cursor)
{
    (void)input;
    return step_kit->part(call, cursor, NULL);
}
static inline enum act_step job_page(struct act_call *call, const json_t *input, const json_t *items)
{
    (void)input;
    return step_kit->part(call, items, NULL);
}
static inline enum act_step job_finish(struct act_call *call, const json_t *input, json_t **out)
{
    return step_kit->part(call, input, out);
}

static inline bool job_report(void *ctx, const char *state, bool *stop)
{
    (void)ctx;
    step_kit->asked += !state;
    step_kit->kept += state && !step_kit->refuses;
    copy_text(step_kit->state, sizeof step_kit->state, state ? state : step_kit->state);
    *stop = step_kit->stop;
    return !step_kit->refuses;
}

static inline bool job_answer(void *ctx, int what, const struct act_call *call, const char *body, int *status,
                              char **answer, struct err *e)
{
    (void)ctx;
    (void)call;
    step_kit->questions++;
    step_kit->what = what;
    copy_text(step_kit->body, sizeof step_kit->body, body);
    *status = what == CALL_JOB_START ? 201 : 200;
    if (step_kit->answer)
        *answer = strdup(step_kit->answer);
    else
        *e = step_kit->refusal;
    return step_kit->answer != NULL;
}

static inline struct step_kit *step_kit_new(void)
{
    struct step_kit *k = step_kit = calloc(1, sizeof *k);
    k->kit = kit_new(NULL, NULL);
    k->job = (struct action_job){ job_plan, job_page, job_finish };
    k->action.job = &k->job;
    k->kit->row.action = &k->action;
    k->kit->declaration.is_job = true;
    k->kit->declaration.job.page_items = 200;
    k->kit->front.step_report = job_report;
    k->kit->front.job_ask = job_answer;
    return k;
}

static inline void step_kit_free(struct step_kit *k)
{
    step_fini(&k->step);
    kit_free(k->kit);
    free(k);
}

/* Runs one step of which `part` is the function; the reply is the caller's. */
static inline json_t *job_step(struct step_kit *k, enum step_work work, part_fn *part, const char *payload)
{
    json_t *in = payload ? json_loads(payload, JSON_DECODE_ANY, NULL) : NULL, *input = json_object();
    int64_t done = k->step.counts.done;
    step_fini(&k->step);
    copy_text(k->step.job_id, sizeof k->step.job_id, JOB_ID);
    k->step.attempt = 2;
    k->step.parallel = 3;
    k->step.counts = (struct act_job_counts){ 10, done, 1 };
    k->part = part;
    k->kit->call.step = &k->step;
    json_t *reply = step_run(&k->kit->call, work, input, in);
    json_decref(in);
    json_decref(input);
    return reply;
}

/* The reply must have these members with these values, given as JSON, and no other: "{'outcome':'done'}". */
static inline void job_reply_is(json_t *reply, const char *want)
{
    char text[4096];
    copy_text(text, sizeof text, want);
    for (char *c = text; *c; c++)
        *c = *c == '\'' ? '"' : *c;
    json_t *wanted = json_loads(text, 0, NULL);
    assert_non_null(wanted);
    if (!json_equal(reply, wanted)) {
        char *got = json_dumps(reply, JSON_COMPACT);
        fail_msg("wanted %s, got %.2000s", text, got);
    }
    json_decref(wanted);
    json_decref(reply);
}

#endif
