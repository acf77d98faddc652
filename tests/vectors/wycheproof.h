/*
 * wycheproof.h - groups of Wycheproof vectors (github.com/C2SP/wycheproof), run at the seam below claims. Part of
 * vectors_jws.c.
 */
#ifndef TESTS_WYCHEPROOF_H
#define TESTS_WYCHEPROOF_H

#include <jansson.h>
#include <jwt.h>

#include "runtime/auth/jwks.h"
#include "runtime/base/encoding.h"
#include "tests/sign.h"

struct tally {
    long passed, failed, informational;
};
static struct tally tally;

static void vector(const char *where, const char *what, bool ok)
{
    if (ok) {
        tally.passed++;
        return;
    }
    tally.failed++;
    printf("FAIL %s: %s\n", where, what);
}

static const char *string_of(const json_t *object, const char *name)
{
    const char *s = json_string_value(json_object_get(object, name));
    return s ? s : "";
}

/* A text of hexadecimal digits as bytes; free() them. */
static struct span unhex(const char *s)
{
    size_t n = strlen(s) / 2;
    unsigned char *out = malloc(n + 1);
    SIGN_MUST(out);
    for (size_t i = 0; i < n; i++) {
        unsigned v;
        SIGN_MUST(sscanf(s + 2 * i, "%2x", &v) == 1);
        out[i] = (unsigned char)v;
    }
    return (struct span){ (char *)out, n };
}

/* A member in hexadecimal; free() it. */
static struct span hex_of(const json_t *object, const char *name)
{
    return unhex(string_of(object, name));
}

/* Compares our verdict with Wycheproof's. */
static void judge(const char *file, const json_t *test, const char *kind, bool ours)
{
    char where[600];
    const char *result = string_of(test, "result");
    if (strcmp(result, "acceptable") == 0) {
        tally.informational++;
        return;
    }
    snprintf(where, sizeof where, "%s tcId %lld %s (%s)", file,
             (long long)json_integer_value(json_object_get(test, "tcId")), kind, string_of(test, "comment"));
    vector(where, ours ? "accepted" : "refused", ours == (strcmp(result, "valid") == 0));
}

/* ---- HMAC ---- */

static void run_mac(const char *file, const json_t *group)
{
    const json_t *test;
    size_t i, tag_n = (size_t)json_integer_value(json_object_get(group, "tagSize")) / 8;
    json_array_foreach (json_object_get(group, "tests"), i, test) {
        struct span key = hex_of(test, "key"), msg = hex_of(test, "msg"), tag = hex_of(test, "tag");
        unsigned char mac[32];
        bool ok = jws_hmac(key, msg, mac) && tag.n == tag_n && tag.n <= sizeof mac && bytes_equal(mac, tag.p, tag.n);
        judge(file, test, "hmac", ok);
        struct jws_key *hs256 = jws_key_hmac(key);
        if (hs256) /* whole tags only: a shortened one is never a signature */
            vector(file, "HS256 and HMAC differ", jws_check(JWS_HS256, hs256, msg, tag) == (ok && tag.n == 32));
        jws_key_free(hs256);
        free((char *)key.p);
        free((char *)msg.p);
        free((char *)tag.p);
    }
}

/* ---- RSA and ECDSA ---- */

/* Runs the tests of a group whose hash is SHA-256; `convert` turns a signature into the form of RFC 7518, or refuses
 * it. */
static void run_signatures(const char *file, const json_t *group, enum jws_alg alg, const char *kind,
                           bool (*convert)(struct span in, unsigned char out[64]))
{
    const char *pem = string_of(group, "publicKeyPem");
    if (!*pem)
        pem = string_of(group, "keyPem");
    struct jws_key *key = strcmp(string_of(group, "sha"), "SHA-256") == 0 ? jws_key_pem(span_of(pem)) : NULL;
    const json_t *test;
    size_t i;
    json_array_foreach (json_object_get(group, "tests"), i, test) {
        if (!key || jws_key_alg(key) != alg) {
            tally.informational++;
            continue;
        }
        struct span msg = hex_of(test, "msg"), sig = hex_of(test, "sig"), use = sig;
        unsigned char fixed[64];
        bool form = true;
        if (convert && (form = convert(sig, fixed)))
            use = (struct span){ (char *)fixed, sizeof fixed };
        judge(file, test, kind, form && jws_check(alg, key, msg, use));
        free((char *)msg.p);
        free((char *)sig.p);
    }
    jws_key_free(key);
}

