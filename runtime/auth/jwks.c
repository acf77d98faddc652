/* jwks.c - a JWK set (RFC 7517) as keys by kid, and the rules of its refresh. */
#include "runtime/auth/jwks.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"

enum { KID = 256 };

struct ring_key {
    char kid[KID + 1];
    struct jws_key *key;
};

struct keyring {
    size_t n;
    struct ring_key keys[JWKS_KEYS];
};

static bool fault(char *why, size_t size, size_t index, const char *what)
{
    snprintf(why, size, "key %zu: %s", index, what);
    return false;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));
    return s ? s : "";
}

/* Decodes a base64url member; an empty span when it is absent, not decodable or too long. */
static struct span number_of(const json_t *jwk, const char *name, unsigned char *mem, size_t size)
{
    long n = base64url_decode(span_of(text_of(jwk, name)), mem, size);
    return (struct span){ (char *)mem, n > 0 ? (size_t)n : 0 };
}

static struct jws_key *key_of(const json_t *jwk, bool rsa)
{
    unsigned char a[JWS_SIGNATURE + 1], b[64];
    if (rsa)
        return jws_key_rsa(number_of(jwk, "n", a, sizeof a), number_of(jwk, "e", b, sizeof b));
    return jws_key_ec(number_of(jwk, "x", a, sizeof a), number_of(jwk, "y", b, sizeof b));
}

/* Is it meant for checking signatures at all? */
static bool for_signatures(const json_t *jwk)
{
    const json_t *use = json_object_get(jwk, "use"), *ops = json_object_get(jwk, "key_ops"), *op;
    if (use && strcmp(text_of(jwk, "use"), "sig") != 0)
        return false;
    if (!ops)
        return true;
    size_t i;
    json_array_foreach (ops, i, op) {
        const char *name = json_string_value(op);
        if (name && strcmp(name, "verify") == 0)
            return true;
    }
    return false;
}

/* Adds the key if it is one of ours. False: the set is not to be trusted. */
static bool add_key(struct keyring *ring, const json_t *jwk, size_t index, char *why, size_t size)
{
    if (!json_is_object(jwk))
        return fault(why, size, index, "not an object");
    const char *kty = text_of(jwk, "kty"), *alg = text_of(jwk, "alg"), *crv = text_of(jwk, "crv");
    bool rsa = strcmp(kty, "RSA") == 0, ec = strcmp(kty, "EC") == 0;
    bool rs256 = strcmp(alg, "RS256") == 0, es256 = strcmp(alg, "ES256") == 0;
    if (json_object_get(jwk, "d") || json_object_get(jwk, "p"))
        return fault(why, size, index, "a private key has no place in this set");
    if (!*alg && !json_object_get(jwk, "alg")) {
        rs256 = rsa;
        es256 = ec && strcmp(crv, "P-256") == 0;
    }
    if ((!rs256 && !es256) || !for_signatures(jwk))
        return true;
    if (rs256 ? !rsa : !ec || strcmp(crv, "P-256") != 0)
        return fault(why, size, index, "its type does not go with its algorithm");
    const json_t *kid = json_object_get(jwk, "kid");
    if ((kid && !json_is_string(kid)) || json_string_length(kid) > KID ||
        strlen(text_of(jwk, "kid")) != json_string_length(kid))
        return fault(why, size, index, "its kid is not a string of at most 256 bytes");
    struct jws_key *key = key_of(jwk, rsa);
    if (!key)
        return fault(why, size, index, "broken or too weak (RSA of 2,048 to 4,096 bits, P-256 on its curve)");
    struct ring_key *to = &ring->keys[ring->n++];
    copy_text(to->kid, sizeof to->kid, text_of(jwk, "kid"));
    to->key = key;
    return true;
}

/* Two keys with one name: which of them checks a token would be chance. */
static bool names_differ(const json_t *keys, char *why, size_t size)
{
    for (size_t i = 0; i < json_array_size(keys); i++)
        for (size_t k = 0; k < i; k++) {
            const char *a = json_string_value(json_object_get(json_array_get(keys, i), "kid"));
            const char *b = json_string_value(json_object_get(json_array_get(keys, k), "kid"));
            if (a && b && strcmp(a, b) == 0)
                return fault(why, size, i, "its kid is given twice");
        }
    return true;
}

static bool add_keys(struct keyring *ring, const json_t *root, char *why, size_t size)
{
    const json_t *keys = json_object_get(root, "keys");
    if (!json_is_array(keys) || json_array_size(keys) > JWKS_KEYS) {
        snprintf(why, size, "not an object with an array \"keys\" of at most %d", JWKS_KEYS);
        return false;
    }
    if (!names_differ(keys, why, size))
        return false;
    for (size_t i = 0; i < json_array_size(keys); i++)
        if (!add_key(ring, json_array_get(keys, i), i, why, size))
            return false;
    if (!ring->n)
        snprintf(why, size, "no key for RS256 or ES256 signatures in it");
    return ring->n > 0;
}

