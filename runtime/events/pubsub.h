/*
 * pubsub.h - the messages of the Pub/Sub API that are used here, there and back. protobuf-c reads them with a ceiling
 * on what one message may make of itself: a few bytes can stand for a large object.
 */
#ifndef ACTIONHOST_EVENTS_PUBSUB_H
#define ACTIONHOST_EVENTS_PUBSUB_H

#include "runtime/events/event.h"
#include "runtime/events/pubsub.pb-c.h"

enum {
    PUBSUB_REQUEST = 512, /* bytes of the longest request */
    PUBSUB_MEMORY = 16 * 1024 * 1024
};

typedef Eventbus__V1__TopicInfo pubsub_topic;
typedef Eventbus__V1__SchemaInfo pubsub_schema;
typedef Eventbus__V1__FetchResponse pubsub_fetch;

/* Write a request into `out`, which has PUBSUB_REQUEST bytes; the number of bytes. Longer texts are cut. */
size_t pubsub_topic_request(uint8_t *out, const char *topic);
size_t pubsub_schema_request(uint8_t *out, const char *id);
/* `replay` with the preset CUSTOM alone; topic NULL: more of a subscription that has begun. */
size_t pubsub_fetch_request(uint8_t *out, const char *topic, Eventbus__V1__ReplayPreset preset, struct span replay,
                            int count);

/* NULL: it is no such message, or one that needs more than PUBSUB_MEMORY. Freed by the function below it. */
pubsub_topic *pubsub_topic_read(struct span message);
void pubsub_topic_free(pubsub_topic *m);
pubsub_schema *pubsub_schema_read(struct span message);
void pubsub_schema_free(pubsub_schema *m);
pubsub_fetch *pubsub_fetch_read(struct span message);
void pubsub_fetch_free(pubsub_fetch *m);

#endif
