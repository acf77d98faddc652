/* fault.c - errors as the org words them, and those that a test has programmed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/records/records.h"

void fault_set(struct fault *f, int status, const char *code, const char *fields, const char *fmt, ...)
{
    va_list ap;
    f->status = status;
    f->with_fields = fields != NULL;
    copy_text(f->code, sizeof f->code, code);
    copy_text(f->fields, sizeof f->fields, fields ? fields : "");
    va_start(ap, fmt);
    vsnprintf(f->message, sizeof f->message, fmt, ap);
    va_end(ap);
}

static void fields_json(struct text *out, const char *fields)
{
    text_char(out, '[');
    for (const char *p = fields; *p;) {
        size_t n = strcspn(p, ",");
        text_str(out, p == fields ? "" : ",");
        text_json(out, p, n);
        p += n + (p[n] == ',');
    }
    text_char(out, ']');
}

void fault_json(struct text *out, const struct fault *f)
{
    text_str(out, "{\"message\":");
    text_json_str(out, f->message);
    text_str(out, ",\"errorCode\":");
    text_json_str(out, f->code);
    if (f->with_fields) {
        text_str(out, ",\"fields\":");
        fields_json(out, f->fields);
    }
    text_char(out, '}');
}

void fault_json_row(struct text *out, const struct fault *f)
{
    text_str(out, "{\"statusCode\":");
    text_json_str(out, f->code);
    text_str(out, ",\"message\":");
    text_json_str(out, f->message);
    text_str(out, ",\"fields\":");
    fields_json(out, f->fields);
    text_char(out, '}');
}

/* ---- programmed faults ---- */

static const char *plan_text(const json_t *plan, const char *key, const char *otherwise)
{
    const char *s = json_string_value(json_object_get(plan, key));
    return s ? s : otherwise;
}

/* Whether the record has every value that the plan names; a plan without names means all records. */
static bool fits(const json_t *plan, const json_t *in)
{
    const char *name;
    json_t *want;
    json_object_foreach (json_object_get(plan, "match"), name, want)
        if (!json_equal(want, json_object_get(in, name)))
            return false;
    return true;
}

bool fault_planned(struct call *c, const struct object *ob, const char *operation, const json_t *in, struct fault *f)
{
    json_t *plan;
    size_t i, k;
    json_array_foreach (c->o->planned, i, plan) {
        if (c->loading || !same_name(plan_text(plan, "object", ""), ob->name) ||
            !same_name(plan_text(plan, "operation", operation), operation) || !fits(plan, in))
            continue;
        json_int_t skip = json_integer_value(json_object_get(plan, "skip"));
        if (skip > 0) {
            json_object_set_new(plan, "skip", json_integer(skip - 1));
            continue;
        }
        json_t *given = json_object_get(plan, "times"), *name;
        json_int_t times = given ? json_integer_value(given) : 1;
        if (times == 0)
            continue;
        if (times > 0)
            json_object_set_new(plan, "times", json_integer(times - 1));
        struct text fields = { 0 };
        json_array_foreach (json_object_get(plan, "fields"), k, name)
            text_fmt(&fields, "%s%s", k ? "," : "", json_is_string(name) ? json_string_value(name) : "");
        json_int_t status = json_integer_value(json_object_get(plan, "status"));
        fault_set(f, status ? (int)status : 400, plan_text(plan, "errorCode", ""),
                  json_object_get(plan, "fields") ? fields.p ? fields.p : "" : NULL, "%s",
                  plan_text(plan, "message", "programmed fault"));
        text_free(&fields);
        return true;
    }
    return false;
}
