/*
 * loop.h - the front's one event loop: descriptors with a function each.
 */
#ifndef ACTIONHOST_NET_LOOP_H
#define ACTIONHOST_NET_LOOP_H

#include "runtime/base/bytes.h"

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

/* False: the kernel refuses an epoll descriptor. loop_fini is right in either case. */
MUST_CHECK bool loop_init(struct loop *l);
/* Releases the loop; the watches and their descriptors stay their owners'. */
void loop_fini(struct loop *l);
/* events: EPOLLIN, EPOLLOUT. The watch is borrowed until loop_remove. False: the kernel refuses it. */
MUST_CHECK bool loop_add(struct loop *l, struct watch *w, unsigned events);
/* Other events for a watch that was added. */
bool loop_change(struct loop *l, struct watch *w, unsigned events);
/* Forgets the watch; events of it that the present turn still holds are dropped, so its owner may be freed at once. */
void loop_remove(struct loop *l, struct watch *w);
/*
 * Sends what `out` holds beyond its first *sent bytes on the watched socket, as much as it takes; EPOLLOUT is asked for
 * while there is more, which *writing remembers. What was sent whole is wiped, and *sent is 0 again. False: the other
 * end is gone.
 */
MUST_CHECK bool loop_send(struct loop *l, struct watch *w, struct buf *out, size_t *sent, bool *writing);
/* Waits at most timeout_ms (-1 = for ever) and calls the functions of what is ready. */
void loop_turn(struct loop *l, int timeout_ms);

#endif
