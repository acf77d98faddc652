/*
 * ssot.c - Data 360: queries of SQL by Connect REST (start, state, rows, cancel), and the older Query V2, which
 * Heroku's Node SDK calls. What a query runs on is in sandbox/data360.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/base/text.h"
#include "sandbox/data360/queries.h"
#include "sandbox/org/rest_parts.h"

enum {
    FIRST_ROWS = 1000 /* of one answer at most */,
    V2_ROWS = 500,
    SQL_MAX = 60000,
    SSOT_VERSION = 64,
    DATASPACE_MAX = 80
};

static void refuse(struct call *c, const char *why)
{
    answer_error(c, 400, "BAD_REQUEST", why);
}

static void write_columns(const struct data_rows *r, struct text *out)
{
    text_char(out, '[');
    for (size_t i = 0; i < r->columns; i++) {
        text_str(out, i ? ",{\"name\":" : "{\"name\":");
        text_json_str(out, r->names[i]);
        text_fmt(out, ",\"type\":\"%s\",\"nullable\":true}", r->types[i]);
    }
    text_char(out, ']');
}

static bool is_ready(const struct data_query *q)
{
    return now_ms() >= q->ready_ms;
}

static void write_state(const struct data_query *q, struct text *out)
{
    bool ready = is_ready(q);
    text_fmt(out,
             "\"status\":{\"queryId\":\"%s\",\"completionStatus\":\"%s\",\"rowCount\":%zu,\"progress\":%s,"
             "\"chunkCount\":%d}",
             q->id, ready ? "Finished" : "Running", ready ? q->rows.n : 0, ready ? "1.0" : "0.5", ready);
}

/* Rows of a query and the rest of its answer; a query that runs has none yet. */
static void answer_rows(struct call *c, const struct data_query *q, size_t from, size_t limit, bool with_state)
{
    limit = limit < FIRST_ROWS ? limit : FIRST_ROWS;
    from = from < q->rows.n ? from : q->rows.n;
    size_t to = !is_ready(q) ? from : from + limit < q->rows.n ? from + limit : q->rows.n;
    c->status = 200;
    text_str(&c->out, "{\"data\":");
    data_query_write(q, from, to, &c->out);
    text_str(&c->out, ",\"metadata\":");
    write_columns(&q->rows, &c->out);
    text_fmt(&c->out, ",\"returnedRows\":%zu", to > from ? to - from : 0);
    if (with_state) {
        text_char(&c->out, ',');
        write_state(q, &c->out);
    }
    text_char(&c->out, '}');
}

/* The statement of a body {"sql": "..."}; NULL = answered. */
static const char *sql_of(struct call *c)
{
    const char *sql = json_string_value(json_object_get(c->body, "sql"));
    if (sql && *sql && strlen(sql) <= SQL_MAX)
        return sql;
    refuse(c, sql && *sql ? "INVALID_ARGUMENT: the statement is too long" : "INVALID_ARGUMENT: sql is missing");
    return NULL;
}

/* Runs the statement of a body; NULL = answered with why not. */
static struct data_query *start_query(struct call *c)
{
    char why[DATA_WHY];
    struct data_rows rows = { 0 };
    const char *sql = sql_of(c);
    if (!sql)
        return NULL;
    if (data_run(c->o, sql, &rows, why))
        return data_query_start(c->o, c->user_id, &rows, (int64_t)c->o->setup.data_ms);
    data_free(&rows);
    refuse(c, why);
    return NULL;
}

static bool has_dataspace(struct call *c)
{
    char *name = query_param(c->query, "dataspace");
    bool ok = !name || strcmp(name, "default") == 0 || strcmp(name, "sales") == 0;
    char why[DATASPACE_MAX + 60];
    snprintf(why, sizeof why, "INVALID_ARGUMENT: data space %.*s does not exist", DATASPACE_MAX, name ? name : "");
    if (!ok)
        refuse(c, why);
    free(name);
    return ok;
}

static size_t number_param(const struct call *c, const char *name, size_t otherwise)
{
    char *text = query_param(c->query, name);
    size_t n = text && *text ? (size_t)strtoul(text, NULL, 10) : otherwise;
    free(text);
    return n;
}

