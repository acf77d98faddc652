/* test_schema.c - the schema subset: what compiles, what each keyword refuses and in which words, nulls, limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka needs the above first */
#include <cmocka.h>

#include "runtime/base/encoding.h"
#include "runtime/base/limits.h"
#include "runtime/base/near.h"
#include "runtime/declare/apex_names.h"
#include "runtime/schema/pattern.h"
#include "runtime/schema/schema.h"

static json_t *parse(const char *text)
{
    json_error_t error;
    json_t *v = json_loads(text, JSON_DECODE_ANY, &error);
    if (!v)
        fail_msg("test data is not JSON: %s in %s", error.text, text);
    return v;
}

/* "pointer code" of each violation, joined by "; " */
static void note(void *ctx, const char *pointer, const char *code, const char *message)
{
    struct buf *out = ctx;
    assert_true(strlen(message) > 5);
    assert_true(utf8_valid(span_of(message)));
    buf_fmt(out, "%s%s %s", out->n ? "; " : "", pointer, code);
}

static void expect(const char *schema_text, const char *value_text, const char *violations)
{
    json_t *schema = parse(schema_text), *value = parse(value_text);
    struct buf faults, got;
    buf_init(&faults, 1 << 16);
    buf_init(&got, 1 << 16);
    struct schema *s = schema_new(schema, &faults);
    if (!s)
        fail_msg("refused %s: %s", schema_text, faults.p);
    size_t n = schema_check(s, value, note, &got);
    assert_int_equal(n == 0, got.n == 0);
    if (strcmp(got.p ? got.p : "", violations) != 0)
        fail_msg("%s against %s: got <%s>, wanted <%s>", value_text, schema_text, got.p ? got.p : "", violations);
    schema_free(s);
    buf_free(&faults);
    buf_free(&got);
    json_decref(schema);
    json_decref(value);
}

struct row {
    const char *schema, *value, *violations;
};

static void expect_all(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        expect(rows[i].schema, rows[i].value, rows[i].violations);
}
#define EXPECT_ALL(rows) expect_all(rows, sizeof(rows) / sizeof *(rows))

static void every_violation_is_reported_at_once(void **state)
{
    (void)state;
    expect("{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"a\",\"b\"],\"properties\":{"
           "\"a\":{\"type\":\"string\"},\"b\":{\"type\":\"integer\"},\"c\":{\"type\":\"array\",\"items\":{\"type\":"
           "\"object\","
           "\"properties\":{\"d/e~f\":{\"type\":\"boolean\"}},\"additionalProperties\":false}}}}",
           "{\"b\":\"1\",\"c\":[{},{\"d/e~f\":1,\"g\":null}],\"x\":1}",
           "/a required; /b type; /c/1/d~1e~0f type; /c/1/g unknown_member; /x unknown_member");
}

static void types_are_not_coerced(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "{\"type\":\"integer\"}", "1", "" },
        { "{\"type\":\"integer\"}", "1.0", " type" },
        { "{\"type\":\"integer\"}", "1e2", " type" },
        { "{\"type\":\"integer\"}", "\"1\"", " type" },
        { "{\"type\":\"number\"}", "1", "" },
        { "{\"type\":\"number\"}", "1.5", "" },
        { "{\"type\":\"number\"}", "\"1\"", " type" },
        { "{\"type\":\"boolean\"}", "0", " type" },
        { "{\"type\":\"boolean\"}", "false", "" },
        { "{\"type\":\"string\"}", "null", " type" },
        { "{\"type\":\"string\",\"nullable\":true}", "null", "" },
        { "{\"type\":\"object\"}", "[]", " type" },
        { "{\"type\":\"array\"}", "{}", " type" },
        { "{}", "null", "" },
    };
    EXPECT_ALL(rows);
}

