/* org_fault.c - errors as the org words them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "sandbox/org_int.h"

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
