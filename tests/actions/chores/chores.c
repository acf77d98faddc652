/* chores.c - a job that misbehaves on request; compiled into test hosts only. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/action.h"

static int64_t number_of(const json_t *in, const char *name, int64_t otherwise)
{
    const json_t *v = json_object_get(in, name);
    return json_is_integer(v) ? json_integer_value(v) : otherwise;
}

static bool goes(const json_t *in, const char *how)
{
    const char *is = json_string_value(json_object_get(in, "how"));
    return is && strcmp(is, how) == 0;
}

static void exhaust(struct act_call *call)
{
    for (int i = 0; i < 4096; i++)
        memset(act_alloc(call, 1 << 20), 1, 1 << 20);
}

static void loop_for_ever(void)
{
    static volatile bool for_ever = true;
    while (for_ever)
        ;
}

/* ---- plan ---- */

static enum act_step plan_names(struct act_call *call, const json_t *names)
{
    size_t i;
    json_t *name;
    json_array_foreach (names, i, name)
        act_plan_item(call, json_incref(name));
    act_plan_total(call, (int64_t)json_array_size(names));
    return ACT_STEP_DONE;
}

static enum act_step plan(struct act_call *call, const json_t *in, const json_t *cursor)
{
    int64_t count = number_of(in, "count", 0), per = number_of(in, "perPlan", 1000);
    int64_t from = cursor ? json_integer_value(cursor) : 0;
    if (json_object_get(in, "names"))
        return plan_names(call, json_object_get(in, "names"));
    if (goes(in, "planFails"))
        return act_job_failed(call, "MALFORMED_QUERY", "unexpected token: LIMIT");
    if (goes(in, "planFault"))
        return ACT_STEP_ENDED;
    if (goes(in, "planCrashes") && act_step_attempt(call) <= number_of(in, "until", 100))
        raise(SIGSEGV);
    act_plan_total(call, count);
    for (int64_t i = from; i < count && i < from + per; i++)
        act_plan_item(call, json_integer(i));
    if (from + per < count || goes(in, "planEndless"))
        act_plan_more(call, json_integer(from + per));
    return ACT_STEP_DONE;
}

/* ---- pages ---- */

/* Saves what it is about to do, dies, and expects to find it again. */
static enum act_step saves(struct act_call *call)
{
    const json_t *saved = act_step_saved(call);
    json_t *state = json_pack("{s:s}", "upload", "750xx0000000001");
    if (saved)
        return json_equal(saved, state) ? json_decref(state),
               ACT_STEP_DONE            : act_job_failed(call, "other_state", "What was saved is not there.");
    bool kept = act_step_save(call, state);
    json_decref(state);
    if (!kept)
        return act_step_again(call, 0, false, "The state was not kept.");
    raise(SIGKILL);
    return ACT_STEP_DONE;
}

static enum act_step stops(struct act_call *call)
{
    for (int i = 0; i < 1000; i++, usleep(10000))
        if (act_step_must_stop(call))
            return act_step_again(call, 0, false, "Asked to stop.");
    return ACT_STEP_DONE;
}

/* What happens with the chore of that index. False: the page ends here, as *ended says. */
static bool meet(struct act_call *call, const json_t *in, size_t index, enum act_step *ended)
{
    if (goes(in, "crash"))
        raise(SIGSEGV);
    if (goes(in, "kill"))
        raise(SIGKILL);
    if (goes(in, "loop"))
        loop_for_ever();
    if (goes(in, "memory"))
        exhaust(call);
    if (goes(in, "invalid"))
        act_item_failed(call, index, "REQUIRED_FIELD_MISSING", "Name", "Required fields are missing: [Name]");
    if (goes(in, "locked"))
        act_item_again(call, index, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record");
    if (goes(in, "fault"))
        act_item_failed(call, 1000, "NONE", NULL, "no such item");
    if (goes(in, "again"))
        *ended = act_step_again(call, 0, true, "Not yet.");
    if (goes(in, "throttled"))
        *ended = act_step_again(call, 1, false, "The org is busy.");
    if (goes(in, "jobFails"))
        *ended = act_job_failed(call, "INSUFFICIENT_ACCESS", "insufficient access rights");
    return *ended == ACT_STEP_DONE;
}

/* The org says that the session has ended. */
static enum act_step waits(struct act_call *call)
{
    const struct sf_error err = { .code = "INVALID_SESSION_ID",
                                  .status = 401,
                                  .message = "Session expired or invalid" };
    return act_step_org_failed(call, &err);
}

/* Asks the org, with the token of whoever started the job. */
static enum act_step queries(struct act_call *call)
{
    struct sf_rows *rows;
    struct sf_error err;
    if (!sf_query(act_org(call), &rows, &err, "SELECT Id FROM Account LIMIT 1"))
        return act_step_org_failed(call, &err);
    while (sf_next(rows, &err))
        ;
    return err.code[0] ? act_step_org_failed(call, &err) : ACT_STEP_DONE;
}

static enum act_step page(struct act_call *call, const json_t *in, const json_t *items)
{
    size_t i;
    json_t *item;
    enum act_step ended = ACT_STEP_DONE;
    int64_t at = number_of(in, "at", 0);
    bool met = act_step_attempt(call) < number_of(in, "until", 100);
    usleep((useconds_t)number_of(in, "ms", 0) * 1000);
    if (goes(in, "saves"))
        return saves(call);
    if (goes(in, "stops"))
        return stops(call);
    if (goes(in, "queries"))
        return queries(call);
    json_array_foreach (items, i, item)
        if (met && json_is_integer(item) && json_integer_value(item) == at) {
            if (goes(in, "waits"))
                return waits(call);
            if (!meet(call, in, i, &ended))
                return ended;
        }
    return ACT_STEP_DONE;
}

/* ---- finish ---- */

static enum act_step finish(struct act_call *call, const json_t *in, json_t **out)
{
    const struct act_job_counts c = act_job_counts(call);
    if (goes(in, "finishFails"))
        return act_job_failed(call, "no_answer", "There is no answer.");
    if (goes(in, "finishCrashes"))
        raise(SIGSEGV);
    *out = json_pack("{s:s, s:I, s:I, s:I, s:s, s:i}", "job", act_job_id(call), "total", (json_int_t)c.total, "done",
                     (json_int_t)c.done, "failed", (json_int_t)c.failed, "user", act_user_id(call), "atOnce",
                     act_step_parallel(call));
    if (goes(in, "long")) {
        char *text = act_alloc(call, 61 * 1024);
        memset(text, 'x', 61 * 1024 - 1);
        json_object_set_new(*out, "text", json_string(text));
    }
    return ACT_STEP_DONE;
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_start(call, in, out);
}

static const struct action_job job = { .plan = plan, .page = page, .finish = finish };
const struct action chores_action = { .run = run, .job = &job };
