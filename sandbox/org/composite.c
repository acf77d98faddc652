/*
 * composite.c - several requests in one: composite, composite/batch, composite/graph. Later steps refer to the
 * answers of earlier ones by @{referenceId.path}. What is all or nothing runs in a savepoint that a failure rolls back.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/org/rest_parts.h"

static const char rolled_back[] =
    "We rolled back the transaction since another operation in the same transaction failed.";
static const char not_run[] = "The transaction was rolled back since another operation in the same transaction failed.";

struct step {
    const json_t *request;
    const char *reference;
    struct call call; /* its answer */
    json_t *parsed;   /* the answer's body, once somebody referred to it */
    bool ran;
};

struct batch {
    struct call *outer;
    struct step *steps;
    size_t n;
};

static const char *text_in(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

/* ---- references ---- */

static struct step *step_named(struct batch *b, const char *name, size_t n, size_t before)
{
    for (size_t i = 0; i < before; i++)
        if (strlen(b->steps[i].reference) == n && strncmp(b->steps[i].reference, name, n) == 0)
            return &b->steps[i];
    return NULL;
}

/* "records[0].Id" in a step's answer; NULL when there is nothing. */
static const json_t *dig(const json_t *v, const char *path, size_t n)
{
    for (size_t i = 0; v && i < n;) {
        size_t len = 0;
        char key[NAME_SIZE];
        if (path[i] == '[') {
            char *end;
            unsigned long index = strtoul(path + i + 1, &end, 10);
            v = *end == ']' ? json_array_get(v, index) : NULL;
            i = (size_t)(end - path) + 1;
        } else {
            while (i + len < n && path[i + len] != '.' && path[i + len] != '[')
                len++;
            snprintf(key, sizeof key, "%.*s", (int)len, path + i);
            v = json_object_get(v, key);
            i += len;
        }
        i += i < n && path[i] == '.';
    }
    return v;
}

/* The value of "ref.path"; NULL when it is not there. */
static const json_t *lookup(struct batch *b, size_t before, const char *text, size_t n)
{
    size_t name = 0;
    while (name < n && text[name] != '.' && text[name] != '[')
        name++;
    struct step *s = step_named(b, text, name, before);
    if (!s || s->call.status >= 300 || s->call.status < 200)
        return NULL;
    if (!s->parsed && s->call.out.n)
        s->parsed = json_loadb(s->call.out.p, s->call.out.n, 0, NULL);
    const char *path = text + name;
    size_t left = n - name, skip = left && *path == '.';
    return dig(s->parsed, path + skip, left - skip);
}

/* Replaces every @{...}; false with the first one that has no value in `missing`. */
static bool resolve_text(struct batch *b, size_t before, const char *in, struct text *out, char missing[200])
{
    for (const char *p = in; *p;) {
        const char *open = strstr(p, "@{"), *close = open ? strchr(open, '}') : NULL;
        if (!close) {
            text_str(out, p);
            return true;
        }
        text_add(out, p, (size_t)(open - p));
        const json_t *v = lookup(b, before, open + 2, (size_t)(close - open - 2));
        if (!v || json_is_null(v)) {
            snprintf(missing, 200, "%.*s", (int)(close - open - 2), open + 2);
            return false;
        }
        char *text = json_is_string(v) ? NULL : json_dumps(v, JSON_ENCODE_ANY);
        text_str(out, text ? text : json_string_value(v));
        free(text);
        p = close + 1;
    }
    return true;
}

/* A copy of the body with its references replaced; NULL as above. */
static json_t *resolve_body(struct batch *b, size_t before, const json_t *in, char missing[200])
{
    const char *key;
    json_t *item, *copy, *made;
    size_t i;
    if (json_is_string(in)) {
        struct text t = { 0 };
        bool ok = resolve_text(b, before, json_string_value(in), &t, missing);
        copy = ok ? json_stringn(t.p ? t.p : "", t.n) : NULL;
        text_free(&t);
        return copy;
    }
    if (!json_is_object(in) && !json_is_array(in))
        return json_incref((json_t *)in);
    copy = json_is_object(in) ? json_object() : json_array();
    json_object_foreach ((json_t *)in, key, item) {
        if (!(made = resolve_body(b, before, item, missing)))
            goto failed;
        json_object_set_new(copy, key, made);
    }
    json_array_foreach (in, i, item) {
        if (!(made = resolve_body(b, before, item, missing)))
            goto failed;
        json_array_append_new(copy, made);
    }
    return copy;
failed:
    json_decref(copy);
    return NULL;
}

/* ---- one step ---- */

static void step_start(struct step *s, const struct call *outer)
{
    s->call = (struct call){ .o = outer->o, .rules = outer->rules, .query = "", .options = "", .method = "GET" };
    copy_text(s->call.user_id, sizeof s->call.user_id, outer->user_id);
    copy_text(s->call.type, sizeof s->call.type, "application/json");
}

/* Runs a request whose URL is complete. */
static void run_url(struct call *c, const char *url)
{
    char *path = mem_dup(url, strlen(url)), *query = strchr(path, '?'), *rest;
    if (query)
        *query++ = '\0';
    c->query = query ? query : "";
    if (!rest_split_path(c, path, &rest) ||
        (strncmp(rest, "composite", 9) == 0 && strncmp(rest, "composite/sobjects", 18) != 0))
        answer_not_found(c);
    else
        rest_route(c, rest);
    c->query = "";
    free(path);
}

static void run_step(struct batch *b, size_t at)
{
    struct step *s = &b->steps[at];
    char missing[200] = "", message[500];
    struct text url = { 0 };
    const json_t *body = json_object_get(s->request, "body");
    json_t *resolved = NULL;
    step_start(s, b->outer);
    s->ran = true;
    s->call.method = text_in(s->request, "method");
    bool ok = resolve_text(b, at, text_in(s->request, "url"), &url, missing) &&
              (!body || (resolved = resolve_body(b, at, body, missing)));
    if (ok) {
        s->call.body = resolved;
        run_url(&s->call, url.p ? url.p : "");
        s->call.body = NULL;
    } else {
        int name = (int)strcspn(missing, ".[");
        snprintf(message, sizeof message, "Invalid reference specified. No value for %s found in %.*s", missing, name,
                 missing);
        answer_error(&s->call, 400, "PROCESSING_HALTED", message);
    }
    s->call.method = "";
    json_decref(resolved);
    text_free(&url);
}

static void halt(struct batch *b, size_t at, const char *message)
{
    struct step *s = &b->steps[at];
    text_free(&s->call.out);
    json_decref(s->parsed);
    s->parsed = NULL;
    step_start(s, b->outer);
    answer_error(&s->call, 400, "PROCESSING_HALTED", message);
}

static void step_json(struct text *out, const struct step *s)
{
    text_str(out, "{\"body\":");
    if (s->call.out.n)
        text_add(out, s->call.out.p, s->call.out.n);
    else
        text_str(out, "null");
    text_str(out, ",\"httpHeaders\":{");
    if (s->call.location[0]) {
        text_str(out, "\"Location\":");
        text_json_str(out, s->call.location);
    }
    text_fmt(out, "},\"httpStatusCode\":%d,\"referenceId\":", s->call.status);
    text_json_str(out, s->reference);
    text_char(out, '}');
}

static void steps_json(struct text *out, const struct batch *b)
{
    text_str(out, "{\"compositeResponse\":[");
    for (size_t i = 0; i < b->n; i++) {
        text_str(out, i ? "," : "");
        step_json(out, &b->steps[i]);
    }
    text_str(out, "]}");
}

/* ---- a group of steps ---- */

static void batch_free(struct batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        text_free(&b->steps[i].call.out);
        json_decref(b->steps[i].parsed);
    }
    free(b->steps);
}

