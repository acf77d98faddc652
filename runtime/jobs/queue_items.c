/* queue_items.c - items cut into pages, items that have failed, and how long to wait before what is tried again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"
#include "runtime/base/system.h"
#include "runtime/jobs/queue_parts.h"

/* Writes the items from `first` on as long as they fit a page; returns how many. */
static size_t page_text(const json_t *items, size_t first, int page_items, struct buf *out)
{
    size_t n = 0;
    buf_char(out, '[');
    for (; first + n < json_array_size(items) && n < (size_t)page_items; n++) {
        size_t before = out->n;
        bool fits = (n == 0 || buf_char(out, ',')) && buf_json(out, json_array_get(items, first + n)) &&
                    out->n < out->max; /* the bracket that closes it */
        if (fits)
            continue;
        out->failed = false;
        out->n = before;
        break;
    }
    buf_char(out, ']');
    return n;
}

json_t *pages_of(const json_t *items, int page_items, size_t pages_max, char *why, size_t size)
{
    json_t *pages = json_array();
    for (size_t at = 0; at < json_array_size(items);) {
        struct buf text;
        buf_init(&text, page_items > JOB_PAGE_ITEMS ? JOB_LARGE_PAGE_MAX : JOB_PAYLOAD_MAX);
        size_t n = page_text(items, at, page_items, &text);
        json_t *page = n ? json_pack("{s:s%, s:I}", "p", text.p, text.n, "n", (json_int_t)n) : NULL;
        buf_free(&text);
        bool room = json_array_size(pages) < pages_max;
        if (room && page && json_array_append_new(pages, page) == 0) {
            at += n;
            continue;
        }
        if (n == 0)
            snprintf(why, size, "An item is larger than a page of %d KiB; plan ids, and fetch the rest in the page.",
                     JOB_PAYLOAD_MAX / 1024);
        else if (!room)
            snprintf(why, size, "One plan step gave more than %zu pages; go on in a further step with a cursor.",
                     pages_max);
        else
            copy_text(why, size, "There is no memory for the pages of a plan.");
        if (!room)
            json_decref(page);
        json_decref(pages);
        return NULL;
    }
    return pages;
}

/* As far as it is UTF-8; `otherwise` when there is nothing. */
static json_t *text_of(const char *s, const char *otherwise)
{
    struct span whole = utf8_whole(span_of(s && *s ? s : otherwise));
    return json_stringn(whole.p, whole.n);
}

void failed_row(json_t *rows, const json_t *item, const char *code, const char *message, const char *field)
{
    struct buf text;
    buf_init(&text, JOB_PAYLOAD_MAX);
    bool ok = buf_json(&text, item);
    json_t *row = json_object();
    json_object_set_new(row, "item", ok ? json_stringn(text.p, text.n) : json_string("null"));
    json_object_set_new(row, "code", text_of(code, "failed"));
    json_object_set_new(row, "message", text_of(message, "No reason was given."));
    if (field && *field)
        json_object_set_new(row, "field", text_of(field, ""));
    buf_free(&text);
    json_array_append_new(rows, row);
}

void failed_add(struct db *d, struct job_row *j, const json_t *rows)
{
    static const char sql[] = "INSERT INTO ah_failed (job_id, item, code, message, field)"
                              " SELECT CAST($1 AS BIGINT), value ->> 'item', value ->> 'code', value ->> 'message',"
                              " value ->> 'field' FROM {EACH}$2{END} LIMIT CAST($3 AS BIGINT)";
    int64_t room = JOB_FAILED_ROWS - j->kept;
    size_t n = json_array_size(rows);
    j->failed += (int64_t)n;
    if (n == 0 || room <= 0)
        return;
    char *text = json_dumps(rows, JSON_COMPACT);
    int64_t kept = db_do(d, sql, DB_I(j->id), DB_T(text ? text : "["), DB_I(room));
    free(text);
    j->kept += kept > 0 ? kept : 0;
}

int64_t back_off(int64_t first_ms, int n)
{
    enum { LONGEST_MS = 5 * 60 * 1000 };
    uint32_t chance;
    int64_t ms = first_ms;
    for (int i = 1; i < n && ms < LONGEST_MS; i++)
        ms *= 2;
    if (ms > LONGEST_MS)
        ms = LONGEST_MS;
    random_bytes(&chance, sizeof chance);
    return ms * 3 / 4 + ms * (int64_t)(chance % 1024) / 2048;
}
