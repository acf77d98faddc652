/* verify.c - local verification of tokens, with the keys' refresh around it. */
#include "runtime/auth/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

#include "runtime/auth/claims.h"
#include "runtime/auth/jwks.h"
#include "runtime/base/system.h"

/* An invocation that waits for keys. */
struct pending {
    const struct request_context *rc;
    const struct caller *caller;
    verify_done_fn *done;
    void *ctx;
    struct pending *next;
};

struct verify {
    struct fetcher *fetcher;
    struct curl_slist *headers;
    const char *url;
    int timeout_ms;
    struct jwks *keys;
    struct claims_rules rules;
    struct pending *waiting;
    struct jws token; /* of the verification at work; too large for a stack frame */
};

static bool unavailable(struct err *e)
{
    err_set(e, 503, "keys_unavailable", "The keys that prove an invocation cannot be had. Try again in a moment.");
    e->retry_after_s = 5;
    return false;
}

/* NULL: the reason is in `why`. */
static struct keyring *keyring_of_file(const char *path, char *why, size_t size)
{
    struct buf text;
    struct keyring *ring = NULL;
    buf_init(&text, JWKS_BYTES);
    if (buf_file(&text, path))
        ring = keyring_new((struct span){ text.p, text.n }, why, size);
    else
        copy_text(why, size, "cannot be read, is empty or too large");
    buf_free(&text);
    return ring;
}

static struct jwks *keys_of_file(const char *path, struct start_fault *fault)
{
    char why[200];
    struct keyring *ring = keyring_of_file(path, why, sizeof why);
    if (!ring) {
        start_fault_set(fault, EX_CONFIG, "APPLINK_JWKS_FILE %s: %s", path, why);
        return NULL;
    }
    struct jwks *keys = jwks_new_fixed(ring);
    if (!keys)
        keyring_free(ring);
    return keys;
}

bool verify_check(const struct config *c, struct buf *faults)
{
    char why[200];
    if (c->auth == AUTH_ADDON || !c->jwks_file)
        return true;
    struct keyring *ring = keyring_of_file(c->jwks_file, why, sizeof why);
    if (!ring)
        config_fault(faults, "APPLINK_JWKS_FILE", c->jwks_file, why);
    keyring_free(ring);
    return ring != NULL;
}

struct verify *verify_new(const struct config *c, struct fetcher *f, struct start_fault *fault)
{
    struct verify *v = calloc(1, sizeof *v);
    start_fault_set(fault, EX_OSERR, "no memory for the keys");
    if (!v)
        return NULL;
    v->fetcher = f;
    v->timeout_ms = c->addon_timeout_ms;
    v->url = c->jwks_url;
    v->rules = (struct claims_rules){ .issuers = c->issuers, .audiences = c->audiences, .org_hosts = &c->org_hosts };
    v->keys = c->jwks_file ? keys_of_file(c->jwks_file, fault) : jwks_new_url(c->jwks_max_age_s * INT64_C(1000));
    if (!v->keys) {
        verify_free(v);
        return NULL;
    }
    v->headers = curl_slist_append(NULL, "Accept: application/json");
    return v;
}

void verify_free(struct verify *v)
{
    if (!v)
        return;
    for (struct pending *p; (p = v->waiting);) {
        v->waiting = p->next;
        free(p);
    }
    curl_slist_free_all(v->headers);
    jwks_free(v->keys);
    bytes_wipe(&v->token, sizeof v->token);
    free(v);
}

bool verify_ready(const struct verify *v)
{
    return jwks_ready(v->keys, clock_ms());
}

