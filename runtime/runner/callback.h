/*
 * callback.h - whom a job calls back: a URL of the org that started it, sealed while it waits in a row.
 */
#ifndef ACTIONHOST_RUNNER_CALLBACK_H
#define ACTIONHOST_RUNNER_CALLBACK_H

#include "runtime/base/err.h"
#include "runtime/jobs/queue.h"
#include "runtime/net/hosts.h"
#include "runtime/runner/seal.h"

enum { CALLBACK_URL_MAX = 2000 };

/*
 * Whether the job's token may be sent to `url`: an org's own address only, that of the call (`org_url`), among `hosts`
 * (ORG_HOSTS), by https and without a port; by http and with one only where `hosts` allows loopback. False with the
 * refusal in *e, which does not repeat the URL: it is as good as a password.
 */
MUST_CHECK bool callback_check(const struct hosts *hosts, struct span url, struct span org_url, struct err *e);

/* Appends the URL, sealed for the start `id`. False: there is no key, or no memory. */
MUST_CHECK bool callback_seal(const struct seal_keys *k, const char *id, struct span url, struct buf *out);

enum callback_line {
    CALLBACK_LINE,  /* *out is what the worker is told */
    CALLBACK_GONE,  /* the callback is not wanted any more */
    CALLBACK_SEALED /* its URL cannot be opened */
};
/* The line of the claim for its worker: that of a callback gets its URL. *out begins empty and holds a secret then. */
MUST_CHECK enum callback_line callback_line(const struct seal_keys *k, const struct claim *c, struct buf *out);

#endif
