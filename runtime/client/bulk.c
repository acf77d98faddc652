/* bulk.c - jobs of Bulk API 2.0: opened, filled with rows that are made while they are sent, looked at, ended. What
 * comes back is read in bulk_rows.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/client/bulk_parts.h"
#include "runtime/client/soql.h"

char *bulk_path(struct sf_org *org, enum sf_bulk_kind kind, const char *id, const char *rest)
{
    return org_path(org, "jobs/%s/%s%s", kind == SF_BULK_QUERY ? "query" : "ingest", id, rest);
}

bool bulk_id_check(const char *id, struct sf_error *err)
{
    return sf_id_plain(id) || sf_error_set(err, 0, "MALFORMED_ID", "\"%.40s\" is no id of a Bulk job.", id ? id : "");
}

/* ---- opening ---- */

static bool check_operation(const struct sf_bulk_load *load, struct sf_error *err)
{
    static const char *const known[] = { "insert", "update", "upsert", "delete" };
    bool upsert = load->operation && strcmp(load->operation, "upsert") == 0, found = false;
    for (size_t i = 0; i < sizeof known / sizeof *known && load->operation; i++)
        found = found || strcmp(known[i], load->operation) == 0;
    if (!found)
        return sf_error_set(err, 0, "BAD_VALUE", "A Bulk job inserts, updates, upserts or deletes.");
    if (upsert != (load->key_field != NULL) || (upsert && !sf_name_ok(load->key_field, false)))
        return sf_error_set(err, 0, "BAD_VALUE", "An upsert, and nothing else, has the name of a key field.");
    return true;
}

bool bulk_load_check(const struct sf_bulk_load *load, struct sf_error *err)
{
    size_t header = 0;
    if (!sf_name_ok(load->object, false))
        return sf_error_set(err, 0, "BAD_VALUE", "A Bulk job needs the name of an object.");
    if (load->count < 1 || load->count > CSV_COLUMNS)
        return sf_error_set(err, 0, "BAD_VALUE", "A Bulk job has 1 to 5,000 columns.");
    for (size_t i = 0; i < load->count; i++) {
        if (!sf_name_ok(load->columns[i], true))
            return sf_error_set(err, 0, "BAD_VALUE", "\"%.80s\" is no name of a field.", load->columns[i]);
        header += strlen(load->columns[i]) + 1;
        for (size_t k = 0; k < i; k++)
            if (strcasecmp(load->columns[i], load->columns[k]) == 0)
                return sf_error_set(err, 0, "BAD_VALUE", "The column %.80s is named twice.", load->columns[i]);
    }
    if (header > LIMIT_BULK_HEADER)
        return sf_error_set(err, 0, "BAD_VALUE", "The names of the columns have more than 32,000 characters.");
    return check_operation(load, err);
}

/* Reads the id of a job that was made. */
static bool read_id(struct sf_org *org, const struct org_request *q, json_t *body, char id[SF_ID_SIZE],
                    struct sf_error *err)
{
    json_t *answer = NULL;
    if (!body)
        call_exhausted(org->call);
    bool ok = org_json(org, q, body, &answer, NULL, err);
    const char *made = json_string_value(json_object_get(answer, "id"));
    if (ok && !sf_id_plain(made))
        ok = sf_error_set(err, 200, "BAD_REPLY", "The org opened a Bulk job, but its answer has no id.");
    else if (ok)
        copy_text(id, SF_ID_SIZE, made);
    json_decref(answer);
    json_decref(body);
    return ok;
}

bool sf_bulk_open(struct sf_org *org, const struct sf_bulk_load *load, char id[SF_ID_SIZE], struct sf_error *err)
{
    sf_error_clear(err);
    if (!bulk_load_check(load, err))
        return false;
    struct org_request q = { .method = "POST", .path = org_path(org, "jobs/ingest") };
    json_t *body = json_pack("{s:s, s:s, s:s*, s:s, s:s, s:s}", "object", load->object, "operation", load->operation,
                             "externalIdFieldName", load->key_field, "contentType", "CSV", "columnDelimiter", "COMMA",
                             "lineEnding", "LF");
    return read_id(org, &q, body, id, err);
}

bool sf_bulk_query_bound(struct sf_org *org, char id[SF_ID_SIZE], struct sf_error *err, const char *soql,
                         const struct sf_bind *binds, size_t count)
{
    struct buf text;
    char why[160];
    sf_error_clear(err);
    buf_init(&text, LIMIT_SOQL);
    bool ok = soql_write(&text, soql, binds, count, NULL, why, sizeof why);
    if (ok) {
        struct org_request q = { .method = "POST", .path = org_path(org, "jobs/query"), .reads = true };
        ok = read_id(org, &q, json_pack("{s:s, s:s}", "operation", "query", "query", text.p), id, err);
    } else {
        sf_error_set(err, 0, "BAD_VALUE", "%s", why);
    }
    buf_free(&text);
    return ok;
}

