/* orgs.c - the orgs that a call can reach: the caller's, and those of named authorizations. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "runtime/client/client_parts.h"

/* Half of a SHA-256 tells tokens apart, and leads back to none: they are random and long. */
bool cache_owner(const struct org_session *session, char out[CACHE_OWNER])
{
    enum { HALF = 16 };
    unsigned char digest[EVP_MAX_MD_SIZE];
    const char *token = session->token;
    if (!session->user_id[0] || !token[0] || EVP_Digest(token, strlen(token), digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    int n = snprintf(out, CACHE_OWNER, "%s-", session->user_id);
    for (int i = 0; i < HALF; i++)
        n += snprintf(out + n, CACHE_OWNER - (size_t)n, "%02x", digest[i]);
    return true;
}

struct sf_org *act_org(struct act_call *call)
{
    call->org.call = call;
    return &call->org;
}

static void wipe_org(void *org)
{
    bytes_wipe(((struct sf_org *)org)->session.token, sizeof((struct sf_org *)org)->session.token);
}

struct sf_org *act_authorization(struct act_call *call, const char *name, struct sf_error *err)
{
    struct err e = { 0 };
    sf_error_clear(err);
    if (!sf_name_ok(name, false)) {
        sf_error_set(err, 0, "CLIENT_FAULT", "An authorization's name has letters, digits and \"_\" only.");
        return NULL;
    }
    for (struct sf_org *o = call->others; o; o = o->next)
        if (strcmp(o->session.authorization, name) == 0)
            return o;
    struct sf_org *org = act_alloc(call, sizeof *org);
    act_defer(call, wipe_org, org);
    if (!call->front->authorization(call->front->ctx, name, "", &org->session, &e)) {
        sf_error_set(err, e.status >= 400 ? e.status : 503, e.code[0] ? e.code : "authorization_failed", "%s",
                     e.message);
        err->other_org = err->from_host = true;
        err->retry_after_s = e.retry_after_s;
        return NULL;
    }
    org->call = call;
    copy_text(org->session.authorization, sizeof org->session.authorization, name);
    org->describes = NULL;
    org->next = call->others;
    call->others = org;
    return org;
}
