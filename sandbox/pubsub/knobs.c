/* knobs.c - see knobs.h. */
#include "sandbox/pubsub/knobs.h"

#include <stdio.h>
#include <string.h>

#include "sandbox/pubsub/bus_parts.h"

typedef bool turn(struct bus *b, struct org *o, const json_t *value, char *why, size_t why_size);

static bool turn_objects(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    if (!channels_select(b, o, v, why, why_size))
        return false;
    snprintf(why, why_size, "all channels together have more than %d objects", CHANGES_OBJECTS_MAX);
    return channels_watch(b, o);
}

static bool turn_channels(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    if (!channels_take(b, o, v, why, why_size))
        return false;
    snprintf(why, why_size, "all channels together have more than %d objects", CHANGES_OBJECTS_MAX);
    return channels_watch(b, o);
}

static bool turn_age(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    (void)o;
    double hours = json_number_value(v);
    snprintf(why, why_size, "ageHours is a number from 0 to 1,000");
    if (!json_is_number(v) || !(hours >= 0 && hours <= 1000))
        return false;
    b->age_ms += (int64_t)(hours * 3600000);
    bus_expire(b);
    return true;
}

static bool turn_position(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    (void)o;
    snprintf(why, why_size, "lostPosition is true");
    if (!json_is_true(v))
        return false;
    b->valid_from = ++b->last;
    return true;
}

static bool whole(const json_t *v, long min, long max, long *out)
{
    if (!json_is_integer(v) || json_integer_value(v) < min || json_integer_value(v) > max)
        return false;
    *out = (long)json_integer_value(v);
    return true;
}

static bool turn_deliveries(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    (void)o;
    snprintf(why, why_size, "dailyDeliveries is a whole number, -1 = without end");
    return whole(v, -1, 1000000000, &b->knobs.deliveries);
}

static bool turn_gaps(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    (void)o;
    snprintf(why, why_size, "gaps is a whole number, -1 = all");
    return whole(v, -1, 1000000000, &b->knobs.gaps);
}

static bool turn_overflow(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    (void)o;
    snprintf(why, why_size, "overflowAfter is a whole number up to %d", OVERFLOW_AFTER);
    return whole(v, 0, OVERFLOW_AFTER, &b->knobs.overflow_after);
}

static bool turn_ms(const json_t *v, int *out, char *why, size_t why_size)
{
    long ms;
    snprintf(why, why_size, "keepAliveMs and fetchWithinMs are whole numbers from 10 to 600,000");
    if (!whole(v, 10, 600000, &ms))
        return false;
    *out = (int)ms;
    return true;
}

static bool turn_keep_alive(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    (void)o;
    return turn_ms(v, &b->knobs.keep_alive_ms, why, why_size);
}

static bool turn_fetch(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    (void)o;
    return turn_ms(v, &b->knobs.fetch_within_ms, why, why_size);
}

static bool turn_emit(struct bus *b, struct org *o, const json_t *v, char *why, size_t why_size)
{
    return bus_emit(b, o, v, why, why_size);
}

static const struct {
    const char *name;
    turn *turn;
} knobs[] = {
    { "objects", turn_objects },
    { "channels", turn_channels },
    { "ageHours", turn_age },
    { "lostPosition", turn_position },
    { "dailyDeliveries", turn_deliveries },
    { "gaps", turn_gaps },
    { "overflowAfter", turn_overflow },
    { "keepAliveMs", turn_keep_alive },
    { "fetchWithinMs", turn_fetch },
    { "emit", turn_emit },
};

static bool known(const char *name)
{
    for (size_t i = 0; i < sizeof knobs / sizeof *knobs; i++)
        if (strcmp(knobs[i].name, name) == 0)
            return true;
    return strcmp(name, "org") == 0;
}

bool knobs_are(const json_t *spec)
{
    const char *name;
    json_t *value;
    json_object_foreach ((json_t *)spec, name, value)
        if (known(name))
            return true;
    return false;
}

bool knobs_turn(struct bus *b, struct org *o, const json_t *spec, char *why, size_t why_size)
{
    const char *name;
    json_t *value;
    bool ok = true;
    json_object_foreach ((json_t *)spec, name, value)
        if (!known(name)) {
            snprintf(why, why_size, "pubsub.%.60s is no knob of an event bus", name);
            return false;
        }
    pthread_mutex_lock(&o->lock);
    pthread_mutex_lock(&b->lock);
    for (size_t i = 0; ok && i < sizeof knobs / sizeof *knobs; i++) {
        const json_t *v = json_object_get(spec, knobs[i].name);
        ok = !v || knobs[i].turn(b, o, v, why, why_size);
    }
    pthread_mutex_unlock(&b->lock);
    pthread_mutex_unlock(&o->lock);
    b->wake(b->ctx);
    return ok;
}
