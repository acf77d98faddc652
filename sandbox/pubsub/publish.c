/* publish.c - Publish and PublishStream: Avro in, a platform event as if it had come by REST. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/pubsub/eventbus.pb-c.h"
#include "sandbox/pubsub/pubsub_parts.h"

enum { PAYLOAD_MAX = 1024 * 1024 };

/* ---- Avro to what the org takes ---- */

static json_t *json_of(avro_value_t *v)
{
    const char *text;
    size_t n;
    int yes;
    int32_t i;
    int64_t l;
    double d;
    switch (avro_value_get_type(v)) {
    case AVRO_STRING:
        return avro_value_get_string(v, &text, &n) ? NULL : json_stringn(text, n ? n - 1 : 0);
    case AVRO_BOOLEAN:
        return avro_value_get_boolean(v, &yes) ? NULL : json_boolean(yes);
    case AVRO_INT32:
        return avro_value_get_int(v, &i) ? NULL : json_integer(i);
    case AVRO_INT64:
        return avro_value_get_long(v, &l) ? NULL : json_integer(l);
    case AVRO_DOUBLE:
        return avro_value_get_double(v, &d) ? NULL : json_real(d);
    default:
        return json_null();
    }
}

/* The event's own fields, without who and when; NULL when the payload is not that of the schema. */
static json_t *fields_of(const char *schema_json, const uint8_t *payload, size_t n)
{
    avro_schema_t schema = NULL;
    avro_value_iface_t *iface = NULL;
    avro_value_t value = { 0 }, field, branch;
    avro_reader_t reader = avro_reader_memory((const char *)payload, (int64_t)n);
    json_t *out = NULL;
    size_t fields = 0, used = 0;
    if (!reader || avro_schema_from_json_length(schema_json, strlen(schema_json), &schema) ||
        !(iface = avro_generic_class_from_schema(schema)) || avro_generic_value_new(iface, &value) ||
        avro_value_read(reader, &value) || avro_value_sizeof(&value, &used) || used != n ||
        avro_value_get_size(&value, &fields))
        goto out;
    out = json_object();
    for (size_t i = 2; i < fields; i++) {
        const char *name;
        if (avro_value_get_by_index(&value, i, &field, &name) || avro_value_get_current_branch(&field, &branch))
            continue;
        json_object_set_new(out, name, json_of(&branch));
    }
out:
    if (value.iface)
        avro_value_decref(&value);
    if (iface)
        avro_value_iface_decref(iface);
    if (schema)
        avro_schema_decref(schema);
    if (reader)
        avro_reader_free(reader);
    return out;
}

/* ---- one event ---- */

/* What becomes of an event; texts that the answer points to. */
struct outcome {
    Eventbus__V1__PublishResult result;
    Eventbus__V1__Error error;
    uint8_t replay_id[REPLAY_ID_SIZE];
    char uuid[UUID_SIZE], why[512];
};

static void publish_one(struct rpc *r, const struct topic *t, const Eventbus__V1__ProducerEvent *e, struct outcome *o)
{
    uint64_t position = 0;
    char *schema = bus_schema(r->bus, *e->schema_id ? e->schema_id : t->schema_id);
    json_t *fields = schema && e->payload.len && e->payload.len <= PAYLOAD_MAX
                         ? fields_of(schema, e->payload.data, e->payload.len)
                         : NULL;
    copy_text(o->why, sizeof o->why, schema ? "The payload is not that of the schema." : "The schema does not exist.");
    bool ok = fields && org_publish(r->org, &r->user, t->event_name, fields, o->uuid, &position, o->why, sizeof o->why);
    json_decref(fields);
    free(schema);
    eventbus__v1__publish_result__init(&o->result);
    o->result.correlation_key = *e->id ? e->id : o->uuid;
    if (ok) {
        bus_replay_id(r->bus, position, o->replay_id);
        o->result.replay_id = (ProtobufCBinaryData){ REPLAY_ID_SIZE, o->replay_id };
        return;
    }
    eventbus__v1__error__init(&o->error);
    o->error.code = EVENTBUS__V1__ERROR_CODE__PUBLISH;
    o->error.msg = o->why;
    o->result.error = &o->error;
}

static void publish(struct rpc *r, const Eventbus__V1__PublishRequest *q)
{
    struct topic t;
    rpc_strike(r, q->topic_name);
    if (rpc_struck(r) || !rpc_still_allowed(r) || !rpc_topic(r, q->topic_name, &t))
        return;
    if (t.change || t.kind != TOPIC_OBJECT) {
        rpc_fail(r, "topic.meta.permission");
        return;
    }
    if (!q->n_events) {
        rpc_fail(r, "publish.event.count.invalid");
        return;
    }
    Eventbus__V1__PublishResponse out = EVENTBUS__V1__PUBLISH_RESPONSE__INIT;
    struct outcome *outcomes = mem_new(q->n_events * sizeof *outcomes);
    Eventbus__V1__PublishResult **results = mem_new(q->n_events * sizeof(Eventbus__V1__PublishResult *));
    for (size_t i = 0; i < q->n_events; i++) {
        publish_one(r, &t, q->events[i], &outcomes[i]);
        results[i] = &outcomes[i].result;
    }
    out.n_results = q->n_events;
    out.results = results;
    out.schema_id = t.schema_id;
    out.rpc_id = r->id;
    rpc_answer(r, &out.base);
    free(results);
    free(outcomes);
}

void publish_message(struct rpc *r, const uint8_t *p, size_t n)
{
    Eventbus__V1__PublishRequest *q = eventbus__v1__publish_request__unpack(NULL, n, p);
    if (q) {
        publish(r, q);
        eventbus__v1__publish_request__free_unpacked(q, NULL);
    } else {
        grpc_end(r->call, GRPC_INTERNAL, NULL, "The message could not be read.", true);
    }
}
