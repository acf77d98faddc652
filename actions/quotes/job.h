/* job.h - the parts of generateQuotes, and what its sister takes from them. */
#ifndef QUOTES_JOB_H
#define QUOTES_JOB_H

#include "actions/quotes/rules.h"
#include "runtime/action.h"

/* What all pages of a job price by, however long it runs: the rules and the day of its start. */
struct job_terms {
    const struct rules *rules;
    int32_t day;
};

/* In .run: keeps them with the job that is about to be started. */
void job_terms_keep(struct act_call *call);
/* In a step: reads them. False, after act_job_failed, when this host cannot read them. */
bool job_terms_read(struct act_call *call, struct job_terms *out) QUOTES_MUST_CHECK;

enum act_step quotes_plan(struct act_call *call, const json_t *input, const json_t *cursor);
/* The plan of a job that change events have started; `records` is what they were (act_job_event). */
enum act_step quotes_plan_events(struct act_call *call, const json_t *records);
/* Its next step, a moment later: `ids` of Opportunities that changed within the second in which they came into the
 * stage. */
enum act_step quotes_plan_unsure(struct act_call *call, const json_t *ids);
enum act_step quotes_page(struct act_call *call, const json_t *input, const json_t *items);
enum act_step quotes_finish(struct act_call *call, const json_t *input, json_t **out);

#endif