static void limits_hold_at_n_and_break_beyond(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "{\"type\":\"string\",\"minLength\":2}", "\"ab\"", "" },
        { "{\"type\":\"string\",\"minLength\":2}", "\"a\"", " too_short" },
        { "{\"type\":\"string\",\"maxLength\":2}", "\"\xc3\xa4\xe2\x82\xac\"", "" }, /* code points, not bytes */
        { "{\"type\":\"string\",\"maxLength\":2}", "\"\xf0\x9f\x98\x80\xf0\x9f\x98\x80\"", "" },
        { "{\"type\":\"string\",\"maxLength\":2}", "\"abc\"", " too_long" },
        { "{\"type\":\"integer\",\"minimum\":3,\"maximum\":5}", "3", "" },
        { "{\"type\":\"integer\",\"minimum\":3,\"maximum\":5}", "2", " minimum" },
        { "{\"type\":\"integer\",\"minimum\":3,\"maximum\":5}", "5", "" },
        { "{\"type\":\"integer\",\"minimum\":3,\"maximum\":5}", "6", " maximum" },
        { "{\"type\":\"number\",\"minimum\":0,\"exclusiveMinimum\":true}", "0", " minimum" },
        { "{\"type\":\"number\",\"minimum\":0,\"exclusiveMinimum\":true}", "1e-300", "" },
        { "{\"type\":\"number\",\"maximum\":1,\"exclusiveMaximum\":true}", "1.0", " maximum" },
        { "{\"type\":\"integer\",\"maximum\":9007199254740992}", "9007199254740993", " maximum" }, /* no rounding */
        { "{\"type\":\"integer\",\"format\":\"int32\"}", "2147483647", "" },
        { "{\"type\":\"integer\",\"format\":\"int32\"}", "2147483648", " format" },
        { "{\"type\":\"integer\",\"format\":\"int32\"}", "-2147483649", " format" },
        { "{\"type\":\"integer\",\"format\":\"int64\"}", "9223372036854775807", "" },
        { "{\"type\":\"number\",\"format\":\"float\"}", "3.4e38", "" },
        { "{\"type\":\"number\",\"format\":\"float\"}", "3.5e38", " format" },
        { "{\"type\":\"array\",\"minItems\":1,\"maxItems\":2}", "[]", " too_few" },
        { "{\"type\":\"array\",\"minItems\":1,\"maxItems\":2}", "[1,2]", "" },
        { "{\"type\":\"array\",\"minItems\":1,\"maxItems\":2}", "[1,2,3]", " too_many" },
        { "{\"type\":\"array\",\"uniqueItems\":true}", "[1,2,{\"a\":1,\"b\":2},{\"b\":2}]", "" },
        { "{\"type\":\"array\",\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},{\"b\":2,\"a\":1.0}]", " not_unique" },
        { "{\"type\":\"array\",\"uniqueItems\":true}", "[\"1\",1,true,\"true\",null,\"null\"]", "" },
        { "{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}", "\"b\"", "" },
        { "{\"type\":\"string\",\"enum\":[\"a\",\"b\"]}", "\"A\"", " enum" },
    };
    EXPECT_ALL(rows);
}

static void multiples_are_exact_in_decimal(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "{\"type\":\"number\",\"multipleOf\":0.01}", "454.79", "" },
        { "{\"type\":\"number\",\"multipleOf\":0.01}", "454.795", " multiple_of" },
        { "{\"type\":\"number\",\"multipleOf\":0.01}", "0.1", "" },
        { "{\"type\":\"number\",\"multipleOf\":0.01}", "99999999999.99", "" },
        { "{\"type\":\"number\",\"multipleOf\":0.01}", "1e300", "" },
        { "{\"type\":\"number\",\"multipleOf\":0.01}", "1e-300", " multiple_of" },
        { "{\"type\":\"number\",\"multipleOf\":0.123456789}", "1e308", " multiple_of" },
        { "{\"type\":\"integer\",\"multipleOf\":500}", "1500", "" },
        { "{\"type\":\"integer\",\"multipleOf\":500}", "1750", " multiple_of" },
        { "{\"type\":\"integer\",\"multipleOf\":7}", "9223372036854775807", "" },
        { "{\"type\":\"integer\",\"multipleOf\":7}", "9223372036854775806", " multiple_of" },
        { "{\"type\":\"integer\",\"multipleOf\":7}", "-7", "" },
        { "{\"type\":\"integer\",\"multipleOf\":7}", "0", "" },
        { "{\"type\":\"number\",\"multipleOf\":2}", "0.5", " multiple_of" },
    };
    EXPECT_ALL(rows);
}

