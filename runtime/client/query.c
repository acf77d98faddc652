/* query.c - queries, and the rows they give. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/json_walk.h"
#include "runtime/base/record_id.h"
#include "runtime/client/client_parts.h"
#include "runtime/client/soql.h"

bool sf_id_check(const char *id, char id18[SF_ID_SIZE])
{
    return id && record_id_check(span_of(id), id18);
}

/* ---- rows ---- */

struct sf_rows {
    struct sf_org *org;
    struct buf page;      /* text of the page under way, */
    struct span rest;     /* and what of its records was not handed out */
    json_t *array;        /* instead of both: the first page of a sub-query, */
    size_t index;         /* and how far it was read */
    json_t *record;       /* handed out last */
    int64_t total, given; /* what the first page said there are, and how many were handed out, */
    int64_t given_before; /* those of the page under way not counted */
    bool done;
    char *next_url;                     /* of the page that follows; NULL when this is the last */
    uint64_t *followed;                 /* hashes of the pages that were followed: no way leads back to one */
    size_t pages;                       /* how many these are */
    struct sf_rows *children, *sibling; /* made for `record` */
    struct sf_error error;              /* why it ended early */
};

static void drop_children(struct sf_rows *rows);

static void rows_free(void *ptr)
{
    struct sf_rows *rows = ptr;
    drop_children(rows);
    json_decref(rows->record);
    json_decref(rows->array);
    buf_free(&rows->page);
    free(rows->next_url);
    free(rows->followed);
    free(rows);
}

static void drop_children(struct sf_rows *rows)
{
    while (rows->children) {
        struct sf_rows *child = rows->children;
        rows->children = child->sibling;
        rows_free(child);
    }
}

static bool bad_reply(struct sf_error *err, const char *what)
{
    return sf_error_set(err, 200, "BAD_REPLY", "The org's answer to a query is incomplete: %s.", what);
}

/* FNV-1a: two URLs of one query that meet by chance are one in billions, and would end it with an error. */
static uint64_t hash_of(const char *url)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (; *url; url++)
        h = (h ^ (unsigned char)*url) * UINT64_C(1099511628211);
    return h;
}

/* Notes where the next page is. An org that leads in a circle, or on and on, is followed no further. */
static bool note_page(struct sf_rows *rows, const char *url, struct sf_error *err)
{
    uint64_t hash = hash_of(url);
    for (size_t i = 0; i < rows->pages; i++)
        if (rows->followed[i] == hash)
            return bad_reply(err, "the next page is one that was there before");
    if (rows->pages == LIMIT_ORG_PAGES)
        return sf_error_set(err, 200, "TOO_LARGE", "The query has more than %d pages; ask for fewer records.",
                            LIMIT_ORG_PAGES);
    if ((rows->pages & (rows->pages - 1)) == 0) { /* room for twice as many at 0, 1, 2, 4, 8 ... */
        uint64_t *more = realloc(rows->followed, (rows->pages ? 2 * rows->pages : 1) * sizeof *more);
        if (!more)
            return sf_error_set(err, 0, "CLIENT_FAULT", "Out of memory.");
        rows->followed = more;
    }
    rows->followed[rows->pages++] = hash;
    return true;
}

/* What a page says besides its records. On false *rows is as it was. */
static bool read_head(struct sf_rows *rows, const json_t *head, struct sf_error *err)
{
    const json_t *total = json_object_get(head, "totalSize"), *done = json_object_get(head, "done");
    const char *next = json_string_value(json_object_get(head, "nextRecordsUrl"));
    char *url = NULL;
    if (!json_is_boolean(done) || !json_is_integer(total) || json_integer_value(total) < 0)
        return bad_reply(err, "it lacks \"done\" or \"totalSize\"");
    if (json_is_false(done)) {
        if (!next)
            return bad_reply(err, "there are more records, but it does not say where");
        if (!org_own_path(rows->org, next))
            return bad_reply(err, "the next page is said to be elsewhere");
        url = strdup(next);
        if (!url)
            return sf_error_set(err, 0, "CLIENT_FAULT", "Out of memory.");
        if (!note_page(rows, next, err)) {
            free(url);
            return false;
        }
    }
    if (!rows->next_url)
        rows->total = json_integer_value(total); /* what later pages say of it cannot make them endless */
    free(rows->next_url);
    rows->next_url = url;
    rows->done = json_is_true(done);
    return true;
}

/* Takes the text of a page over. On false it stays with the reply. */
static bool read_page(struct sf_rows *rows, struct http_reply *r, struct sf_error *err)
{
    json_t *head = NULL;
    struct span text = { r->body.p, r->body.n }, elements = { 0 };
    bool found = false;
    if (!json_walk_open(text, "records", &head, &elements, &found))
        return sf_error_parse(err, r->status, text);
    bool ok = found ? read_head(rows, head, err)
                    : !sf_error_read(err, r->status, head) && bad_reply(err, "it has no \"records\"");
    json_decref(head);
    if (!ok)
        return false;
    buf_free(&rows->page);
    rows->page = r->body;
    rows->rest = elements;
    buf_init(&r->body, 0);
    return true;
}

