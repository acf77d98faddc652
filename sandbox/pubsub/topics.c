/* topics.c - which topics an org has, and who may hear them. */
#include <stdio.h>
#include <string.h>

#include "sandbox/pubsub/bus_parts.h"

static const struct object *object_of(const struct org *o, const char *name)
{
    for (size_t i = 0; i < o->schema.n; i++) {
        const struct object *ob = o->schema.objects[i];
        char event[NAME_SIZE + 16];
        change_event_name(ob->name, event);
        if (strcmp(is_platform_event(ob) ? ob->name : event, name) == 0)
            return ob;
    }
    return NULL;
}

static enum topic_answer of_object(struct bus *b, struct org *o, const char *user_id, const char *name,
                                   struct topic *out)
{
    const struct object *ob = object_of(o, name);
    bool event = ob && is_platform_event(ob);
    if (!ob || event != (strncmp(out->name, "/event/", 7) == 0) || !setup_has(o, ob))
        return TOPIC_NONE;
    struct call c = { .o = o, .rules = perm_rules(o, user_id) };
    if (!perm_sees_object(&c, ob))
        return TOPIC_FORBIDDEN;
    const struct event_schema *s = bus_schema_of(b, o, ob);
    if (!s)
        return TOPIC_NONE;
    out->kind = TOPIC_OBJECT;
    out->change = !event;
    copy_text(out->event_name, sizeof out->event_name, s->event_name);
    copy_text(out->schema_id, sizeof out->schema_id, s->id);
    return TOPIC_FOUND;
}

static enum topic_answer find(struct bus *b, struct org *o, const char *user_id, struct topic *out)
{
    const char *name = out->name;
    if (strcmp(name, "/data/ChangeEvents") == 0) {
        out->kind = TOPIC_ALL_CHANGES;
        out->change = true;
        return perm_rules(o, user_id) ? TOPIC_FORBIDDEN : TOPIC_FOUND; /* for those who may see all data */
    }
    int channel = strncmp(name, "/data/", 6) == 0 ? channel_named(b, name + 6) : -1;
    if (channel >= 0) {
        out->kind = TOPIC_CHANNEL;
        out->channel = (unsigned)channel;
        out->change = true;
        return perm_rules(o, user_id) ? TOPIC_FORBIDDEN : TOPIC_FOUND;
    }
    if (strncmp(name, "/data/", 6) == 0)
        return of_object(b, o, user_id, name + 6, out);
    if (strncmp(name, "/event/", 7) == 0)
        return of_object(b, o, user_id, name + 7, out);
    return TOPIC_NONE;
}

enum topic_answer bus_topic(struct bus *b, struct org *o, const char *user_id, const char *name, struct topic *out)
{
    *out = (struct topic){ .kind = TOPIC_OBJECT };
    if (!name || !*name)
        return TOPIC_EMPTY;
    if (strlen(name) >= sizeof out->name)
        return TOPIC_NONE;
    copy_text(out->name, sizeof out->name, name);
    pthread_mutex_lock(&o->lock);
    pthread_mutex_lock(&b->lock);
    enum topic_answer answer = find(b, o, user_id, out);
    pthread_mutex_unlock(&b->lock);
    pthread_mutex_unlock(&o->lock);
    return answer;
}
