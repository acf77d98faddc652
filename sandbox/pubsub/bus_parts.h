/* bus_parts.h - what the files of the bus share. All of it is under the bus's mutex. */
#ifndef SANDBOX_PUBSUB_BUS_PARTS_H
#define SANDBOX_PUBSUB_BUS_PARTS_H

#include <pthread.h>

#include "sandbox/pubsub/bus.h"
#include "sandbox/pubsub/event_encode.h"

enum { BUS_SCHEMAS_MAX = 4096 };

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

struct bus {
    pthread_mutex_t lock;
    void (*wake)(void *ctx);
    void *ctx;
    struct bus_event **events; /* a ring of `cap`; the oldest is at `first` */
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
};

/* The schema of an object's events; the org's mutex is held too. NULL when there cannot be one. */
struct event_schema *bus_schema_of(struct bus *b, const struct org *o, const struct object *ob);
/* Puts an event at the end; returns its position. */
uint64_t bus_append(struct bus *b, const struct event_schema *s, uint32_t channels, const char *uuid,
                    const struct text *payload);
/* Events that are 72 hours old are lost. */
void bus_expire(struct bus *b);

/* ---- what an org tells (commit.c) ---- */
void bus_committed(void *ctx, struct org *o, const struct commit *commit);
void bus_published(void *ctx, struct org *o, const struct published *event);

#endif
