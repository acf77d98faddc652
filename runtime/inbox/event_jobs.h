/*
 * event_jobs.h - the jobs of a transaction: for each action that its events concern, its records by pieces that one
 * job's input takes. Where an event did not tell which records changed, a job with a condition looks for them.
 */
#ifndef ACTIONHOST_INBOX_EVENT_JOBS_H
#define ACTIONHOST_INBOX_EVENT_JOBS_H

#include "runtime/base/org_session.h"
#include "runtime/declare/declaration.h"
#include "runtime/jobs/inbox.h"

struct event_jobs {
    const struct declarations *declarations;
    const struct org_session *session; /* of the connection by which the events came: the jobs run as that */
    const char *topic;
    int keep_days; /* of jobs whose declaration does not say */
    /* out */
    int gaps; /* of which nobody can look for what has changed, as the action declares no condition */
};

/* An inbox_make_fn; `ctx` is a struct event_jobs. */
bool event_jobs_make(void *ctx, const char *key, const char *first, const json_t *rows, struct inbox_put *put);

/*
 * reconcile.c: "LastModifiedDate >= 2026-11-28T10:00:00Z AND (<reconcile>)", a minute before `commit_ms`, as the clocks
 * of an org are not one. False: it does not fit.
 */
bool reconcile_condition(int64_t commit_ms, const char *reconcile, char *out, size_t size);

#endif
