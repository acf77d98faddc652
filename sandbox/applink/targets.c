/* targets.c - see targets.h. */
#include "sandbox/applink/targets.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/base/text.h"
#include "sandbox/state/state.h"

struct target {
    char org_id[19], name[TARGET_NAME_MAX + 1];
    char secret[TARGET_SECRET_MAX], previous[TARGET_SECRET_MAX]; /* previous "" = none */
    int64_t replaced_ms;
};

struct targets {
    pthread_mutex_t lock;
    struct target list[TARGETS_MAX];
    int n;
};

struct targets *targets_new(void)
{
    struct targets *t = calloc(1, sizeof *t);
    if (!t)
        return NULL;
    pthread_mutex_init(&t->lock, NULL);
    targets_set(t, sandbox_org_id(0), TARGET_SAMPLE, NULL);
    return t;
}

void targets_free(struct targets *t)
{
    if (!t)
        return;
    pthread_mutex_destroy(&t->lock);
    free(t);
}

static bool org_id_fits(const char *org_id)
{
    size_t n = strlen(org_id);
    for (const char *p = org_id; *p; p++)
        if (!isalnum((unsigned char)*p))
            return false;
    return n == 15 || n == 18;
}

static struct target *find_locked(struct targets *t, const char *org_id, const char *name)
{
    if (!org_id_fits(org_id))
        return NULL;
    for (int i = 0; i < t->n; i++)
        if (strncmp(t->list[i].org_id, org_id, 15) == 0 && strcmp(t->list[i].name, name) == 0)
            return &t->list[i];
    return NULL;
}

static bool name_fits(const char *name)
{
    size_t n = strlen(name);
    for (const char *p = name; *p; p++)
        if (!isalnum((unsigned char)*p) && *p != '_')
            return false;
    return n >= 1 && n <= TARGET_NAME_MAX;
}

bool targets_set(struct targets *t, const char *org_id, const char *name, const char *secret)
{
    if (!name_fits(name) || !org_id_fits(org_id) || (secret && (!*secret || strlen(secret) >= TARGET_SECRET_MAX)))
        return false;
    char fresh[45];
    random_name(fresh, sizeof fresh - 1);
    pthread_mutex_lock(&t->lock);
    struct target *target = find_locked(t, org_id, name);
    if (target) {
        copy_text(target->previous, sizeof target->previous, target->secret);
        target->replaced_ms = now_ms();
    } else if (t->n < TARGETS_MAX) {
        target = &t->list[t->n++];
        copy_text(target->org_id, sizeof target->org_id, org_id);
        copy_text(target->name, sizeof target->name, name);
    }
    if (target)
        copy_text(target->secret, sizeof target->secret, secret ? secret : fresh);
    pthread_mutex_unlock(&t->lock);
    return target != NULL;
}

bool targets_secret(struct targets *t, const char *org_id, const char *name, char secret[TARGET_SECRET_MAX])
{
    pthread_mutex_lock(&t->lock);
    const struct target *target = find_locked(t, org_id, name);
    if (target)
        copy_text(secret, TARGET_SECRET_MAX, target->secret);
    pthread_mutex_unlock(&t->lock);
    return target != NULL;
}

static bool previous_good(const struct target *t)
{
    return t->previous[0] && now_ms() - t->replaced_ms < TARGET_ROTATION_S * 1000LL;
}

json_t *targets_list(struct targets *t)
{
    json_t *all = json_object();
    pthread_mutex_lock(&t->lock);
    for (int i = 0; i < t->n; i++) {
        const struct target *target = &t->list[i];
        json_t *secrets = json_pack("[s]", target->secret);
        if (previous_good(target))
            json_array_append_new(secrets, json_string(target->previous));
        char name[TARGET_NAME_MAX + 24];
        snprintf(name, sizeof name, "%s/%s", target->org_id, target->name);
        json_object_set_new(all, name, secrets);
    }
    pthread_mutex_unlock(&t->lock);
    return all;
}

bool targets_verify(struct targets *t, const char *org_id, const char *name, const char *signature, const void *payload,
                    size_t n)
{
    struct target copy = { .name = "" };
    pthread_mutex_lock(&t->lock);
    const struct target *target = find_locked(t, org_id, name);
    if (target)
        copy = *target;
    pthread_mutex_unlock(&t->lock);
    if (!copy.name[0])
        return false;
    bool ok = false;
    for (int i = 0; i < 2; i++) {
        const char *secret = i ? copy.previous : copy.secret;
        char *right = i && !previous_good(&copy) ? NULL : hmac_base64(secret, payload, n);
        if (right && same_secret(right, signature))
            ok = true;
        free(right);
    }
    return ok;
}