/* Signature and claims of the token that passed the gate. */
static bool check(struct verify *v, const struct jws_key *key, const struct caller *caller, int64_t *exp_s,
                  struct err *e)
{
    const struct jws *t = &v->token;
    struct claims claims;
    if (!jws_check(t->alg, key, t->signing_input, (struct span){ (const char *)t->signature, t->signature_n }))
        return err_set(e, 403, "invalid_token", "The invocation's token is not signed by one of the trusted keys.");
    if (!claims_check(t, &v->rules, caller, (int64_t)time(NULL), &claims, e))
        return false;
    *exp_s = claims.exp;
    return true;
}

enum outcome { DONE, WAIT };

/* One attempt; e->status 0 = genuine. */
static enum outcome attempt(struct verify *v, const struct request_context *rc, const struct caller *caller,
                            int64_t *exp_s, struct err *e)
{
    const struct jws_key *key = NULL;
    *e = (struct err){ 0 };
    if (!jws_gate(rc->auth, false, &v->token, e))
        return DONE;
    switch (jwks_find(v->keys, v->token.kid, v->token.alg, clock_ms(), &key)) {
    case JWKS_FOUND:
        if (check(v, key, caller, exp_s, e))
            e->status = 0;
        return DONE;
    case JWKS_UNKNOWN:
        err_set(e, 403, "invalid_token", "The invocation's token is not signed by one of the trusted keys.");
        return DONE;
    case JWKS_UNAVAILABLE:
        unavailable(e);
        return DONE;
    case JWKS_WAIT:
        break;
    }
    return WAIT;
}

/* Everybody who waited gets a verdict now: what a fetch did not bring, the next caller may ask for. */
static void settle(struct verify *v)
{
    struct pending *list = v->waiting;
    v->waiting = NULL;
    while (list) {
        struct pending *p = list;
        struct err e;
        int64_t exp_s = 0;
        list = p->next;
        if (attempt(v, p->rc, p->caller, &exp_s, &e) == WAIT)
            unavailable(&e);
        p->done(p->ctx, &e, exp_s);
        free(p);
    }
}

static void on_keys(void *ctx, const struct fetch_result *r)
{
    struct verify *v = ctx;
    char why[200], number[16];
    struct keyring *ring = NULL;
    snprintf(number, sizeof number, "%d", r->status);
    snprintf(why, sizeof why, "%s", r->failure ? http_failure_word(r->failure) : "status is not 200");
    if (r->status == 200 && !r->failure)
        ring = keyring_new(r->body, why, sizeof why);
    if (!ring)
        log_event(LOG_WARN, "keys-failed", "status", number, "reason", why, NULL);
    else
        log_event(LOG_INFO, "keys-fetched", NULL);
    jwks_fetched(v->keys, ring, clock_ms());
    settle(v);
}

void verify_work(struct verify *v, int64_t now_ms)
{
    const struct fetch_request r = {
        .url = v->url, .headers = v->headers, .timeout_ms = v->timeout_ms, .max = JWKS_BYTES
    };
    if (!jwks_fetch_due(v->keys, now_ms))
        return;
    if (fetcher_start(v->fetcher, &r, on_keys, v))
        return;
    jwks_fetched(v->keys, NULL, now_ms);
    settle(v);
}

int verify_timeout_ms(const struct verify *v, int64_t now_ms)
{
    int64_t next = jwks_next_ms(v->keys);
    if (next == INT64_MAX)
        return -1;
    return next <= now_ms ? 0 : next - now_ms < 60000 ? (int)(next - now_ms) : 60000;
}

void verify_token(struct verify *v, const struct request_context *rc, const struct caller *caller, verify_done_fn *done,
                  void *ctx)
{
    struct err e;
    int64_t exp_s = 0;
    struct pending *p = NULL;
    if (attempt(v, rc, caller, &exp_s, &e) == DONE) {
        done(ctx, &e, exp_s);
    } else if (!(p = malloc(sizeof *p))) {
        unavailable(&e);
        done(ctx, &e, 0);
    } else {
        *p = (struct pending){ rc, caller, done, ctx, v->waiting };
        v->waiting = p;
        verify_work(v, clock_ms());
    }
}
