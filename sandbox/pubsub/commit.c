/* commit.c - what one transaction has changed becomes events: those that tell the same share one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/pubsub/bitmap.h"
#include "sandbox/pubsub/bus_parts.h"

enum {
    IDS_EACH = 40000, /* so that an event stays below 1 MB */
    EMIT_MAX = 1000000
};

#define NO_ID "000000000000000AAA"
#define EMITTER "005xx000001X8UzAAK" /* the sample org's administrator */

/* An event to be, of one record or more. */
struct group {
    struct event_schema *schema;
    struct event_body body;
    uint64_t hash;
    uint32_t channels;
    struct text ids; /* each with a NUL */
    size_t n_ids;
};

struct telling {
    struct bus *bus;
    const struct commit *commit;
    bool gaps;
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

static enum event_kind kind_of(enum change_kind kind, bool gap)
{
    static const enum event_kind kinds[] = { [CHANGE_CREATE] = EVENT_CREATE,
                                             [CHANGE_UPDATE] = EVENT_UPDATE,
                                             [CHANGE_DELETE] = EVENT_DELETE,
                                             [CHANGE_UNDELETE] = EVENT_UNDELETE };
    return gap ? kinds[kind] - EVENT_CREATE + EVENT_GAP_CREATE : kinds[kind];
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

/* Whether the object has its overflow event already. */
static bool group_like_object(const struct telling *t, const struct event_schema *s)
{
    for (size_t i = t->n; i-- > 0;)
        if (t->groups[i].body.kind == EVENT_GAP_OVERFLOW && t->groups[i].schema == s)
            return true;
    return false;
}

static void add_id(struct group *g, const char *id)
{
    text_add(&g->ids, id, strlen(id) + 1);
    g->n_ids++;
}

/* Takes the body over. */
static void add(struct telling *t, struct group *made, const char *id)
{
    made->hash = hash_of(&made->body);
    struct group *known = group_like(t, made);
    if (known)
        event_body_free(&made->body);
    else
        t->groups[t->n] = *made;
    add_id(known ? known : &t->groups[t->n++], id);
}

static void add_change(struct telling *t, const struct org *o, const struct change *c, bool overflow)
{
    enum event_kind kind = overflow ? EVENT_GAP_OVERFLOW : kind_of(c->kind, t->gaps);
    struct group made = { .schema = bus_schema_of(t->bus, o, c->object) };
    if (overflow && group_like_object(t, made.schema))
        return; /* one for all that an object has too many */
    if (!made.schema || !event_body_make(made.schema, kind, c, &made.body)) {
        fprintf(stderr, "sandbox: no event could be made of %s %s: %s\n", c->object->name, c->id, avro_strerror());
        event_body_free(&made.body);
        return;
    }
    made.channels = channels_of(t->bus, made.schema, kind, kind <= EVENT_UNDELETE ? c : NULL);
    add(t, &made, overflow ? NO_ID : c->id);
}

static void tell(struct telling *t, const struct group *g, int sequence)
{
    struct event_header h = { .entity = g->schema->object,
                              .origin = t->commit->origin,
                              .transaction_key = t->key,
                              .user_id = t->commit->user_id,
                              .ids = g->ids.p,
                              .ids_n = g->ids.n,
                              .sequence = sequence,
                              .at_ms = t->commit->at_ms,
                              .commit_number = t->bus->commit_number };
    struct text payload = { 0 };
    char uuid[UUID_SIZE];
    uuid_text(uuid);
    if (event_encode(g->schema, &h, &g->body, &payload))
        bus_append(t->bus, g->schema, g->channels, uuid, &payload);
    else
        fprintf(stderr, "sandbox: an event of %s could not be written: %s\n", g->schema->object, avro_strerror());
    text_free(&payload);
}

/* Tells all groups and frees them. */
static void tell_all(struct telling *t)
{
    for (size_t i = 0; i < t->n; i++) {
        tell(t, &t->groups[i], (int)i + 1);
        event_body_free(&t->groups[i].body);
        text_free(&t->groups[i].ids);
    }
    free(t->groups);
}

static void begin(struct telling *t, size_t n)
{
    uuid_text(t->key);
    t->groups = mem_new((n + 1) * sizeof *t->groups);
    t->bus->commit_number += 1 + (int64_t)(n % 7);
}

void bus_committed(void *ctx, struct org *o, const struct commit *commit)
{
    struct telling t = { .bus = ctx, .commit = commit };
    pthread_mutex_lock(&t.bus->lock);
    begin(&t, commit->n);
    t.gaps = t.bus->knobs.gaps != 0;
    t.bus->knobs.gaps -= t.bus->knobs.gaps > 0;
    for (size_t i = 0; i < commit->n; i++)
        add_change(&t, o, &commit->list[i], i >= (size_t)t.bus->knobs.overflow_after);
    tell_all(&t);
    pthread_mutex_unlock(&t.bus->lock);
    t.bus->wake(t.bus->ctx);
}

/* ---- events without records ---- */

struct emission {
    const char *kind_name, *origin;
    const json_t *ids, *fields;
    json_int_t count, each;
    enum event_kind kind;
};

static bool emission_read(const json_t *spec, struct emission *e, char *why, size_t why_size)
{
    static const char *const kinds[EVENT_KINDS] = { "CREATE",     "UPDATE",       "DELETE",
                                                    "UNDELETE",   "GAP_CREATE",   "GAP_UPDATE",
                                                    "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW" };
    const json_t *id;
    const char *kind = json_string_value(json_object_get(spec, "changeType"));
    size_t i;
    e->origin = json_string_value(json_object_get(spec, "changeOrigin"));
    e->ids = json_object_get(spec, "recordIds");
    e->fields = json_object_get(spec, "changedFields");
    e->count = e->ids ? (json_int_t)json_array_size(e->ids) : json_integer_value(json_object_get(spec, "count"));
    e->each = json_object_get(spec, "idsEach") ? json_integer_value(json_object_get(spec, "idsEach")) : 1;
    while (e->kind < EVENT_KINDS && strcmp(kinds[e->kind], kind ? kind : "UPDATE") != 0)
        e->kind++;
    json_array_foreach (e->ids, i, id)
        if (!json_is_string(id) || json_string_length(id) >= ID_SIZE)
            e->count = 0;
    if (e->kind < EVENT_KINDS && e->count >= 1 && e->count <= EMIT_MAX && e->each >= 1 && e->each <= IDS_EACH)
        return true;
    snprintf(why, why_size, "emit has a changeType, recordIds (texts) or a count up to %d, and idsEach up to %d",
             EMIT_MAX, IDS_EACH);
    return false;
}

/* The bitmap of names of the event's own fields; false when one is none. */
static bool name_fields(const struct event_schema *s, const struct object *ob, const json_t *names, struct text *out)
{
    bool bits[EVENT_FIELDS_MAX] = { false };
    const json_t *name;
    size_t i;
    json_array_foreach (names, i, name) {
        const struct field *f = json_is_string(name) ? object_field(ob, json_string_value(name)) : NULL;
        const struct event_place *place = f ? &s->places[f - ob->fields] : NULL;
        if (!place || place->top < 0 || place->nested >= 0)
            return false;
        bits[place->top] = true;
    }
    bitmap_text(out, bits, s->n_top, -1);
    return true;
}

bool bus_emit(struct bus *b, const struct org *o, const json_t *spec, char *why, size_t why_size)
{
    const char *name = json_string_value(json_object_get(spec, "object"));
    const struct object *ob = name ? schema_find(&o->schema, name) : NULL;
    struct emission e = { .kind = EVENT_CREATE };
    struct group g = { .schema = ob && !is_platform_event(ob) ? bus_schema_of(b, o, ob) : NULL };
    snprintf(why, why_size, "emit has an object that tells its changes, and changedFields of it");
    if (!g.schema || !emission_read(spec, &e, why, why_size) || !event_body_make(g.schema, e.kind, NULL, &g.body) ||
        !name_fields(g.schema, ob, e.fields, &g.body.changed)) {
        event_body_free(&g.body);
        return false;
    }
    const struct commit commit = { .user_id = EMITTER, .origin = e.origin ? e.origin : "", .at_ms = org_now_ms(o) };
    struct telling t = { .bus = b, .commit = &commit };
    begin(&t, 0);
    g.channels = channels_of(b, g.schema, e.kind, NULL);
    int sequence = 0;
    for (json_int_t i = 0; i < e.count; i++) {
        char id[ID_SIZE];
        id_make(ob->prefix, ID_NUMBERS + (uint64_t)i, id);
        add_id(&g, e.ids ? json_string_value(json_array_get(e.ids, (size_t)i)) : id);
        if ((json_int_t)g.n_ids < e.each && i + 1 < e.count)
            continue;
        tell(&t, &g, ++sequence);
        text_free(&g.ids);
        g.n_ids = 0;
    }
    event_body_free(&g.body);
    tell_all(&t);
    return true;
}

/* ---- platform events ---- */

void bus_published(void *ctx, struct org *o, const struct published *event)
{
    struct bus *b = ctx;
    struct text payload = { 0 };
    pthread_mutex_lock(&b->lock);
    struct event_schema *s = bus_schema_of(b, o, event->object);
    if (s && event_encode_published(s, event, &payload))
        o->published_at = bus_append(b, s, 0, event->uuid, &payload);
    else
        fprintf(stderr, "sandbox: an event of %s could not be written: %s\n", event->object->name, avro_strerror());
    pthread_mutex_unlock(&b->lock);
    text_free(&payload);
    b->wake(b->ctx);
}
