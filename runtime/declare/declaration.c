/* declaration.c - what a loaded declaration says. */
#include "runtime/declare/declaration.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void declarations_free(struct declarations *d)
{
    for (size_t i = 0; i < d->n; i++) {
        schema_free(d->v[i].input);
        schema_free(d->v[i].output);
        schema_free(d->v[i].result);
        json_decref(d->v[i].started);
        json_decref(d->v[i].root);
    }
    free(d->v);
    json_decref(d->host);
    *d = (struct declarations){ 0 };
}

const struct declaration *declaration_find(const struct declarations *d, struct span operation_id)
{
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].operation_id && span_eq(operation_id, d->v[i].operation_id))
            return &d->v[i];
    return NULL;
}

bool declaration_is_agent_action(const struct declaration *d)
{
    return d->salesforce && json_is_true(json_object_get(json_object_get(d->root, "agent"), "publish"));
}

const json_t *declaration_side(const struct declaration *d, const char *side)
{
    return d->started && strcmp(side, "output") == 0 ? d->started : json_object_get(d->root, side);
}

int declaration_success(const struct declaration *d)
{
    return d->is_job ? 201 : 200;
}

void declaration_schema_name(const struct declaration *d, const char *side, char *out, size_t size)
{
    const char *declared = json_string_value(json_object_get(json_object_get(d->root, "schemaNames"), side));
    if (d->is_job && strcmp(side, "output") == 0)
        snprintf(out, size, "JobStarted");
    else if (d->async_of) /* which leaves no room for a longer one */
        snprintf(out, size, "%c%s", toupper((unsigned char)d->operation_id[0]), d->operation_id + 1);
    else if (declared)
        snprintf(out, size, "%s", declared);
    else
        snprintf(out, size, "%c%s%s", toupper((unsigned char)d->operation_id[0]),
                 *d->operation_id ? d->operation_id + 1 : "", strcmp(side, "input") == 0 ? "Input" : "Output");
}

void declaration_callback_name(const struct declaration *d, enum declaration_callback which, char *out, size_t size)
{
    const struct declaration *of = d->async_of;
    const char *id = of->operation_id,
               *declared = json_string_value(json_object_get(json_object_get(of->root, "schemaNames"), "output"));
    if (which == CALLBACK_OPERATION)
        snprintf(out, size, "%sDone", id);
    else if (which == CALLBACK_RESULT && declared)
        snprintf(out, size, "%s", declared);
    else
        snprintf(out, size, "%c%s%s", toupper((unsigned char)*id), id + 1,
                 which == CALLBACK_BODY                          ? "Done"
                 : of->is_job || declaration_is_agent_action(of) ? "Result"
                                                                 : "Output");
}

int declaration_error_status(const struct declaration *d, const char *code)
{
    size_t i;
    json_t *error;
    json_array_foreach (json_object_get(d->root, "errors"), i, error) {
        if (strcmp(declaration_text(error, "code"), code) == 0)
            return (int)json_integer_value(json_object_get(error, "status"));
    }
    return 0;
}

const json_t *declaration_setting_row(const struct declaration *d, const char *name)
{
    size_t i;
    json_t *row;
    const struct declaration *of = d->async_of ? d->async_of : d;
    json_array_foreach (json_object_get(of->root, "settings"), i, row) {
        if (strcmp(declaration_text(row, "name"), name) == 0)
            return row;
    }
    return NULL;
}

const char *declaration_setting(const struct declaration *d, const char *name)
{
    const json_t *row = declaration_setting_row(d, name);
    const char *value = row ? getenv(name) : NULL;
    return value && *value ? value : json_string_value(json_object_get(row, "default"));
}

int declaration_time_ms(const struct declaration *d, int limit_ms)
{
    return d->timeout_ms > 0 && d->timeout_ms < limit_ms ? d->timeout_ms : limit_ms;
}
