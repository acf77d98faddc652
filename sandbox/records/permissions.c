/*
 * permissions.c - what a user may see and write. A rule is
 *   { "user": username, "hiddenObjects": [...], "hiddenFields": ["Object.Field"], "readOnlyObjects": [...],
 *     "readOnlyFields": [...], "notCreateableObjects": [...] }; a user without a rule may do everything.
 */
#include <stdio.h>
#include <string.h>

#include "sandbox/records/records.h"

static bool listed(const json_t *rules, const char *list, const char *object, const char *field)
{
    char name[2 * NAME_SIZE];
    const json_t *item;
    size_t i;
    if (!rules)
        return false;
    snprintf(name, sizeof name, "%s%s%s", object, field ? "." : "", field ? field : "");
    json_array_foreach (json_object_get(rules, list), i, item)
        if (json_is_string(item) && same_name(json_string_value(item), name))
            return true;
    return false;
}

const json_t *perm_rules(const struct org *o, const char *user_id)
{
    const json_t *rule;
    size_t i;
    json_array_foreach (o->permissions, i, rule) {
        const char *id = json_string_value(json_object_get(rule, "userId"));
        if (id && strcmp(id, user_id) == 0)
            return rule;
    }
    return NULL;
}

bool perm_sees_object(const struct call *c, const struct object *ob)
{
    return setup_has(c->o, ob) && !listed(c->rules, "hiddenObjects", ob->name, NULL);
}

bool perm_sees(const struct call *c, const struct object *ob, const struct field *f)
{
    return setup_has_field(c->o, f) && !listed(c->rules, "hiddenFields", ob->name, f->name);
}

bool perm_writes_object(const struct call *c, const struct object *ob)
{
    return c->loading || (!ob->read_only && !listed(c->rules, "readOnlyObjects", ob->name, NULL));
}

bool perm_writes(const struct call *c, const struct object *ob, const struct field *f)
{
    return !listed(c->rules, "readOnlyFields", ob->name, f->name);
}

bool perm_creates(const struct call *c, const struct object *ob)
{
    return c->loading || !listed(c->rules, "notCreateableObjects", ob->name, NULL);
}
