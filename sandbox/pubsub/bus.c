/* bus.c - see bus.h. */
#include "sandbox/pubsub/bus_parts.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"

enum { CHECKS = 1000 }; /* a replay id is the position and three digits that only this bus knows */

struct bus *bus_new(void (*wake)(void *ctx), void *ctx)
{
    struct bus *b = mem_new(sizeof *b);
    pthread_mutex_init(&b->lock, NULL);
    b->wake = wake;
    b->ctx = ctx;
    random_bytes(&b->salt, sizeof b->salt);
    b->last = 10000 + b->salt % 1000000;
    b->lost_to = b->last - 1;
    bus_knobs_forget(b);
    b->commit_number = 11000000000 + (int64_t)(b->salt % 1000000000);
    return b;
}

static void drop_all(struct bus *b)
{
    for (size_t i = 0; i < b->n; i++)
        free(b->events[(b->first + i) & (b->cap - 1)]);
    b->first = b->n = b->bytes = 0;
}

void bus_free(struct bus *b)
{
    if (!b)
        return;
    drop_all(b);
    channels_forget(b);
    for (size_t i = 0; i < b->n_schemas; i++)
        event_schema_free(b->schemas[i]);
    free(b->events);
    free(b->schemas);
    free(b->types);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

/* Opportunities and Accounts are what an org tells of at first; one that lacks them tells nothing. */
static void select_first(struct bus *b, struct org *o)
{
    char why[100];
    json_t *names = json_pack("[s, s]", "Opportunity", "Account");
    pthread_mutex_lock(&o->lock);
    pthread_mutex_lock(&b->lock);
    channels_forget(b);
    b->n_selected = 0;
    channels_select(b, o, names, why, sizeof why);
    channels_watch(b, o);
    pthread_mutex_unlock(&b->lock);
    pthread_mutex_unlock(&o->lock);
    json_decref(names);
}

void bus_listen(struct bus *b, struct org *o)
{
    changes_listen(o, &(struct change_listener){ bus_committed, bus_published, b });
    select_first(b, o);
}

void bus_reset(struct bus *b, struct org *o)
{
    select_first(b, o);
    pthread_mutex_lock(&b->lock);
    drop_all(b);
    b->age_ms = 0;
    bus_knobs_forget(b);
    pthread_mutex_unlock(&b->lock);
}

/* ---- keeping ---- */

static struct bus_event *oldest(const struct bus *b)
{
    return b->events[b->first];
}

static void lose_oldest(struct bus *b)
{
    struct bus_event *e = oldest(b);
    b->lost_to = e->position;
    b->bytes -= sizeof *e + e->n;
    b->first = (b->first + 1) & (b->cap - 1);
    b->n--;
    free(e);
}

static int64_t time_now(const struct bus *b)
{
    return now_ms() + b->age_ms;
}

void bus_expire(struct bus *b)
{
    int64_t since = time_now(b) - BUS_HOURS * 3600000LL;
    while (b->n && oldest(b)->at_ms < since)
        lose_oldest(b);
}

static void make_room(struct bus *b)
{
    if (b->n < b->cap)
        return;
    size_t cap = b->cap ? 2 * b->cap : 1024;
    struct bus_event **ring = mem_new(cap * sizeof(struct bus_event *));
    for (size_t i = 0; i < b->n; i++)
        ring[i] = b->events[(b->first + i) & (b->cap - 1)];
    free(b->events);
    b->events = ring;
    b->first = 0;
    b->cap = cap;
}

uint64_t bus_append(struct bus *b, const struct event_schema *s, uint32_t channels, const char *uuid,
                    const struct text *payload)
{
    struct bus_event *e = mem_new(sizeof *e + payload->n);
    e->position = ++b->last;
    e->at_ms = time_now(b);
    e->schema = s;
    e->channels = channels;
    copy_text(e->uuid, sizeof e->uuid, uuid);
    e->n = payload->n;
    if (payload->n)
        memcpy(e->payload, payload->p, payload->n);
    while (b->n && (b->n == BUS_EVENTS_MAX || b->bytes + sizeof *e + e->n > BUS_BYTES_MAX))
        lose_oldest(b);
    make_room(b);
    b->events[(b->first + b->n++) & (b->cap - 1)] = e;
    b->bytes += sizeof *e + e->n;
    return e->position;
}

/* ---- schemas ---- */

static struct event_type *type_of(struct bus *b, const struct object *ob)
{
    for (size_t i = 0; i < b->n_types; i++)
        if (strcmp(b->types[i].object, ob->name) == 0)
            return &b->types[i];
    struct event_type *grown = realloc(b->types, (b->n_types + 1) * sizeof *grown);
    if (!grown)
        abort();
    b->types = grown;
    struct event_type *t = &b->types[b->n_types++];
    *t = (struct event_type){ .schema = NULL };
    copy_text(t->object, sizeof t->object, ob->name);
    return t;
}

static struct event_schema *schema_by_id(struct bus *b, const char *id)
{
    for (size_t i = 0; i < b->n_schemas; i++)
        if (strcmp(b->schemas[i]->id, id) == 0)
            return b->schemas[i];
    return NULL;
}

struct event_schema *bus_schema_of(struct bus *b, const struct org *o, const struct object *ob)
{
    struct event_type *t = type_of(b, ob);
    bool currencies = o->setup.currencies[0][0] != '\0';
    if (t->schema && t->version == o->schema.version && t->currencies == currencies)
        return t->schema;
    struct event_schema *s = b->n_schemas < BUS_SCHEMAS_MAX ? event_schema_make(o, ob) : NULL;
    struct event_schema *known = s ? schema_by_id(b, s->id) : NULL;
    if (!s)
        return NULL;
    /* the same text may stand for fields in another order of the object's: the places are the new one's */
    if (known) {
        struct event_place *places = known->places;
        known->places = s->places;
        known->n_places = s->n_places;
        s->places = places;
        event_schema_free(s);
        s = known;
    } else {
        struct event_schema **grown = realloc(b->schemas, (b->n_schemas + 1) * sizeof(struct event_schema *));
        if (!grown)
            abort();
        b->schemas = grown;
        b->schemas[b->n_schemas++] = s;
    }
    t->schema = s;
    t->version = o->schema.version;
    t->currencies = currencies;
    return s;
}

char *bus_schema(struct bus *b, const char *id)
{
    pthread_mutex_lock(&b->lock);
    const struct event_schema *s = schema_by_id(b, id);
    char *json = s ? mem_dup(s->json, strlen(s->json)) : NULL;
    pthread_mutex_unlock(&b->lock);
    return json;
}

/* ---- positions ---- */

static uint64_t mixed(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t number_of(const struct bus *b, uint64_t position)
{
    return position * CHECKS + mixed(position ^ b->salt) % CHECKS;
}

static void number_bytes(uint64_t number, uint8_t id[REPLAY_ID_SIZE])
{
    for (int i = REPLAY_ID_SIZE; i-- > 0; number >>= 8)
        id[i] = (uint8_t)number;
}

void bus_replay_id(struct bus *b, uint64_t position, uint8_t id[REPLAY_ID_SIZE])
{
    number_bytes(number_of(b, position), id);
}

uint64_t bus_latest(struct bus *b)
{
    pthread_mutex_lock(&b->lock);
    uint64_t last = b->last;
    pthread_mutex_unlock(&b->lock);
    return last;
}

uint64_t bus_earliest(struct bus *b)
{
    pthread_mutex_lock(&b->lock);
    bus_expire(b);
    uint64_t lost = b->lost_to;
    pthread_mutex_unlock(&b->lock);
    return lost;
}

bool bus_position(struct bus *b, const uint8_t *id, size_t n, uint64_t *out)
{
    uint64_t number = 0;
    if (n != REPLAY_ID_SIZE)
        return false;
    for (size_t i = 0; i < n; i++)
        number = number << 8 | id[i];
    *out = number / CHECKS;
    pthread_mutex_lock(&b->lock);
    bus_expire(b);
    bool ours = *out && *out <= b->last && number == number_of(b, *out);
    bool kept = *out >= b->valid_from && *out > b->lost_to;
    pthread_mutex_unlock(&b->lock);
    return ours && kept;
}

/* ---- taking ---- */

static bool fits(const struct bus_event *e, const struct topic *t)
{
    switch (t->kind) {
    case TOPIC_OBJECT:
        return strcmp(e->schema->event_name, t->event_name) == 0;
    case TOPIC_ALL_CHANGES:
        return e->channels >> BUS_ALL_CHANGES & 1;
    case TOPIC_CHANNEL:
        return e->channels >> t->channel & 1;
    }
    return false;
}

/* The place of the first event behind a position. */
static size_t place_behind(const struct bus *b, uint64_t position)
{
    size_t low = 0, high = b->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (b->events[(b->first + middle) & (b->cap - 1)]->position <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t bus_take(struct bus *b, const struct topic *t, uint64_t *position, size_t max, size_t max_bytes,
                struct taken *out)
{
    size_t n = 0, bytes = 0;
    pthread_mutex_lock(&b->lock);
    bus_expire(b);
    for (size_t i = place_behind(b, *position); i < b->n && n < max; i++) {
        const struct bus_event *e = b->events[(b->first + i) & (b->cap - 1)];
        if (fits(e, t)) {
            bytes += e->n;
            if (n && bytes > max_bytes)
                break;
            struct taken *x = &out[n++];
            bus_replay_id(b, e->position, x->replay_id);
            copy_text(x->uuid, sizeof x->uuid, e->uuid);
            copy_text(x->schema_id, sizeof x->schema_id, e->schema->id);
            x->payload = (uint8_t *)mem_dup((const char *)e->payload, e->n);
            x->n = e->n;
        }
        *position = e->position;
    }
    pthread_mutex_unlock(&b->lock);
    return n;
}

bool bus_has_lost(struct bus *b, uint64_t position)
{
    pthread_mutex_lock(&b->lock);
    bus_expire(b);
    bool lost = position < b->lost_to;
    pthread_mutex_unlock(&b->lock);
    return lost;
}

bool bus_mark(struct bus *b, const struct topic *t, uint64_t *position)
{
    bool more = false;
    pthread_mutex_lock(&b->lock);
    for (size_t i = place_behind(b, *position); i < b->n && !more; i++)
        more = fits(b->events[(b->first + i) & (b->cap - 1)], t);
    if (!more)
        *position = ++b->last;
    pthread_mutex_unlock(&b->lock);
    return !more;
}

void taken_free(struct taken *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        free(list[i].payload);
}

/* ---- what tests turn ---- */

void bus_knobs_forget(struct bus *b)
{
    b->knobs = (struct bus_knobs){
        .deliveries = -1, .overflow_after = OVERFLOW_AFTER, .keep_alive_ms = QUIET_MS, .fetch_within_ms = QUIET_MS
    };
}

void bus_calm(struct bus *b)
{
    pthread_mutex_lock(&b->lock);
    bus_knobs_forget(b);
    pthread_mutex_unlock(&b->lock);
}

size_t bus_allow(struct bus *b, size_t n)
{
    pthread_mutex_lock(&b->lock);
    if (b->knobs.deliveries >= 0) {
        n = n < (size_t)b->knobs.deliveries ? n : (size_t)b->knobs.deliveries;
        b->knobs.deliveries -= (long)n;
    }
    pthread_mutex_unlock(&b->lock);
    return n;
}

void bus_patience(struct bus *b, int *keep_alive_ms, int *fetch_within_ms)
{
    pthread_mutex_lock(&b->lock);
    *keep_alive_ms = b->knobs.keep_alive_ms;
    *fetch_within_ms = b->knobs.fetch_within_ms;
    pthread_mutex_unlock(&b->lock);
}

void bus_age(struct bus *b, int64_t ms)
{
    pthread_mutex_lock(&b->lock);
    b->age_ms += ms;
    bus_expire(b);
    pthread_mutex_unlock(&b->lock);
}

void bus_lose_positions(struct bus *b)
{
    pthread_mutex_lock(&b->lock);
    b->valid_from = ++b->last;
    pthread_mutex_unlock(&b->lock);
}
