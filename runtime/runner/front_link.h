/*
 * front_link.h - the jobs process's end of the socket to the front: questions in, answers out. What comes is of this
 * program and is checked all the same. Never blocks; a front that does not read its answers is given up.
 */
#ifndef ACTIONHOST_RUNNER_FRONT_LINK_H
#define ACTIONHOST_RUNNER_FRONT_LINK_H

#include "runtime/net/loop.h"
#include "runtime/pool/messages.h"

struct front_link;

/* A question; the message borrows from the link for the time of the callback. Answered once by front_link_answer, then
 * or later. */
typedef void front_question_fn(void *ctx, uint64_t call, const struct message_job_question *q);

/* Takes the descriptor, borrows the loop. Ends the program when there is no memory. */
struct front_link *front_link_new(struct loop *loop, int fd, front_question_fn *ask, void *ctx);
void front_link_free(struct front_link *l);

/* False once the front has closed its end, or was given up: nobody hears answers any more. */
bool front_link_is_open(const struct front_link *l);

/* An answer that does not fit a frame is told as a refusal. Dropped when the link is not open. */
void front_link_answer(struct front_link *l, uint64_t call, const struct message_job_answer *m);

/* The same to the listener, which sends other frames. False: it is none that a listener sends, and the link is given
 * up. What it borrows is the link's, as above. */
typedef bool link_frame_fn(void *ctx, const struct frame *f);
struct front_link *frame_link_new(struct loop *loop, int fd, link_frame_fn *hear, void *ctx);
/* Where an answer's frame is written to, of an open link; and what sends it. `written` false: it did not fit, and the
 * link is given up. */
struct buf *front_link_out(struct front_link *l);
void front_link_send(struct front_link *l, bool written);

#endif
