/*
 * recorded_sandbox.c - the sandbox against recorded answers of real orgs (WireMock mapping files).
 *
 *     recorded_sandbox DIR...
 *
 * For each file the sandbox gets the objects, fields and records that the file itself speaks of; then the recorded
 * request goes through the whole sandbox (sessions, faults, org) and the answer must have the recorded status, keys,
 * types, values (but for generated ids, addresses and messages) and error codes. Where the recorded answer is not what
 * an org says itself (HTML, an error under 200, an empty 500), it is programmed as a fault. Bulk API files (/jobs/) are
 * counted apart.
 */
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/text.h"
#include "sandbox/http/faults.h"
#include "sandbox/login/sessions.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/recorded_ids.h"
#include "tests/sandbox/recorded_setup.h"

struct recording {
    const char *name;
    const json_t *request, *response;
    char method[HTTP_METHOD_MAX];
    char *url;    /* path and query, encoded */
    json_t *body; /* of the request, or NULL */
    int status;
    char *answer; /* the recorded body's bytes, NULL = none */
    size_t answer_n;
    json_t *parsed; /* NULL when it is not JSON */
    char why[500];
};

static struct sandbox *box;
static struct org_user user;

static bool wrong(struct recording *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool wrong(struct recording *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!r->why[0])
        vsnprintf(r->why, sizeof r->why, fmt, ap);
    va_end(ap);
    return false;
}

/* ---- reading ---- */

static void encode(char **o, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; *s; s++) {
        *(*o)++ = '%';
        *(*o)++ = hex[(unsigned char)*s >> 4];
        *(*o)++ = hex[*s & 15];
    }
}

static const char *text_in(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* WireMock says what a value must be in several words; we send what satisfies it. */
static const char *wanted(const json_t *rule)
{
    static const char *const words[] = { "equalTo", "contains", "matches" };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (json_is_string(json_object_get(rule, words[i])))
            return text_in(rule, words[i]);
    return json_is_string(rule) ? json_string_value(rule) : "";
}

static char *read_url(const json_t *request)
{
    static const char *const names[] = { "url", "urlPath", "urlPathPattern", "urlPattern" };
    const char *path = "", *name;
    const json_t *parameters = json_object_get(request, "queryParameters");
    json_t *rule;
    size_t room = 1;
    for (size_t i = 0; i < sizeof names / sizeof *names && !*path; i++)
        path = text_in(request, names[i]);
    room += strlen(path);
    json_object_foreach ((json_t *)parameters, name, rule)
        room += 3 * (strlen(name) + strlen(wanted(rule))) + 2;
    char *url = malloc(room), *o = url;
    memcpy(o, path, strlen(path) + 1);
    o += strlen(path);
    json_object_foreach ((json_t *)parameters, name, rule) {
        *o = strchr(url, '?') ? '&' : '?';
        *++o = '\0';
        size_t n = strlen(name);
        memcpy(o, name, n);
        o += n;
        *o++ = '=';
        encode(&o, wanted(rule));
        *o = '\0';
    }
    return url;
}

static json_t *read_body(const json_t *request)
{
    json_t *pattern, *equal;
    size_t i;
    json_array_foreach (json_object_get(request, "bodyPatterns"), i, pattern) {
        equal = json_object_get(pattern, "equalToJson");
        if (json_is_string(equal))
            return json_loads(json_string_value(equal), JSON_DECODE_ANY, NULL);
        if (equal)
            return json_deep_copy(equal);
        if (json_is_string(json_object_get(pattern, "equalTo")))
            return json_loads(text_in(pattern, "equalTo"), JSON_DECODE_ANY, NULL);
    }
    return NULL;
}

static void read_answer(struct recording *r)
{
    const json_t *body = json_object_get(r->response, "body"), *object = json_object_get(r->response, "jsonBody");
    const char *base64 = text_in(r->response, "base64Body");
    if (*base64) {
        r->answer = (char *)base64_bytes(base64, strlen(base64), BASE64_PADDED, &r->answer_n);
    } else if (object) {
        r->answer = json_dumps(object, JSON_ENCODE_ANY);
        r->answer_n = strlen(r->answer);
    } else if (json_string_length(body) > 0) {
        r->answer = strndup(json_string_value(body), json_string_length(body));
        r->answer_n = json_string_length(body);
    }
    if (r->answer && !*base64)
        r->parsed = json_loadb(r->answer, r->answer_n, JSON_DECODE_ANY, NULL);
}

static bool recording_read(struct recording *r, json_t *mapping)
{
    ids_mend(mapping);
    r->request = json_object_get(mapping, "request");
    r->response = json_object_get(mapping, "response");
    const char *method = text_in(r->request, "method");
    if (!r->request || !r->response)
        return wrong(r, "no mapping: request or response is missing");
    copy_text(r->method, sizeof r->method, *method && strcmp(method, "ANY") != 0 ? method : "GET");
    r->url = read_url(r->request);
    r->body = read_body(r->request);
    r->status = json_is_integer(json_object_get(r->response, "status"))
                    ? (int)json_integer_value(json_object_get(r->response, "status"))
                    : 200;
    read_answer(r);
    return *r->url == '/' || wrong(r, "the request names no path");
}

static void recording_free(struct recording *r)
{
    free(r->url);
    free(r->answer);
    json_decref(r->body);
    json_decref(r->parsed);
}

/* ---- sending ---- */

static struct reply ask(const struct recording *r, const char *url, const char *token, size_t page)
{
    struct request rq = { .n_fields = 0 };
    struct reply rp = { .status = 0 };
    char value[300];
    const char *mark = strchr(url, '?');
    copy_text(rq.method, sizeof rq.method, r->method);
    rq.target = strdup(url);
    rq.query = mark ? strchr(rq.target, '?') + 1 : "";
    rq.path = percent_decode(url, mark ? (size_t)(mark - url) : strlen(url), false);
    snprintf(value, sizeof value, "Bearer %s", token);
    rq.fields[rq.n_fields++] = (struct http_field){ strdup("Authorization"), strdup(value) };
    rq.fields[rq.n_fields++] = (struct http_field){ strdup("Content-Type"), strdup("application/json") };
    if (page) {
        snprintf(value, sizeof value, "batchSize=%zu", page);
        rq.fields[rq.n_fields++] = (struct http_field){ strdup("Sforce-Query-Options"), strdup(value) };
    }
    if (r->body) {
        rq.body = json_dumps(r->body, JSON_ENCODE_ANY);
        rq.body_n = strlen(rq.body);
    }
    sandbox_answer(box, &rq, &rp);
    request_free(&rq);
    return rp;
}

/* ---- comparing ---- */

/* Made up anew by every org, or worded for people. */
static bool varies(const char *key)
{
    static const char *const keys[] = { "id", "Id", "url", "Location", "nextRecordsUrl", "graphId", "message" };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(keys[i], key) == 0)
            return true;
    return false;
}

