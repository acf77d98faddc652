/* retry_job.c - tries the failed items of a job again; the queue has the answer. */
#include "runtime/action.h"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_ask(call, ACT_JOB_RETRY, in, out);
}

const struct action retry_job_action = { .run = run };