static void run_rsa(const char *file, const json_t *group)
{
    run_signatures(file, group, JWS_RS256, "rsa", NULL);
}

static void run_p1363(const char *file, const json_t *group)
{
    run_signatures(file, group, JWS_ES256, "ecdsa p1363", NULL);
}

/* DER to r and s of 32 bytes each; only the one DER form of two positive numbers is converted. */
static bool from_der(struct span in, unsigned char out[64])
{
    const unsigned char *p = (const unsigned char *)in.p;
    unsigned char *again = NULL;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)in.n);
    int n = sig ? i2d_ECDSA_SIG(sig, &again) : -1;
    bool ok = n == (int)in.n && memcmp(again, in.p, in.n) == 0 && !BN_is_negative(ECDSA_SIG_get0_r(sig)) &&
              !BN_is_negative(ECDSA_SIG_get0_s(sig)) && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32;
    OPENSSL_free(again);
    ECDSA_SIG_free(sig);
    return ok;
}

static void run_ecdsa_der(const char *file, const json_t *group)
{
    run_signatures(file, group, JWS_ES256, "ecdsa der", from_der);
}

/* ---- compact tokens ---- */

/* What one group's JWK or JWK set gives us to check and to sign with. */
struct group_keys {
    struct keyring *ring; /* RS256, ES256 */
    struct jws_key *hmac; /* HS256 */
    struct span secret;
    EVP_PKEY *private_key; /* to sign derived vectors with */
    char *pem;
    enum jws_alg alg;
};

static struct span jwk_bytes(const json_t *jwk, const char *name)
{
    struct span text = span_of(string_of(jwk, name));
    unsigned char *out = malloc(text.n + 1);
    SIGN_MUST(out);
    long n = base64url_decode(text, out, text.n + 1);
    return (struct span){ (char *)out, n > 0 ? (size_t)n : 0 };
}

static bool push_number(OSSL_PARAM_BLD *b, BIGNUM **keep, const json_t *jwk, const char *member, const char *name)
{
    struct span s = jwk_bytes(jwk, member);
    *keep = BN_bin2bn((const unsigned char *)s.p, (int)s.n, NULL);
    free((char *)s.p);
    return s.n && *keep && OSSL_PARAM_BLD_push_BN(b, name, *keep);
}

static bool push_point(OSSL_PARAM_BLD *b, const json_t *jwk, unsigned char point[65])
{
    struct span x = jwk_bytes(jwk, "x"), y = jwk_bytes(jwk, "y");
    bool ok = x.n == 32 && y.n == 32;
    point[0] = 4;
    if (ok) {
        memcpy(point + 1, x.p, 32);
        memcpy(point + 33, y.p, 32);
    }
    free((char *)x.p);
    free((char *)y.p);
    return ok && OSSL_PARAM_BLD_push_utf8_string(b, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) &&
           OSSL_PARAM_BLD_push_octet_string(b, OSSL_PKEY_PARAM_PUB_KEY, point, 65);
}

/* The private key of a JWK; NULL when it has none. */
static EVP_PKEY *private_of(const json_t *jwk, bool rsa)
{
    unsigned char point[65];
    BIGNUM *n[3] = { NULL };
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *b = OSSL_PARAM_BLD_new();
    bool ok = rsa ? push_number(b, &n[0], jwk, "n", OSSL_PKEY_PARAM_RSA_N) &&
                        push_number(b, &n[1], jwk, "e", OSSL_PKEY_PARAM_RSA_E) &&
                        push_number(b, &n[2], jwk, "d", OSSL_PKEY_PARAM_RSA_D)
                  : push_point(b, jwk, point) && push_number(b, &n[0], jwk, "d", OSSL_PKEY_PARAM_PRIV_KEY);
    OSSL_PARAM *params = ok ? OSSL_PARAM_BLD_to_param(b) : NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, rsa ? "RSA" : "EC", NULL);
    if (params && (EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) != 1))
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(b);
    EVP_PKEY_CTX_free(ctx);
    for (int i = 0; i < 3; i++)
        BN_free(n[i]);
    return key;
}

