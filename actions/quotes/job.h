/* job.h - the parts of generateQuotes, and what its sister takes from them. */
#ifndef QUOTES_JOB_H
#define QUOTES_JOB_H

#include "runtime/action.h"

enum act_step quotes_plan(struct act_call *call, const json_t *input, const json_t *cursor);
enum act_step quotes_page(struct act_call *call, const json_t *input, const json_t *items);
enum act_step quotes_finish(struct act_call *call, const json_t *input, json_t **out);

#endif
