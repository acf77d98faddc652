/* bulk_send.c - rows on their way to the org: made while they are sent, one buffer of them in memory. */
#include <string.h>

#include "runtime/client/bulk_parts.h"

enum { FILL = 16 * 1024 }; /* rows are asked for until so much is there to be sent */

const char SF_BULK_NULL[] = "#N/A";

struct upload {
    const struct sf_bulk_load *load;
    sf_bulk_give_fn *give;
    void *ctx;
    const char **values;
    struct buf text; /* rows that were not handed to the connection yet, from `offset` */
    size_t offset;
    size_t bytes; /* of all rows so far, with the header */
    struct sf_bulk_sent sent;
    bool ended;
    const char *why; /* a row that cannot be sent; NULL */
    int64_t given;
};

/* Takes the next row into the text. False: it is not to be sent, or there is none; u->ended or u->why says which. */
static bool take_row(struct upload *u)
{
    size_t before = u->text.n;
    memset(u->values, 0, u->load->count * sizeof *u->values);
    switch (u->give(u->ctx, u->values)) {
    case SF_BULK_ROW:
        break;
    case SF_BULK_END:
        u->ended = true;
        return false;
    case SF_BULK_STOP:
        return false;
    }
    u->given++;
    if (!csv_write(&u->text, u->values, u->load->count, SF_BULK_NULL, &u->why))
        return false;
    if (u->bytes + (u->text.n - before) > LIMIT_BULK_UPLOAD) {
        u->text.n = before;
        u->sent.full = u->ended = true;
        return false;
    }
    u->bytes += u->text.n - before;
    u->sent.rows++;
    return true;
}

static size_t read_rows(void *ctx, char *to, size_t room)
{
    struct upload *u = ctx;
    if (u->offset == u->text.n) {
        u->text.n = u->offset = 0;
        while (!u->ended && u->text.n < FILL)
            if (!take_row(u) && !u->ended)
                return HTTP_STREAM_STOP;
        if (u->ended && u->sent.rows == 0)
            return HTTP_STREAM_STOP;
    }
    size_t n = u->text.n - u->offset < room ? u->text.n - u->offset : room;
    if (n)
        memcpy(to, u->text.p + u->offset, n);
    u->offset += n;
    return n;
}

/* What the client calls a stream that was stopped has a better name here. */
static void explain(const struct upload *u, struct sf_error *err)
{
    bool renewed = err->status == 401 && err->other_org;
    bool stopped = strcmp(err->code, "STOPPED") == 0;
    if (stopped && u->why)
        sf_error_set(err, 0, "BAD_VALUE", "Row %lld: %s", (long long)u->given, u->why);
    else if (stopped && u->ended)
        sf_error_set(err, 0, "BAD_VALUE", "There is no row to be sent.");
    else if (renewed)
        sf_error_set(err, 0, "CONNECTION_LOST", "The session ended during the upload; a new one is there.");
    if (stopped || renewed)
        err->outcome_unknown = false; /* an upload without its end is none */
    sf_error_classify(err);
}

static bool send_rows(struct sf_org *org, struct upload *u, const char *id, struct sf_error *err)
{
    struct http_reply r;
    struct http_stream stream = { .read = read_rows, .ctx = u };
    struct org_request q = { .method = "PUT",
                             .path = bulk_path(org, SF_BULK_INGEST, id, "/batches"),
                             .content_type = "text/csv; charset=UTF-8",
                             .stream = &stream };
    if (!csv_write(&u->text, u->load->columns, u->load->count, NULL, &u->why))
        return sf_error_set(err, 0, "BAD_VALUE", "The header: %s", u->why);
    u->bytes = u->text.n;
    if (!org_send(org, &q, &r, err)) {
        explain(u, err);
        return false;
    }
    http_reply_free(&r);
    return true;
}

/* Whether the org has begun although its answer did not come. */
static bool has_begun(struct sf_org *org, const char *id)
{
    struct sf_bulk_info info;
    struct sf_error ignored;
    return sf_bulk_look(org, SF_BULK_INGEST, id, &info, &ignored) && info.state != SF_BULK_OPEN &&
           info.state != SF_BULK_ABORTED;
}

static bool let_begin(struct sf_org *org, const char *id, struct sf_error *err)
{
    if (bulk_set_state(org, SF_BULK_INGEST, id, "UploadComplete", err))
        return true;
    return (err->outcome_unknown || strcmp(err->code, "INVALIDJOBSTATE") == 0) && has_begun(org, id);
}

bool sf_bulk_send(struct sf_org *org, const struct sf_bulk_load *load, const char *id, sf_bulk_give_fn *give, void *ctx,
                  struct sf_bulk_sent *sent, struct sf_error *err)
{
    struct upload u = { .load = load, .give = give, .ctx = ctx };
    *sent = (struct sf_bulk_sent){ 0, false };
    sf_error_clear(err);
    if (!bulk_load_check(load, err) || !bulk_id_check(id, err))
        return false;
    u.values = act_alloc(org->call, load->count * sizeof *u.values);
    buf_init(&u.text, FILL + 2 * (size_t)CSV_RECORD);
    bool ok = send_rows(org, &u, id, err) && let_begin(org, id, err);
    buf_free(&u.text);
    if (ok) {
        sf_error_clear(err);
        *sent = u.sent;
    }
    return ok;
}
