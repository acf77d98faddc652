/* authentication.c - an open question about a caller, and whom its answer is for. */
#include "runtime/web/authentication.h"

#include <stdlib.h>

#include "runtime/base/system.h"

/* What those who are asked may look at until there is an answer, whatever becomes of the asker. */
struct authentication {
    struct authentication_asker asker; /* open == NULL: it waits no more */
    struct request_context rc;
    struct caller caller;
    char *memory; /* of rc, once the asker has gone */
    size_t memory_n;
    int64_t exp_s;
};

static struct authentication *authentication_new(const struct authentication_asker *asker)
{
    struct authentication *a = malloc(sizeof *a);
    if (!a) {
        struct err e;
        err_set(&e, 503, "busy", "The host has no memory left. Try again in a moment.");
        e.retry_after_s = 1;
        asker->done(asker->ctx, &e, 0);
        return NULL;
    }
    *a = (struct authentication){ .asker = *asker };
    *asker->open = a;
    return a;
}

static void on_verdict(void *ctx, const struct err *e)
{
    struct authentication *a = ctx;
    const struct authentication_asker asker = a->asker;
    int64_t exp_s = a->exp_s;
    if (a->memory)
        bytes_wipe(a->memory, a->memory_n);
    free(a->memory);
    free(a);
    if (!asker.open)
        return;
    *asker.open = NULL;
    asker.done(asker.ctx, e, exp_s);
}

static void ask_addon(struct authentication *a)
{
    const struct addon_invocation i = { .org_domain_url = a->rc.org_domain_url,
                                        .core_jwt = a->rc.auth,
                                        .org_id = a->rc.org_id,
                                        .app_uuid = a->rc.app_uuid,
                                        .request_id = a->asker.request_id };
    addon_authenticate(a->asker.shared->addon, &i, on_verdict, a);
}

/* The token was looked at here; where both must agree, the add-on is asked next. */
static void on_verified(void *ctx, const struct err *e, int64_t exp_s)
{
    struct authentication *a = ctx;
    a->exp_s = exp_s;
    if (a->asker.open && !e->status && a->asker.shared->config->auth == AUTH_ADDON_JWKS)
        ask_addon(a);
    else
        on_verdict(a, e);
}

void authentication_ask(const struct authentication_asker *asker, const struct request_context *rc,
                        const struct caller *caller)
{
    struct authentication *a = authentication_new(asker);
    if (!a)
        return;
    a->rc = *rc;
    a->caller = *caller;
    if (asker->shared->config->auth == AUTH_ADDON)
        ask_addon(a);
    else
        verify_token(asker->shared->verify, &a->rc, &a->caller, on_verified, a);
}

void authentication_ask_data_action(const struct authentication_asker *asker, const struct addon_data_action *d)
{
    struct authentication *a = authentication_new(asker);
    if (a)
        addon_authenticate_data_action(asker->shared->addon, d, on_verdict, a);
}

bool authentication_forget(struct authentication **open, char *memory, size_t n)
{
    struct authentication *a = *open;
    if (!a)
        return false;
    a->asker.open = NULL;
    a->memory = memory;
    a->memory_n = n;
    *open = NULL;
    return true;
}
