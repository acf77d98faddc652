/*
 * carbon_org.h - runs the carbon actions as a worker would, against an org whose answers each test writes.
 */
#ifndef TESTS_CARBON_ORG_H
#define TESTS_CARBON_ORG_H

#include "tests/unit/check.h"

#include <math.h>

#include "runtime/base/system.h"
#include "runtime/client/client.h"

#define FLIGHT "a02000000000001AAA"
#define OTHER "a02000000000002AAA"

/* The org of one test. Texts are JSON. */
static struct {
    const char *flight_fields,
        *booking_fields;                     /* names that describe shows, separated by blanks; NULL = no such object */
    const char *flights, *groups, *bookings; /* records of the answers */
    const char *more_bookings;               /* a second page of them */
    const char *later_fields;                /* of the flight: once a query has named `lost` */
    const char *lost;                        /* a field that the org refuses with INVALID_FIELD */
    int groups_status, update_status;
    const char *groups_error, *update_result;
    char soql[8][24000];
    int queries, describes, updates;
    char update[4096];
} org;

static struct declarations declarations;
static struct client *client;

static void reset(void)
{
    memset(&org, 0, sizeof org);
    org.flight_fields = "Id Airline__c Origin_Airport_Code__c Destination_Airport_Code__c";
    org.booking_fields = "Id Flight__c Class__c Status__c";
    org.groups = "";
    org.groups_status = 200;
    org.update_status = 200;
    org.update_result = "[{\"id\":\"" FLIGHT "\",\"success\":true,\"errors\":[]}]";
}

