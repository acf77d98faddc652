/* queries.c - see queries.h. */
#include "sandbox/data360/queries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/system.h"

static void query_free(struct data_query *q)
{
    data_free(&q->rows);
    free(q);
}

struct data_query *data_query_start(struct org *o, const char *user_id, struct data_rows *rows, int64_t run_ms)
{
    struct data_query *q = mem_new(sizeof *q);
    snprintf(q->id, sizeof q->id, "2026%012llu-%.15s", (unsigned long long)++o->data_count, user_id);
    copy_text(q->user_id, sizeof q->user_id, user_id);
    q->rows = *rows;
    *rows = (struct data_rows){ .n = 0 };
    q->ready_ms = now_ms() + run_ms;
    q->next = o->data_queries;
    o->data_queries = q;
    struct data_query **p = &o->data_queries;
    for (int n = 0; *p; n++) {
        struct data_query *old = *p;
        if (n < DATA_QUERIES) {
            p = &old->next;
            continue;
        }
        *p = old->next;
        query_free(old);
    }
    return q;
}

struct data_query *data_query_find(struct org *o, const char *user_id, const char *id)
{
    for (struct data_query *q = o->data_queries; q; q = q->next)
        if (strcmp(q->id, id) == 0 && strcmp(q->user_id, user_id) == 0)
            return q;
    return NULL;
}

void data_query_drop(struct org *o, struct data_query *gone)
{
    for (struct data_query **p = &o->data_queries; *p; p = &(*p)->next) {
        if (*p != gone)
            continue;
        *p = gone->next;
        query_free(gone);
        return;
    }
}

void data_queries_free(struct org *o)
{
    while (o->data_queries)
        data_query_drop(o, o->data_queries);
}

void data_query_write(const struct data_query *q, size_t from, size_t to, struct text *out)
{
    const struct data_rows *r = &q->rows;
    text_char(out, '[');
    for (size_t i = from; i < to && i < r->n; i++) {
        size_t start = i ? r->ends[i - 1] : 0;
        text_str(out, i > from ? "," : "");
        text_add(out, r->text.p + start, r->ends[i] - start);
    }
    text_char(out, ']');
}
