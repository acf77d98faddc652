/* sharing.c - see sharing.h. From event to event: somebody joins, or somebody has finished. */
#include "sandbox/http/sharing.h"

#include <math.h>
#include <stddef.h>

static bool at_work(const struct piece *p, double now)
{
    return p->finished < 0 && p->joins <= now;
}

static double rate(const struct sharing *s)
{
    double n = 0;
    for (const struct piece *p = s->pieces; p; p = p->next)
        n += at_work(p, s->now);
    return n > s->capacity ? s->capacity / n : 1;
}

/* The next time at which something changes, up to t. */
static double next_event(const struct sharing *s, double t, double speed)
{
    for (const struct piece *p = s->pieces; p; p = p->next) {
        double at = t;
        if (p->finished < 0 && p->joins > s->now)
            at = p->joins;
        else if (at_work(p, s->now) && p->work >= 0)
            at = s->now + fmax(0, p->work - p->done) / speed;
        t = at < t ? at : t;
    }
    return t;
}

static bool finish_done(struct sharing *s)
{
    bool any = false;
    for (struct piece *p = s->pieces; p; p = p->next) {
        /* what divisions leave over is no work */
        if (!at_work(p, s->now) || p->work < 0 || p->work - p->done > 1e-9 * (1 + p->work))
            continue;
        p->finished = s->now;
        any = true;
    }
    return any;
}

bool sharing_advance(struct sharing *s, double t)
{
    bool any = finish_done(s);
    while (s->now < t) {
        double speed = rate(s), at = next_event(s, t, speed);
        for (struct piece *p = s->pieces; p; p = p->next)
            if (at_work(p, s->now))
                p->done += speed * (at - s->now);
        s->now = at;
        any = finish_done(s) || any;
    }
    return any;
}

void sharing_join(struct sharing *s, struct piece *p, double joins)
{
    *p = (struct piece){ .joins = joins > s->now ? joins : s->now, .work = -1, .finished = -1, .next = s->pieces };
    s->pieces = p;
}

void sharing_tell(struct sharing *s, struct piece *p, double work)
{
    p->work = work;
    finish_done(s);
}

double sharing_expect(const struct sharing *s, const struct piece *p)
{
    if (p->finished >= 0)
        return p->finished;
    if (p->work < 0)
        return -1;
    double from = p->joins > s->now ? p->joins : s->now;
    return from + (p->work - p->done) / rate(s);
}

void sharing_leave(struct sharing *s, struct piece *p)
{
    struct piece **at = &s->pieces;
    while (*at && *at != p)
        at = &(*at)->next;
    if (*at)
        *at = p->next;
}
