/* subscription_schemas.c - schemas by their ids: each asked for once, and kept in memory. */
#include <stdio.h>
#include <string.h>

#include "runtime/base/system.h"
#include "runtime/events/subscription_parts.h"

static void forget(struct known_schema *k)
{
    form_free(k->form);
    *k = (struct known_schema){ .id = "" };
}

void schemas_free(struct subscription *s)
{
    for (int i = 0; i < SUBSCRIPTION_SCHEMAS; i++)
        forget(&s->schemas[i]);
    s->wanted = NULL;
}

/* A vacant place, else that of the schema that was unused longest. */
static struct known_schema *place(struct subscription *s)
{
    struct known_schema *oldest = &s->schemas[0];
    for (int i = 1; i < SUBSCRIPTION_SCHEMAS; i++)
        if (s->schemas[i].used < oldest->used)
            oldest = &s->schemas[i];
    forget(oldest);
    return oldest;
}

static void on_schema(void *ctx, struct span message)
{
    struct subscription *s = ctx;
    struct known_schema *k = s->wanted;
    pubsub_schema *m = pubsub_schema_read(message);
    if (!k || k->form) {
        pubsub_schema_free(m);
        return;
    }
    if (!m)
        snprintf(k->why, sizeof k->why, "its schema is no answer of GetSchema");
    else if (strcmp(m->schema_id, k->id) != 0)
        snprintf(k->why, sizeof k->why, "its schema was answered by another one");
    else
        k->form = form_new(span_of(k->id), span_of(m->schema_json), k->why, sizeof k->why);
    pubsub_schema_free(m);
}

/*
 * What the org says of an id for good is remembered, and the event kept apart. Everything else ends the stream as its
 * own end would, and nothing is lost: the schema is asked for again when the event has come again.
 */
static void on_schema_end(void *ctx, const struct grpc_end *end)
{
    struct subscription *s = ctx;
    struct known_schema *k = s->wanted;
    bool for_good = end->status == GRPC_NOT_FOUND || end->status == GRPC_INVALID_ARGUMENT;
    s->unary = NULL;
    s->wanted = NULL;
    if (!k)
        return;
    if (!k->form && !k->why[0] && for_good)
        snprintf(k->why, sizeof k->why, "the org does not know its schema");
    if (k->form || k->why[0]) {
        stream_pump(s);
        return;
    }
    forget(k);
    subscription_stop(s, policy_of(end), *end->message ? end->message : "a schema does not come");
}

static bool ask(struct subscription *s, struct known_schema *k)
{
    uint8_t request[PUBSUB_REQUEST];
    const struct grpc_metadata m = subscription_metadata(s);
    s->unary = grpc_call(s->grpc, "GetSchema", &m, on_schema, on_schema_end, s);
    if (!s->unary || !grpc_send(s->unary, request, pubsub_schema_request(request, k->id)))
        return false;
    grpc_half_close(s->unary);
    s->due_ms = clock_ms() + SUBSCRIPTION_CALL_MS;
    return true;
}

const struct known_schema *schemas_get(struct subscription *s, const char *id)
{
    static const struct known_schema nameless = { .why = "it names no schema, or one with a name that is too long" };
    if (!*id || strlen(id) > FORM_ID)
        return &nameless;
    for (int i = 0; i < SUBSCRIPTION_SCHEMAS; i++) {
        struct known_schema *k = &s->schemas[i];
        if (strcmp(k->id, id) == 0 && k != s->wanted) {
            k->used = ++s->uses;
            return k;
        }
    }
    if (s->wanted)
        return NULL;
    struct known_schema *k = place(s);
    copy_text(k->id, sizeof k->id, id);
    k->used = ++s->uses;
    s->wanted = k;
    if (!ask(s, k)) {
        s->wanted = NULL;
        forget(k);
        subscription_stop(s, policy_of(&(struct grpc_end){ GRPC_BROKEN, "", "" }), "a schema cannot be asked for");
    }
    return NULL;
}

void schemas_work(struct subscription *s, int64_t now_ms)
{
    if (!s->wanted || now_ms < s->due_ms)
        return;
    forget(s->wanted);
    s->wanted = NULL;
    subscription_stop(s, policy_of(&(struct grpc_end){ GRPC_BROKEN, "", "" }), "a schema does not come");
}