/* ---- looking ---- */

static bool read_state(const char *text, enum sf_bulk_state *out)
{
    static const struct {
        const char *text;
        enum sf_bulk_state state;
    } states[] = {
        { "Open", SF_BULK_OPEN },          { "UploadComplete", SF_BULK_RUNNING },
        { "InProgress", SF_BULK_RUNNING }, { "JobComplete", SF_BULK_COMPLETE },
        { "Failed", SF_BULK_FAILED },      { "Aborted", SF_BULK_ABORTED },
    };
    for (size_t i = 0; text && i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i].text, text) == 0) {
            *out = states[i].state;
            return true;
        }
    return false;
}

bool sf_bulk_look(struct sf_org *org, enum sf_bulk_kind kind, const char *id, struct sf_bulk_info *info,
                  struct sf_error *err)
{
    json_t *answer = NULL;
    sf_error_clear(err);
    *info = (struct sf_bulk_info){ SF_BULK_OPEN, 0, 0, "" };
    if (!bulk_id_check(id, err))
        return false;
    struct org_request q = { .method = "GET", .path = bulk_path(org, kind, id, ""), .repeatable = true };
    bool ok = org_json(org, &q, NULL, &answer, NULL, err);
    if (ok && !read_state(json_string_value(json_object_get(answer, "state")), &info->state))
        ok = sf_error_set(err, 200, "BAD_REPLY", "The org tells no known state of the Bulk job %s.", id);
    info->processed = json_integer_value(json_object_get(answer, "numberRecordsProcessed"));
    info->failed = json_integer_value(json_object_get(answer, "numberRecordsFailed"));
    copy_text(info->message, sizeof info->message, json_string_value(json_object_get(answer, "errorMessage")));
    mend_tail(info->message);
    json_decref(answer);
    return ok;
}

/* 1, 1, 2, 3, 4, 6, 9, 13, 19, 28, 30, 30, ... */
int sf_bulk_pause_s(int looks)
{
    enum { LONGEST = 30 };
    int pause = 2;
    for (int i = 1; i < looks && pause < 2 * LONGEST; i++)
        pause += (pause + 1) / 2;
    return pause / 2 < LONGEST ? pause / 2 : LONGEST;
}

/* ---- ending ---- */

bool bulk_set_state(struct sf_org *org, enum sf_bulk_kind kind, const char *id, const char *state, struct sf_error *err)
{
    json_t *answer = NULL, *body = json_pack("{s:s}", "state", state);
    struct org_request q = { .method = "PATCH", .path = bulk_path(org, kind, id, "") };
    if (!body)
        call_exhausted(org->call);
    bool ok = org_json(org, &q, body, &answer, NULL, err);
    json_decref(body);
    json_decref(answer);
    return ok;
}

bool sf_bulk_abort(struct sf_org *org, enum sf_bulk_kind kind, const char *id, struct sf_error *err)
{
    sf_error_clear(err);
    return bulk_id_check(id, err) && bulk_set_state(org, kind, id, "Aborted", err);
}

bool sf_bulk_delete(struct sf_org *org, enum sf_bulk_kind kind, const char *id, struct sf_error *err)
{
    json_t *answer = NULL;
    sf_error_clear(err);
    if (!bulk_id_check(id, err))
        return false;
    struct org_request q = { .method = "DELETE", .path = bulk_path(org, kind, id, ""), .repeatable = true };
    bool ok = org_json(org, &q, NULL, &answer, NULL, err);
    json_decref(answer);
    return ok;
}

bool sf_daily_calls(const struct sf_org *org, int64_t *used, int64_t *allowed)
{
    char *end = NULL;
    *used = strtoll(org->api_usage, &end, 10);
    if (!org->api_usage[0] || *end != '/')
        return false;
    *allowed = strtoll(end + 1, NULL, 10);
    return *allowed > 0;
}

/* ---- rows on their way: one buffer of them in memory ---- */

const char SF_BULK_NULL[] = "#N/A";

enum { FILL = 16 * 1024 }; /* rows are asked for until so much is there to be sent */

struct upload {
    const struct sf_bulk_load *load;
    sf_bulk_give_fn *give;
    void *ctx;
    const char **values;
    struct buf text; /* rows that were not handed to the connection yet, from `offset` */
    size_t offset;
    size_t bytes; /* of all rows so far, with the header */
    struct sf_bulk_sent sent;
    bool ended;
    const char *why; /* a row that cannot be sent; NULL */
    int64_t given;
};

