/*
 * jwks.h - keys by kid: parsed from a JWK set, and when to fetch it again. Does no input or output; time is given by
 * the caller, in ms of one monotonic clock.
 */
#ifndef ACTIONHOST_AUTH_JWKS_H
#define ACTIONHOST_AUTH_JWKS_H

#include "runtime/auth/jws.h"

enum {
    JWKS_KEYS = 64,              /* keys of a set */
    JWKS_BYTES = 256 * 1024,     /* text of a set */
    JWKS_BACKOFF_MS = 1000,      /* between two fetches, doubled each time that one brings nothing new, ... */
    JWKS_SPACING_MS = 5000,      /* ... up to this while the issuer answers: a key that is new must not wait for long */
    JWKS_BACKOFF_MAX_MS = 30000, /* ... and up to this while it does not */
    JWKS_REFRESH_S = 3600        /* a working set is looked at again after this, or half its maximum age */
};

struct keyring;

/*
 * Parses {"keys": [...]}. Keys that are not for RS256 or ES256 signatures are passed over; a weak or broken key of
 * those, a kid given twice, a private key or a set without any usable key refuses the whole set. NULL: the reason is in
 * `why`.
 */
struct keyring *keyring_new(struct span json, char *why, size_t size);
void keyring_free(struct keyring *ring);
size_t keyring_count(const struct keyring *ring);
/* The key with this kid; for an empty kid the only key of `alg`. NULL when there is none. Borrowed. */
const struct jws_key *keyring_find(const struct keyring *ring, struct span kid, enum jws_alg alg);

/* A keyring and its age. */
struct jwks;

enum jwks_verdict {
    JWKS_FOUND,
    JWKS_WAIT,       /* a fetch is needed or under way: ask again when it has ended */
    JWKS_UNKNOWN,    /* the set is fresh enough to say that there is no such key: 403 */
    JWKS_UNAVAILABLE /* no set, none that is young enough, or the last fetch failed and the key may be newer: 503 */
};

struct jwks *jwks_new_fixed(struct keyring *ring); /* from a file: takes the ring, never asks for a fetch */
struct jwks *jwks_new_url(int64_t max_age_ms);     /* empty: asks for its first fetch at once */
void jwks_free(struct jwks *j);

/* *key is borrowed until the next jwks_fetched. */
enum jwks_verdict jwks_find(struct jwks *j, struct span kid, enum jws_alg alg, int64_t now_ms,
                            const struct jws_key **key);

/* True at most once per fetch: the caller starts one and reports its end with jwks_fetched. */
bool jwks_fetch_due(struct jwks *j, int64_t now_ms);
/* When jwks_fetch_due may become true by time alone; INT64_MAX while it cannot. */
int64_t jwks_next_ms(const struct jwks *j);
/* End of a fetch; ring NULL = it failed and the last good keys stay. Takes the ring. */
void jwks_fetched(struct jwks *j, struct keyring *ring, int64_t now_ms);

/* A set is here and young enough to be used: for /ready. */
bool jwks_ready(const struct jwks *j, int64_t now_ms);

#endif
