/* jws.c - the gate on compact JWS text, and signatures by OpenSSL. */
#include "runtime/auth/jws.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/json_scan.h"
#include "runtime/base/record_id.h"

static bool refuse(struct err *e)
{
    return err_set(
        e, 403, "invalid_token",
        "The invocation's token is not acceptable. Call again; if it stays so, reconnect the org to the app.");
}

/* Exactly three parts, none of them empty. */
static bool split(struct span token, struct span part[3])
{
    const char *first = memchr(token.p, '.', token.n);
    if (!first)
        return false;
    size_t rest = token.n - (size_t)(first + 1 - token.p);
    const char *second = memchr(first + 1, '.', rest);
    if (!second)
        return false;
    part[0] = (struct span){ token.p, (size_t)(first - token.p) };
    part[1] = (struct span){ first + 1, (size_t)(second - first - 1) };
    part[2] = (struct span){ second + 1, token.n - (size_t)(second + 1 - token.p) };
    return part[0].n && part[1].n && part[2].n && !memchr(part[2].p, '.', part[2].n);
}

static enum jws_alg alg_of(struct span name, bool hmac)
{
    if (span_eq(name, "RS256"))
        return JWS_RS256;
    if (span_eq(name, "ES256"))
        return JWS_ES256;
    return hmac && span_eq(name, "HS256") ? JWS_HS256 : 0;
}

/* "core/<cell>/<org id>" -> the org's id; empty when it does not end in one. */
static struct span org_of(struct span tnk)
{
    const char *slash = memrchr(tnk.p, '/', tnk.n);
    struct span org = tnk;
    if (slash)
        org = (struct span){ slash + 1, tnk.n - (size_t)(slash + 1 - tnk.p) };
    return record_id_is_org(org) ? org : (struct span){ 0 };
}

static bool read_header(size_t n, bool hmac, struct jws *out)
{
    struct span alg = { 0 }, typ = { "JWT", 3 }, kid = { 0 }, tnk = { "", 0 }, ver, tty;
    const struct scan_field fields[] = { { "alg", &alg, NULL }, { "kid", &kid, NULL }, { "typ", &typ, NULL },
                                         { "tnk", &tnk, NULL }, { "ver", &ver, NULL }, { "tty", &tty, NULL },
                                         { NULL, NULL, NULL } };
    const char *why;
    if (!scan_object(out->header, n, fields, SCAN_CLOSED, &why) || !span_eq(typ, "JWT"))
        return false;
    out->alg = alg_of(alg, hmac);
    out->kid = kid;
    out->org = org_of(tnk);
    return out->alg != 0;
}

long jws_payload(struct span token, char *out, size_t size)
{
    struct span part[3];
    if (token.n > LIMIT_TOKEN || !split(token, part))
        return -1;
    long n = base64url_decode(part[1], (unsigned char *)out, size - 1);
    if (n >= 0)
        out[n] = '\0';
    return n;
}

bool jws_gate(struct span token, bool hmac, struct jws *out, struct err *e)
{
    struct span part[3];
    if (token.n < 5 || token.n > LIMIT_TOKEN || !split(token, part))
        return refuse(e);
    long header = base64url_decode(part[0], (unsigned char *)out->header, JWS_HEADER);
    long payload = base64url_decode(part[1], (unsigned char *)out->payload, JWS_PAYLOAD);
    long signature = base64url_decode(part[2], out->signature, JWS_SIGNATURE);
    if (header < 1 || payload < 1 || signature < 1 || memchr(out->payload, '\0', (size_t)payload) ||
        !read_header((size_t)header, hmac, out))
        return refuse(e);
    out->payload[payload] = '\0';
    out->payload_n = (size_t)payload;
    out->signature_n = (size_t)signature;
    out->signing_input = (struct span){ token.p, part[0].n + 1 + part[1].n };
    return true;
}

/* ---- keys ---- */

