/* strikes.c - see strikes.h. */
#include "sandbox/pubsub/strikes.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/base/text.h"

struct planned {
    json_t *spec;
    long skip, left; /* left < 0 = no end */
    long hits;
};

struct strikes {
    pthread_mutex_t lock;
    struct planned list[STRIKES_MAX];
    int n;
};

static const char *const spoilings[] = { "none", "noise", "half", "huge", "schema" };
static const char *const cuts[] = { "stream", "goaway", "connection" };
static const char *const methods[] = { "Subscribe", "GetTopic", "GetSchema", "Publish", "PublishStream" };

enum {
    COUNT_SPOILINGS = sizeof spoilings / sizeof *spoilings,
    COUNT_CUTS = sizeof cuts / sizeof *cuts,
    COUNT_METHODS = sizeof methods / sizeof *methods
};

static int place_in(const char *const *list, int n, const char *name)
{
    for (int i = 0; name && i < n; i++)
        if (strcmp(list[i], name) == 0)
            return i;
    return -1;
}

/* ---- what a fault may say ---- */

enum member_kind { TEXT, NUMBER, TRUTH };

static const struct member {
    const char *name;
    enum member_kind kind;
    json_int_t min, max;
    bool end; /* one of those of which there is one */
} members[] = {
    { "method", TEXT, 0, 0, false },
    { "topic", TEXT, 0, 0, false },
    { "skip", NUMBER, 0, 1000000, false },
    { "times", NUMBER, 0, 1000000, false },
    { "delayMs", NUMBER, 0, 120000, false },
    { "afterEvents", NUMBER, 0, 100000000, false },
    { "error", TEXT, 0, 0, true },
    { "status", NUMBER, 0, 16, false },
    { "message", TEXT, 0, 0, false },
    { "end", TRUTH, 0, 0, true },
    { "cut", TEXT, 0, 0, true },
    { "silence", TRUTH, 0, 0, true },
    { "payload", TEXT, 0, 0, true },
    { "reset", TRUTH, 0, 0, false },
    { "duplicates", NUMBER, 0, 100, false },
};

static bool member_fits(const struct member *m, const json_t *value)
{
    switch (m->kind) {
    case TEXT:
        return json_is_string(value) && !strpbrk(json_string_value(value), "\r\n");
    case NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= m->min && json_integer_value(value) <= m->max;
    case TRUTH:
        return json_is_boolean(value);
    }
    return false;
}

static const struct member *member_named(const char *name)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (strcmp(members[i].name, name) == 0)
            return &members[i];
    return NULL;
}

static const char *text_of(const json_t *spec, const char *name)
{
    return json_string_value(json_object_get(spec, name));
}

bool strike_fits(const json_t *spec, char *why, size_t why_size)
{
    const char *name, *method = text_of(spec, "method"), *cut = text_of(spec, "cut"),
                      *payload = text_of(spec, "payload");
    json_t *value;
    int ends = 0;
    json_object_foreach ((json_t *)spec, name, value) {
        const struct member *m = member_named(name);
        if (!m || !member_fits(m, value)) {
            snprintf(why, why_size, "pubsub.%.60s is not known or has a wrong value", name);
            return false;
        }
        ends += m->end;
    }
    if (ends > 1)
        snprintf(why, why_size, "of error, end, cut, silence and payload a fault has one");
    else if (method && place_in(methods, COUNT_METHODS, method) < 0)
        snprintf(why, why_size, "pubsub.method is none of GetTopic, GetSchema, Subscribe, Publish, PublishStream");
    else if (cut && place_in(cuts, COUNT_CUTS, cut) < 0)
        snprintf(why, why_size, "pubsub.cut is none of stream, goaway, connection");
    else if (payload && place_in(spoilings, COUNT_SPOILINGS, payload) < 1)
        snprintf(why, why_size, "pubsub.payload is none of noise, half, huge, schema");
    else
        return true;
    return false;
}

/* ---- the list ---- */

struct strikes *strikes_new(void)
{
    struct strikes *s = mem_new(sizeof *s);
    pthread_mutex_init(&s->lock, NULL);
    return s;
}

