/* fault.c - errors as the org words them, and those that a test has programmed. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/org/org_parts.h"

void fault_set(struct fault *f, int status, const char *code, const char *fields, const char *fmt, ...)
{
    va_list ap;
    f->status = status;
    f->with_fields = fields != NULL;
    otext_copy(f->code, sizeof f->code, code);
    otext_copy(f->fields, sizeof f->fields, fields ? fields : "");
    va_start(ap, fmt);
    vsnprintf(f->message, sizeof f->message, fmt, ap);
    va_end(ap);
}

static void fields_json(struct otext *out, const char *fields)
{
    otext_char(out, '[');
    for (const char *p = fields; *p;) {
        size_t n = strcspn(p, ",");
        otext_str(out, p == fields ? "" : ",");
        otext_json(out, p, n);
        p += n + (p[n] == ',');
    }
    otext_char(out, ']');
}

void fault_json(struct otext *out, const struct fault *f)
{
    otext_str(out, "{\"message\":");
    otext_json_str(out, f->message);
    otext_str(out, ",\"errorCode\":");
    otext_json_str(out, f->code);
    if (f->with_fields) {
        otext_str(out, ",\"fields\":");
        fields_json(out, f->fields);
    }
    otext_char(out, '}');
}

void fault_json_row(struct otext *out, const struct fault *f)
{
    otext_str(out, "{\"statusCode\":");
    otext_json_str(out, f->code);
    otext_str(out, ",\"message\":");
    otext_json_str(out, f->message);
    otext_str(out, ",\"fields\":");
    fields_json(out, f->fields);
    otext_char(out, '}');
}

/* ---- programmed faults ---- */

static const char *plan_text(const json_t *plan, const char *key, const char *otherwise)
{
    const char *s = json_string_value(json_object_get(plan, key));
    return s ? s : otherwise;
}

bool fault_planned(struct call *c, const struct object *ob, const char *operation, struct fault *f)
{
    json_t *plan;
    size_t i, k;
    json_array_foreach (c->o->planned, i, plan) {
        if (c->loading || !same_name(plan_text(plan, "object", ""), ob->name) ||
            !same_name(plan_text(plan, "operation", operation), operation))
            continue;
        json_int_t skip = json_integer_value(json_object_get(plan, "skip"));
        if (skip > 0) {
            json_object_set_new(plan, "skip", json_integer(skip - 1));
            continue;
        }
        json_t *given = json_object_get(plan, "times"), *name;
        json_int_t times = given ? json_integer_value(given) : 1;
        if (times <= 0)
            continue;
        json_object_set_new(plan, "times", json_integer(times - 1));
        struct otext fields = { 0 };
        json_array_foreach (json_object_get(plan, "fields"), k, name)
            otext_fmt(&fields, "%s%s", k ? "," : "", json_is_string(name) ? json_string_value(name) : "");
        json_int_t status = json_integer_value(json_object_get(plan, "status"));
        fault_set(f, status ? (int)status : 400, plan_text(plan, "errorCode", ""),
                  json_object_get(plan, "fields") ? fields.p ? fields.p : "" : NULL, "%s",
                  plan_text(plan, "message", "programmed fault"));
        otext_free(&fields);
        return true;
    }
    return false;
}
