/*
 * pubsub_kit.h - a subscription whose connection is this file's, in the place of runtime/net/dial.c: bytes go to an
 * HTTP/2 server in the same program, by nghttp2, that does what a test says; and the ground is this file's, too.
 */
#ifndef TESTS_UNIT_EVENTS_PUBSUB_KIT_H
#define TESTS_UNIT_EVENTS_PUBSUB_KIT_H

#include <arpa/inet.h>
#include <nghttp2/nghttp2.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tests/unit/check.h"

#include "runtime/base/log.h"
#include "runtime/base/system.h"
#include "runtime/events/event_pack.h"
#include "runtime/events/grpc.h"
#include "runtime/events/pubsub.h"
#include "runtime/events/subscription.h"

#define SCHEMA "{\"type\":\"record\",\"name\":\"E\",\"fields\":[{\"name\":\"n\",\"type\":\"int\"}]}"

struct dial {
    dial_fn *done;
    void *ctx;
    int fd;
    bool told;
    nghttp2_session *server;
    struct buf to_client; /* what the server has sent */
    size_t read;
    bool cut;
};

static struct world {
    struct loop loop;
    struct decoder *decoder;
    struct subscription *s;
    struct dial *dial; /* the open one */
    int64_t ahead_ms;  /* of the clock */
    const char *id;    /* of all events; NULL = "id" */
    /* what the server does */
    bool deaf; /* takes bytes and says nothing */
    int32_t subscribe;
    struct buf bodies[16]; /* of streams, by their number */
    size_t sent[16];
    bool ended[16];
    /* what it has seen */
    int dials, subscribes, pings, resets, schemas;
    int asked; /* events, by the requests of the present stream */
    Eventbus__V1__ReplayPreset preset;
    /* the ground */
    int sessions, claims, renewals, losts, releases, batches, events;
    uint64_t session_round, lease_round, kept_round[8];
    bool session_open, lease_open, renews_by_hand; /* else renewals are granted at once */
    enum ground_what lease_what;
    int kept_open, keep_refuses; /* so many times nothing is taken */
    char latest[8][EVENT_REPLAY_ID];
    char stale[64], reason[EVENT_REASON];
    char last_id[EVENT_ID + 1]; /* of the last batch's first event */
    struct ground_answer lease;
} w;

/* ---- the server ---- */

static ssize_t server_body(nghttp2_session *s, int32_t id, uint8_t *to, size_t room, uint32_t *flags,
                           nghttp2_data_source *source, void *ctx)
{
    struct buf *b = &w.bodies[id % 16];
    size_t *sent = &w.sent[id % 16], n = b->n - *sent < room ? b->n - *sent : room;
    (void)s, (void)source, (void)ctx;
    if (!n && !w.ended[id % 16])
        return NGHTTP2_ERR_DEFERRED;
    if (n)
        memcpy(to, b->p + *sent, n);
    *sent += n;
    if (w.ended[id % 16] && *sent == b->n) {
        *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
        const nghttp2_nv trailer = { (uint8_t *)"grpc-status", (uint8_t *)"0", 11, 1, 0 };
        nghttp2_submit_trailer(s, id, &trailer, 1);
    }
    return (ssize_t)n;
}

static void server_say(int32_t id, const void *message, size_t n)
{
    uint32_t size = htonl((uint32_t)n);
    struct buf *b = &w.bodies[id % 16];
    assert_true(buf_add(b, "", 1) && buf_add(b, &size, 4) && buf_add(b, message, n));
    nghttp2_session_resume_data(w.dial->server, id);
}

static void server_end(int32_t id)
{
    w.ended[id % 16] = true;
    nghttp2_session_resume_data(w.dial->server, id);
}

/* Events n to n + count - 1, whose positions are their numbers. */
static void server_send_events(int n, int count)
{
    Eventbus__V1__ConsumerEvent *list[100], events[100];
    Eventbus__V1__ProducerEvent produced[100];
    uint8_t payload[100][2], replay[101];
    Eventbus__V1__FetchResponse r = EVENTBUS__V1__FETCH_RESPONSE__INIT;
    for (int i = 0; i < count; i++) {
        eventbus__v1__consumer_event__init(&events[i]);
        eventbus__v1__producer_event__init(&produced[i]);
        replay[i] = (uint8_t)(n + i);
        payload[i][0] = (uint8_t)(2 * (i % 50));
        produced[i].id = (char *)(uintptr_t)(w.id ? w.id : "id");
        produced[i].schema_id = (char *)"schema";
        produced[i].payload = (ProtobufCBinaryData){ 1, payload[i] };
        events[i].event = &produced[i];
        events[i].replay_id = (ProtobufCBinaryData){ 1, &replay[i] };
        list[i] = &events[i];
    }
    replay[count] = (uint8_t)(n + count - 1);
    r.events = list;
    r.n_events = (size_t)count;
    r.latest_replay_id = (ProtobufCBinaryData){ 1, &replay[count] };
    uint8_t *room = malloc(eventbus__v1__fetch_response__get_packed_size(&r));
    size_t size = eventbus__v1__fetch_response__pack(&r, room);
    server_say(w.subscribe, room, size);
    free(room);
}

