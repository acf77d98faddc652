/* describe.c - one description laid over another. */
#include "sandbox/org/describe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *name_of(const json_t *o)
{
    const char *name = json_string_value(json_object_get(o, "name"));
    return name ? name : "";
}

static json_t *field_named(const json_t *object, const char *name)
{
    json_t *field;
    size_t i;
    json_array_foreach (json_object_get(object, "fields"), i, field)
        if (strcasecmp(name_of(field), name) == 0)
            return field;
    return NULL;
}

/* A field that stands twice in one description is a slip: only one of the two could hold. */
static bool names_differ(const json_t *object, char *why, size_t why_size)
{
    json_t *field;
    size_t i;
    json_array_foreach (json_object_get(object, "fields"), i, field) {
        if (!name_of(field)[0] || field_named(object, name_of(field)) == field)
            continue;
        snprintf(why, why_size, "%s.%s: the field is described twice; take one of the two out", name_of(object),
                 name_of(field));
        return false;
    }
    return true;
}

/* Whether a member says only what holds without it. */
static bool goes_without_saying(const char *key, const json_t *value)
{
    static const char *const true_at_first[] = { "owner", "createable", "updateable", NULL };
    if (strcmp(key, "type") == 0)
        return json_is_string(value) && strcmp(json_string_value(value), "string") == 0;
    bool first = false;
    for (int i = 0; true_at_first[i]; i++)
        first = first || strcmp(key, true_at_first[i]) == 0;
    return first ? json_is_true(value) : json_is_false(value);
}

/* The member of `more` that `known` does not say alike; NULL when there is none. */
static const char *disagrees(const json_t *known, const json_t *more)
{
    static const char *const own[] = { "name", "fields", "replace", NULL };
    const char *key;
    json_t *value;
    json_object_foreach ((json_t *)more, key, value) {
        const json_t *there = json_object_get(known, key);
        bool compared = there || !goes_without_saying(key, value);
        for (int i = 0; own[i]; i++)
            compared = compared && strcmp(key, own[i]) != 0;
        if (compared && !json_equal(there, value))
            return key;
    }
    return NULL;
}

static bool told_alike(const json_t *known, const json_t *more, const char *field, char *why, size_t why_size)
{
    const char *key = disagrees(known, more);
    if (!key)
        return true;
    char *there = json_dumps(json_object_get(known, key), JSON_ENCODE_ANY | JSON_COMPACT);
    snprintf(
        why, why_size,
        "%s%s%s is there already, with \"%s\": %.60s. Leave out what is there and give the fields that are new, or "
        "give the whole description with \"replace\": true",
        field ? field : "", field ? "." : "", name_of(more), key, there ? there : "(not given)");
    free(there);
    return false;
}

static bool add_new_fields(json_t *whole, const json_t *more, char *why, size_t why_size)
{
    json_t *fields = json_object_get(whole, "fields"), *field;
    size_t i;
    json_array_foreach (json_object_get(more, "fields"), i, field) {
        const json_t *known = field_named(whole, name_of(field));
        if (known && !told_alike(known, field, name_of(more), why, why_size))
            return false;
        if (!known)
            json_array_append(fields, field);
    }
    return true;
}

json_t *describe_merge(const json_t *known, const json_t *more, char *why, size_t why_size)
{
    if (!names_differ(more, why, why_size))
        return NULL;
    if (!known || json_is_true(json_object_get(more, "replace")))
        return json_deep_copy(more);
    if (!told_alike(known, more, NULL, why, why_size))
        return NULL;
    json_t *whole = json_deep_copy(known);
    if (!json_is_array(json_object_get(whole, "fields")))
        json_object_set_new(whole, "fields", json_array());
    if (add_new_fields(whole, more, why, why_size))
        return whole;
    json_decref(whole);
    return NULL;
}