static const char *type_name(const json_t *v)
{
    return !v                   ? "nothing"
           : json_is_object(v)  ? "object"
           : json_is_array(v)   ? "list"
           : json_is_string(v)  ? "text"
           : json_is_number(v)  ? "number"
           : json_is_boolean(v) ? "boolean"
                                : "null";
}

static bool same(struct recording *r, const json_t *want, const json_t *got, const char *path, const char *key);

static bool same_object(struct recording *r, const json_t *want, const json_t *got, const char *path)
{
    const char *key;
    json_t *value;
    char below[300];
    json_object_foreach ((json_t *)want, key, value) {
        snprintf(below, sizeof below, "%.200s/%.80s", path, key);
        if (!json_object_get(got, key))
            return wrong(r, "%s is missing", below);
        if (!same(r, value, json_object_get(got, key), below, key))
            return false;
    }
    json_object_foreach ((json_t *)got, key, value)
        if (!json_object_get(want, key))
            return wrong(r, "%s/%s is too much", path, key);
    return true;
}

static bool same(struct recording *r, const json_t *want, const json_t *got, const char *path, const char *key)
{
    char below[300];
    if (strcmp(type_name(want), type_name(got)) != 0)
        return wrong(r, "%s: %s instead of %s", path, type_name(got), type_name(want));
    if (json_is_object(want))
        return same_object(r, want, got, path);
    if (json_is_array(want)) {
        if (json_array_size(want) != json_array_size(got))
            return wrong(r, "%s: %zu items instead of %zu", path, json_array_size(got), json_array_size(want));
        for (size_t i = 0; i < json_array_size(want); i++) {
            snprintf(below, sizeof below, "%.200s/%zu", path, i);
            if (!same(r, json_array_get(want, i), json_array_get(got, i), below, key))
                return false;
        }
        return true;
    }
    if (varies(key))
        return true;
    /* records that came by other ways carry the address of their bytes */
    if (json_is_string(want) && strncmp(json_string_value(want), "/services/data/", 15) == 0)
        return true;
    bool equal = json_is_number(want) ? json_number_value(want) == json_number_value(got)
                 : json_is_string(want) && strcmp(key, "type") == 0
                     ? strcasecmp(json_string_value(want), json_string_value(got)) == 0
                     : json_equal(want, got);
    return equal || wrong(r, "%s: other value", path);
}

