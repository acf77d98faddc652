/* records.c - single records and collections of them. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "runtime/client/client_parts.h"

/* The object's name goes into a path and must be one. */
static bool check_object(const char *object, struct sf_error *err)
{
    if (!object || !*object)
        return sf_error_set(err, 0, "BAD_VALUE", "No object type is given for the record.");
    return sf_name_ok(object, false) || sf_error_set(err, 0, "BAD_VALUE", "\"%.80s\" is no name of an object.", object);
}

static bool check_id(const char *id, struct sf_error *err)
{
    if (!id || !*id)
        return sf_error_set(err, 0, "BAD_VALUE", "No id is given for the record.");
    return sf_id_plain(id) || sf_error_set(err, 0, "MALFORMED_ID", "\"%.40s\" is no record id.", id);
}

/* Reads {"id", "success", "errors"}. A success without that form was written, but nobody can say what. */
static bool read_saved(const json_t *answer, int status, char id[SF_ID_SIZE], struct sf_error *err)
{
    const char *made = json_string_value(json_object_get(answer, "id"));
    if (json_is_false(json_object_get(answer, "success"))) {
        if (!sf_error_read(err, status, json_object_get(answer, "errors")))
            sf_error_set(err, status, "BAD_REPLY", "The org refused the record without a reason.");
        return false;
    }
    if (json_is_true(json_object_get(answer, "success")) && sf_id_plain(made)) {
        copy_text(id, SF_ID_SIZE, made);
        return true;
    }
    sf_error_set(err, status, "BAD_REPLY", "The org took the record, but its answer has no id.");
    err->outcome_unknown = true;
    return false;
}

bool sf_create(struct sf_org *org, const char *object, const json_t *fields, char id[SF_ID_SIZE], struct sf_error *err)
{
    json_t *answer = NULL;
    int status;
    sf_error_clear(err);
    if (!check_object(object, err))
        return false;
    struct org_request q = { .method = "POST", .path = org_path(org, "sobjects/%s", object) };
    bool ok = org_json(org, &q, fields, &answer, &status, err) && read_saved(answer, status, id, err);
    json_decref(answer);
    return ok;
}

bool sf_update(struct sf_org *org, const char *object, const char *id, const json_t *fields, struct sf_error *err)
{
    json_t *answer = NULL;
    sf_error_clear(err);
    if (!check_object(object, err) || !check_id(id, err))
        return false;
    struct org_request q = { .method = "PATCH", .path = org_path(org, "sobjects/%s/%s", object, id) };
    json_t *body = record_without(org, fields, "Id");
    bool ok = org_json(org, &q, body, &answer, NULL, err);
    json_decref(body);
    json_decref(answer);
    return ok;
}

bool sf_upsert(struct sf_org *org, const char *object, const char *key_field, const char *key, const json_t *fields,
               char id[SF_ID_SIZE], bool *created, struct sf_error *err)
{
    char made[SF_ID_SIZE] = "";
    json_t *answer = NULL;
    int status = 0;
    sf_error_clear(err);
    if (!check_object(object, err))
        return false;
    if (!sf_name_ok(key_field, false) || !sf_key_ok(key))
        return sf_error_set(err, 0, "BAD_VALUE",
                            "An upsert needs the name of a key field and a key that fits into a path.");
    struct org_request q = { .method = "PATCH",
                             .repeatable = true,
                             .path = org_path(org, "sobjects/%s/%s/%s", object, key_field, org_escape(org, key)) };
    json_t *body = record_without(org, fields, key_field);
    /* Older API versions answer an update with nothing. */
    bool ok = org_json(org, &q, body, &answer, &status, err) && (!answer || read_saved(answer, status, made, err));
    json_decref(body);
    if (ok) {
        memcpy(id, made, SF_ID_SIZE);
        const json_t *said = json_object_get(answer, "created");
        if (created)
            *created = said ? json_is_true(said) : status == 201;
    }
    json_decref(answer);
    return ok;
}

