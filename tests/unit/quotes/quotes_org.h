/*
 * quotes_org.h - an org of one test, with Opportunities, Quotes and lines and the ways in which it can refuse them, and
 * the steps of generateQuotes run against it as a worker runs them.
 */
#ifndef TESTS_QUOTES_ORG_H
#define TESTS_QUOTES_ORG_H

#include "tests/unit/check.h"

#include "actions/quotes/job.h"
#include "actions/quotes/rules.h"
#include "runtime/base/system.h"
#include "runtime/client/client.h"
#include "runtime/client/step.h"

#define JOB "6f1c2f0e-6f3c-4f5a-8a3e-2f0c5d1e7a90"
#define OPP(n) "00600000000000" n "AAA"

enum { ORG_RECORDS = 4000 };

struct org_record {
    char key[96], id[19], parent[19];
    bool line, gone;
    json_t *fields;
};

static struct {
    /* what it has */
    json_t *opportunities; /* id -> record with "lines": [records] */
    struct org_record records[ORG_RECORDS];
    size_t records_n;
    bool no_quotes, no_key, read_only, currencies, hidden_currency;
    double tax;
    int lines_page; /* lines of a record that the first page has; 0 = all */
    /* how it refuses */
    const char *refused, *locked; /* the record whose key ends so */
    const char *other_unique;     /* DUPLICATE_VALUE of another field for it */
    bool unknown_twin;            /* a twin is told without naming the field */
    bool denied, no_delete, no_sums;
    int lose_after; /* the answer to the n-th write is lost, 0 = none */
    bool lock_ends; /* after the first refusal */
    const char *condition_error;
    const char *usage; /* of its daily requests, "81/100" */
    /* what was asked */
    int writes, queries, deletes, describes;
    char soql[24000]; /* the last */
    size_t block[64]; /* records of each write */
    json_t *event;    /* what has started the job; NULL = somebody */
    json_t *saved;    /* what an earlier try of the step has saved */
} org;

static struct client *client;
static struct act_call call;
static struct step step;
static struct declaration declaration;
static struct registry_row row;
static bool must_stop;
static int stop_after; /* the n-th question whether to stop is answered with yes */

/* ---- answers ---- */

static bool reply_json(struct http_reply *r, int status, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_COMPACT) : strdup("");
    *r = (struct http_reply){ .status = status, .sent = true };
    buf_init(&r->body, 16 << 20);
    buf_str(&r->body, text);
    copy_text(r->content_type, sizeof r->content_type, "application/json");
    copy_text(r->api_usage, sizeof r->api_usage, org.usage ? org.usage : "");
    free(text);
    json_decref(json);
    return true;
}

static json_t *one_error(const char *code, const char *message)
{
    return json_pack("[{s:s, s:s}]", "errorCode", code, "message", message);
}

static void add_field(json_t *list, const char *name, bool createable)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:i, s:b, s:b}", "name", name, "type", "string", "length", 255,
                                          "createable", createable, "updateable", 1));
}

static bool describe(struct http_reply *r, const char *object)
{
    json_t *fields = json_array();
    bool quote = strcmp(object, "Quote") == 0, line = strcmp(object, "QuoteLineItem") == 0;
    org.describes++;
    add_field(fields, "Id", false);
    if (quote || line) {
        add_field(fields, quote ? "OpportunityId" : "QuoteId", !org.read_only);
        if (!org.no_key)
            add_field(fields, "AppLinkKey__c", true);
    }
    if (strcmp(object, "Opportunity") == 0 && org.currencies && !org.hidden_currency)
        add_field(fields, "CurrencyIsoCode", true);
    if (strcmp(object, "OpportunityLineItem") == 0)
        add_field(fields, "DiscountOverride__c", true);
    bool there = !((quote || line) && org.no_quotes) && strcmp(object, "Organization") != 0 &&
                 (strcmp(object, "CurrencyType") != 0 || org.currencies);
    if (there)
        return reply_json(r, 200, json_pack("{s:s, s:o}", "name", object, "fields", fields));
    json_decref(fields);
    return reply_json(r, 404, one_error("NOT_FOUND", "The requested resource does not exist"));
}

static json_t *page_of(json_t *records, size_t total, const char *next)
{
    json_t *page =
        json_pack("{s:I, s:b, s:o}", "totalSize", (json_int_t)total, "done", next == NULL, "records", records);
    if (next)
        json_object_set_new(page, "nextRecordsUrl", json_string(next));
    return page;
}

