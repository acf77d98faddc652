/* sessions.c - see sessions.h. A token carries the number of its slot, so that finding it is one comparison. */
#include "sandbox/login/sessions.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sandbox/base/encoding.h"
#include "sandbox/base/system.h"
#include "sandbox/base/text.h"
#include "sandbox/state/state.h"

struct slot {
    struct session session;
    char token[SESSION_TOKEN_MAX];
    long long opened_ms;
};

struct sessions {
    pthread_mutex_t lock;
    struct slot slots[SESSIONS_MAX];
    int next, used; /* slots are taken in a ring */
    unsigned long families;
};

struct sessions *sessions_new(void)
{
    struct sessions *s = calloc(1, sizeof *s);
    if (s)
        pthread_mutex_init(&s->lock, NULL);
    return s;
}

void sessions_free(struct sessions *s)
{
    if (!s)
        return;
    pthread_mutex_destroy(&s->lock);
    free(s);
}

/* <15-char org id>!AQ<slot in hex><random>, as the org's own opaque tokens look. */
static void token_make(char out[SESSION_TOKEN_MAX], int org, int slot)
{
    char secret[81];
    random_name(secret, 80);
    snprintf(out, SESSION_TOKEN_MAX, "%.15s!AQ%04x%s", sandbox_org_id(org), (unsigned)slot, secret);
}

static bool open_locked(struct sessions *s, const struct session *session, int life_s, char token[SESSION_TOKEN_MAX])
{
    struct slot *slot = &s->slots[s->next];
    slot->session = *session;
    slot->opened_ms = now_ms();
    slot->session.expires_ms = slot->opened_ms + (long long)life_s * 1000;
    token_make(slot->token, session->org, s->next);
    copy_text(token, SESSION_TOKEN_MAX, slot->token);
    s->next = (s->next + 1) % SESSIONS_MAX;
    if (s->used < SESSIONS_MAX)
        s->used++;
    return true;
}

bool sessions_open(struct sessions *s, const struct session *session, int life_s, char token[SESSION_TOKEN_MAX])
{
    pthread_mutex_lock(&s->lock);
    bool ok = open_locked(s, session, life_s, token);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool sessions_for(struct sessions *s, int org, const struct org_user *user, char token[SESSION_TOKEN_MAX])
{
    long long now = now_ms();
    bool ok = false;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->used && !ok; i++) {
        const struct session *have = &s->slots[i].session;
        if (have->kind == SESSION_ACCESS && !have->client_id[0] && have->org == org &&
            strcmp(have->user.id, user->id) == 0 && have->expires_ms - now > SESSION_LIFE_S * 1000LL / 2) {
            copy_text(token, SESSION_TOKEN_MAX, s->slots[i].token);
            ok = true;
        }
    }
    struct session fresh = { .kind = SESSION_ACCESS, .org = org, .user = *user };
    if (!ok)
        ok = open_locked(s, &fresh, SESSION_LIFE_S, token);
    pthread_mutex_unlock(&s->lock);
    return ok;
}

static struct slot *find_locked(struct sessions *s, const char *token)
{
    char digits[5] = "", *end = digits;
    unsigned long number = SESSIONS_MAX;
    if (strlen(token) > 22 && strlen(token) < SESSION_TOKEN_MAX) {
        memcpy(digits, token + 18, 4);
        number = strtoul(digits, &end, 16);
    }
    if (*end || number >= SESSIONS_MAX || s->slots[number].session.kind == SESSION_NONE ||
        !same_secret(s->slots[number].token, token))
        return NULL;
    return &s->slots[number];
}

bool sessions_find(struct sessions *s, const char *token, enum session_kind kind, struct session *out)
{
    pthread_mutex_lock(&s->lock);
    const struct slot *slot = find_locked(s, token);
    bool ok = slot && slot->session.kind == kind && slot->session.expires_ms > now_ms();
    if (ok)
        *out = slot->session;
    pthread_mutex_unlock(&s->lock);
    return ok;
}

bool sessions_close(struct sessions *s, const char *token)
{
    pthread_mutex_lock(&s->lock);
    struct slot *slot = find_locked(s, token);
    if (slot) {
        unsigned long family = slot->session.kind == SESSION_REFRESH ? slot->session.family : 0;
        memset(slot, 0, sizeof *slot);
        for (int i = 0; i < s->used && family; i++)
            if (s->slots[i].session.family == family)
                memset(&s->slots[i], 0, sizeof s->slots[i]);
    }
    pthread_mutex_unlock(&s->lock);
    return slot != NULL;
}

unsigned long sessions_family(struct sessions *s)
{
    pthread_mutex_lock(&s->lock);
    unsigned long number = ++s->families;
    pthread_mutex_unlock(&s->lock);
    return number;
}

int sessions_expire(struct sessions *s, const char *user)
{
    int n = 0;
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->used; i++) {
        struct slot *slot = &s->slots[i];
        if (slot->session.kind == SESSION_ACCESS &&
            (!user || strcmp(user, slot->session.user.id) == 0 || strcmp(user, slot->session.user.username) == 0)) {
            memset(slot, 0, sizeof *slot);
            n++;
        }
    }
    pthread_mutex_unlock(&s->lock);
    return n;
}
