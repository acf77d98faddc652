/* master_parts.h - what the files of the master share: its state, the keepers, the workers of each. */
#ifndef ACTIONHOST_MASTER_MASTER_PARTS_H
#define ACTIONHOST_MASTER_MASTER_PARTS_H

#include <sys/types.h>

#include "runtime/master/master.h"

enum {
    CHILDREN = 256,       /* workers of all kinds, and those that are about to end beside those that follow them */
    LEAVE_MS = 3000,      /* for what should leave by itself */
    STEADY_MS = 1000,     /* a process that ran for so long had started well */
    BACKOFF_MAX_MS = 5000 /* between starts that fail */
};

/* Who keeps workers: gives them work, and tells the master how many are wanted and which are ready; the listener has
 * none. In the order in which they start: jobs follows the one to which its link leads. */
enum keeper_kind { KEEPER_FRONT, KEEPER_LISTENER, KEEPER_JOBS, KEEPERS };

/* Starts that fail in a row come ever later. */
struct backoff {
    unsigned failures;
    int64_t next_ms; /* not before */
};

struct keeper {
    enum keeper_kind kind;
    bool used;   /* this host has one */
    pid_t pid;   /* 0 = it does not run */
    int control; /* -1 while it does not run */
    int logs;    /* where its workers write their logs; -1: to stderr */
    int wanted;  /* workers */
    int alive;   /* of them, of the present run */
    bool ready;  /* a worker of it has once taken work */
    int starts;
    int64_t begun_ms;
    struct backoff again, forks; /* of itself, of its workers */
};

struct child {
    pid_t pid;
    int pidfd;
    struct keeper *keeper; /* NULL: it has ended, and the worker is about to */
    int64_t ready_ms;      /* when it said that it takes work; 0 = not yet */
    bool worked;           /* it was given some, so its end says nothing about the next one's start */
};

struct master {
    struct config *config;
    struct declarations *declarations;
    const struct processes *processes;
    int signals;
    struct keeper keepers[KEEPERS];
    struct keeper *chief; /* the one whose end is that of the host; jobs, where another is chief, has a link to it */
    bool draining;        /* nothing new is started but the last worker for calls */
    int code;             /* exit code; -1 = not known yet, and when it is, all end */
    int64_t end_by_ms;    /* keepers that are there after that are killed; 0 = not known yet */
    int64_t leave_by_ms;  /* the same of workers without a keeper */
    bool blind;           /* the kernel does not list children */
    struct child children[CHILDREN];
};

/* A start has failed: the next one may come only after a pause, which grows from failure to failure. */
void backoff_failed(struct backoff *b, int64_t now_ms);

/* In a new child: dies with the master, and closes what is the master's but `keep`. */
void child_begin(struct master *m, pid_t master);
/* Lives and ends there; what came from the master is released, so that a leak checker sees only true leaks. */
_Noreturn void child_run(struct master *m, process_fn *run, struct process_start s);

/* ---- keepers.c ---- */

/* Starts it. False: the system refuses; the next try is due later. */
bool keeper_start(struct master *m, struct keeper *k);
/* It has ended, and its workers have nobody any more. */
void keeper_ended(struct master *m, struct keeper *k, int status);
/* Takes what it has to say. */
void keeper_hear(struct master *m, struct keeper *k);
void keeper_drain(struct keeper *k);
void keeper_kill(const struct keeper *k);

/* ---- workers.c ---- */

/* Whether another worker should be forked, now or after the pause. */
bool worker_lacks(const struct master *m, const struct keeper *k);
void worker_fork(struct master *m, struct keeper *k);
struct child *worker_find(struct master *m, pid_t pid);
void worker_ended(struct child *c, int status);
void worker_kill(const struct child *c);
/* How many have no keeper any more. */
int workers_left(const struct master *m);
/* Kills those. */
void workers_end(struct master *m);

#endif
