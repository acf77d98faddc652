/* setup.c - features that orgs have or have not, and records under approval: what a test switches. */
#include <stdio.h>
#include <string.h>

#include "sandbox/records/records.h"

enum { CALLS_PER_DAY = 100000, CURRENCIES_MAX = 16, LOCKED_MAX = 10000 };

static bool is_code(const json_t *item)
{
    const char *s = json_string_value(item);
    return s && strlen(s) == 3 && strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 3;
}

static const char *take_currencies(struct org_setup *out, const json_t *list)
{
    const json_t *item;
    size_t i;
    if (!json_is_array(list) || json_array_size(list) > CURRENCIES_MAX)
        return "currencies is a list of up to 16 codes like EUR, the org's own first; an empty one is an org of one "
               "currency";
    memset(out->currencies, 0, sizeof out->currencies);
    json_array_foreach (list, i, item) {
        if (!is_code(item))
            return "currencies has something that is no code like EUR";
        copy_text(out->currencies[i], sizeof out->currencies[i], json_string_value(item));
    }
    return NULL;
}

static const char *take_locked(struct org_setup *out, const json_t *list)
{
    const json_t *item;
    size_t i;
    char id[ID_SIZE];
    if (!json_is_array(list) || json_array_size(list) > LOCKED_MAX)
        return "locked is a list of record ids";
    out->locked = json_object();
    json_array_foreach (list, i, item) {
        if (!json_is_string(item) || !id_complete(json_string_value(item), id))
            return "locked has something that is no record id";
        json_object_set_new(out->locked, id, json_true());
    }
    return NULL;
}

static const char *take_member(struct org_setup *out, const char *name, const json_t *value)
{
    if (strcmp(name, "quotes") == 0 && json_is_boolean(value))
        out->no_quotes = json_is_false(value);
    else if (strcmp(name, "callsPerDay") == 0 && json_is_integer(value) && json_integer_value(value) >= 0)
        out->calls_max = (uint64_t)json_integer_value(value);
    else if (strcmp(name, "dataMs") == 0 && json_is_integer(value) && json_integer_value(value) >= 0)
        out->data_ms = (uint64_t)json_integer_value(value);
    else if (strcmp(name, "dataElsewhere") == 0 && json_is_boolean(value))
        out->data_elsewhere = json_is_true(value);
    else if (strcmp(name, "currencies") == 0)
        return take_currencies(out, value);
    else if (strcmp(name, "locked") == 0)
        return take_locked(out, value);
    else
        return "members are quotes (true or false), currencies, locked, callsPerDay (0 = the usual number), dataMs, "
               "dataElsewhere";
    return NULL;
}

bool setup_take(struct org *o, const json_t *in, char *why, size_t why_size)
{
    struct org_setup made = o->setup;
    const char *name, *wrong = json_is_object(in) ? NULL : "not a JSON object";
    json_t *value;
    json_object_foreach ((json_t *)in, name, value)
        if (!wrong)
            wrong = take_member(&made, name, value);
    if (wrong) {
        snprintf(why, why_size, "%s", wrong);
        if (made.locked != o->setup.locked)
            json_decref(made.locked);
        return false;
    }
    if (made.locked != o->setup.locked)
        json_decref(o->setup.locked);
    o->setup = made;
    return true;
}

void setup_forget(struct org *o)
{
    json_decref(o->setup.locked);
    o->setup = (struct org_setup){ .no_quotes = false };
}

bool setup_has(const struct org *o, const struct object *ob)
{
    return !o->setup.no_quotes || (!same_name(ob->name, "Quote") && !same_name(ob->name, "QuoteLineItem"));
}

bool setup_has_field(const struct org *o, const struct field *f)
{
    if (f->multi_currency && !o->setup.currencies[0][0])
        return false;
    return !o->setup.no_quotes || !same_name(f->name, "SyncedQuoteId");
}

const char *org_currency(const struct org *o)
{
    return o->setup.currencies[0][0] ? o->setup.currencies[0] : "USD";
}

bool org_knows_currency(const struct org *o, const char *code)
{
    for (int i = 0; i < CURRENCIES_MAX; i++)
        if (strcmp(o->setup.currencies[i], code) == 0)
            return true;
    return false;
}

bool setup_locks(const struct org *o, const char *id)
{
    return o->setup.locked && json_object_get(o->setup.locked, id);
}

uint64_t setup_calls(const struct org *o)
{
    return o->setup.calls_max ? o->setup.calls_max : CALLS_PER_DAY;
}