/* ---- queries: each text between quotes is a value ---- */

static size_t values_of(const char *soql, char out[][96], size_t max)
{
    size_t n = 0;
    const char *at = strstr(soql, "WHERE");
    while (at && n < max && (at = strchr(at, '\''))) {
        const char *end = strchr(++at, '\'');
        assert_non_null(end);
        assert_true((size_t)(end - at) < 96);
        memcpy(out[n], at, (size_t)(end - at));
        out[n++][end - at] = '\0';
        at = end + 1;
    }
    return n;
}

static json_t *lines_of(const char *id, const json_t *lines)
{
    size_t total = json_array_size(lines),
           n = org.lines_page && total > (size_t)org.lines_page ? (size_t)org.lines_page : total;
    char next[100];
    json_t *some = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append(some, json_array_get(lines, i));
    snprintf(next, sizeof next, "/services/data/v62.0/query/%.18s-%zu", id, n);
    return page_of(some, total, n < total ? next : NULL);
}

static bool more_lines(struct http_reply *r, const char *at)
{
    char id[19];
    json_t *rest = json_array();
    copy_span(id, sizeof id, (struct span){ at, 18 });
    json_t *lines = json_object_get(json_object_get(org.opportunities, id), "lines");
    for (size_t i = (size_t)strtoul(at + 19, NULL, 10); i < json_array_size(lines); i++)
        json_array_append(rest, json_array_get(lines, i));
    return reply_json(r, 200, page_of(rest, json_array_size(lines), NULL));
}

static json_t *deal_row(const char *id, const json_t *deal)
{
    json_t *copy = json_copy((json_t *)deal), *lines = json_object_get(deal, "lines");
    json_object_del(copy, "lines");
    json_object_set_new(copy, "Id", json_string(id));
    json_object_set_new(copy, "OpportunityLineItems", lines ? lines_of(id, lines) : json_null());
    return copy;
}

static bool answer_deals(struct http_reply *r)
{
    static char values[210][96];
    size_t n = values_of(org.soql, values, 210);
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++) {
        const json_t *deal = json_object_get(org.opportunities, values[i]);
        if (deal)
            json_array_append_new(list, deal_row(values[i], deal));
    }
    return reply_json(r, 200, page_of(list, json_array_size(list), NULL));
}

/* Ids behind the last value, 2,000 at most, in their order. */
static bool answer_ids(struct http_reply *r)
{
    static char values[10][96];
    size_t n = values_of(org.soql, values, 10), total = 0;
    const char *after = strstr(org.soql, "AND Id >") && n ? values[n - 1] : "", *id;
    json_t *list = json_array(), *deal;
    json_object_foreach (org.opportunities, id, deal) /* made in the order of their ids */
        if (strcmp(id, after) > 0 && ++total <= 2000)
            json_array_append_new(list, json_pack("{s:s}", "Id", id));
    if (!strstr(org.soql, "LIMIT"))
        total = json_object_size(org.opportunities);
    else
        total = json_array_size(list);
    return reply_json(
        r, 200,
        page_of(list, total, total > json_array_size(list) ? "/services/data/v62.0/query/never-asked-for" : NULL));
}

static double total_of(const char *quote)
{
    double sum = org.tax;
    for (size_t i = 0; i < org.records_n; i++)
        if (org.records[i].line && !org.records[i].gone && strcmp(org.records[i].parent, quote) == 0)
            sum += json_number_value(json_object_get(org.records[i].fields, "UnitPrice")) *
                   json_number_value(json_object_get(org.records[i].fields, "Quantity"));
    return sum;
}

static bool answer_records(struct http_reply *r, bool line)
{
    static char values[210][96];
    size_t n = values_of(org.soql, values, 210);
    json_t *list = json_array();
    for (size_t i = 0; i < org.records_n; i++) {
        const struct org_record *one = &org.records[i];
        bool wanted = false;
        for (size_t v = 0; v < n; v++)
            wanted = wanted || strcmp(values[v], one->key) == 0 || strcmp(values[v], one->id) == 0;
        if (one->line == line && !one->gone && wanted)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:f}", "Id", one->id, "OpportunityId", one->parent,
                                                  "AppLinkKey__c", one->key, "GrandTotal", total_of(one->id)));
    }
    return reply_json(r, 200, page_of(list, json_array_size(list), NULL));
}

