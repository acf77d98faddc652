/* test_avro.c - schemas and payloads: what is read of an event, and what is refused before avro-c sees it. */
#include "tests/unit/events/event_kit.h"

static struct decoder *decoder;
static struct buf payload;

static int set_up(void **state)
{
    (void)state;
    decoder = decoder_new();
    buf_init(&payload, 4 * 1024 * 1024);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    decoder_free(decoder);
    buf_free(&payload);
    return 0;
}

/* ---- what is read ---- */

static void put_values(double amount, const char *last_name)
{
    put_long(&payload, 1);
    buf_add(&payload, &amount, sizeof amount);
    put_long(&payload, 1);
    put_long(&payload, 0); /* FirstName null */
    put_long(&payload, 1);
    put_string(&payload, last_name);
    put_long(&payload, 0); /* StageName null */
}

static void a_change_event(void **state)
{
    struct form *f = form_of(CHANGE_EVENT);
    const struct change c = { .type = EVENT_GAP_UPDATE, .changed = "0x02", .nulled = "0x08", .diffed = "2-0x02" };
    struct event e = { .id = span_of("kept") };
    (void)state;
    put_header(&payload, &c);
    put_values(454.79, "O\"Neil\xc3\xa9");
    assert_true(decode(decoder, f, bytes_of(&payload), &e));
    assert_span(e.id, "kept");
    assert_span(e.header.entity, "Opportunity");
    assert_span(e.header.transaction_key, "0005a");
    assert_span(e.header.commit_user, "005xx0000000001AAA");
    assert_span(e.header.change_origin, "com/salesforce/api/rest/62.0");
    assert_span(e.header.record_ids, "[\"006xx0000000001AAA\"]");
    assert_span(e.header.changed, "[\"Amount\",\"Name.LastName\",\"StageName\"]");
    assert_span(e.fields, "{\"Amount\":454.79,\"Name\":{\"LastName\":\"O\\\"Neil\xc3\xa9\"}}");
    assert_int_equal(e.header.change, EVENT_GAP_UPDATE);
    assert_int_equal(e.header.sequence, 3);
    assert_int_equal(e.header.commit_ms, 1795000000123);
    assert_int_equal(e.header.commit_number, 11000000001);
    assert_int_equal(e.fault.n, 0);
    form_free(f);
}

static void a_platform_event_has_no_header(void **state)
{
    struct form *f =
        form_of(RECORD("{\"name\":\"CreatedDate\",\"type\":\"long\"},"
                       "{\"name\":\"Flags\",\"type\":[\"null\",{\"type\":\"array\",\"items\":\"boolean\"}]},"
                       "{\"name\":\"Raw\",\"type\":\"bytes\"},"
                       "{\"name\":\"Kind\",\"type\":{\"type\":\"enum\",\"name\":\"K\",\"symbols\":[\"A\",\"B\"]}}"));
    struct event e;
    (void)state;
    put_long(&payload, -7);
    put_long(&payload, 1);
    put_long(&payload, -2); /* a block that tells its bytes */
    put_long(&payload, 2);
    buf_add(&payload, "\1\0", 2);
    put_long(&payload, 0);
    put_string(&payload, "abcd");
    put_long(&payload, 1);
    assert_true(decode(decoder, f, bytes_of(&payload), &e));
    assert_int_equal(e.header.change, EVENT_NO_CHANGE);
    assert_int_equal(e.header.transaction_key.n, 0);
    assert_span(e.fields, "{\"CreatedDate\":-7,\"Flags\":[true,false],\"Raw\":\"YWJjZA==\",\"Kind\":\"B\"}");
    form_free(f);
}

/* The value of one payload is that of no other. */
static void nothing_is_left_of_the_event_before(void **state)
{
    struct form *f = form_of(CHANGE_EVENT);
    const struct change c = { .type = EVENT_UPDATE, .changed = "0x02" };
    struct event e;
    (void)state;
    put_header(&payload, &c);
    put_values(1, "First");
    assert_true(decode(decoder, f, bytes_of(&payload), &e));
    payload.n = 0;
    put_header(&payload, &(struct change){ .type = EVENT_DELETE });
    buf_add(&payload, "\0\0\0", 3);
    assert_true(decode(decoder, f, bytes_of(&payload), &e));
    assert_span(e.fields, "{}");
    assert_span(e.header.changed, "[]");
    form_free(f);
}

/* ---- what is not ---- */

