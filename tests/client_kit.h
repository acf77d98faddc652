/*
 * client_kit.h - a call with a client, a front that keeps its cache in a table, and an org that is a loopback server.
 */
#ifndef TESTS_CLIENT_KIT_H
#define TESTS_CLIENT_KIT_H

#include "runtime/base/system.h"
#include "runtime/client/client.h"
#include "tests/loopback.h"

#define KIT_TOKEN "EXAMPLE-TOKEN"
#define KIT_VERSION "51.0"

struct kit_entry {
    char key[LIMIT_CACHE_KEY];
    void *value;
    size_t n;
    int64_t put_ms;
    int ttl_s;
};

struct kit {
    struct origin *server;
    struct client *client;
    struct act_call call;
    struct services front;
    struct registry_row row;
    struct declaration declaration;
    struct kit_entry cache[32];
    size_t entries;
    int64_t age_ms; /* added to the age of all that is in the cache */
    int cache_gets, cache_puts;
    int authorizations;    /* how often the front was asked */
    char stale[64];        /* with which refused token, last */
    const char *tokens[4]; /* what it gives, in turn; NULL = refuses */
    char named_url[64];
};

static inline struct kit_entry *kit_find(struct kit *k, const char *key)
{
    for (size_t i = 0; i < k->entries; i++)
        if (strcmp(k->cache[i].key, key) == 0)
            return &k->cache[i];
    return NULL;
}

static inline bool kit_get(void *ctx, const char *key, void **value, size_t *n, int64_t *age_ms)
{
    struct kit *k = ctx;
    struct kit_entry *e = kit_find(k, key);
    k->cache_gets++;
    if (!e)
        return false;
    int64_t age = clock_ms() - e->put_ms + k->age_ms;
    if (age >= e->ttl_s * INT64_C(1000))
        return false;
    *value = malloc(e->n + 1);
    memcpy(*value, e->value, e->n);
    *n = e->n;
    *age_ms = age;
    return true;
}

static inline void kit_put(void *ctx, const char *key, const void *value, size_t n, int ttl_s)
{
    struct kit *k = ctx;
    struct kit_entry *e = kit_find(k, key);
    k->cache_puts++;
    if (!e) {
        if (k->entries == sizeof k->cache / sizeof *k->cache)
            return;
        e = &k->cache[k->entries++];
    }
    free(e->value);
    snprintf(e->key, sizeof e->key, "%s", key);
    e->value = malloc(n + 1);
    memcpy(e->value, value, n);
    e->n = n;
    e->put_ms = clock_ms();
    e->ttl_s = ttl_s;
}

static inline bool kit_authorization(void *ctx, const char *name, const char *stale, struct org_session *s,
                                     struct err *e)
{
    struct kit *k = ctx;
    int turn = k->authorizations++;
    copy_text(k->stale, sizeof k->stale, stale);
    if (turn > 3 || !k->tokens[turn])
        return err_set(e, 404, "authorization_unknown", "There is no authorization %s.", name);
    copy_text(s->id, sizeof s->id, "00D000000000002AAA");
    copy_text(s->url, sizeof s->url, k->named_url);
    copy_text(s->api_version, sizeof s->api_version, KIT_VERSION);
    copy_text(s->user_id, sizeof s->user_id, "005000000000009AAA");
    copy_text(s->token, sizeof s->token, k->tokens[turn]);
    return true;
}

static inline void kit_call(struct kit *k, int time_ms)
{
    call_init(&k->call, &k->declaration, &k->front);
    k->call.client = k->client;
    k->call.deadline_ms = clock_ms() + time_ms + LIMIT_ORG_MARGIN_MS;
    copy_text(k->call.request_id, sizeof k->call.request_id, "request-0123456789-abc");
    copy_text(k->call.org.session.id, sizeof k->call.org.session.id, "00D000000000001AAA");
    copy_text(k->call.org.session.user_id, sizeof k->call.org.session.user_id, "005000000000001AAA");
    copy_text(k->call.org.session.api_version, sizeof k->call.org.session.api_version, KIT_VERSION);
    copy_text(k->call.org.session.token, sizeof k->call.org.session.token, KIT_TOKEN);
    if (k->server)
        snprintf(k->call.org.session.url, sizeof k->call.org.session.url, "http://127.0.0.1:%d", k->server->port);
}

/* A server that answers by `answer`, a client that may go to it, and a call with ten seconds. */
static inline struct kit *kit_new(origin_answer *answer, void *ctx)
{
    struct kit *k = calloc(1, sizeof *k);
    struct client_settings *settings = calloc(1, sizeof *settings);
    char why[80];
    settings->backoff_ms = 10;
    if (!hosts_parse(&settings->org_hosts, "*.my.salesforce.com", true, why, sizeof why) ||
        !hosts_parse(&settings->fetch_hosts, "api.example.com", true, why, sizeof why))
        abort();
    k->client = client_new(settings);
    free(settings);
    if (!k->client)
        abort();
    k->server = answer ? origin_start(answer, ctx) : NULL;
    k->row.name = "test";
    k->declaration.row = &k->row;
    k->declaration.operation_id = "test";
    k->front =
        (struct services){ .ctx = k, .cache_get = kit_get, .cache_put = kit_put, .authorization = kit_authorization };
    if (k->server)
        snprintf(k->named_url, sizeof k->named_url, "http://127.0.0.1:%d", k->server->port);
    kit_call(k, 10000);
    return k;
}

/* Ends the call and begins another one with the same worker, org and cache. */
static inline void kit_again(struct kit *k, int time_ms)
{
    call_fini(&k->call);
    kit_call(k, time_ms);
}

static inline void kit_free(struct kit *k)
{
    call_fini(&k->call);
    client_free(k->client);
    if (k->server)
        origin_stop(k->server);
    for (size_t i = 0; i < k->entries; i++)
        free(k->cache[i].value);
    free(k);
}

#endif
