/* files.c - files: up as base64 within JSON, or as multipart when they are large; down as bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"
#include "runtime/base/system.h"
#include "runtime/client/client_parts.h"

struct upload {
    const char *object, *blob_field, *file_name;
    const json_t *fields;
    struct act_bytes data;
};

/* The fields besides the file. A ContentVersion must say the file's name, so it does. */
static json_t *make_fields(struct sf_org *org, const struct upload *u)
{
    json_t *fields = u->fields ? record_without(org, u->fields, NULL) : json_object();
    if (strcasecmp(u->object, "ContentVersion") == 0 && u->file_name && !record_member(fields, "PathOnClient"))
        json_object_set_new(fields, "PathOnClient", json_string(u->file_name));
    return fields;
}

static bool send_base64(struct sf_org *org, const struct upload *u, json_t *fields, char id[SF_ID_SIZE],
                        struct sf_error *err)
{
    char *text = malloc((u->data.n + 2) / 3 * 4 + 1);
    if (!text)
        return sf_error_set(err, 0, "CLIENT_FAULT", "Out of memory.");
    size_t n = base64_encode(u->data.p, u->data.n, text);
    bool ok = json_object_set_new(fields, u->blob_field, json_stringn_nocheck(text, n)) == 0
                  ? sf_create(org, u->object, fields, id, err)
                  : sf_error_set(err, 0, "BAD_VALUE", "The fields of a file are an object.");
    free(text);
    return ok;
}

/* A file name within a header: what could end it is written as browsers write it. */
static bool add_quoted(struct buf *out, const char *s)
{
    buf_char(out, '"');
    for (; s && *s; s++) {
        if (*s == '"' || *s == '\r' || *s == '\n')
            buf_fmt(out, "%%%02X", (unsigned)*s);
        else
            buf_char(out, *s);
    }
    return buf_char(out, '"');
}

static bool make_parts(const struct upload *u, const json_t *fields, const char *boundary, struct buf *front,
                       struct buf *back)
{
    /* ContentVersion's part must be called entity_content; other objects take any name. */
    buf_fmt(front,
            "--%s\r\nContent-Disposition: form-data; name=\"entity_content\";\r\nContent-Type: "
            "application/json\r\n\r\n",
            boundary);
    if (!buf_json(front, fields))
        return false;
    buf_fmt(front, "\r\n--%s\r\nContent-Disposition: form-data; name=\"%s\"; filename=", boundary, u->blob_field);
    add_quoted(front, u->file_name ? u->file_name : "file");
    buf_str(front, "\r\nContent-Type: application/octet-stream\r\n\r\n");
    buf_fmt(back, "\r\n--%s--\r\n", boundary);
    return !front->failed && !back->failed;
}

static bool read_answer(const struct http_reply *r, char id[SF_ID_SIZE], struct sf_error *err)
{
    json_t *json = json_loadb(r->body.p ? r->body.p : "", r->body.n, JSON_REJECT_DUPLICATES, NULL);
    const char *made = json_string_value(json_object_get(json, "id"));
    bool ok = sf_id_plain(made);
    if (ok) {
        copy_text(id, SF_ID_SIZE, made);
    } else {
        sf_error_parse(err, r->status, (struct span){ r->body.p, r->body.n });
        err->outcome_unknown = !json || json_is_object(json);
    }
    json_decref(json);
    return ok;
}

static bool send_multipart(struct sf_org *org, const struct upload *u, const json_t *fields, char id[SF_ID_SIZE],
                           struct sf_error *err)
{
    char boundary[48], type[96];
    struct buf front, back;
    struct http_reply r;
    bool ok = false;
    /* 128 random bits do not occur in the file. */
    copy_text(boundary, sizeof boundary, "part-");
    uuid_make(boundary + 5);
    snprintf(type, sizeof type, "multipart/form-data; boundary=%s", boundary);
    buf_init(&front, LIMIT_ORG_BODY);
    buf_init(&back, 64);
    if (!make_parts(u, fields, boundary, &front, &back)) {
        sf_error_set(err, 0, "TOO_LARGE", "The fields of the file are too large for the org, or no JSON.");
        goto out;
    }
    struct span pieces[] = { { front.p, front.n }, { u->data.p, u->data.n }, { back.p, back.n } };
    struct org_request q = { .method = "POST",
                             .path = org_path(org, "sobjects/%s", u->object),
                             .content_type = type,
                             .body = pieces,
                             .pieces = 3 };
    if (org_send(org, &q, &r, err)) {
        ok = read_answer(&r, id, err);
        http_reply_free(&r);
    }
out:
    buf_free(&front);
    buf_free(&back);
    return ok;
}

bool sf_upload(struct sf_org *org, const char *object, const char *blob_field, const json_t *fields,
               struct act_bytes data, const char *file_name, char id[SF_ID_SIZE], struct sf_error *err)
{
    struct upload u = { object, blob_field, file_name, fields, data };
    sf_error_clear(err);
    if (!sf_name_ok(object, false) || !sf_name_ok(blob_field, false))
        return sf_error_set(err, 0, "BAD_VALUE", "The object's or the field's name is none.");
    if (record_member(fields, blob_field))
        return sf_error_set(err, 0, "BAD_VALUE", "%s is given both as a field and as the file.", blob_field);
    json_t *all = make_fields(org, &u);
    bool ok = data.n <= LIMIT_UPLOAD_JSON ? send_base64(org, &u, all, id, err) : send_multipart(org, &u, all, id, err);
    json_decref(all);
    return ok;
}

bool sf_download(struct sf_org *org, const char *object, const char *id, const char *blob_field, size_t max,
                 struct act_bytes *data, struct sf_error *err)
{
    struct http_reply r;
    size_t n;
    sf_error_clear(err);
    if (!sf_name_ok(object, false) || !sf_name_ok(blob_field, false) || !sf_id_plain(id))
        return sf_error_set(err, 0, "BAD_VALUE", "The object's or the field's name is none, or the id is no id.");
    struct org_request q = { .method = "GET",
                             .path = org_path(org, "sobjects/%s/%s/%s", object, id, blob_field),
                             .max = max ? max : 1,
                             .repeatable = true };
    if (!org_send(org, &q, &r, err))
        return false;
    if (r.body.n > max) {
        http_reply_free(&r);
        return sf_error_set(err, 200, "TOO_LARGE", "The file is larger than allowed.");
    }
    char *p = buf_take(&r.body, &n);
    if (p)
        act_defer(org->call, free, p);
    *data = (struct act_bytes){ p ? p : "", p ? n : 0 };
    return true;
}
