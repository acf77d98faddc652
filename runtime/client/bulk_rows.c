/* bulk_rows.c - rows on their way back: results of an ingest job and pages of a query, read while they come. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/chars.h"
#include "runtime/client/bulk_parts.h"

/* One answer of CSV. */
struct reading {
    struct sf_org *org;
    sf_bulk_take_fn *take;
    void *ctx;
    const struct sf_bulk_load *load; /* NULL = a query: the header names the columns */
    enum sf_bulk_result which;
    bool open;                        /* the header was read */
    const char **names;               /* of the values that are handed out, */
    const char **values;              /* these, */
    size_t *at, count;                /* and where in a record they stand */
    long id_at, created_at, error_at; /* -1 = not there */
    int64_t rows;
    bool stopped;
    const char *why; /* what is wrong with the answer; NULL */
    struct csv_reader csv;
};

/* ---- the header ---- */

static long find(const char *const *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(fields[i], name) == 0)
            return (long)i;
    return -1;
}

static bool wrong(struct reading *r, const char *why)
{
    r->why = why;
    return false;
}

static void make_room(struct reading *r, size_t count)
{
    r->count = count;
    r->names = act_alloc(r->org->call, count * sizeof *r->names);
    r->values = act_alloc(r->org->call, count * sizeof *r->values);
    r->at = act_alloc(r->org->call, count * sizeof *r->at);
}

static bool open_query(struct reading *r, const char *const *fields, size_t n)
{
    make_room(r, n);
    for (size_t i = 0; i < n; i++) {
        if (!sf_name_ok(fields[i], true) || find(fields, i, fields[i]) >= 0)
            return wrong(r, "its first line is no list of fields");
        r->names[i] = act_strdup(r->org->call, fields[i]);
        r->at[i] = i;
    }
    return true;
}

static bool open_result(struct reading *r, const char *const *fields, size_t n)
{
    make_room(r, r->load->count);
    r->id_at = find(fields, n, "sf__Id");
    r->created_at = find(fields, n, "sf__Created");
    r->error_at = find(fields, n, "sf__Error");
    if (r->which != SF_BULK_UNPROCESSED && r->id_at < 0)
        return wrong(r, "it has no column sf__Id");
    if (r->which == SF_BULK_UNSUCCESSFUL && r->error_at < 0)
        return wrong(r, "it has no column sf__Error");
    for (size_t i = 0; i < r->count; i++) {
        long at = find(fields, n, r->load->columns[i]);
        if (at < 0)
            return wrong(r, "it lacks a column that was sent");
        r->names[i] = r->load->columns[i];
        r->at[i] = (size_t)at;
    }
    return true;
}

/* ---- rows ---- */

/* "CODE": capitals, digits and "_". */
static size_t code_length(const char *text)
{
    size_t n = 0;
    while (char_upper(text[n]) || char_digit(text[n]) || text[n] == '_')
        n++;
    return text[n] == ':' ? n : 0;
}

static bool field_char(char c)
{
    return char_alnum(c) || c == '_' || c == ',' || c == ' ' || c == '.';
}

/* Takes the fields off the end of a message that is marked by "--": they stand behind its last colon. */
static struct span take_fields(struct span *message)
{
    struct span fields = { "", 0 }, all = span_trim(*message);
    if (all.n < 2 || memcmp(all.p + all.n - 2, "--", 2) != 0)
        return fields;
    all = span_trim((struct span){ all.p, all.n - 2 });
    size_t at = all.n;
    while (at > 0 && field_char(all.p[at - 1]))
        at--;
    if (at == 0 || all.p[at - 1] != ':')
        return fields;
    fields = span_trim((struct span){ all.p + at, all.n - at });
    *message = (struct span){ all.p, at - 1 };
    return fields;
}

void bulk_row_error(struct sf_error *err, const char *text)
{
    size_t code = code_length(text);
    struct span message = span_of(text + (code ? code + 1 : 0)), fields = take_fields(&message);
    sf_error_clear(err);
    err->status = 200; /* like a record of a collection */
    copy_span(err->code, sizeof err->code, code ? (struct span){ text, code } : span_of("UNKNOWN_EXCEPTION"));
    copy_span(err->message, sizeof err->message, message);
    copy_span(err->fields, sizeof err->fields, fields);
    mend_tail(err->message);
    if (!err->message[0])
        copy_text(err->message, sizeof err->message, "The org refused the row without a reason.");
    sf_error_classify(err);
}

static bool hand_out(struct reading *r, const char *const *fields)
{
    struct sf_error error;
    struct sf_bulk_row row = { .names = r->names, .values = r->values, .count = r->count, .id = "" };
    for (size_t i = 0; i < r->count; i++)
        r->values[i] = fields[r->at[i]];
    if (r->load && r->which != SF_BULK_UNPROCESSED)
        row.id = fields[r->id_at];
    row.created = r->load && r->created_at >= 0 && strcasecmp(fields[r->created_at], "true") == 0;
    if (r->load && r->which == SF_BULK_UNSUCCESSFUL) {
        bulk_row_error(&error, fields[r->error_at]);
        row.error = &error;
    }
    r->rows++;
    r->stopped = !r->take(r->ctx, &row);
    return !r->stopped;
}

