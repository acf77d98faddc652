/*
 * bulk.h - the Bulk API 2.0 of the sandbox's orgs: /services/data/vNN.N/jobs/ingest and /jobs/query.
 */
#ifndef SANDBOX_BULK_BULK_H
#define SANDBOX_BULK_BULK_H

#include "sandbox/login/sessions.h"
#include "sandbox/state/state.h"

struct bulk;

/* The jobs of all orgs of `s`, which must outlive them; NULL without memory. */
struct bulk *bulk_new(struct sandbox *s);
/* Ends the work that goes on, once nothing holds it back any more (sandbox_let_go()); NULL is nothing to free. */
void bulk_free(struct bulk *b);
/* Forgets all jobs, knobs and what was used of the day. Work that goes on writes nothing more. */
void bulk_forget(struct bulk *b);

/* Whether a decoded path belongs to the Bulk API. */
bool bulk_takes(const char *path);
/* Answers it on behalf of `who`, whose org it is asked of. */
void bulk_answer(struct sandbox *s, const struct session *who, const struct request *rq, struct reply *rp);

/* Puts what was used of the day into the org's answer of /limits; any other answer stays as it is. */
void bulk_limits(struct sandbox *s, const struct session *who, const char *path, struct reply *rp);

/*
 * /sandbox/bulk: GET lists jobs and what is set. POST takes, each optional:
 *   { "queueMs": 0, "pageRows": 100000, "hold": false, "hardDelete": false,
 *     "used": { "batches": 0, "queryJobs": 0, "resultBytes": 0 },
 *     "end": { "object": "Quote", "afterRows": 300, "state": "Failed" | "Aborted", "message": "...", "times": 1 } }
 * queueMs: how long a job waits before it begins; pageRows: rows of a page of query results; hold: no job begins or
 * goes on; used: of the day's allowance, in the org that ?org= names; end: the next jobs that fit end early.
 */
void bulk_control(struct sandbox *s, const struct request *rq, struct reply *rp);

#endif
