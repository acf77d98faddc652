/*
 * targets.h - Data Cloud's data action targets: a signing secret for each name. A replaced secret stays good for 15
 * minutes, as in Data Cloud.
 */
#ifndef SANDBOX_APPLINK_TARGETS_H
#define SANDBOX_APPLINK_TARGETS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum { TARGETS_MAX = 64, TARGET_NAME_MAX = 80, TARGET_SECRET_MAX = 256, TARGET_ROTATION_S = 15 * 60 };

/* The name of the target that every sandbox has. */
#define TARGET_SAMPLE "Sandbox_Target"

struct targets;
struct targets *targets_new(void); /* holds TARGET_SAMPLE with a random secret */
void targets_free(struct targets *t);
/* Makes the target or replaces its secret; secret NULL = a random one. False: bad name or secret, or no room. */
bool targets_set(struct targets *t, const char *org_id, const char *name, const char *secret);
/* The secret in force; false when there is no such target. Org ids of 15 and 18 characters are the same. */
bool targets_secret(struct targets *t, const char *org_id, const char *name, char secret[TARGET_SECRET_MAX]);
/* {"<orgId>/<apiName>": ["secret", "previous"]}: what DATA_ACTION_SECRETS_FILE of the host takes. */
json_t *targets_list(struct targets *t);
/* Whether the signature fits the payload under the secret in force or the one before. */
bool targets_verify(struct targets *t, const char *org_id, const char *name, const char *signature, const void *payload,
                    size_t n);

#endif
