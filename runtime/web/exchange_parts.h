/*
 * exchange_parts.h - what the files of an exchange share: exchange.c (its way from the request line to the answer),
 * hand_over.c (the part of that way that leads through a worker) and page_visit.c (the way to a page of people). Each
 * calls only what stands here.
 */
#ifndef ACTIONHOST_WEB_EXCHANGE_PARTS_H
#define ACTIONHOST_WEB_EXCHANGE_PARTS_H

#include "runtime/web/exchange.h"

/* The error object becomes the answer, unless there is one already. */
enum exchange_step exchange_answer_error(struct exchange *x, const struct err *e);
/* Gives all but `keep` bytes of what it holds of the budget of bodies back. */
void exchange_release(struct exchange *x, size_t keep);
/* What it waited for has come. */
void exchange_wait_over(struct exchange *x);

/* Checks that it was not accepted before, and queues the call for a worker. */
enum exchange_step exchange_hand_over(struct exchange *x);
/* Asks the jobs process for what it counts; its text is added to the page that is the answer. False: it is not asked.
 */
MUST_CHECK bool exchange_add_jobs(struct exchange *x);
/* The same at any time before the body was read, which is then skipped. */
enum exchange_step exchange_turn_down(struct exchange *x, const struct err *e);
/* The answer is complete, and the body was not read. */
enum exchange_step exchange_skip_body(struct exchange *x);

/* For a page of people: page_visit.c. */
enum exchange_step exchange_visit(struct exchange *x);
/* The form is complete. */
enum exchange_step exchange_visit_body(struct exchange *x);

/* What is said of the job that it waits for is no longer heard. */
void exchange_forget_job(struct exchange *x);

#endif
