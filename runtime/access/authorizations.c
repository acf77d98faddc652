/* authorizations.c - what is known of each named authorization, and who waits for it. */
#include "runtime/access/authorizations.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"

struct waiter {
    authorization_fn *done;
    void *ctx;
    struct waiter *next;
};

/* A named authorization: what is known of it, and who waits for it. */
struct authorization {
    struct authorizations *owner;
    struct org_session session;
    bool known, fetching;
    struct waiter *waiters;
    struct authorization *next;
};

struct authorizations {
    struct addon *addon;
    struct authorization *list; /* the one used last in front */
    size_t count;               /* LIMIT_AUTHORIZATIONS at most: actions choose the names */
};

struct authorizations *authorizations_new(struct addon *addon)
{
    struct authorizations *a = calloc(1, sizeof *a);
    if (!a)
        abort();
    a->addon = addon;
    return a;
}

void authorizations_free(struct authorizations *a)
{
    if (!a)
        return;
    for (struct authorization *n, *x = a->list; x; x = n) {
        n = x->next;
        bytes_wipe(&x->session, sizeof x->session);
        for (struct waiter *w; (w = x->waiters);) {
            x->waiters = w->next;
            free(w);
        }
        free(x);
    }
    free(a);
}

static bool text_of(const json_t *o, const char *key, char *out, size_t size)
{
    const char *s = json_string_value(json_object_get(o, key));
    if (!s || !*s || strlen(s) >= size)
        return false;
    copy_text(out, size, s);
    return true;
}

/* *s keeps the authorization's name, by which it is found again. */
static bool read_session(struct span body, struct org_session *s)
{
    json_t *j = json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *o = json_object_get(j, "org"), *user = json_object_get(o, "user_auth");
    char version[16] = "", name[sizeof s->authorization];
    copy_text(name, sizeof name, s->authorization);
    *s = (struct org_session){ 0 };
    bool ok = text_of(o, "id", s->id, sizeof s->id) && text_of(o, "instance_url", s->url, sizeof s->url) &&
              text_of(o, "api_version", version, sizeof version) &&
              text_of(user, "access_token", s->token, sizeof s->token);
    copy_text(s->api_version, sizeof s->api_version, version[0] == 'v' ? version + 1 : version);
    (void)text_of(user, "user_id", s->user_id, sizeof s->user_id);
    (void)text_of(user, "username", s->username, sizeof s->username);
    for (size_t n = strlen(s->url); n && s->url[n - 1] == '/'; n--)
        s->url[n - 1] = '\0';
    copy_text(s->authorization, sizeof s->authorization, name);
    json_decref(j);
    return ok;
}

static void not_authorized(const struct fetch_result *r, const char *name, struct err *e)
{
    json_t *j = r->status ? json_loadb(r->body.p, r->body.n, 0, NULL) : NULL;
    const char *title = json_string_value(json_object_get(j, "title")),
               *detail = json_string_value(json_object_get(j, "detail"));
    if (r->status == 0)
        err_set(e, 503, "addon_unavailable", "The AppLink add-on did not answer for authorization %s (%s).", name,
                http_failure_word(r->failure));
    else if (title)
        err_set(e, 502, "authorization_failed", "%s - %s", title, detail ? detail : "");
    else
        err_set(e, 502, "authorization_failed", "Unable to get connection %s: HTTP Error Response: %d", name,
                r->status);
    json_decref(j);
}

static void on_authorization(void *ctx, const struct fetch_result *r)
{
    struct authorization *x = ctx;
    struct err e = { 0 };
    addon_heard(x->owner->addon, r);
    x->known = r->status == 200 && read_session(r->body, &x->session);
    if (!x->known && r->status == 200)
        err_set(&e, 502, "authorization_failed", "The add-on's answer for authorization %s is not complete.",
                x->session.authorization);
    else if (!x->known)
        not_authorized(r, x->session.authorization, &e);
    x->fetching = false;
    struct waiter *list = x->waiters;
    x->waiters = NULL;
    while (list) {
        struct waiter *w = list;
        list = w->next;
        w->done(w->ctx, x->known ? &x->session : NULL, &e);
        free(w);
    }
}

/* Found, it comes to the front of the list. */
static struct authorization *find(struct authorizations *a, const char *name)
{
    for (struct authorization *x, **at = &a->list; (x = *at); at = &x->next) {
        if (strcmp(x->session.authorization, name) != 0)
            continue;
        *at = x->next;
        x->next = a->list;
        return a->list = x;
    }
    return NULL;
}

/* Forgets the one that was unused longest and that nobody waits for. False: somebody waits for each. */
static bool make_room(struct authorizations *a)
{
    struct authorization **oldest = NULL;
    if (a->count < LIMIT_AUTHORIZATIONS)
        return true;
    for (struct authorization **at = &a->list; *at; at = &(*at)->next)
        if (!(*at)->fetching)
            oldest = at;
    if (!oldest)
        return false;
    struct authorization *x = *oldest;
    *oldest = x->next;
    a->count--;
    bytes_wipe(&x->session, sizeof x->session);
    free(x);
    return true;
}

static struct authorization *add(struct authorizations *a, const char *name)
{
    struct authorization *x = make_room(a) ? calloc(1, sizeof *x) : NULL;
    if (!x)
        return NULL;
    x->owner = a;
    copy_text(x->session.authorization, sizeof x->session.authorization, name);
    x->next = a->list;
    a->count++;
    return a->list = x;
}

static bool name_char(char c)
{
    return char_alnum(c) || c == '_' || c == '-';
}

/* A developer name of an authorization; anything else would reach into the add-on's URL. */
static bool name_ok(struct span name)
{
    return name.n > 0 && name.n <= 80 && span_all(name, name_char);
}

static bool fetch(struct authorizations *a, struct authorization *x)
{
    x->fetching = addon_fetch_authorization(a->addon, x->session.authorization, on_authorization, x);
    return x->fetching;
}

void authorizations_get(struct authorizations *a, const char *name, const char *stale, authorization_fn *done,
                        void *ctx)
{
    struct err e = { 0 };
    struct authorization *x = find(a, name);
    if (x && x->known && !x->fetching && strcmp(x->session.token, stale) != 0) {
        done(ctx, &x->session, &e);
        return;
    }
    if (!x && name_ok(span_of(name)))
        x = add(a, name);
    struct waiter *w = x ? malloc(sizeof *w) : NULL;
    if (!w || (!x->fetching && !fetch(a, x))) {
        free(w);
        if (!name_ok(span_of(name)))
            err_set(&e, 500, "authorization_failed", "Developer name not provided, or not a developer name.");
        else
            addon_unavailable(&e);
        done(ctx, NULL, &e);
        return;
    }
    *w = (struct waiter){ done, ctx, x->waiters };
    x->waiters = w;
}

void authorizations_expect(struct authorizations *a, const char *name)
{
    struct authorization *x = find(a, name);
    if (!x && name_ok(span_of(name)))
        x = add(a, name);
    if (x && !x->known && !x->fetching)
        (void)!fetch(a, x);
}
