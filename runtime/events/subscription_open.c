/* subscription_open.c - from a connection to an open stream: the topic is asked for, then its events. */
#include "runtime/base/system.h"
#include "runtime/events/subscription_parts.h"

enum { GOING_MS = 1000 };

struct grpc_metadata subscription_metadata(const struct subscription *s)
{
    return (struct grpc_metadata){ s->token, s->org_url, s->org };
}

static void on_message(void *ctx, struct span message)
{
    struct subscription *s = ctx;
    subscription_set_open(s);
    stream_take(s, message);
}

static void on_end(void *ctx, const struct grpc_end *end)
{
    struct subscription *s = ctx;
    s->stream = NULL;
    subscription_stop(s, policy_of(end), end->message);
}

static bool subscribe(struct subscription *s)
{
    static const Eventbus__V1__ReplayPreset presets[] = {
        [GROUND_LATEST] = EVENTBUS__V1__REPLAY_PRESET__LATEST,
        [GROUND_EARLIEST] = EVENTBUS__V1__REPLAY_PRESET__EARLIEST,
        [GROUND_AFTER] = EVENTBUS__V1__REPLAY_PRESET__CUSTOM,
    };
    uint8_t request[PUBSUB_REQUEST];
    const struct grpc_metadata m = subscription_metadata(s);
    const struct span position = { s->position.p, s->from == GROUND_AFTER ? s->position.n : 0 };
    size_t n = pubsub_fetch_request(request, s->topic, presets[s->from], position, SUBSCRIPTION_CREDIT);
    s->stream = grpc_call(s->grpc, "Subscribe", &m, on_message, on_end, s);
    s->credit = SUBSCRIPTION_CREDIT;
    s->heard_ms = s->open_ms = clock_ms();
    s->step = STEP_STREAM;
    return s->stream && grpc_send(s->stream, request, n);
}

static const struct policy broken = { NULL, 0, POLICY_AGAIN, NULL };

static void on_topic(void *ctx, struct span message)
{
    struct subscription *s = ctx;
    pubsub_topic *topic = pubsub_topic_read(message);
    bool allowed = topic && topic->can_subscribe;
    pubsub_topic_free(topic);
    if (!allowed) {
        static const struct policy refused = {
            NULL, 0, POLICY_REPORT, "the connection's user may not subscribe to it; give it access to the object"
        };
        subscription_stop(s, &refused, NULL);
    }
}

static void on_topic_end(void *ctx, const struct grpc_end *end)
{
    struct subscription *s = ctx;
    s->unary = NULL;
    if (end->status != GRPC_OK)
        subscription_stop(s, policy_of(end), end->message);
    else if (!subscribe(s))
        subscription_stop(s, &broken, "it cannot be subscribed to");
}

/* Tells what is wrong with the topic in a call of its own, before anything is read. */
static void on_opened(void *ctx)
{
    struct subscription *s = ctx;
    uint8_t request[PUBSUB_REQUEST];
    const struct grpc_metadata m = subscription_metadata(s);
    s->step = STEP_TOPIC;
    s->due_ms = clock_ms() + SUBSCRIPTION_CALL_MS;
    s->unary = grpc_call(s->grpc, "GetTopic", &m, on_topic, on_topic_end, s);
    if (!s->unary || !grpc_send(s->unary, request, pubsub_topic_request(request, s->topic)))
        subscription_stop(s, &broken, "the topic cannot be asked for");
    else
        grpc_half_close(s->unary);
}

static void on_lost(void *ctx, const char *why)
{
    subscription_stop(ctx, &broken, why);
}

/* The server will close: begun anew beside the others, not at the same moment. */
static void on_going(void *ctx)
{
    struct subscription *s = ctx;
    uint16_t random;
    random_bytes(&random, sizeof random);
    subscription_stop(s, &broken, "the server moves its calls elsewhere");
    s->failures = 0;
    if (s->step == STEP_PAUSE)
        subscription_pause(s, random % GOING_MS);
}

void stream_open(struct subscription *s)
{
    const struct grpc_handlers h = { on_opened, on_lost, on_going, s };
    s->step = STEP_CONNECTION;
    s->grpc = grpc_open(s->parts.loop, s->parts.dialer, s->parts.url, &h);
    if (!s->grpc)
        subscription_stop(s, &broken, "there is no memory for a connection");
}