static void assert_fault(struct form *f, const char *words)
{
    struct event e;
    if (decode(decoder, f, bytes_of(&payload), &e))
        fail_msg("read, though %s", words);
    char said[EVENT_REASON + 1];
    copy_span(said, sizeof said, e.fault);
    if (!strstr(said, words))
        fail_msg("not said: %s, but: %s", words, said);
    assert_int_equal(e.fields.n, 0);
    payload.n = 0;
}

static void a_payload_that_does_not_fit(void **state)
{
    struct form *f = form_of(CHANGE_EVENT);
    struct event e;
    (void)state;
    put_header(&payload, &(struct change){ .type = EVENT_UPDATE });
    put_values(1, "x");
    struct span whole = bytes_of(&payload);
    for (size_t n = 0; n < whole.n; n++) { /* in memory of its own */
        char *part = malloc(n + (n == 0));
        memcpy(part, whole.p, n);
        assert_false(decode(decoder, f, (struct span){ part, n }, &e));
        free(part);
    }
    buf_char(&payload, '\0');
    assert_fault(f, "more than its schema says");
    put_header(&payload, &(struct change){ .type = EVENT_UPDATE });
    put_long(&payload, 2); /* a branch that is not there */
    assert_fault(f, "does not have");
    put_header(&payload, &(struct change){ .type = -1 }); /* avro-c would take this symbol */
    buf_add(&payload, "\0\0\0", 3);
    assert_fault(f, "does not have");
    put_header(&payload, &(struct change){ .type = 10 });
    buf_add(&payload, "\0\0\0", 3);
    assert_fault(f, "does not have");
    form_free(f);
}

