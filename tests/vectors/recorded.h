/*
 * recorded.h - one recorded exchange with an org (a WireMock mapping), read and put into the client's names for
 * references.
 */
#ifndef TESTS_RECORDED_H
#define TESTS_RECORDED_H

#include <stdarg.h>

#include "runtime/base/encoding.h"
#include "tests/client_kit.h"

struct vector {
    const char *file;
    json_t *request, *response;
    char method[8], version[64], token[256];
    char *path;       /* as recorded, with its query, percent-decoded */
    const char *rest; /* of the path, behind the version */
    json_t *body;     /* as our client should send it, NULL = none */
    bool any_body;    /* what it should be is not recorded */
    bool extra;       /* more members than `body` has are fine */
    void *answer;     /* bytes of the recorded answer, with our reference names */
    size_t answer_n;
    int status;
    int seen;          /* requests that arrived */
    bool met;          /* the recorded one was among them */
    bool bulk;         /* it is of Bulk API 2.0: other requests go before or behind it */
    char headers[600]; /* of the answer, besides its content type */
    char *next;        /* page that the recorded page names, then the one that was asked for */
    bool next_asked, continued;
    char why[400];
};

/* Keeps the first reason and returns false. */
static inline bool wrong(struct vector *v, const char *fmt, ...) ACT_PRINTF(2, 3);
static inline bool wrong(struct vector *v, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!v->why[0])
        vsnprintf(v->why, sizeof v->why, fmt, ap);
    va_end(ap);
    return false;
}

/* ---- reading a mapping ---- */

static inline char *decode(const char *s)
{
    char *out = malloc(strlen(s) + 1), *to = out;
    for (; *s; s++) {
        unsigned x;
        if (*s == '%' && sscanf(s + 1, "%2x", &x) == 1) {
            *to++ = (char)x;
            s += 2;
        } else {
            *to++ = *s == '+' ? ' ' : *s;
        }
    }
    *to = '\0';
    return out;
}

static inline const char *text_of(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

/* A path written as a pattern, if nothing but escapes makes it one. */
static inline char *plain_pattern(const char *pattern)
{
    char *out = malloc(strlen(pattern) + 1), *to = out;
    for (; *pattern; pattern++) {
        if (*pattern == '\\' && pattern[1])
            pattern++;
        else if (strchr("*+[](){}|^$", *pattern)) {
            free(out);
            return NULL;
        }
        *to++ = *pattern;
    }
    *to = '\0';
    return out;
}

/* Path and query; query parameters of the mapping are put behind urlPath. */
static inline char *recorded_path(const json_t *request)
{
    const char *url = text_of(request, "url"), *key;
    const json_t *value;
    char *path = NULL;
    if (url)
        return decode(url);
    const char *pattern =
        text_of(request, "urlPattern") ? text_of(request, "urlPattern") : text_of(request, "urlPathPattern");
    const char *plain = text_of(request, "urlPath");
    path = plain ? strdup(plain) : pattern ? plain_pattern(pattern) : NULL;
    if (!path)
        return NULL;
    json_object_foreach (json_object_get(request, "queryParameters"), key, value) {
        char *longer = NULL;
        const char *is = text_of(value, "equalTo");
        if (asprintf(&longer, "%s%c%s=%s", path, strchr(path, '?') ? '&' : '?', key, is ? is : "") < 0)
            abort();
        free(path);
        path = longer;
    }
    return path;
}

static inline json_t *recorded_body(const json_t *request, bool *extra)
{
    size_t i;
    const json_t *pattern;
    json_array_foreach (json_object_get(request, "bodyPatterns"), i, pattern) {
        const json_t *equal = json_object_get(pattern, "equalToJson");
        *extra = json_is_true(json_object_get(pattern, "ignoreExtraElements"));
        if (json_is_string(equal))
            return json_loads(json_string_value(equal), 0, NULL);
        if (equal)
            return json_deep_copy(equal);
        if (text_of(pattern, "equalTo"))
            return json_loads(text_of(pattern, "equalTo"), 0, NULL);
    }
    return NULL;
}

static inline void recorded_answer(struct vector *v)
{
    const char *text = text_of(v->response, "body"), *base64 = text_of(v->response, "base64Body");
    const json_t *json = json_object_get(v->response, "jsonBody");
    if (base64) {
        size_t n = strlen(base64);
        v->answer = malloc(n + 1);
        long k = base64_decode((struct span){ base64, n }, v->answer, n);
        v->answer_n = k < 0 ? 0 : (size_t)k;
    } else if (json) {
        v->answer = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
        v->answer_n = strlen(v->answer);
    } else if (text) {
        v->answer = strdup(text);
        v->answer_n = strlen(text);
    }
}

/* ---- our names for graphs and references instead of the recorded ones ---- */

/* Every "@{old." in the strings of `json` becomes "@{new.". */
static inline void rename_references(json_t *json, const char *old, const char *new)
{
    const char *key;
    json_t *value;
    size_t i;
    json_array_foreach (json, i, value)
        rename_references(value, old, new);
    json_object_foreach (json, key, value)
        rename_references(value, old, new);
    if (!json_is_string(json))
        return;
    char want[128], *at;
    snprintf(want, sizeof want, "@{%s.", old);
    char *text = strdup(json_string_value(json)), *made = NULL;
    while ((at = strstr(text, want))) {
        if (asprintf(&made, "%.*s\x01{%s.%s", (int)(at - text), text, new, at + strlen(want)) < 0)
            abort();
        free(text);
        text = made;
    }
    for (at = text; *at; at++)
        *at = *at == '\x01' ? '@' : *at;
    json_string_set(json, text);
    free(text);
}

static inline json_t *find_reference(const json_t *list, const char *ref)
{
    size_t i;
    json_t *one;
    json_array_foreach (list, i, one)
        if (text_of(one, "referenceId") && strcmp(text_of(one, "referenceId"), ref) == 0)
            return one;
    return NULL;
}

static inline void rename_graph(json_t *graph, json_t *answer, size_t g)
{
    size_t i;
    json_t *node;
    char name[32];
    json_t *results = json_object_get(json_object_get(answer, "graphResponse"), "compositeResponse");
    json_array_foreach (json_object_get(graph, "compositeRequest"), i, node) {
        char *old = strdup(text_of(node, "referenceId"));
        json_t *result = find_reference(results, old);
        snprintf(name, sizeof name, "ref%zu", i);
        rename_references(graph, old, name);
        json_object_set_new(node, "referenceId", json_string(name));
        if (result)
            json_object_set_new(result, "referenceId", json_string(name));
        free(old);
    }
    snprintf(name, sizeof name, "graph%zu", g);
    json_object_set_new(graph, "graphId", json_string(name));
    if (answer)
        json_object_set_new(answer, "graphId", json_string(name));
}

static inline void use_our_names(struct vector *v)
{
    json_t *answer = json_loadb(v->answer, v->answer_n, 0, NULL), *graph;
    size_t g;
    json_array_foreach (json_object_get(v->body, "graphs"), g, graph)
        rename_graph(graph, json_array_get(json_object_get(answer, "graphs"), g), g);
    if (answer) {
        free(v->answer);
        v->answer = json_dumps(answer, JSON_COMPACT);
        v->answer_n = strlen(v->answer);
    }
    json_decref(answer);
}

#endif
