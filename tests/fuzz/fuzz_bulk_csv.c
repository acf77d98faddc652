/*
 * fuzz_bulk_csv.c - any bytes as a result of Bulk API 2.0: what is read is whole records of UTF-8, the same however the
 * bytes come in pieces, and written again it reads the same. The first byte says how long the pieces are.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/base/encoding.h"
#include "runtime/client/bulk_parts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
    struct buf again; /* the records as we write them */
    size_t columns, n;
    bool plain; /* all of them could be written */
};

static void must(bool ok)
{
    if (!ok)
        abort();
}

static bool note(void *ctx, const char *const *fields, size_t n)
{
    struct seen *s = ctx;
    const char *why;
    must(n >= 1 && n <= CSV_COLUMNS && (s->n == 0 || n == s->columns));
    for (size_t i = 0; i < n; i++)
        must(utf8_valid(span_of(fields[i])));
    s->columns = n;
    s->n++;
    s->plain = csv_write(&s->again, fields, n, NULL, &why) && s->plain;
    return true;
}

static bool read_all(const char *p, size_t n, size_t piece, struct seen *s)
{
    struct csv_reader r;
    bool ok = true;
    *s = (struct seen){ .plain = true };
    buf_init(&s->again, 1 << 24);
    csv_reader_init(&r, note, s);
    for (size_t at = 0; at < n && ok; at += piece)
        ok = csv_read(&r, p + at, n - at < piece ? n - at : piece);
    ok = ok && csv_read_end(&r);
    must(ok ? !r.why : r.why != NULL);
    must(r.records == (int64_t)s->n);
    csv_reader_fini(&r);
    return ok;
}

static void must_be_same(const struct seen *a, const struct seen *b)
{
    must(a->n == b->n && a->again.n == b->again.n);
    must(a->again.n == 0 || memcmp(a->again.p, b->again.p, a->again.n) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen whole, pieces, again;
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    bool ok = read_all(text, size - 1, size, &whole);
    must(ok == read_all(text, size - 1, 1 + data[0] % 16u, &pieces));
    must_be_same(&whole, &pieces);
    if (ok && whole.plain) {
        must(read_all(whole.again.p ? whole.again.p : "", whole.again.n, 4096, &again));
        must_be_same(&whole, &again);
        buf_free(&again.again);
    }
    buf_free(&pieces.again);
    buf_free(&whole.again);
    return 0;
}