void strikes_free(struct strikes *s)
{
    if (!s)
        return;
    strikes_clear(s);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

bool strikes_add(struct strikes *s, const json_t *spec, char *why, size_t why_size)
{
    long times = (long)json_integer_value(json_object_get(spec, "times"));
    pthread_mutex_lock(&s->lock);
    bool room = s->n < STRIKES_MAX;
    if (room)
        s->list[s->n++] = (struct planned){ .spec = json_deep_copy(spec),
                                            .skip = (long)json_integer_value(json_object_get(spec, "skip")),
                                            .left = times ? times : -1 };
    pthread_mutex_unlock(&s->lock);
    if (!room)
        snprintf(why, why_size, "more than %d faults of the Pub/Sub API", STRIKES_MAX);
    return room;
}

void strikes_clear(struct strikes *s)
{
    pthread_mutex_lock(&s->lock);
    while (s->n)
        json_decref(s->list[--s->n].spec);
    pthread_mutex_unlock(&s->lock);
}

void strikes_list(struct strikes *s, json_t *out)
{
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->n; i++) {
        const struct planned *p = &s->list[i];
        json_array_append_new(out, json_pack("{s:o, s:I, s:o}", "pubsub", json_deep_copy(p->spec), "hits",
                                             (json_int_t)p->hits, "left",
                                             p->left < 0 ? json_null() : json_integer(p->left)));
    }
    pthread_mutex_unlock(&s->lock);
}

/* ---- striking ---- */

static enum strike_kind kind_of(const json_t *spec)
{
    static const enum strike_kind by_cut[] = { STRIKE_STREAM, STRIKE_GOAWAY, STRIKE_CONNECTION };
    int cut = place_in(cuts, COUNT_CUTS, text_of(spec, "cut"));
    if (cut >= 0)
        return by_cut[cut];
    if (json_object_get(spec, "error"))
        return STRIKE_ERROR;
    if (json_is_true(json_object_get(spec, "end")))
        return STRIKE_END;
    return json_is_true(json_object_get(spec, "silence")) ? STRIKE_SILENCE : STRIKE_NONE;
}

static void fill(const json_t *spec, struct rpc_strike *out)
{
    const json_t *status = json_object_get(spec, "status");
    const char *error = text_of(spec, "error"), *message = text_of(spec, "message"),
               *payload = text_of(spec, "payload");
    *out = (struct rpc_strike){ .kind = kind_of(spec),
                                .payload =
                                    payload ? (enum spoiling)place_in(spoilings, COUNT_SPOILINGS, payload) : SPOIL_NONE,
                                .half_open = json_is_false(json_object_get(spec, "reset")),
                                .delay_ms = (int)json_integer_value(json_object_get(spec, "delayMs")),
                                .duplicates = (int)json_integer_value(json_object_get(spec, "duplicates")),
                                .after_events = (long)json_integer_value(json_object_get(spec, "afterEvents")),
                                .status = status ? (int)json_integer_value(status) : -1 };
    copy_text(out->error, sizeof out->error, error ? error : "");
    copy_text(out->message, sizeof out->message, message ? message : "");
}

static bool matches(const json_t *spec, const char *method, const char *topic)
{
    const char *of = text_of(spec, "method"), *about = text_of(spec, "topic");
    return strcmp(of ? of : "Subscribe", method) == 0 && (!about || strcmp(about, topic) == 0);
}

bool strikes_take(struct strikes *s, const char *method, const char *topic, struct rpc_strike *out)
{
    bool found = false;
    *out = (struct rpc_strike){ .kind = STRIKE_NONE };
    pthread_mutex_lock(&s->lock);
    for (int i = 0; i < s->n && !found; i++) {
        struct planned *p = &s->list[i];
        if (!p->left || !matches(p->spec, method, topic))
            continue;
        if (p->skip) {
            p->skip--;
            continue;
        }
        p->left -= p->left > 0;
        p->hits++;
        fill(p->spec, out);
        found = true;
    }
    pthread_mutex_unlock(&s->lock);
    return found;
}
