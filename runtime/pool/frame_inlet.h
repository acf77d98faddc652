/* frame_inlet.h - whole frames out of a watched stream socket, for every process that is linked to another by frames.
 */
#ifndef ACTIONHOST_POOL_FRAME_INLET_H
#define ACTIONHOST_POOL_FRAME_INLET_H

#include "runtime/net/loop.h"
#include "runtime/pool/frame.h"

/* Deals with a frame, which borrows from the buffer; may close the socket (w->fd then is another). False: the peer must
 * not send this. */
typedef bool inlet_frame_fn(void *ctx, const struct frame *f);

/*
 * Reads what is there, a bounded number of pieces (the loop tells of the rest again), and gives each whole frame to
 * `take`; what was dealt with is wiped. False: the link is to be given up, with the reason in *why, NULL when the peer
 * has closed it. True also when `take` has closed it: then nothing of `w` or `in` was touched behind that.
 */
MUST_CHECK bool inlet_hear(const struct watch *w, struct buf *in, inlet_frame_fn *take, void *ctx, const char **why);

#endif
