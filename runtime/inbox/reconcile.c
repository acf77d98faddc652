/* reconcile.c - what a gap that names no records is asked for instead. */
#include <stdio.h>
#include <time.h>

#include "runtime/inbox/event_jobs.h"

enum { BEFORE_S = 60 };

bool reconcile_condition(int64_t commit_ms, const char *reconcile, char *out, size_t size)
{
    const time_t from = (time_t)(commit_ms / 1000 - BEFORE_S);
    struct tm t;
    char when[32];
    if (!gmtime_r(&from, &t) || strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &t) == 0)
        return false;
    int n = snprintf(out, size, "LastModifiedDate >= %s AND (%s)", when, reconcile);
    return n > 0 && (size_t)n < size;
}
