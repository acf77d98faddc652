/* limits.c - what the resource /limits says of bulk jobs: the org's own answer with what was used of the day. */
#include <string.h>

#include "sandbox/bulk/bulk_parts.h"

enum { RESULT_MB_A_DAY = 976562 }; /* a TB of 1,000,000,000,000 bytes, in MB of 1,024 by 1,024, rounded as orgs do */

static void set_limit(json_t *limits, const char *name, uint64_t most, uint64_t used)
{
    json_object_set_new(
        limits, name,
        json_pack("{s:I, s:I}", "Max", (json_int_t)most, "Remaining", (json_int_t)(used < most ? most - used : 0)));
}

void bulk_limits(struct sandbox *s, const struct session *who, const char *path, struct reply *rp)
{
    const char *last = strrchr(path, '/');
    bool asked = last && strcmp(last, "/limits") == 0 && rp->status == 200 && rp->body;
    json_t *limits = asked ? json_loadb(rp->body, rp->body_n, 0, NULL) : NULL;
    struct bulk *b = s->bulk;
    if (!json_is_object(limits)) {
        json_decref(limits);
        return;
    }
    int64_t now_ms = org_clock_ms(sandbox_org(s, who->org));
    pthread_mutex_lock(&b->lock);
    uint64_t bytes = allowance_used(&b->bytes[who->org], now_ms);
    set_limit(limits, "DailyBulkApiBatches", BATCHES_A_DAY, allowance_used(&b->batches[who->org], now_ms));
    set_limit(limits, "DailyBulkV2QueryJobs", QUERIES_A_DAY, allowance_used(&b->queries[who->org], now_ms));
    set_limit(limits, "DailyBulkV2QueryFileStorageMB", RESULT_MB_A_DAY, (bytes + (1 << 20) - 1) >> 20);
    pthread_mutex_unlock(&b->lock);
    reply_json(rp, 200, limits);
}
