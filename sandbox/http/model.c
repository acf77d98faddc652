/* model.c - see model.h. The threads that wait drive the model: each works out what has happened when it wakes. */
#include "sandbox/http/model.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sandbox/base/system.h"

struct setting {
    double network_ms, page_ms, record_ms, statement_ms, capacity, lock_rate, seed;
};

struct model {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool on;
    uint64_t made; /* counts the settings */
    struct setting set;
    struct sharing sharing;
    uint64_t tickets, calls;
    double work_ms;
};

enum { UNLIMITED = 1000000000 };

static const struct member {
    const char *name;
    double otherwise, min, max;
    size_t at;
} members[] = {
    { "networkMs", 0, 0, 60000, offsetof(struct setting, network_ms) },
    { "pageMs", 0, 0, 60000, offsetof(struct setting, page_ms) },
    { "recordMs", 0, 0, 60000, offsetof(struct setting, record_ms) },
    { "statementMs", 0, 0, 60000, offsetof(struct setting, statement_ms) },
    { "capacity", UNLIMITED, 0.01, UNLIMITED, offsetof(struct setting, capacity) },
    { "lockErrorRate", 0, 0, 1, offsetof(struct setting, lock_rate) },
    { "seed", 1, 0, 9007199254740992, offsetof(struct setting, seed) },
};

struct model *model_new(void)
{
    struct model *m = calloc(1, sizeof *m);
    pthread_condattr_t attr;
    if (!m)
        return NULL;
    pthread_mutex_init(&m->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&m->changed, &attr);
    pthread_condattr_destroy(&attr);
    m->sharing.capacity = UNLIMITED;
    return m;
}

void model_free(struct model *m)
{
    if (!m)
        return;
    pthread_cond_destroy(&m->changed);
    pthread_mutex_destroy(&m->lock);
    free(m);
}

static double clock_ms(void)
{
    return (double)steady_us() / 1000;
}

static bool read_setting(struct setting *out, const json_t *spec, char *why, size_t why_size)
{
    const size_t n = sizeof members / sizeof *members;
    const char *name;
    json_t *value;
    for (size_t i = 0; i < n; i++)
        *(double *)((char *)out + members[i].at) = members[i].otherwise;
    json_object_foreach ((json_t *)spec, name, value) {
        size_t i = 0;
        while (i < n && strcmp(members[i].name, name) != 0)
            i++;
        double v = json_number_value(value);
        if (i == n || !json_is_number(value) || v < members[i].min || v > members[i].max) {
            snprintf(why, why_size, "%.60s is not known or beyond its limits", name);
            return false;
        }
        *(double *)((char *)out + members[i].at) = v;
    }
    return true;
}

bool model_set(struct model *m, const json_t *spec, char *why, size_t why_size)
{
    struct setting set;
    if (!read_setting(&set, spec, why, why_size))
        return false;
    pthread_mutex_lock(&m->lock);
    m->made++;
    m->on = json_object_size(spec) > 0;
    m->set = set;
    m->sharing = (struct sharing){ .capacity = set.capacity, .now = clock_ms() };
    m->calls = 0;
    m->work_ms = 0;
    pthread_cond_broadcast(&m->changed);
    pthread_mutex_unlock(&m->lock);
    return true;
}

json_t *model_state(struct model *m)
{
    json_t *out = json_object();
    pthread_mutex_lock(&m->lock);
    for (size_t i = 0; m->on && i < sizeof members / sizeof *members; i++)
        json_object_set_new(out, members[i].name, json_real(*(double *)((char *)&m->set + members[i].at)));
    if (m->on) {
        json_object_set_new(out, "calls", json_integer((json_int_t)m->calls));
        json_object_set_new(out, "workMs", json_real(m->work_ms));
    }
    pthread_mutex_unlock(&m->lock);
    return out;
}

static void begin(struct model *m, struct model_call *call, bool from_afar)
{
    *call = (struct model_call){ .ticket = 0 };
    pthread_mutex_lock(&m->lock);
    if (m->on) {
        double now = clock_ms();
        if (sharing_advance(&m->sharing, now))
            pthread_cond_broadcast(&m->changed);
        call->ticket = ++m->tickets;
        call->made = m->made;
        call->round_ms = from_afar ? m->set.network_ms : 0;
        call->lock_rate = m->set.lock_rate;
        call->seed = (uint64_t)m->set.seed;
        sharing_join(&m->sharing, &call->piece, now + call->round_ms / 2);
        m->calls += from_afar;
    }
    pthread_mutex_unlock(&m->lock);
}

void model_begin(struct model *m, struct model_call *call)
{
    begin(m, call, true);
}

void model_begin_work(struct model *m, struct model_call *call)
{
    begin(m, call, false);
}

static struct timespec moment(double ms)
{
    long long us = (long long)(ms * 1000);
    return (struct timespec){ us / 1000000, us % 1000000 * 1000 };
}

/* Until the piece has finished, in modelled time. */
static void wait_turn(struct model *m, struct model_call *call)
{
    while (call->made == m->made) {
        if (sharing_advance(&m->sharing, clock_ms()))
            pthread_cond_broadcast(&m->changed);
        if (call->piece.finished >= 0)
            return;
        struct timespec until = moment(sharing_expect(&m->sharing, &call->piece) + 0.05);
        pthread_cond_timedwait(&m->changed, &m->lock, &until);
    }
}

void model_end(struct model *m, struct model_call *call, const struct model_work *work)
{
    if (!call->ticket)
        return;
    pthread_mutex_lock(&m->lock);
    bool stays = call->made == m->made;
    if (stays) {
        double cost =
            work->pages * m->set.page_ms + work->records * m->set.record_ms + work->statements * m->set.statement_ms;
        m->work_ms += cost;
        sharing_tell(&m->sharing, &call->piece, cost);
        wait_turn(m, call);
        stays = call->made == m->made;
    }
    struct timespec back = moment(call->piece.finished + call->round_ms / 2);
    if (stays)
        sharing_leave(&m->sharing, &call->piece);
    /* the way back: whoever changes the model meanwhile lets this go too */
    while (stays && call->made == m->made && clock_ms() < call->piece.finished + call->round_ms / 2)
        pthread_cond_timedwait(&m->changed, &m->lock, &back);
    pthread_mutex_unlock(&m->lock);
}

bool model_in_flight(void *of, uint64_t ticket)
{
    struct model *m = of;
    bool found = false;
    pthread_mutex_lock(&m->lock);
    if (sharing_advance(&m->sharing, clock_ms()))
        pthread_cond_broadcast(&m->changed);
    for (const struct piece *p = m->sharing.pieces; p && !found; p = p->next) {
        const struct model_call *call =
            (const struct model_call *)((const char *)p - offsetof(struct model_call, piece));
        found = call->ticket == ticket && p->finished < 0;
    }
    pthread_mutex_unlock(&m->lock);
    return found;
}