static void formats(void **state)
{
    (void)state;
#define DATE "{\"type\":\"string\",\"format\":\"date\"}"
#define TIME "{\"type\":\"string\",\"format\":\"date-time\"}"
#define ID "{\"type\":\"string\",\"format\":\"salesforce-id\"}"
    static const struct row rows[] = {
        { DATE, "\"2024-02-29\"", "" },
        { DATE, "\"2023-02-29\"", " format" },
        { DATE, "\"1900-02-29\"", " format" },
        { DATE, "\"2000-02-29\"", "" },
        { DATE, "\"2024-04-31\"", " format" },
        { DATE, "\"2024-00-10\"", " format" },
        { DATE, "\"2024-13-10\"", " format" },
        { DATE, "\"2024-1-1\"", " format" },
        { DATE, "\"2024-01-01T00:00:00Z\"", " format" },
        { DATE, "\"\"", " format" },
        { TIME, "\"2024-02-29T23:59:59Z\"", "" },
        { TIME, "\"2024-02-29t00:00:00.123456789+05:30\"", "" },
        { TIME, "\"2024-02-29T24:00:00Z\"", " format" },
        { TIME, "\"2024-02-29T12:00:00\"", " format" },
        { TIME, "\"2024-02-29 12:00:00Z\"", " format" },
        { TIME, "\"2024-02-29T12:00:00.Z\"", " format" },
        { TIME, "\"2024-02-29T12:00:00+24:00\"", " format" },
        { TIME, "\"2024-02-29T12:00:00+0000\"", " format" },
        { TIME, "\"2016-12-31T23:59:60Z\"", "" },
        { TIME, "\"2016-12-31T15:59:60-08:00\"", "" },
        { TIME, "\"2016-12-31T12:00:60Z\"", " format" },
        { TIME, "\"2024-02-29T12:00:00Zx\"", " format" },
        { ID, "\"001000000000001\"", "" },
        { ID, "\"001000000000001AAA\"", "" },
        { ID, "\"0015g00000ABCdE\"", "" },
        { ID, "\"001000000000001AAB\"", " bad_id_checksum" },
        { ID, "\"00100000000000aAAA\"", "" },
        { ID, "\"00100000000000AAAA\"", " bad_id_checksum" },
        { ID, "\"00100000000000\"", " format" },
        { ID, "\"0010000000000011\"", " format" },
        { ID, "\"00100000000000-\"", " format" },
    };
    EXPECT_ALL(rows);
}

static void unknown_members_get_a_suggestion(void **state)
{
    (void)state;
    assert_true(near_name("flight_id", "flightId"));
    assert_true(near_name("FlightID", "flightId"));
    assert_true(near_name("fligthId", "flightId"));
    assert_false(near_name("airport", "flightId"));
    assert_false(near_name("ab", "abc"));
    assert_false(near_name("", "flightId"));
}

/* The message about one member that is not known. */
static void keep_message(void *ctx, const char *pointer, const char *code, const char *message)
{
    (void)pointer;
    assert_string_equal(code, "unknown_member");
    buf_fmt(ctx, "%s", message);
}

