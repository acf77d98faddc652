/*
 * replay.h - request ids that were already handed to a worker. Memory is taken once; nothing that is unexpired is ever
 * evicted: a full table says so. One per process family.
 */
#ifndef ACTIONHOST_AUTH_REPLAY_H
#define ACTIONHOST_AUTH_REPLAY_H

#include "runtime/base/bytes.h"

enum { REPLAY_KEY = 32 };

enum replay_verdict { REPLAY_FRESH, REPLAY_REPEATED, REPLAY_FULL };

struct replay;

/* Room for `max` keys. NULL without memory. */
struct replay *replay_new(size_t max);
void replay_free(struct replay *r);

/*
 * Checks and remembers in one step. The key is repeated until the second keep_until_s has passed. Time that runs
 * backwards is ignored. O(1), spread over the calls.
 */
enum replay_verdict replay_take(struct replay *r, const unsigned char key[REPLAY_KEY], int64_t now_s,
                                int64_t keep_until_s);

/* Forgets a key: what it stood for was not handed over after all. */
void replay_drop(struct replay *r, const unsigned char key[REPLAY_KEY]);

/* Keys that are remembered now. */
size_t replay_count(const struct replay *r);

/* SHA-256 over the first 15 characters of the org's id and the context's id. */
bool replay_key(struct span org_id, struct span context_id, unsigned char key[REPLAY_KEY]) MUST_CHECK;

#endif