static bool reference_ok(const char *s)
{
    size_t n = 0;
    for (; s[n]; n++)
        if (!isalnum((unsigned char)s[n]) && s[n] != '_' && s[n] != '-')
            return false;
    return n > 0;
}

/* Reads the list of requests; a reason on failure. */
static const char *batch_read(struct batch *b, struct call *outer, const json_t *list)
{
    b->outer = outer;
    b->n = json_array_size(list);
    b->steps = mem_new(b->n * sizeof *b->steps);
    if (!json_is_array(list) || b->n == 0)
        return "The request has no compositeRequest";
    for (size_t i = 0; i < b->n; i++) {
        struct step *s = &b->steps[i];
        s->request = json_array_get(list, i);
        s->reference = text_in(s->request, "referenceId");
        step_start(s, outer);
        if (!reference_ok(s->reference))
            return "Provided referenceId is missing or has characters other than letters, digits and underscores";
        if (step_named(b, s->reference, strlen(s->reference), i))
            return "Duplicate reference Id";
        if (!*text_in(s->request, "method") || !*text_in(s->request, "url"))
            return "Every subrequest needs method and url";
    }
    return NULL;
}

/* All or nothing: true when every step succeeded. */
static bool run_together(struct batch *b)
{
    bool ok = true;
    store_begin(b->outer->o);
    size_t failed = 0;
    for (size_t i = 0; ok && i < b->n; i++) {
        run_step(b, i);
        ok = b->steps[i].call.status < 300;
        failed = i;
    }
    store_end(b->outer->o, ok);
    for (size_t i = 0; !ok && i < b->n; i++)
        if (i != failed)
            halt(b, i, i < failed ? rolled_back : not_run);
    return ok;
}

