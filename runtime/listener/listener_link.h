/*
 * listener_link.h - the listener's end of the socket to the jobs process: the ground (runtime/events/ground.h) that its
 * subscriptions stand on. Never blocks. A question that is not answered in time, or whose jobs process dies, is told to
 * all as a lost ground.
 */
#ifndef ACTIONHOST_LISTENER_LISTENER_LINK_H
#define ACTIONHOST_LISTENER_LISTENER_LINK_H

#include "runtime/events/ground.h"
#include "runtime/net/loop.h"

enum {
    LISTENER_LINK_OPEN = 1024,      /* questions that may be open at once */
    LISTENER_LINK_ANSWER_MS = 20000 /* longer than the database and the add-on have together */
};

struct listener_link;

/* Called when what is open will not be answered any more; from a turn of the loop or listener_link_work. */
typedef void listener_link_lost_fn(void *ctx);

/* Not connected until listener_link_take. Borrows the loop. Ends the program when there is no memory. */
struct listener_link *listener_link_new(struct loop *loop, listener_link_lost_fn *lost, void *ctx);
void listener_link_free(struct listener_link *l);

/* A new socket to a new jobs process; takes the descriptor. */
void listener_link_take(struct listener_link *l, int fd);
bool listener_link_is_open(const struct listener_link *l);

/* What a subscription is given; lives as long as the link. */
const struct ground *listener_link_ground(const struct listener_link *l);

/* Finds what is overdue. Once per turn. */
void listener_link_work(struct listener_link *l, int64_t now_ms);
int listener_link_timeout_ms(const struct listener_link *l, int64_t now_ms);

#endif
