/* results.c - what jobs have to give: the three results of one that writes, pages of one that reads. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/bulk/bulk_parts.h"

/* Bytes of one spool, and how many of them. */
struct piece_of {
    const struct spool *spool;
    size_t at, n;
};

/* Answers with a text and what stands in the pieces: read once, into the memory that is sent. */
static void reply_csv(struct bulk_call *c, const struct text *head, const struct piece_of *pieces, size_t n_pieces)
{
    size_t n = head->n;
    for (size_t i = 0; i < n_pieces; i++)
        n += pieces[i].n;
    char *bytes = mem_new(n + 1), *at = bytes + head->n;
    bool ok = true;
    memcpy(bytes, head->p ? head->p : "", head->n);
    for (size_t i = 0; ok && i < n_pieces; i++) {
        ok = pieces[i].n == 0 || spool_read(pieces[i].spool, pieces[i].at, pieces[i].n, at);
        at += pieces[i].n;
    }
    if (!ok) {
        free(bytes);
        bulk_error(c, 500, "UNKNOWN_EXCEPTION", "The results could not be read");
        return;
    }
    reply_empty(c->rp, 200);
    reply_field(c->rp, "Content-Type", "text/csv;charset=UTF-8");
    c->rp->body = bytes;
    c->rp->body_n = n;
}

/* ---- of a job that writes ---- */

/* The header of the data, with the columns of the result before it. */
static void put_header(struct text *out, const struct job *j, const char *const *before)
{
    struct csv_reader r;
    struct csv_record header = { .n = 0 };
    const char *all = spool_map(&j->data);
    bool first = true;
    csv_start(&r, all ? all : "", all ? j->data.n : 0, &j->dialect);
    bool there = csv_next(&r, &header) == CSV_READ;
    for (; before && *before; before++, first = false)
        csv_put(out, &j->dialect, first, *before, strlen(*before));
    for (size_t i = 0, n; there && i < header.n; i++, first = false) {
        const char *name = csv_value(&header, i, &n);
        csv_put(out, &j->dialect, first, name, n);
    }
    csv_end_record(out, &j->dialect);
    csv_record_free(&header);
    spool_unmap(all, j->data.n);
}

/* Records that nobody has worked on, as they came. Those of a job that goes on are none of them. */
static struct piece_of *unprocessed(const struct job *j, struct text *head, size_t *n)
{
    bool uncut = j->n_batches == 0 && j->state == JOB_ABORTED; /* all of the data, with its header */
    struct piece_of *pieces = mem_new((j->n_batches + 1) * sizeof *pieces);
    *n = 0;
    if (uncut)
        pieces[(*n)++] = (struct piece_of){ &j->data, 0, j->data.n };
    else
        put_header(head, j, NULL);
    for (size_t i = 0; job_has_ended(j) && i < j->n_batches; i++)
        pieces[(*n)++] = (struct piece_of){ &j->data, j->batches[i].at, j->batches[i].end - j->batches[i].at };
    return pieces;
}

void ingest_results(struct bulk_call *c, struct job *j)
{
    static const char *const done[] = { "sf__Id", "sf__Created", NULL }, *const failed[] = { "sf__Id", "sf__Error",
                                                                                             NULL };
    struct text head = { 0 };
    bool is_done = strcmp(c->part, "successfulResults") == 0, is_failed = strcmp(c->part, "failedResults") == 0;
    struct piece_of *pieces;
    size_t n = 1;
    if (!is_done && !is_failed && strcasecmp(c->part, "unprocessedrecords") != 0) {
        bulk_error(c, 404, "NOT_FOUND", "The requested resource does not exist");
        return;
    }
    pthread_mutex_lock(&c->b->lock);
    /* what an aborted job was about is written whole before anybody is told what was not */
    while (job_has_ended(j) && j->active && !c->b->stopping)
        pthread_cond_wait(&c->b->changed, &c->b->lock);
    if (is_done || is_failed) {
        const struct spool *from = is_done ? &j->done : &j->failed;
        put_header(&head, j, is_done ? done : failed);
        pieces = mem_new(sizeof *pieces);
        *pieces = (struct piece_of){ from, 0, from->n };
    } else {
        pieces = unprocessed(j, &head, &n);
    }
    pthread_mutex_unlock(&c->b->lock);
    reply_csv(c, &head, pieces, n); /* what was counted stays: spools only grow */
    text_free(&head);
    free(pieces);
}

/* ---- of a query ---- */

static void locator_text(size_t row, char out[32])
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%zu", row);
    char *text = base64_text(digits, (size_t)n, BASE64_URL);
    copy_text(out, 32, text);
    free(text);
}