static void a_word_suggests_the_one_name_that_ends_in_it(void **state)
{
    (void)state;
    static const struct {
        const char *value, *rename; /* NULL: the known members are told instead */
    } rows[] = {
        { "{\"type\":1}", "rename \"type\" to \"campaignType\"" },
        { "{\"Type\":1}", "rename \"Type\" to \"campaignType\"" },
        { "{\"campaigntype\":1}", "rename \"campaigntype\" to \"campaignType\"" },
        { "{\"type\":1,\"campaignType\":1}", NULL }, /* is already there */
        { "{\"date\":1}", NULL },                    /* startDate or endDate */
        { "{\"date\":1,\"startDate\":1}", NULL },    /* no less so */
        { "{\"ype\":1}", NULL },                     /* ends in these letters, but they are no word of it */
        { "{\"campaign\":1}", NULL },                /* begins with it */
        { "{\"theCampaignType\":1}", NULL },         /* is the longer one */
        { "{\"\":1}", NULL },
    };
    json_t *schema = parse("{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"campaignType\":{},"
                           "\"startDate\":{},\"endDate\":{}}}");
    struct buf faults, got;
    buf_init(&faults, 4096);
    struct schema *s = schema_new(schema, &faults);
    assert_non_null(s);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *value = parse(rows[i].value);
        buf_init(&got, 4096);
        assert_int_equal(schema_check(s, value, keep_message, &got), 1);
        if (!strstr(got.p, rows[i].rename ? rows[i].rename : "Known members: campaignType, startDate, endDate."))
            fail_msg("%s: %s", rows[i].value, got.p);
        buf_free(&got);
        json_decref(value);
    }
    schema_free(s);
    buf_free(&faults);
    json_decref(schema);
}

static size_t reports;
static size_t longest_pointer;
static void count_report(void *ctx, const char *pointer, const char *code, const char *message)
{
    (void)ctx, (void)code;
    reports++;
    if (strlen(pointer) > longest_pointer)
        longest_pointer = strlen(pointer);
    assert_true(strlen(message) < 480);
    assert_true(utf8_valid(span_of(message)) && utf8_valid(span_of(pointer)));
}

static void hostile_values_stay_bounded(void **state)
{
    (void)state;
    json_t *schema =
        parse("{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"a\":{\"type\":\"array\","
              "\"uniqueItems\":true}}}");
    json_t *value = json_object(), *many = json_array(), *deep = json_array();
    char name[4096];
    struct buf faults;
    buf_init(&faults, 4096);
    struct schema *s = schema_new(schema, &faults);
    assert_non_null(s);
    for (int i = 0; i < LIMIT_VIOLATIONS + 10; i++) {
        memset(name, 0, sizeof name);
        for (size_t k = 0; k < sizeof name - 8; k += 2)
            memcpy(name + k, "\xc3\xa4", 2);
        snprintf(name + sizeof name - 8, 8, "%u", (unsigned)i % 1000);
        json_object_set_new(value, name, json_null());
    }
    assert_int_equal(schema_check(s, value, count_report, NULL), LIMIT_VIOLATIONS + 10);
    assert_int_equal(reports, LIMIT_VIOLATIONS);
    assert_true(longest_pointer > 50 && longest_pointer < 200);
    json_object_clear(value);
    for (int i = 0; i < 100000; i++)
        json_array_append_new(many, json_integer(i));
    json_object_set_new(value, "a", many);
    assert_int_equal(schema_check(s, value, NULL, NULL), 0);
    json_t *at = deep;
    for (int i = 0; i < 3 * LIMIT_JSON_DEPTH; i++) {
        json_t *next = json_array();
        json_array_append_new(at, next);
        at = next;
    }
    json_array_append_new(deep, json_integer(1));
    json_object_set_new(value, "a", deep);
    assert_int_equal(schema_check(s, value, NULL, NULL), 1); /* too deep to tell: refused */
    schema_free(s);
    buf_free(&faults);
    json_decref(schema);
    json_decref(value);
}