bool sf_delete(struct sf_org *org, const char *object, const char *id, struct sf_error *err)
{
    json_t *answer = NULL;
    sf_error_clear(err);
    if (!check_object(object, err) || !check_id(id, err))
        return false;
    struct org_request q = { .method = "DELETE",
                             .path = org_path(org, "sobjects/%s/%s", object, id),
                             .repeatable = true };
    bool ok = org_json(org, &q, NULL, &answer, NULL, err);
    json_decref(answer);
    return ok;
}

/* ---- collections ---- */

struct many {
    struct sf_org *org;
    const char *method;
    const json_t *records;
    bool all_or_none;
    struct sf_result *results;
};

static bool check_record(const json_t *record, bool update, struct sf_error *err)
{
    if (!check_object(sf_get_text(record, "attributes.type"), err))
        return false;
    return !update || check_id(json_string_value(record_member(record, "id")), err);
}

/* Collections want the id as "id". */
static json_t *with_plain_id(struct sf_org *org, const json_t *record)
{
    json_t *copy = record_without(org, record, "id");
    if (json_object_set(copy, "id", record_member(record, "id")) != 0)
        call_exhausted(org->call);
    return copy;
}

static void read_result(const json_t *one, struct sf_result *result)
{
    memset(result, 0, sizeof *result);
    result->success = read_saved(one, 200, result->id, &result->error);
}

static bool read_results(const json_t *answer, size_t n, struct sf_result *results, struct sf_error *err)
{
    if (json_array_size(answer) != n) {
        sf_error_set(err, 200, "BAD_REPLY", "The org answered %zu of %zu records.", json_array_size(answer), n);
        err->outcome_unknown = true;
        return false;
    }
    for (size_t i = 0; i < n; i++)
        read_result(json_array_get(answer, i), &results[i]);
    return true;
}

/* {"allOrNone", "records"} of a block; a new reference. */
static json_t *block_body(const struct many *m, size_t from, size_t n)
{
    bool update = strcmp(m->method, "PATCH") == 0;
    json_t *list = json_array();
    for (size_t i = from; i < from + n; i++) {
        json_t *record = json_array_get(m->records, i);
        list_add(m->org, list, update ? with_plain_id(m->org, record) : json_incref(record));
    }
    json_t *body = json_pack("{s:b, s:o}", "allOrNone", m->all_or_none, "records", list);
    if (!body)
        call_exhausted(m->org->call);
    return body;
}

static struct org_request block_request(const struct many *m)
{
    return (struct org_request){ .method = m->method, .path = org_path(m->org, "composite/sobjects") };
}

static bool send_block(const struct many *m, size_t from, size_t n, struct sf_error *err)
{
    struct org_request q = block_request(m);
    json_t *body = block_body(m, from, n), *answer = NULL;
    bool ok = org_json(m->org, &q, body, &answer, NULL, err) && read_results(answer, n, m->results + from, err);
    json_decref(body);
    json_decref(answer);
    return ok;
}

/* What stands in the results of records that were not, or not surely, written because of *err. */
static void mark(struct sf_result *results, size_t from, size_t to, const struct sf_error *err)
{
    for (size_t i = from; i < to; i++)
        results[i] = (struct sf_result){ .error = *err };
}

static const struct sf_error not_sent = { .code = "NOT_SENT",
                                          .message = "An earlier part failed, so this was not sent.",
                                          .retryable = true };

static bool send_many(const struct many *m, struct sf_error *err)
{
    size_t n = json_array_size(m->records);
    sf_error_clear(err);
    if (m->all_or_none && n > LIMIT_COLLECTION)
        return sf_error_set(err, 0, "BAD_VALUE", "All or nothing holds for at most %d records; use units of work.",
                            LIMIT_COLLECTION);
    for (size_t i = 0; i < n; i++)
        if (!check_record(json_array_get(m->records, i), strcmp(m->method, "PATCH") == 0, err))
            return false;
    for (size_t from = 0, block; from < n; from += block) {
        block = n - from < LIMIT_COLLECTION ? n - from : LIMIT_COLLECTION;
        if (send_block(m, from, block, err))
            continue;
        mark(m->results, from, from + block, err);
        mark(m->results, from + block, n, &not_sent);
        return false;
    }
    return true;
}

