/* cache.c - bounded values by key: hash chains for finding, one list in the order of use for making room. */
#include "runtime/pool/cache.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"

enum { HEADS = 4096 };

struct item {
    struct item *chain;
    struct item *newer, *older; /* order of use */
    int64_t put_ms, until_ms;
    size_t key_n, value_n;
    char bytes[]; /* key, then value */
};

struct cache {
    size_t max, bytes, count;
    uint64_t seed;
    struct item *newest, *oldest;
    struct item *heads[HEADS];
};

struct cache *cache_new(size_t max_bytes)
{
    struct cache *c = calloc(1, sizeof *c);
    if (!c)
        return NULL;
    c->max = max_bytes;
    random_bytes(&c->seed, sizeof c->seed);
    return c;
}

static size_t cost(size_t key_n, size_t value_n)
{
    return sizeof(struct item) + key_n + value_n;
}

/* FNV-1a over a secret start; actions choose keys, and one of them may be hostile to another. */
static struct item **head_of(struct cache *c, struct span key)
{
    uint64_t h = c->seed;
    for (size_t i = 0; i < key.n; i++)
        h = (h ^ (unsigned char)key.p[i]) * 0x100000001b3u;
    return &c->heads[(h ^ h >> 32) % HEADS];
}

static struct item **find(struct cache *c, struct span key)
{
    struct item **at = head_of(c, key);
    while (*at && ((*at)->key_n != key.n || memcmp((*at)->bytes, key.p, key.n) != 0))
        at = &(*at)->chain;
    return at;
}

static void unlink_use(struct cache *c, struct item *i)
{
    if (i->newer)
        i->newer->older = i->older;
    else
        c->newest = i->older;
    if (i->older)
        i->older->newer = i->newer;
    else
        c->oldest = i->newer;
}

static void link_newest(struct cache *c, struct item *i)
{
    i->newer = NULL;
    i->older = c->newest;
    if (c->newest)
        c->newest->newer = i;
    else
        c->oldest = i;
    c->newest = i;
}

static void drop(struct cache *c, struct item **at)
{
    struct item *i = *at;
    *at = i->chain;
    unlink_use(c, i);
    c->bytes -= cost(i->key_n, i->value_n);
    c->count--;
    bytes_wipe(i->bytes, i->key_n + i->value_n);
    free(i);
}

void cache_drop(struct cache *c, struct span key)
{
    struct item **at = find(c, key);
    if (*at)
        drop(c, at);
}

void cache_free(struct cache *c)
{
    if (!c)
        return;
    while (c->oldest)
        cache_drop(c, (struct span){ c->oldest->bytes, c->oldest->key_n });
    free(c);
}

bool cache_get(struct cache *c, struct span key, int64_t now_ms, struct span *value, int64_t *age_ms)
{
    struct item **at = find(c, key), *i = *at;
    if (!i)
        return false;
    if (now_ms >= i->until_ms) {
        drop(c, at);
        return false;
    }
    unlink_use(c, i);
    link_newest(c, i);
    *value = (struct span){ i->bytes + i->key_n, i->value_n };
    if (age_ms)
        *age_ms = now_ms - i->put_ms;
    return true;
}

bool cache_put(struct cache *c, struct span key, struct span value, int ttl_s, int64_t now_ms)
{
    size_t need = cost(key.n, value.n);
    bool fits = key.n && key.n <= LIMIT_CACHE_KEY && value.n <= LIMIT_CACHE_ENTRY && ttl_s > 0 && need <= c->max;
    struct item *i = fits ? malloc(need) : NULL;
    if (i) {
        if (ttl_s > LIMIT_CACHE_TTL_S)
            ttl_s = LIMIT_CACHE_TTL_S;
        *i = (struct item){
            .put_ms = now_ms, .until_ms = now_ms + (int64_t)ttl_s * 1000, .key_n = key.n, .value_n = value.n
        };
        memcpy(i->bytes, key.p, key.n);
        if (value.n)
            memcpy(i->bytes + key.n, value.p, value.n); /* before the old entry goes: it may be where these bytes are */
    }
    cache_drop(c, i ? (struct span){ i->bytes, i->key_n } : key);
    if (!i)
        return false;
    while (c->bytes + need > c->max)
        cache_drop(c, (struct span){ c->oldest->bytes, c->oldest->key_n });
    struct item **head = head_of(c, (struct span){ i->bytes, i->key_n });
    i->chain = *head;
    *head = i;
    link_newest(c, i);
    c->bytes += need;
    c->count++;
    return true;
}

size_t cache_bytes(const struct cache *c)
{
    return c->bytes;
}

size_t cache_count(const struct cache *c)
{
    return c->count;
}