static bool load_page(struct sf_rows *rows, const char *path, struct sf_error *err)
{
    struct http_reply r;
    struct org_request q = { .method = "GET", .path = path, .repeatable = true };
    /* The old page goes first, so that there is never more than one. */
    buf_free(&rows->page);
    rows->rest = (struct span){ 0 };
    if (!org_send(rows->org, &q, &r, err))
        return false;
    bool ok = read_page(rows, &r, err);
    err->other_org = !ok && rows->org->session.authorization[0] != '\0';
    http_reply_free(&r);
    return ok;
}

static const json_t *end_rows(struct sf_rows *rows, struct sf_error *err)
{
    buf_free(&rows->page);
    rows->rest = (struct span){ 0 };
    *err = rows->error;
    return NULL;
}

/* The next record of the page under way; NULL at its end. */
static json_t *next_of_page(struct sf_rows *rows, bool *broken)
{
    *broken = false;
    if (!rows->array)
        return json_walk_next(&rows->rest, broken);
    json_t *record = json_array_get(rows->array, rows->index++);
    *broken = record && !json_is_object(record);
    return *broken ? NULL : json_incref(record);
}

/* To the page that follows. On false the reason is in rows->error. */
static bool turn_page(struct sf_rows *rows)
{
    json_decref(rows->array);
    rows->array = NULL;
    if (rows->given == rows->total)
        return bad_reply(&rows->error, "all records are there, but it says that more follow");
    if (rows->pages > 1 && rows->given == rows->given_before)
        return bad_reply(&rows->error, "a page without records is followed by another");
    rows->given_before = rows->given;
    return load_page(rows, rows->next_url, &rows->error);
}

const json_t *sf_next(struct sf_rows *rows, struct sf_error *err)
{
    bool broken;
    sf_error_clear(err);
    drop_children(rows);
    json_decref(rows->record);
    rows->record = NULL;
    if (rows->error.code[0])
        return end_rows(rows, err);
    while (!(rows->record = next_of_page(rows, &broken))) {
        if (broken)
            bad_reply(&rows->error, "a record is no JSON object");
        if (broken || rows->done || !turn_page(rows))
            return end_rows(rows, err);
    }
    if (rows->given == rows->total) {
        bad_reply(&rows->error, "it has more records than it says there are");
        return end_rows(rows, err);
    }
    rows->given++;
    return rows->record;
}

int64_t sf_total(const struct sf_rows *rows)
{
    return rows->total;
}

/* ---- values of a record ---- */

static const json_t *member(const json_t *object, const char *name, size_t n)
{
    const char *key;
    json_t *value;
    if (!json_is_object(object))
        return NULL;
    json_object_foreach ((json_t *)object, key, value)
        if (strncasecmp(key, name, n) == 0 && key[n] == '\0')
            return json_is_null(value) ? NULL : value;
    return NULL;
}

const json_t *sf_get(const json_t *record, const char *path)
{
    while (record) {
        size_t n = strcspn(path, ".");
        record = member(record, path, n);
        if (!path[n])
            break;
        path += n + 1;
    }
    return record;
}

const char *sf_get_text(const json_t *record, const char *path)
{
    return json_string_value(sf_get(record, path));
}

struct sf_rows *sf_children(struct sf_rows *rows, const json_t *record, const char *relationship)
{
    struct sf_error ignored;
    const json_t *value = member(record, relationship, strlen(relationship));
    json_t *records = json_object_get(value, "records");
    if (!json_is_array(records))
        return NULL;
    struct sf_rows *child = calloc(1, sizeof *child);
    if (!child)
        return NULL;
    child->org = rows->org;
    child->array = json_incref(records);
    if (!read_head(child, value, &ignored)) {
        /* what is there is handed out, and then the reason that it is not all */
        child->done = true;
        child->error = ignored;
    }
    child->sibling = rows->children;
    rows->children = child;
    return child;
}

/* ---- queries ---- */

/* A query under construction. */
struct question {
    struct sf_org *org;
    const char *soql;
    const struct sf_bind *binds;
    size_t count;
    const bool **optional; /* per bind, which of its fields are taken; NULL for others */
    bool any_optional;
};

static bool ask_describe(struct question *q, struct sf_error *err)
{
    q->optional = act_alloc(q->org->call, (q->count + 1) * sizeof *q->optional);
    for (size_t i = 0; i < q->count; i++) {
        const struct sf_bind *b = &q->binds[i];
        if (b->type != SF_BIND_OPTIONAL)
            continue;
        bool *seen = act_alloc(q->org->call, b->count + 1);
        if (!describe_seen(q->org, b->text, b->list, b->count, seen, err))
            return false;
        for (size_t f = 0; f < b->count; f++)
            q->any_optional = q->any_optional || seen[f];
        q->optional[i] = seen;
    }
    return true;
}

