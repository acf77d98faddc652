/* get_job_failures.c - the items of a job that have failed; the queue has the answer. */
#include "runtime/action.h"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_ask(call, ACT_JOB_FAILURES, in, out);
}

const struct action get_job_failures_action = { .run = run };