static bool answer_sums(struct http_reply *r, bool line)
{
    double amount = 0;
    size_t n = 0;
    if (org.no_sums)
        return reply_json(r, 400,
                          one_error("MALFORMED_QUERY", "field GrandTotal does not support aggregate operator SUM"));
    for (size_t i = 0; i < org.records_n; i++) {
        const struct org_record *one = &org.records[i];
        if (one->gone || strncmp(one->key, JOB ":", 37) != 0 || one->line != line)
            continue;
        n++;
        amount += line ? json_number_value(json_object_get(one->fields, "UnitPrice")) *
                             json_number_value(json_object_get(one->fields, "Quantity"))
                       : total_of(one->id);
    }
    json_t *group = json_pack("{s:I, s:f}", "n", (json_int_t)n, "amount", amount);
    if (org.currencies)
        json_object_set_new(group, "code", json_string("EUR"));
    return reply_json(r, 200, page_of(json_pack("[o]", group), 1, NULL));
}

/* Quotes of these Opportunities, the newest first. */
static bool answer_newest(struct http_reply *r)
{
    static char values[210][96];
    size_t n = values_of(org.soql, values, 210);
    json_t *rows = json_array();
    for (size_t i = org.records_n; i-- > 0;)
        for (size_t k = 0; k < n; k++)
            if (!org.records[i].line && !org.records[i].gone && strcmp(org.records[i].parent, values[k]) == 0)
                json_array_append_new(rows, json_pack("{s:s, s:f}", "OpportunityId", values[k], "GrandTotal",
                                                      total_of(org.records[i].id)));
    return reply_json(r, 200, page_of(rows, json_array_size(rows), NULL));
}

/* Those of a list that stand in a stage, and since when. */
static bool answer_standing(struct http_reply *r)
{
    static char values[210][96];
    size_t n = values_of(org.soql, values, 210);
    json_t *rows = json_array();
    for (size_t i = 0; i + 1 < n; i++) {
        const json_t *deal = json_object_get(org.opportunities, values[i]);
        const char *stage = json_string_value(json_object_get(deal, "StageName"));
        if (stage && strcmp(stage, values[n - 1]) == 0)
            json_array_append_new(rows, json_pack("{s:s, s:O*}", "Id", values[i], "LastStageChangeDate",
                                                  json_object_get(deal, "LastStageChangeDate")));
    }
    return reply_json(r, 200, page_of(rows, json_array_size(rows), NULL));
}

static bool answer_query(struct http_reply *r, const char *escaped)
{
    size_t n = 0;
    org.queries++;
    for (const char *p = escaped; *p && n < sizeof org.soql - 1; p++) {
        unsigned byte = (unsigned char)*p;
        if (*p == '%' && sscanf(p + 1, "%2x", &byte) == 1)
            p += 2;
        org.soql[n++] = *p == '+' ? ' ' : (char)byte;
    }
    org.soql[n] = '\0';
    if (org.condition_error)
        return reply_json(r, 400, one_error("MALFORMED_QUERY", org.condition_error));
    if (strstr(org.soql, "FROM OpportunityLineItems"))
        return answer_deals(r);
    if (strstr(org.soql, "FROM Quote WHERE OpportunityId IN"))
        return answer_newest(r);
    if (strstr(org.soql, "LastStageChangeDate"))
        return answer_standing(r);
    if (strstr(org.soql, "FROM Opportunity "))
        return answer_ids(r);
    bool line = strstr(org.soql, "FROM QuoteLineItem") != NULL;
    return strstr(org.soql, "SUM(") ? answer_sums(r, line) : answer_records(r, line);
}

/* ---- writes ---- */

static bool ends(const char *text, const char *end)
{
    size_t n = strlen(text), m = end ? strlen(end) : 0;
    return end && n >= m && strcmp(text + n - m, end) == 0;
}

static json_t *refusal(const char *code, const char *message)
{
    return json_pack("{s:b, s:[{s:s, s:s, s:[]}]}", "success", 0, "errors", "statusCode", code, "message", message,
                     "fields");
}

