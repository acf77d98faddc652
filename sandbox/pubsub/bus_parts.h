/* bus_parts.h - what the files of the bus share. All of it is under the bus's mutex. */
#ifndef SANDBOX_PUBSUB_BUS_PARTS_H
#define SANDBOX_PUBSUB_BUS_PARTS_H

#include <pthread.h>

#include "sandbox/pubsub/bus.h"
#include "sandbox/pubsub/event_encode.h"

enum {
    BUS_SCHEMAS_MAX = 4096,
    BUS_CHANNELS_MAX = 16,
    BUS_ALL_CHANGES = 31, /* the bit of /data/ChangeEvents */
    OVERFLOW_AFTER = 100000,
    QUIET_MS = 60 * 1000
};

struct bus_event {
    uint64_t position;
    int64_t at_ms;
    const struct event_schema *schema;
    uint32_t channels; /* bit of each channel that takes it */
    char uuid[UUID_SIZE];
    size_t n;
    uint8_t payload[];
};

/* The schema that events of an object have now. */
struct event_type {
    char object[NAME_SIZE];
    struct event_schema *schema;
    unsigned version; /* of the org's objects that it was made for */
    bool currencies;
};

/* A channel of events: which objects, and for each which values its fields must have (NULL = any). */
struct channel {
    char name[NAME_SIZE];
    json_t *members; /* array of {"object", "filter"} */
};

struct bus_knobs {
    long deliveries;     /* left, -1 = without end */
    long gaps;           /* transactions left that are told as gaps, -1 = all */
    long overflow_after; /* changes of a transaction that are told one by one */
    int keep_alive_ms, fetch_within_ms;
};

struct bus {
    pthread_mutex_t lock;
    void (*wake)(void *ctx);
    void *ctx;
    struct bus_event **events; /* a ring of `cap`, a power of two; the oldest is at `first` */
    size_t first, n, cap, bytes;
    uint64_t last;       /* position */
    uint64_t lost_to;    /* the newest position whose event is no longer kept */
    uint64_t valid_from; /* positions before it mean nothing any more */
    uint64_t salt;
    int64_t age_ms;
    struct event_schema **schemas; /* all that were given out */
    size_t n_schemas;
    struct event_type *types;
    size_t n_types;
    int64_t commit_number;
    char selected[CHANGES_OBJECTS_MAX][NAME_SIZE]; /* objects of /data/ChangeEvents */
    size_t n_selected;
    struct channel channels[BUS_CHANNELS_MAX];
    size_t n_channels;
    struct bus_knobs knobs;
};

/* ---- channels (channels.c) ---- */
/* The channels that take a change of an object: bits. `change` NULL = a gap, which no filter holds back. */
uint32_t channels_of(const struct bus *b, const struct event_schema *s, enum event_kind kind,
                     const struct change *change);
/* Takes a list as knobs.h has it; false with `why` filled. */
bool channels_take(struct bus *b, const struct org *o, const json_t *list, char *why, size_t why_size);
void channels_forget(struct bus *b);
/* Takes the names of the objects of /data/ChangeEvents, {"..."}; false with `why` filled. */
bool channels_select(struct bus *b, const struct org *o, const json_t *names, char *why, size_t why_size);
/* The org looks at all objects that some channel has. The org's mutex is held. */
bool channels_watch(struct bus *b, struct org *o);
/* The place of a custom channel; -1 when there is none. */
int channel_named(const struct bus *b, const char *name);

/* The schema of an object's events; the org's mutex is held too. NULL when there cannot be one. */
struct event_schema *bus_schema_of(struct bus *b, const struct org *o, const struct object *ob);
/* Puts an event at the end; returns its position. */
uint64_t bus_append(struct bus *b, const struct event_schema *s, uint32_t channels, const char *uuid,
                    const struct text *payload);
/* Events that are 72 hours old are lost. */
void bus_expire(struct bus *b);

/* All knobs as at the start. The bus's mutex is held. */
void bus_knobs_forget(struct bus *b);

/* ---- what an org tells (commit.c) ---- */
/* Events of one transaction without any record, as knobs.h has it. False with `why` filled. */
bool bus_emit(struct bus *b, const struct org *o, const json_t *spec, char *why, size_t why_size);
void bus_committed(void *ctx, struct org *o, const struct commit *commit);
void bus_published(void *ctx, struct org *o, const struct published *event);

#endif
