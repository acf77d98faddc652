/* apps.c - see apps.h. */
#include "sandbox/login/apps.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/text.h"
#include "sandbox/state/state.h"

struct apps {
    pthread_mutex_t lock;
    struct app list[APPS_MAX];
    int n;
};

struct apps *apps_new(void)
{
    struct apps *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    pthread_mutex_init(&a->lock, NULL);
    a->n = 1;
    copy_text(a->list[0].client_id, sizeof a->list[0].client_id, APP_SAMPLE_ID);
    copy_text(a->list[0].secret, sizeof a->list[0].secret, APP_SAMPLE_SECRET);
    copy_text(a->list[0].run_as, sizeof a->list[0].run_as, SANDBOX_ADMIN);
    return a;
}

void apps_free(struct apps *a)
{
    if (!a)
        return;
    pthread_mutex_destroy(&a->lock);
    free(a);
}

/* The public key of a certificate, or the key itself, written anew as a PUBLIC KEY of at least 2048 bits. */
static bool public_pem_of(const char *pem, char out[APP_PEM_MAX])
{
    BIO *in = BIO_new_mem_buf(pem, -1), *text = BIO_new(BIO_s_mem());
    X509 *certificate = in ? PEM_read_bio_X509(in, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key = NULL;
    bool ok = false;
    if (certificate) {
        key = X509_get_pubkey(certificate);
    } else if (in && BIO_reset(in) >= 0) {
        key = PEM_read_bio_PUBKEY(in, NULL, NULL, NULL);
    }
    if (key && text && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA && EVP_PKEY_get_bits(key) >= 2048 &&
        PEM_write_bio_PUBKEY(text, key)) {
        char *data;
        long n = BIO_get_mem_data(text, &data);
        if (n > 0 && n < APP_PEM_MAX) {
            memcpy(out, data, (size_t)n);
            out[n] = 0;
            ok = true;
        }
    }
    EVP_PKEY_free(key);
    X509_free(certificate);
    BIO_free(in);
    BIO_free(text);
    return ok;
}

bool apps_set(struct apps *a, const json_t *spec, char *why, size_t why_size)
{
    *why = 0;
    const char *id = json_text(spec, "clientId", "", why, why_size);
    const char *secret = json_text(spec, "clientSecret", "", why, why_size);
    const char *run_as = json_text(spec, "runAs", "", why, why_size);
    const char *pem = json_text(spec, "certificate", "", why, why_size);
    struct app app = { .client_id = "" };
    if (*why)
        return false;
    if (!*id || strlen(id) > APP_NAME_MAX || strlen(secret) > APP_NAME_MAX || strlen(run_as) >= sizeof app.run_as) {
        snprintf(why, why_size, "clientId and clientSecret have 1 to %d characters", APP_NAME_MAX);
        return false;
    }
    if (*pem && !public_pem_of(pem, app.public_pem)) {
        snprintf(why, why_size, "certificate is not the PEM of an RSA key of 2048 bits or more, or of its certificate");
        return false;
    }
    copy_text(app.client_id, sizeof app.client_id, id);
    copy_text(app.secret, sizeof app.secret, secret);
    copy_text(app.run_as, sizeof app.run_as, run_as);
    pthread_mutex_lock(&a->lock);
    int i = 0;
    while (i < a->n && strcmp(a->list[i].client_id, id) != 0)
        i++;
    bool ok = i < APPS_MAX;
    if (ok)
        a->list[i] = app;
    else
        snprintf(why, why_size, "more than %d apps", APPS_MAX);
    if (ok && i == a->n)
        a->n++;
    pthread_mutex_unlock(&a->lock);
    return ok;
}

bool apps_find(struct apps *a, const char *client_id, struct app *out)
{
    bool found = false;
    pthread_mutex_lock(&a->lock);
    for (int i = 0; i < a->n && !found; i++) {
        found = strcmp(a->list[i].client_id, client_id) == 0;
        if (found)
            *out = a->list[i];
    }
    pthread_mutex_unlock(&a->lock);
    return found;
}
