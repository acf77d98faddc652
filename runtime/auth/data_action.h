/*
 * data_action.h - requests of Data Cloud's Data Action Targets: x-signature over the raw body, org and target in the
 * query.
 */
#ifndef ACTIONHOST_AUTH_DATA_ACTION_H
#define ACTIONHOST_AUTH_DATA_ACTION_H

#include "runtime/base/bytes.h"
#include "runtime/base/err.h"
#include "runtime/base/limits.h"

struct data_action_target {
    char org_id[19];      /* 18 characters */
    char org_id_sent[19]; /* as it stood in the query: what the add-on is told */
    char api_name[81];    /* a letter, then letters, digits and underscores */
};

/*
 * Reads orgId and apiName from the query, each once, and checks the form of x-signature (base64 of 32 bytes). Before
 * anything is called or read. False: 400 in *e.
 */
bool data_action_target(struct span query, struct span signature, struct data_action_target *out,
                        struct err *e) MUST_CHECK;

/*
 * Whether the body can be JSON at all, before anybody is asked about it: UTF-8 without control characters but tab, CR
 * and LF, so that each byte takes two at most as part of a JSON string. False: 400.
 */
bool data_action_body(struct span body, struct err *e) MUST_CHECK;

/* Secrets by target. */
struct data_action_secrets;

/*
 * Parses {"<orgId>/<apiName>": ["secret", "previous"]}: one or two secrets of at least 16 bytes each. NULL: one line
 * per fault in `faults`, never with a secret in it.
 */
struct data_action_secrets *data_action_secrets_new(struct span json, struct buf *faults);
void data_action_secrets_free(struct data_action_secrets *s); /* wiped */

/*
 * HMAC-SHA256 of the raw body under the target's secrets, compared in constant time. Costs the same for a target that
 * is not known. False: 403.
 */
bool data_action_verify(const struct data_action_secrets *s, const struct data_action_target *target,
                        struct span signature, struct span body, struct err *e) MUST_CHECK;

#endif
