/* err.c - the flat error object. */
#include "runtime/base/err.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/base/encoding.h"
#include "runtime/base/json_text.h"

bool err_set(struct err *e, int status, const char *code, const char *fmt, ...)
{
    va_list ap;
    e->status = status;
    e->field[0] = '\0';
    e->retry_after_s = 0;
    copy_text(e->code, sizeof e->code, code);
    va_start(ap, fmt);
    vsnprintf(e->message, sizeof e->message, fmt, ap);
    va_end(ap);
    return false;
}

/* A message cut in the middle of a character would not be UTF-8; drop the torn end. */
static struct span whole(const char *s)
{
    struct span text = span_of(s);
    while (text.n && !utf8_valid(text))
        text.n--;
    return text;
}

static void member(struct buf *out, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    buf_fmt(out, ",\"%s\":", name);
    buf_json_string(out, whole(value));
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
