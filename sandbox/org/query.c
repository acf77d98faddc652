/* query.c - query, queryAll and queryMore: running a plan and cutting its rows into pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/org/rest_parts.h"
#include "sandbox/org/soql_plan.h"

/* Rows that were found, each as JSON: `ends` says where one stops, `weights` how many rows of the page it counts for.
 */
struct rows {
    struct text text;
    size_t *ends;
    unsigned *weights;
    size_t n, cap;
};

struct cursor {
    char id[ID_SIZE], user_id[ID_SIZE];
    struct rows rows;
    struct cursor *next;
};

struct run {
    struct call *c;
    size_t page;
    const char *fault; /* of SQLite */
};

static void rows_mark(struct rows *r, unsigned weight)
{
    if (r->n == r->cap) {
        r->cap = r->cap ? r->cap * 2 : 64;
        size_t *ends = realloc(r->ends, r->cap * sizeof *ends);
        unsigned *weights = realloc(r->weights, r->cap * sizeof *weights);
        if (!ends || !weights)
            abort();
        r->ends = ends;
        r->weights = weights;
    }
    r->ends[r->n] = r->text.n;
    r->weights[r->n++] = weight;
}

static void rows_free(struct rows *r)
{
    text_free(&r->text);
    free(r->ends);
    free(r->weights);
}

/* ---- cursors ---- */

static void cursor_free(struct cursor *cur)
{
    rows_free(&cur->rows);
    free(cur);
}

void cursors_free(struct org *o)
{
    for (struct cursor *cur = o->cursors, *next; cur; cur = next) {
        next = cur->next;
        cursor_free(cur);
    }
    o->cursors = NULL;
}

/* Takes the rows over. */
static struct cursor *cursor_new(struct call *c, struct rows *rows)
{
    struct cursor *cur = mem_new(sizeof *cur);
    id_make("01g", ++c->o->cursor_count, cur->id);
    copy_text(cur->user_id, sizeof cur->user_id, c->user_id);
    cur->rows = *rows;
    *rows = (struct rows){ 0 };
    cur->next = c->o->cursors;
    c->o->cursors = cur;
    int n = 0;
    for (struct cursor **p = &c->o->cursors; *p;) {
        if (strcmp((*p)->user_id, c->user_id) == 0 && ++n > CURSORS_MAX) {
            struct cursor *old = *p;
            *p = old->next;
            cursor_free(old);
        } else {
            p = &(*p)->next;
        }
    }
    return cur;
}

/* How many rows from `start` make one page: at least one. */
static size_t page_end(const struct rows *r, size_t start, size_t page)
{
    size_t end = start, weight = 0;
    while (end < r->n && (end == start || weight + r->weights[end] <= page))
        weight += r->weights[end++];
    return end;
}

/* {"totalSize","done","nextRecordsUrl","records"}; rows that do not fit become a cursor, which then owns them. */
static void write_page(struct call *c, struct text *out, struct rows *rows, struct cursor *cur, size_t start,
                       size_t page)
{
    size_t end = page_end(rows, start, page), total = rows->n;
    bool done = end == rows->n;
    text_fmt(out, "{\"totalSize\":%zu,\"done\":%s", total, done ? "true" : "false");
    if (!done && !cur) {
        cur = cursor_new(c, rows);
        rows = &cur->rows;
    }
    if (!done)
        text_fmt(out, ",\"nextRecordsUrl\":\"/services/data/v%s/query/%s-%zu\"", c->version, cur->id, end);
    text_str(out, ",\"records\":[");
    size_t from = start ? rows->ends[start - 1] : 0, to = end ? rows->ends[end - 1] : 0;
    if (to > from) /* every row begins with a comma */
        text_add(out, rows->text.p + from + 1, to - from - 1);
    text_str(out, "]}");
}

/* ---- running ---- */

static bool run_plan(struct run *run, const struct soql_plan *plan, const char *parent, struct rows *rows);

