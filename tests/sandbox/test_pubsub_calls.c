/* test_pubsub_calls.c - calls of the Pub/Sub API over a socket: messages, flow, ends of all kinds, what may not be. */
#include "tests/sandbox/grpc_client.h"

#include "sandbox/pubsub/eventbus.pb-c.h"
#include "sandbox/pubsub/pubsub.h"

#define SERVICE "/eventbus.v1.PubSub/"
#define JOBS "/event/Action_Job__e"
#define CODE "sfdc.platform.eventbus.grpc."

static char token[200], header_line[300];
static struct client peer;

static int calls_open(void **state)
{
    if (box_open(state) || !pubsub_listen(box->pubsub, 0))
        return -1;
    struct reply rp = ask("POST", "/sandbox/sign", NULL, "{}");
    json_t *headers = json_loadb(rp.body, rp.body_n, 0, NULL);
    const char *context = json_string_value(json_object_get(headers, "x-client-context"));
    size_t n = 0;
    unsigned char *text = base64_bytes(context, strlen(context), BASE64_PADDED, &n);
    json_t *facts = text ? json_loadb((char *)text, n, 0, NULL) : NULL;
    copy_text(token, sizeof token, json_string_value(json_object_get(facts, "accessToken")));
    snprintf(header_line, sizeof header_line, "Authorization: Bearer %s\nContent-Type: application/json", token);
    json_decref(facts);
    json_decref(headers);
    free(text);
    reply_free(&rp);
    return 0;
}

static int calls_close(void **state)
{
    pubsub_stop(box->pubsub);
    return box_close(state);
}

static void post(const char *target, const char *body, int status)
{
    struct reply rp = ask("POST", target, header_line, body);
    if (rp.status != status)
        fail_msg("%s: %d %s", target, rp.status, rp.body ? rp.body : "");
    reply_free(&rp);
}

static int call_begin(void **state)
{
    (void)state;
    post("/sandbox/reset", "{}", 200);
    client_connect(&peer, pubsub_port(box->pubsub));
    return 0;
}

static int call_end(void **state)
{
    (void)state;
    client_free(&peer);
    return 0;
}

static void fault(const char *spec)
{
    char body[500];
    snprintf(body, sizeof body, "{\"pubsub\":%s}", spec);
    post("/sandbox/faults", body, 200);
}

static void publish(int n)
{
    for (int i = 0; i < n; i++)
        post("/services/data/v62.0/sobjects/Action_Job__e", "{\"JobId__c\":\"j\"}", 201);
}

static void begin(const char *method)
{
    char path[100];
    const char *fields[] = { "accesstoken", token, "instanceurl", box->urls[0], "tenantid", ORG_ID, NULL };
    snprintf(path, sizeof path, SERVICE "%s", method);
    client_call(&peer, path, fields);
}

static void fetch(const char *topic, int n, int preset)
{
    uint8_t room[300];
    Eventbus__V1__FetchRequest q = EVENTBUS__V1__FETCH_REQUEST__INIT;
    q.topic_name = (char *)topic;
    q.num_requested = n;
    q.replay_preset = (Eventbus__V1__ReplayPreset)preset;
    client_send(&peer, room, eventbus__v1__fetch_request__pack(&q, room));
}

/* Reads answers until so many events have come; fails when the call ends before. Returns how many are still asked for.
 */
static int hear(size_t n)
{
    const uint8_t *p;
    size_t size, got = 0;
    int pending = -1;
    while (got < n) {
        if (!client_message(&peer, &p, &size))
            fail_msg("the call has ended after %zu of %zu events: %d %s", got, n, peer.status, peer.error);
        Eventbus__V1__FetchResponse *a = eventbus__v1__fetch_response__unpack(NULL, size, p);
        assert_non_null(a);
        got += a->n_events;
        pending = a->pending_num_requested;
        assert_int_equal(a->latest_replay_id.len, 8);
        eventbus__v1__fetch_response__free_unpacked(a, NULL);
    }
    assert_int_equal(got, n);
    return pending;
}

static void get_topic(const char *name)
{
    uint8_t room[300];
    Eventbus__V1__TopicRequest q = EVENTBUS__V1__TOPIC_REQUEST__INIT;
    q.topic_name = (char *)name;
    begin("GetTopic");
    client_send(&peer, room, eventbus__v1__topic_request__pack(&q, room));
    client_half_close(&peer);
}