/* The row that a locator stands for; false when it is none of this job's. */
static bool locator_row(const struct job *j, const char *locator, size_t *row)
{
    size_t n = 0;
    char *digits = (char *)base64_bytes(locator, strlen(locator), BASE64_URL, &n), *end = NULL;
    *row = digits ? strtoul(digits, &end, 10) : 0;
    bool ok = digits && n > 0 && strspn(digits, "0123456789") == n && *row <= j->rows;
    free(digits);
    return ok;
}

/* Where the page begins; false (and answered) when the parameters are wrong. */
static bool page_start(struct bulk_call *c, const struct job *j, size_t *start)
{
    char *locator = query_param(c->rq->query, "locator");
    *start = 0;
    bool ok = !locator || locator_row(j, locator, start);
    if (!ok)
        bulk_error(c, 400, "INVALID_QUERY_LOCATOR", "invalid query locator");
    free(locator);
    return ok;
}

static bool page_rows(struct bulk_call *c, size_t most, size_t *rows)
{
    char *text = query_param(c->rq->query, "maxRecords"), *end = NULL;
    long long n = text ? strtoll(text, &end, 10) : 0;
    bool ok = !text || (n > 0 && end && !*end);
    *rows = text && (size_t)n < most ? (size_t)n : most;
    if (!ok)
        bulk_error(c, 400, "INVALID_FIELD", "maxRecords must be a whole number above 0: %.20s", text);
    free(text);
    return ok;
}

static void give_page(struct bulk_call *c, const struct job *j, size_t start, size_t rows)
{
    struct text none = { 0 };
    char locator[32] = "null", count[24];
    size_t end = j->rows - start < rows ? j->rows : start + rows;
    size_t from = start ? j->ends[start - 1] : j->header_n, to = end ? j->ends[end - 1] : j->header_n;
    reply_csv(c, &none, (struct piece_of[]){ { &j->done, 0, j->header_n }, { &j->done, from, to - from } }, 2);
    if (c->rp->status != 200)
        return;
    if (end < j->rows)
        locator_text(end, locator);
    snprintf(count, sizeof count, "%zu", end - start);
    reply_field(c->rp, "Sforce-Locator", locator);
    reply_field(c->rp, "Sforce-NumberOfRecords", count);
}

/* Up to five addresses of pages, so that several can be fetched at once. */
static void give_addresses(struct bulk_call *c, const struct job *j, size_t start, size_t rows)
{
    char locator[32];
    json_t *pages = json_array(), *out = json_object();
    size_t row = start, n = 0;
    for (; n < RESULT_PAGES && (row < j->rows || row == 0); n++, row += rows) {
        locator_text(row, locator);
        json_array_append_new(pages, json_pack("{s:o}", "resultUrl",
                                               json_sprintf("/services/data/v%s/jobs/query/%s/results?locator=%s",
                                                            c->version, j->id, locator)));
    }
    json_object_set_new(out, "resultPages", pages);
    if (row < j->rows) {
        locator_text(row, locator);
        json_object_set_new(
            out, "nextRecordsUrl",
            json_sprintf("/services/data/v%s/jobs/query/%s/resultPages?locator=%s", c->version, j->id, locator));
    }
    json_object_set_new(out, "done", json_boolean(row >= j->rows));
    reply_json(c->rp, 200, out);
}

void query_results(struct bulk_call *c, struct job *j)
{
    bool addresses = strcmp(c->part, "resultPages") == 0;
    size_t start, rows;
    if ((!addresses && strcmp(c->part, "results") != 0) ||
        (addresses && strtol(c->version, NULL, 10) < RESULT_PAGES_FROM)) {
        bulk_error(c, 404, "NOT_FOUND", "The requested resource does not exist");
        return;
    }
    pthread_mutex_lock(&c->b->lock);
    enum job_state state = j->state;
    size_t most = c->b->page_rows;
    pthread_mutex_unlock(&c->b->lock);
    if (strcmp(c->version, j->version) != 0)
        bulk_error(c, 409, "UNSUPPORTED_API_VERSION",
                   "Results are read by the version of the API that the job was made by: v%s", j->version);
    else if (state != JOB_DONE)
        bulk_error(c, 412, "JOB_NOT_COMPLETE",
                   "can only download query results of successfully completed bulk job with status: JOB_COMPLETE. "
                   "Current status: %s",
                   state == JOB_READY    ? "UPLOAD_COMPLETE"
                   : state == JOB_WORKS  ? "IN_PROGRESS"
                   : state == JOB_FAILED ? "FAILED"
                                         : "ABORTED");
    else if (page_start(c, j, &start) && page_rows(c, most, &rows)) {
        if (addresses)
            give_addresses(c, j, start, most);
        else
            give_page(c, j, start, rows);
    }
}
