/* pubsub.c - requests packed, answers unpacked. */
#include "runtime/events/pubsub.h"

#include <stdlib.h>
#include <string.h>

/* ---- requests ---- */

size_t pubsub_topic_request(uint8_t *out, const char *topic)
{
    char name[EVENT_TOPIC + 1];
    Eventbus__V1__TopicRequest q = EVENTBUS__V1__TOPIC_REQUEST__INIT;
    copy_text(name, sizeof name, topic);
    q.topic_name = name;
    return eventbus__v1__topic_request__pack(&q, out);
}

size_t pubsub_schema_request(uint8_t *out, const char *id)
{
    char text[EVENT_SCHEMA_ID + 1];
    Eventbus__V1__SchemaRequest q = EVENTBUS__V1__SCHEMA_REQUEST__INIT;
    copy_text(text, sizeof text, id);
    q.schema_id = text;
    return eventbus__v1__schema_request__pack(&q, out);
}

size_t pubsub_fetch_request(uint8_t *out, const char *topic, Eventbus__V1__ReplayPreset preset, struct span replay,
                            int count)
{
    char name[EVENT_TOPIC + 1];
    uint8_t id[EVENT_REPLAY_ID];
    Eventbus__V1__FetchRequest q = EVENTBUS__V1__FETCH_REQUEST__INIT;
    copy_text(name, sizeof name, topic ? topic : "");
    q.topic_name = name;
    q.replay_preset = preset;
    q.replay_id = (ProtobufCBinaryData){ replay.n < sizeof id ? replay.n : sizeof id, id };
    if (q.replay_id.len)
        memcpy(id, replay.p, q.replay_id.len);
    q.num_requested = count;
    return eventbus__v1__fetch_request__pack(&q, out);
}

/* ---- answers ---- */

static void *take(void *ctx, size_t n)
{
    size_t *left = ctx;
    if (n > *left)
        return NULL;
    *left -= n;
    return malloc(n);
}

static void give(void *ctx, void *p)
{
    (void)ctx;
    free(p);
}

static void *read_message(const ProtobufCMessageDescriptor *what, struct span message)
{
    size_t left = PUBSUB_MEMORY;
    ProtobufCAllocator bounded = { .alloc = take, .free = give, .allocator_data = &left };
    return protobuf_c_message_unpack(what, &bounded, message.n, (const uint8_t *)message.p);
}

static void free_message(ProtobufCMessage *m)
{
    ProtobufCAllocator plain = { .alloc = take, .free = give };
    protobuf_c_message_free_unpacked(m, &plain);
}

pubsub_topic *pubsub_topic_read(struct span message)
{
    return read_message(&eventbus__v1__topic_info__descriptor, message);
}

void pubsub_topic_free(pubsub_topic *m)
{
    if (m)
        free_message(&m->base);
}

pubsub_schema *pubsub_schema_read(struct span message)
{
    return read_message(&eventbus__v1__schema_info__descriptor, message);
}

void pubsub_schema_free(pubsub_schema *m)
{
    if (m)
        free_message(&m->base);
}

pubsub_fetch *pubsub_fetch_read(struct span message)
{
    return read_message(&eventbus__v1__fetch_response__descriptor, message);
}

void pubsub_fetch_free(pubsub_fetch *m)
{
    if (m)
        free_message(&m->base);
}
