/* org_json.c - requests of JSON to an org, and the names, paths and members they are made of. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/base/json_text.h"
#include "runtime/client/client_parts.h"

/* ---- JSON in and out ---- */

/* Whether a 2xx answer is a list of errors all the same. */
static bool is_error_list(const json_t *json)
{
    const json_t *first = json_array_get(json, 0);
    return first && json_is_string(json_object_get(first, "errorCode")) && !json_object_get(first, "success");
}

static bool read_json(const struct org_request *q, const struct http_reply *r, json_t **out, struct sf_error *err)
{
    bool write = !q->reads && strcmp(q->method, "GET") != 0;
    if (r->body.n == 0) {
        *out = NULL;
        return true;
    }
    json_t *json = json_loadb(r->body.p, r->body.n, JSON_REJECT_DUPLICATES, NULL);
    if (json && !is_error_list(json)) {
        *out = json;
        return true;
    }
    sf_error_parse(err, r->status, (struct span){ r->body.p, r->body.n });
    /* The status says that it was done, but not what. */
    err->outcome_unknown = !json && write;
    json_decref(json);
    return false;
}

bool org_part_json(struct org_part *part, json_t **out)
{
    *out = NULL;
    return !part->err.code[0] && read_json(&part->q, &part->r, out, &part->err);
}

bool org_json(struct sf_org *org, const struct org_request *q, const json_t *body, json_t **out, int *status,
              struct sf_error *err)
{
    struct buf text;
    struct http_reply r;
    struct org_request with = *q;
    struct span piece;
    buf_init(&text, LIMIT_ORG_BODY);
    bool ok = false;
    if (body) {
        if (!buf_json(&text, body)) {
            sf_error_set(err, 0, "TOO_LARGE", "The request is too large for the org, or is no JSON.");
            goto out;
        }
        piece = (struct span){ text.p, text.n };
        with.body = &piece;
        with.pieces = 1;
    }
    if (!org_send(org, &with, &r, err))
        goto out;
    ok = read_json(q, &r, out, err);
    err->other_org = !ok && org->session.authorization[0] != '\0';
    if (status)
        *status = r.status;
    http_reply_free(&r);
out:
    buf_free(&text);
    return ok;
}

bool sf_request(struct sf_org *org, const char *method, const char *path, const json_t *body, json_t **out,
                struct sf_error *err)
{
    static const char *const methods[] = { "GET", "HEAD", "POST", "PATCH", "PUT", "DELETE" };
    bool known = false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        known = known || strcmp(methods[i], method) == 0;
    if (!known)
        return sf_error_set(err, 0, "CLIENT_FAULT", "There is no method %.20s.", method);
    bool safe = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 || strcmp(method, "DELETE") == 0;
    struct org_request q = { .method = method, .path = path, .repeatable = safe };
    return org_json(org, &q, body, out, NULL, err);
}

/* ---- names and paths ---- */

bool sf_name_ok(const char *name, bool dots)
{
    int parts = 1;
    size_t n = 0;
    if (!name || !char_letter(*name))
        return false;
    for (; *name; name++) {
        if (*name == '.') {
            if (!dots || ++parts > 6 || !char_letter(name[1]))
                return false;
            n = 0;
        } else if ((!char_alnum(*name) && *name != '_') || ++n > 80) {
            return false;
        }
    }
    return true;
}

bool sf_key_ok(const char *key)
{
    return key && *key && strlen(key) <= LIMIT_ORG_URL && strcmp(key, ".") != 0 && strcmp(key, "..") != 0;
}

bool sf_id_plain(const char *id)
{
    size_t n = 0;
    if (!id)
        return false;
    while (char_alnum(id[n]))
        n++;
    return n >= 1 && n < SF_ID_SIZE && id[n] == '\0';
}

char *org_path(struct sf_org *org, const char *fmt, ...)
{
    char *rest = NULL;
    va_list ap;
    va_start(ap, fmt);
    int n = vasprintf(&rest, fmt, ap);
    va_end(ap);
    char *path = act_printf(org->call, "/services/data/v%s/%s", org->session.api_version, n < 0 ? "" : rest);
    if (n >= 0)
        free(rest);
    return path;
}

char *org_escape(struct sf_org *org, const char *text)
{
    char *made = curl_easy_escape(NULL, text, 0);
    if (!made)
        call_exhausted(org->call);
    char *out = act_strdup(org->call, made);
    curl_free(made);
    return out;
}

/* ---- members of a record ---- */

json_t *record_member(const json_t *record, const char *name)
{
    const char *key;
    json_t *value, *found = NULL;
    json_object_foreach ((json_t *)record, key, value)
        if (strcasecmp(key, name) == 0)
            found = value;
    return found;
}

json_t *record_without(struct sf_org *org, const json_t *record, const char *name)
{
    json_t *copy = json_copy((json_t *)record);
    const char *key;
    json_t *value;
    void *next;
    /* jansson's copy leaves members out when it finds no room for them, and does not say so */
    if (json_object_size(copy) != json_object_size(record) || (record && !copy)) {
        json_decref(copy);
        call_exhausted(org->call);
    }
    json_object_foreach_safe (copy, next, key, value)
        if (name && strcasecmp(key, name) == 0)
            json_object_del(copy, key);
    return copy;
}

void list_add(struct sf_org *org, json_t *list, json_t *element)
{
    if (json_array_append_new(list, element) != 0)
        call_exhausted(org->call);
}