/* Whether this org has Data 360 at the address and version that were asked. */
static bool is_here(struct call *c)
{
    if (strtol(c->version, NULL, 10) >= SSOT_VERSION && (!c->o->setup.data_elsewhere || c->data_host))
        return true;
    answer_not_found(c);
    return false;
}

static bool is_method(const struct call *c, const char *method)
{
    return strcmp(c->method, method) == 0;
}

void rest_ssot(struct call *c, char **segments, size_t n)
{
    if (!is_here(c))
        return;
    if (n == 1 && is_method(c, "POST")) {
        struct data_query *q = has_dataspace(c) ? start_query(c) : NULL;
        if (q)
            answer_rows(c, q, 0, number_param(c, "rowLimit", FIRST_ROWS), true);
        return;
    }
    struct data_query *q = n > 1 ? data_query_find(c->o, c->user_id, segments[1]) : NULL;
    if (!q) {
        answer_error(c, 404, "NOT_FOUND", "The query was not found, or its results have expired");
    } else if (n == 2 && is_method(c, "DELETE")) {
        data_query_drop(c->o, q);
        c->status = 204;
    } else if (n == 2 && is_method(c, "GET")) {
        c->status = 200;
        text_char(&c->out, '{');
        write_state(q, &c->out);
        text_char(&c->out, '}');
    } else if (n == 3 && is_method(c, "GET") && strcmp(segments[2], "rows") == 0) {
        answer_rows(c, q, number_param(c, "offset", 0), number_param(c, "rowLimit", FIRST_ROWS), false);
    } else {
        answer_not_found(c);
    }
}

/* ---- Query V2 ---- */

static void answer_v2(struct call *c, struct data_query *q)
{
    static const struct {
        const char *type;
        int code;
    } codes[] = { { "Varchar", 12 }, { "Decimal", 3 }, { "Date", 91 }, { "TimestampTZ", 2014 } };
    size_t to = q->served + V2_ROWS < q->rows.n ? q->served + V2_ROWS : q->rows.n;
    bool done = to == q->rows.n;
    c->status = 200;
    text_str(&c->out, "{\"data\":");
    data_query_write(q, q->served, to, &c->out);
    text_fmt(&c->out,
             ",\"startTime\":\"2026-11-28T12:00:00.000Z\",\"endTime\":\"2026-11-28T12:00:00.100Z\",\"rowCount\":%zu,"
             "\"queryId\":\"%s\",\"done\":%s",
             to - q->served, q->id, done ? "true" : "false");
    if (!done)
        text_fmt(&c->out, ",\"nextBatchId\":\"%s.%zu\"", q->id, to);
    text_str(&c->out, ",\"metadata\":{");
    for (size_t i = 0; i < q->rows.columns; i++) {
        int code = 12;
        for (size_t k = 0; k < sizeof codes / sizeof *codes; k++)
            code = strcmp(codes[k].type, q->rows.types[i]) == 0 ? codes[k].code : code;
        text_str(&c->out, i ? "," : "");
        text_json_str(&c->out, q->rows.names[i]);
        text_fmt(&c->out, ":{\"type\":\"%s\",\"placeInOrder\":%zu,\"typeCode\":%d}", q->rows.types[i], i, code);
    }
    text_str(&c->out, "}}");
    q->served = to;
}

/* A batch id is "<query>.<rows served>", good once; to whoever reads it, it is opaque. */
void rest_data_v2(struct call *c, char *rest)
{
    if (!*rest) {
        struct data_query *q = is_method(c, "POST") ? start_query(c) : NULL;
        if (q)
            answer_v2(c, q);
        else if (!c->status)
            answer_not_found(c);
        return;
    }
    char *dot = strrchr(rest, '.');
    size_t at = dot ? (size_t)strtoul(dot + 1, NULL, 10) : 0;
    if (dot)
        *dot = '\0';
    struct data_query *q = data_query_find(c->o, c->user_id, rest + (*rest == '/'));
    if (q && at > 0 && at == q->served)
        answer_v2(c, q);
    else
        answer_error(c, 404, "NOT_FOUND", "The batch was not found, or was read before");
}
