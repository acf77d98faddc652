/* recorded_csv.c - see recorded_csv.h. */
#include "tests/sandbox/recorded_csv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sandbox/base/text.h"

/* ---- reading ---- */

/* The value at *p, which moves behind it. */
static json_t *read_value(const char **p, const char *end)
{
    struct text t = { 0 };
    bool quoted = *p < end && **p == '"';
    *p += quoted;
    text_str(&t, "");
    for (; *p < end; ++*p) {
        if (quoted && **p == '"') {
            if (*p + 1 == end || (*p)[1] != '"')
                break;
            ++*p;
        } else if (!quoted && strchr(",\r\n", **p)) {
            break;
        }
        text_char(&t, **p);
    }
    *p += quoted && *p < end;
    json_t *value = json_stringn(t.p, t.n);
    text_free(&t);
    return value;
}

json_t *csv_rows(const char *p, size_t n)
{
    const char *end = p + n;
    json_t *rows = json_array(), *row = NULL;
    while (p < end) {
        if (!row)
            row = json_array();
        json_array_append_new(row, read_value(&p, end));
        if (p < end && *p == ',') {
            p++;
            if (p == end) /* an empty last value */
                json_array_append_new(row, json_string(""));
            continue;
        }
        p += p < end && *p == '\r';
        p += p < end;
        json_array_append_new(rows, row);
        row = NULL;
    }
    if (row)
        json_array_append_new(rows, row);
    return rows;
}

static const char *cell(const json_t *rows, size_t row, size_t column)
{
    const char *s = json_string_value(json_array_get(json_array_get(rows, row), column));
    return s ? s : "";
}

/* ---- is it one? ---- */

static size_t column_of(const json_t *rows, const char *name)
{
    size_t n = json_array_size(json_array_get(rows, 0)), i = 0;
    while (i < n && strcmp(cell(rows, 0, i), name) != 0)
        i++;
    return i;
}

