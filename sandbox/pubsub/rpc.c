/* rpc.c - the methods of eventbus.v1.PubSub, who may call them, and those that take one message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/record_id.h"
#include "sandbox/base/system.h"
#include "sandbox/http/calls.h"
#include "sandbox/http/faults.h"
#include "sandbox/login/sessions.h"
#include "sandbox/pubsub/eventbus.pb-c.h"
#include "sandbox/pubsub/pubsub_parts.h"

#define SERVICE "/eventbus.v1.PubSub/"
#define CODE_PREFIX "sfdc.platform.eventbus.grpc."

/* ---- errors ---- */

/* Codes and what they mean: Pub/Sub API Developer Guide, "Handle Errors". */
static const struct error {
    const char *code;
    enum grpc_status status;
    const char *message;
} errors[] = {
    { "service.auth.error", GRPC_UNAUTHENTICATED, "Authentication exception occurred." },
    { "service.auth.headers.invalid", GRPC_UNAUTHENTICATED,
      "The headers accesstoken, instanceurl and tenantid are needed, each with a value." },
    { "service.unavailable", GRPC_UNAVAILABLE, "The service is not available. Try again later." },
    { "service.protection.triggered", GRPC_RESOURCE_EXHAUSTED, "Too many connections or requests." },
    { "concurrent.client.limit.exceeded", GRPC_RESOURCE_EXHAUSTED, "Too many clients at a time." },
    { "topic.not.found", GRPC_NOT_FOUND, "The topic does not exist." },
    { "topic.validation.empty", GRPC_INVALID_ARGUMENT, "The topic name is empty." },
    { "topic.meta.permission", GRPC_PERMISSION_DENIED, "The user may not access the topic." },
    { "topic.api.unavailable", GRPC_UNAVAILABLE, "Information on topics is not available. Try again later." },
    { "schema.validation.failed", GRPC_INVALID_ARGUMENT, "The schema ID is empty." },
    { "schema.meta.permission", GRPC_NOT_FOUND, "The schema does not exist or is not accessible." },
    { "schema.api.unavailable", GRPC_UNAVAILABLE, "Information on schemas is not available. Try again later." },
    { "subscription.fetch.replayid.corrupted", GRPC_INVALID_ARGUMENT,
      "The Replay ID is corrupted or outside of the retention window." },
    { "subscription.fetch.replayid.validation.failed", GRPC_INVALID_ARGUMENT, "The Replay ID validation failed." },
    { "subscription.fetch.requested.events.invalid", GRPC_INVALID_ARGUMENT,
      "The number of requested events must be greater than zero." },
    { "subscription.fetch.topic.mismatch", GRPC_INVALID_ARGUMENT,
      "The topic of a fetch request is not that of the first one." },
    { "subscription.topic.cannot.subscribe", GRPC_PERMISSION_DENIED, "The user may not subscribe to the topic." },
    { "subscription.limit.exceeded", GRPC_RESOURCE_EXHAUSTED,
      "You have exceeded the event delivery limit for your org." },
    { "publish.event.count.invalid", GRPC_INVALID_ARGUMENT, "The request has no events." },
    { "publish.topic.mismatch", GRPC_INVALID_ARGUMENT, "The topic of a request is not that of the first one." },
    { "service.auth.refresh.invalid", GRPC_UNAUTHENTICATED, "The refresh token is not valid." },
    { "subscription.internal.error", GRPC_INTERNAL, "The subscription has failed." },
};

void rpc_fail_as(struct rpc *r, const char *code, int status, const char *message, bool reset)
{
    char full[160], text[400];
    const struct error *e = NULL;
    if (strncmp(code, CODE_PREFIX, sizeof CODE_PREFIX - 1) == 0)
        code += sizeof CODE_PREFIX - 1;
    for (size_t i = 0; i < sizeof errors / sizeof *errors && !e; i++)
        if (strcmp(errors[i].code, code) == 0)
            e = &errors[i];
    const char *own = e ? e->message : "The call has failed.";
    snprintf(full, sizeof full, CODE_PREFIX "%s", code);
    snprintf(text, sizeof text, "%s rpcId: %s", *message ? message : own, r->id);
    if (!grpc_ended(r->call)) {
        r->status = status >= 0 ? status : e ? (int)e->status : GRPC_INTERNAL;
        copy_text(r->error, sizeof r->error, code);
    }
    grpc_end(r->call, r->status, full, text, reset);
}

void rpc_fail(struct rpc *r, const char *code)
{
    rpc_fail_as(r, code, -1, "", true);
}

void rpc_end(struct rpc *r, bool reset)
{
    grpc_end(r->call, GRPC_OK, NULL, NULL, reset);
}

/* ---- who calls ---- */

static bool same_org(const char *tenant, int org)
{
    char full[ID_SIZE];
    return id_complete(tenant, full) && strcmp(full, sandbox_org_id(org)) == 0;
}