static void answer_topic(int32_t id)
{
    uint8_t room[64];
    Eventbus__V1__TopicInfo t = EVENTBUS__V1__TOPIC_INFO__INIT;
    t.can_subscribe = true;
    server_say(id, room, eventbus__v1__topic_info__pack(&t, room));
    server_end(id);
}

static void answer_schema(int32_t id)
{
    uint8_t room[512];
    Eventbus__V1__SchemaInfo i = EVENTBUS__V1__SCHEMA_INFO__INIT;
    i.schema_json = (char *)SCHEMA;
    i.schema_id = (char *)"schema";
    w.schemas++;
    server_say(id, room, eventbus__v1__schema_info__pack(&i, room));
    server_end(id);
}

static int on_header(nghttp2_session *s, const nghttp2_frame *f, const uint8_t *name, size_t name_n,
                     const uint8_t *value, size_t n, uint8_t flags, void *ctx)
{
    (void)flags, (void)ctx;
    if (name_n != 5 || memcmp(name, ":path", 5) != 0)
        return 0;
    const struct span path = { (const char *)value, n };
    int32_t id = f->hd.stream_id;
    w.bodies[id % 16].n = w.sent[id % 16] = 0;
    w.ended[id % 16] = false;
    const nghttp2_nv status = { (uint8_t *)":status", (uint8_t *)"200", 7, 3, 0 };
    const nghttp2_data_provider body = { .read_callback = server_body };
    nghttp2_submit_response(s, id, &status, 1, &body);
    if (span_eq(path, "/eventbus.v1.PubSub/GetTopic"))
        answer_topic(id);
    else if (span_eq(path, "/eventbus.v1.PubSub/GetSchema"))
        answer_schema(id);
    else
        w.subscribe = id;
    return 0;
}

static int on_data(nghttp2_session *s, uint8_t flags, int32_t id, const uint8_t *p, size_t n, void *ctx)
{
    (void)s, (void)flags, (void)ctx;
    if (id != w.subscribe)
        return 0;
    Eventbus__V1__FetchRequest *q = n > 5 ? eventbus__v1__fetch_request__unpack(NULL, n - 5, p + 5) : NULL;
    assert_non_null(q);
    if (w.asked == 0) {
        w.subscribes++;
        w.preset = q->replay_preset;
    }
    w.asked += q->num_requested;
    eventbus__v1__fetch_request__free_unpacked(q, NULL);
    return 0;
}

static int on_frame(nghttp2_session *s, const nghttp2_frame *f, void *ctx)
{
    (void)s, (void)ctx;
    w.pings += f->hd.type == NGHTTP2_PING && !(f->hd.flags & NGHTTP2_FLAG_ACK);
    w.resets += f->hd.type == NGHTTP2_RST_STREAM;
    return 0;
}

static void start_server(struct dial *d)
{
    nghttp2_session_callbacks *callbacks;
    assert_int_equal(nghttp2_session_callbacks_new(&callbacks), 0);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
    assert_int_equal(nghttp2_session_server_new(&d->server, callbacks, NULL), 0);
    nghttp2_session_callbacks_del(callbacks);
    nghttp2_submit_settings(d->server, NGHTTP2_FLAG_NONE, NULL, 0);
    buf_init(&d->to_client, 64 * 1024 * 1024);
}

static void server_work(void)
{
    for (const uint8_t *p; w.dial && !w.deaf;) {
        ssize_t n = nghttp2_session_mem_send(w.dial->server, &p);
        if (n <= 0)
            return;
        buf_add(&w.dial->to_client, p, (size_t)n);
    }
}

/* ---- the connection ---- */

struct dial *dial_open(struct dialer *owner, const char *url, int timeout_ms, dial_fn *done, void *ctx)
{
    (void)owner, (void)url, (void)timeout_ms;
    struct dial *d = calloc(1, sizeof *d);
    assert_true(d && !w.dial); /* never two */
    *d = (struct dial){ .done = done, .ctx = ctx, .fd = eventfd(1, EFD_CLOEXEC) };
    start_server(d);
    w.dial = d;
    w.dials++;
    w.asked = 0;
    w.subscribe = -1;
    return d;
}

void dial_close(struct dial *d)
{
    if (!d)
        return;
    close(d->fd);
    nghttp2_session_del(d->server);
    buf_free(&d->to_client);
    free(d);
    w.dial = NULL;
}

int dial_fd(const struct dial *d)
{
    return d->fd;
}

