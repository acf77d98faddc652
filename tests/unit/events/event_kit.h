/* event_kit.h - schemas and payloads that the tests of events write byte by byte. */
#ifndef TESTS_UNIT_EVENTS_EVENT_KIT_H
#define TESTS_UNIT_EVENTS_EVENT_KIT_H

#include "tests/unit/check.h"

#include "runtime/events/decode.h"

#define STRINGS "{\"type\":\"array\",\"items\":\"string\"}"
#define CHANGES                                                                                                        \
    "\"CREATE\",\"UPDATE\",\"DELETE\",\"UNDELETE\",\"GAP_CREATE\",\"GAP_UPDATE\",\"GAP_DELETE\",\"GAP_UNDELETE\","     \
    "\"GAP_OVERFLOW\",\"SNAPSHOT\""
#define HEADER                                                                                                         \
    "{\"name\":\"ChangeEventHeader\",\"type\":{\"type\":\"record\",\"name\":\"Header\",\"fields\":["                   \
    "{\"name\":\"entityName\",\"type\":\"string\"},{\"name\":\"recordIds\",\"type\":" STRINGS "},"                     \
    "{\"name\":\"changeType\",\"type\":{\"type\":\"enum\",\"name\":\"Change\",\"symbols\":[" CHANGES "]}},"            \
    "{\"name\":\"changeOrigin\",\"type\":\"string\"},{\"name\":\"transactionKey\",\"type\":\"string\"},"               \
    "{\"name\":\"sequenceNumber\",\"type\":\"int\"},{\"name\":\"commitTimestamp\",\"type\":\"long\"},"                 \
    "{\"name\":\"commitNumber\",\"type\":\"long\"},{\"name\":\"commitUser\",\"type\":\"string\"},"                     \
    "{\"name\":\"nulledFields\",\"type\":" STRINGS "},{\"name\":\"diffFields\",\"type\":" STRINGS "},"                 \
    "{\"name\":\"changedFields\",\"type\":" STRINGS "}]}}"
#define PERSON                                                                                                         \
    "{\"type\":\"record\",\"name\":\"Person\",\"fields\":[{\"name\":\"FirstName\",\"type\":[\"null\",\"string\"]},"    \
    "{\"name\":\"LastName\",\"type\":[\"null\",\"string\"]}]}"
#define RECORD(fields) "{\"type\":\"record\",\"name\":\"E\",\"fields\":[" fields "]}"
/* Field 0 is the header, 1 Amount, 2 Name of two fields, 3 StageName. */
#define CHANGE_EVENT                                                                                                   \
    RECORD(HEADER ",{\"name\":\"Amount\",\"type\":[\"null\",\"double\"]},"                                             \
                  "{\"name\":\"Name\",\"type\":[\"null\"," PERSON "]},"                                                \
                  "{\"name\":\"StageName\",\"type\":[\"null\",\"string\"]}")

UNUSED static struct form *form_of(const char *json)
{
    char why[200] = "";
    struct form *f = form_new(span_of("id"), span_of(json), why, sizeof why);
    if (!f)
        fail_msg("no schema: %s", why);
    return f;
}

UNUSED static void assert_no_form(const char *json, const char *words)
{
    char why[200] = "";
    struct form *f = form_new(span_of("id"), span_of(json), why, sizeof why);
    if (f)
        fail_msg("taken as a schema: %s", json);
    if (!strstr(why, words))
        fail_msg("not said: %s, but: %s", words, why);
}

/* ---- payloads ---- */

UNUSED static void put_long(struct buf *b, int64_t v)
{
    uint64_t raw = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
    for (; raw >= 0x80; raw >>= 7)
        buf_char(b, (char)(raw | 0x80));
    buf_char(b, (char)raw);
}

UNUSED static void put_string(struct buf *b, const char *s)
{
    put_long(b, (int64_t)strlen(s));
    buf_str(b, s);
}

/* An array of one string, or an empty one. */
UNUSED static void put_list(struct buf *b, const char *item)
{
    if (item) {
        put_long(b, 1);
        put_string(b, item);
    }
    put_long(b, 0);
}

struct change {
    const char *id, *key, *origin;
    int type;
    const char *nulled, *diffed, *changed; /* NULL = none */
};

/* The header of a change event. */
UNUSED static void put_header(struct buf *b, const struct change *c)
{
    put_string(b, "Opportunity");
    put_list(b, c->id ? c->id : "006xx0000000001AAA");
    put_long(b, c->type);
    put_string(b, c->origin ? c->origin : "com/salesforce/api/rest/62.0");
    put_string(b, c->key ? c->key : "0005a");
    put_long(b, 3);
    put_long(b, 1795000000123);
    put_long(b, 11000000001);
    put_string(b, "005xx0000000001AAA");
    put_list(b, c->nulled);
    put_list(b, c->diffed);
    put_list(b, c->changed);
}

UNUSED static struct span bytes_of(const struct buf *b)
{
    return (struct span){ b->p ? b->p : "", b->n };
}

#endif