static void many_reports_of_any_kind_stay_bounded(void **state)
{
    (void)state;
    json_t *schema = parse("{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"), *value = json_array();
    struct buf faults;
    buf_init(&faults, 4096);
    struct schema *s = schema_new(schema, &faults);
    assert_non_null(s);
    for (int i = 0; i < LIMIT_VIOLATIONS + 7; i++)
        json_array_append_new(value, json_integer(i));
    reports = 0;
    assert_int_equal(schema_check(s, value, count_report, NULL), LIMIT_VIOLATIONS + 7);
    assert_int_equal(reports, LIMIT_VIOLATIONS);
    schema_free(s);
    buf_free(&faults);
    json_decref(schema);
    json_decref(value);
}

static void keep(void *ctx, const char *pointer, const char *code, const char *message)
{
    (void)pointer, (void)code;
    copy_text(ctx, 500, message);
}

/* Wherever a long message is cut, no character is torn apart. */
static void a_long_message_is_cut_between_characters(void **state)
{
    (void)state;
    for (size_t shift = 0; shift < 4; shift++) {
        json_t *values = json_array(), *schema = json_pack("{s:o}", "enum", values), *value = json_integer(1);
        char message[500];
        struct buf faults;
        buf_init(&faults, 4096);
        json_array_append_new(values, json_stringn("xxxx", shift));
        for (int i = 0; i < 60; i++) {
            char text[32];
            snprintf(text, sizeof text, "%d\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80", i);
            json_array_append_new(values, json_string(text));
        }
        struct schema *s = schema_new(schema, &faults);
        assert_non_null(s);
        assert_int_equal(schema_check(s, value, keep, message), 1);
        assert_true(utf8_valid(span_of(message)));
        assert_true(strlen(message) > 390 && strcmp(message + strlen(message) - 3, "...") == 0);
        schema_free(s);
        buf_free(&faults);
        json_decref(schema);
        json_decref(value);
    }
}

static void nulls_of_optional_members_go(void **state)
{
    (void)state;
    json_t *schema =
        parse("{\"type\":\"object\",\"required\":[\"must\"],\"properties\":{\"must\":{\"type\":\"string\"},"
              "\"may\":{\"type\":\"string\"},\"nul\":{\"type\":\"string\",\"nullable\":true},\"list\":{\"type\":"
              "\"array\",\"items\":{\"type\":\"object\",\"properties\":{\"in\":{\"type\":\"integer\"}}}}}}");
    json_t *value = parse("{\"must\":null,\"may\":null,\"nul\":null,\"other\":null,\"list\":[{\"in\":null},null]}");
    json_t *want = parse("{\"must\":null,\"nul\":null,\"other\":null,\"list\":[{},null]}");
    struct buf faults;
    buf_init(&faults, 4096);
    struct schema *s = schema_new(schema, &faults);
    assert_non_null(s);
    schema_drop_nulls(s, value);
    assert_true(json_equal(value, want));
    schema_free(s);
    buf_free(&faults);
    json_decref(schema);
    json_decref(value);
    json_decref(want);
}