static json_t *insert(const json_t *fields)
{
    const char *type = sf_get_text(fields, "attributes.type"), *key = sf_get_text(fields, "AppLinkKey__c");
    bool line = strcmp(type, "QuoteLineItem") == 0;
    char message[200];
    assert_non_null(key);
    if (org.denied)
        return refusal("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity type cannot be inserted: Quote");
    for (size_t i = 0; i < org.records_n; i++)
        if (!org.records[i].gone && strcmp(org.records[i].key, key) == 0) {
            snprintf(message, sizeof message, "duplicate value found: %s duplicates value on record with id: %s",
                     org.unknown_twin ? "<unknown>" : "AppLinkKey__c",
                     org.unknown_twin ? "<unknown>" : org.records[i].id);
            return refusal("DUPLICATE_VALUE", message);
        }
    if (ends(key, org.other_unique))
        return refusal("DUPLICATE_VALUE", "duplicate value found: Serial__c duplicates value on record with id: x");
    if (ends(key, org.refused))
        return refusal("FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not on a Sunday");
    if (ends(key, org.locked)) {
        org.locked = org.lock_ends ? NULL : org.locked;
        return refusal("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record");
    }
    assert_true(org.records_n < ORG_RECORDS);
    struct org_record *one = &org.records[org.records_n++];
    copy_text(one->key, sizeof one->key, key);
    copy_text(one->parent, sizeof one->parent, sf_get_text(fields, line ? "QuoteId" : "OpportunityId"));
    snprintf(one->id, sizeof one->id, line ? "0QL%012zuGAA" : "0Q0%012zuCAA", org.records_n);
    one->line = line;
    one->fields = json_incref((json_t *)fields);
    return json_pack("{s:b, s:s, s:[]}", "success", 1, "id", one->id, "errors");
}

static bool write_many(struct http_reply *r, const char *body)
{
    json_t *json = json_loads(body, 0, NULL), *list = json_array(), *records = json_object_get(json, "records"), *one;
    size_t i;
    assert_true(json_is_false(json_object_get(json, "allOrNone")));
    assert_true(json_array_size(records) >= 1 && json_array_size(records) <= 200);
    org.block[org.writes++ % 64] = json_array_size(records);
    json_array_foreach (records, i, one)
        json_array_append_new(list, insert(one));
    json_decref(json);
    if (org.writes == org.lose_after) {
        json_decref(list);
        *r = (struct http_reply){ .sent = true, .failure = HTTP_CUT };
        buf_init(&r->body, 0);
        return false;
    }
    return reply_json(r, 200, list);
}

static bool delete_many(struct http_reply *r, const char *ids)
{
    json_t *list = json_array();
    org.deletes++;
    for (; *ids && *ids != '&'; ids += 18 + (ids[18] == ',')) {
        bool found = false;
        for (size_t i = 0; i < org.records_n && !org.no_delete; i++) {
            struct org_record *one = &org.records[i];
            bool own = strncmp(one->id, ids, 18) == 0;
            found = found || own;
            one->gone = one->gone || own || (one->line && strncmp(one->parent, ids, 18) == 0);
        }
        json_array_append_new(list, found
                                        ? json_pack("{s:b, s:[], s:s%}", "success", 1, "errors", "id", ids, (size_t)18)
                                        : refusal("DELETE_FAILED", "no"));
    }
    return reply_json(r, 200, list);
}

static bool org_answers(void *ctx, const struct http_request *q, struct http_reply *r)
{
    static char body[4 << 20];
    size_t n = 0;
    const char *query = strstr(q->url, "/query?q="), *object = strstr(q->url, "/sobjects/"), *end;
    char name[64];
    (void)ctx;
    for (size_t i = 0; i < q->pieces && n + q->body[i].n < sizeof body; i++) {
        memcpy(body + n, q->body[i].p, q->body[i].n);
        n += q->body[i].n;
    }
    body[n] = '\0';
    if (!query && (query = strstr(q->url, "/query?explain=")))
        query += strlen("explain=") - strlen("q="); /* refused or not in the same way */
    if (query)
        return answer_query(r, query + strlen("/query?q="));
    if (strstr(q->url, "/query/"))
        return more_lines(r, strstr(q->url, "/query/") + strlen("/query/"));
    if (object && (end = strstr(object, "/describe"))) {
        copy_span(name, sizeof name, (struct span){ object + 10, (size_t)(end - object - 10) });
        return describe(r, name);
    }
    if (strstr(q->url, "/composite/batch")) {
        struct http_reply inner;
        json_t *json = json_loads(body, 0, NULL);
        const char *url =
            json_string_value(json_object_get(json_array_get(json_object_get(json, "batchRequests"), 0), "url"));
        answer_query(&inner, strstr(url, "query?q=") + strlen("query?q="));
        json_t *result = json_loads(inner.body.p, 0, NULL);
        buf_free(&inner.body);
        json_decref(json);
        return reply_json(r, 200,
                          json_pack("{s:b, s:[{s:i, s:o}]}", "hasErrors", 0, "results", "statusCode", inner.status,
                                    "result", result));
    }
    if (strstr(q->url, "/composite/sobjects?ids="))
        return delete_many(r, strstr(q->url, "?ids=") + 5);
    if (strstr(q->url, "/composite/sobjects") && strcmp(q->method, "POST") == 0)
        return write_many(r, body);
    fail_msg("the org got an unexpected request: %s %s", q->method, q->url);
    return false;
}