/* The public part of a group's keys as a set's text; free() it. */
static char *public_set(const json_t *jwk_or_set)
{
    static const char *const secrets[] = { "d", "p", "q", "dp", "dq", "qi" };
    json_t *set = json_object_get(jwk_or_set, "keys") ? json_deep_copy(jwk_or_set)
                                                      : json_pack("{s:[o]}", "keys", json_deep_copy(jwk_or_set));
    json_t *jwk;
    size_t i;
    json_array_foreach (json_object_get(set, "keys"), i, jwk) {
        for (size_t k = 0; k < sizeof secrets / sizeof *secrets; k++)
            json_object_del(jwk, secrets[k]);
    }
    char *text = json_dumps(set, 0);
    json_decref(set);
    return text;
}

static struct group_keys group_keys(const json_t *group)
{
    struct group_keys k = { 0 };
    char why[200];
    const json_t *jwk = json_object_get(group, "private");
    char *text = public_set(json_object_get(group, "public") ? json_object_get(group, "public") : jwk);
    const char *alg = string_of(jwk, "alg");
    k.ring = text ? keyring_new(span_of(text), why, sizeof why) : NULL;
    free(text);
    k.secret = jwk_bytes(jwk, "k");
    if (strcmp(alg, "HS256") == 0 && strcmp(string_of(jwk, "kty"), "oct") == 0)
        k.hmac = jws_key_hmac(k.secret);
    k.alg = strcmp(alg, "RS256") == 0 ? JWS_RS256 : strcmp(alg, "ES256") == 0 ? JWS_ES256 : k.hmac ? JWS_HS256 : 0;
    if (k.ring && (k.alg == JWS_RS256 || k.alg == JWS_ES256))
        k.private_key = private_of(jwk, k.alg == JWS_RS256);
    if (k.private_key)
        k.pem = sign_pem(k.private_key);
    return k;
}

static void group_keys_free(struct group_keys *k)
{
    keyring_free(k->ring);
    jws_key_free(k->hmac);
    EVP_PKEY_free(k->private_key);
    free(k->pem);
    free((char *)k->secret.p);
}

/* The key that the host would take for this token; kid_of is the one kid of an HMAC group. */
static const struct jws_key *pick(const struct group_keys *k, const struct jws *t, const char *kid)
{
    if (t->alg == JWS_HS256)
        return k->hmac && (!t->kid.n || span_eq(t->kid, kid)) ? k->hmac : NULL;
    return k->ring ? keyring_find(k->ring, t->kid, t->alg) : NULL;
}

static bool accepts(const struct group_keys *k, const char *kid, struct span token)
{
    static struct jws t;
    struct err e;
    if (!jws_gate(token, true, &t, &e))
        return false;
    return jws_check(t.alg, pick(k, &t, kid), t.signing_input,
                     (struct span){ (const char *)t.signature, t.signature_n });
}

/*
 * Does libjwt say the same of a token that the gate lets through? It has no key sets, so it is asked only where a key
 * was found, and its verdict is about signature and an object as payload.
 */
static void second_opinion(const char *where, const struct group_keys *k, const char *kid, struct span token)
{
    static struct jws t;
    static char copy[SIGN_TOKEN];
    struct err e;
    jwt_t *jwt = NULL;
    if (!jws_gate(token, true, &t, &e) || !pick(k, &t, kid) || t.alg != k->alg)
        return;
    json_t *payload = json_loadb(t.payload, t.payload_n, 0, NULL);
    bool ours = accepts(k, kid, token) && json_is_object(payload);
    json_decref(payload);
    copy_span(copy, sizeof copy, token);
    const char *bytes = k->hmac ? k->secret.p : k->pem;
    size_t n = k->hmac ? k->secret.n : strlen(k->pem);
    bool theirs = jwt_decode(&jwt, copy, (const unsigned char *)bytes, (int)n) == 0;
    jwt_free(jwt);
    vector(where, "libjwt has another opinion", ours == theirs);
}

/* ---- derived vectors: the same fault over a JSON payload ---- */

struct parts {
    struct span header, payload, signature; /* base64url */
    unsigned char sig[1100];
    size_t sig_n;
    bool decoded;
};