static void defaults_fill_what_is_absent(void **state)
{
    (void)state;
    static const struct {
        const char *value, *want;
    } rows[] = {
        { "{}", "{\"n\":5,\"yes\":false,\"nul\":\"x\"}" },
        { "{\"n\":0,\"yes\":true,\"nul\":null}", "{\"n\":0,\"yes\":true,\"nul\":null}" },
        { "{\"in\":{}}", "{\"n\":5,\"yes\":false,\"nul\":\"x\",\"in\":{\"deep\":[1,2]}}" },
        { "{\"list\":[{},{\"a\":2},7]}", "{\"n\":5,\"yes\":false,\"nul\":\"x\",\"list\":[{\"a\":1},{\"a\":2},7]}" },
    };
    json_t *schema =
        parse("{\"type\":\"object\",\"properties\":{\"plain\":{\"type\":\"string\"},\"n\":{\"type\":\"integer\","
              "\"default\":5},\"yes\":{\"type\":\"boolean\",\"default\":false},\"nul\":{\"type\":\"string\","
              "\"nullable\":true,\"default\":\"x\"},\"in\":{\"type\":\"object\",\"properties\":{\"deep\":{\"type\":"
              "\"array\",\"items\":{\"type\":\"integer\"},\"default\":[1,2]}}},\"list\":{\"type\":\"array\",\"items\":{"
              "\"properties\":{\"a\":{\"type\":\"integer\",\"default\":1}}}}}}");
    struct buf faults;
    buf_init(&faults, 4096);
    struct schema *s = schema_new(schema, &faults);
    if (!s)
        fail_msg("%s", faults.p);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *value = parse(rows[i].value), *want = parse(rows[i].want);
        for (int twice = 0; twice < 2; twice++) {
            assert_true(schema_fill_defaults(s, value));
            if (!json_equal(value, want))
                fail_msg("%s is filled otherwise", rows[i].value);
        }
        json_decref(value);
        json_decref(want);
    }
    /* what was filled in is the value's own: changing it leaves the declaration as it is */
    json_t *one = parse("{\"in\":{}}"), *other = parse("{\"in\":{}}");
    assert_true(schema_fill_defaults(s, one));
    json_array_append_new(json_object_get(json_object_get(one, "in"), "deep"), json_integer(3));
    assert_true(schema_fill_defaults(s, other));
    assert_int_equal(json_array_size(json_object_get(json_object_get(other, "in"), "deep")), 2);
    json_decref(one);
    json_decref(other);
    schema_free(s);
    buf_free(&faults);
    json_decref(schema);
}

static void bad_schemas_are_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *schema, *fault;
    } rows[] = {
        { "[]", ": must be a schema" },
        { "{\"type\":[\"string\",\"null\"]}", "/type: " },
        { "{\"type\":\"null\"}", "/type: " },
        { "{\"type\":\"string\",\"title\":\"x\"}", "/title: is not a keyword" },
        { "{\"$ref\":\"#\"}", "/$ref: is not a keyword" },
        { "{\"const\":1}", "/const: is not a keyword" },
        { "{\"type\":\"string\",\"minimum\":1}", "/minimum: means nothing" },
        { "{\"type\":\"string\",\"minLength\":-1}", "/minLength: must be a whole number" },
        { "{\"type\":\"string\",\"minLength\":3,\"maxLength\":2}", "/minLength: is above" },
        { "{\"type\":\"array\",\"minItems\":3,\"maxItems\":2}", "/minItems: is above" },
        { "{\"type\":\"integer\",\"minimum\":3,\"maximum\":2}", "/minimum: leaves no value" },
        { "{\"type\":\"integer\",\"minimum\":3,\"maximum\":3,\"exclusiveMaximum\":true}", "/minimum: leaves no value" },
        { "{\"type\":\"integer\",\"exclusiveMinimum\":3}", "/exclusiveMinimum: must be true or false" },
        { "{\"type\":\"integer\",\"exclusiveMinimum\":true}", "/exclusiveMinimum: needs minimum" },
        { "{\"type\":\"number\",\"multipleOf\":0}", "/multipleOf: must be above 0" },
        { "{\"type\":\"string\",\"format\":\"int32\"}", "/format: does not belong" },
        { "{\"type\":\"string\",\"format\":\"email\"}", "/format: must be one of" },
        { "{\"type\":\"object\",\"required\":[]}", "/required: must be a list" },
        { "{\"type\":\"object\",\"required\":[\"a\",\"a\"]}", "/required: names a member twice" },
        { "{\"type\":\"string\",\"required\":true}", "/required: must be a list" },
        { "{\"type\":\"object\",\"additionalProperties\":{}}", "/additionalProperties: must be false" },
        { "{\"enum\":[]}", "/enum: must be a list" },
        { "{\"enum\":[1,1.0]}", "/enum: names a value twice" },
        { "{\"type\":\"string\",\"enum\":[\"a\",1]}", "/enum: breaks its own schema" },
        { "{\"type\":\"string\",\"pattern\":\"a(\"}", "/pattern: at character" },
        { "{\"type\":\"integer\",\"default\":\"1\"}", "/default: breaks its own schema" },
        { "{\"type\":\"string\",\"enum\":[\"a\"],\"example\":\"b\"}", "/example: breaks its own schema" },
        { "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"array\",\"items\":{\"type\":\"text\"}}}}",
          "/properties/a/items/type: " },
        { "{\"type\":\"string\",\"description\":1}", "/description: " },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        json_t *schema = parse(rows[i].schema);
        struct buf faults;
        buf_init(&faults, 1 << 16);
        struct schema *s = schema_new(schema, &faults);
        if (s || !faults.p || strncmp(faults.p, rows[i].fault, strlen(rows[i].fault)) != 0)
            fail_msg("%s: %s", rows[i].schema, s ? "accepted" : faults.p);
        schema_free(s);
        buf_free(&faults);
        json_decref(schema);
    }
}