static bool compare_headers(struct recording *r, const struct reply *got)
{
    const json_t *headers = json_object_get(r->response, "headers");
    const char *type = text_in(headers, "Content-Type"), *ours = reply_get(got, "Content-Type");
    size_t n = strcspn(type, ";");
    if (r->answer && n && (!ours || strncasecmp(type, ours, n) != 0))
        return wrong(r, "Content-Type %s instead of %s", ours ? ours : "(none)", type);
    if (json_object_get(headers, "Location") && !reply_get(got, "Location"))
        return wrong(r, "no Location");
    return true;
}

static bool compare(struct recording *r, const struct reply *got)
{
    json_t *body = got->body && r->parsed ? json_loadb(got->body, got->body_n, JSON_DECODE_ANY, NULL) : NULL;
    bool ok;
    if (got->status != r->status)
        ok = wrong(r, "status %d instead of %d: %.200s", got->status, r->status, got->body ? got->body : "");
    else if (r->parsed)
        ok = body ? same(r, r->parsed, body, "", "") : wrong(r, "the answer is not JSON");
    else if (got->body_n != r->answer_n || (r->answer_n && memcmp(got->body, r->answer, r->answer_n) != 0))
        ok = wrong(r, "the answer has other bytes");
    else
        ok = true;
    json_decref(body);
    return ok && compare_headers(r, got);
}

/* ---- one recording ---- */

static bool is_error_list(const json_t *v)
{
    const json_t *e;
    size_t i;
    json_array_foreach (v, i, e)
        if (!json_is_string(json_object_get(e, "errorCode")))
            return false;
    return json_array_size(v) > 0;
}

