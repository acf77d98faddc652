/*
 * fuzz_events.c - any bytes where the Pub/Sub API sends something to be read: payloads with their bitmaps, schemas,
 * messages of protocol buffers, and events on their way to the jobs process. The first byte chooses which. What is read
 * keeps to the bounds of event.h, and its JSON is JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/events/event_pack.h"
#include "runtime/events/pubsub.h"
#include "tests/unit/events/event_kit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
    if (!ok)
        abort();
}

static void must_json(struct span text, bool array)
{
    json_error_t e;
    json_t *v = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &e);
    must(v && (array ? json_is_array(v) : json_is_object(v)));
    json_decref(v);
}

static void look_at(const struct event *e, bool change)
{
    must(e->header.entity.n <= EVENT_NAME && e->header.transaction_key.n <= EVENT_KEY &&
         e->header.commit_user.n <= EVENT_NAME && e->header.change_origin.n <= EVENT_ORIGIN);
    must(e->header.change >= EVENT_NO_CHANGE && e->header.change <= EVENT_GAP_OVERFLOW);
    if (change) {
        must_json(e->header.record_ids, true);
        must_json(e->header.changed, true);
    }
    must_json(e->fields, false);
}

/* Read twice with another one between: nothing of it may stay. */
static void payload(const char *schema, struct span bytes)
{
    static struct decoder *d;
    struct event e;
    char why[200];
    struct form *f = form_new(span_of("id"), span_of(schema), why, sizeof why);
    d = d ? d : decoder_new();
    must(f != NULL);
    bool ok = decode(d, f, bytes, &e);
    if (ok)
        look_at(&e, f->header >= 0);
    must(ok == (e.fault.n == 0) && (ok || e.fields.n == 0));
    size_t n = e.fields.n;
    (void)decode(d, f, (struct span){ "", 0 }, &e);
    must(decode(d, f, bytes, &e) == ok && e.fields.n == n);
    form_free(f);
}

/* A schema, and behind a NUL a payload for it. */
static void schema(struct span bytes)
{
    struct span json = bytes;
    const char *nul = memchr(bytes.p, '\0', bytes.n);
    char why[200] = "";
    json.n = nul ? (size_t)(nul - bytes.p) : bytes.n;
    struct form *f = form_new(span_of("id"), json, why, sizeof why);
    must(f || *why);
    if (f && nul) {
        struct decoder *d = decoder_new();
        struct event e;
        if (decode(d, f, (struct span){ nul + 1, bytes.n - json.n - 1 }, &e))
            look_at(&e, f->header >= 0);
        decoder_free(d);
    }
    form_free(f);
}

static void messages(struct span bytes)
{
    pubsub_fetch_free(pubsub_fetch_read(bytes));
    pubsub_topic_free(pubsub_topic_read(bytes));
    pubsub_schema_free(pubsub_schema_read(bytes));
}

static void packed(struct span bytes)
{
    struct event e;
    struct buf again;
    struct span rest = bytes, before = bytes;
    buf_init(&again, 2 * bytes.n + 4096);
    while (event_unpack(&rest, &e)) {
        must(e.id.n <= EVENT_ID && e.replay_id.n <= EVENT_REPLAY_ID && e.fault.n <= EVENT_REASON);
        again.n = 0;
        must(event_pack(&again, &e));
        must(again.n == before.n - rest.n && memcmp(again.p, before.p, again.n) == 0);
        before = rest;
    }
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    char *copy = malloc(size); /* in memory of its own, so that a byte that is read beyond is seen */
    memcpy(copy, data + 1, size - 1);
    const struct span rest = { copy, size - 1 };
    switch (data[0] % 5) {
    case 0:
        payload(CHANGE_EVENT, rest);
        break;
    case 1:
        payload(RECORD("{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":[\"null\",\"bytes\",\"float\"]}},"
                       "{\"name\":\"n\",\"type\":[\"null\",\"long\",\"boolean\"]},"
                       "{\"name\":\"r\",\"type\":{\"type\":\"array\",\"items\":" PERSON "}}"),
                rest);
        break;
    case 2:
        schema(rest);
        break;
    case 3:
        messages(rest);
        break;
    default:
        packed(rest);
    }
    free(copy);
    return 0;
}
