/*
 * cache.h - values by key with a time to live, bounded in bytes; the least recently used entry makes room. Lives in the
 * front. Time is given by the caller, in ms of one monotonic clock.
 */
#ifndef ACTIONHOST_POOL_CACHE_H
#define ACTIONHOST_POOL_CACHE_H

#include "runtime/base/bytes.h"
#include "runtime/base/limits.h"

struct cache;

/* `max_bytes` counts keys, values and what an entry costs besides. */
struct cache *cache_new(size_t max_bytes);
void cache_free(struct cache *c);

/* True: *value is borrowed until the next call that changes the cache; *age_ms may be NULL. */
bool cache_get(struct cache *c, struct span key, int64_t now_ms, struct span *value, int64_t *age_ms);

/*
 * Stores a copy for ttl_s seconds (at most LIMIT_CACHE_TTL_S). False and the old value dropped when the key or value is
 * over its limit, ttl_s < 1, or without memory.
 */
bool cache_put(struct cache *c, struct span key, struct span value, int ttl_s, int64_t now_ms);

void cache_drop(struct cache *c, struct span key);

/* What the entries take together, and how many they are: for the tests of the ceilings. */
size_t cache_bytes(const struct cache *c);
size_t cache_count(const struct cache *c);

#endif
