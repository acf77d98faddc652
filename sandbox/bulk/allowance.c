/* allowance.c - what an org has used in the last 24 hours, by the hour: a window that rolls on from hour to hour. */
#include "sandbox/bulk/bulk_parts.h"

enum { HOURS = sizeof((struct allowance *)0)->hours / sizeof(int64_t), DAY_HOURS = 24 };

static int64_t hour_of(int64_t now_ms)
{
    return now_ms / 3600000 + 1; /* 0 = never */
}

uint64_t allowance_used(const struct allowance *a, int64_t now_ms)
{
    uint64_t sum = 0;
    int64_t hour = hour_of(now_ms);
    for (size_t i = 0; i < HOURS; i++)
        if (a->hours[i] && a->hours[i] <= hour && hour - a->hours[i] < DAY_HOURS)
            sum += a->used[i];
    return sum;
}

void allowance_use(struct allowance *a, int64_t now_ms, uint64_t n)
{
    int64_t hour = hour_of(now_ms);
    size_t i = (size_t)(hour % (int64_t)HOURS);
    if (a->hours[i] != hour) {
        a->hours[i] = hour;
        a->used[i] = 0;
    }
    a->used[i] += n;
}

void allowance_set(struct allowance *a, int64_t now_ms, uint64_t n)
{
    *a = (struct allowance){ { 0 }, { 0 } };
    allowance_use(a, now_ms, n);
}
