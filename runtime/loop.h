/*
 * loop.h - the front's one event loop: descriptors with a function each, and a clock that is read once per turn.
 */
#ifndef ACTIONHOST_LOOP_H
#define ACTIONHOST_LOOP_H

#include "runtime/wire.h"

struct watch;
typedef void watch_fn(struct watch *w, unsigned events);

/* Embedded in what owns the descriptor. */
struct watch {
    int fd;
    watch_fn *fn;
    void *owner;
};

struct loop {
    int epoll;
    struct epoll_event *batch; /* events of the present turn */
    int pending;
};

MUST_CHECK bool loop_init(struct loop *l);
void loop_fini(struct loop *l);
/* events: EPOLLIN, EPOLLOUT. */
MUST_CHECK bool loop_add(struct loop *l, struct watch *w, unsigned events);
bool loop_change(struct loop *l, struct watch *w, unsigned events);
/* Forgets the watch; events of it that the present turn still holds are dropped, so its owner may be freed at once. */
void loop_remove(struct loop *l, struct watch *w);
/* Waits at most timeout_ms (-1 = for ever) and calls the functions of what is ready. */
void loop_turn(struct loop *l, int timeout_ms);

#endif
