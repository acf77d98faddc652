/* desk_parts.h - what the files of the desk share: desk.c (questions and answers), start.c (jobs that are started),
 * desk_pages.c. */
#ifndef ACTIONHOST_RUNNER_DESK_PARTS_H
#define ACTIONHOST_RUNNER_DESK_PARTS_H

#include "runtime/runner/desk.h"
#include "runtime/runner/waiting.h"

struct start;

struct desk {
    struct desk_parts p;
    struct waiting *waiting;
    struct start *starts; /* those whose connection is looked for */
    bool draining;
};

void desk_refuse(struct desk *d, uint64_t call, const struct err *e);
/* Answers what the queue has refused; r is not QUEUE_OK. */
void desk_refuse_result(struct desk *d, uint64_t call, enum queue_result r);
/* A caller's token is needed and cannot be kept. */
void desk_refuse_keyless(struct desk *d, uint64_t call);
/* Takes the reference. */
void desk_answer_json(struct desk *d, uint64_t call, int status, json_t *body);

/* An item that is no text is shown as its JSON, in the failures of `out`. */
void desk_show_items_as_text(json_t *out);

/* The questions of the jobs page: desk_pages.c. `job` is an id, or "" where the question is of none. */
void desk_page(struct desk *d, uint64_t call, enum job_question what, const char *job, const json_t *body);

/* JOB_START. */
void desk_start(struct desk *d, uint64_t call, const struct message_job_question *q);
void desk_drop_starts(struct desk *d);

#endif