static unsigned write_children(struct run *run, struct text *out, const struct soql_plan *plan, const char *parent)
{
    struct rows rows = { 0 };
    unsigned n = 0;
    if (run_plan(run, plan, parent, &rows)) {
        n = (unsigned)(rows.n < run->page ? rows.n : run->page);
        if (rows.n == 0)
            text_str(out, "null");
        else
            write_page(run->c, out, &rows, NULL, 0, run->page);
    }
    rows_free(&rows);
    return n;
}

static void write_attributes(struct text *out, const struct call *c, const struct object *ob, const char *id)
{
    text_str(out, "{\"attributes\":{\"type\":\"");
    text_str(out, ob->name);
    text_str(out, "\",\"url\":\"/services/data/v");
    text_str(out, c->version);
    text_str(out, "/sobjects/");
    text_str(out, ob->name);
    text_char(out, '/');
    text_str(out, id);
    text_str(out, "\"}");
}

static unsigned write_members(struct run *run, struct text *out, const struct soql_out *members, const char *object,
                              const char *id, sqlite3_stmt *stmt)
{
    unsigned children = 0;
    for (const struct soql_out *o = members; o; o = o->next) {
        if (out->p[out->n - 1] != '{')
            text_char(out, ',');
        text_char(out, '"');
        text_str(out, o->key);
        text_str(out, "\":");
        if (o->kind == OUT_FIELD) {
            value_json(out, run->c, object, o->field, id, stmt, o->column);
        } else if (o->kind == OUT_CHILDREN) {
            children += write_children(run, out, o->plan, id);
        } else if (sqlite3_column_type(stmt, o->column) == SQLITE_NULL) {
            text_str(out, "null");
        } else {
            const char *up = (const char *)sqlite3_column_text(stmt, o->column);
            write_attributes(out, run->c, o->object, up);
            children += write_members(run, out, o->members, o->object->name, up, stmt);
            text_char(out, '}');
        }
    }
    return children;
}

static void write_row(struct run *run, const struct soql_plan *plan, sqlite3_stmt *stmt, struct rows *rows)
{
    struct text *out = &rows->text;
    char id[ID_SIZE] = "";
    unsigned weight = 1;
    text_char(out, ',');
    if (plan->count_only) {
        rows_mark(rows, 1);
        return;
    }
    if (plan->aggregate) {
        text_str(out, "{\"attributes\":{\"type\":\"AggregateResult\"}");
    } else {
        copy_text(id, sizeof id, (const char *)sqlite3_column_text(stmt, 0));
        write_attributes(out, run->c, plan->object, id);
    }
    weight += write_members(run, out, plan->out, plan->object->name, id, stmt);
    text_char(out, '}');
    rows_mark(rows, weight);
}

static bool run_plan(struct run *run, const struct soql_plan *plan, const char *parent, struct rows *rows)
{
    int at = 0, rc;
    sqlite3_stmt *stmt = store_get(run->c->o, plan->sql.p);
    if (!stmt) {
        run->fault = sqlite3_errmsg(run->c->o->db);
        return false;
    }
    if (parent)
        sqlite3_bind_text(stmt, ++at, parent, -1, SQLITE_STATIC);
    for (const struct soql_bind *b = plan->binds; b; b = b->next)
        value_bind(stmt, ++at, &b->value);
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW)
        write_row(run, plan, stmt, rows);
    if (rc != SQLITE_DONE)
        run->fault = sqlite3_errmsg(run->c->o->db);
    store_put(run->c->o, stmt);
    return rc == SQLITE_DONE;
}

/* ---- requests ---- */

static size_t page_size(const struct call *c)
{
    const char *p = strcasestr(c->options, "batchSize");
    if (p)
        p += strlen("batchSize") + strspn(p + strlen("batchSize"), " =");
    long n = p ? strtol(p, NULL, 10) : PAGE_ROWS;
    return n < PAGE_ROWS_MIN ? PAGE_ROWS_MIN : n > PAGE_ROWS ? PAGE_ROWS : (size_t)n;
}

