/* breaker.c - circuit breakers, alone and by name. */
#include "runtime/net/breaker.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/limits.h"

void breaker_init(struct breaker *b, int threshold, int interval_ms)
{
    *b = (struct breaker){ .threshold = threshold, .interval_ms = interval_ms };
}

bool breaker_allow(struct breaker *b, int64_t now_ms)
{
    if (!b->open)
        return true;
    if (now_ms < b->next_probe_ms)
        return false;
    b->next_probe_ms = now_ms + b->interval_ms; /* a probe that never reports does not block the next */
    return true;
}

void breaker_report(struct breaker *b, bool ok, int64_t now_ms)
{
    if (ok) {
        b->failures = 0;
        b->open = false;
        return;
    }
    if (b->open)
        return; /* calls that began before it opened, or a probe: its time is set */
    if (++b->failures >= b->threshold) {
        b->open = true;
        b->next_probe_ms = now_ms + b->interval_ms;
    }
}

/*
 * Workers may name a new breaker with every message, and each is looked for among all: so what a search reads lies
 * together, a few bytes a row.
 */
struct breakers {
    size_t max, n;
    uint64_t clock;
    uint32_t *hashes; /* of the names */
    uint64_t *used;   /* counter at the last use */
    struct row {
        struct breaker breaker;
        char name[LIMIT_CACHE_KEY];
    } * rows;
};

struct breakers *breakers_new(size_t max)
{
    struct breakers *t = max ? calloc(1, sizeof *t) : NULL;
    if (!t)
        return NULL;
    t->max = max;
    t->hashes = calloc(max, sizeof *t->hashes);
    t->used = calloc(max, sizeof *t->used);
    t->rows = calloc(max, sizeof *t->rows);
    if (t->hashes && t->used && t->rows)
        return t;
    breakers_free(t);
    return NULL;
}

void breakers_free(struct breakers *t)
{
    if (!t)
        return;
    free(t->hashes);
    free(t->used);
    free(t->rows);
    free(t);
}

/* FNV-1a. Names that collide cost a comparison of text and nothing else. */
static uint32_t hash_of(const char *name)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < LIMIT_CACHE_KEY - 1 && name[i]; i++)
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    return h;
}

static size_t oldest(const struct breakers *t)
{
    size_t at = 0;
    for (size_t i = 1; i < t->n; i++)
        if (t->used[i] < t->used[at])
            at = i;
    return at;
}

struct breaker *breakers_get(struct breakers *t, const char *name)
{
    uint32_t hash = hash_of(name);
    t->clock++;
    for (size_t i = 0; i < t->n; i++) {
        if (t->hashes[i] == hash && strncmp(t->rows[i].name, name, LIMIT_CACHE_KEY - 1) == 0) {
            t->used[i] = t->clock;
            return &t->rows[i].breaker;
        }
    }
    size_t at = t->n < t->max ? t->n++ : oldest(t);
    struct row *row = &t->rows[at];
    t->hashes[at] = hash;
    t->used[at] = t->clock;
    copy_text(row->name, sizeof row->name, name);
    breaker_init(&row->breaker, BREAKER_FAILURES, BREAKER_INTERVAL_MS);
    return &row->breaker;
}