bool rpc_still_allowed(struct rpc *r)
{
    const struct grpc_metadata *m = grpc_metadata(r->call);
    struct sandbox *s = r->pubsub->sandbox;
    struct session who;
    if (!*m->token || !*m->instance_url || !*m->tenant_id) {
        rpc_fail(r, "service.auth.headers.invalid");
        return false;
    }
    if (!sessions_find(s->sessions, m->token, SESSION_ACCESS, &who) || !same_org(m->tenant_id, who.org) ||
        strcmp(m->instance_url, s->urls[who.org]) != 0) {
        rpc_fail(r, "service.auth.error");
        return false;
    }
    r->org_number = who.org;
    r->user = who.user;
    return true;
}

bool rpc_topic(struct rpc *r, const char *name, struct topic *out)
{
    static const char *const codes[] = { [TOPIC_EMPTY] = "topic.validation.empty",
                                         [TOPIC_NONE] = "topic.not.found",
                                         [TOPIC_FORBIDDEN] = "topic.meta.permission" };
    enum topic_answer answer = bus_topic(r->bus, r->org, r->user.id, name, out);
    if (answer == TOPIC_FOUND)
        return true;
    rpc_fail(r, codes[answer]);
    return false;
}

/* ---- messages ---- */

void rpc_send(struct rpc *r, const ProtobufCMessage *m)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *room = mem_new(n + 1);
    protobuf_c_message_pack(m, room);
    grpc_send(r->call, room, n);
    free(room);
}

static void hold(struct rpc *r, const ProtobufCMessage *m)
{
    size_t n = protobuf_c_message_get_packed_size(m);
    uint8_t *room = mem_new(n + 1);
    protobuf_c_message_pack(m, room);
    text_free(&r->held);
    text_add(&r->held, room, n);
    r->due_ms = steady_us() / 1000 + r->strike.delay_ms;
    free(room);
}

void rpc_answer(struct rpc *r, const ProtobufCMessage *m)
{
    if (r->strike.delay_ms) {
        hold(r, m);
        return;
    }
    rpc_send(r, m);
    if (!r->open_ended)
        rpc_end(r, true);
}

static void unreadable(struct rpc *r)
{
    grpc_end(r->call, GRPC_INTERNAL, NULL, "The message could not be read.", true);
}

static void get_topic(struct rpc *r, const uint8_t *p, size_t n)
{
    Eventbus__V1__TopicRequest *in = eventbus__v1__topic_request__unpack(NULL, n, p);
    struct topic t;
    if (!in) {
        unreadable(r);
        return;
    }
    rpc_strike(r, in->topic_name);
    if (!rpc_struck(r) && rpc_topic(r, in->topic_name, &t)) {
        Eventbus__V1__TopicInfo out = EVENTBUS__V1__TOPIC_INFO__INIT;
        out.topic_name = t.name;
        out.tenant_guid = (char *)sandbox_org_id(r->org_number);
        out.can_publish = !t.change && t.kind == TOPIC_OBJECT;
        out.can_subscribe = true;
        out.schema_id = t.schema_id;
        out.rpc_id = r->id;
        rpc_answer(r, &out.base);
    }
    eventbus__v1__topic_request__free_unpacked(in, NULL);
}

static void get_schema(struct rpc *r, const uint8_t *p, size_t n)
{
    Eventbus__V1__SchemaRequest *in = eventbus__v1__schema_request__unpack(NULL, n, p);
    if (!in) {
        unreadable(r);
        return;
    }
    rpc_strike(r, "");
    bool struck = rpc_struck(r);
    char *json = struck ? NULL : bus_schema(r->bus, in->schema_id);
    if (json) {
        Eventbus__V1__SchemaInfo out = EVENTBUS__V1__SCHEMA_INFO__INIT;
        out.schema_json = json;
        out.schema_id = in->schema_id;
        out.rpc_id = r->id;
        rpc_answer(r, &out.base);
    } else if (!struck) {
        rpc_fail(r, *in->schema_id ? "schema.meta.permission" : "schema.validation.failed");
    }
    free(json);
    eventbus__v1__schema_request__free_unpacked(in, NULL);
}

/* ---- programmed faults ---- */

void rpc_strike(struct rpc *r, const char *topic)
{
    if (r->struck)
        return;
    r->struck = strikes_take(r->pubsub->strikes, r->method->name, topic, &r->strike);
}

bool rpc_struck(struct rpc *r)
{
    const struct rpc_strike *k = &r->strike;
    switch (k->kind) {
    case STRIKE_NONE:
        return false;
    case STRIKE_ERROR:
        rpc_fail_as(r, k->error, k->status, k->message, !k->half_open);
        break;
    case STRIKE_END:
        rpc_end(r, !k->half_open);
        break;
    case STRIKE_STREAM:
        grpc_strike(r->call, GRPC_RESET);
        break;
    case STRIKE_GOAWAY:
        grpc_strike(r->call, GRPC_GOAWAY);
        rpc_end(r, true);
        break;
    case STRIKE_CONNECTION:
        grpc_strike(r->call, GRPC_CUT);
        break;
    case STRIKE_SILENCE:
        r->sub.silent = true;
        break;
    }
    return true;
}

