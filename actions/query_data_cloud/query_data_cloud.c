/* query_data_cloud.c - one statement of SQL in the Data 360 of an org: its columns with their types, and its rows. */
#include "actions/query_data_cloud/statement.h"

#include "runtime/action.h"

#include <stdio.h>
#include <string.h>

enum {
    ROWS = 200,
    PAGE_ROWS = 2000,
    BYTES_MAX = 1024 * 1024, /* of all values, so that Apex can read the answer */
    MARGIN_MS = 2000         /* for cancelling, and for the answer */
};

/* What the service calls its types, and what they are here. */
static const struct type {
    const char *said, *kind;
} types[] = {
    { "Varchar", "text" },
    { "Text", "text" },
    { "Char", "text" },
    { "Decimal", "number" },
    { "Numeric", "number" },
    { "Double", "number" },
    { "Float", "number" },
    { "Real", "number" },
    { "Integer", "number" },
    { "Int", "number" },
    { "BigInt", "number" },
    { "SmallInt", "number" },
    { "Bool", "boolean" },
    { "Boolean", "boolean" },
    { "Date", "date" },
    { "Timestamp", "dateTime" },
    { "TimestampTZ", "dateTime" },
    { "Timestamp_TZ", "dateTime" },
    { "Timestamp with time zone", "dateTime" },
};

static const char *kind_of(const char *type)
{
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
        if (strcasecmp(types[i].said, type) == 0)
            return types[i].kind;
    return "other";
}

static json_t *columns_of(const struct sf_data *q)
{
    json_t *list = json_array();
    const json_t *one;
    size_t i;
    json_array_foreach (sf_data_columns(q), i, one) {
        const char *name = json_string_value(json_object_get(one, "name"));
        const char *type = json_string_value(json_object_get(one, "type"));
        json_array_append_new(list, json_pack("{s:s, s:s, s:s}", "name", name ? name : "", "kind", kind_of(type),
                                              "sourceType", type ? type : ""));
    }
    return list;
}

/* A value as text: what Flow and Apex can hold in a list, whatever its type. */
static json_t *text_of(const json_t *value)
{
    if (json_is_string(value))
        return json_incref((json_t *)value);
    if (json_is_null(value))
        return json_string("");
    if (json_is_boolean(value))
        return json_string(json_is_true(value) ? "true" : "false");
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
    json_t *out = text ? json_string(text) : NULL;
    free(text);
    return out ? out : json_string("");
}

/* {values, nullColumns?}; adds the bytes of its values to *bytes. */
static json_t *row_of(const json_t *row, size_t *bytes)
{
    json_t *values = json_array(), *nulls = json_array(), *out;
    const json_t *value;
    size_t i;
    json_array_foreach (row, i, value) {
        json_t *text = text_of(value);
        *bytes += json_string_length(text) + 4;
        json_array_append_new(values, text);
        if (json_is_null(value))
            json_array_append_new(nulls, json_integer((json_int_t)i));
    }
    out = json_pack("{s:o}", "values", values);
    if (json_array_size(nulls))
        json_object_set(out, "nullColumns", nulls);
    json_decref(nulls);
    return out;
}

static enum act_outcome failed(struct act_call *call, const struct sf_error *err)
{
    if (strcmp(err->code, "NO_DATA_360") == 0)
        return act_refuse(call, "data_cloud_not_available", "/connection", "%s Choose another connection.",
                          err->message);
    if (strcmp(err->code, "INVALID_ARGUMENT") == 0)
        return act_refuse(call, "sql_refused", "/sql", "Data 360 refuses the statement: %s", err->message);
    if (strcmp(err->code, "TIMEOUT") == 0)
        return act_refuse(call, "query_timeout", "/sql",
                          "The query did not end in time and was cancelled. Ask for less, for example with WHERE or "
                          "LIMIT.");
    return act_org_failed(call, err);
}

static enum act_outcome answer(struct act_call *call, struct sf_data *q, const char *connection, size_t max,
                               json_t **out)
{
    json_t *rows = act_own(call, json_array());
    const json_t *row = NULL;
    struct sf_error err = { 0 };
    size_t n = 0, bytes = 0;
    while (n < max && bytes < BYTES_MAX && (row = sf_data_next(q, &err))) {
        json_array_append_new(rows, row_of(row, &bytes));
        n++;
    }
    if (err.code[0])
        return failed(call, &err);
    int64_t total = sf_data_total(q);
    bool whole = (int64_t)n >= total;
    const char *message = whole ? act_printf(call, "%zu row%s, all of them.", n, n == 1 ? "" : "s")
                                : act_printf(call, "The first %zu of %lld rows%s.", n, (long long)total,
                                             bytes >= BYTES_MAX ? "; more values than one answer can hold" : "");
    json_t *o = json_pack("{s:s, s:o, s:O, s:I, s:b, s:s}", "connection", connection, "columns", columns_of(q), "rows",
                          rows, "totalRows", (json_int_t)total, "complete", whole, "message", message);
    if (!o)
        return ACT_FAULT;
    *out = o;
    return ACT_OK;
}

static enum act_outcome run(struct act_call *call, const json_t *in, json_t **out)
{
    const char *connection = json_string_value(json_object_get(in, "connection"));
    const char *sql = json_string_value(json_object_get(in, "sql"));
    const json_t *max = json_object_get(in, "maxRows");
    struct sf_error err;
    char why[160];
    if (!statement_is_reading(sql, why, sizeof why))
        return act_refuse(call, "sql_not_reading", "/sql", "%s", why);
    struct sf_org *org = act_connection(call, connection, &err);
    if (!org && err.from_host && (err.status == 403 || err.status == 404))
        return act_refuse(call, err.code, "/connection", "%s", err.message);
    if (!org)
        return act_org_failed(call, &err);
    size_t rows = max ? (size_t)json_integer_value(max) : ROWS;
    const struct sf_data_options options = { .dataspace = json_string_value(json_object_get(in, "dataspace")),
                                             .wait_ms = act_time_left_ms(call) - MARGIN_MS,
                                             .page_rows = rows < PAGE_ROWS ? rows : PAGE_ROWS };
    struct sf_data *q = sf_data_query(org, sql, &options, &err);
    return q ? answer(call, q, connection, rows, out) : failed(call, &err);
}

const struct action query_data_cloud_action = { .run = run };
