/* group.c - open transactions in the order in which they began; a few as a rule, some hundreds when a backlog is read.
 */
#include "runtime/inbox/group.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"

struct group {
    uint64_t hash; /* of the key: most comparisons end there */
    char key[INBOX_KEY + 1];
    int64_t first_ms, last_ms;
    int64_t later_ms; /* when another transaction went on; 0 = none has since its own last event */
    int64_t not_before_ms;
    int ids;
};

struct groups {
    struct group *v;
    size_t n, cap;
    size_t last; /* the one that had an event last; n = that is closed */
};

struct groups *groups_new(void)
{
    struct groups *g = calloc(1, sizeof *g);
    if (!g)
        abort();
    return g;
}

void groups_free(struct groups *g)
{
    if (!g)
        return;
    free(g->v);
    free(g);
}

static uint64_t hash_of(struct span key)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a, 64 bit */
    for (size_t i = 0; i < key.n; i++)
        hash = (hash ^ (unsigned char)key.p[i]) * 0x100000001b3u;
    return hash;
}

/* The newest are asked for most. */
static struct group *find(const struct groups *g, struct span key)
{
    uint64_t hash = hash_of(key);
    for (size_t i = g->n; i-- > 0;)
        if (g->v[i].hash == hash && span_eq(key, g->v[i].key))
            return &g->v[i];
    return NULL;
}

static struct group *begin(struct groups *g, struct span key, int64_t now_ms)
{
    if (g->n == g->cap) {
        size_t cap = g->cap ? g->cap * 2 : 16;
        struct group *v = realloc(g->v, cap * sizeof *v);
        if (!v)
            abort();
        g->v = v;
        g->cap = cap;
    }
    struct group *x = &g->v[g->n++];
    *x = (struct group){ .hash = hash_of(key), .first_ms = now_ms };
    copy_span(x->key, sizeof x->key, key);
    return x;
}

void groups_add(struct groups *g, struct span key, int ids, int64_t now_ms)
{
    if (key.n > INBOX_KEY)
        key.n = INBOX_KEY;
    struct group *x = find(g, key);
    if (!x)
        x = begin(g, key, now_ms);
    if (g->last < g->n && &g->v[g->last] != x)
        g->v[g->last].later_ms = now_ms;
    g->last = (size_t)(x - g->v);
    x->later_ms = 0;
    x->last_ms = now_ms;
    x->ids = ids > GROUP_IDS - x->ids ? GROUP_IDS : x->ids + ids;
}

static int64_t sooner(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When it counts as complete. */
static int64_t due_ms(const struct groups *g, const struct group *x)
{
    int64_t at = sooner(x->last_ms + GROUP_QUIET_MS, x->first_ms + GROUP_AGE_MS);
    if (x->later_ms)
        at = sooner(at, x->later_ms + GROUP_LATER_MS);
    if (x->ids >= GROUP_IDS || (g->n > GROUPS_OPEN && x < g->v + (g->n - GROUPS_OPEN)))
        at = 0;
    return at > x->not_before_ms ? at : x->not_before_ms;
}

size_t groups_due(const struct groups *g, int64_t now_ms, char (*keys)[INBOX_KEY + 1], size_t max)
{
    size_t n = 0;
    for (size_t i = 0; i < g->n && n < max; i++)
        if (now_ms >= due_ms(g, &g->v[i]))
            memcpy(keys[n++], g->v[i].key, sizeof keys[0]);
    return n;
}

void groups_closed(struct groups *g, const char *key)
{
    struct group *x = find(g, span_of(key));
    if (!x)
        return;
    size_t at = (size_t)(x - g->v);
    memmove(x, x + 1, (g->n - at - 1) * sizeof *x);
    g->n--;
    g->last = g->last == at ? g->n : g->last - (g->last > at);
}

void groups_put_off(struct groups *g, const char *key, int64_t until_ms)
{
    struct group *x = find(g, span_of(key));
    if (x)
        x->not_before_ms = until_ms;
}

size_t groups_open(const struct groups *g)
{
    return g->n;
}

int groups_timeout_ms(const struct groups *g, int64_t now_ms)
{
    int64_t next = INT64_MAX;
    for (size_t i = 0; i < g->n; i++)
        next = sooner(next, due_ms(g, &g->v[i]));
    return g->n ? ms_until(next, now_ms) : -1;
}