/* ---- several collections at once ---- */

static bool check_lists(const struct sf_list *lists, size_t n, struct sf_error *err)
{
    size_t k;
    json_t *record;
    sf_error_clear(err);
    for (size_t i = 0; i < n; i++) {
        if (json_array_size(lists[i].records) > LIMIT_COLLECTION)
            return sf_error_set(err, 0, "BAD_VALUE", "One list has more than %d records.", LIMIT_COLLECTION);
        json_array_foreach (lists[i].records, k, record)
            if (!check_record(record, false, err))
                return false;
    }
    return true;
}

/* What one of several lists came to; the first failure is the whole's. */
static void take_list(struct org_part *part, const struct sf_list *list, struct sf_error *err)
{
    json_t *answer = NULL;
    size_t n = json_array_size(list->records);
    if (!part->begun && !part->err.code[0])
        mark(list->results, 0, n, &not_sent);
    else if (!org_part_json(part, &answer) || !read_results(answer, n, list->results, &part->err))
        mark(list->results, 0, n, &part->err);
    if (part->err.code[0] && !err->code[0])
        *err = part->err;
    json_decref(answer);
    json_decref((json_t *)(uintptr_t)part->body);
    http_reply_free(&part->r);
}

bool sf_create_lists(struct sf_org *org, const struct sf_list *lists, size_t n, struct sf_error *err)
{
    if (!check_lists(lists, n, err))
        return false;
    struct org_part *parts = act_alloc(org->call, (n + 1) * sizeof *parts);
    for (size_t i = 0; i < n; i++) {
        const struct many m = { org, "POST", lists[i].records, false, lists[i].results };
        parts[i] = (struct org_part){ .org = org,
                                      .q = block_request(&m),
                                      .body = block_body(&m, 0, json_array_size(lists[i].records)) };
    }
    org_send_all(org->call, parts, n, (size_t)act_step_parallel(org->call), true, INT_MAX);
    for (size_t i = 0; i < n; i++)
        take_list(&parts[i], &lists[i], err);
    return !err->code[0];
}

/* One block. A deletion can be repeated: what is gone already says so. */
static bool delete_block(struct sf_org *org, const char *const *ids, size_t n, struct sf_result *results,
                         struct sf_error *err)
{
    struct buf list;
    json_t *answer = NULL;
    buf_init(&list, LIMIT_COLLECTION * SF_ID_SIZE);
    for (size_t i = 0; i < n; i++)
        buf_fmt(&list, "%s%s", i ? "," : "", ids[i]);
    if (list.failed)
        call_exhausted(org->call);
    struct org_request q = { .method = "DELETE",
                             .path = org_path(org, "composite/sobjects?ids=%s&allOrNone=false", list.p),
                             .repeatable = true };
    buf_free(&list);
    bool ok = org_json(org, &q, NULL, &answer, NULL, err) && read_results(answer, n, results, err);
    json_decref(answer);
    return ok;
}

bool sf_delete_many(struct sf_org *org, const char *const *ids, size_t count, struct sf_result *results,
                    struct sf_error *err)
{
    sf_error_clear(err);
    for (size_t i = 0; i < count; i++)
        if (!check_id(ids[i], err))
            return false;
    for (size_t from = 0, block; from < count; from += block) {
        block = count - from < LIMIT_COLLECTION ? count - from : LIMIT_COLLECTION;
        if (delete_block(org, ids + from, block, results + from, err))
            continue;
        mark(results, from, from + block, err);
        mark(results, from + block, count, &not_sent);
        return false;
    }
    return true;
}

bool sf_create_many(struct sf_org *org, const json_t *records, bool all_or_none, struct sf_result *results,
                    struct sf_error *err)
{
    return send_many(&(struct many){ org, "POST", records, all_or_none, results }, err);
}

bool sf_update_many(struct sf_org *org, const json_t *records, bool all_or_none, struct sf_result *results,
                    struct sf_error *err)
{
    return send_many(&(struct many){ org, "PATCH", records, all_or_none, results }, err);
}
