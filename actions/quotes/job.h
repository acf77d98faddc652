/* job.h - the parts of generateQuotes, and what its sister takes from them. */
#ifndef QUOTES_JOB_H
#define QUOTES_JOB_H

#include "actions/quotes/deal.h"
#include "actions/quotes/index.h"

/* What all pages of a job price by, however long it runs: the rules, their index, and the day of its start. */
struct job_terms {
    const struct rules *rules;
    const struct price_index *index; /* NULL = the rules have none */
    int32_t day;
};

/* In .run: keeps them with the job that is about to be started. Refused when the rules need an index that cannot be
 * used. */
enum act_outcome job_terms_keep(struct act_call *call) QUOTES_MUST_CHECK;
/* In a step: reads them. False, with the end of the step recorded, when this host cannot read them, or when a job that
 * has kept none needs an index that cannot be used now. */
bool job_terms_read(struct act_call *call, struct job_terms *out) QUOTES_MUST_CHECK;
/* In a page: notes for the finish that lines of `d` had no value in the index. */
void job_terms_note(struct act_call *call, const struct deal *d);
/* In the finish: what the index was, for the result, and what is to be said of it, for its warnings. */
void job_terms_tell(struct act_call *call, const struct job_terms *t, json_t *result, json_t *warnings);

enum act_step quotes_plan(struct act_call *call, const json_t *input, const json_t *cursor);
/* The plan of a job that change events have started; `records` is what they were (act_job_event). */
enum act_step quotes_plan_events(struct act_call *call, const json_t *records);
/* Its next step, a moment later: `ids` of Opportunities that changed within the second in which they came into the
 * stage. */
enum act_step quotes_plan_unsure(struct act_call *call, const json_t *ids);
enum act_step quotes_page(struct act_call *call, const json_t *input, const json_t *items);
enum act_step quotes_finish(struct act_call *call, const json_t *input, json_t **out);

#endif
