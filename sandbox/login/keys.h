/*
 * keys.h - the keys that sign x-request-context.auth: an RSA-2048 and a P-256 pair, made at start and never stored.
 * A rotation keeps the pair before, as Salesforce does, so that tokens in flight stay good.
 */
#ifndef SANDBOX_LOGIN_KEYS_H
#define SANDBOX_LOGIN_KEYS_H

#include <jansson.h>
#include <stdbool.h>

enum key_alg { KEY_RS256, KEY_ES256, KEY_ALGS };

struct key {
    enum key_alg alg;
    char kid[64];
    char *private_pem, *public_pem;
    json_t *jwk; /* the public half */
};

struct keys;

struct keys *keys_new(void); /* NULL when OpenSSL fails */
void keys_free(struct keys *k);
/* Makes a new pair of each kind; `forget` drops the pair before at once. */
bool keys_rotate(struct keys *k, bool forget);
/* {"keys": [...]}, newest first; a new reference. */
json_t *keys_jwks(struct keys *k);
/* A copy of the newest key of that kind, or of the key with that id. False when there is none. key_free() it. */
bool keys_current(struct keys *k, enum key_alg alg, struct key *out);
bool keys_find(struct keys *k, const char *kid, struct key *out);
/* Wipes the private half, then frees; the key is then empty. */
void key_free(struct key *key);

/* The name that JWTs and JWKs have for it, and back; false when it names none of ours. */
const char *key_alg_name(enum key_alg alg);
bool key_alg_of(const char *name, enum key_alg *alg);

#endif
