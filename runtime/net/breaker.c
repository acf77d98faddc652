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

struct row {
    struct breaker breaker;
    uint64_t used; /* counter at the last use; 0 = free */
    char name[LIMIT_CACHE_KEY];
};

struct breakers {
    size_t max, n;
    uint64_t clock;
    struct row rows[];
};

struct breakers *breakers_new(size_t max)
{
    if (max < 1)
        return NULL;
    struct breakers *t = calloc(1, sizeof *t + max * sizeof t->rows[0]);
    if (t)
        t->max = max;
    return t;
}

void breakers_free(struct breakers *t)
{
    free(t);
}

struct breaker *breakers_get(struct breakers *t, const char *name)
{
    struct row *oldest = &t->rows[0];
    t->clock++;
    for (size_t i = 0; i < t->n; i++) {
        struct row *row = &t->rows[i];
        if (strncmp(row->name, name, sizeof row->name - 1) == 0) {
            row->used = t->clock;
            return &row->breaker;
        }
        if (row->used < oldest->used)
            oldest = row;
    }
    struct row *row = t->n < t->max ? &t->rows[t->n++] : oldest;
    row->used = t->clock;
    copy_text(row->name, sizeof row->name, name);
    breaker_init(&row->breaker, BREAKER_FAILURES, BREAKER_INTERVAL_MS);
    return &row->breaker;
}