struct jws_key {
    enum jws_alg alg;
    EVP_PKEY *pkey;       /* RS256, ES256 */
    EVP_MD_CTX *prepared; /* a verification that has seen nothing yet, to be copied: cheaper than a new one */
    size_t secret_n;      /* HS256 */
    unsigned char secret[];
};

static struct jws_key *key_new(enum jws_alg alg, EVP_PKEY *pkey)
{
    struct jws_key *key = calloc(1, sizeof *key);
    EVP_MD_CTX *prepared = EVP_MD_CTX_new();
    if (!key || !prepared || EVP_DigestVerifyInit(prepared, NULL, EVP_sha256(), NULL, pkey) != 1) {
        EVP_MD_CTX_free(prepared);
        EVP_PKEY_free(pkey);
        free(key);
        return NULL;
    }
    key->alg = alg;
    key->pkey = pkey;
    key->prepared = prepared;
    return key;
}

/* Makes a public key of `type` from the parameters; takes `build`. */
static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    if (!ctx || !params || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/*
 * Moduli of the ROCA family (CVE-2017-15361) give themselves away: modulo each of these primes they are a power of
 * 65537. The primes are those below 168 for which that is telling.
 */
static bool roca(const BIGNUM *n)
{
    static const unsigned primes[] = { 11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157 };
    for (size_t i = 0; i < sizeof primes / sizeof *primes; i++) {
        unsigned p = primes[i], rest = (unsigned)BN_mod_word(n, p), power = 1, k = 0;
        while (power != rest && k++ < p)
            power = power * (65537 % p) % p;
        if (power != rest)
            return false;
    }
    return true;
}

static bool rsa_fit(const BIGNUM *n, const BIGNUM *e)
{
    int bits = BN_num_bits(n);
    return bits >= 2048 && bits <= JWS_SIGNATURE * 8 && BN_is_odd(n) && BN_is_odd(e) && !BN_is_one(e) &&
           BN_num_bits(e) <= 64 && !roca(n);
}

struct jws_key *jws_key_rsa(struct span n, struct span e)
{
    struct jws_key *key = NULL;
    if (n.n > JWS_SIGNATURE + 1 || e.n > 16)
        return NULL;
    BIGNUM *bn = BN_bin2bn((const unsigned char *)n.p, (int)n.n, NULL);
    BIGNUM *be = BN_bin2bn((const unsigned char *)e.p, (int)e.n, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (bn && be && build && rsa_fit(bn, be) && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, be)) {
        EVP_PKEY *pkey = from_params("RSA", build);
        build = NULL;
        key = pkey ? key_new(JWS_RS256, pkey) : NULL;
    }
    OSSL_PARAM_BLD_free(build);
    BN_free(bn);
    BN_free(be);
    return key;
}

struct jws_key *jws_key_ec(struct span x, struct span y)
{
    unsigned char point[65] = { 4 };
    if (x.n != 32 || y.n != 32)
        return NULL;
    memcpy(point + 1, x.p, 32);
    memcpy(point + 33, y.p, 32);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (!build || !OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) ||
        !OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point)) {
        OSSL_PARAM_BLD_free(build);
        return NULL;
    }
    EVP_PKEY *pkey = from_params("EC", build); /* which refuses a point that is not on the curve */
    return pkey ? key_new(JWS_ES256, pkey) : NULL;
}

static struct jws_key *rsa_of(EVP_PKEY *pkey)
{
    struct jws_key *key = NULL;
    BIGNUM *n = NULL, *e = NULL;
    unsigned char nb[JWS_SIGNATURE + 1], eb[16];
    if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_N, &n) &&
        EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) && BN_num_bytes(n) <= (int)sizeof nb &&
        BN_num_bytes(e) <= (int)sizeof eb)
        key = jws_key_rsa((struct span){ (char *)nb, (size_t)BN_bn2bin(n, nb) },
                          (struct span){ (char *)eb, (size_t)BN_bn2bin(e, eb) });
    BN_free(n);
    BN_free(e);
    return key;
}

