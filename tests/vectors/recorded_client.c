/*
 * recorded_client.c - the Salesforce client against recorded answers of real orgs (WireMock mapping files).
 *
 *     recorded_client DIR
 *
 * Each file's request is turned into the call of the client that should send it; a server inside this program compares
 * what arrives with the recorded request and gives the recorded answer; what the client makes of it must be what a
 * plain reading of the answer says. Those of Bulk API 2.0 (/jobs/) are in recorded_bulk.h.
 */
#include <dirent.h>
#include <limits.h>

#include "tests/vectors/recorded_bulk.h"

/* ---- the server ---- */

static bool covers(const json_t *want, const json_t *is)
{
    const char *key;
    const json_t *value;
    size_t i;
    if (json_is_object(want)) {
        json_object_foreach ((json_t *)want, key, value)
            if (!covers(value, json_object_get(is, key)))
                return false;
        return json_is_object(is);
    }
    if (json_is_array(want)) {
        json_array_foreach (want, i, value)
            if (!covers(value, json_array_get(is, i)))
                return false;
        return json_array_size(want) == json_array_size(is);
    }
    return is && json_equal((json_t *)want, (json_t *)is);
}

static bool same_request(struct vector *v, const struct origin_request *q)
{
    char header[LIMIT_ACCESS_TOKEN], want[300];
    char *path = decode(q->target);
    bool same = strcmp(path, v->path) == 0 && strcmp(q->method, v->method) == 0;
    if (!same)
        (void)wrong(v, "sent %s %.150s instead of %s %.150s", q->method, path, v->method, v->path);
    free(path);
    if (!same)
        return false;
    snprintf(want, sizeof want, "Bearer %s", v->token);
    if (strcmp(origin_header(q, "Authorization", header, sizeof header), want) != 0)
        return wrong(v, "sent Authorization %.100s", header);
    if (v->any_body)
        return true;
    if (!v->body)
        return q->n == 0 || wrong(v, "sent a body where none is recorded");
    json_t *body = json_loadb(q->body, q->n, 0, NULL);
    same = body && (v->extra || v->bulk ? covers(v->body, body) : json_equal(v->body, body));
    json_decref(body);
    return same || wrong(v, "sent the body %.300s", q->body);
}

static void serve(void *ctx, const struct origin_request *q, struct origin_reply *r)
{
    static const char first_page[] = "{\"totalSize\":%lld,\"done\":false,\"nextRecordsUrl\":\"%s\",\"records\":[]}";
    static const char last_page[] = "{\"totalSize\":0,\"done\":true,\"records\":[]}";
    struct vector *v = ctx;
    char *page = NULL;
    const char *type;
    v->seen++;
    if (v->continued && v->seen == 1) {
        /* The recorded answer is a later page: a first one leads to it. */
        json_t *answer = json_loadb(v->answer, v->answer_n, 0, NULL);
        const json_t *said = json_object_get(answer, "totalSize");
        long long total = said ? json_integer_value(said) : 1; /* a failure says nothing of it */
        json_decref(answer);
        r->n = (size_t)asprintf(&page, first_page, total, v->path);
        r->body = page;
        r->free_body = true;
        return;
    }
    if (v->next && strcmp(q->target, v->next) == 0) {
        v->next_asked = true;
        r->body = last_page;
        r->n = sizeof last_page - 1;
        return;
    }
    if (v->bulk && bulk_sequel(v, q, r))
        return;
    if (!same_request(v, q)) {
        r->status = 599;
        return;
    }
    v->met = true;
    bulk_headers(v);
    r->headers = v->headers[0] ? v->headers : NULL;
    type = text_of(json_object_get(v->response, "headers"), "Content-Type");
    r->status = v->status;
    r->type = type;
    r->body = v->answer;
    r->n = v->answer_n;
    r->reset = text_of(v->response, "fault") != NULL;
}

/* ---- one function per kind of request ---- */

static bool same_rows(struct vector *v, struct sf_rows *rows, const json_t *want);

static bool same_children(struct vector *v, struct sf_rows *rows, const json_t *record, const json_t *want)
{
    const char *key;
    const json_t *value;
    json_object_foreach ((json_t *)want, key, value) {
        if (!json_is_array(json_object_get(value, "records")))
            continue;
        struct sf_rows *children = sf_children(rows, record, key);
        if (!children)
            return wrong(v, "no children %s", key);
        /* their paging is their own; ours goes on afterwards */
        char *next = v->next;
        bool asked = v->next_asked;
        v->next = NULL;
        bool same = same_rows(v, children, value);
        free(v->next);
        v->next = next;
        v->next_asked = asked;
        if (!same)
            return false;
    }
    return true;
}

