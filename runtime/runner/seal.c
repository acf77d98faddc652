/* seal.c - AES-256-GCM of callers' tokens, and the keys for it. */
#include "runtime/runner/seal.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#include "runtime/base/system.h"

enum { VERSION = 1 };
static const char key_info[] = "actionhost jobs 1", id_info[] = "actionhost jobs 1 id";

/* Where the parts of a sealed text begin. */
enum { AT_ID = 1, AT_NONCE = AT_ID + SEAL_KEY_ID, AT_TEXT = AT_NONCE + SEAL_NONCE };

/* The library takes parameters that are not const, and does not change them. */
static void *lent(const void *p)
{
    return (void *)(uintptr_t)p;
}

static bool derive(struct span secret, const char *info, unsigned char *out, size_t n)
{
    EVP_KDF *hkdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = hkdf ? EVP_KDF_CTX_new(hkdf) : NULL;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, lent("SHA256"), 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, lent(secret.p), secret.n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, lent(info), strlen(info)),
        OSSL_PARAM_construct_end(),
    };
    bool ok = ctx && EVP_KDF_derive(ctx, out, n, params) == 1;
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(hkdf);
    return ok;
}

bool seal_keys_derive(struct seal_keys *k, struct span present, struct span former)
{
    const struct span secrets[SEAL_KEYS] = { present, former };
    *k = (struct seal_keys){ 0 };
    for (size_t i = 0; i < SEAL_KEYS && secrets[i].n; i++) {
        struct seal_key *key = &k->v[k->n++];
        if (!derive(secrets[i], key_info, key->key, sizeof key->key) ||
            !derive(secrets[i], id_info, key->id, sizeof key->id)) {
            seal_keys_wipe(k);
            return false;
        }
    }
    return true;
}

void seal_keys_wipe(struct seal_keys *k)
{
    bytes_wipe(k, sizeof *k);
    k->n = 0;
}

static bool fits(struct span s)
{
    return s.n <= INT_MAX / 2;
}

/* The associated data are what stands before the nonce, and the job's id. */
static bool associate(EVP_CIPHER_CTX *ctx, const unsigned char *head, struct span job_id, bool sealing)
{
    int n;
    const unsigned char *id = (const unsigned char *)job_id.p;
    return sealing ? EVP_EncryptUpdate(ctx, NULL, &n, head, AT_NONCE) == 1 &&
                         EVP_EncryptUpdate(ctx, NULL, &n, id, (int)job_id.n) == 1
                   : EVP_DecryptUpdate(ctx, NULL, &n, head, AT_NONCE) == 1 &&
                         EVP_DecryptUpdate(ctx, NULL, &n, id, (int)job_id.n) == 1;
}

bool seal_close(const struct seal_keys *k, struct span job_id, struct span plain, struct buf *out)
{
    EVP_CIPHER_CTX *ctx = NULL;
    int n = 0, last = 0;
    bool ok = false;
    unsigned char *to = NULL;
    if (k->n == 0 || !fits(plain) || !fits(job_id) || job_id.n == 0)
        return false;
    to = (unsigned char *)buf_room(out, plain.n + SEAL_OVERHEAD);
    if (!to)
        return false;
    ctx = EVP_CIPHER_CTX_new();
    to[0] = VERSION;
    memcpy(to + AT_ID, k->v[0].id, SEAL_KEY_ID);
    random_bytes(to + AT_NONCE, SEAL_NONCE);
    ok = ctx && EVP_EncryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, k->v[0].key, to + AT_NONCE) == 1 &&
         associate(ctx, to, job_id, true) &&
         EVP_EncryptUpdate(ctx, to + AT_TEXT, &n, (const unsigned char *)plain.p, (int)plain.n) == 1 &&
         EVP_EncryptFinal_ex(ctx, to + AT_TEXT + n, &last) == 1 &&
         EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, SEAL_TAG, to + AT_TEXT + n + last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (ok)
        out->n += (size_t)(n + last) + SEAL_OVERHEAD;
    return ok;
}

static const struct seal_key *key_of(const struct seal_keys *k, const unsigned char *id)
{
    for (size_t i = 0; i < k->n; i++)
        if (memcmp(k->v[i].id, id, SEAL_KEY_ID) == 0)
            return &k->v[i];
    return NULL;
}

enum seal_opened seal_open(const struct seal_keys *k, struct span job_id, struct span sealed, struct buf *out)
{
    const unsigned char *from = (const unsigned char *)sealed.p;
    if (sealed.n < SEAL_OVERHEAD || !fits(sealed) || !fits(job_id) || from[0] != VERSION)
        return SEAL_DAMAGED;
    const struct seal_key *key = key_of(k, from + AT_ID);
    if (!key)
        return SEAL_OTHER_KEY;
    size_t length = sealed.n - SEAL_OVERHEAD;
    unsigned char *to = (unsigned char *)buf_room(out, length + 1);
    EVP_CIPHER_CTX *ctx = to ? EVP_CIPHER_CTX_new() : NULL;
    int n = 0, last = 0;
    bool ok = ctx && EVP_DecryptInit_ex(ctx, EVP_aes_256_gcm(), NULL, key->key, from + AT_NONCE) == 1 &&
              associate(ctx, from, job_id, false) && EVP_DecryptUpdate(ctx, to, &n, from + AT_TEXT, (int)length) == 1 &&
              EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_SET_TAG, SEAL_TAG, lent(from + AT_TEXT + length)) == 1 &&
              EVP_DecryptFinal_ex(ctx, to + n, &last) == 1;
    EVP_CIPHER_CTX_free(ctx);
    if (ok) {
        out->n += (size_t)(n + last);
        out->p[out->n] = '\0';
    } else if (to) {
        bytes_wipe(to, length);
    }
    return ok ? SEAL_OPENED : SEAL_DAMAGED;
}
