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

/* ---- the connections of the host: who may use which, and as whom ---- */

static const struct client_settings *settings_of(const struct act_call *call)
{
    return call->client ? client_settings(call->client) : NULL;
}

/* A job's step runs with rights that were looked at when it was started. */
bool act_connections_all(const struct act_call *call)
{
    const struct client_settings *set = settings_of(call);
    if (call->page)
        return true;
    for (size_t i = 0; set && set->connections_callers && i < set->connections_callers->n; i++)
        if (record_id_same(set->connections_callers->v[i], span_of(call->org.session.id)))
            return true;
    return false;
}

size_t act_connections(struct act_call *call, const char *const **names)
{
    const struct client_settings *set = settings_of(call);
    if (!set || !set->connections || !act_connections_all(call))
        return 0;
    const char **made = act_alloc(call, (set->connections->n + 1) * sizeof *made);
    for (size_t i = 0; i < set->connections->n; i++)
        made[i] = act_printf(call, "%.*s", (int)set->connections->v[i].n, set->connections->v[i].p);
    *names = made;
    return set->connections->n;
}

static bool is_connection(const struct act_call *call, const char *name)
{
    const struct client_settings *set = settings_of(call);
    for (size_t i = 0; set && set->connections && i < set->connections->n; i++)
        if (span_eq(set->connections->v[i], name))
            return true;
    return false;
}

static struct sf_org *refused(struct sf_error *err, int status, const char *code, const char *message)
{
    sf_error_clear(err);
    sf_error_set(err, status, code, "%s", message);
    err->from_host = true;
    return NULL;
}

struct sf_org *act_connection(struct act_call *call, const char *name, struct sf_error *err)
{
    static const char not_allowed[] = "You may use the connection of your own org only. Leave the connection out, or "
                                      "ask whoever runs this service to add your org to CONNECTIONS_CALLERS.";
    bool all = act_connections_all(call);
    if (strcmp(name, ACT_OWN_ORG) == 0 && call->org.session.token[0])
        return act_org(call);
    if (!is_connection(call, name))
        return all ? refused(err, 404, "unknown_connection",
                             "There is no such connection. Check its name, or add it to CONNECTIONS.")
                   : refused(err, 403, "connection_not_allowed", not_allowed);
    struct sf_org *org = act_authorization(call, name, err);
    if (all)
        return org;
    /* a connection that has no session now may be anybody's: that it exists is not told either */
    if (!org || !call->org.session.id[0] || !record_id_same(span_of(org->session.id), span_of(call->org.session.id)))
        return refused(err, 403, "connection_not_allowed", not_allowed);
    return act_org(call); /* as himself, not as whoever has authorized it */
}

void act_connections_expect(struct act_call *call, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (is_connection(call, names[i]) && call->front->authorization_wish)
            call->front->authorization_wish(call->front->ctx, names[i]);
}

struct sf_whose sf_whose(const struct sf_org *org)
{
    return (struct sf_whose){ org->session.id, org->session.url, org->session.api_version, org->session.username };
}
