/*
 * step.h - one step of a job inside a worker: what stands behind act_plan_item, act_item_failed and their sisters, and
 * the JSON by which the jobs process learns what the step did. Not for actions.
 *
 * The body of the reply to a step, status 200:
 *
 *   {"outcome": "done" | "again" | "failed" | "job_failed" | "waits" | "fault",
 *    "afterSeconds": 2, "counts": true, "gate": false,       of "again"
 *    "code": "...", "message": "...",                        of all but "done"
 *    "items": [...], "cursor": ..., "total": 5000,           of a plan that is done
 *    "results": [{"index": 3, "again": false, "code": "...", "message": "...", "field": "..."}],    of a page that is
 * done "result": {...}}                                        of a finish that is done
 *
 * Members that do not apply are absent. What the jobs process reads it checks: runtime/runner/.
 */
#ifndef ACTIONHOST_CLIENT_STEP_H
#define ACTIONHOST_CLIENT_STEP_H

#include "runtime/client/call.h"

/* Of the call that runs a step; zeroed by call_init. */
struct step {
    char job_id[37];
    int attempt, parallel;
    struct act_job_counts counts;
    json_t *saved;                    /* own; NULL = none */
    json_t *items, *results, *cursor; /* own; what the step has recorded */
    int64_t total;                    /* -1 = not said */
    char outcome[16];                 /* "" = done */
    int after_s;
    bool counted, gate;
    char code[64], message[512];
    int64_t asked_ms; /* when the jobs process was last asked whether to stop */
    bool stop;
};

/* Runs the function of `work` (WORK_PLAN, WORK_PAGE, WORK_FINISH) of the call's action. `input` and `payload` (NULL for
 * the first plan) are borrowed. Returns the body of the reply (new reference); never NULL. */
json_t *step_run(struct act_call *call, int work, const json_t *input, const json_t *payload);
/* Drops what it holds. */
void step_fini(struct step *s);

#endif
