/* naps.c - a job that sleeps and cannot be asked to stop, as a connection; compiled into test hosts only. */
#include <unistd.h>

#include "runtime/action.h"

static int64_t number_of(const json_t *in, const char *name)
{
    return json_integer_value(json_object_get(in, name));
}

static enum act_step plan(struct act_call *call, const json_t *in, const json_t *cursor)
{
    (void)cursor;
    for (int64_t i = 0; i < number_of(in, "count"); i++)
        act_plan_item(call, json_integer(i));
    return ACT_STEP_DONE;
}

static enum act_step page(struct act_call *call, const json_t *in, const json_t *items)
{
    (void)call, (void)items;
    for (int64_t ms = number_of(in, "ms"); ms > 0; ms -= 100)
        usleep((useconds_t)(ms < 100 ? ms : 100) * 1000);
    return ACT_STEP_DONE;
}

/* Which org it is that the job runs in can be seen by its records. */
static enum act_step finish(struct act_call *call, const json_t *in, json_t **out)
{
    struct sf_rows *rows;
    struct sf_error err;
    const json_t *row;
    (void)in;
    if (!sf_query(act_org(call), &rows, &err, "SELECT Name FROM Account ORDER BY Name LIMIT 1"))
        return act_step_org_failed(call, &err);
    if (!(row = sf_next(rows, &err)))
        return act_job_failed(call, "no_account", "The org has no account.");
    *out = json_pack("{s:O}", "account", json_object_get(row, "Name"));
    return ACT_STEP_DONE;
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_start(call, in, out);
}

static const struct action_job job = { .plan = plan, .page = page, .finish = finish };
const struct action naps_action = { .run = run, .job = &job };
