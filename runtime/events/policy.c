/* policy.c - the table. */
#include "runtime/events/policy.h"

#include <string.h>

#include "runtime/base/system.h"

/* Codes: Pub/Sub API documentation, "Handle Errors". The first row that fits holds. */
static const struct policy rows[] = {
    { "subscription.fetch.replayid.corrupted", 0, POLICY_LOST, "the stored position is not known to the org" },
    { "subscription.fetch.replayid.validation.failed", 0, POLICY_LOST,
      "the stored position is not known to the org, or older than the 72 hours that it keeps" },
    { "subscription.fetch.requested.events.invalid", 0, POLICY_REPORT,
      "the org refuses the number of events asked for" },
    { "subscription.limit.exceeded", 0, POLICY_LIMIT,
      "the org's daily allocation of delivered events is used up; filter the channel, or buy more" },
    { "service.auth", 0, POLICY_TOKEN, "the org refuses the connection's token; authorize the connection again" },
    { "service.unavailable", 0, POLICY_AGAIN, NULL },
    { NULL, GRPC_UNAUTHENTICATED, POLICY_TOKEN,
      "the org refuses the connection's token; authorize the connection again" },
    { NULL, GRPC_PERMISSION_DENIED, POLICY_REPORT,
      "the connection's user may not subscribe to it; give it access to the object" },
    { NULL, GRPC_NOT_FOUND, POLICY_REPORT,
      "the org has no such topic; switch Change Data Capture on for the object, or make the channel" },
    { NULL, GRPC_INVALID_ARGUMENT, POLICY_REPORT, NULL },
    { NULL, GRPC_UNIMPLEMENTED, POLICY_REPORT, "PUBSUB_URL leads to something that is no Pub/Sub API" },
    { NULL, GRPC_RESOURCE_EXHAUSTED, POLICY_LIMIT, "the org's allocation of events is used up" },
};
static const struct policy otherwise = { NULL, 0, POLICY_AGAIN, NULL };

static bool is_code(const char *code, const char *row)
{
    return strncmp(code, POLICY_PREFIX, sizeof POLICY_PREFIX - 1) == 0 &&
           strncmp(code + sizeof POLICY_PREFIX - 1, row, strlen(row)) == 0;
}

const struct policy *policy_of(const struct grpc_end *e)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].code ? is_code(e->error_code, rows[i].code) : e->status == rows[i].status)
            return &rows[i];
    return &otherwise;
}

int64_t policy_pause_ms(enum policy_action action, unsigned failures)
{
    enum { DOUBLINGS = 6 };
    static const struct {
        int64_t least, most;
    } pauses[] = {
        [POLICY_AGAIN] = { 2000, 60000 },     [POLICY_TOKEN] = { 2000, 60000 },   [POLICY_LOST] = { 2000, 60000 },
        [POLICY_LIMIT] = { 900000, 3600000 }, [POLICY_REPORT] = { 30000, 60000 },
    };
    int64_t pause = pauses[action].least << (failures < DOUBLINGS ? failures : DOUBLINGS);
    if (pause > pauses[action].most)
        pause = pauses[action].most;
    uint32_t random;
    random_bytes(&random, sizeof random);
    return pause / 2 + (int64_t)(random % (uint64_t)(pause / 2 + 1));
}