static void all_faults_of_a_schema_are_named(void **state)
{
    (void)state;
    json_t *schema =
        parse("{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"text\"},\"b\":{\"minLength\":-1}},\"oneOf\":[]}");
    struct buf faults;
    int lines = 0;
    buf_init(&faults, 1 << 16);
    assert_null(schema_new(schema, &faults));
    for (const char *c = faults.p; *c; c++)
        lines += *c == '\n';
    assert_int_equal(lines, 3);
    buf_free(&faults);
    json_decref(schema);
}

static void schemas_nest_to_a_limit(void **state)
{
    (void)state;
    for (int levels = 15; levels <= 16; levels++) {
        json_t *schema = json_object();
        struct buf faults;
        for (int i = 0; i < levels; i++)
            schema = json_pack("{s:o}", "items", schema);
        buf_init(&faults, 4096);
        struct schema *s = schema_new(schema, &faults);
        assert_int_equal(s != NULL, levels == 15);
        schema_free(s);
        buf_free(&faults);
        json_decref(schema);
    }
}

static void patterns_are_the_common_subset(void **state)
{
    (void)state;
    static const char *const good[] = { "^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$",
                                        "a|b",
                                        "^(a|b)+$",
                                        "^[-a-z]+$",
                                        "^[a-z-]+$",
                                        "\\.",
                                        "^a$|^b$",
                                        "(^a|b$)c*",
                                        "(^a)b+",
                                        "^#[0-9A-Fa-f]{6}$",
                                        "x{2,}",
                                        "a\\{",
                                        "[.]",
                                        "^[A-Z]{2}[0-9]{1,4}$" };
    static const char *const bad[] = { "",
                                       "a.b",
                                       "[^a]",
                                       "\\d",
                                       "\\w+",
                                       "a**",
                                       "a+?",
                                       "(?:a)",
                                       "(?=a)",
                                       "a||b",
                                       "()",
                                       "(a",
                                       "a)",
                                       "[",
                                       "[]a]",
                                       "[a",
                                       "[z-a]",
                                       "a{2,1}",
                                       "a{",
                                       "a{x}",
                                       "a{256}",
                                       "*a",
                                       "|a",
                                       "a|",
                                       "[[:alpha:]]",
                                       "[\\d]",
                                       "\\1",
                                       "a^b",
                                       "(^a)*",
                                       "(a$){2}",
                                       "^(^[a-c]|(^0|[0-9]$)$){2}x",
                                       "((^a|b)c)?",
                                       "a$b",
                                       "$",
                                       "^",
                                       "a]",
                                       "\xc3\xa4",
                                       "[\xc3\xa4]",
                                       "(((((((((a)))))))))",
                                       "(a{255}){255}",
                                       "[a-b-c]x\\",
                                       "\\/" };
    char why[256];
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct pattern *p = pattern_new(good[i], why, sizeof why);
        if (!p)
            fail_msg("refused %s: %s", good[i], why);
        pattern_free(p);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (pattern_new(bad[i], why, sizeof why))
            fail_msg("accepted %s", bad[i]);
    char many[PATTERN_TEXT + 1] = "(a{255}){15}"; /* PATTERN_STEPS exactly; twice as many are too many */
    struct pattern *p = pattern_new(many, why, sizeof why);
    assert_non_null(p);
    pattern_free(p);
    memcpy(many + 12, "|(a{255}){15}", 14);
    assert_null(pattern_new(many, why, sizeof why));
    memset(many, 'a', PATTERN_TEXT);
    many[PATTERN_TEXT] = '\0';
    p = pattern_new(many, why, sizeof why);
    assert_non_null(p);
    pattern_free(p);
    char longer[PATTERN_TEXT + 2];
    memset(longer, 'a', PATTERN_TEXT + 1);
    longer[PATTERN_TEXT + 1] = '\0';
    assert_null(pattern_new(longer, why, sizeof why));
}

