/* subscribe.c - Subscribe: a client asks for so many events and gets no more than that. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"
#include "sandbox/base/text.h"
#include "sandbox/pubsub/eventbus.pb-c.h"
#include "sandbox/pubsub/pubsub_parts.h"

enum {
    CREDIT_MAX = 100,           /* events that a client may have asked for at a time; more counts as that */
    ANSWER_BYTES = 1024 * 1024, /* of one answer; an event of more than that goes alone */
    HUGE_PAYLOAD = 1024 * 1024 + 1
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
    if (!s->open)
        rpc_strike(r, q->topic_name);
    if (!s->open && r->strike.kind != STRIKE_NONE && r->strike.after_events == 0 && r->strike.delay_ms == 0) {
        rpc_struck(r);
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
        s->told_ms = s->begun_ms = now;
    s->open = true;
    s->fetches++;
    int more = q->num_requested < CREDIT_MAX ? q->num_requested : CREDIT_MAX;
    s->credit = s->credit + more < CREDIT_MAX ? s->credit + more : CREDIT_MAX;
    s->most = s->credit > s->most ? s->credit : s->most;
}

void subscribe_message(struct rpc *r, const uint8_t *p, size_t n)
{
    Eventbus__V1__FetchRequest *q = eventbus__v1__fetch_request__unpack(NULL, n, p);
    if (q && !r->sub.silent)
        fetch(r, q);
    else if (!q)
        grpc_end(r->call, GRPC_INTERNAL, NULL, "The message could not be read.", true);
    if (q)
        eventbus__v1__fetch_request__free_unpacked(q, NULL);
}

/* ---- what it gets ---- */

struct packed {
    Eventbus__V1__ConsumerEvent consumer[2 * CREDIT_MAX], *list[2 * CREDIT_MAX];
    Eventbus__V1__ProducerEvent producer[2 * CREDIT_MAX];
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

/* What a programmed fault does to the event that is sent next. */
static void spoil(struct taken *t, enum spoiling how)
{
    switch (how) {
    case SPOIL_NONE:
        break;
    case SPOIL_NOISE:
        random_bytes(t->payload, t->n);
        break;
    case SPOIL_HALF:
        t->n /= 2;
        break;
    case SPOIL_HUGE: {
        uint8_t *grown = mem_new(HUGE_PAYLOAD);
        memcpy(grown, t->payload, t->n);
        free(t->payload);
        t->payload = grown;
        t->n = HUGE_PAYLOAD;
        break;
    }
    case SPOIL_SCHEMA:
        copy_text(t->schema_id, sizeof t->schema_id, "AAAAAAAAAAAAAAAAAAAAAA");
        break;
    }
}

/* Every so-many-th event once more, right behind itself. `list` has room for twice as many; returns how many there are.
 */
static size_t repeat(struct rpc *r, struct taken *list, size_t n)
{
    struct taken once[CREDIT_MAX];
    size_t out = 0;
    memcpy(once, list, n * sizeof *once);
    for (size_t i = 0; i < n; i++) {
        list[out++] = once[i];
        long before = (r->sub.sent + (long)i) * r->strike.duplicates / 100;
        long after = (r->sub.sent + (long)i + 1) * r->strike.duplicates / 100;
        if (after == before)
            continue;
        list[out] = once[i];
        list[out++].payload = (uint8_t *)mem_dup((const char *)once[i].payload, once[i].n);
    }
    return out;
}

/* How many events may go now; -1 = none until the next turn, since the call was struck or must wait. */
static int room_for(struct rpc *r)
{
    const struct rpc_strike *k = &r->strike;
    struct subscription *s = &r->sub;
    bool strikes = k->kind != STRIKE_NONE;
    if (strikes && s->sent >= k->after_events) {
        if (!grpc_backlog(r->call)) /* what went before arrives */
            rpc_struck(r);
        return -1;
    }
    int room = k->duplicates ? (s->credit + 1) / 2 : s->credit;
    return strikes && k->after_events - s->sent < room ? (int)(k->after_events - s->sent) : room;
}

/* Sends what there is; false when the call has ended or waits for its client. */
static bool deliver(struct rpc *r, int64_t now)
{
    struct subscription *s = &r->sub;
    struct taken taken[2 * CREDIT_MAX];
    if (s->credit > 0 && bus_has_lost(r->bus, s->position)) {
        rpc_fail(r, "subscription.fetch.replayid.corrupted");
        return false;
    }
    while (s->credit > 0) {
        int room = room_for(r);
        if (room < 0 || grpc_backlog(r->call) > GRPC_BACKLOG_MAX)
            return false;
        uint64_t position = s->position;
        size_t n = bus_take(r->bus, &s->topic, &position, (size_t)room, ANSWER_BYTES, taken);
        if (n && bus_allow(r->bus, n) < n) {
            taken_free(taken, n);
            rpc_fail(r, "subscription.limit.exceeded");
            return false;
        }
        s->position = position;
        if (!n)
            break;
        long at = r->strike.after_events - s->sent;
        if (r->strike.payload && at >= 0 && at < (long)n)
            spoil(&taken[at], r->strike.payload);
        if (r->strike.duplicates && s->credit > 1)
            n = repeat(r, taken, n);
        s->sent += (long)n;
        respond(r, taken, n, now);
        taken_free(taken, n);
    }
    return true;
}

int subscribe_turn(struct rpc *r, int64_t now)
{
    enum { SOON_MS = 10, WHENEVER_MS = 60000 };
    struct subscription *s = &r->sub;
    int keep_alive_ms, fetch_within_ms;
    if (!s->open || s->silent)
        return WHENEVER_MS;
    if (now - s->begun_ms < r->strike.delay_ms)
        return SOON_MS;
    if (!deliver(r, now))
        return SOON_MS;
    bus_patience(r->bus, &keep_alive_ms, &fetch_within_ms);
    if (s->credit > 0 && now - s->told_ms >= keep_alive_ms && bus_mark(r->bus, &s->topic, &s->position))
        respond(r, NULL, 0, now);
    if (s->credit == 0 && now - s->spent_ms >= fetch_within_ms)
        rpc_end(r, true);
    int64_t left = s->credit > 0 ? s->told_ms + keep_alive_ms - now : s->spent_ms + fetch_within_ms - now;
    return left < SOON_MS ? SOON_MS : (int)left;
}