static bool listed(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static bool is_query(const struct recording *r)
{
    return strstr(r->url, "/query?") || strstr(r->url, "/query/") || strstr(r->url, "/queryAll");
}

/* Success in the form and with the status that this kind of request has. */
static bool is_success(const struct recording *r)
{
    const json_t *v = r->parsed;
    if (json_object_get(r->response, "base64Body"))
        return r->status == 200;
    if (is_query(r))
        return r->status == 200 && json_is_number(json_object_get(v, "totalSize")) &&
               json_is_array(json_object_get(v, "records"));
    if (json_object_get(r->body, "graphs"))
        return r->status == 200 && json_is_array(json_object_get(v, "graphs"));
    if (json_object_get(r->body, "compositeRequest"))
        return r->status == 200 && json_is_array(json_object_get(v, "compositeResponse"));
    if (json_object_get(r->body, "batchRequests"))
        return r->status == 200 && json_is_array(json_object_get(v, "results"));
    if (strstr(r->url, "/composite/tree"))
        return r->status == 201 && json_is_array(json_object_get(v, "results"));
    if (strstr(r->url, "/composite/sobjects"))
        return r->status == 200 && json_is_array(v);
    if (strcmp(r->method, "POST") == 0)
        return r->status == 201 && json_is_string(json_object_get(v, "id"));
    if (strcmp(r->method, "PATCH") == 0)
        return r->answer ? json_is_string(json_object_get(v, "id")) && (r->status == 200 || r->status == 201)
                         : r->status == 204;
    if (strcmp(r->method, "DELETE") == 0)
        return r->status == 204 && !r->answer;
    return r->status == 200 && v;
}

/* Errors that the org gives of itself when it is asked the same; of single records all others are planned, see
 * recorded_setup.c. */
static bool is_own_error(const struct recording *r)
{
    static const char *const of_queries[] = { "MALFORMED_QUERY",
                                              "INVALID_FIELD",
                                              "INVALID_TYPE",
                                              "INVALID_QUERY_LOCATOR",
                                              "INVALID_SESSION_ID",
                                              "INVALID_QUERY_FILTER_OPERATOR",
                                              "NUMBER_OUTSIDE_VALID_RANGE",
                                              NULL };
    const char *code = error_code(r->parsed);
    if (!is_error_list(r->parsed) || r->status >= 500)
        return false;
    return !is_query(r) || listed(code, of_queries);
}

/* An answer that an org does not give of itself. */
static bool needs_fault(const struct recording *r)
{
    if (strncmp(r->url, "/services/data", 14) != 0)
        return true;
    return !(r->status < 300 ? is_success(r) : is_own_error(r));
}

static bool program_fault(struct recording *r)
{
    const char *type = text_in(json_object_get(r->response, "headers"), "Content-Type");
    char why[300] = "";
    char path[300];
    snprintf(path, sizeof path, "%.*s", (int)strcspn(r->url, "?"), r->url);
    json_t *fault = json_pack("{s:s, s:i, s:i}", "path", path, "status", r->status, "times", 1);
    json_object_set_new(fault, "body", r->answer ? json_stringn(r->answer, r->answer_n) : json_null());
    if (*type)
        json_object_set_new(fault, "contentType", json_string(type));
    bool ok = faults_add(box->faults, fault, why, sizeof why);
    json_decref(fault);
    return ok || wrong(r, "the fault was refused: %s", why);
}

static void set_up_graphs(struct setup *s, const struct recording *r)
{
    json_t *graph;
    size_t i;
    json_array_foreach (json_object_get(r->body, "graphs"), i, graph) {
        const json_t *answer = json_array_get(json_object_get(r->parsed, "graphs"), i);
        setup_steps(s, json_object_get(graph, "compositeRequest"),
                    json_object_get(json_object_get(answer, "graphResponse"), "compositeResponse"));
    }
}

/* A query that finds what a recorded later page shows. */
static char *page_soql(const struct recording *r)
{
    const json_t *row = json_array_get(json_object_get(r->parsed, "records"), 0);
    const char *key;
    json_t *value;
    size_t n = 0, size = 64 + 2 * json_object_size(row) * 100;
    char *soql = malloc(size);
    n += (size_t)snprintf(soql, size, "SELECT");
    json_object_foreach ((json_t *)row, key, value)
        if (!json_is_object(value))
            n += (size_t)snprintf(soql + n, size - n, "%s %.90s", n > 6 ? "," : "", key);
    snprintf(soql + n, size - n, "%s FROM %.90s", n > 6 ? "" : " Id",
             text_in(json_object_get(row, "attributes"), "type"));
    return soql;
}

/* The page that the recorded locator asks for: our own query is followed to the same row. malloc, NULL when there is
 * none. */
static char *locator_url(struct recording *r, const char *soql, size_t offset, const char *token)
{
    struct recording first = { .method = "GET" };
    size_t before = (size_t)(strstr(r->url, "/query/") - r->url);
    char *url = malloc(before + 3 * strlen(soql) + 20), *o = url, *found = NULL;
    memcpy(o, r->url, before);
    o += before;
    memcpy(o, "/query?q=", 9);
    o += 9;
    encode(&o, soql);
    *o = '\0';
    struct reply rp = ask(&first, url, token, 0);
    json_t *body = rp.body ? json_loadb(rp.body, rp.body_n, 0, NULL) : NULL;
    const char *next = text_in(body, "nextRecordsUrl"), *dash = strrchr(next, '-');
    if (dash) {
        size_t size = (size_t)(dash - next) + 30;
        found = malloc(size);
        snprintf(found, size, "%.*s-%zu", (int)(dash - next), next, offset);
    }
    json_decref(body);
    reply_free(&rp);
    free(url);
    return found;
}

static char *query_of(const char *url)
{
    const char *q = strstr(url, "?q=");
    if (!q)
        q = strstr(url, "&q=");
    return q ? percent_decode(q + 3, strcspn(q + 3, "&"), true) : NULL;
}

static size_t page_of(const struct recording *r)
{
    size_t n = json_array_size(json_object_get(r->parsed, "records"));
    return json_is_false(json_object_get(r->parsed, "done")) && n != 2000 ? n : 0;
}

/* Whatever the recording speaks of, by the kind of its request. */
static void set_up(struct setup *s, struct recording *r, const char *soql, size_t offset)
{
    if (json_object_get(r->body, "graphs"))
        set_up_graphs(s, r);
    else if (json_object_get(r->body, "compositeRequest"))
        setup_steps(s, json_object_get(r->body, "compositeRequest"), json_object_get(r->parsed, "compositeResponse"));
    else if (json_object_get(r->body, "batchRequests"))
        setup_batch(s, json_object_get(r->body, "batchRequests"), json_object_get(r->parsed, "results"));
    else if (json_object_get(r->response, "base64Body"))
        setup_bytes(s, r->url, text_in(r->response, "base64Body"));
    else if (soql)
        setup_query(s, soql, r->parsed, offset);
    else
        setup_request(s, r->method, r->url, r->body, r->status, r->parsed);
}

static bool answer_matches(struct recording *r, const char *url, const char *token)
{
    struct reply rp = ask(r, url, token, page_of(r));
    bool ok = compare(r, &rp);
    reply_free(&rp);
    return ok;
}

static bool run(struct recording *r)
{
    struct setup s;
    char token[SESSION_TOKEN_MAX], *url = NULL, *soql = query_of(r->url);
    const char *locator = strstr(r->url, "/query/"), *dash = locator ? strrchr(locator, '-') : NULL;
    const char *recorded = text_in(json_object_get(json_object_get(r->request, "headers"), "Authorization"), "equalTo");
    size_t offset = dash ? strtoul(dash + 1, NULL, 10) : 0;
    bool fault = needs_fault(r), more = dash && !fault && r->status == 200;
    bool ok = sessions_for(box->sessions, 0, &user, token) && org_reset(sandbox_org(box, 0));
    faults_clear(box->faults);
    setup_start(&s, sandbox_org(box, 0));
    if (more)
        soql = page_soql(r);
    if (fault)
        ok = ok && program_fault(r);
    else if (r->status == 401) /* the recorded token means nothing here */
        copy_text(token, sizeof token, strncmp(recorded, "Bearer ", 7) == 0 ? recorded + 7 : "00D000000000000!expired");
    else
        set_up(&s, r, soql, offset);
    if (ok && !setup_apply(&s))
        ok = wrong(r, "set-up: %s", s.why);
    if (ok && more && !(url = locator_url(r, soql, offset, token)))
        ok = wrong(r, "no next page");
    ok = ok && answer_matches(r, url ? url : r->url, token);
    setup_free(&s);
    free(soql);
    free(url);
    return ok;
}

/* ---- files ---- */

static int passed, failed, deferred, faults;

static void run_mapping(const char *name, json_t *mapping)
{
    struct recording r = { .name = name };
    bool ok = recording_read(&r, mapping);
    if (ok && strstr(r.url, "/jobs/")) {
        deferred++;
    } else if (ok && run(&r)) {
        passed++;
        faults += needs_fault(&r);
    } else {
        failed++;
        printf("FAIL %s %s: %s\n", name, text_in(mapping, "name"), r.why[0] ? r.why : "the sandbox could not be reset");
    }
    recording_free(&r);
}

static void run_file(const char *dir, const char *name)
{
    char path[4200];
    json_error_t error;
    json_t *file, *mapping;
    size_t i;
    snprintf(path, sizeof path, "%.4000s/%.190s", dir, name);
    file = json_load_file(path, 0, &error);
    if (!file) {
        failed++;
        printf("FAIL %s: line %d: %s\n", name, error.line, error.text);
    } else if (json_is_array(json_object_get(file, "mappings"))) {
        json_array_foreach (json_object_get(file, "mappings"), i, mapping)
            run_mapping(name, mapping);
    } else {
        run_mapping(name, file);
    }
    json_decref(file);
}

static int json_only(const struct dirent *e)
{
    size_t n = strlen(e->d_name);
    return n > 5 && strcmp(e->d_name + n - 5, ".json") == 0;
}

static void run_folder(const char *dir)
{
    struct dirent **names = NULL;
    int n = scandir(dir, &names, json_only, alphasort);
    if (n < 0) {
        failed++;
        printf("FAIL %s: cannot be read\n", dir);
    }
    for (int i = 0; i < n; i++) {
        run_file(dir, names[i]->d_name);
        free(names[i]);
    }
    free(names);
}

int main(int argc, char **argv)
{
    struct settings settings = { .token = "sandbox-token", .app_id = "11111111-2222-4333-8444-555555555555" };
    char why[300] = "";
    if (argc < 2) {
        fprintf(stderr, "usage: recorded_sandbox DIR...\n");
        return 64;
    }
    box = sandbox_new(&settings, "http://127.0.0.1:8080", why, sizeof why);
    if (!box || !org_find_user(sandbox_org(box, 0), SANDBOX_ADMIN, &user)) {
        fprintf(stderr, "recorded_sandbox: %s\n", why);
        return 1;
    }
    for (int i = 1; i < argc; i++)
        run_folder(argv[i]);
    sandbox_free(box);
    if (faults)
        printf("%d of them are answers that only a programmed fault gives\n", faults);
    printf("%d passed, %d failed, %d deferred\n", passed, failed, deferred);
    return failed ? 1 : 0;
}
