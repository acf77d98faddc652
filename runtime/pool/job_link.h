/*
 * job_link.h - the front's end of the socket to the jobs process: questions out, answers in. Never blocks. While the
 * jobs process is away, or does not answer in time, each question is answered 503 jobs_unavailable.
 */
#ifndef ACTIONHOST_POOL_JOB_LINK_H
#define ACTIONHOST_POOL_JOB_LINK_H

#include "runtime/base/err.h"
#include "runtime/net/loop.h"
#include "runtime/pool/messages.h"

enum {
    JOB_LINK_OPEN = 512,       /* questions that may be open at once: those who wait for jobs, and workers */
    JOB_LINK_ANSWER_MS = 6000, /* for a question that does not wait for a job: longer than the database has */
    JOB_LINK_AGAIN_S = 2       /* when to try again what was unavailable */
};

struct job_link;

/* Called once for a question that was taken. Borrowed for the time of the callback; a refusal's body is its sentence.
 */
typedef void job_answer_fn(void *ctx, const struct message_job_answer *answer);

/* Not connected until job_link_take. Borrows the loop. NULL without memory. */
struct job_link *job_link_new(struct loop *loop);
/* Answers open questions as unavailable first: to be called while those who asked are still there. */
void job_link_free(struct job_link *l);

/* A new socket to a new jobs process; takes the descriptor. Questions that are open are answered as unavailable. */
void job_link_take(struct job_link *l, int fd);

/*
 * Sends a question; what it borrows may go afterwards. `done` is called once: from job_link_work or a turn of the loop,
 * never from within this function. *number (may be NULL) names it for job_link_forget. False: it is not taken, with the
 * reason in *e, as too many are open, or there is no jobs process at present.
 */
MUST_CHECK bool job_link_ask(struct job_link *l, const struct message_job_question *q, int timeout_ms,
                             job_answer_fn *done, void *ctx, uint64_t *number, struct err *e);

/* Its `done` will not be called. 0 and unknown numbers are ignored. */
void job_link_forget(struct job_link *l, uint64_t number);

/* Answers what is overdue. Once per turn. */
void job_link_work(struct job_link *l, int64_t now_ms);
/* Milliseconds until job_link_work has something to do; -1 = nothing. */
int job_link_timeout_ms(const struct job_link *l, int64_t now_ms);

#endif
