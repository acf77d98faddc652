/*
 * calls.h - the calls that the sandbox received, newest CALLS_MAX of them, for tests and for people who look what an
 * action did. Tokens, secrets and signatures are masked before they are kept.
 */
#ifndef SANDBOX_HTTP_CALLS_H
#define SANDBOX_HTTP_CALLS_H

#include <jansson.h>
#include <stdint.h>

#include "sandbox/http/http.h"

enum { CALLS_MAX = 2000, CALL_BODY_MAX = 4096, CALL_JSON_MAX = 32768, CALL_TARGET_MAX = 8192 };

struct calls;
/* NULL without memory. */
struct calls *calls_new(void);
void calls_free(struct calls *c);
/* Forgets all calls and begins to count anew. */
void calls_clear(struct calls *c);

/* Notes a call that began at began_ms and took took_us. `struck` = a programmed fault had a hand in the answer. */
void calls_note(struct calls *c, const struct request *rq, const struct reply *rp, int64_t began_ms, int64_t took_us,
                bool struck);

/*
 * {"total", "matching", "kept", "calls": [...]}, oldest first: total counts all since the last clearing, matching those
 * of them that are still kept and fit the prefix and method (NULL = any).
 */
json_t *calls_list(struct calls *c, const char *path_prefix, const char *method, int limit);

#endif
