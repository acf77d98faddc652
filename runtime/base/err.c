/* err.c - the flat error object. */
#include "runtime/base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"
#include "runtime/base/limits.h"

bool err_setv(struct err *e, int status, const char *code, const char *fmt, va_list ap)
{
    e->status = status;
    e->field[0] = '\0';
    e->retry_after_s = 0;
    copy_text(e->code, sizeof e->code, code);
    vsnprintf(e->message, sizeof e->message, fmt, ap);
    return false;
}

bool err_set(struct err *e, int status, const char *code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_setv(e, status, code, fmt, ap);
    va_end(ap);
    return false;
}

static json_t *whole_text(const char *s)
{
    struct span text = utf8_whole(span_of(s));
    return json_stringn_nocheck(text.n ? text.p : "", text.n);
}

bool err_row(json_t *details, const char *field, const char *code, const char *message)
{
    if (json_array_size(details) >= LIMIT_VIOLATIONS)
        return false;
    json_t *row = json_pack("{s:o, s:o, s:o}", "field", whole_text(field), "code", whole_text(code), "message",
                            whole_text(message));
    return json_array_append_new(details, row) == 0;
}

static void member(struct buf *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    buf_fmt(out, ",\"%s\":", name);
    buf_json_string(out, utf8_whole(span_of(value)));
}

bool err_write(struct buf *out, const struct err *e, const char *request_id, const json_t *details)
{
    buf_str(out, "{\"code\":");
    buf_json_string(out, span_of(e->code));
    member(out, "message", e->message);
    member(out, "field", e->field);
    member(out, "requestId", request_id);
    if (e->retry_after_s > 0)
        buf_fmt(out, ",\"retryAfterSeconds\":%d", e->retry_after_s);
    if (details && json_array_size(details)) {
        size_t before = out->n;
        if (!buf_str(out, ",\"details\":") || !buf_json(out, details)) {
            out->n = before; /* the rest of the answer still says what is wrong */
            out->failed = false;
        }
    }
    return buf_char(out, '}');
}
