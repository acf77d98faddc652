/*
 * fuzz_jws.c - any text as a token, and any text as the payload of one: the gate lets only one spelling of a strict JWS
 * through, nothing verifies under a key that signed nothing, and claims are only accepted with all that they need.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/auth/claims.h"
#include "runtime/base/encoding.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

/* The parts must be what their decoded bytes encode to: one token, one text. */
static void one_spelling(struct span token, const struct jws *t)
{
    static char text[LIMIT_TOKEN + 8];
    size_t n = base64url_encode(t->signature, t->signature_n, text);
    must(token.n > n && memcmp(token.p + token.n - n, text, n) == 0 && token.p[token.n - n - 1] == '.');
    n = base64url_encode(t->payload, t->payload_n, text);
    must(memcmp(t->signing_input.p + t->signing_input.n - n, text, n) == 0);
    must(t->alg == JWS_RS256 || t->alg == JWS_ES256);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct jws t;
    static struct jws_key *key;
    static const struct claims_rules rules = { .issuers = { { { "i", 1 } }, 1 }, .audiences = { { { "a", 1 } }, 1 } };
    static const struct caller caller = { "00Dxx0000000000EAA", "005xx000001X8UzAAK", "https://x" };
    struct err e;
    struct claims c;
    struct span token = { (const char *)data, size };
    if (!key) {
        char n[256], exponent[] = { 1, 0, 1 };
        memset(n, 0xc5, sizeof n);
        key = jws_key_rsa((struct span){ n, sizeof n }, (struct span){ exponent, 3 });
        must(key);
    }
    if (jws_gate(token, false, &t, &e)) {
        one_spelling(token, &t);
        must(!jws_check(t.alg, key, t.signing_input, (struct span){ (char *)t.signature, t.signature_n }));
    } else {
        must(e.status == 403);
    }
    if (size < JWS_PAYLOAD) {
        memset(&t, 0, sizeof t);
        if (size)
            memcpy(t.payload, data, size);
        t.payload_n = size;
        if (claims_check(&t, &rules, &caller, 1000, &c, &e))
            must(c.exp > 1000 - CLAIMS_SKEW_S && c.nbf <= 1000 + CLAIMS_SKEW_S && c.iat <= 1000 + CLAIMS_SKEW_S);
        else
            must(e.status == 403);
    }
    return 0;
}
