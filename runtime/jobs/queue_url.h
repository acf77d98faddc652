/* queue_url.h - what a DATABASE_URL may be. */
#ifndef ACTIONHOST_JOBS_QUEUE_URL_H
#define ACTIONHOST_JOBS_QUEUE_URL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether it is a URL of PostgreSQL by which nothing goes in the clear to another machine. False: `why` says how to mend
 * it, without any part of the URL.
 */
bool queue_url_check(const char *url, char *why, size_t size);

#endif