static bool columns_whole(const json_t *rows, size_t first)
{
    size_t n = json_array_size(json_array_get(rows, 0));
    for (size_t k = first; k < n; k++) {
        const char *name = cell(rows, 0, k);
        if (!*name || name[strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")])
            return false;
    }
    return n > first;
}

static bool row_whole(const json_t *rows, size_t i, size_t first, bool failed, bool by_id)
{
    const char *id = cell(rows, i, 0), *second = cell(rows, i, 1);
    if (json_array_size(json_array_get(rows, i)) != json_array_size(json_array_get(rows, 0)))
        return false;
    if (first == 0)
        return true;
    if (failed)
        return strchr(second, ':') && strstr(second, "--") && (by_id ? setup_is_id(id) : !*id);
    return setup_is_id(id) && (strcmp(second, "true") == 0 || strcmp(second, "false") == 0);
}

bool csv_is_whole(const struct recording *r, const char *part)
{
    json_t *rows = csv_rows(r->answer, r->answer_n);
    const char *count = recorded_text(json_object_get(r->response, "headers"), "Sforce-NumberOfRecords");
    bool failed = strcasecmp(part, "failedResults") == 0, done = strcasecmp(part, "successfulResults") == 0;
    size_t first = failed || done ? 2 : 0, n = json_array_size(rows);
    bool by_id = column_of(rows, "Id") < json_array_size(json_array_get(rows, 0));
    bool ok = n > 0 && columns_whole(rows, first) && (!*count || strtoul(count, NULL, 10) == n - 1);
    for (size_t i = 1; ok && i < n; i++)
        ok = row_whole(rows, i, first, failed, by_id);
    json_decref(rows);
    return ok;
}

/* ---- comparing ---- */

static bool same_cell(const json_t *want, const json_t *got, size_t i, size_t k)
{
    const char *a = cell(want, i, k), *b = cell(got, i, k), *column = cell(want, 0, k);
    bool id = i > 0 && (strcmp(column, "sf__Id") == 0 || strcmp(column, "Id") == 0);
    return strcmp(a, b) == 0 || (id && setup_is_id(a) && setup_is_id(b));
}

static bool same_rows(struct recording *r, const json_t *want, const json_t *got)
{
    if (json_array_size(want) != json_array_size(got))
        return recording_wrong(r, "%zu rows instead of %zu", json_array_size(got), json_array_size(want));
    for (size_t i = 0; i < json_array_size(want); i++) {
        size_t n = json_array_size(json_array_get(want, i));
        if (n != json_array_size(json_array_get(got, i)))
            return recording_wrong(r, "row %zu has another number of values", i);
        for (size_t k = 0; k < n; k++)
            if (!same_cell(want, got, i, k))
                return recording_wrong(r, "row %zu, %.80s: %.200s", i, cell(want, 0, k), cell(got, i, k));
    }
    return true;
}

static bool same_headers(struct recording *r, const struct reply *got)
{
    const json_t *headers = json_object_get(r->response, "headers");
    const char *rows = recorded_text(headers, "Sforce-NumberOfRecords"),
               *ours = reply_get(got, "Sforce-NumberOfRecords");
    const char *type = reply_get(got, "Content-Type"), *next = recorded_text(headers, "Sforce-Locator");
    const char *our_next = reply_get(got, "Sforce-Locator");
    if (!type || strncmp(type, "text/csv", 8) != 0)
        return recording_wrong(r, "Content-Type %s", type ? type : "(none)");
    if (*rows && (!ours || strcmp(rows, ours) != 0))
        return recording_wrong(r, "Sforce-NumberOfRecords %s instead of %s", ours ? ours : "(none)", rows);
    if (*next && (!our_next || (strcmp(next, "null") == 0) != (strcmp(our_next, "null") == 0)))
        return recording_wrong(r, "Sforce-Locator %s instead of %s", our_next ? our_next : "(none)", next);
    return true;
}

bool csv_same(struct recording *r, const struct reply *got)
{
    json_t *want = csv_rows(r->answer, r->answer_n), *ours = csv_rows(got->body ? got->body : "", got->body_n);
    bool ok = same_headers(r, got) && same_rows(r, want, ours);
    json_decref(want);
    json_decref(ours);
    return ok;
}

/* ---- what a job was given ---- */

static void write_cell(struct text *t, const char *value)
{
    text_char(t, '"');
    for (; *value; value++) {
        if (*value == '"')
            text_char(t, '"');
        text_char(t, *value);
    }
    text_char(t, '"');
}

/* The columns from `first` on of all rows. */
static char *write_rows(const json_t *rows, size_t first)
{
    struct text t = { 0 };
    for (size_t i = 0; i < json_array_size(rows); i++) {
        size_t n = json_array_size(json_array_get(rows, i));
        for (size_t k = first; k < n; k++) {
            text_str(&t, k > first ? "," : "");
            write_cell(&t, cell(rows, i, k));
        }
        text_char(&t, '\n');
    }
    return text_take(&t, NULL);
}

/* The record of a row as JSON, its own columns alone; empty values are none. */
static json_t *row_record(const json_t *rows, size_t i, size_t first)
{
    json_t *record = json_object();
    for (size_t k = first; k < json_array_size(json_array_get(rows, i)); k++)
        if (*cell(rows, i, k) && strcmp(cell(rows, 0, k), "Id") != 0)
            json_object_set_new(record, cell(rows, 0, k), json_string(cell(rows, i, k)));
    return record;
}

/* "CODE:message:fields --" as an error of a single record. The message may hold colons. */
static json_t *row_error(const char *text)
{
    size_t code = strcspn(text, ":"), n = strlen(text);
    const char *message = text[code] ? text + code + 1 : "", *last = strrchr(message, ':');
    json_t *fields = json_array();
    if (last && n > 3 && strcmp(text + n - 3, " --") == 0) {
        char names[400], *rest = names;
        snprintf(names, sizeof names, "%.*s", (int)(strlen(last + 1) - 3), last + 1);
        for (char *name; (name = strsep(&rest, " ,")) != NULL;)
            if (*name)
                json_array_append_new(fields, json_string(name));
    }
    return json_pack("{s:s%, s:s%, s:o}", "errorCode", text, code, "message", message,
                     last ? (size_t)(last - message) : strlen(message), "fields", fields);
}

/* By the object's description where that makes the row fail, else by a fault of the one record. */
static void plan_failure(struct setup *s, json_t *object, const json_t *rows, size_t i, bool insert)
{
    json_t *error = row_error(cell(rows, i, 1)), *record = row_record(rows, i, 2);
    if (strcmp(recorded_text(error, "errorCode"), "REQUIRED_FIELD_MISSING") == 0) {
        setup_failure(s, object, insert ? "POST" : "PATCH", record, 400, error);
    } else {
        json_t *fault =
            json_pack("{s:O, s:s, s:O, s:O, s:O, s:O}", "object", json_object_get(object, "name"), "operation",
                      insert ? "create" : "update", "match", record, "errorCode", json_object_get(error, "errorCode"),
                      "message", json_object_get(error, "message"), "fields", json_object_get(error, "fields"));
        char *text = json_dumps(fault, 0);
        org_plan_fault(s->org, text, strlen(text), s->why, sizeof s->why);
        free(text);
        json_decref(fault);
    }
    json_decref(error);
    json_decref(record);
}

/* Records that were there before: those that the job did not make. */
static void plan_success(struct setup *s, struct csv_load *load, const json_t *rows)
{
    size_t id = column_of(rows, "Id"), n = json_array_size(json_array_get(rows, 0));
    bool made_all = true;
    for (size_t i = 1; i < json_array_size(rows); i++)
        made_all = made_all && strcmp(cell(rows, i, 1), "true") == 0;
    const char *operation = made_all ? "insert" : id == n ? "upsert" : n == 3 ? "delete" : "update";
    copy_text(load->operation, sizeof load->operation, operation);
    if (strcmp(operation, "upsert") == 0) {
        copy_text(load->key, sizeof load->key, cell(rows, 0, 2));
        json_object_set_new(setup_field(setup_object(s, load->object, NULL), load->key, NULL), "externalId",
                            json_true());
    }
    for (size_t i = 1; i < json_array_size(rows); i++) {
        if (strcmp(cell(rows, i, 1), "true") == 0)
            continue;
        json_t *record = setup_record(s, load->object, cell(rows, i, 0));
        if (load->key[0])
            json_object_set_new(record, load->key, json_string(cell(rows, i, 2)));
    }
}

void csv_plan_load(struct recording *r, struct setup *s, const char *part, struct csv_load *out)
{
    json_t *rows = csv_rows(r->answer, r->answer_n), *object;
    bool done = strcasecmp(part, "successfulResults") == 0, failed = strcasecmp(part, "failedResults") == 0;
    size_t first = done || failed ? 2 : 0, n = json_array_size(json_array_get(rows, 0));
    const char *id = first ? cell(rows, 1, 0) : "";
    const char *name =
        setup_is_id(id) ? setup_object_of(s, id) : recorded_text(setup_object(s, "Account", NULL), "name");
    bool by_id = column_of(rows, "Id") < n;
    copy_text(out->object, sizeof out->object, name);
    copy_text(out->operation, sizeof out->operation, by_id ? "update" : "insert");
    object = setup_object(s, name, setup_is_id(id) ? id : NULL);
    for (size_t k = first; k < n; k++)
        if (strcmp(cell(rows, 0, k), "Id") != 0)
            setup_field(object, cell(rows, 0, k), json_array_get(json_array_get(rows, 1), k));
    if (done)
        plan_success(s, out, rows);
    for (size_t i = 1; failed && i < json_array_size(rows); i++) {
        if (by_id && setup_is_id(cell(rows, i, 0)))
            setup_record(s, name, cell(rows, i, 0));
        plan_failure(s, object, rows, i, !by_id);
    }
    out->unprocessed = first == 0;
    out->csv = write_rows(rows, first);
    json_decref(rows);
}

void csv_plan_query(struct recording *r, struct setup *s, bool later, struct csv_query *out)
{
    json_t *rows = csv_rows(r->answer, r->answer_n), *object;
    size_t columns = json_array_size(json_array_get(rows, 0)), id = column_of(rows, "Id");
    const char *first = id < columns ? cell(rows, 1, id) : "", *next;
    const char *name =
        setup_is_id(first) ? setup_object_of(s, first) : recorded_text(setup_object(s, "Account", NULL), "name");
    struct text soql = { 0 };
    object = setup_object(s, name, setup_is_id(first) ? first : NULL);
    text_str(&soql, "SELECT ");
    for (size_t k = 0; k < columns; k++) {
        text_fmt(&soql, "%s%s", k ? ", " : "", cell(rows, 0, k));
        setup_field(object, cell(rows, 0, k), json_array_get(json_array_get(rows, 1), k));
    }
    text_fmt(&soql, " FROM %s", name);
    setup_rows(s, name); /* nobody else is there */
    if (later)
        setup_record(s, name, NULL);
    for (size_t i = 1; i < json_array_size(rows); i++) {
        json_t *row = row_record(rows, i, 0);
        if (id < columns)
            json_object_set_new(row, "Id", json_string(cell(rows, i, id)));
        setup_row(s, row, name);
        json_decref(row);
    }
    next = recorded_text(json_object_get(r->response, "headers"), "Sforce-Locator");
    if (*next && strcmp(next, "null") != 0)
        setup_record(s, name, NULL);
    out->rows = json_array_size(rows) - 1;
    out->soql = text_take(&soql, NULL);
    json_decref(rows);
}
