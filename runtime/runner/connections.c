/* connections.c - asks for the sessions of all connections, which are remembered, and picks the org's. */
#include "runtime/runner/connections.h"

#include <stdlib.h>

struct search {
    struct connections *owner;
    char org_id[RECORD_ID_SIZE], name[sizeof((struct org_session *)0)->authorization];
    struct err unanswered; /* status 0 = each was answered */
    int left;              /* connections of which nothing was heard yet, and the search itself while it asks */
    connection_fn *done;
    void *ctx;
    struct search *next;
};

struct connections {
    struct authorizations *authorizations;
    const struct span_list *names;
    struct search *searches;
};

struct connections *connections_new(struct authorizations *a, const struct span_list *names)
{
    struct connections *c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->authorizations = a;
    c->names = names;
    return c;
}

void connections_free(struct connections *c)
{
    if (!c)
        return;
    for (struct search *s; (s = c->searches);) {
        c->searches = s->next;
        free(s);
    }
    free(c);
}

static void finish(struct search *s)
{
    struct search **link = &s->owner->searches;
    while (*link != s)
        link = &(*link)->next;
    *link = s->next;
    struct err e = s->unanswered;
    if (!e.status)
        err_set(&e, 409, "no_connection",
                "This job runs as a connection, and no connection of this host leads to your org. Authorize the org "
                "for this app in Heroku AppLink, and add the authorization's name to CONNECTIONS.");
    s->done(s->ctx, s->name[0] ? s->name : NULL, &e);
    free(s);
}

static void heard(struct search *s)
{
    if (--s->left == 0)
        finish(s);
}

static void on_session(void *ctx, const struct org_session *session, const struct err *e)
{
    struct search *s = ctx;
    if (session && record_id_same(span_of(session->id), span_of(s->org_id)))
        copy_text(s->name, sizeof s->name, session->authorization);
    else if (!session && e->status == 503)
        s->unanswered = *e;
    heard(s);
}

void connections_find(struct connections *c, const char *org_id, connection_fn *done, void *ctx)
{
    struct search *s = calloc(1, sizeof *s);
    if (!s) {
        struct err e;
        err_set(&e, 503, "busy", "The host has no memory left for this call. Try again in a moment.");
        done(ctx, NULL, &e);
        return;
    }
    *s = (struct search){ .owner = c, .left = (int)c->names->n + 1, .done = done, .ctx = ctx, .next = c->searches };
    copy_text(s->org_id, sizeof s->org_id, org_id);
    c->searches = s;
    for (size_t i = 0; i < c->names->n; i++) {
        char name[sizeof s->name];
        copy_span(name, sizeof name, c->names->v[i]);
        authorizations_get(c->authorizations, name, "", on_session, s);
    }
    heard(s);
}

void connections_named(struct connections *c, struct span name, authorization_fn *done, void *ctx)
{
    char text[sizeof((struct org_session *)0)->authorization];
    struct err e;
    copy_span(text, sizeof text, name);
    for (size_t i = 0; i < c->names->n; i++)
        if (span_eq(c->names->v[i], text)) {
            authorizations_get(c->authorizations, text, "", done, ctx);
            return;
        }
    err_set(&e, 404, "unknown_connection", "There is no such connection. Check its name, or add it to CONNECTIONS.");
    done(ctx, NULL, &e);
}
