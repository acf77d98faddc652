/*
 * bus.h - the event bus of one org: what its writes have told, kept for 72 hours, and where a subscriber stands in it.
 * Safe to call from several threads. Where the org's mutex is needed as well, it is taken first.
 */
#ifndef SANDBOX_PUBSUB_BUS_H
#define SANDBOX_PUBSUB_BUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sandbox/pubsub/event_schema.h"

enum {
    BUS_EVENTS_MAX = 1000000, /* the oldest are lost */
    BUS_BYTES_MAX = 512 * 1024 * 1024,
    BUS_HOURS = 72,
    REPLAY_ID_SIZE = 8,
    TOPIC_SIZE = 160,
    UUID_SIZE = 37
};

struct bus;

enum topic_kind { TOPIC_OBJECT, TOPIC_ALL_CHANGES, TOPIC_CHANNEL };

struct topic {
    char name[TOPIC_SIZE];
    enum topic_kind kind;
    char event_name[NAME_SIZE]; /* of TOPIC_OBJECT */
    unsigned channel;           /* of TOPIC_CHANNEL: its place */
    char schema_id[SCHEMA_ID_SIZE];
    bool change; /* nobody publishes change events */
};

enum topic_answer { TOPIC_FOUND, TOPIC_EMPTY, TOPIC_NONE, TOPIC_FORBIDDEN };

/* An event that was taken out, a copy. */
struct taken {
    uint8_t replay_id[REPLAY_ID_SIZE];
    char uuid[UUID_SIZE], schema_id[SCHEMA_ID_SIZE];
    uint8_t *payload;
    size_t n;
};

/* `wake` is called, by whichever thread, when an event has come. NULL without memory. */
struct bus *bus_new(void (*wake)(void *ctx), void *ctx);
/* The org that it listens to is closed before; NULL is nothing to free. */
void bus_free(struct bus *b);
/* Keeps what the org's writes change from now on, of the objects that are selected at first: Opportunity, Account. */
void bus_listen(struct bus *b, struct org *o);
/* Forgets all events and what was turned; positions stay good. */
void bus_reset(struct bus *b, struct org *o);

/* Finds a topic for a user of the org; takes the org's mutex. */
enum topic_answer bus_topic(struct bus *b, struct org *o, const char *user_id, const char *name, struct topic *out);
/* The JSON text of a schema that this org has given out; malloc'ed, NULL when it is none. */
char *bus_schema(struct bus *b, const char *id);

/* ---- positions: behind which event a subscriber stands ---- */
uint64_t bus_latest(struct bus *b);
uint64_t bus_earliest(struct bus *b);
/* The position that a replay id means. False when it is none of this bus, or events behind it are lost. */
bool bus_position(struct bus *b, const uint8_t *id, size_t n, uint64_t *out);
/* The replay id of a position. */
void bus_replay_id(struct bus *b, uint64_t position, uint8_t id[REPLAY_ID_SIZE]);
/* Whether events behind a position are lost: nobody goes on from there as if nothing had happened. */
bool bus_has_lost(struct bus *b, uint64_t position);
/* When nothing of the topic stands behind *position, moves it behind all that has come, to where nobody stood before.
 * False, and nothing is moved, when there is something to take. */
bool bus_mark(struct bus *b, const struct topic *t, uint64_t *position);

/* Takes up to `max` events of the topic behind *position, as many as fit into max_bytes but one at least, and moves it
 * behind them. Returns how many; taken_free() them. */
size_t bus_take(struct bus *b, const struct topic *t, uint64_t *position, size_t max, size_t max_bytes,
                struct taken *out);
void taken_free(struct taken *list, size_t n);

/* Of so many events how many the day's allocation has left; they count as delivered. */
size_t bus_allow(struct bus *b, size_t n);
/* After how long without anything an answer is sent, and a call ended that asks for nothing. */
void bus_patience(struct bus *b, int *keep_alive_ms, int *fetch_within_ms);

/* ---- what tests turn, see knobs.h ---- */
/* Time goes on by so many milliseconds. */
void bus_age(struct bus *b, int64_t ms);
/* All replay ids given so far mean nothing from now on. */
void bus_lose_positions(struct bus *b);
/* Deliveries, gaps, overflow and patience are what they were at first. */
void bus_calm(struct bus *b);

#endif