static bool same_rows(struct vector *v, struct sf_rows *rows, const json_t *want)
{
    struct sf_error err;
    const json_t *record, *list = json_object_get(want, "records");
    size_t i = 0;
    const char *next = text_of(want, "nextRecordsUrl");
    bool more = json_is_false(json_object_get(want, "done"));
    if (sf_total(rows) != json_integer_value(json_object_get(want, "totalSize")))
        return wrong(v, "total %lld", (long long)sf_total(rows));
    free(v->next);
    v->next = next ? strdup(next) : NULL;
    v->next_asked = false;
    while ((record = sf_next(rows, &err))) {
        const json_t *is = json_array_get(list, i);
        const char *url = text_of(json_object_get(is, "attributes"), "url"),
                   *got = sf_get_text(record, "attributes.url");
        if (!is || !json_equal((json_t *)record, (json_t *)is))
            return wrong(v, "record %zu differs", i);
        if (url && (!got || strcmp(url, got) != 0))
            return wrong(v, "id of record %zu differs", i);
        if (!same_children(v, rows, record, is))
            return false;
        i++;
    }
    if (err.code[0])
        return wrong(v, "reading on: %s %s", err.code, err.message);
    if (i != json_array_size(list))
        return wrong(v, "%zu records instead of %zu", i, json_array_size(list));
    return v->next_asked == more || wrong(v, "the next page was %sasked for", more ? "not " : "");
}

static bool run_query(struct vector *v, struct kit *k, const char *soql)
{
    struct sf_rows *rows = NULL;
    struct sf_error err;
    bool ok = sf_query_bound(act_org(&k->call), &rows, &err, soql, NULL, 0), done;
    if (v->continued && ok) {
        /* the recorded page comes second; reading it is part of the same iteration */
        json_t *want = json_loadb(v->answer, v->answer_n, 0, NULL);
        bool same = v->status == 200 && json_is_array(json_object_get(want, "records"))
                        ? same_rows(v, rows, want)
                        : !sf_next(rows, &err) && same_outcome(v, err.code[0] == '\0', &err, true, &done);
        json_decref(want);
        return same;
    }
    if (!same_outcome(v, ok, &err, true, &done) || done)
        return v->why[0] == '\0';
    json_t *want = json_loadb(v->answer, v->answer_n, 0, NULL);
    bool same = same_rows(v, rows, want);
    json_decref(want);
    return same;
}

static bool same_id(struct vector *v, const char *id)
{
    json_t *answer = v->answer_n ? json_loadb(v->answer, v->answer_n, 0, NULL) : NULL;
    const char *want = text_of(answer, "id");
    bool same = !want || strcmp(want, id) == 0 || wrong(v, "id %s instead of %s", id, want);
    json_decref(answer);
    return same;
}

static bool run_create(struct vector *v, struct kit *k, const char *object)
{
    struct sf_error err;
    char id[SF_ID_SIZE] = "";
    bool done, ok;
    const char *blob = strcmp(object, "ContentVersion") == 0 ? text_of(v->body, "VersionData") : NULL;
    json_t *fields = v->body ? json_deep_copy(v->body) : json_object();
    if (blob) {
        size_t n = strlen(blob);
        unsigned char *data = malloc(n + 1);
        long size = base64_decode((struct span){ blob, n }, data, n);
        json_object_del(fields, "VersionData");
        ok = size >= 0 && sf_upload(act_org(&k->call), object, "VersionData", fields,
                                    (struct act_bytes){ data, (size_t)size }, NULL, id, &err);
        free(data);
    } else {
        ok = sf_create(act_org(&k->call), object, fields, id, &err);
    }
    json_decref(fields);
    json_t *answer = v->answer_n ? json_loadb(v->answer, v->answer_n, 0, NULL) : NULL;
    bool shapeless = v->status / 100 == 2 && !is_error_list(answer) && !json_object_get(answer, "success");
    json_decref(answer);
    if (shapeless)
        return !ok || wrong(v, "an answer without id and success was taken for one");
    return same_outcome(v, ok, &err, true, &done) && (done || same_id(v, id));
}

static bool run_update(struct vector *v, struct kit *k, const char *object, const char *id)
{
    struct sf_error err;
    bool done;
    return same_outcome(v, sf_update(act_org(&k->call), object, id, v->body, &err), &err, true, &done);
}

