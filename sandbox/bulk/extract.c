/* extract.c - runs the query of a job and writes its rows as CSV. */
#include <stdlib.h>
#include <string.h>

#include "sandbox/bulk/bulk_parts.h"
#include "sandbox/http/model.h"
#include "sandbox/org/soql_plan.h"

enum { FLUSH_BYTES = 1 << 20 };

struct extract {
    struct bulk *b;
    struct job *j;
    struct text out; /* not yet in the spool */
    size_t written, cap;
    bool failed;
    char why[JOB_ERROR_MAX];
};

/* Names as the query has them: Account.Name. */
static void put_header(struct extract *x, const struct soql_out *members, const char *above, bool *first)
{
    for (const struct soql_out *o = members; o; o = o->next) {
        struct text name = { 0 };
        text_fmt(&name, "%s%s%s", above, *above ? "." : "", o->key);
        if (o->kind == OUT_PARENT) {
            put_header(x, o->members, name.p, first);
        } else {
            csv_put(&x->out, &x->j->dialect, *first, name.p, name.n);
            *first = false;
        }
        text_free(&name);
    }
}

/* A time ends in Z here, while JSON says +0000. */
static void put_text(struct extract *x, bool first, const struct field *f, sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);
    size_t n = (size_t)sqlite3_column_bytes(stmt, column);
    char time[40];
    if (f->type == TYPE_DATETIME && n > 5 && n < sizeof time && strcmp(text + n - 5, "+0000") == 0) {
        memcpy(time, text, n - 5);
        time[n - 5] = 'Z';
        csv_put(&x->out, &x->j->dialect, first, time, n - 4);
    } else {
        csv_put(&x->out, &x->j->dialect, first, text ? text : "", text ? n : 0);
    }
}

static void put_value(struct extract *x, bool first, const struct field *f, sqlite3_stmt *stmt, int column)
{
    struct text t = { 0 };
    if (sqlite3_column_type(stmt, column) == SQLITE_NULL) {
        csv_put(&x->out, &x->j->dialect, first, "", 0);
        return;
    }
    switch (f->type) {
    case TYPE_BOOLEAN:
        text_str(&t, sqlite3_column_int(stmt, column) ? "true" : "false");
        break;
    case TYPE_INT:
    case TYPE_BASE64:
        text_fmt(&t, "%lld", (long long)sqlite3_column_int64(stmt, column));
        break;
    case TYPE_DOUBLE:
    case TYPE_CURRENCY:
    case TYPE_PERCENT:
        text_double(&t, sqlite3_column_double(stmt, column));
        break;
    default:
        put_text(x, first, f, stmt, column);
        return;
    }
    csv_put(&x->out, &x->j->dialect, first, t.p, t.n);
    text_free(&t);
}

/* A parent that is not there has empty values, since its columns are null. */
static void put_members(struct extract *x, const struct soql_out *members, sqlite3_stmt *stmt, bool *first)
{
    for (const struct soql_out *o = members; o; o = o->next) {
        if (o->kind == OUT_PARENT) {
            put_members(x, o->members, stmt, first);
            continue;
        }
        put_value(x, *first, o->field, stmt, o->column);
        *first = false;
    }
}

static void flush(struct extract *x)
{
    x->failed = !spool_add(&x->j->done, x->out.p, x->out.n) || x->failed;
    x->written += x->out.n;
    x->out.n = 0;
}

static void end_row(struct extract *x)
{
    struct job *j = x->j;
    csv_end_record(&x->out, &j->dialect);
    if (j->rows == x->cap) {
        x->cap = x->cap ? x->cap * 2 : 1024;
        j->ends = realloc(j->ends, x->cap * sizeof *j->ends);
        if (!j->ends)
            abort();
    }
    j->ends[j->rows++] = x->written + x->out.n;
    if (x->out.n > FLUSH_BYTES)
        flush(x);
}

static void run_plan(struct extract *x, struct call *c, const struct soql_plan *plan)
{
    int at = 0, rc;
    bool first = true;
    sqlite3_stmt *stmt = store_get(c->o, plan->sql.p);
    put_header(x, plan->out, "", &first);
    csv_end_record(&x->out, &x->j->dialect);
    x->j->header_n = x->out.n;
    for (const struct soql_bind *bind = plan->binds; stmt && bind; bind = bind->next)
        value_bind(stmt, ++at, &bind->value);
    while (stmt && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        first = true;
        put_members(x, plan->out, stmt, &first);
        end_row(x);
    }
    if (!stmt || rc != SQLITE_DONE) {
        x->failed = true;
        copy_text(x->why, sizeof x->why, sqlite3_errmsg(c->o->db));
    }
    store_put(c->o, stmt);
    flush(x);
}

/* The user may see less, or objects be others, than when the job was made. */
static void run_query(struct extract *x, struct call *c)
{
    struct soql_arena *arena = NULL;
    struct soql_error error;
    struct soql_query *q = soql_parse(x->j->soql, strlen(x->j->soql), &arena, &error);
    struct soql_plan *plan = q ? soql_plan(c, q, x->j->operation == JOB_SELECT_ALL, arena, &error) : NULL;
    if (plan) {
        run_plan(x, c, plan);
    } else {
        x->failed = true;
        copy_text(x->why, sizeof x->why, error.message);
    }
    c->o->work.pages++;
    soql_plan_free(plan);
    soql_free(arena);
}

/* The rows were found in one go; each further page costs the org its time. */
static void pay_pages(struct bulk *b, struct job *j)
{
    struct model_call paced;
    for (size_t rows = 0; rows < j->rows; rows += QUERY_PAGE) {
        size_t n = j->rows - rows < QUERY_PAGE ? j->rows - rows : QUERY_PAGE;
        if (rows > 0) {
            if (!bulk_enter(b, j, &paced))
                return;
            sandbox_org(b->s, j->org)->work.pages++;
            bulk_leave(b, j, &paced);
        }
        pthread_mutex_lock(&b->lock);
        j->processed += n;
        pthread_mutex_unlock(&b->lock);
    }
}

void work_extract(struct bulk *b, struct job *j)
{
    struct extract x = { .b = b, .j = j };
    struct model_call paced;
    if (!bulk_enter(b, j, &paced))
        return;
    struct call c = job_call(b, j);
    run_query(&x, &c);
    bulk_leave(b, j, &paced);
    int64_t now_ms = org_clock_ms(sandbox_org(b->s, j->org));
    struct allowance *day = &b->bytes[j->org];
    pthread_mutex_lock(&b->lock);
    if (x.failed)
        job_fail(j, x.why[0] ? x.why : "The results could not be stored", now_ms);
    else if (allowance_used(day, now_ms) + x.written > RESULT_BYTES_A_DAY)
        job_fail(j, "ExceededQuota : The results of 24 hours may have 1 TB at most", now_ms);
    else
        allowance_use(day, now_ms, x.written);
    pthread_mutex_unlock(&b->lock);
    text_free(&x.out);
    pay_pages(b, j);
}
