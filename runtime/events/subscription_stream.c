/* subscription_stream.c - from a response to batches: decoded, packed, handed on, at most two without an answer. */
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/system.h"
#include "runtime/events/event_pack.h"
#include "runtime/events/subscription_parts.h"

void stream_forget(struct subscription *s)
{
    pubsub_fetch_free(s->response);
    s->response = NULL;
    s->packed.n = 0;
    s->packed.failed = false;
    s->count = 0;
    s->blocked = false;
}

static struct span span_of_bytes(ProtobufCBinaryData b)
{
    return (struct span){ (const char *)b.data, b.len };
}

/* A position that could not be stored is none. */
static bool remember(struct replay *to, struct span id)
{
    if (id.n == 0 || id.n > sizeof to->p)
        return false;
    memcpy(to->p, id.p, id.n);
    to->n = id.n;
    return true;
}

/* The event without what makes it too long. */
static void strip(struct event *e, const char *why)
{
    e->header.record_ids = e->header.changed = e->fields = (struct span){ 0 };
    e->fault = span_of(why);
}

/* False: it does not fit behind the others. Alone every event fits, if need be without its values. */
static bool pack(struct subscription *s, struct event *e)
{
    bool faulty = e->fault.n > 0;
    bool ok = event_pack(&s->packed, e);
    if (!ok && s->count > 0)
        return false;
    if (!ok) {
        faulty = true;
        strip(e, "its values are longer than the host hands on");
        if (!event_pack(&s->packed, e))
            return false;
    }
    s->count++;
    if (faulty)
        s->unreadable++; /* the jobs process tells, as it keeps them apart */
    return true;
}

enum packed { PACKED, PACKED_FULL, PACKED_WAITS };

/* An id that a database takes as a text; another one is none, and the event is known by its position. */
static struct span id_of(const char *text, size_t most)
{
    struct span s = span_of(text);
    return s.n <= most && span_all(s, char_visible) ? s : (struct span){ 0 };
}

static enum packed take_event(struct subscription *s, const Eventbus__V1__ConsumerEvent *c)
{
    const Eventbus__V1__ProducerEvent *p = c->event;
    const struct known_schema *known = schemas_get(s, p ? p->schema_id : "");
    struct event e = { .header.change = EVENT_NO_CHANGE };
    if (!known)
        return PACKED_WAITS;
    if (p) {
        e.id = id_of(p->id, EVENT_ID);
        e.schema_id = id_of(p->schema_id, EVENT_SCHEMA_ID);
    }
    e.replay_id = span_of_bytes(c->replay_id);
    if (e.replay_id.n > EVENT_REPLAY_ID)
        e.replay_id.n = 0;
    if (!p || !known->form)
        e.fault = span_of(known->why);
    else
        (void)decode(s->parts.decoder, known->form, span_of_bytes(p->payload), &e);
    if (!pack(s, &e))
        return PACKED_FULL;
    (void)remember(&s->behind, e.replay_id);
    return PACKED;
}

static const struct policy nowhere = { NULL, 0, POLICY_REPORT, "the org sends events without a position" };

/* Sends what is packed. False: the ground takes nothing at present, or the stream was given up. */
static bool hand_on(struct subscription *s)
{
    const struct ground *g = s->parts.ground;
    const struct ground_batch b = { .connection = s->connection,
                                    .topic = s->topic,
                                    .org = s->org,
                                    .fence = s->fence,
                                    .count = s->count,
                                    .latest = { s->behind.p, s->behind.n },
                                    .packed = { s->packed.p, s->packed.n } };
    if (s->behind.n == 0 && s->count == 0)
        return true; /* there is nothing to keep */
    if (s->behind.n == 0) {
        subscription_stop(s, &nowhere, NULL);
        return false;
    }
    s->blocked = !g->keep(g->ctx, s, s->round, &b);
    if (s->blocked)
        return false;
    s->sent[s->in_flight++] = s->behind;
    s->packed.n = 0;
    s->count = 0;
    return true;
}

/* More is asked for when what has come is on its way to the disk, and little is still to come. */
static void top_up(struct subscription *s)
{
    uint8_t request[PUBSUB_REQUEST];
    int n = SUBSCRIPTION_CREDIT - s->credit;
    if (!s->stream || s->response || s->draining || s->in_flight == GROUND_OPEN_BATCHES ||
        s->credit > SUBSCRIPTION_TOP_UP)
        return;
    size_t size = pubsub_fetch_request(request, s->topic, EVENTBUS__V1__REPLAY_PRESET__LATEST, (struct span){ 0 }, n);
    if (!grpc_send(s->stream, request, size))
        return; /* its end is about to be told */
    s->credit += n;
    s->heard_ms = clock_ms();
}

/* All events of the response that may be handed on now. False: the rest has to wait, or the stream was given up. */
static bool drain_response(struct subscription *s)
{
    while (s->response) {
        pubsub_fetch *r = s->response;
        bool over = s->at == r->n_events;
        enum packed packed = over                      ? PACKED_FULL
                             : s->count == EVENT_BATCH ? PACKED_FULL
                                                       : take_event(s, r->events[s->at]);
        if (s->response != r) /* given up meanwhile */
            return false;
        if (packed == PACKED_WAITS)
            return false;
        if (packed == PACKED) {
            s->at++;
            continue;
        }
        if (s->in_flight == GROUND_OPEN_BATCHES)
            return false;
        if (over)
            (void)remember(&s->behind, span_of_bytes(r->latest_replay_id));
        if (!hand_on(s))
            return false;
        if (over) {
            pubsub_fetch_free(r);
            s->response = NULL;
        }
    }
    return true;
}

void stream_pump(struct subscription *s)
{
    if (s->step != STEP_STREAM)
        return;
    s->blocked = false;
    bool done = drain_response(s);
    if (s->step != STEP_STREAM || !s->stream)
        return;
    if (done)
        top_up(s);
    grpc_pause(s->stream, !done);
}

void stream_take(struct subscription *s, struct span message)
{
    s->response = pubsub_fetch_read(message);
    s->at = 0;
    if (!s->response) {
        static const struct policy wrong = { NULL, 0, POLICY_REPORT, "the org sends what is no response of Subscribe" };
        subscription_stop(s, &wrong, NULL);
        return;
    }
    s->heard_ms = clock_ms();
    s->received += (int64_t)s->response->n_events;
    s->credit = s->response->n_events < (size_t)s->credit ? s->credit - (int)s->response->n_events : 0;
    if (s->response->n_events)
        s->failures = 0;
    s->behind.n = 0;
    stream_pump(s);
}