static void a_call_of_one_message(void **state)
{
    (void)state;
    const uint8_t *p;
    size_t n;
    get_topic(JOBS);
    assert_true(client_message(&peer, &p, &n));
    Eventbus__V1__TopicInfo *a = eventbus__v1__topic_info__unpack(NULL, n, p);
    assert_non_null(a);
    assert_string_equal(a->topic_name, JOBS);
    assert_string_equal(a->tenant_guid, ORG_ID);
    eventbus__v1__topic_info__free_unpacked(a, NULL);
    client_until_ended(&peer);
    assert_int_equal(peer.http_status, 200);
    assert_int_equal(peer.status, 0);
    get_topic("/data/NothingChangeEvent");
    client_until_ended(&peer);
    assert_int_equal(peer.status, 5);
    assert_string_equal(peer.error, CODE "topic.not.found");
}

static void no_more_than_asked_for(void **state)
{
    (void)state;
    publish(12);
    begin("Subscribe");
    fetch(JOBS, 5, 1);
    assert_int_equal(hear(5), 0);
    assert_false(client_turn(&peer, 60)); /* there are seven more */
    fetch("", 4, 0);
    assert_int_equal(hear(4), 0);
    fetch("", 2, 0);
    fetch("", 3, 0);
    hear(3);
    client_half_close(&peer);
    client_until_ended(&peer);
    assert_int_equal(peer.status, 0);
}

static void events_come_when_they_happen(void **state)
{
    (void)state;
    begin("Subscribe");
    fetch(JOBS, 10, 0);
    client_turn(&peer, 50);
    client_turn(&peer, 50);
    publish(1);
    assert_int_equal(hear(1), 9);
}

/* How the stream ends behind the trailers: reset by the server, or left half open. */
static void ends(const char *spec, int status, bool reset)
{
    fault(spec);
    begin("Subscribe");
    fetch(JOBS, 10, 1);
    hear(2);
    client_until_ended(&peer);
    assert_int_equal(peer.status, status);
    while (!peer.closed && client_turn(&peer, reset ? CLIENT_WAIT_MS : 60)) {
    }
    assert_int_equal(peer.closed, reset);
    if (reset)
        assert_int_equal(peer.reset, NGHTTP2_NO_ERROR);
}

static void ends_with_and_without_a_reset(void **state)
{
    (void)state;
    publish(4);
    ends("{\"afterEvents\":2,\"times\":1,\"end\":true}", 0, true);
    ends("{\"afterEvents\":2,\"times\":1,\"end\":true,\"reset\":false}", 0, false);
    ends("{\"afterEvents\":2,\"times\":1,\"error\":\"service.unavailable\"}", 14, true);
    ends("{\"afterEvents\":2,\"times\":1,\"error\":\"service.unavailable\",\"reset\":false}", 14, false);
    assert_string_equal(peer.error, CODE "service.unavailable");
}

static void streams_and_connections_are_cut(void **state)
{
    (void)state;
    publish(2);
    fault("{\"afterEvents\":1,\"times\":1,\"cut\":\"stream\"}");
    begin("Subscribe");
    fetch(JOBS, 10, 1);
    hear(1);
    client_until_ended(&peer);
    assert_int_equal(peer.status, -1);
    assert_int_equal(peer.reset, NGHTTP2_INTERNAL_ERROR);
    fault("{\"afterEvents\":1,\"times\":1,\"cut\":\"goaway\"}");
    begin("Subscribe");
    fetch(JOBS, 10, 1);
    hear(1);
    client_until_ended(&peer);
    assert_int_equal(peer.status, 0);
    assert_true(peer.goaway);
    client_free(&peer);
    client_connect(&peer, pubsub_port(box->pubsub));
    fault("{\"afterEvents\":1,\"times\":1,\"cut\":\"connection\"}");
    begin("Subscribe");
    fetch(JOBS, 10, 1);
    hear(1);
    client_until_ended(&peer);
    assert_int_equal(peer.status, -1);
    assert_true(peer.closed && !peer.ended);
}

static void what_is_no_call(void **state)
{
    (void)state;
    const char *none[] = { NULL };
    client_call(&peer, SERVICE "Nothing", none);
    client_until_ended(&peer);
    assert_int_equal(peer.status, 12);
    client_call(&peer, SERVICE "Subscribe", none);
    client_until_ended(&peer);
    assert_int_equal(peer.status, 16);
    assert_string_equal(peer.error, CODE "service.auth.headers.invalid");
    begin("GetTopic");
    client_half_close(&peer); /* and no message */
    client_until_ended(&peer);
    assert_int_equal(peer.status, 13);
}

