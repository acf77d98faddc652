/* commit.c - what one transaction has changed becomes events: those that tell the same share one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/pubsub/bus_parts.h"

enum { IDS_EACH = 40000 /* so that an event stays below 1 MB */ };

/* An event to be, of one record or more. */
struct group {
    struct event_schema *schema;
    struct event_body body;
    uint64_t hash;
    struct text ids; /* each with a NUL */
    size_t n_ids;
};

struct telling {
    struct bus *bus;
    const struct commit *commit;
    char key[UUID_SIZE];
    struct group *groups;
    size_t n;
};

static uint64_t hash_of(const struct event_body *b)
{
    uint64_t h = 14695981039346656037u ^ (uint64_t)b->kind; /* FNV-1a */
    for (size_t i = 0; i < b->bytes.n; i++)
        h = (h ^ (unsigned char)b->bytes.p[i]) * 1099511628211u;
    return h;
}

static enum event_kind kind_of(enum change_kind kind)
{
    static const enum event_kind kinds[] = { [CHANGE_CREATE] = EVENT_CREATE,
                                             [CHANGE_UPDATE] = EVENT_UPDATE,
                                             [CHANGE_DELETE] = EVENT_DELETE,
                                             [CHANGE_UNDELETE] = EVENT_UNDELETE };
    return kinds[kind];
}

static struct group *group_like(struct telling *t, const struct group *like)
{
    for (size_t i = 0; i < t->n; i++) {
        struct group *g = &t->groups[i];
        if (g->schema == like->schema && g->hash == like->hash && g->n_ids < IDS_EACH &&
            event_body_same(&g->body, &like->body))
            return g;
    }
    return NULL;
}

static void add_id(struct group *g, const char *id)
{
    text_add(&g->ids, id, ID_SIZE);
    g->n_ids++;
}

static void add_change(struct telling *t, const struct org *o, const struct change *c)
{
    struct group made = { .schema = bus_schema_of(t->bus, o, c->object) };
    if (!made.schema || !event_body_make(made.schema, kind_of(c->kind), c, &made.body)) {
        fprintf(stderr, "sandbox: no event could be made of %s %s\n", c->object->name, c->id);
        event_body_free(&made.body);
        return;
    }
    made.hash = hash_of(&made.body);
    struct group *known = group_like(t, &made);
    if (known) {
        event_body_free(&made.body);
        add_id(known, c->id);
        return;
    }
    t->groups[t->n] = made;
    add_id(&t->groups[t->n++], c->id);
}

static void tell(struct telling *t, const struct group *g, int sequence)
{
    struct event_header h = { .entity = g->schema->object,
                              .origin = t->commit->origin,
                              .transaction_key = t->key,
                              .user_id = t->commit->user_id,
                              .ids = g->ids.p,
                              .n_ids = g->n_ids,
                              .sequence = sequence,
                              .at_ms = t->commit->at_ms,
                              .commit_number = t->bus->commit_number };
    struct text payload = { 0 };
    char uuid[UUID_SIZE];
    uuid_text(uuid);
    if (event_encode(g->schema, &h, &g->body, &payload))
        bus_append(t->bus, g->schema, 0, uuid, &payload);
    else
        fprintf(stderr, "sandbox: an event of %s could not be written: %s\n", g->schema->object, avro_strerror());
    text_free(&payload);
}

void bus_committed(void *ctx, struct org *o, const struct commit *commit)
{
    struct telling t = { .bus = ctx, .commit = commit };
    uuid_text(t.key);
    t.groups = mem_new((commit->n + 1) * sizeof *t.groups);
    pthread_mutex_lock(&t.bus->lock);
    t.bus->commit_number += 1 + (int64_t)(commit->n % 7);
    for (size_t i = 0; i < commit->n; i++)
        add_change(&t, o, &commit->list[i]);
    for (size_t i = 0; i < t.n; i++) {
        tell(&t, &t.groups[i], (int)i + 1);
        event_body_free(&t.groups[i].body);
        text_free(&t.groups[i].ids);
    }
    pthread_mutex_unlock(&t.bus->lock);
    free(t.groups);
    t.bus->wake(t.bus->ctx);
}

void bus_published(void *ctx, struct org *o, const struct published *event)
{
    struct bus *b = ctx;
    struct text payload = { 0 };
    pthread_mutex_lock(&b->lock);
    struct event_schema *s = bus_schema_of(b, o, event->object);
    if (s && event_encode_published(s, event, &payload))
        bus_append(b, s, 0, event->uuid, &payload);
    else
        fprintf(stderr, "sandbox: an event of %s could not be written: %s\n", event->object->name, avro_strerror());
    pthread_mutex_unlock(&b->lock);
    text_free(&payload);
    b->wake(b->ctx);
}
