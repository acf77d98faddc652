/* jobs.c - what an action asks of the queue: to start a job, and how one is doing. */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/json_text.h"
#include "runtime/base/log.h"
#include "runtime/client/step.h"

enum { KEPT_MAX = 64 * 1024 };

static enum act_outcome fault(const struct act_call *call, const char *why)
{
    log_event(LOG_ERROR, "job-fault", "id", call->request_id, "action", call->declaration->operation_id, "why", why,
              NULL);
    return ACT_FAULT;
}

/* The answer as a new reference in *out, or the refusal that came instead. */
static enum act_outcome ask(struct act_call *call, enum call_job what, const json_t *in, json_t **out)
{
    const struct services *front = call->front;
    struct buf body;
    char *text = NULL;
    int status = 0;
    if (!front || !front->job_ask) {
        err_set(&call->refusal, 503, "jobs_not_configured",
                "This host keeps no jobs. Whoever runs it sets DATABASE_URL or JOBS_DB.");
        return ACT_REFUSED;
    }
    buf_init(&body, LIMIT_BODY_MAX);
    bool written = buf_json(&body, in);
    bool ok = written && front->job_ask(front->ctx, (int)what, call, body.p, &status, &text, &call->refusal);
    buf_free(&body);
    if (!written)
        return fault(call, "the input cannot be written as JSON");
    if (!ok)
        return ACT_REFUSED;
    json_t *answer = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    if (!json_is_object(answer)) {
        json_decref(answer);
        return fault(call, "the queue's answer is no object");
    }
    *out = answer;
    return ACT_OK;
}

static bool has_ended(const char *state)
{
    static const char *const ends[] = { "done", "failed", "canceled" };
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (strcmp(state, ends[i]) == 0)
            return true;
    return false;
}

/* When the caller wants to wait and there is something to wait for, the answer is made later, without this worker. */
static void park(struct act_call *call, const json_t *in, const json_t *answer, bool started)
{
    json_int_t wait_s = json_integer_value(json_object_get(in, "waitSeconds"));
    const char *state = declaration_text(answer, "state");
    if (wait_s <= 0 || has_ended(state))
        return;
    call->park.wait_s = wait_s < JOB_WAIT_MAX_S ? (int)wait_s : JOB_WAIT_MAX_S;
    call->park.started = started;
    copy_text(call->park.job_id, sizeof call->park.job_id, declaration_text(answer, "jobId"));
}

void act_job_keep(struct act_call *call, json_t *kept)
{
    json_decref(call->kept);
    call->kept = kept;
}

const json_t *act_job_kept(const struct act_call *call)
{
    return call->step ? call->kept : NULL;
}

/* The input, and beside its members what is kept. */
static enum act_outcome start_with_kept(struct act_call *call, const json_t *input, json_t **out)
{
    struct buf text;
    json_t *both = json_copy((json_t *)input);
    enum act_outcome outcome;
    buf_init(&text, KEPT_MAX);
    bool fits = buf_json(&text, call->kept);
    buf_free(&text);
    if (!fits || !both || json_object_set(both, CALL_KEPT, call->kept) != 0)
        outcome = fault(call, "what is kept for the job has more than 64 KiB, or cannot be written as JSON");
    else
        outcome = ask(call, CALL_JOB_START, both, out);
    json_decref(both);
    return outcome;
}

enum act_outcome act_job_start(struct act_call *call, const json_t *input, json_t **out)
{
    if (!call->declaration->is_job)
        return fault(call, "act_job_start needs \"job\" in the declaration");
    if (call->step)
        return fault(call, "a step cannot start a job");
    enum act_outcome outcome = call->kept ? start_with_kept(call, input, out) : ask(call, CALL_JOB_START, input, out);
    if (outcome == ACT_OK)
        park(call, input, *out, true);
    return outcome;
}

enum act_outcome act_job_ask(struct act_call *call, enum act_job_question what, const json_t *in, json_t **out)
{
    static const enum call_job asked[] = { [ACT_JOB_GET] = CALL_JOB_GET,
                                           [ACT_JOB_LIST] = CALL_JOB_LIST,
                                           [ACT_JOB_CANCEL] = CALL_JOB_CANCEL,
                                           [ACT_JOB_RETRY] = CALL_JOB_RETRY,
                                           [ACT_JOB_FAILURES] = CALL_JOB_FAILURES };
    if ((size_t)what >= sizeof asked / sizeof *asked)
        return fault(call, "there is no such question");
    if (call->step)
        return fault(call, "a step cannot ask about jobs");
    enum act_outcome outcome = ask(call, asked[what], in, out);
    if (outcome == ACT_OK && what == ACT_JOB_GET)
        park(call, in, *out, false);
    return outcome;
}