ssize_t dial_send(struct dial *d, const void *p, size_t n)
{
    if (d->cut)
        return -1;
    if (!w.deaf && nghttp2_session_mem_recv(d->server, p, n) < 0)
        return -1;
    return (ssize_t)n;
}

ssize_t dial_receive(struct dial *d, void *p, size_t n)
{
    if (d->cut)
        return -1;
    size_t left = d->to_client.n - d->read;
    n = n < left ? n : left;
    if (n)
        memcpy(p, d->to_client.p + d->read, n);
    d->read += n;
    return (ssize_t)n;
}

/* ---- the ground ---- */

static bool ask_session(void *ctx, struct subscription *s, uint64_t round, const char *connection, const char *stale)
{
    (void)ctx, (void)s;
    assert_string_equal(connection, "sales");
    copy_text(w.stale, sizeof w.stale, stale);
    w.sessions++;
    w.session_round = round;
    return w.session_open = true;
}

static bool ask_lease(void *ctx, struct subscription *s, uint64_t round, const struct ground_question *q)
{
    (void)ctx, (void)s;
    int *const counts[] = { &w.claims, &w.renewals, &w.losts, &w.releases };
    ++*counts[q->what];
    w.lease_round = round;
    w.lease_what = q->what;
    copy_text(w.reason, sizeof w.reason, q->reason);
    return w.lease_open = true;
}

static bool keep(void *ctx, struct subscription *s, uint64_t round, const struct ground_batch *b)
{
    (void)ctx, (void)s;
    assert_true(w.kept_open < GROUND_OPEN_BATCHES);
    if (w.keep_refuses-- > 0)
        return false;
    w.kept_round[w.kept_open++] = round;
    struct span packed = b->packed;
    struct event first;
    if (event_unpack(&packed, &first))
        copy_span(w.last_id, sizeof w.last_id, first.id);
    w.batches++;
    w.events += b->count;
    return true;
}

static void give_session(void)
{
    const struct org_session session = { .id = "00Dxx0000000000EAA", .url = "https://x.example", .token = "token" };
    assert_true(w.session_open);
    w.session_open = false;
    subscription_on_session(w.s, w.session_round, &session, "");
}

static void give_lease(enum ground_lease lease)
{
    const struct ground_answer none = { .lease = lease };
    assert_true(w.lease_open);
    w.lease_open = false;
    subscription_on_lease(w.s, w.lease_round, lease == GROUND_HELD ? &w.lease : &none);
}

static void give_kept(enum ground_result result)
{
    assert_true(w.kept_open > 0);
    uint64_t round = w.kept_round[0];
    memmove(w.kept_round, w.kept_round + 1, (size_t)--w.kept_open * sizeof *w.kept_round);
    subscription_on_kept(w.s, round, result);
}

/* ---- a test ---- */

static void turn(void)
{
    server_work();
    if (w.dial && !w.dial->told) {
        w.dial->told = true;
        w.dial->done(w.dial->ctx, HTTP_OK, "");
    }
    if (w.lease_open && w.lease_what == GROUND_RENEW && !w.renews_by_hand)
        give_lease(GROUND_HELD);
    loop_turn(&w.loop, 0);
    subscription_work(w.s, clock_ms() + w.ahead_ms);
    server_work();
}

/* A few turns settle everything that needs no answer of the ground. */
static void turns(void)
{
    for (int i = 0; i < 30; i++)
        turn();
}

/* The clock goes on by so much. */
static void later(int64_t ms)
{
    w.ahead_ms += ms;
    turns();
}

/* From the session to the open stream. */
static void open_stream(void)
{
    turns();
    w.ahead_ms = 0; /* what begins now has its time from the true clock */
    give_session();
    if (w.lease_open)
        give_lease(GROUND_HELD);
    turns();
    assert_int_equal(w.asked, SUBSCRIPTION_CREDIT);
}

static int set_up(void **state)
{
    static const struct ground ground = { ask_session, ask_lease, keep, NULL };
    (void)state;
    memset(&w, 0, sizeof w);
    log_set_level(LOG_ERROR);
    for (int i = 0; i < 16; i++)
        buf_init(&w.bodies[i], 64 * 1024 * 1024);
    w.lease = (struct ground_answer){ GROUND_HELD, 1, GROUND_EARLIEST, { "", 0 } };
    w.decoder = decoder_new();
    assert_true(loop_init(&w.loop));
    const struct subscription_parts parts = {
        &w.loop, NULL, w.decoder, &ground, "https://pubsub.example:7443", span_of("sales"), span_of("/data/X")
    };
    w.s = subscription_new(&parts);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    subscription_free(w.s);
    assert_null(w.dial);
    decoder_free(w.decoder);
    loop_fini(&w.loop);
    for (int i = 0; i < 16; i++)
        buf_free(&w.bodies[i]);
    return 0;
}

#endif