static struct jws_key *ec_of(EVP_PKEY *pkey)
{
    struct jws_key *key = NULL;
    BIGNUM *x = NULL, *y = NULL;
    char group[64];
    unsigned char xb[32], yb[32];
    if (EVP_PKEY_get_utf8_string_param(pkey, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) &&
        strcmp(group, "prime256v1") == 0 && EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x) &&
        EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y) && BN_bn2binpad(x, xb, 32) == 32 &&
        BN_bn2binpad(y, yb, 32) == 32)
        key = jws_key_ec((struct span){ (char *)xb, 32 }, (struct span){ (char *)yb, 32 });
    BN_free(x);
    BN_free(y);
    return key;
}

enum { PEM_MAX = 65536 };

struct jws_key *jws_key_pem(struct span pem)
{
    struct jws_key *key = NULL;
    BIO *bio = pem.n <= PEM_MAX ? BIO_new_mem_buf(pem.p, (int)pem.n) : NULL;
    EVP_PKEY *pkey = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    if (pkey && EVP_PKEY_is_a(pkey, "RSA"))
        key = rsa_of(pkey);
    else if (pkey && EVP_PKEY_is_a(pkey, "EC"))
        key = ec_of(pkey);
    EVP_PKEY_free(pkey);
    BIO_free(bio);
    return key;
}

struct jws_key *jws_key_hmac(struct span secret)
{
    if (secret.n < 32 || secret.n > 4096)
        return NULL;
    struct jws_key *key = calloc(1, sizeof *key + secret.n);
    if (!key)
        return NULL;
    key->alg = JWS_HS256;
    key->secret_n = secret.n;
    memcpy(key->secret, secret.p, secret.n);
    return key;
}

void jws_key_free(struct jws_key *key)
{
    if (!key)
        return;
    EVP_MD_CTX_free(key->prepared);
    EVP_PKEY_free(key->pkey);
    bytes_wipe(key->secret, key->secret_n);
    free(key);
}

enum jws_alg jws_key_alg(const struct jws_key *key)
{
    return key->alg;
}

/* ---- signatures ---- */

bool jws_hmac(struct span key, struct span input, unsigned char mac[32])
{
    unsigned n = 0;
    static const unsigned char none[1];
    return HMAC(EVP_sha256(), key.n ? key.p : (const char *)none, (int)key.n, (const unsigned char *)input.p, input.n,
                mac, &n) &&
           n == 32;
}

/* One unsigned big-endian number of 32 bytes as a DER INTEGER; the length written. */
static size_t der_integer(const unsigned char in[32], unsigned char *out)
{
    size_t skip = 0;
    while (skip < 31 && in[skip] == 0)
        skip++;
    size_t pad = in[skip] >> 7, n = 32 - skip;
    out[0] = 2;
    out[1] = (unsigned char)(n + pad);
    out[2] = 0;
    memcpy(out + 2 + pad, in + skip, n);
    return 2 + pad + n;
}

static bool verify(const struct jws_key *key, struct span input, const unsigned char *sig, size_t n)
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_MD_CTX_copy_ex(ctx, key->prepared) == 1 &&
              EVP_DigestVerify(ctx, sig, n, (const unsigned char *)input.p, input.n) == 1;
    EVP_MD_CTX_free(ctx);
    return ok;
}

bool jws_check(enum jws_alg alg, const struct jws_key *key, struct span input, struct span sig)
{
    const unsigned char *s = (const unsigned char *)sig.p;
    if (!key || key->alg != alg || !sig.n)
        return false;
    if (alg == JWS_HS256) {
        unsigned char mac[32];
        struct span secret = { (const char *)key->secret, key->secret_n };
        return sig.n == sizeof mac && jws_hmac(secret, input, mac) && bytes_equal(mac, s, sizeof mac);
    }
    if (alg == JWS_RS256)
        return verify(key, input, s, sig.n);
    if (sig.n != 64)
        return false;
    unsigned char der[2 + 2 * 35] = { 0x30 };
    size_t n = der_integer(s, der + 2);
    n += der_integer(s + 32, der + 2 + n);
    der[1] = (unsigned char)n;
    return verify(key, input, der, n + 2);
}
