/*
 * control.h - what the master and each keeper of workers (front, jobs) tell each other, one message per packet of
 * their socket pair.
 */
#ifndef ACTIONHOST_PROCESS_CONTROL_H
#define ACTIONHOST_PROCESS_CONTROL_H

#include "runtime/base/bytes.h"

struct control {
    enum control_kind {
        CONTROL_WORKER, /* to a keeper: a new worker, `value` is its pid; its socket and pidfd come along */
        CONTROL_DRAIN,  /* to a keeper: stop */
        CONTROL_JOBS,   /* to front or listener: a new jobs process, `value` is its pid; the socket to it comes along */
        CONTROL_WANTED, /* to the master: `value` workers should be alive */
        CONTROL_READY,  /* to the master: worker `value` (its pid) takes calls */
        CONTROL_WORKED, /* to the master: worker `value` was given its first call */
        CONTROL_LOST    /* to the master: worker `value` did not arrive, or cannot be used; also of a jobs process */
    } kind;
    int value;
};

/* False, with errno: it was not sent, be it that the other end is gone or that it has left too much unread. */
MUST_CHECK bool control_send(int socket, const struct control *c);
/* The same with a worker's two descriptors, which stay the caller's. */
MUST_CHECK bool control_send_worker(int socket, int pid, const int fds[2]);
/* Tells the front of a new jobs process, with one descriptor, which stays the caller's. */
MUST_CHECK bool control_send_jobs(int socket, int pid, int link);

enum control_received { CONTROL_NOTHING, CONTROL_MESSAGE, CONTROL_END };
/*
 * Takes the next message; does not wait. fds are the receiver's (of CONTROL_JOBS the first alone), or both -1: none
 * were sent, or not all have arrived, as when this process may open no more. What has arrived of less is closed.
 */
MUST_CHECK enum control_received control_receive(int socket, struct control *c, int fds[2]);

#endif
