/*
 * jws.h - compact JWS (RFC 7515), the strict way: a gate on the text, then OpenSSL on the signature with a key that
 * knows the one algorithm it may be used for. Nothing in a token chooses the algorithm or the place of a key.
 */
#ifndef ACTIONHOST_AUTH_JWS_H
#define ACTIONHOST_AUTH_JWS_H

#include "runtime/base/bytes.h"
#include "runtime/base/err.h"
#include "runtime/base/limits.h"

enum jws_alg { JWS_RS256 = 1, JWS_ES256, JWS_HS256 };

enum {
    JWS_SIGNATURE = 512, /* bytes: RSA of 4,096 bits */
    JWS_HEADER = 1024,   /* of the header's JSON */
    JWS_PAYLOAD = LIMIT_TOKEN / 4 * 3
};

/* A token that passed the gate. Its signature and its claims are not checked yet. */
struct jws {
    enum jws_alg alg;
    struct span kid;           /* empty when absent */
    struct span org;           /* org id from Salesforce's header member tnk, empty when absent */
    struct span signing_input; /* in the token's own text */
    size_t signature_n, payload_n;
    unsigned char signature[JWS_SIGNATURE];
    char header[JWS_HEADER + 4];
    char payload[JWS_PAYLOAD + 4]; /* decoded JSON text */
};

/*
 * The gate: at most LIMIT_TOKEN bytes, three non-empty base64url parts without padding or stray bits, the header an
 * object with nothing but alg (RS256 or ES256, exactly; HS256 only when `hmac`), kid, typ (JWT) and the three
 * informative members of Salesforce's own tokens (tnk, ver, tty), each a string and given once. False: 403
 * invalid_token; *out is then undefined.
 */
bool jws_gate(struct span token, bool hmac, struct jws *out, struct err *e) MUST_CHECK;

/*
 * The payload of a token that somebody else has found genuine: three parts, the middle one base64url; nothing else of
 * it is looked at, whatever its algorithm. Its length in `out` (size bytes), with a NUL behind it; -1 when it cannot be
 * read.
 */
long jws_payload(struct span token, char *out, size_t size) MUST_CHECK;

/* A key bound to one algorithm. Immutable; may be used from several threads. */
struct jws_key;

struct jws_key *jws_key_rsa(struct span n, struct span e); /* big-endian bytes; NULL below 2,048 or above 4,096 bits */
struct jws_key *jws_key_ec(struct span x, struct span y);  /* P-256, 32 bytes each; NULL when not on the curve */
/* Keys of other kinds than a JWKS has, for published vectors and benches. */
struct jws_key *jws_key_pem(struct span pem);     /* public key: RSA or P-256, under the same rules */
struct jws_key *jws_key_hmac(struct span secret); /* at least 32 bytes (RFC 7518 section 3.2) */
void jws_key_free(struct jws_key *key);           /* NULL is fine */
enum jws_alg jws_key_alg(const struct jws_key *key);

/*
 * The seam below headers and claims. True only when `sig` is the signature of `input` under `key` and `alg` is the
 * key's own. An ES256 signature is the 64 bytes of RFC 7518 section 3.4.
 */
bool jws_check(enum jws_alg alg, const struct jws_key *key, struct span input, struct span sig) MUST_CHECK;

/* HMAC-SHA256 (RFC 2104). */
bool jws_hmac(struct span key, struct span input, unsigned char mac[32]) MUST_CHECK;

#endif
