/* list_jobs.c - the jobs that the user has started; the queue has the answer. */
#include "runtime/action.h"

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    return act_job_ask(call, ACT_JOB_LIST, in, out);
}

const struct action list_jobs_action = { .run = run };
