/*
 * pubsub.h - the Pub/Sub API of the sandbox's orgs: gRPC on a port of its own, an event bus for each org.
 */
#ifndef SANDBOX_PUBSUB_PUBSUB_H
#define SANDBOX_PUBSUB_PUBSUB_H

#include "sandbox/state/state.h"

struct pubsub;

/* Keeps what the orgs' writes change from now on, of those that are open and of those that will be. NULL without
 * memory. */
struct pubsub *pubsub_new(struct sandbox *s);
/* Answers at 127.0.0.1 and this port (0 = one that is free), before any request comes in by HTTP. False when it cannot.
 */
bool pubsub_listen(struct pubsub *p, int port);
/* The port; 0 before pubsub_listen(). */
int pubsub_port(const struct pubsub *p);
/* Ends all calls; no request may be on its way by then. */
void pubsub_stop(struct pubsub *p);
/* Behind pubsub_stop(), and when all orgs are closed; NULL is nothing to free. */
void pubsub_free(struct pubsub *p);

/*
 * A programmed fault, or a knob of an org's event bus: the object behind {"pubsub": ...}, see strikes.h and knobs.h.
 * pubsub_fits() says whether it can be one, pubsub_fault() takes it; false with `why` filled.
 */
bool pubsub_fits(const json_t *spec, char *why, size_t why_size);
bool pubsub_fault(struct pubsub *p, const json_t *spec, char *why, size_t why_size);
/* Forgets all faults; deliveries, gaps, overflow and patience are what they were at first. */
void pubsub_forget(struct pubsub *p);
/* Appends the faults of calls to the array, with their hits and strikes left. */
void pubsub_faults(struct pubsub *p, json_t *out);

/* Back to the beginning, of one org that was reset: no events, nothing turned. Positions stay good. */
void pubsub_reset(struct pubsub *p, int org);

#endif