static bool split_token(const char *jws, struct parts *p)
{
    struct span rest = span_of(jws);
    if (!span_split(&rest, '.', &p->header) || !span_split(&rest, '.', &p->payload) || memchr(rest.p, '.', rest.n))
        return false;
    p->signature = rest;
    long n = base64url_decode(rest, p->sig, sizeof p->sig);
    p->decoded = n >= 0;
    p->sig_n = n > 0 ? (size_t)n : 0;
    return true;
}

/* RSA: carries the faulty padding of `bad` over to another message. False when there is no such padding to carry. */
static bool carry_padding(EVP_PKEY *key, const struct parts *bad, struct span old_input, struct span new_input,
                          unsigned char out[512])
{
    unsigned char em[512], old_hash[32], new_hash[32];
    BIGNUM *n = NULL, *e = NULL, *d = NULL, *x = BN_bin2bn(bad->sig, (int)bad->sig_n, NULL);
    BN_CTX *ctx = BN_CTX_new();
    bool ok = false;
    SIGN_MUST(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) &&
              EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) &&
              EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_D, &d) && x && ctx);
    int size = BN_num_bytes(n);
    EVP_Digest(old_input.p, old_input.n, old_hash, NULL, EVP_sha256(), NULL);
    EVP_Digest(new_input.p, new_input.n, new_hash, NULL, EVP_sha256(), NULL);
    if (bad->sig_n == (size_t)size && size <= 512 && BN_cmp(x, n) < 0 && BN_mod_exp(x, x, e, n, ctx) &&
        BN_bn2binpad(x, em, size) == size) {
        unsigned char *at = memmem(em, (size_t)size, old_hash, sizeof old_hash);
        if (at) {
            memcpy(at, new_hash, sizeof new_hash);
            BN_bin2bn(em, size, x);
            ok = BN_cmp(x, n) < 0 && BN_mod_exp(x, x, d, n, ctx) && BN_bn2binpad(x, out, size) == size;
        }
    }
    BN_free(n);
    BN_free(e);
    BN_free(d);
    BN_free(x);
    BN_CTX_free(ctx);
    return ok;
}

/* What was done to a good signature is done to another one: bytes that were changed are changed, length follows. */
static size_t carry_bytes(const struct parts *good, const struct parts *bad, unsigned char *sig, size_t n)
{
    if (bad->sig_n == good->sig_n) {
        bool halves = n == 64; /* r and s: a number that was replaced is replaced */
        for (size_t half = 0; half < (halves ? 2u : 1u); half++) {
            size_t from = half * 32, len = halves ? 32 : n;
            if (memcmp(good->sig + from, bad->sig + from, len) == 0)
                continue;
            for (size_t i = from; i < from + len; i++)
                sig[i] = halves ? bad->sig[i] : (unsigned char)(sig[i] ^ good->sig[i] ^ bad->sig[i]);
        }
        return n;
    }
    if (bad->sig_n > n)
        memcpy(sig + n, bad->sig + n, bad->sig_n - n);
    return bad->sig_n;
}

static bool same_text(struct span a, struct span b)
{
    return a.n == b.n && memcmp(a.p, b.p, a.n) == 0;
}

static bool same_signature(const struct parts *a, const struct parts *b)
{
    return a->sig_n == b->sig_n && memcmp(a->sig, b->sig, a->sig_n) == 0;
}

/* Is there a fault (or none, in a valid vector) that another payload can have, too? */
static bool carries_over(const struct parts *bad, const struct parts *good, const json_t *test)
{
    unsigned char header[4000];
    if (base64url_decode(bad->header, header, sizeof header) < 0)
        return false; /* a fault of the text, which the vector itself has tested */
    return strcmp(string_of(test, "result"), "valid") == 0 || !same_text(bad->header, good->header) ||
           !same_text(bad->payload, good->payload) || !same_signature(bad, good);
}

