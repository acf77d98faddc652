/* channels.c - which events a channel takes: all changes of the objects that are selected, or what a custom channel's
 * members and their filters let through. */
#include <stdio.h>
#include <string.h>

#include "sandbox/pubsub/bus_parts.h"

/* ---- filters ---- */

static bool one_of(const json_t *wanted, const struct value *v)
{
    const json_t *item;
    size_t i;
    json_array_foreach (wanted, i, item) {
        double d = v->kind == VALUE_INT ? (double)v->i : v->d;
        bool number = v->kind == VALUE_INT || v->kind == VALUE_REAL;
        if (json_is_string(item) && v->kind == VALUE_TEXT && strcmp(json_string_value(item), v->text) == 0)
            return true;
        if (json_is_number(item) && number && json_number_value(item) == d)
            return true;
        if (json_is_boolean(item) && v->kind == VALUE_INT && (v->i != 0) == json_is_true(item))
            return true;
    }
    return false;
}

/* Whether the event tells this field. */
static bool told(enum event_kind kind, const struct change *c, size_t at)
{
    bool all = kind == EVENT_CREATE || kind == EVENT_UNDELETE;
    return all || (kind == EVENT_UPDATE && !value_same(&c->before[at], &c->after[at]));
}

static bool passes(const json_t *filter, enum event_kind kind, const struct change *c)
{
    const char *name;
    json_t *wanted;
    json_object_foreach ((json_t *)filter, name, wanted) {
        const struct field *f = object_field(c->object, name);
        size_t at = f ? (size_t)(f - c->object->fields) : 0;
        if (!f || !told(kind, c, at) || !one_of(wanted, &c->after[at]))
            return false;
    }
    return true;
}

uint32_t channels_of(const struct bus *b, const struct event_schema *s, enum event_kind kind,
                     const struct change *change)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < b->n_selected; i++)
        if (same_name(b->selected[i], s->object))
            bits |= (uint32_t)1 << BUS_ALL_CHANGES;
    for (size_t i = 0; i < b->n_channels; i++) {
        const json_t *member;
        size_t k;
        json_array_foreach (b->channels[i].members, k, member) {
            const char *object = json_string_value(json_object_get(member, "object"));
            const json_t *filter = json_object_get(member, "filter");
            if (same_name(object, s->object) && (!filter || !change || passes(filter, kind, change)))
                bits |= (uint32_t)1 << i;
        }
    }
    return bits;
}

/* ---- what is taken ---- */

static bool is_object(const struct org *o, const json_t *name, char *why, size_t why_size)
{
    const struct object *ob = json_is_string(name) ? schema_find(&o->schema, json_string_value(name)) : NULL;
    if (ob && !is_platform_event(ob))
        return true;
    snprintf(why, why_size, "%.60s is no object of the org that tells its changes",
             json_is_string(name) ? json_string_value(name) : "that");
    return false;
}

bool channels_select(struct bus *b, const struct org *o, const json_t *names, char *why, size_t why_size)
{
    const json_t *name;
    size_t i;
    if (!json_is_array(names) || json_array_size(names) > CHANGES_OBJECTS_MAX) {
        snprintf(why, why_size, "objects is a list of %d names at most", CHANGES_OBJECTS_MAX);
        return false;
    }
    json_array_foreach (names, i, name)
        if (!is_object(o, name, why, why_size))
            return false;
    json_array_foreach (names, i, name)
        copy_text(b->selected[i], NAME_SIZE, json_string_value(name));
    b->n_selected = json_array_size(names);
    return true;
}

static bool filter_fits(const json_t *filter)
{
    const char *name;
    json_t *wanted;
    if (filter && !json_is_object(filter))
        return false;
    json_object_foreach ((json_t *)filter, name, wanted)
        if (!json_is_array(wanted))
            return false;
    return true;
}

static bool channel_fits(const struct org *o, const json_t *channel, char *why, size_t why_size)
{
    const char *name = json_string_value(json_object_get(channel, "name"));
    const json_t *members = json_object_get(channel, "members"), *member;
    size_t n = name ? strlen(name) : 0, i;
    if (n < 6 || n >= NAME_SIZE || strcmp(name + n - 5, "__chn") != 0 || json_array_size(members) == 0) {
        snprintf(why, why_size, "a channel has a name that ends in __chn, and members");
        return false;
    }
    json_array_foreach (members, i, member) {
        if (!is_object(o, json_object_get(member, "object"), why, why_size))
            return false;
        if (!filter_fits(json_object_get(member, "filter"))) {
            snprintf(why, why_size, "a filter is an object of lists");
            return false;
        }
    }
    return true;
}

void channels_forget(struct bus *b)
{
    while (b->n_channels)
        json_decref(b->channels[--b->n_channels].members);
}

bool channels_take(struct bus *b, const struct org *o, const json_t *list, char *why, size_t why_size)
{
    const json_t *channel;
    size_t i;
    if (!json_is_array(list) || json_array_size(list) > BUS_CHANNELS_MAX) {
        snprintf(why, why_size, "channels is a list of %d at most", BUS_CHANNELS_MAX);
        return false;
    }
    json_array_foreach (list, i, channel)
        if (!channel_fits(o, channel, why, why_size))
            return false;
    channels_forget(b);
    json_array_foreach (list, i, channel) {
        struct channel *c = &b->channels[b->n_channels++];
        copy_text(c->name, sizeof c->name, json_string_value(json_object_get(channel, "name")));
        c->members = json_deep_copy(json_object_get(channel, "members"));
    }
    return true;
}

int channel_named(const struct bus *b, const char *name)
{
    for (size_t i = 0; i < b->n_channels; i++)
        if (strcmp(b->channels[i].name, name) == 0)
            return (int)i;
    return -1;
}

static void add_name(struct text *names, const char *name)
{
    for (const char *p = names->p ? names->p : ""; *p; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ','))
        if (strlen(name) == strcspn(p, ",") && strncmp(p, name, strlen(name)) == 0)
            return;
    text_fmt(names, "%s%s", names->n ? "," : "", name);
}

bool channels_watch(struct bus *b, struct org *o)
{
    struct text names = { 0 };
    for (size_t i = 0; i < b->n_selected; i++)
        add_name(&names, b->selected[i]);
    for (size_t i = 0; i < b->n_channels; i++) {
        const json_t *member;
        size_t k;
        json_array_foreach (b->channels[i].members, k, member)
            add_name(&names, json_string_value(json_object_get(member, "object")));
    }
    bool ok = changes_select(o, names.p ? names.p : "");
    text_free(&names);
    return ok;
}