/* ---- Opportunities ---- */

UNUSED static json_t *add_line(const char *opportunity, const char *id, double quantity, double price)
{
    json_t *deal = json_object_get(org.opportunities, opportunity), *lines = json_object_get(deal, "lines");
    assert_non_null(deal);
    if (!lines) {
        lines = json_array();
        json_object_set_new(deal, "lines", lines);
    }
    json_t *line =
        json_pack("{s:s, s:f, s:f, s:s, s:{s:b, s:s}, s:{s:s, s:s, s:b}}", "Id", id, "Quantity", quantity, "UnitPrice",
                  price, "PricebookEntryId", "01u000000000001AAA", "PricebookEntry", "IsActive", 1, "Pricebook2Id",
                  "01s000000000001AAA", "Product2", "Name", "Gateway", "Family", "Hardware", "IsActive", 1);
    assert_non_null(line);
    json_array_append_new(lines, line);
    return line; /* borrowed */
}

UNUSED static json_t *add_deal(const char *id)
{
    json_t *deal =
        json_pack("{s:s, s:s, s:s, s:{s:b}, s:{s:s}}", "Name", "Deal", "CloseDate", "2027-01-15", "Pricebook2Id",
                  "01s000000000001AAA", "Pricebook2", "IsActive", 1, "Account", "BillingCountry", "Germany");
    json_object_set_new(org.opportunities, id, deal);
    return deal; /* borrowed */
}

/* Opportunities 1 to n, each with two lines: 100 and 2 * 49.9. */
UNUSED static void add_deals(int n)
{
    for (int i = 1; i <= n; i++) {
        char id[19], line[19];
        snprintf(id, sizeof id, "006%012dAAA", i);
        add_deal(id);
        snprintf(line, sizeof line, "00k%012dAAA", 2 * i);
        add_line(id, line, 1, 100);
        snprintf(line, sizeof line, "00k%012dAAA", 2 * i + 1);
        add_line(id, line, 2, 49.9);
    }
}

UNUSED static size_t records_of(bool line)
{
    size_t n = 0;
    for (size_t i = 0; i < org.records_n; i++)
        n += org.records[i].line == line && !org.records[i].gone;
    return n;
}

/* ---- steps ---- */

static bool report(void *ctx, const char *state, bool *stop)
{
    (void)ctx;
    (void)state;
    *stop = must_stop || (stop_after && --stop_after == 0);
    return true;
}

/* Nothing is remembered, so that every step looks at the org. */
static bool forget(void *ctx, const char *key, void **value, size_t *n, int64_t *age_ms)
{
    (void)ctx;
    (void)key;
    (void)value;
    (void)n;
    (void)age_ms;
    return false;
}

static void ignore(void *ctx, const char *key, const void *value, size_t n, int ttl_s)
{
    (void)ctx;
    (void)key;
    (void)value;
    (void)n;
    (void)ttl_s;
}

static struct services services = { .step_report = report, .cache_get = forget, .cache_put = ignore };

