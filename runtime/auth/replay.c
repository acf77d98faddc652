/* replay.c - seen request ids: hash chains over a preallocated array, and a wheel of seconds that forgets on time. */
#include "runtime/auth/replay.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"

#define NONE UINT32_MAX

enum { WHEEL = 512 }; /* more seconds than the usual window, so that most entries are visited once */

struct entry {
    unsigned char key[REPLAY_KEY];
    int64_t keep_until_s;
    uint32_t next;     /* of the hash chain, or of the free list */
    uint32_t next_due; /* of the wheel's slot */
};

struct replay {
    struct entry *entries;
    uint32_t *heads; /* hash chains */
    size_t max, mask, count;
    uint32_t free;
    uint32_t wheel[WHEEL]; /* entries by keep_until_s modulo WHEEL */
    int64_t now_s;         /* everything due before this second is gone */
    uint64_t seed[2];      /* callers choose ids, so they must not choose chains */
};

struct replay *replay_new(size_t max)
{
    if (max < 1 || max >= NONE / 4)
        return NULL;
    struct replay *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    size_t heads = 1;
    while (heads < max)
        heads *= 2;
    r->max = max;
    r->mask = heads - 1;
    r->entries = calloc(max, sizeof *r->entries);
    r->heads = malloc(heads * sizeof *r->heads);
    if (!r->entries || !r->heads) {
        replay_free(r);
        return NULL;
    }
    memset(r->heads, 0xff, heads * sizeof *r->heads);
    memset(r->wheel, 0xff, sizeof r->wheel);
    for (size_t i = 0; i < max; i++)
        r->entries[i].next = i + 1 < max ? (uint32_t)(i + 1) : NONE;
    r->now_s = INT64_MIN;
    random_bytes(r->seed, sizeof r->seed);
    return r;
}

void replay_free(struct replay *r)
{
    if (!r)
        return;
    free(r->entries);
    free(r->heads);
    free(r);
}

/* The key is a hash already; the secret multiplication only keeps its author from choosing where it lands. */
static uint32_t *chain(struct replay *r, const unsigned char *key)
{
    uint64_t a, b;
    memcpy(&a, key, sizeof a);
    memcpy(&b, key + 8, sizeof b);
    uint64_t h = (a ^ r->seed[0]) * ((b ^ r->seed[1]) | 1);
    return &r->heads[(h ^ h >> 32) & r->mask];
}

static uint32_t *slot(struct replay *r, int64_t s)
{
    return &r->wheel[(uint64_t)s % WHEEL];
}

static void forget(struct replay *r, uint32_t i)
{
    uint32_t *p = chain(r, r->entries[i].key);
    while (*p != i)
        p = &r->entries[*p].next;
    *p = r->entries[i].next;
    r->entries[i].next = r->free;
    r->free = i;
    r->count--;
}

/* Visits one slot of the wheel: what is due goes, what is due a turn later stays. */
static void sweep(struct replay *r, uint32_t *at, int64_t now_s)
{
    uint32_t i = *at;
    *at = NONE;
    while (i != NONE) {
        struct entry *e = &r->entries[i];
        uint32_t next = e->next_due;
        if (e->keep_until_s < now_s) {
            forget(r, i);
        } else {
            e->next_due = *at;
            *at = i;
        }
        i = next;
    }
}

static void advance(struct replay *r, int64_t now_s)
{
    if (now_s <= r->now_s)
        return;
    if (r->count && (r->now_s == INT64_MIN || now_s - r->now_s >= WHEEL)) {
        for (size_t i = 0; i < WHEEL; i++)
            sweep(r, &r->wheel[i], now_s);
    } else {
        for (int64_t s = r->now_s; r->count && s < now_s; s++)
            sweep(r, slot(r, s), now_s);
    }
    r->now_s = now_s;
}

enum replay_verdict replay_take(struct replay *r, const unsigned char key[REPLAY_KEY], int64_t now_s,
                                int64_t keep_until_s)
{
    advance(r, now_s);
    uint32_t *head = chain(r, key);
    for (uint32_t i = *head; i != NONE; i = r->entries[i].next)
        if (memcmp(r->entries[i].key, key, REPLAY_KEY) == 0)
            return REPLAY_REPEATED;
    if (r->count == r->max)
        return REPLAY_FULL;
    uint32_t i = r->free;
    struct entry *e = &r->entries[i];
    r->free = e->next;
    memcpy(e->key, key, REPLAY_KEY);
    e->keep_until_s = keep_until_s > r->now_s ? keep_until_s : r->now_s;
    e->next = *head;
    *head = i;
    uint32_t *due = slot(r, e->keep_until_s);
    e->next_due = *due;
    *due = i;
    r->count++;
    return REPLAY_FRESH;
}

void replay_drop(struct replay *r, const unsigned char key[REPLAY_KEY])
{
    uint32_t i = *chain(r, key);
    while (i != NONE && memcmp(r->entries[i].key, key, REPLAY_KEY) != 0)
        i = r->entries[i].next;
    if (i == NONE)
        return;
    uint32_t *due = slot(r, r->entries[i].keep_until_s);
    while (*due != i)
        due = &r->entries[*due].next_due;
    *due = r->entries[i].next_due;
    forget(r, i);
}

size_t replay_count(const struct replay *r)
{
    return r->count;
}

bool replay_key(struct span org_id, struct span context_id, unsigned char key[REPLAY_KEY])
{
    char text[16 + 256];
    if (org_id.n < 15 || context_id.n > 256)
        return false;
    memcpy(text, org_id.p, 15);
    text[15] = '/';
    memcpy(text + 16, context_id.p, context_id.n);
    return EVP_Digest(text, 16 + context_id.n, key, NULL, EVP_sha256(), NULL) == 1;
}
