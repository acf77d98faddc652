/*
 * model.h - how slowly an org answers: half the way of the network, work that shares the org's capacity with all other
 * calls, half the way back. An answer is held until then, or sent at once when making it has taken longer. Nothing
 * waits under a lock.
 */
#ifndef SANDBOX_HTTP_MODEL_H
#define SANDBOX_HTTP_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "sandbox/http/sharing.h"

struct model;

/* What a call made the org do. */
struct model_work {
    unsigned pages, records, statements;
};

struct model_call {
    uint64_t ticket; /* of a call in flight; 0 = the model is off */
    struct piece piece;
    double round_ms;  /* the network's way there and back */
    uint64_t made;    /* which setting of the model it came under */
    double lock_rate; /* the part of written rows whose lock is refused, and what decides which */
    uint64_t seed;
};

/* NULL without memory. */
struct model *model_new(void);
void model_free(struct model *m);

/*
 * Takes {"networkMs", "pageMs", "recordMs", "statementMs", "capacity", "lockErrorRate", "seed"}, each optional; {}
 * turns the model off. False with `why` filled. Calls that wait under the old setting are let go.
 */
bool model_set(struct model *m, const json_t *spec, char *why, size_t why_size);
/* The setting, with "calls" and "workMs" (unit-milliseconds) since it was made; a new reference. */
json_t *model_state(struct model *m);

/* A call has come; model_end() it. */
void model_begin(struct model *m, struct model_call *call);
/* The same for work that the org does by itself: no call, and no way there and back. */
void model_begin_work(struct model *m, struct model_call *call);
/* Its answer is made and this is what it took: waits for its time. */
void model_end(struct model *m, struct model_call *call, const struct model_work *work);
/* Whether a call is still at work at this moment, in modelled time. `m` is a struct model. */
bool model_in_flight(void *m, uint64_t ticket);

#endif
