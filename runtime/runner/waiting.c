/* waiting.c - a table of those who wait for jobs. */
#include "runtime/runner/waiting.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/system.h"

struct waiting {
    waiting_peek_fn *peek;
    waiting_answer_fn *answer;
    void *ctx;
    struct waiter v[WAITING_MAX];
    bool ended[WAITING_MAX]; /* its job has */
    int n;
    int next; /* whose job is looked up next */
    bool heard;
    int64_t looked_ms;
};

struct waiting *waiting_new(waiting_peek_fn *peek, waiting_answer_fn *answer, void *ctx)
{
    struct waiting *w = calloc(1, sizeof *w);
    if (!w)
        abort();
    w->peek = peek;
    w->answer = answer;
    w->ctx = ctx;
    return w;
}

void waiting_free(struct waiting *w)
{
    free(w);
}

bool waiting_add(struct waiting *w, const struct waiter *new_one)
{
    int of_user = 0;
    for (int i = 0; i < w->n; i++)
        of_user += strcmp(w->v[i].user_id, new_one->user_id) == 0 && strcmp(w->v[i].org_id, new_one->org_id) == 0;
    if (w->n >= WAITING_MAX || of_user >= WAITING_OF_USER)
        return false;
    w->v[w->n] = *new_one;
    w->ended[w->n] = false;
    w->n++;
    return true;
}

void waiting_heard(struct waiting *w)
{
    w->heard = true;
}

void waiting_job_ended(struct waiting *w, const char *job)
{
    for (int i = 0; i < w->n; i++)
        w->ended[i] = w->ended[i] || strcmp(w->v[i].job, job) == 0;
}

/* Takes him off the table first: the answer may come back here. */
static void settle(struct waiting *w, int i)
{
    const struct waiter one = w->v[i];
    w->n--;
    w->v[i] = w->v[w->n];
    w->ended[i] = w->ended[w->n];
    w->answer(w->ctx, &one);
}

/* Those of one job are told together. */
static void look(struct waiting *w, int64_t now_ms)
{
    w->looked_ms = now_ms;
    w->heard = w->n > WAITING_LOOKS; /* the others have their turn at the next look */
    for (int looks = 0; looks < WAITING_LOOKS && looks < w->n; looks++) {
        bool ended = false;
        w->next = w->next < w->n ? w->next : 0;
        const struct waiter *one = &w->v[w->next++];
        if (w->ended[one - w->v])
            continue;
        enum queue_result r = w->peek(w->ctx, one, &ended);
        if (r == QUEUE_AWAY)
            return;
        if (r == QUEUE_NOT_FOUND || (r == QUEUE_OK && ended))
            waiting_job_ended(w, one->job);
    }
}

static int64_t next_look_ms(const struct waiting *w)
{
    return w->looked_ms + (w->heard ? WAITING_LOOK_MS : WAITING_IDLE_MS);
}

void waiting_work(struct waiting *w, int64_t now_ms)
{
    if (w->n == 0)
        return;
    if (now_ms >= next_look_ms(w))
        look(w, now_ms);
    for (int i = w->n - 1; i >= 0; i--)
        if (i < w->n && (w->ended[i] || w->v[i].until_ms <= now_ms))
            settle(w, i);
}

int waiting_timeout_ms(const struct waiting *w, int64_t now_ms)
{
    int64_t next = next_look_ms(w);
    if (w->n == 0)
        return -1;
    for (int i = 0; i < w->n; i++)
        next = w->ended[i] ? 0 : w->v[i].until_ms < next ? w->v[i].until_ms : next;
    return ms_until(next, now_ms);
}

void waiting_answer_all(struct waiting *w)
{
    while (w->n > 0)
        settle(w, w->n - 1);
}

void waiting_forget_all(struct waiting *w)
{
    w->n = 0;
}

int waiting_count(const struct waiting *w)
{
    return w->n;
}