static void messages_that_cannot_be_read(void **state)
{
    (void)state;
    static const uint8_t noise[] = { 0xff, 0xff, 0xff, 0xff, 0xff };
    static const uint8_t compressed[] = { 1, 0, 0, 0, 0 }, endless[] = { 0, 0x7f, 0xff, 0xff, 0xff };
    begin("Subscribe");
    client_send(&peer, noise, sizeof noise);
    client_until_ended(&peer);
    assert_int_equal(peer.status, 13);
    begin("Subscribe");
    text_add(&peer.out, compressed, sizeof compressed);
    client_until_ended(&peer);
    assert_int_equal(peer.status, 12);
    begin("Subscribe");
    text_add(&peer.out, endless, sizeof endless);
    client_until_ended(&peer);
    assert_int_equal(peer.status, 8);
}

static void bytes_come_in_any_pieces(void **state)
{
    (void)state;
    uint8_t room[300];
    Eventbus__V1__FetchRequest q = EVENTBUS__V1__FETCH_REQUEST__INIT;
    q.topic_name = (char *)JOBS;
    q.num_requested = 3;
    q.replay_preset = EVENTBUS__V1__REPLAY_PRESET__EARLIEST;
    publish(3);
    begin("Subscribe");
    client_send(&peer, room, eventbus__v1__fetch_request__pack(&q, room));
    struct text whole = peer.out;
    peer.out = (struct text){ 0 };
    for (size_t i = 0; i < whole.n; i++) {
        text_add(&peer.out, whole.p + i, 1);
        nghttp2_session_resume_data(peer.session, peer.stream);
        client_turn(&peer, 2);
    }
    text_free(&whole);
    hear(3);
}

static void a_backlog_waits_for_its_client(void **state)
{
    (void)state;
    fault("{\"emit\":{\"object\":\"Opportunity\",\"count\":400000,\"idsEach\":40000}}");
    begin("Subscribe");
    fetch("/data/OpportunityChangeEvent", 100, 1);
    hear(10); /* events of 760 kB each, more than a connection holds */
}

static void bulk_jobs_tell_their_changes(void **state)
{
    (void)state;
    char id[32], target[100];
    struct reply rp = ask("POST", "/services/data/v62.0/jobs/ingest", header_line,
                          "{\"object\":\"Account\",\"operation\":\"insert\",\"lineEnding\":\"LF\"}");
    json_t *job = json_loadb(rp.body, rp.body_n, 0, NULL);
    snprintf(id, sizeof id, "%s", json_string_value(json_object_get(job, "id")));
    json_decref(job);
    reply_free(&rp);
    snprintf(target, sizeof target, "/services/data/v62.0/jobs/ingest/%s/batches", id);
    char csv_line[300];
    snprintf(csv_line, sizeof csv_line, "Authorization: Bearer %s\nContent-Type: text/csv", token);
    rp = ask("PUT", target, csv_line, "Name,BillingCity\nA,Rom\nB,Ulm\n");
    assert_int_equal(rp.status, 201);
    reply_free(&rp);
    begin("Subscribe");
    fetch("/data/AccountChangeEvent", 10, 1);
    snprintf(target, sizeof target, "/services/data/v62.0/jobs/ingest/%s", id);
    rp = ask("PATCH", target, header_line, "{\"state\":\"UploadComplete\"}");
    assert_int_equal(rp.status, 200);
    reply_free(&rp);
    const uint8_t *p;
    size_t n;
    assert_true(client_message(&peer, &p, &n));
    Eventbus__V1__FetchResponse *a = eventbus__v1__fetch_response__unpack(NULL, n, p);
    assert_non_null(a);
    assert_int_equal(a->n_events, 2);
    const ProtobufCBinaryData *payload = &a->events[0]->event->payload;
    assert_non_null(memmem(payload->data, payload->len, "com/salesforce/api/bulkapi/62.0", 31));
    eventbus__v1__fetch_response__free_unpacked(a, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_call_of_one_message, call_begin, call_end),
        cmocka_unit_test_setup_teardown(no_more_than_asked_for, call_begin, call_end),
        cmocka_unit_test_setup_teardown(events_come_when_they_happen, call_begin, call_end),
        cmocka_unit_test_setup_teardown(ends_with_and_without_a_reset, call_begin, call_end),
        cmocka_unit_test_setup_teardown(streams_and_connections_are_cut, call_begin, call_end),
        cmocka_unit_test_setup_teardown(what_is_no_call, call_begin, call_end),
        cmocka_unit_test_setup_teardown(messages_that_cannot_be_read, call_begin, call_end),
        cmocka_unit_test_setup_teardown(bytes_come_in_any_pieces, call_begin, call_end),
        cmocka_unit_test_setup_teardown(a_backlog_waits_for_its_client, call_begin, call_end),
        cmocka_unit_test_setup_teardown(bulk_jobs_tell_their_changes, call_begin, call_end),
    };
    return cmocka_run_group_tests(tests, calls_open, calls_close);
}
