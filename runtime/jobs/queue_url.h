/* queue_url.h - what a DATABASE_URL may be. */
#ifndef ACTIONHOST_JOBS_QUEUE_URL_H
#define ACTIONHOST_JOBS_QUEUE_URL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Whether it is a URL of PostgreSQL by which nothing goes in the clear to another machine: it can be read, names no
 * service file, and leaves TLS on unless every host is this machine. False: `why` goes on behind the name of the
 * setting and says how to mend it, without any part of the URL.
 */
bool queue_url_check(const char *url, char *why, size_t size);

/* Another machine, and no word about TLS: the connection then asks for sslmode=require. */
bool queue_url_wants_tls(const char *url);

#endif