struct keyring *keyring_new(struct span json, char *why, size_t size)
{
    json_error_t where;
    json_t *root = json.n <= JWKS_BYTES ? json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, &where) : NULL;
    struct keyring *ring = calloc(1, sizeof *ring);
    if (!root || !ring)
        snprintf(why, size, "not a JSON object of at most %d bytes", JWKS_BYTES);
    if (!root || !ring || !add_keys(ring, root, why, size)) {
        keyring_free(ring);
        ring = NULL;
    }
    json_decref(root);
    return ring;
}

void keyring_free(struct keyring *ring)
{
    if (!ring)
        return;
    for (size_t i = 0; i < ring->n; i++)
        jws_key_free(ring->keys[i].key);
    free(ring);
}

size_t keyring_count(const struct keyring *ring)
{
    return ring->n;
}

const struct jws_key *keyring_find(const struct keyring *ring, struct span kid, enum jws_alg alg)
{
    const struct jws_key *found = NULL;
    for (size_t i = 0; i < ring->n; i++) {
        const struct ring_key *k = &ring->keys[i];
        if (jws_key_alg(k->key) != alg || (kid.n && !span_eq(kid, k->kid)))
            continue;
        if (found)
            return NULL; /* only without a kid: which one is meant would be a guess */
        found = k->key;
    }
    return found;
}

/* ---- age and refresh ---- */

struct jwks {
    struct keyring *ring;
    bool fixed, in_flight;
    bool wanted; /* somebody asked for a key that is not here */
    bool failed; /* the last fetch brought nothing: whether a key that is not here exists is not known */
    int64_t max_age_ms;
    int64_t good_ms; /* last fetch that brought keys */
    int64_t next_ms; /* no fetch before */
    int64_t backoff_ms;
};

struct jwks *jwks_new_fixed(struct keyring *ring)
{
    struct jwks *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->ring = ring;
    j->fixed = true;
    return j;
}

struct jwks *jwks_new_url(int64_t max_age_ms)
{
    struct jwks *j = calloc(1, sizeof *j);
    if (!j)
        return NULL;
    j->max_age_ms = max_age_ms;
    j->next_ms = INT64_MIN;
    return j;
}

void jwks_free(struct jwks *j)
{
    if (!j)
        return;
    keyring_free(j->ring);
    free(j);
}

bool jwks_ready(const struct jwks *j, int64_t now_ms)
{
    return j->ring && (j->fixed || now_ms - j->good_ms <= j->max_age_ms);
}

enum jwks_verdict jwks_find(struct jwks *j, struct span kid, enum jws_alg alg, int64_t now_ms,
                            const struct jws_key **key)
{
    bool usable = jwks_ready(j, now_ms);
    const struct jws_key *found = usable ? keyring_find(j->ring, kid, alg) : NULL;
    if (found) {
        *key = found;
        return JWKS_FOUND;
    }
    if (!j->fixed) {
        j->wanted = true;
        if (j->in_flight || now_ms >= j->next_ms)
            return JWKS_WAIT;
    }
    return usable && !j->failed ? JWKS_UNKNOWN : JWKS_UNAVAILABLE;
}

static int64_t refresh_ms(const struct jwks *j)
{
    int64_t half = j->max_age_ms / 2;
    return half < JWKS_REFRESH_S * INT64_C(1000) ? half : JWKS_REFRESH_S * INT64_C(1000);
}

int64_t jwks_next_ms(const struct jwks *j)
{
    if (j->fixed || j->in_flight)
        return INT64_MAX;
    if (!j->ring || j->wanted || j->next_ms > j->good_ms + refresh_ms(j))
        return j->next_ms;
    return j->good_ms + refresh_ms(j);
}

bool jwks_fetch_due(struct jwks *j, int64_t now_ms)
{
    if (now_ms < jwks_next_ms(j))
        return false;
    j->in_flight = true;
    return true;
}

/* Does `fresh` hold a kid that `old` did not? */
static bool brings_new(const struct keyring *old, const struct keyring *fresh)
{
    for (size_t i = 0; i < fresh->n; i++) {
        bool known = false;
        for (size_t k = 0; old && k < old->n; k++)
            known = known || strcmp(old->keys[k].kid, fresh->keys[i].kid) == 0;
        if (!known)
            return true;
    }
    return false;
}

void jwks_fetched(struct jwks *j, struct keyring *ring, int64_t now_ms)
{
    j->in_flight = false;
    j->wanted = false;
    /* Requests for keys that do not exist must not become a flood at the issuer, nor keep a new key away for long. */
    int64_t longest = ring ? JWKS_SPACING_MS : JWKS_BACKOFF_MAX_MS;
    if (ring && brings_new(j->ring, ring))
        j->backoff_ms = 0;
    j->backoff_ms = j->backoff_ms ? j->backoff_ms * 2 : JWKS_BACKOFF_MS;
    if (j->backoff_ms > longest)
        j->backoff_ms = longest;
    j->failed = !ring;
    j->next_ms = now_ms + j->backoff_ms;
    if (!ring)
        return;
    keyring_free(j->ring);
    j->ring = ring;
    j->good_ms = now_ms;
}