static bool run_upsert(struct vector *v, struct kit *k, const char *object, const char *key_field, const char *key)
{
    struct sf_error err;
    char id[SF_ID_SIZE] = "";
    bool done, created, ok = sf_upsert(act_org(&k->call), object, key_field, key, v->body, id, &created, &err);
    return same_outcome(v, ok, &err, true, &done) && (done || same_id(v, id));
}

static bool run_delete(struct vector *v, struct kit *k, const char *object, const char *id)
{
    struct sf_error err;
    bool done;
    return same_outcome(v, sf_delete(act_org(&k->call), object, id, &err), &err, true, &done);
}

static bool run_download(struct vector *v, struct kit *k, const char *object, const char *id, const char *field)
{
    struct sf_error err;
    struct act_bytes data = { 0 };
    bool done, ok = sf_download(act_org(&k->call), object, id, field, 16 << 20, &data, &err);
    if (!same_outcome(v, ok, &err, false, &done) || done)
        return v->why[0] == '\0';
    return (data.n == v->answer_n && memcmp(data.p, v->answer, data.n) == 0) ||
           wrong(v, "%zu bytes instead of %zu", data.n, v->answer_n);
}

/* ---- units of work ---- */

static bool add_step(struct sf_unit *unit, const json_t *node)
{
    const char *url = text_of(node, "url"), *at = url ? strstr(url, "/sobjects/") : NULL;
    const json_t *body = json_object_get(node, "body");
    char object[128] = "", a[128] = "", b[512] = "";
    if (!at || sscanf(at, "/sobjects/%127[^/]/%127[^/]/%511[^/]", object, a, b) < 1)
        return false;
    const char *method = text_of(node, "method");
    if (strcmp(method, "POST") == 0)
        return sf_unit_create(unit, object, body);
    if (strcmp(method, "PATCH") == 0)
        return b[0] ? sf_unit_upsert(unit, object, a, b, body) : sf_unit_update(unit, object, a, body);
    return strcmp(method, "DELETE") == 0 && sf_unit_delete(unit, object, a);
}

static bool same_step(struct vector *v, const struct sf_result *is, const json_t *want)
{
    int status = (int)json_integer_value(json_object_get(want, "httpStatusCode"));
    const json_t *body = json_object_get(want, "body");
    bool good = status / 100 == 2;
    if (is->success != good)
        return wrong(v, "step %s: %s", text_of(want, "referenceId"), is->success ? "success" : is->error.code);
    if (!good)
        return same_error(v, &is->error, body, status);
    const char *id = text_of(body, "id");
    return !id || strcmp(id, is->id) == 0 || wrong(v, "step id %s instead of %s", is->id, id);
}

static bool same_units(struct vector *v, struct sf_unit **units, const bool *ok, size_t n)
{
    json_t *answer = json_loadb(v->answer, v->answer_n, 0, NULL);
    bool same = true;
    for (size_t g = 0; g < n && same; g++) {
        const json_t *graph = json_array_get(json_object_get(answer, "graphs"), g), *one;
        size_t i;
        if (ok[g] != json_is_true(json_object_get(graph, "isSuccessful")))
            same = wrong(v, "graph %zu: %s", g, ok[g] ? "success" : "failure");
        json_array_foreach (json_object_get(json_object_get(graph, "graphResponse"), "compositeResponse"), i, one)
            same = same && same_step(v, sf_unit_result(units[g], i), one);
    }
    json_decref(answer);
    return same;
}

static bool run_graph(struct vector *v, struct kit *k)
{
    struct sf_unit *units[LIMIT_GRAPHS];
    bool ok[LIMIT_GRAPHS] = { 0 }, done, sent;
    struct sf_error err;
    const json_t *graph, *node;
    size_t g, i, n = json_array_size(json_object_get(v->body, "graphs"));
    if (n == 0 || n > LIMIT_GRAPHS)
        return wrong(v, "%zu graphs", n);
    json_array_foreach (json_object_get(v->body, "graphs"), g, graph) {
        units[g] = sf_unit_new(act_org(&k->call));
        json_array_foreach (json_object_get(graph, "compositeRequest"), i, node)
            if (!add_step(units[g], node))
                return wrong(v, "step %zu of graph %zu cannot be expressed", i, g);
    }
    sent = sf_units_commit(units, n, ok, &err);
    return same_outcome(v, sent, &err, true, &done) && (done || same_units(v, units, ok, n));
}

/* ---- collections, and everything else ---- */

