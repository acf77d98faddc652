/* split.c - reads the data of a job once through and cuts it into batches, so that what cannot be read is told before
 * a record is written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/bulk/bulk_parts.h"
#include "sandbox/http/model.h"

struct cuts {
    struct batch *list;
    size_t n, cap, rows; /* rows of the last one */
};

static void add_row(struct cuts *cut, size_t at, size_t end)
{
    if (cut->n == 0 || cut->rows == BATCH_ROWS) {
        if (cut->n == cut->cap) {
            cut->cap = cut->cap ? cut->cap * 2 : 16;
            cut->list = realloc(cut->list, cut->cap * sizeof *cut->list);
            if (!cut->list)
                abort();
        }
        cut->list[cut->n++] = (struct batch){ at, end };
        cut->rows = 0;
    }
    cut->list[cut->n - 1].end = end;
    cut->rows++;
}

static bool cut_rows(struct csv_reader *r, const char *all, struct cuts *cut)
{
    struct csv_record row = { .n = 0 };
    enum csv_outcome got;
    while ((got = csv_next(r, &row)) == CSV_READ)
        add_row(cut, (size_t)(row.raw - all), (size_t)(r->p - all));
    csv_record_free(&row);
    return got == CSV_END;
}

static bool header_fits(struct bulk *b, struct job *j, const struct csv_record *header, char why[CSV_WHY_MAX])
{
    struct model_call paced;
    struct columns k;
    if (!bulk_enter(b, j, &paced))
        return false;
    struct call c = job_call(b, j);
    bool ok = columns_find(&c, j, header, &k, why);
    bulk_leave(b, j, &paced);
    columns_free(&k);
    return ok;
}

static void take_batches(struct bulk *b, struct job *j, struct cuts *cut, int64_t now_ms)
{
    struct allowance *day = &b->batches[j->org];
    pthread_mutex_lock(&b->lock);
    if (allowance_used(day, now_ms) + cut->n > BATCHES_A_DAY) {
        job_fail(j, "ExceededQuota : ApiBatchItems Limit exceeded.", now_ms);
    } else {
        allowance_use(day, now_ms, cut->n);
    }
    /* what is not worked on is unprocessed: a job that has failed has batches too */
    j->batches = cut->list;
    j->n_batches = cut->n;
    pthread_mutex_unlock(&b->lock);
}

/* All of the data as one batch that nobody takes: all of it is unprocessed. */
static void refuse(struct bulk *b, struct job *j, struct cuts *cut, size_t from, const char *why, int64_t now_ms)
{
    free(cut->list);
    pthread_mutex_lock(&b->lock);
    job_fail(j, why, now_ms);
    j->batches = mem_new(sizeof *j->batches);
    j->batches[0] = (struct batch){ from, j->data.n };
    j->n_batches = 1;
    pthread_mutex_unlock(&b->lock);
}

void work_split(struct bulk *b, struct job *j)
{
    struct csv_reader r;
    struct csv_record header = { .n = 0 };
    struct cuts cut = { .n = 0 };
    char why[CSV_WHY_MAX] = "";
    int64_t now_ms = org_clock_ms(sandbox_org(b->s, j->org));
    const char *all = spool_map(&j->data);
    csv_start(&r, all ? all : "", all ? j->data.n : 0, &j->dialect);
    enum csv_outcome got = csv_next(&r, &header);
    size_t from = all ? (size_t)(r.p - all) : 0;
    if (got == CSV_END)
        snprintf(why, sizeof why, "InvalidBatch : The data has no header");
    bool ok = got == CSV_READ && header_fits(b, j, &header, why) && cut_rows(&r, all, &cut);
    if (ok)
        take_batches(b, j, &cut, now_ms);
    else if (why[0] || r.why[0])
        refuse(b, j, &cut, from, why[0] ? why : r.why, now_ms);
    spool_unmap(all, j->data.n);
    csv_record_free(&header);
}