/* ---- the three resources ---- */

void rest_composite(struct call *c)
{
    struct batch b = { 0 };
    const json_t *list = json_object_get(c->body, "compositeRequest");
    const char *fault = batch_read(&b, c, list);
    if (!fault && b.n > COMPOSITE_MAX)
        fault = "The number of subrequests exceeds the limit of 25";
    if (fault) {
        answer_error(c, 400, b.n > COMPOSITE_MAX ? "LIMIT_EXCEEDED" : "INVALID_INPUT", fault);
    } else {
        if (json_is_true(json_object_get(c->body, "allOrNone")))
            run_together(&b);
        else
            for (size_t i = 0; i < b.n; i++)
                run_step(&b, i);
        c->status = 200;
        steps_json(&c->out, &b);
    }
    batch_free(&b);
}

void rest_batch(struct call *c)
{
    const json_t *list = json_object_get(c->body, "batchRequests"), *item;
    bool halt_on_error = json_is_true(json_object_get(c->body, "haltOnError")), errors = false;
    struct text results = { 0 };
    size_t i;
    if (!json_is_array(list) || json_array_size(list) == 0 || json_array_size(list) > COMPOSITE_MAX) {
        answer_error(c, 400, "INVALID_INPUT", "batchRequests must hold 1 to 25 requests");
        return;
    }
    json_array_foreach (list, i, item) {
        struct step s = { 0 };
        struct text url = { 0 };
        const char *given = text_in(item, "url");
        step_start(&s, c);
        s.call.method = text_in(item, "method");
        s.call.body = json_object_get(item, "richInput");
        text_fmt(&url, "%s%s",
                 strncmp(given, "/services/", 10) == 0 ? ""
                 : *given == '/'                       ? "/services/data"
                                                       : "/services/data/",
                 given);
        if (errors && halt_on_error)
            answer_error(&s.call, 412, "BATCH_PROCESSING_HALTED", "Batch processing halted per request");
        else
            run_url(&s.call, url.p);
        errors = errors || s.call.status >= 400;
        text_fmt(&results, "%s{\"statusCode\":%d,\"result\":%s}", i ? "," : "", s.call.status,
                 s.call.out.n ? s.call.out.p : "null");
        text_free(&s.call.out);
        text_free(&url);
    }
    c->status = 200;
    text_fmt(&c->out, "{\"hasErrors\":%s,\"results\":[%s]}", errors ? "true" : "false", results.p);
    text_free(&results);
}

/* How long the chain of references behind each step is. */
static size_t reference_depth(struct batch *b)
{
    size_t deepest = 0, *depth = mem_new(b->n * sizeof *depth);
    for (size_t i = 0; i < b->n; i++) {
        char *text = json_dumps(b->steps[i].request, 0);
        depth[i] = 1;
        for (const char *p = text ? strstr(text, "@{") : NULL; p; p = strstr(p + 2, "@{")) {
            struct step *s = step_named(b, p + 2, strcspn(p + 2, ".[}"), i);
            size_t below = s ? depth[s - b->steps] + 1 : 0;
            depth[i] = below > depth[i] ? below : depth[i];
        }
        deepest = depth[i] > deepest ? depth[i] : deepest;
        free(text);
    }
    free(depth);
    return deepest;
}