static bool run_collection(struct vector *v, struct kit *k)
{
    const json_t *records = json_object_get(v->body, "records"), *one;
    bool all = json_is_true(json_object_get(v->body, "allOrNone")), done, same = true;
    size_t n = json_array_size(records), i;
    struct sf_result *results = calloc(n + 1, sizeof *results);
    struct sf_error err;
    bool ok = (strcmp(v->method, "POST") == 0 ? sf_create_many : sf_update_many)(act_org(&k->call), records, all,
                                                                                 results, &err);
    json_t *answer = v->answer_n ? json_loadb(v->answer, v->answer_n, 0, NULL) : NULL;
    if (!same_outcome(v, ok, &err, true, &done) || done) {
        same = v->why[0] == '\0';
        goto out;
    }
    json_array_foreach (answer, i, one) {
        bool good = json_is_true(json_object_get(one, "success"));
        if (results[i].success != good)
            same = wrong(v, "record %zu: %s", i, results[i].error.code);
        else if (good)
            same = strcmp(results[i].id, text_of(one, "id")) == 0 || wrong(v, "id of record %zu", i);
        else
            same = same_error(v, &results[i].error, json_object_get(one, "errors"), 200);
        if (!same)
            break;
    }
out:
    json_decref(answer);
    free(results);
    return same;
}

static char *encode(const char *s)
{
    char *out = malloc(3 * strlen(s) + 1), *to = out;
    for (; *s; s++) {
        if (strchr("/?=&,:-_.~", *s) || (*s >= '0' && *s <= '9') || ((*s | 32) >= 'a' && (*s | 32) <= 'z'))
            *to++ = *s;
        else
            to += snprintf(to, 4, "%%%02X", (unsigned char)*s);
    }
    *to = '\0';
    return out;
}

static bool run_request(struct vector *v, struct kit *k)
{
    struct sf_error err;
    json_t *out = NULL;
    bool done;
    char *path = text_of(v->request, "url") ? strdup(text_of(v->request, "url")) : encode(v->path);
    bool ok = sf_request(act_org(&k->call), v->method, path, v->body, &out, &err);
    free(path);
    bool same = same_outcome(v, ok, &err, true, &done);
    if (same && !done) {
        json_t *want = v->answer_n ? json_loadb(v->answer, v->answer_n, 0, NULL) : NULL;
        same = (!want && !out) || json_equal(want, out) || wrong(v, "the body differs");
        json_decref(want);
    }
    json_decref(out);
    return same;
}

static bool is_binary(const struct vector *v)
{
    const char *type = text_of(json_object_get(v->response, "headers"), "Content-Type");
    return text_of(v->response, "base64Body") || (type && strcasestr(type, "octet"));
}

static bool has_one_parameter(const struct vector *v)
{
    const char *url = text_of(v->request, "url");
    return url ? !strchr(url, '&') : json_object_size(json_object_get(v->request, "queryParameters")) <= 1;
}

static bool run(struct vector *v, struct kit *k)
{
    char object[128] = "", a[128] = "", b[512] = "", tail[4] = "";
    int parts = sscanf(v->rest, "sobjects/%127[^/?]/%127[^/?]/%511[^/?]%3s", object, a, b, tail);
    bool get = strcmp(v->method, "GET") == 0;
    if (strncmp(v->rest, "jobs/", 5) == 0 && bulk_known(v))
        return run_bulk(v, k);
    if (get && strncmp(v->rest, "query?q=", 8) == 0 && has_one_parameter(v))
        return run_query(v, k, v->rest + 8);
    if (get && strncmp(v->rest, "query/", 6) == 0 && v->rest[6] != '?') {
        v->continued = true;
        return run_query(v, k, "SELECT Id FROM X");
    }
    if (strcmp(v->method, "POST") == 0 && strcmp(v->rest, "composite/graph") == 0)
        return run_graph(v, k);
    if (!get && strcmp(v->rest, "composite/sobjects") == 0 && json_object_get(v->body, "records"))
        return run_collection(v, k);
    if (strcmp(v->method, "POST") == 0 && parts == 1)
        return run_create(v, k, object);
    if (strcmp(v->method, "PATCH") == 0 && parts == 2)
        return run_update(v, k, object, a);
    if (strcmp(v->method, "PATCH") == 0 && parts == 3)
        return run_upsert(v, k, object, a, b);
    if (strcmp(v->method, "DELETE") == 0 && parts == 2)
        return run_delete(v, k, object, a);
    if (get && parts == 3 && is_binary(v))
        return run_download(v, k, object, a, b);
    return run_request(v, k);
}

/* ---- files ---- */

static bool read_token(struct vector *v)
{
    const char *is = text_of(json_object_get(json_object_get(v->request, "headers"), "Authorization"), "equalTo");
    snprintf(v->token, sizeof v->token, "%s", is && strncmp(is, "Bearer ", 7) == 0 ? is + 7 : KIT_TOKEN);
    return true;
}

