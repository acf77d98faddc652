/* text_diff.c - see text_diff.h. One hunk: from the first line that differs to the last, with three around it. */
#include "sandbox/pubsub/text_diff.h"

#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"

enum { CONTEXT = 3 };

struct line {
    const char *p;
    size_t n;
};

struct lines {
    struct line *list;
    size_t n;
};

/* The parts between line breaks: one more than there are breaks. */
static struct lines split(const char *p, size_t n)
{
    struct lines out = { .n = 1 };
    for (size_t i = 0; i < n; i++)
        out.n += p[i] == '\n';
    out.list = mem_new(out.n * sizeof *out.list);
    for (size_t i = 0; i < out.n; i++) {
        const char *end = memchr(p, '\n', n);
        size_t len = end ? (size_t)(end - p) : n;
        out.list[i] = (struct line){ p, len };
        p += len + (end != NULL);
        n -= len + (end != NULL);
    }
    return out;
}

static bool same(const struct line *a, const struct line *b)
{
    return a->n == b->n && memcmp(a->p, b->p, a->n) == 0;
}

static void put(struct text *out, char mark, const struct lines *of, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        text_char(out, mark);
        text_add(out, of->list[i].p, of->list[i].n);
        text_char(out, '\n');
    }
}

static void write_diff(const struct lines *a, const struct lines *b, size_t before, size_t behind, const char *hash,
                       struct text *out)
{
    size_t from = before > CONTEXT ? before - CONTEXT : 0, tail = behind < CONTEXT ? behind : CONTEXT;
    size_t a_end = a->n - behind, b_end = b->n - behind;
    text_fmt(out, "--- \n+++ %s\n@@ -%zu,%zu +%zu,%zu @@\n", hash, from + 1, a_end + tail - from, from + 1,
             b_end + tail - from);
    put(out, ' ', a, from, before);
    put(out, '-', a, before, a_end);
    put(out, '+', b, before, b_end);
    put(out, ' ', a, a_end, a_end + tail);
}

static size_t apart(size_t a, size_t b)
{
    return a > b ? a - b : b - a;
}

bool text_diff(const char *old, size_t old_n, const char *new, size_t new_n, struct text *out)
{
    if (old_n < DIFF_FROM || new_n < DIFF_FROM || apart(old_n, new_n) * 2 > old_n)
        return false;
    unsigned char digest[SHA256_DIGEST_LENGTH];
    char hash[2 * SHA256_DIGEST_LENGTH + 1];
    struct lines a = split(old, old_n), b = split(new, new_n);
    size_t before = 0, behind = 0, least = a.n < b.n ? a.n : b.n;
    while (before < least && same(&a.list[before], &b.list[before]))
        before++;
    while (behind < least - before && same(&a.list[a.n - 1 - behind], &b.list[b.n - 1 - behind]))
        behind++;
    size_t changed = a.n + b.n - 2 * before - 2 * behind;
    bool ok = changed * 4 <= a.n + b.n;
    if (ok) {
        SHA256((const unsigned char *)new, new_n, digest);
        hex_text(digest, sizeof digest, hash);
        write_diff(&a, &b, before, behind, hash, out);
        ok = out->n <= new_n;
    }
    if (!ok)
        text_free(out);
    free(a.list);
    free(b.list);
    return ok;
}