static void patterns_match(void **state)
{
    (void)state;
    static const struct row rows[] = {
        { "{\"pattern\":\"^[A-Z]{3}$\"}", "\"LHR\"", "" },
        { "{\"pattern\":\"^[A-Z]{3}$\"}", "\"LHRX\"", " pattern" },
        { "{\"pattern\":\"^[A-Z]{3}$\"}", "\"LHR\\n\"", " pattern" }, /* $ is the end, not before a line end */
        { "{\"pattern\":\"b\"}", "\"abc\"", "" },
        { "{\"pattern\":\"^a-?[0-9]*$\"}", "\"a-12\"", "" },
    };
    EXPECT_ALL(rows);
    char why[256], *big = malloc(PATTERN_INPUT + 2);
    struct pattern *p = pattern_new("^(a|aa|a*)*b?$", why, sizeof why);
    assert_non_null(p);
    memset(big, 'a', PATTERN_INPUT + 1);
    assert_true(pattern_match(p, (struct span){ big, PATTERN_INPUT }));
    assert_false(pattern_match(p, (struct span){ big, PATTERN_INPUT + 1 }));
    pattern_free(p);
    free(big);
}

static void names_survive_or_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "", "1a", "a_b", "a-b", "type", "Type", "ORDER", "while", "abstract", "\xc3\xa4"
    };
    static const char *const good[] = { "a", "flightId", "recordType", "A1", "orders" };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!name_fault(bad[i], 40))
            fail_msg("accepted %s", bad[i]);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_null(name_fault(good[i], 40));
    assert_null(name_fault("abcde", 5));
    assert_non_null(name_fault("abcdef", 5));
    assert_true(name_is_developer_name("Carbon_Actions", 80));
    assert_false(name_is_developer_name("Carbon__Actions", 80));
    assert_false(name_is_developer_name("Carbon_", 80));
    assert_false(name_is_developer_name("1Carbon", 80));
    assert_false(name_is_developer_name("", 80));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_violation_is_reported_at_once),
        cmocka_unit_test(types_are_not_coerced),
        cmocka_unit_test(limits_hold_at_n_and_break_beyond),
        cmocka_unit_test(multiples_are_exact_in_decimal),
        cmocka_unit_test(formats),
        cmocka_unit_test(unknown_members_get_a_suggestion),
        cmocka_unit_test(a_word_suggests_the_one_name_that_ends_in_it),
        cmocka_unit_test(hostile_values_stay_bounded),
        cmocka_unit_test(many_reports_of_any_kind_stay_bounded),
        cmocka_unit_test(a_long_message_is_cut_between_characters),
        cmocka_unit_test(nulls_of_optional_members_go),
        cmocka_unit_test(defaults_fill_what_is_absent),
        cmocka_unit_test(bad_schemas_are_refused_with_a_reason),
        cmocka_unit_test(all_faults_of_a_schema_are_named),
        cmocka_unit_test(schemas_nest_to_a_limit),
        cmocka_unit_test(patterns_are_the_common_subset),
        cmocka_unit_test(patterns_match),
        cmocka_unit_test(names_survive_or_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