/* A mapping that takes any body: one that fits its answer is made up. */
static void make_body(struct vector *v)
{
    bool graph = strcmp(v->rest, "composite/graph") == 0;
    if (v->body || strcmp(v->method, "GET") == 0 || strcmp(v->method, "DELETE") == 0)
        return;
    v->any_body = true;
    v->body = json_object();
    json_t *answer = graph ? json_loadb(v->answer, v->answer_n, 0, NULL) : NULL, *graphs = json_array();
    const json_t *one, *step;
    size_t g, i;
    json_array_foreach (json_object_get(answer, "graphs"), g, one) {
        json_t *nodes = json_array();
        json_array_foreach (json_object_get(json_object_get(one, "graphResponse"), "compositeResponse"), i, step)
            json_array_append_new(nodes, json_pack("{s:s, s:s, s:O, s:{}}", "method", "POST", "url",
                                                   "/services/data/v1/sobjects/Account", "referenceId",
                                                   json_object_get(step, "referenceId"), "body"));
        json_array_append_new(graphs, json_pack("{s:o}", "compositeRequest", nodes));
    }
    if (graph)
        json_object_set(v->body, "graphs", graphs);
    json_decref(graphs);
    json_decref(answer);
}

static bool open_vector(struct vector *v, const json_t *mapping)
{
    int at = 0;
    v->request = json_object_get(mapping, "request");
    v->response = json_object_get(mapping, "response");
    v->path = recorded_path(v->request);
    snprintf(v->method, sizeof v->method, "%s", text_of(v->request, "method") ? text_of(v->request, "method") : "GET");
    v->status = (int)json_integer_value(json_object_get(v->response, "status"));
    if (!v->path || !v->response)
        return wrong(v, "no plain path or no response in it");
    if (sscanf(v->path, "/services/data/v%63[^/]/%n", v->version, &at) != 1 || at == 0)
        snprintf(v->version, sizeof v->version, KIT_VERSION);
    if (at == 0)
        at = (int)strlen(v->path); /* not of the REST API: any request */
    v->rest = v->path + at;
    v->body = recorded_body(v->request, &v->extra);
    recorded_answer(v);
    make_body(v);
    use_our_names(v);
    return read_token(v);
}

static bool run_mapping(const char *file, const json_t *mapping)
{
    struct vector v = { .file = file };
    bool ok = open_vector(&v, mapping);
    if (ok) {
        struct kit *k = kit_new(serve, &v);
        struct sf_org *org = act_org(&k->call);
        copy_text(org->session.token, sizeof org->session.token, v.token);
        copy_text(org->session.api_version, sizeof org->session.api_version, v.version);
        ok = run(&v, k) && !v.why[0];
        if (ok && !v.met)
            ok = wrong(&v, "nothing like it was sent");
        kit_free(k);
    }
    if (!ok)
        printf("FAIL %s: %s\n", file, v.why);
    free(v.path);
    free(v.next);
    free(v.answer);
    json_decref(v.body);
    return ok;
}

struct totals {
    int passed, failed;
};

static void run_file(const char *dir, const char *name, struct totals *t)
{
    char path[PATH_MAX];
    json_error_t why;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    json_t *root = json_load_file(path, 0, &why), *one;
    if (!root) {
        printf("FAIL %s: %s\n", name, why.text);
        t->failed++;
        return;
    }
    json_t *list = json_object_get(root, "mappings");
    list = json_is_array(list) ? json_incref(list) : json_pack("[O]", root);
    size_t i;
    json_array_foreach (list, i, one) {
        if (run_mapping(name, one))
            t->passed++;
        else
            t->failed++;
    }
    json_decref(list);
    json_decref(root);
}

static int is_json_file(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 5 && strcmp(d->d_name + n - 5, ".json") == 0;
}

int main(int argc, char **argv)
{
    struct totals t = { 0 };
    struct dirent **list = NULL;
    if (argc != 2) {
        fprintf(stderr, "usage: recorded_client DIR\n");
        return 64;
    }
    int n = scandir(argv[1], &list, is_json_file, alphasort);
    if (n <= 0)
        fprintf(stderr, "recorded_client: no .json files in %s\n", argv[1]);
    for (int i = 0; i < n; i++) {
        run_file(argv[1], list[i]->d_name, &t);
        free(list[i]);
    }
    free(list);
    printf("%d passed, %d failed, 0 deferred\n", t.passed, t.failed);
    return n <= 0 || t.failed || t.passed == 0;
}
