/* events_fixture.h - an org with an event bus, and its events as JSON, read by the schema that the bus gives out. */
#ifndef TESTS_EVENTS_FIXTURE_H
#define TESTS_EVENTS_FIXTURE_H

#include "tests/sandbox/org_fixture.h"

#include <avro.h>

#include "sandbox/pubsub/bus.h"

static struct bus *bus;
static uint64_t position; /* of the test, behind what it has read */
static json_t *events;    /* what was read last: payloads, decoded */

static void no_wake(void *ctx)
{
    (void)ctx;
}

static inline int events_open(void **state)
{
    if (fixture_open(state))
        return -1;
    bus = bus_new(no_wake, NULL);
    bus_listen(bus, org);
    return 0;
}

static inline int events_close(void **state)
{
    fixture_close(state);
    json_decref(events);
    events = NULL;
    bus_free(bus);
    return 0;
}

static inline int events_reset(void **state)
{
    call_options = NULL;
    if (fixture_reset(state))
        return -1;
    bus_reset(bus, org);
    position = bus_latest(bus);
    return 0;
}

static inline json_t *decoded(const struct taken *t)
{
    char *schema_json = bus_schema(bus, t->schema_id), *text = NULL;
    avro_schema_t schema;
    avro_value_t value;
    assert_non_null(schema_json);
    assert_int_equal(avro_schema_from_json_length(schema_json, strlen(schema_json), &schema), 0);
    avro_value_iface_t *iface = avro_generic_class_from_schema(schema);
    assert_int_equal(avro_generic_value_new(iface, &value), 0);
    avro_reader_t reader = avro_reader_memory((const char *)t->payload, (int64_t)t->n);
    assert_int_equal(avro_value_read(reader, &value), 0);
    assert_int_equal(avro_value_to_json(&value, 1, &text), 0);
    size_t used = 0;
    assert_int_equal(avro_value_sizeof(&value, &used), 0);
    assert_int_equal(used, t->n); /* and nothing behind it */
    json_t *out = json_loads(text, 0, NULL);
    assert_non_null(out);
    json_object_set_new(out, "schema", json_loads(schema_json, 0, NULL));
    json_object_set_new(out, "uuid", json_string(t->uuid));
    free(text);
    avro_reader_free(reader);
    avro_value_decref(&value);
    avro_value_iface_decref(iface);
    avro_schema_decref(schema);
    free(schema_json);
    return out;
}

static inline struct topic topic_of(const char *name)
{
    struct topic t;
    struct org_user user;
    assert_true(org_find_user(org, as_user, &user));
    assert_int_equal(bus_topic(bus, org, user.id, name, &t), TOPIC_FOUND);
    return t;
}

/* Reads what came to the topic since the last time; returns how many. */
static inline size_t hear(const char *topic)
{
    struct topic t = topic_of(topic);
    struct taken taken[100];
    json_decref(events);
    events = json_array();
    for (size_t n; (n = bus_take(bus, &t, &position, 100, 1 << 20, taken)) > 0; taken_free(taken, n))
        for (size_t i = 0; i < n; i++)
            json_array_append_new(events, decoded(&taken[i]));
    return json_array_size(events);
}

static inline const json_t *event(size_t i)
{
    return json_array_get(events, i);
}

/* A member of an event's header. */
static inline const json_t *head(size_t i, const char *name)
{
    return json_object_get(json_object_get(event(i), "ChangeEventHeader"), name);
}

static inline const char *head_text(size_t i, const char *name)
{
    const char *s = json_string_value(head(i, name));
    return s ? s : "(not a text)";
}

/* The value of a field, out of its union; NULL when it is null. */
static inline const json_t *value_in(const json_t *record, const char *name)
{
    json_t *v = json_object_get(record, name), *inner;
    const char *branch;
    json_object_foreach (v, branch, inner)
        return inner;
    return NULL;
}

static inline const char *field_text(size_t i, const char *name)
{
    const char *s = json_string_value(value_in(event(i), name));
    return s ? s : "(null)";
}

/* The names that a list of bitmaps means, by comma: read by the schema alone. */
static inline const char *named(size_t i, const char *list)
{
    static char out[2000];
    const json_t *all = head(i, list), *text;
    const json_t *fields = json_object_get(json_object_get(event(i), "schema"), "fields");
    size_t k;
    out[0] = '\0';
    json_array_foreach (all, k, text) {
        const char *s = json_string_value(text), *hex = strstr(s, "0x");
        const json_t *of = fields;
        char prefix[100] = "";
        if (hex != s) {
            const json_t *parent = json_array_get(fields, (size_t)strtol(s, NULL, 10));
            const json_t *type = json_array_get(json_object_get(parent, "type"), 1);
            snprintf(prefix, sizeof prefix, "%s.", json_string_value(json_object_get(parent, "name")));
            if (json_is_string(type)) /* defined where it stood first */
                type = json_array_get(json_object_get(json_array_get(fields, 4), "type"), 1);
            of = json_object_get(type, "fields");
        }
        size_t digits = strlen(hex + 2);
        for (size_t bit = 0; bit < 4 * digits; bit++) {
            char c[2] = { hex[2 + digits - 1 - bit / 4], '\0' };
            if (!(strtol(c, NULL, 16) >> (bit % 4) & 1))
                continue;
            const char *name = json_string_value(json_object_get(json_array_get(of, bit), "name"));
            size_t n = strlen(out);
            snprintf(out + n, sizeof out - n, "%s%s%s", n ? "," : "", prefix, name ? name : "(no field)");
        }
    }
    return out;
}

#endif
