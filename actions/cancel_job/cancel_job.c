/* cancel_job.c - stops a job; the queue has the answer. */
#include "runtime/action.h"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_ask(call, ACT_JOB_CANCEL, in, out);
}

const struct action cancel_job_action = { .run = run };