/* ---- the service ---- */

static const struct method methods[] = {
    { "Subscribe", subscribe_message, subscribe_turn },
    { "GetTopic", get_topic, NULL },
    { "GetSchema", get_schema, NULL },
    { "Publish", publish_message, NULL },
    { "PublishStream", publish_message, NULL },
};

/* A fault of whole answers (faults.h) strikes calls of this API by their path, too: late, refused or cut. */
static void strike_as_http(struct rpc *r)
{
    char path[sizeof SERVICE + 32];
    struct strike k;
    snprintf(path, sizeof path, SERVICE "%s", r->method->name);
    struct request rq = { .target = path, .path = path, .query = "" };
    copy_text(rq.method, sizeof rq.method, "POST");
    if (!faults_strike(r->pubsub->sandbox->faults, &rq, &k))
        return;
    r->struck = true;
    r->strike = (struct rpc_strike){ .kind = STRIKE_NONE, .delay_ms = k.delay_ms };
    if (k.status)
        grpc_refuse(r->call, k.status);
    else if (k.cut != CUT_NONE)
        grpc_strike(r->call, GRPC_CUT);
    strike_free(&k);
}

static void *rpc_begin(void *ctx, struct grpc_call *call)
{
    struct pubsub *p = ctx;
    const char *path = grpc_metadata(call)->path;
    const struct method *method = NULL;
    for (size_t i = 0; i < sizeof methods / sizeof *methods && strncmp(path, SERVICE, sizeof SERVICE - 1) == 0; i++)
        if (strcmp(path + sizeof SERVICE - 1, methods[i].name) == 0)
            method = &methods[i];
    if (!method)
        return NULL;
    struct rpc *r = mem_new(sizeof *r);
    *r = (struct rpc){ .pubsub = p, .call = call, .method = method };
    uuid_text(r->id);
    r->begun_ms = now_ms();
    r->open_ended = strcmp(method->name, "PublishStream") == 0;
    strike_as_http(r);
    if (!grpc_ended(call) && rpc_still_allowed(r)) {
        r->org = sandbox_org(p->sandbox, r->org_number);
        r->bus = p->buses[r->org_number];
        if (!r->org)
            rpc_fail(r, "service.unavailable");
    }
    return r;
}

static void rpc_message(void *state, const uint8_t *p, size_t n)
{
    struct rpc *r = state;
    r->method->message(r, p, n);
}

/* A client that asks for nothing more has heard all it wanted. */
static void rpc_half_closed(void *state)
{
    struct rpc *r = state;
    if (r->sub.silent || r->due_ms)
        return;
    if (r->sub.open || r->open_ended)
        rpc_end(r, true);
    else
        grpc_end(r->call, GRPC_INTERNAL, NULL, "The call ended before its message.", true);
}

static int rpc_turn(void *state, int64_t now_ms)
{
    enum { WHENEVER_MS = 60000 };
    struct rpc *r = state;
    if (r->method->turn)
        return r->method->turn(r, now_ms);
    if (!r->due_ms)
        return WHENEVER_MS;
    if (now_ms < r->due_ms)
        return (int)(r->due_ms - now_ms);
    grpc_send(r->call, r->held.p ? r->held.p : "", r->held.n);
    r->due_ms = 0;
    if (!r->open_ended)
        rpc_end(r, true);
    return WHENEVER_MS;
}

/* The call stands in the log of calls as well, with what a test may want to know of it. */
static void rpc_over(void *state)
{
    struct rpc *r = state;
    struct reply rp = { .status = 200 };
    struct request rq = { .n_fields = 1, .fields = { { (char *)"Content-Type", (char *)"application/json" } } };
    struct text target = { 0 };
    json_t *facts = json_pack("{s:s, s:i, s:i, s:i, s:i, s:s}", "topic", r->sub.topic.name, "events", (int)r->sub.sent,
                              "fetches", r->sub.fetches, "most", r->sub.most, "status", r->status, "error", r->error);
    text_fmt(&target, SERVICE "%s", r->method->name);
    copy_text(rq.method, sizeof rq.method, "POST");
    rq.target = rq.path = target.p;
    rq.query = "";
    rq.body = facts ? json_dumps(facts, JSON_COMPACT) : NULL;
    rq.body_n = rq.body ? strlen(rq.body) : 0;
    calls_note(r->pubsub->sandbox->calls, &rq, &rp, r->begun_ms, (now_ms() - r->begun_ms) * 1000, r->struck);
    json_decref(facts);
    free(rq.body);
    text_free(&target);
    text_free(&r->held);
    free(r);
}

const struct grpc_service *rpc_service(struct pubsub *p)
{
    p->service = (struct grpc_service){ rpc_begin, rpc_message, rpc_half_closed, rpc_turn, rpc_over, p };
    return &p->service;
}
