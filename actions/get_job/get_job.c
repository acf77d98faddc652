/* get_job.c - how far a job is; the queue has the answer. */
#include "runtime/action.h"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_ask(call, ACT_JOB_GET, in, out);
}

const struct action get_job_action = { .run = run };