static void counts_are_not_believed(void **state)
{
    struct form *f = form_of(RECORD("{\"name\":\"a\",\"type\":{\"type\":\"array\",\"items\":\"null\"}}"));
    static const int64_t counts[] = { 10000000, 400001, INT64_MAX, INT64_MIN, -10000000 };
    (void)state;
    for (size_t i = 0; i < COUNT(counts); i++) {
        put_long(&payload, counts[i]);
        put_long(&payload, 0);
        put_long(&payload, 0);
        assert_fault(f, "too many values");
    }
    for (int i = 0; i < 5; i++) /* many blocks, each within bounds */
        put_long(&payload, 100000);
    put_long(&payload, 0);
    assert_fault(f, "too many values");
    form_free(f);
    f = form_of(RECORD("{\"name\":\"s\",\"type\":\"string\"}"));
    put_long(&payload, -1);
    assert_fault(f, "too early");
    put_long(&payload, INT64_MAX);
    assert_fault(f, "too early");
    buf_add(&payload, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", 10);
    assert_fault(f, "number is too long");
    form_free(f);
}

static void a_megabyte_and_one_byte(void **state)
{
    struct form *f = form_of(RECORD("{\"name\":\"s\",\"type\":\"string\"}"));
    char *text = malloc(EVENT_PAYLOAD + 1);
    struct event e;
    (void)state;
    memset(text, 'x', EVENT_PAYLOAD + 1);
    text[EVENT_PAYLOAD - 3] = '\0'; /* three bytes tell the length */
    put_string(&payload, text);
    assert_int_equal(payload.n, EVENT_PAYLOAD);
    assert_true(decode(decoder, f, bytes_of(&payload), &e));
    assert_int_equal(e.fields.n, EVENT_PAYLOAD - 3 + 8);
    payload.n = 0;
    text[EVENT_PAYLOAD - 3] = 'x';
    text[EVENT_PAYLOAD - 2] = '\0';
    put_string(&payload, text);
    assert_fault(f, "longer than 1 MiB");
    free(text);
    form_free(f);
}

static void a_header_that_makes_no_sense(void **state)
{
    static const struct {
        struct change c;
        const char *words;
    } rows[] = {
        { { .type = 9 }, "changeType" },
        { { .changed = "Amount" }, "changedFields" },
        { { .nulled = "0x10" }, "changedFields" },
        { { .id = "006xx0000000001AAAA" }, "recordIds" },
        { { .id = "006'--" }, "recordIds" },
        { { .id = "" }, "recordIds" },
        { { .key = "0123456789012345678901234567890123456789012345678901234567890123456789" }, "ChangeEventHeader" },
        { { .origin = "\xff" }, "ChangeEventHeader" },
    };
    (void)state;
    struct form *f = form_of(CHANGE_EVENT);
    for (size_t i = 0; i < COUNT(rows); i++) {
        put_header(&payload, &rows[i].c);
        buf_add(&payload, "\0\0\0", 3);
        assert_fault(f, rows[i].words);
    }
    struct event e;
    put_header(&payload, &(struct change){ .id = "006*", .type = EVENT_UPDATE }); /* a wildcard is none of these */
    buf_add(&payload, "\0\0\0", 3);
    assert_true(decode(decoder, f, bytes_of(&payload), &e));
    assert_span(e.header.record_ids, "[\"006*\"]");
    form_free(f);
}

static void a_value_that_is_no_text(void **state)
{
    struct form *f = form_of(RECORD("{\"name\":\"s\",\"type\":\"string\"}"));
    (void)state;
    put_long(&payload, 2);
    buf_add(&payload, "\xc3\x28", 2);
    assert_fault(f, "no text");
    put_long(&payload, 3);
    buf_add(&payload, "a\0b", 3);
    assert_fault(f, "no text");
    form_free(f);
    f = form_of(RECORD("{\"name\":\"d\",\"type\":\"double\"}"));
    buf_add(&payload, "\0\0\0\0\0\0\xf0\x7f", 8); /* infinite */
    assert_fault(f, "no number");
    form_free(f);
}

/* ---- schemas ---- */

static void what_is_no_schema_of_events(void **state)
{
    (void)state;
    assert_no_form("", "empty");
    assert_no_form("{", "no Avro schema");
    assert_no_form("7", "no Avro schema");
    assert_no_form("{\"type\":\"record\",\"name\":\"E\",\"fields\":[{\"name\":\"x\",\"type\":\"none\"}]}",
                   "no Avro schema");
    assert_no_form("\"string\"", "no record");
    assert_no_form("[\"null\"," RECORD("") "]", "no record");
    assert_no_form(RECORD("{\"name\":\"m\",\"type\":{\"type\":\"map\",\"values\":\"int\"}}"), "map");
    assert_no_form(RECORD("{\"name\":\"x\",\"type\":[\"null\",\"E\"]}"), "too deeply");
    assert_no_form(RECORD("{\"name\":\"x\",\"type\":{\"type\":\"array\",\"items\":\"E\"}}"), "too deeply");
    assert_no_form(RECORD("{\"name\":\"x\",\"type\":{\"type\":\"fixed\",\"name\":\"F\",\"size\":2000000}}"), "longer");
    assert_no_form(RECORD("{\"name\":\"ChangeEventHeader\",\"type\":\"string\"}"), "no record");
    assert_no_form(
        RECORD("{\"name\":\"ChangeEventHeader\",\"type\":{\"type\":\"record\",\"name\":\"H\",\"fields\":[]}}"),
        "missing");
    char *long_one = malloc(FORM_JSON + 2);
    memset(long_one, ' ', FORM_JSON + 1);
    long_one[FORM_JSON + 1] = '\0';
    assert_no_form(long_one, "longer than 1 MiB");
    free(long_one);
}

/* Ten types, each with ten of the one before it. */
static void a_schema_that_unfolds_without_end(void **state)
{
    struct buf json;
    (void)state;
    buf_init(&json, 64 * 1024);
    buf_str(&json, "{\"type\":\"record\",\"name\":\"E\",\"fields\":[");
    for (int t = 0; t < 10; t++) {
        buf_fmt(&json, "%s{\"name\":\"t%d\",\"type\":{\"type\":\"record\",\"name\":\"T%d\",\"fields\":[", t ? "," : "",
                t, t);
        for (int i = 0; i < 10; i++)
            buf_fmt(&json, t ? "%s{\"name\":\"f%d\",\"type\":\"T%d\"}" : "%s{\"name\":\"f%d\",\"type\":\"int\"}",
                    i ? "," : "", i, t - 1);
        buf_str(&json, "]}}");
    }
    buf_str(&json, "]}");
    assert_no_form(json.p, "too many");
    buf_free(&json);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_change_event),
        TEST(a_platform_event_has_no_header),
        TEST(nothing_is_left_of_the_event_before),
        TEST(a_payload_that_does_not_fit),
        TEST(counts_are_not_believed),
        TEST(a_megabyte_and_one_byte),
        TEST(a_header_that_makes_no_sense),
        TEST(a_value_that_is_no_text),
        TEST(what_is_no_schema_of_events),
        TEST(a_schema_that_unfolds_without_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