static bool take_record(void *ctx, const char *const *fields, size_t n)
{
    struct reading *r = ctx;
    if (r->open)
        return hand_out(r, fields);
    r->open = true;
    return r->load ? open_result(r, fields, n) : open_query(r, fields, n);
}

static bool take_bytes(void *ctx, const char *p, size_t n)
{
    return csv_read(&((struct reading *)ctx)->csv, p, n);
}

/* ---- one answer ---- */

static bool bad_reply(struct reading *r, const char *why, struct sf_error *err)
{
    sf_error_set(err, 200, "BAD_REPLY", "The org's answer cannot be used: %s", why);
    err->retryable = true;
    err->other_org = r->org->session.authorization[0] != '\0';
    return false;
}

/* Whether the whole answer was read and is what it says it is. */
static bool check_end(struct reading *r, const struct http_reply *reply, struct sf_error *err)
{
    if (!csv_read_end(&r->csv) && !r->stopped)
        return bad_reply(r, r->why ? r->why : r->csv.why, err);
    if (r->stopped)
        return sf_error_set(err, 0, "STOPPED", "The action wanted no more rows.");
    if (reply->counted && reply->records != r->rows)
        return bad_reply(r, "it has other rows than it says there are.", err);
    return true;
}

/* Reads the CSV at `path`. On true *reply is the caller's to free. */
static bool read_csv(struct reading *r, const char *path, struct http_reply *reply, struct sf_error *err)
{
    struct http_stream stream = { .sink = take_bytes, .ctx = r };
    struct org_request q = { .method = "GET", .path = path, .repeatable = true, .stream = &stream };
    csv_reader_init(&r->csv, take_record, r);
    bool ok = org_send(r->org, &q, reply, err);
    if (ok) {
        ok = check_end(r, reply, err);
        if (!ok)
            http_reply_free(reply);
    } else if (r->why || r->csv.why) {
        bad_reply(r, r->why ? r->why : r->csv.why, err);
    }
    csv_reader_fini(&r->csv);
    return ok;
}

bool sf_bulk_results(struct sf_org *org, const struct sf_bulk_load *load, const char *id, enum sf_bulk_result which,
                     sf_bulk_take_fn *take, void *ctx, struct sf_error *err)
{
    static const char *const places[] = { [SF_BULK_SUCCESSFUL] = "/successfulResults",
                                          [SF_BULK_UNSUCCESSFUL] = "/failedResults",
                                          [SF_BULK_UNPROCESSED] = "/unprocessedrecords" };
    struct reading r = { .org = org, .take = take, .ctx = ctx, .load = load, .which = which };
    struct http_reply reply;
    sf_error_clear(err);
    if (!bulk_load_check(load, err) || !bulk_id_check(id, err) ||
        !read_csv(&r, bulk_path(org, SF_BULK_INGEST, id, places[which]), &reply, err))
        return false;
    http_reply_free(&reply);
    return true;
}

static const char *page_path(struct sf_org *org, const char *id, const struct sf_bulk_page *page)
{
    char max[40] = "";
    if (page->max_rows > 0)
        snprintf(max, sizeof max, "maxRecords=%d", page->max_rows);
    const char *locator = page->locator[0] ? act_printf(org->call, "locator=%s", org_escape(org, page->locator)) : "";
    const char *query = act_printf(org->call, "/results%s%s%s%s", *max || *locator ? "?" : "", locator,
                                   *max && *locator ? "&" : "", max);
    return bulk_path(org, SF_BULK_QUERY, id, query);
}

bool sf_bulk_rows(struct sf_org *org, const char *id, struct sf_bulk_page *page, sf_bulk_take_fn *take, void *ctx,
                  struct sf_error *err)
{
    struct reading r = { .org = org, .take = take, .ctx = ctx };
    struct http_reply reply;
    sf_error_clear(err);
    if (!bulk_id_check(id, err) || !read_csv(&r, page_path(org, id, page), &reply, err))
        return false;
    bool more = reply.locator[0] && strcmp(reply.locator, "null") != 0;
    bool circle = more && strcmp(reply.locator, page->locator) == 0;
    if (circle) {
        bad_reply(&r, "its next page is the same one.", err);
    } else {
        copy_text(page->locator, sizeof page->locator, more ? reply.locator : "");
        page->last = !more;
    }
    http_reply_free(&reply);
    return !circle;
}

const char *sf_bulk_value(const struct sf_bulk_row *row, const char *name)
{
    long at = find(row->names, row->count, name);
    return at < 0 ? NULL : row->values[at];
}