static void derive(const char *file, const struct group_keys *k, const char *kid, const struct parts *good,
                   const json_t *test)
{
    static const char payload[] = "{\"sub\":\"derived\",\"exp\":4102444800}";
    static char token[SIGN_TOKEN];
    char where[600], encoded[sizeof payload * 2];
    unsigned char sig[2048];
    struct parts bad;
    if (!split_token(string_of(test, "jws"), &bad) || !bad.decoded || bad.sig_n > 1024 ||
        !carries_over(&bad, good, test))
        return;
    snprintf(where, sizeof where, "%s tcId %lld derived (%s)", file,
             (long long)json_integer_value(json_object_get(test, "tcId")), string_of(test, "comment"));
    size_t payload_n = base64url_encode(payload, sizeof payload - 1, encoded), n = bad.header.n;
    memcpy(token, bad.header.p, n);
    token[n++] = '.';
    memcpy(token + n, encoded, payload_n);
    struct span input = { token, n += payload_n };
    size_t sig_n = 32;
    if (k->private_key)
        sig_n = sign_bytes(k->private_key, input.p, input.n, sig);
    else
        SIGN_MUST(jws_hmac(k->secret, input, sig));
    bool valid = strcmp(string_of(test, "result"), "valid") == 0, same_header = same_text(bad.header, good->header);
    struct span old_input = { bad.header.p, bad.header.n + 1 + bad.payload.n };
    if (!valid && same_header) {
        if (!same_text(bad.payload, good->payload) && same_signature(&bad, good))
            token[bad.header.n + 1] ^= 1; /* the payload was changed after signing */
        else if (!(k->alg == JWS_RS256 && carry_padding(k->private_key, &bad, old_input, input, sig)))
            sig_n = carry_bytes(good, &bad, sig, sig_n);
    }
    token[n++] = '.';
    n += base64url_encode(sig, sig_n, token + n);
    struct span whole = { token, n };
    if (valid)
        vector(where, "refused", accepts(k, kid, whole));
    else if (same_header)
        vector(where, "accepted", !accepts(k, kid, whole));
    second_opinion(where, k, kid, whole);
}

/* The first valid test of a group whose signature decodes. */
static bool find_good(const json_t *group, struct parts *good)
{
    const json_t *test;
    size_t i;
    json_array_foreach (json_object_get(group, "tests"), i, test) {
        if (strcmp(string_of(test, "result"), "valid") == 0 && split_token(string_of(test, "jws"), good) &&
            good->decoded)
            return true;
    }
    return false;
}

/* A valid token that the gate refuses all the same: empty payload, or characters that are no base64url. */
static bool not_strict(struct span token)
{
    static struct jws t;
    struct err e;
    return !jws_gate(token, true, &t, &e);
}

/* The published file calls one and the same text both valid and invalid (a padding was lost on the way): no verdict
 * then. */
static bool contradicted(const json_t *group, const json_t *test)
{
    const json_t *other;
    size_t i;
    json_array_foreach (json_object_get(group, "tests"), i, other) {
        if (strcmp(string_of(other, "jws"), string_of(test, "jws")) == 0 &&
            strcmp(string_of(other, "result"), string_of(test, "result")) != 0 &&
            strcmp(string_of(other, "result"), "valid") == 0)
            return true;
    }
    return false;
}

static void run_jws(const char *file, const json_t *group)
{
    struct group_keys k = group_keys(group);
    const char *kid = string_of(json_object_get(group, "private"), "kid");
    struct parts good;
    bool can_derive = (k.private_key || k.hmac) && find_good(group, &good);
    const json_t *test;
    size_t i;
    json_array_foreach (json_object_get(group, "tests"), i, test) {
        struct span token = span_of(string_of(test, "jws"));
        bool ours = accepts(&k, kid, token);
        if (contradicted(group, test) ||
            (!ours && strcmp(string_of(test, "result"), "valid") == 0 && (!k.alg || not_strict(token))))
            tally.informational++;
        else
            judge(file, test, "jws", ours);
        if (k.private_key || k.hmac)
            second_opinion(file, &k, kid, token);
        if (can_derive)
            derive(file, &k, kid, &good, test);
    }
    group_keys_free(&k);
}

/* A set of keys and one token: the set may be what is wrong. Symmetric keys never come out of a set here. */
static void run_jwk(const char *file, const json_t *group)
{
    struct group_keys k = group_keys(group);
    const json_t *test;
    size_t i;
    json_array_foreach (json_object_get(group, "tests"), i, test) {
        bool ours = accepts(&k, string_of(json_object_get(group, "private"), "kid"), span_of(string_of(test, "jws")));
        if (!ours && strcmp(string_of(test, "result"), "valid") == 0 && !k.ring)
            tally.informational++;
        else
            judge(file, test, "jwk", ours);
    }
    group_keys_free(&k);
}

#endif
