/* recorded_message.c - see recorded.h: a recording read, its request sent, the answer compared. */
#include "tests/sandbox/recorded.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/text.h"
#include "sandbox/sandbox.h"
#include "tests/sandbox/recorded_ids.h"

struct sandbox *recorded_box;

bool recording_wrong(struct recording *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    if (!r->why[0])
        vsnprintf(r->why, sizeof r->why, fmt, ap);
    va_end(ap);
    return false;
}

/* ---- reading ---- */

void recording_encode(char **o, const char *s)
{
    static const char hex[] = "0123456789ABCDEF";
    for (; *s; s++) {
        *(*o)++ = '%';
        *(*o)++ = hex[(unsigned char)*s >> 4];
        *(*o)++ = hex[*s & 15];
    }
}

const char *recorded_text(const json_t *o, const char *key)
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
            return recorded_text(rule, words[i]);
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
        path = recorded_text(request, names[i]);
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
        recording_encode(&o, wanted(rule));
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
            return json_loads(recorded_text(pattern, "equalTo"), JSON_DECODE_ANY, NULL);
    }
    return NULL;
}

static void read_answer(struct recording *r)
{
    const json_t *body = json_object_get(r->response, "body"), *object = json_object_get(r->response, "jsonBody");
    const char *base64 = recorded_text(r->response, "base64Body");
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

bool recording_read(struct recording *r, json_t *mapping)
{
    ids_mend(mapping);
    r->request = json_object_get(mapping, "request");
    r->response = json_object_get(mapping, "response");
    const char *method = recorded_text(r->request, "method");
    if (!r->request || !r->response)
        return recording_wrong(r, "no mapping: request or response is missing");
    copy_text(r->method, sizeof r->method, *method && strcmp(method, "ANY") != 0 ? method : "GET");
    r->url = read_url(r->request);
    r->body = read_body(r->request);
    r->status = json_is_integer(json_object_get(r->response, "status"))
                    ? (int)json_integer_value(json_object_get(r->response, "status"))
                    : 200;
    read_answer(r);
    return *r->url == '/' || recording_wrong(r, "the request names no path");
}

void recording_free(struct recording *r)
{
    free(r->url);
    free(r->answer);
    json_decref(r->body);
    json_decref(r->parsed);
}

/* ---- sending ---- */

struct reply recording_send(const struct recording *r, const char *url, const char *token, const char *type,
                            const char *body)
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
    rq.fields[rq.n_fields++] = (struct http_field){ strdup("Content-Type"), strdup(type) };
    if (r->page) {
        snprintf(value, sizeof value, "batchSize=%zu", r->page);
        rq.fields[rq.n_fields++] = (struct http_field){ strdup("Sforce-Query-Options"), strdup(value) };
    }
    if (body) {
        rq.body = strdup(body);
        rq.body_n = strlen(body);
    }
    sandbox_answer(recorded_box, &rq, &rp);
    request_free(&rq);
    return rp;
}

struct reply recording_ask(const struct recording *r, const char *url, const char *token)
{
    char *body = r->body ? json_dumps(r->body, JSON_ENCODE_ANY) : NULL;
    struct reply rp = recording_send(r, url, token, "application/json", body);
    free(body);
    return rp;
}

/* ---- comparing ---- */

/* Made up anew by every org, or worded for people. */
static bool varies(const char *key)
{
    static const char *const keys[] = { "id",
                                        "Id",
                                        "url",
                                        "Location",
                                        "nextRecordsUrl",
                                        "graphId",
                                        "message",
                                        /* of bulk jobs */ "contentUrl",
                                        "createdById",
                                        "createdDate",
                                        "systemModstamp",

                                        "totalProcessingTime",
                                        "apiActiveProcessingTime",
                                        "apexProcessingTime" };
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

static bool same_json(struct recording *r, const json_t *want, const json_t *got, const char *path, const char *key);

static bool same_object(struct recording *r, const json_t *want, const json_t *got, const char *path)
{
    const char *key;
    json_t *value;
    char below[300];
    json_object_foreach ((json_t *)want, key, value) {
        snprintf(below, sizeof below, "%.200s/%.80s", path, key);
        if (!json_object_get(got, key))
            return recording_wrong(r, "%s is missing", below);
        if (!same_json(r, value, json_object_get(got, key), below, key))
            return false;
    }
    json_object_foreach ((json_t *)got, key, value)
        if (!json_object_get(want, key))
            return recording_wrong(r, "%s/%s is too much", path, key);
    return true;
}

static bool same_json(struct recording *r, const json_t *want, const json_t *got, const char *path, const char *key)
{
    char below[300];
    if (strcmp(type_name(want), type_name(got)) != 0)
        return recording_wrong(r, "%s: %s instead of %s", path, type_name(got), type_name(want));
    if (json_is_object(want))
        return same_object(r, want, got, path);
    if (json_is_array(want)) {
        if (json_array_size(want) != json_array_size(got))
            return recording_wrong(r, "%s: %zu items instead of %zu", path, json_array_size(got),
                                   json_array_size(want));
        for (size_t i = 0; i < json_array_size(want); i++) {
            snprintf(below, sizeof below, "%.200s/%zu", path, i);
            if (!same_json(r, json_array_get(want, i), json_array_get(got, i), below, key))
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
    return equal || recording_wrong(r, "%s: other value", path);
}

static bool compare_headers(struct recording *r, const struct reply *got)
{
    const json_t *headers = json_object_get(r->response, "headers");
    const char *type = recorded_text(headers, "Content-Type"), *ours = reply_get(got, "Content-Type");
    size_t n = strcspn(type, ";");
    if (r->answer && n && (!ours || strncasecmp(type, ours, n) != 0))
        return recording_wrong(r, "Content-Type %s instead of %s", ours ? ours : "(none)", type);
    if (json_object_get(headers, "Location") && !reply_get(got, "Location"))
        return recording_wrong(r, "no Location");
    return true;
}

bool recording_same(struct recording *r, const struct reply *got)
{
    json_t *body = got->body && r->parsed ? json_loadb(got->body, got->body_n, JSON_DECODE_ANY, NULL) : NULL;
    bool ok;
    if (got->status != r->status)
        ok = recording_wrong(r, "status %d instead of %d: %.200s", got->status, r->status, got->body ? got->body : "");
    else if (r->parsed)
        ok = body ? same_json(r, r->parsed, body, "", "") : recording_wrong(r, "the answer is not JSON");
    else if (got->body_n != r->answer_n || (r->answer_n && memcmp(got->body, r->answer, r->answer_n) != 0))
        ok = recording_wrong(r, "the answer has other bytes");
    else
        ok = true;
    json_decref(body);
    return ok && compare_headers(r, got);
}
