/* keys.c - see keys.h. Generation and JWK form with OpenSSL. */
#include "sandbox/login/keys.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/org/org.h"

enum { GENERATIONS = 2 };

struct keys {
    pthread_mutex_t lock;
    struct key pairs[GENERATIONS][KEY_ALGS]; /* [0] is the newest; kid "" = none */
    long made;
};

static const char *const alg_names[KEY_ALGS] = { "RS256", "ES256" };

const char *key_alg_name(enum key_alg alg)
{
    return alg_names[alg];
}

bool key_alg_of(const char *name, enum key_alg *alg)
{
    for (int i = 0; i < KEY_ALGS; i++) {
        if (strcmp(name, alg_names[i]) == 0) {
            *alg = (enum key_alg)i;
            return true;
        }
    }
    return false;
}

void key_free(struct key *key)
{
    if (key->private_pem)
        OPENSSL_cleanse(key->private_pem, strlen(key->private_pem));
    free(key->private_pem);
    free(key->public_pem);
    json_decref(key->jwk);
    memset(key, 0, sizeof *key);
}

/* Adds a big number of the key to the JWK, as `size` bytes or as few as it needs. */
static bool jwk_number(json_t *jwk, const char *name, EVP_PKEY *pkey, const char *param, int size)
{
    BIGNUM *n = NULL;
    if (!EVP_PKEY_get_bn_param(pkey, param, &n))
        return false;
    if (!size)
        size = BN_num_bytes(n);
    unsigned char bytes[512];
    bool ok = size <= (int)sizeof bytes && BN_bn2binpad(n, bytes, size) == size;
    char *text = ok ? base64_text(bytes, (size_t)size, BASE64_URL) : NULL;
    ok = ok && json_object_set_new(jwk, name, json_string(text)) == 0;
    free(text);
    BN_free(n);
    return ok;
}

static json_t *jwk_of(const struct key *key, EVP_PKEY *pkey)
{
    bool rsa = key->alg == KEY_RS256, ok;
    json_t *jwk = json_pack("{s:s, s:s, s:s, s:s}", "kty", rsa ? "RSA" : "EC", "use", "sig", "alg",
                            key_alg_name(key->alg), "kid", key->kid);
    if (!jwk)
        return NULL;
    if (rsa)
        ok = jwk_number(jwk, "n", pkey, OSSL_PKEY_PARAM_RSA_N, 0) &&
             jwk_number(jwk, "e", pkey, OSSL_PKEY_PARAM_RSA_E, 0);
    else
        ok = json_object_set_new(jwk, "crv", json_string("P-256")) == 0 &&
             jwk_number(jwk, "x", pkey, OSSL_PKEY_PARAM_EC_PUB_X, 32) &&
             jwk_number(jwk, "y", pkey, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    if (ok)
        return jwk;
    json_decref(jwk);
    return NULL;
}

static char *pem_of(EVP_PKEY *pkey, bool private)
{
    BIO *bio = BIO_new(BIO_s_mem());
    char *text = NULL;
    if (bio &&
        (private ? PEM_write_bio_PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL) : PEM_write_bio_PUBKEY(bio, pkey))) {
        char *data;
        long n = BIO_get_mem_data(bio, &data);
        text = strndup(data, (size_t)n);
    }
    BIO_free(bio);
    return text;
}

static bool key_make(struct key *key, enum key_alg alg, long number)
{
    EVP_PKEY *pkey = alg == KEY_RS256 ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    if (!pkey)
        return false;
    memset(key, 0, sizeof *key);
    key->alg = alg;
    snprintf(key->kid, sizeof key->kid, "%s.%.15s.%lld", alg == KEY_RS256 ? "CORE_ATJWT" : "CORE_ATJWT_EC", ORG_ID,
             (long long)now_ms() + number);
    key->private_pem = pem_of(pkey, true);
    key->public_pem = pem_of(pkey, false);
    key->jwk = jwk_of(key, pkey);
    EVP_PKEY_free(pkey);
    if (key->private_pem && key->public_pem && key->jwk)
        return true;
    key_free(key);
    return false;
}

bool keys_rotate(struct keys *k, bool forget)
{
    struct key fresh[KEY_ALGS];
    pthread_mutex_lock(&k->lock);
    for (int i = 0; i < KEY_ALGS; i++) {
        if (!key_make(&fresh[i], (enum key_alg)i, ++k->made)) {
            while (i--)
                key_free(&fresh[i]);
            pthread_mutex_unlock(&k->lock);
            return false;
        }
    }
    for (int i = 0; i < KEY_ALGS; i++) {
        key_free(&k->pairs[1][i]);
        if (forget)
            key_free(&k->pairs[0][i]);
        k->pairs[1][i] = k->pairs[0][i];
        k->pairs[0][i] = fresh[i];
    }
    pthread_mutex_unlock(&k->lock);
    return true;
}

struct keys *keys_new(void)
{
    struct keys *k = calloc(1, sizeof *k);
    if (!k)
        return NULL;
    pthread_mutex_init(&k->lock, NULL);
    if (keys_rotate(k, true))
        return k;
    keys_free(k);
    return NULL;
}

void keys_free(struct keys *k)
{
    if (!k)
        return;
    for (int g = 0; g < GENERATIONS; g++)
        for (int i = 0; i < KEY_ALGS; i++)
            key_free(&k->pairs[g][i]);
    pthread_mutex_destroy(&k->lock);
    free(k);
}

json_t *keys_jwks(struct keys *k)
{
    json_t *list = json_array();
    pthread_mutex_lock(&k->lock);
    for (int g = 0; g < GENERATIONS; g++)
        for (int i = 0; i < KEY_ALGS; i++)
            if (k->pairs[g][i].jwk)
                json_array_append_new(list, json_deep_copy(k->pairs[g][i].jwk));
    pthread_mutex_unlock(&k->lock);
    return json_pack("{s:o}", "keys", list);
}

static bool key_copy(const struct key *key, struct key *out)
{
    if (!key->jwk)
        return false;
    struct key copy = *key;
    copy.private_pem = strdup(key->private_pem);
    copy.public_pem = strdup(key->public_pem);
    copy.jwk = json_deep_copy(key->jwk);
    if (copy.private_pem && copy.public_pem && copy.jwk) {
        *out = copy;
        return true;
    }
    key_free(&copy);
    return false;
}

bool keys_current(struct keys *k, enum key_alg alg, struct key *out)
{
    pthread_mutex_lock(&k->lock);
    bool ok = key_copy(&k->pairs[0][alg], out);
    pthread_mutex_unlock(&k->lock);
    return ok;
}

bool keys_find(struct keys *k, const char *kid, struct key *out)
{
    bool ok = false;
    pthread_mutex_lock(&k->lock);
    for (int g = 0; g < GENERATIONS && !ok; g++)
        for (int i = 0; i < KEY_ALGS && !ok; i++)
            ok = k->pairs[g][i].jwk && strcmp(k->pairs[g][i].kid, kid) == 0 && key_copy(&k->pairs[g][i], out);
    pthread_mutex_unlock(&k->lock);
    return ok;
}