/* A query too long for a URL goes as the only part of a batch, whose URL is in its body. */
static bool ask_long(struct sf_rows *rows, const char *path, struct sf_error *err)
{
    struct org_request q = {
        .method = "POST", .path = org_path(rows->org, "composite/batch"), .repeatable = true, .reads = true
    };
    json_t *body =
        json_pack("{s:[{s:s, s:s}]}", "batchRequests", "method", "GET", "url", path + strlen("/services/data/"));
    json_t *answer = NULL;
    bool ok = body ? org_json(rows->org, &q, body, &answer, NULL, err)
                   : sf_error_set(err, 0, "CLIENT_FAULT", "The query could not be written down.");
    if (ok) {
        const json_t *one = json_array_get(json_object_get(answer, "results"), 0);
        json_t *result = json_object_get(one, "result");
        int status = (int)json_integer_value(json_object_get(one, "statusCode"));
        json_t *records = json_object_get(result, "records");
        if (status == 200 && json_is_array(records)) {
            ok = read_head(rows, result, err);
            rows->array = ok ? json_incref(records) : NULL;
        } else {
            ok = false;
            if (!sf_error_read(err, status, result))
                bad_reply(err, "its batch has no result");
        }
    }
    err->other_org = !ok && rows->org->session.authorization[0] != '\0';
    json_decref(answer);
    json_decref(body);
    return ok;
}

static bool ask(struct question *q, struct sf_rows *rows, struct sf_error *err)
{
    struct buf text;
    char why[160];
    bool ok = false;
    buf_init(&text, LIMIT_SOQL);
    if (!soql_write(&text, q->soql, q->binds, q->count, q->optional, why, sizeof why)) {
        sf_error_set(err, 0, "BAD_VALUE", "%s", why);
    } else {
        const char *path = org_path(q->org, "query?q=%s", org_escape(q->org, text.p));
        ok = strlen(path) > LIMIT_ORG_URL ? ask_long(rows, path, err) : load_page(rows, path, err);
    }
    buf_free(&text);
    return ok;
}

/* Forgets what was remembered of the objects and asks anew. *changed: other optional fields can be seen now. */
static bool describe_again(struct question *q, bool *changed, struct sf_error *err)
{
    const bool **before = q->optional;
    for (size_t i = 0; i < q->count; i++)
        if (q->binds[i].type == SF_BIND_OPTIONAL)
            describe_drop(q->org, q->binds[i].text);
    if (!ask_describe(q, err))
        return false;
    *changed = false;
    for (size_t i = 0; i < q->count; i++)
        *changed = *changed || (before[i] && memcmp(before[i], q->optional[i], q->binds[i].count) != 0);
    return true;
}

/* The org does not know a field, or no longer shows it to this user: ask with the fields that a new describe shows, and
 * when that is not it, without any of them. */
static bool ask_anew(struct question *q, struct sf_rows *rows, struct sf_error *err)
{
    bool changed;
    if (!describe_again(q, &changed, err))
        return false;
    if (changed && ask(q, rows, err))
        return true;
    if (changed && strcmp(err->code, "INVALID_FIELD") != 0)
        return false;
    for (size_t i = 0; i < q->count; i++)
        q->optional[i] = NULL;
    return ask(q, rows, err);
}

bool sf_query_bound(struct sf_org *org, struct sf_rows **rows, struct sf_error *err, const char *soql,
                    const struct sf_bind *binds, size_t count)
{
    struct question q = { .org = org, .soql = soql, .binds = binds, .count = count };
    sf_error_clear(err);
    if (!ask_describe(&q, err))
        return false;
    struct sf_rows *made = calloc(1, sizeof *made);
    if (!made)
        return sf_error_set(err, 0, "CLIENT_FAULT", "Out of memory.");
    made->org = org;
    act_defer(org->call, rows_free, made);
    bool ok = ask(&q, made, err);
    if (!ok && q.any_optional && strcmp(err->code, "INVALID_FIELD") == 0)
        ok = ask_anew(&q, made, err);
    if (ok)
        *rows = made;
    return ok;
}

bool sf_query_check_bound(struct sf_org *org, struct sf_error *err, const char *soql, const struct sf_bind *binds,
                          size_t count)
{
    struct buf text;
    char why[160];
    json_t *plan = NULL;
    bool ok = false;
    sf_error_clear(err);
    buf_init(&text, LIMIT_SOQL);
    if (!soql_write(&text, soql, binds, count, NULL, why, sizeof why)) {
        sf_error_set(err, 0, "BAD_VALUE", "%s", why);
    } else {
        struct org_request q = { .method = "GET",
                                 .path = org_path(org, "query?explain=%s", org_escape(org, text.p)),
                                 .repeatable = true };
        ok = org_json(org, &q, NULL, &plan, NULL, err);
    }
    json_decref(plan);
    buf_free(&text);
    return ok;
}
