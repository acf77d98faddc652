/*
 * recorded_sandbox.c - the sandbox against recorded answers of real orgs (WireMock mapping files).
 *
 *     recorded_sandbox DIR...
 *
 * For each file the sandbox gets the objects, fields and records that the file itself speaks of; then the recorded
 * request goes through the whole sandbox (sessions, faults, org) and the answer must have the recorded status, keys,
 * types, values (but for generated ids, addresses and messages) and error codes. Where the recorded answer is not what
 * an org says itself (HTML, an error under 200, an empty 500), it is programmed as a fault. Bulk jobs are in
 * recorded_bulk.c.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/text.h"
#include "sandbox/bulk/bulk.h"
#include "sandbox/http/faults.h"
#include "sandbox/login/sessions.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/recorded.h"

static struct org_user user;

/* ---- one recording ---- */

bool recorded_errors(const json_t *v)
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
    if (!recorded_errors(r->parsed) || r->status >= 500)
        return false;
    return !is_query(r) || listed(code, of_queries);
}

/* An answer that an org does not give of itself. */
static bool needs_fault(const struct recording *r)
{
    if (strncmp(r->url, "/services/data", 14) != 0)
        return true;
    if (recorded_is_bulk(r))
        return !recorded_bulk_natural(r);
    return !(r->status < 300 ? is_success(r) : is_own_error(r));
}

static bool program_fault(struct recording *r)
{
    const char *type = recorded_text(json_object_get(r->response, "headers"), "Content-Type");
    char why[300] = "";
    char path[300];
    snprintf(path, sizeof path, "%.*s", (int)strcspn(r->url, "?"), r->url);
    json_t *fault = json_pack("{s:s, s:i, s:i}", "path", path, "status", r->status, "times", 1);
    json_object_set_new(fault, "body", r->answer ? json_stringn(r->answer, r->answer_n) : json_null());
    if (*type)
        json_object_set_new(fault, "contentType", json_string(type));
    bool ok = faults_add(recorded_box->faults, fault, why, sizeof why);
    json_decref(fault);
    return ok || recording_wrong(r, "the fault was refused: %s", why);
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
             recorded_text(json_object_get(row, "attributes"), "type"));
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
    recording_encode(&o, soql);
    *o = '\0';
    struct reply rp = recording_ask(&first, url, token);
    json_t *body = rp.body ? json_loadb(rp.body, rp.body_n, 0, NULL) : NULL;
    const char *next = recorded_text(body, "nextRecordsUrl"), *dash = strrchr(next, '-');
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
        setup_bytes(s, r->url, recorded_text(r->response, "base64Body"));
    else if (soql)
        setup_query(s, soql, r->parsed, offset);
    else
        setup_request(s, r->method, r->url, r->body, r->status, r->parsed);
}

static bool answer_matches(struct recording *r, const char *url, const char *token)
{
    r->page = page_of(r);
    struct reply rp = recording_ask(r, url, token);
    bool ok = recording_same(r, &rp);
    reply_free(&rp);
    return ok;
}

static bool run(struct recording *r)
{
    struct setup s;
    char token[SESSION_TOKEN_MAX], *url = NULL, *soql = query_of(r->url);
    const char *locator = strstr(r->url, "/query/"), *dash = locator ? strrchr(locator, '-') : NULL;
    const char *recorded =
        recorded_text(json_object_get(json_object_get(r->request, "headers"), "Authorization"), "equalTo");
    size_t offset = dash ? strtoul(dash + 1, NULL, 10) : 0;
    bool fault = needs_fault(r), more = dash && !fault && r->status == 200;
    bool ok = sessions_for(recorded_box->sessions, 0, &user, token) && org_reset(sandbox_org(recorded_box, 0));
    faults_clear(recorded_box->faults);
    bulk_forget(recorded_box->bulk);
    setup_start(&s, sandbox_org(recorded_box, 0));
    if (more)
        soql = page_soql(r);
    if (fault)
        ok = ok && program_fault(r);
    else if (r->status == 401) /* the recorded token means nothing here */
        copy_text(token, sizeof token, strncmp(recorded, "Bearer ", 7) == 0 ? recorded + 7 : "00D000000000000!expired");
    else if (!recorded_is_bulk(r))
        set_up(&s, r, soql, offset);
    if (ok && !recorded_is_bulk(r) && !setup_apply(&s))
        ok = recording_wrong(r, "set-up: %s", s.why);
    if (ok && more && !(url = locator_url(r, soql, offset, token)))
        ok = recording_wrong(r, "no next page");
    if (recorded_is_bulk(r) && !fault && r->status != 401)
        ok = ok && recorded_bulk_run(r, &s, token);
    else
        ok = ok && answer_matches(r, url ? url : r->url, token);
    setup_free(&s);
    free(soql);
    free(url);
    return ok;
}

/* ---- files ---- */

static int passed, failed, faults;

static void run_mapping(const char *name, json_t *mapping)
{
    struct recording r = { .name = name };
    bool ok = recording_read(&r, mapping);
    if (ok && run(&r)) {
        passed++;
        faults += needs_fault(&r);
    } else {
        failed++;
        printf("FAIL %s %s: %s\n", name, recorded_text(mapping, "name"),
               r.why[0] ? r.why : "the sandbox could not be reset");
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
    recorded_box = sandbox_new(&settings, "http://127.0.0.1:8080", why, sizeof why);
    if (!recorded_box || !org_find_user(sandbox_org(recorded_box, 0), SANDBOX_ADMIN, &user)) {
        fprintf(stderr, "recorded_sandbox: %s\n", why);
        return 1;
    }
    for (int i = 1; i < argc; i++)
        run_folder(argv[i]);
    sandbox_free(recorded_box);
    if (faults)
        printf("%d of them are answers that only a programmed fault gives\n", faults);
    printf("%d passed, %d failed, 0 deferred\n", passed, failed);
    return failed ? 1 : 0;
}