static bool reply(struct http_reply *r, int status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static bool reply(struct http_reply *r, int status, const char *fmt, ...)
{
    char *text = NULL;
    va_list ap;
    va_start(ap, fmt);
    assert_true(vasprintf(&text, fmt, ap) >= 0);
    va_end(ap);
    *r = (struct http_reply){ .status = status, .sent = true };
    buf_init(&r->body, 4 << 20);
    buf_str(&r->body, text);
    free(text);
    copy_text(r->content_type, sizeof r->content_type, "application/json");
    return true;
}

static bool describe(struct http_reply *r, const char *fields)
{
    char list[4096] = "", copy[1024], *save = NULL, *more;
    if (!fields)
        return reply(r, 404, "[{\"errorCode\":\"NOT_FOUND\",\"message\":\"The requested resource does not exist\"}]");
    copy_text(copy, sizeof copy, fields);
    for (char *name = strtok_r(copy, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
        bool frozen = *name == '!'; /* not to be edited */
        int length = 255;           /* or as given: "Name__c:40" */
        if ((more = strchr(name, ':'))) {
            *more = '\0';
            length = (int)strtol(more + 1, NULL, 10);
        }
        snprintf(list + strlen(list), sizeof list - strlen(list),
                 "%s{\"name\":\"%s\",\"type\":\"string\",\"length\":%d,\"createable\":true,\"updateable\":%s}",
                 *list ? "," : "", name + frozen, length, frozen ? "false" : "true");
    }
    return reply(r, 200, "{\"name\":\"X\",\"fields\":[%s]}", list);
}

static void keep_soql(const char *escaped)
{
    char *out = org.soql[org.queries++ % 8];
    size_t n = 0;
    for (const char *p = escaped; *p && n < sizeof org.soql[0] - 1; p++) {
        unsigned byte = (unsigned char)*p;
        if (*p == '%' && sscanf(p + 1, "%2x", &byte) == 1)
            p += 2;
        out[n++] = *p == '+' ? ' ' : (char)byte;
    }
    out[n] = '\0';
}

static bool records(struct http_reply *r, const char *list)
{
    char *text = NULL;
    if (asprintf(&text, "[%s]", list) < 0)
        abort();
    json_t *all = json_loads(text, 0, NULL);
    size_t n = json_array_size(all);
    json_decref(all);
    free(text);
    return reply(r, 200, "{\"totalSize\":%zu,\"done\":true,\"records\":[%s]}", n, list);
}

static bool booking_records(struct http_reply *r)
{
    if (!org.more_bookings)
        return records(r, org.bookings);
    return reply(
        r, 200,
        "{\"totalSize\":4,\"done\":false,\"nextRecordsUrl\":\"/services/data/v62.0/query/01g000-2\",\"records\":[%s]}",
        org.bookings);
}

static bool answer_query(struct http_reply *r, const char *escaped)
{
    keep_soql(escaped);
    const char *soql = org.soql[(org.queries - 1) % 8];
    if (org.lost && strstr(soql, org.lost)) {
        org.flight_fields = org.later_fields;
        return reply(r, 400, "[{\"errorCode\":\"INVALID_FIELD\",\"message\":\"no\"}]");
    }
    if (strstr(soql, "FROM Flight__c"))
        return records(r, org.flights);
    if (!strstr(soql, "COUNT(Id)"))
        return booking_records(r);
    if (org.groups_error && (!strcmp(org.groups_error, "EXCEEDED_ID_LIMIT") || strstr(soql, "Status__c")))
        return reply(r, 400, "[{\"errorCode\":\"%s\",\"message\":\"no\"}]", org.groups_error);
    if (org.groups_status != 200)
        return reply(r, org.groups_status, "[{\"errorCode\":\"SERVER_UNAVAILABLE\",\"message\":\"busy\"}]");
    return records(r, org.groups);
}

static bool org_answers(void *ctx, const struct http_request *q, struct http_reply *r)
{
    const char *query = strstr(q->url, "/query?q=");
    (void)ctx;
    if (strstr(q->url, "/sobjects/Flight__c/describe")) {
        org.describes++;
        return describe(r, org.flight_fields);
    }
    if (strstr(q->url, "/sobjects/Booking__c/describe")) {
        org.describes++;
        return describe(r, org.booking_fields);
    }
    if (strstr(q->url, "/query/01g000-2"))
        return records(r, org.more_bookings);
    if (query)
        return answer_query(r, query + strlen("/query?q="));
    char body[30000] = "";
    size_t n = 0;
    for (size_t i = 0; i < q->pieces && n + q->body[i].n < sizeof body; i++) {
        memcpy(body + n, q->body[i].p, q->body[i].n);
        n += q->body[i].n;
    }
    if (strstr(q->url, "/composite/batch")) {
        struct http_reply inner;
        json_t *json = json_loads(body, 0, NULL);
        const char *url =
            json_string_value(json_object_get(json_array_get(json_object_get(json, "batchRequests"), 0), "url"));
        assert_non_null(url);
        answer_query(&inner, strstr(url, "query?q=") + strlen("query?q="));
        reply(r, 200, "{\"hasErrors\":false,\"results\":[{\"statusCode\":%d,\"result\":%s}]}", inner.status,
              inner.body.p);
        buf_free(&inner.body);
        json_decref(json);
        return true;
    }
    if (strstr(q->url, "/composite/sobjects") && strcmp(q->method, "PATCH") == 0) {
        org.updates++;
        copy_text(org.update, sizeof org.update, body);
        return reply(r, org.update_status, "%s", org.update_result);
    }
    fail_msg("the org got an unexpected request: %s %s", q->method, q->url);
    return false;
}

static void show(void *ctx, const char *pointer, const char *code, const char *message)
{
    if (ctx)
        print_message("%s: %s: %s\n", pointer, code, message);
}

/*
 * Runs an action as a worker would. Returns the status that the caller sees; *answer is the reply or the refusal and
 * the caller's reference.
 */
static int invoke(const char *operation, const char *input, json_t **answer)
{
    struct act_call call;
    const struct declaration *d = declaration_find(&declarations, span_of(operation));
    json_t *in = json_loads(input, 0, NULL);
    assert_non_null(d);
    assert_non_null(in);
    *answer = NULL;
    schema_drop_nulls(d->input, in);
    if (schema_check(d->input, in, show, NULL)) {
        json_decref(in);
        *answer = json_pack("{s:s}", "code", "invalid_input");
        return 422;
    }
    call_init(&call, d, NULL);
    call.client = client;
    call.deadline_ms = clock_ms() + 20000;
    call.now = 1767225600; /* 2026-01-01 */
    copy_text(call.request_id, sizeof call.request_id, "test");
    copy_text(call.org.session.url, sizeof call.org.session.url, "https://example.my.salesforce.com");
    copy_text(call.org.session.api_version, sizeof call.org.session.api_version, "62.0");
    copy_text(call.org.session.id, sizeof call.org.session.id, "00D000000000001AAA");
    copy_text(call.org.session.user_id, sizeof call.org.session.user_id, "005000000000001AAA");
    copy_text(call.org.session.token, sizeof call.org.session.token, "token");
    int status = 200;
    switch (d->row->action->run(&call, in, answer)) {
    case ACT_OK:
        assert_int_equal(schema_check(d->output, *answer, show, "report"), 0);
        break;
    case ACT_REFUSED:
        status = call.refusal.status;
        *answer = json_pack("{s:s, s:s, s:s, s:O?}", "code", call.refusal.code, "message", call.refusal.message,
                            "field", call.refusal.field, "details", call.details);
        assert_non_null(*answer); /* NULL would mean that a message is not UTF-8 */
        break;
    case ACT_FAULT:
        status = 500;
        break;
    }
    call_fini(&call);
    json_decref(in);
    return status;
}

UNUSED static double number(const json_t *json, const char *name)
{
    const json_t *v = json_object_get(json, name);
    if (!json_is_number(v))
        fail_msg("%s is no number", name);
    return json_number_value(v);
}

UNUSED static const char *text(const json_t *json, const char *name)
{
    const char *s = json_string_value(json_object_get(json, name));
    if (!s)
        fail_msg("%s is no text", name);
    return s;
}

UNUSED static bool warns(const json_t *answer, const char *code)
{
    size_t i;
    const json_t *w;
    json_array_foreach (json_object_get(answer, "warnings"), i, w) {
        if (strcmp(json_string_value(w), code) == 0)
            return true;
    }
    return false;
}

#define ROUTE(id, from, to, more)                                                                                      \
    "{\"attributes\":{\"type\":\"Flight__c\"},\"Id\":\"" id                                                            \
    "\",\"Airline__c\":\"Astro Airlines\",\"Origin_Airport_Code__c\":" from                                            \
    ",\"Destination_Airport_Code__c\":" to more "}"
#define GROUP(id, label, n)                                                                                            \
    "{\"attributes\":{\"type\":\"AggregateResult\"},\"Flight__c\":\"" id "\",\"Class__c\":" label ",\"n\":" n "}"

UNUSED static json_t *one(const char *input)
{
    json_t *answer;
    int status = invoke("calculateCarbonFootprint", input, &answer);
    if (status != 200)
        fail_msg("refused with %d: %s", status,
                 answer ? json_string_value(json_object_get(answer, "message")) : "fault");
    return answer;
}

UNUSED static json_t *refused(const char *input, int status, const char *code)
{
    json_t *answer;
    int got = invoke("calculateCarbonFootprint", input, &answer);
    assert_int_equal(got, status);
    assert_string_equal(text(answer, "code"), code);
    return answer;
}

#define ASK "{\"flightId\":\"" FLIGHT "\"}"
#define WRITE "{\"flightId\":\"" FLIGHT "\",\"writeBack\":true}"
#define TOTALS                                                                                                         \
    "Id Total_CO2_Kg__c CO2_Per_Passenger_Kg__c Distance_Km__c Passenger_Count__c CO2_Calculated_At__c CO2_Method__c"

UNUSED static int start(void **state)
{
    struct buf faults;
    struct client_settings settings = { .backoff_ms = 1, .send = org_answers };
    char why[200];
    (void)state;
    buf_init(&faults, 1 << 16);
    if (!declarations_load(&declarations, &faults)) {
        print_message("%s", faults.p);
        return -1;
    }
    buf_free(&faults);
    if (!hosts_parse(&settings.org_hosts, "*.my.salesforce.com", false, why, sizeof why))
        return -1;
    client = client_new(&settings);
    return client ? 0 : -1;
}

UNUSED static int stop(void **state)
{
    (void)state;
    client_free(client);
    declarations_free(&declarations);
    return 0;
}

#endif
