/* subscribe.c - Subscribe: a client asks for so many events and gets no more than that. */
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/pubsub/eventbus.pb-c.h"
#include "sandbox/pubsub/pubsub_parts.h"

enum {
    CREDIT_MAX = 100,          /* events that a client may have asked for at a time; more counts as that */
    KEEP_ALIVE_MS = 60 * 1000, /* an answer without events, when there were none */
    SPENT_MS = 60 * 1000,      /* a client that asks for nothing more is left */
    ANSWER_BYTES = 1024 * 1024 /* of one answer; an event of more than that goes alone */
};

/* ---- what the client asks for ---- */

static bool begin_at(struct rpc *r, const Eventbus__V1__FetchRequest *q)
{
    struct subscription *s = &r->sub;
    switch (q->replay_preset) {
    case EVENTBUS__V1__REPLAY_PRESET__EARLIEST:
        s->position = bus_earliest(r->bus);
        return true;
    case EVENTBUS__V1__REPLAY_PRESET__CUSTOM:
        if (!q->replay_id.len)
            rpc_fail(r, "subscription.fetch.replayid.validation.failed");
        else if (!bus_position(r->bus, q->replay_id.data, q->replay_id.len, &s->position))
            rpc_fail(r, "subscription.fetch.replayid.corrupted");
        return !grpc_ended(r->call);
    default:
        s->position = bus_latest(r->bus);
        return true;
    }
}

static void fetch(struct rpc *r, const Eventbus__V1__FetchRequest *q)
{
    struct subscription *s = &r->sub;
    int64_t now = steady_us() / 1000;
    if (!rpc_still_allowed(r))
        return;
    if (s->open && *q->topic_name && strcmp(q->topic_name, s->topic.name) != 0) {
        rpc_fail(r, "subscription.fetch.topic.mismatch");
        return;
    }
    if (!s->open && !rpc_topic(r, q->topic_name, &s->topic))
        return;
    if (q->num_requested <= 0) {
        rpc_fail(r, "subscription.fetch.requested.events.invalid");
        return;
    }
    if (!s->open && !begin_at(r, q))
        return;
    if (!s->open)
        s->told_ms = now;
    s->open = true;
    int more = q->num_requested < CREDIT_MAX ? q->num_requested : CREDIT_MAX;
    s->credit = s->credit + more < CREDIT_MAX ? s->credit + more : CREDIT_MAX;
}

void subscribe_message(struct rpc *r, const uint8_t *p, size_t n)
{
    Eventbus__V1__FetchRequest *q = eventbus__v1__fetch_request__unpack(NULL, n, p);
    if (q)
        fetch(r, q);
    else
        grpc_end(r->call, GRPC_INTERNAL, NULL, "The message could not be read.", true);
    eventbus__v1__fetch_request__free_unpacked(q, NULL);
}

/* ---- what it gets ---- */

struct packed {
    Eventbus__V1__ConsumerEvent consumer[CREDIT_MAX], *list[CREDIT_MAX];
    Eventbus__V1__ProducerEvent producer[CREDIT_MAX];
};

static void respond(struct rpc *r, struct taken *taken, size_t n, int64_t now)
{
    struct subscription *s = &r->sub;
    struct packed k;
    uint8_t latest[REPLAY_ID_SIZE];
    for (size_t i = 0; i < n; i++) {
        eventbus__v1__consumer_event__init(&k.consumer[i]);
        eventbus__v1__producer_event__init(&k.producer[i]);
        k.producer[i].id = taken[i].uuid;
        k.producer[i].schema_id = taken[i].schema_id;
        k.producer[i].payload = (ProtobufCBinaryData){ taken[i].n, taken[i].payload };
        k.consumer[i].event = &k.producer[i];
        k.consumer[i].replay_id = (ProtobufCBinaryData){ REPLAY_ID_SIZE, taken[i].replay_id };
        k.list[i] = &k.consumer[i];
    }
    Eventbus__V1__FetchResponse out = EVENTBUS__V1__FETCH_RESPONSE__INIT;
    bus_replay_id(r->bus, s->position, latest);
    s->credit -= (int)n;
    out.n_events = n;
    out.events = k.list;
    out.latest_replay_id = (ProtobufCBinaryData){ REPLAY_ID_SIZE, latest };
    out.rpc_id = r->id;
    out.pending_num_requested = s->credit;
    rpc_send(r, &out.base);
    s->told_ms = now;
    s->spent_ms = now;
}

int subscribe_turn(struct rpc *r, int64_t now)
{
    enum { SOON_MS = 10 };
    struct subscription *s = &r->sub;
    struct taken taken[CREDIT_MAX];
    if (!s->open)
        return SPENT_MS;
    while (s->credit > 0) {
        if (grpc_backlog(r->call) > GRPC_BACKLOG_MAX)
            return SOON_MS;
        size_t n = bus_take(r->bus, &s->topic, &s->position, (size_t)s->credit, ANSWER_BYTES, taken);
        if (n)
            respond(r, taken, n, now);
        taken_free(taken, n);
        if (!n)
            break;
    }
    if (s->credit > 0 && now - s->told_ms >= KEEP_ALIVE_MS && bus_mark(r->bus, &s->topic, &s->position))
        respond(r, NULL, 0, now);
    if (s->credit == 0 && now - s->spent_ms >= SPENT_MS)
        grpc_end(r->call, GRPC_OK, NULL, NULL, true);
    int64_t left = s->credit > 0 ? s->told_ms + KEEP_ALIVE_MS - now : s->spent_ms + SPENT_MS - now;
    return left < SOON_MS ? SOON_MS : (int)left;
}
