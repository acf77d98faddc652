/* queue_url.c - what a DATABASE_URL may be. */
#include "runtime/jobs/queue_url.h"

#include <stdio.h>
#include <string.h>

bool queue_url_check(const char *url, char *why, size_t size)
{
    if (strncmp(url, "postgres://", 11) == 0 || strncmp(url, "postgresql://", 13) == 0)
        return true;
    snprintf(why, size, "must be a URL that begins with postgres:// or postgresql://");
    return false;
}