/* Different nodes by version, method and object. */
static size_t kinds(const struct batch *b)
{
    json_t *seen = json_object();
    for (size_t i = 0; i < b->n; i++) {
        char key[300];
        const char *url = text_in(b->steps[i].request, "url"), *object = strstr(url, "/sobjects/");
        size_t n = object ? (size_t)(object - url) + 10 + strcspn(object + 10, "/?") : strcspn(url, "?");
        snprintf(key, sizeof key, "%s %.*s", text_in(b->steps[i].request, "method"), (int)(n < 250 ? n : 250), url);
        json_object_set_new(seen, key, json_true());
    }
    size_t n = json_object_size(seen);
    json_decref(seen);
    return n;
}

static const char *graph_fault(const json_t *graphs, struct batch *b)
{
    size_t nodes = 0;
    for (size_t i = 0; i < json_array_size(graphs); i++)
        nodes += b[i].n;
    if (nodes > GRAPH_NODES_MAX)
        return "The number of nodes exceeds the limit of 500 in a payload";
    for (size_t i = 0; i < json_array_size(graphs); i++) {
        if (reference_depth(&b[i]) > GRAPH_DEPTH_MAX)
            return "The maximum depth of a graph is 15";
        if (kinds(&b[i]) > GRAPH_KINDS_MAX)
            return "A graph may have at most 15 different nodes";
    }
    return NULL;
}

static void run_graphs(struct call *c, const json_t *graphs, struct batch *b)
{
    size_t failures = 0;
    c->status = 200;
    text_str(&c->out, "{\"graphs\":[");
    for (size_t i = 0; i < json_array_size(graphs); i++) {
        bool ok = false;
        if (failures < GRAPH_FAILURES_MAX) {
            ok = run_together(&b[i]);
            failures += !ok;
        } else {
            for (size_t k = 0; k < b[i].n; k++)
                halt(&b[i], k, "The graph was not processed, because too many graphs before it failed.");
        }
        text_fmt(&c->out, "%s{\"graphId\":", i ? "," : "");
        text_json_str(&c->out, text_in(json_array_get(graphs, i), "graphId"));
        text_str(&c->out, ",\"graphResponse\":");
        steps_json(&c->out, &b[i]);
        text_fmt(&c->out, ",\"isSuccessful\":%s}", ok ? "true" : "false");
    }
    text_str(&c->out, "]}");
}

void rest_graph(struct call *c)
{
    const json_t *graphs = json_object_get(c->body, "graphs");
    size_t n = json_array_size(graphs);
    const char *fault = NULL;
    if (!json_is_array(graphs) || n == 0 || n > GRAPHS_MAX) {
        answer_error(c, 400, n > GRAPHS_MAX ? "LIMIT_EXCEEDED" : "INVALID_INPUT",
                     n > GRAPHS_MAX ? "The number of graphs exceeds the limit of 75" : "The request has no graphs");
        return;
    }
    struct batch *b = mem_new(n * sizeof *b);
    for (size_t i = 0; i < n; i++) {
        const json_t *graph = json_array_get(graphs, i);
        const char *wrong = batch_read(&b[i], c, json_object_get(graph, "compositeRequest"));
        bool twice = false;
        for (size_t k = 0; k < i; k++)
            twice = twice || strcmp(text_in(json_array_get(graphs, k), "graphId"), text_in(graph, "graphId")) == 0;
        wrong = wrong ? wrong : !*text_in(graph, "graphId") || twice ? "Every graph needs a graphId of its own" : NULL;
        fault = fault ? fault : wrong;
    }
    const char *limit = fault ? NULL : graph_fault(graphs, b);
    if (fault || limit)
        answer_error(c, 400, fault ? "INVALID_INPUT" : "LIMIT_EXCEEDED", fault ? fault : limit);
    else
        run_graphs(c, graphs, b);
    for (size_t i = 0; i < n; i++)
        batch_free(&b[i]);
    free(b);
}