/* Takes the next row into the text. False: it is not to be sent, or there is none; u->ended or u->why says which. */
static bool take_row(struct upload *u)
{
    size_t before = u->text.n;
    memset(u->values, 0, u->load->count * sizeof *u->values);
    switch (u->give(u->ctx, u->values)) {
    case SF_BULK_ROW:
        break;
    case SF_BULK_END:
        u->ended = true;
        return false;
    case SF_BULK_STOP:
        return false;
    }
    u->given++;
    if (!csv_write(&u->text, u->values, u->load->count, SF_BULK_NULL, &u->why))
        return false;
    if (u->bytes + (u->text.n - before) > LIMIT_BULK_UPLOAD) {
        u->text.n = before;
        u->sent.full = u->ended = true;
        return false;
    }
    u->bytes += u->text.n - before;
    u->sent.rows++;
    return true;
}

static size_t read_rows(void *ctx, char *to, size_t room)
{
    struct upload *u = ctx;
    if (u->offset == u->text.n) {
        u->text.n = u->offset = 0;
        while (!u->ended && u->text.n < FILL)
            if (!take_row(u) && !u->ended)
                return HTTP_STREAM_STOP;
        if (u->ended && u->sent.rows == 0)
            return HTTP_STREAM_STOP;
    }
    size_t n = u->text.n - u->offset < room ? u->text.n - u->offset : room;
    if (n)
        memcpy(to, u->text.p + u->offset, n);
    u->offset += n;
    return n;
}

/* What the client calls a stream that was stopped has a better name here. */
static void explain_end(const struct upload *u, struct sf_error *err)
{
    bool renewed = err->status == 401 && err->other_org;
    bool stopped = strcmp(err->code, "STOPPED") == 0;
    if (stopped && u->why)
        sf_error_set(err, 0, "BAD_VALUE", "Row %lld: %s", (long long)u->given, u->why);
    else if (stopped && u->ended)
        sf_error_set(err, 0, "NO_ROWS", "There is no row to be sent.");
    else if (renewed)
        sf_error_set(err, 0, "CONNECTION_LOST", "The session ended during the upload; a new one is there.");
    if (stopped || renewed)
        err->outcome_unknown = false; /* an upload without its end is none */
    sf_error_classify(err);
}

static bool send_rows(struct sf_org *org, struct upload *u, const char *id, struct sf_error *err)
{
    struct http_reply r;
    struct http_stream stream = { .read = read_rows, .ctx = u };
    struct org_request q = { .method = "PUT",
                             .path = bulk_path(org, SF_BULK_INGEST, id, "/batches"),
                             .content_type = "text/csv; charset=UTF-8",
                             .stream = &stream };
    if (!csv_write(&u->text, u->load->columns, u->load->count, NULL, &u->why))
        return sf_error_set(err, 0, "BAD_VALUE", "The header: %s", u->why);
    u->bytes = u->text.n;
    if (!org_send(org, &q, &r, err)) {
        explain_end(u, err);
        return false;
    }
    http_reply_free(&r);
    return true;
}

/* Whether the org has begun although its answer did not come. */
static bool has_begun(struct sf_org *org, const char *id)
{
    struct sf_bulk_info info;
    struct sf_error ignored;
    return sf_bulk_look(org, SF_BULK_INGEST, id, &info, &ignored) && info.state != SF_BULK_OPEN &&
           info.state != SF_BULK_ABORTED;
}

static bool let_begin(struct sf_org *org, const char *id, struct sf_error *err)
{
    if (bulk_set_state(org, SF_BULK_INGEST, id, "UploadComplete", err))
        return true;
    return (err->outcome_unknown || strcmp(err->code, "INVALIDJOBSTATE") == 0) && has_begun(org, id);
}

bool sf_bulk_send(struct sf_org *org, const struct sf_bulk_load *load, const char *id, sf_bulk_give_fn *give, void *ctx,
                  struct sf_bulk_sent *sent, struct sf_error *err)
{
    struct upload u = { .load = load, .give = give, .ctx = ctx };
    *sent = (struct sf_bulk_sent){ 0, false };
    sf_error_clear(err);
    if (!bulk_load_check(load, err) || !bulk_id_check(id, err))
        return false;
    u.values = act_alloc(org->call, load->count * sizeof *u.values);
    buf_init(&u.text, FILL + 2 * (size_t)CSV_RECORD);
    bool ok = send_rows(org, &u, id, err) && let_begin(org, id, err);
    buf_free(&u.text);
    if (ok) {
        sf_error_clear(err);
        *sent = u.sent;
    }
    return ok;
}