static void fresh_call(void)
{
    step_fini(&step);
    call_init(&call, &declaration, &services);
    call.client = client;
    call.deadline_ms = clock_ms() + 60000;
    call.now = 1767225600; /* 2026-01-01 */
    call.step = &step;
    copy_text(step.job_id, sizeof step.job_id, JOB);
    step.attempt = 1;
    step.parallel = 1;
    copy_text(call.request_id, sizeof call.request_id, "test");
    copy_text(call.org.session.url, sizeof call.org.session.url, "https://example.my.salesforce.com");
    copy_text(call.org.session.api_version, sizeof call.org.session.api_version, "62.0");
    copy_text(call.org.session.id, sizeof call.org.session.id, "00D000000000001AAA");
    copy_text(call.org.session.user_id, sizeof call.org.session.user_id, "005000000000001AAA");
    copy_text(call.org.session.token, sizeof call.org.session.token, "token");
}

/* Runs a step in a call of its own; the reply is the caller's. `input` and `payload` are JSON, payload NULL = none. */
UNUSED static json_t *run_step(enum step_work work, const char *input, const char *payload,
                               struct act_job_counts counts)
{
    json_t *in = json_loads(input, 0, NULL), *items = payload ? json_loads(payload, JSON_DECODE_ANY, NULL) : NULL;
    assert_non_null(in);
    fresh_call();
    step.counts = counts;
    call.event = json_incref(org.event);
    step.saved = json_incref(org.saved);
    json_t *reply = step_run(&call, work, in, items);
    call_fini(&call);
    json_decref(in);
    json_decref(items);
    return reply;
}

/* A page of Opportunities 1 to n. */
UNUSED static json_t *run_page(const char *input, int n)
{
    static char items[8192];
    size_t used = (size_t)snprintf(items, sizeof items, "[");
    for (int i = 1; i <= n; i++)
        used += (size_t)snprintf(items + used, sizeof items - used, "%s\"006%012dAAA\"", i > 1 ? "," : "", i);
    snprintf(items + used, sizeof items - used, "]");
    return run_step(STEP_WORK_PAGE, input, items, (struct act_job_counts){ n, 0, 0 });
}

UNUSED static const char *said(const json_t *reply, const char *name)
{
    const char *text = json_string_value(json_object_get(reply, name));
    return text ? text : "";
}

/* The page is done, with this many failed items and this many that are to be tried again. */
UNUSED static json_t *done_with(json_t *reply, int failed, int again)
{
    size_t i;
    json_t *one;
    int counts[2] = { 0, 0 };
    if (strcmp(said(reply, "outcome"), "done") != 0)
        fail_msg("%s: %s %s", said(reply, "outcome"), said(reply, "code"), said(reply, "message"));
    json_array_foreach (json_object_get(reply, "results"), i, one)
        counts[json_is_true(json_object_get(one, "again"))]++;
    if (counts[0] != failed || counts[1] != again) {
        char *text = json_dumps(reply, JSON_COMPACT);
        fail_msg("%d failed, %d again: %.2000s", counts[0], counts[1], text);
    }
    return reply;
}

UNUSED static const json_t *result_of(const json_t *reply, int index)
{
    size_t i;
    json_t *one;
    json_array_foreach (json_object_get(reply, "results"), i, one)
        if (json_integer_value(json_object_get(one, "index")) == index)
            return one;
    fail_msg("the item %d has no result", index);
    return NULL;
}

static void no_fault(void *ctx, const char *fault)
{
    (void)ctx;
    fail_msg("%s", fault);
}

UNUSED static int begin(void **state)
{
    static const struct action_job job = { quotes_plan, quotes_page, quotes_finish };
    static struct action action;
    struct client_settings settings = { .backoff_ms = 1, .send = org_answers };
    char why[200];
    (void)state;
    for (size_t i = 0; i < org.records_n; i++)
        json_decref(org.records[i].fields);
    json_decref(org.opportunities);
    memset(&org, 0, sizeof org);
    org.opportunities = json_object();
    must_stop = false;
    stop_after = 0;
    action.job = &job;
    row = (struct registry_row){ .name = "quotes", .action = &action };
    declaration = (struct declaration){ .row = &row, .operation_id = "generateQuotes", .is_job = true };
    declaration.job.page_items = 200;
    if (client)
        return 0;
    if (!hosts_parse(&settings.org_hosts, "*.my.salesforce.com", false, why, sizeof why) ||
        !rules_choose("sample", no_fault, NULL))
        return -1;
    client = client_new(&settings);
    return client ? 0 : -1;
}

UNUSED static int end(void **state)
{
    begin(state);
    json_decref(org.opportunities);
    org.opportunities = NULL;
    step_fini(&step);
    client_free(client);
    client = NULL;
    return 0;
}

#endif
