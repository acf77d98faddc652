/*
 * claims.h - what a verified token must say: for whom, by whom, when, and for which org. Time is given by the caller,
 * in seconds since 1970 UTC.
 */
#ifndef ACTIONHOST_AUTH_CLAIMS_H
#define ACTIONHOST_AUTH_CLAIMS_H

#include "runtime/auth/contexts.h"
#include "runtime/auth/jws.h"
#include "runtime/base/record_id.h"
#include "runtime/net/hosts.h"

enum { CLAIMS_SKEW_S = 60 };

/* Spans borrow the settings' text. */
struct claims_rules {
    struct span_list issuers, audiences;
    const struct hosts *org_hosts; /* whose URLs are those of orgs; borrowed, NULL = none are known */
};

struct claims {
    int64_t exp, nbf, iat; /* nbf and iat are 0 when absent */
};

/*
 * Checks the payload of `token`: a JSON object without duplicates; exp (required), nbf and iat integers within
 * CLAIMS_SKEW_S of now_s; iss and aud among the rules'; the org: every place that names one (claims org_id, orgId,
 * organization_id; the header's tnk; iss or aud that are the URL of an org) names the caller's, and at least one does;
 * and the user, where sub names one as uid:<id>.
 * False: 403 invalid_token, token_expired, wrong_org or wrong_user.
 */
bool claims_check(const struct jws *token, const struct claims_rules *rules, const struct caller *caller, int64_t now_s,
                  struct claims *out, struct err *e) MUST_CHECK;

/*
 * Is this token, which is not verified here, another user's? Only when it can be read and its sub is uid: and a user's
 * id that is not user_id's; the id is then in `other`. A token that says nothing of a user is nobody else's.
 */
bool claims_of_another(struct span token, const char *user_id, char other[RECORD_ID_SIZE]) MUST_CHECK;

/* Only the first part of it, the form of the payload and the times: for published vectors, whose claims are not ours.
 */
bool claims_times(const struct jws *token, int64_t now_s, struct claims *out, struct err *e) MUST_CHECK;

#endif
