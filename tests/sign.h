/* sign.h - the other side of a token, for tests only: keys, JWKs, compact tokens. */
#ifndef TESTS_SIGN_H
#define TESTS_SIGN_H

#include <jansson.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/auth/jws.h"
#include "runtime/base/encoding.h"

enum { SIGN_TOKEN = 40000, SIGN_JWK = 2048 };

#define SIGN_UNUSED __attribute__((unused))

/* A failure here is no verdict on the host: the program ends. */
#define SIGN_MUST(x)                                                                                                   \
    do {                                                                                                               \
        if (!(x)) {                                                                                                    \
            fprintf(stderr, "test signer failed: %s\n", #x);                                                           \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

SIGN_UNUSED static EVP_PKEY *sign_rsa(unsigned bits)
{
    EVP_PKEY *key = EVP_RSA_gen(bits);
    SIGN_MUST(key);
    return key;
}

SIGN_UNUSED static EVP_PKEY *sign_ec(const char *curve)
{
    EVP_PKEY *key = EVP_EC_gen(curve);
    SIGN_MUST(key);
    return key;
}

/* Raw bytes of a big number of the key, in base64url. `width` pads. */
SIGN_UNUSED static void sign_number(EVP_PKEY *key, const char *name, int width, char *out)
{
    unsigned char raw[1024];
    BIGNUM *n = NULL;
    SIGN_MUST(EVP_PKEY_get_bn_param(key, name, &n));
    int len = width ? width : BN_num_bytes(n);
    SIGN_MUST(BN_bn2binpad(n, raw, len) == len);
    base64url_encode(raw, (size_t)len, out);
    BN_free(n);
}

/* {"kty":...,"kid":...,"alg":...,"use":"sig"} and the public numbers. */
SIGN_UNUSED static void sign_jwk(EVP_PKEY *key, const char *kid, char out[SIGN_JWK])
{
    char a[800], b[800];
    if (EVP_PKEY_is_a(key, "RSA")) {
        sign_number(key, OSSL_PKEY_PARAM_RSA_N, 0, a);
        sign_number(key, OSSL_PKEY_PARAM_RSA_E, 0, b);
        snprintf(out, SIGN_JWK,
                 "{\"kty\":\"RSA\",\"kid\":\"%s\",\"alg\":\"RS256\",\"use\":\"sig\",\"n\":\"%s\",\"e\":\"%s\"}", kid, a,
                 b);
    } else {
        sign_number(key, OSSL_PKEY_PARAM_EC_PUB_X, 32, a);
        sign_number(key, OSSL_PKEY_PARAM_EC_PUB_Y, 32, b);
        snprintf(out, SIGN_JWK,
                 "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"alg\":\"ES256\",\"use\":\"sig\",\"x\":\"%s\","
                 "\"y\":\"%s\"}",
                 kid, a, b);
    }
}

/* The public key as PEM; free() it. */
SIGN_UNUSED static char *sign_pem(EVP_PKEY *key)
{
    char *p, *text;
    BIO *bio = BIO_new(BIO_s_mem());
    SIGN_MUST(bio && PEM_write_bio_PUBKEY(bio, key));
    long n = BIO_get_mem_data(bio, &p);
    SIGN_MUST(n > 0 && (text = strndup(p, (size_t)n)));
    BIO_free(bio);
    return text;
}

/* Signature over `input` as a JWS wants it. Returns its length. */
SIGN_UNUSED static size_t sign_bytes(EVP_PKEY *key, const void *input, size_t n, unsigned char *out)
{
    unsigned char der[1024];
    size_t len = sizeof der;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    SIGN_MUST(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
              EVP_DigestSign(ctx, der, &len, input, n) == 1);
    EVP_MD_CTX_free(ctx);
    if (EVP_PKEY_is_a(key, "RSA")) {
        memcpy(out, der, len);
        return len;
    }
    const unsigned char *p = der;
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)len);
    SIGN_MUST(sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32);
    ECDSA_SIG_free(sig);
    return 64;
}

/* header and payload as base64url with a dot between; the length. */
SIGN_UNUSED static size_t sign_input(const char *header, size_t header_n, const char *payload, size_t payload_n,
                                     char *out)
{
    size_t n = base64url_encode(header, header_n, out);
    out[n++] = '.';
    return n + base64url_encode(payload, payload_n, out + n);
}

/* A whole token in `out` of SIGN_TOKEN bytes. `secret` when `key` is NULL: HS256. */
SIGN_UNUSED static struct span sign_token(EVP_PKEY *key, struct span secret, const char *header, const char *payload,
                                          char *out)
{
    unsigned char sig[1024];
    size_t n = sign_input(header, strlen(header), payload, strlen(payload), out), sig_n = 32;
    if (key)
        sig_n = sign_bytes(key, out, n, sig);
    else
        SIGN_MUST(jws_hmac(secret, (struct span){ out, n }, sig));
    out[n++] = '.';
    n += base64url_encode(sig, sig_n, out + n);
    return (struct span){ out, n };
}

#endif