/* The line of the fault with a caret below, as the org shows it. */
static void query_fault(struct call *c, const char *soql, const struct soql_error *e)
{
    struct fault f = { 0 };
    if (e->at == (size_t)-1) {
        fault_set(&f, 400, e->code, NULL, "%s", e->message);
        answer_fault(c, &f);
        return;
    }
    size_t n = strlen(soql), at = e->at < n ? e->at : n, row = 1, line = 0;
    for (size_t i = 0; i < at; i++)
        if (soql[i] == '\n') {
            row++;
            line = i + 1;
        }
    size_t from = at - line > 60 ? at - 60 : line, len = strcspn(soql + from, "\n");
    if (len > 120)
        len = 120;
    fault_set(&f, 400, e->code, NULL, "\n%.*s\n%*s\nERROR at Row:%zu:Column:%zu\n%s", (int)len, soql + from,
              (int)(at - from) + 1, "^", row, at - line + 1, e->message);
    answer_fault(c, &f);
}

static void run_query(struct call *c, const char *soql, bool all)
{
    struct soql_arena *arena = NULL;
    struct soql_error error;
    struct run run = { c, page_size(c), NULL };
    struct rows rows = { 0 };
    struct soql_query *q = soql_parse(soql, strlen(soql), &arena, &error);
    struct soql_plan *plan = q ? soql_plan(c, q, all, arena, &error) : NULL;
    if (!plan) {
        query_fault(c, soql, &error);
    } else if (!run_plan(&run, plan, NULL, &rows)) {
        answer_error(c, 500, "UNKNOWN_EXCEPTION", run.fault);
    } else if (plan->count_only) {
        c->status = 200;
        c->o->work.pages++;
        text_fmt(&c->out, "{\"totalSize\":%zu,\"done\":true,\"records\":[]}", rows.n);
    } else if (plan->aggregate && rows.n > run.page) {
        answer_error(
            c, 400, "EXCEEDED_ID_LIMIT",
            "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch");
    } else {
        c->status = 200;
        c->o->work.pages++;
        write_page(c, &c->out, &rows, NULL, 0, run.page);
    }
    rows_free(&rows);
    soql_plan_free(plan);
    soql_free(arena);
}

/* How a query would be run, without running it: a user may read no plan of what the query itself would refuse. */
static void explain_query(struct call *c, const char *soql)
{
    struct soql_arena *arena = NULL;
    struct soql_error error;
    struct soql_query *q = soql_parse(soql, strlen(soql), &arena, &error);
    struct soql_plan *plan = q ? soql_plan(c, q, false, arena, &error) : NULL;
    if (!plan) {
        query_fault(c, soql, &error);
    } else {
        c->status = 200;
        text_fmt(&c->out,
                 "{\"plans\":[{\"cardinality\":1,\"fields\":[],\"leadingOperationType\":\"TableScan\",\"notes\":[],"
                 "\"relativeCost\":1.0,\"sobjectCardinality\":1,\"sobjectType\":");
        text_json_str(&c->out, plan->object->name);
        text_str(&c->out, "}],\"sourceQuery\":");
        text_json_str(&c->out, soql);
        text_str(&c->out, "}");
    }
    soql_plan_free(plan);
    soql_free(arena);
}

void rest_query(struct call *c, bool all)
{
    char *soql = query_param(c->query, "q"), *explain = soql || all ? NULL : query_param(c->query, "explain");
    if (soql)
        run_query(c, soql, all);
    else if (explain)
        explain_query(c, explain);
    else
        answer_error(c, 400, "MALFORMED_QUERY", "A query string has to be specified");
    free(soql);
    free(explain);
}

/* 01g...-2000 */
void rest_query_more(struct call *c, const char *locator)
{
    char id[ID_SIZE];
    const char *dash = strrchr(locator, '-');
    char *end = NULL;
    unsigned long start = dash ? strtoul(dash + 1, &end, 10) : 0;
    if (dash && end && !*end && dash - locator == 18) {
        copy_text(id, sizeof id, locator);
        for (struct cursor *cur = c->o->cursors; cur; cur = cur->next)
            if (strcmp(cur->id, id) == 0 && strcmp(cur->user_id, c->user_id) == 0 && start < cur->rows.n) {
                c->status = 200;
                c->o->work.pages++;
                write_page(c, &c->out, &cur->rows, cur, start, page_size(c));
                return;
            }
    }
    answer_error(c, 400, "INVALID_QUERY_LOCATOR", "invalid query locator");
}
