/* call.c - one invocation: its memory, its refusal, and what it asks of the front. */
#include "runtime/client/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/log.h"
#include "runtime/base/system.h"

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    _Alignas(max_align_t) unsigned char data[];
};

static void exit_exhausted(struct act_call *call)
{
    log_event(LOG_ERROR, "out-of-memory", "id", call->request_id, NULL);
    _exit(EX_SOFTWARE);
}

static void (*exhausted)(struct act_call *call) = exit_exhausted;

void call_on_exhausted(void (*fn)(struct act_call *call))
{
    exhausted = fn;
}

void call_exhausted(struct act_call *call)
{
    exhausted(call);
    abort(); /* exhausted() does not return */
}

void call_init(struct act_call *call, const struct declaration *d, const struct services *front)
{
    memset(call, 0, sizeof *call);
    call->declaration = d;
    call->front = front;
    call->org.call = call;
}

void call_fini(struct act_call *call)
{
    while (call->defers) {
        struct defer *d = call->defers;
        call->defers = d->next;
        d->fn(d->ptr);
    }
    for (struct sf_org *o = call->others; o; o = o->next)
        bytes_wipe(o->session.token, sizeof o->session.token);
    bytes_wipe(call->org.session.token, sizeof call->org.session.token);
    while (call->arena) {
        struct arena_block *b = call->arena;
        call->arena = b->next;
        free(b);
    }
    json_decref(call->details);
    call->details = NULL;
    json_decref(call->kept);
    json_decref(call->event);
    call->kept = call->event = NULL;
    call->others = NULL;
    call->arena_bytes = 0;
}

static struct arena_block *grow(struct act_call *call, size_t size)
{
    size_t room = size > LIMIT_ARENA_BLOCK / 4 ? size : LIMIT_ARENA_BLOCK;
    struct arena_block *b = size > SIZE_MAX / 2 ? NULL : calloc(1, sizeof *b + room);
    if (!b)
        call_exhausted(call);
    b->size = room;
    /* A large piece goes behind the current block, whose rest stays in use. */
    if (room != LIMIT_ARENA_BLOCK && call->arena) {
        b->next = call->arena->next;
        call->arena->next = b;
    } else {
        b->next = call->arena;
        call->arena = b;
    }
    call->arena_bytes += room;
    return b;
}

void *act_alloc(struct act_call *call, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    struct arena_block *b = call->arena;
    if (!b || b->size - b->used < size)
        b = grow(call, size);
    void *p = b->data + b->used;
    size_t taken = (size + align - 1) / align * align;
    b->used = taken > b->size - b->used ? b->size : b->used + taken;
    return p;
}

char *act_strdup(struct act_call *call, const char *s)
{
    size_t n = strlen(s) + 1;
    return memcpy(act_alloc(call, n), s, n);
}

char *act_printf(struct act_call *call, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    size_t size = n < 0 ? 1 : (size_t)n + 1;
    char *s = act_alloc(call, size);
    if (n >= 0)
        vsnprintf(s, size, fmt, again);
    va_end(again);
    return s;
}

void act_defer(struct act_call *call, void (*fn)(void *ptr), void *ptr)
{
    struct defer *d = act_alloc(call, sizeof *d);
    *d = (struct defer){ fn, ptr, call->defers };
    call->defers = d;
}

static void drop_json(void *json)
{
    json_decref(json);
}

json_t *act_own(struct act_call *call, json_t *json)
{
    if (json)
        act_defer(call, drop_json, json);
    return json;
}

int act_time_left_ms(const struct act_call *call)
{
    int64_t left = call->deadline_ms - clock_ms();
    return left < 0 ? 0 : left > INT32_MAX ? INT32_MAX : (int)left;
}

time_t act_now(const struct act_call *call)
{
    return call->now;
}

const char *act_request_id(const struct act_call *call)
{
    return call->request_id;
}

const char *act_user_id(const struct act_call *call)
{
    return call->org.session.user_id;
}

const char *act_username(const struct act_call *call)
{
    return call->org.session.username;
}

const char *act_org_id(const struct act_call *call)
{
    return call->org.session.id;
}

const char *act_setting(const struct act_call *call, const char *name)
{
    return declaration_setting(call->declaration, name);
}

void act_log(struct act_call *call, enum act_level level, const char *fmt, ...)
{
    static const enum log_level levels[] = {
        [ACT_LOG_ERROR] = LOG_ERROR, [ACT_LOG_WARN] = LOG_WARN, [ACT_LOG_INFO] = LOG_INFO, [ACT_LOG_DEBUG] = LOG_DEBUG
    };
    char text[1024];
    va_list ap;
    if (!log_enabled(levels[level]))
        return;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    log_event(levels[level], "action", "id", call->request_id, "action", call->declaration->operation_id, "msg", text,
              NULL);
}

enum act_outcome act_refuse(struct act_call *call, const char *code, const char *field, const char *fmt, ...)
{
    struct err *e = &call->refusal;
    int status = declaration_error_status(call->declaration, code);
    va_list ap;
    va_start(ap, fmt);
    err_setv(e, status, code, fmt, ap);
    va_end(ap);
    copy_text(e->field, sizeof e->field, field);
    if (status == 0) {
        log_event(LOG_ERROR, "undeclared-error-code", "id", call->request_id, "action", call->declaration->operation_id,
                  "code", code, NULL);
        return ACT_FAULT;
    }
    return ACT_REFUSED;
}

void act_refuse_detail(struct act_call *call, const char *field, const char *code, const char *fmt, ...)
{
    char message[480];
    va_list ap;
    if (!call->details)
        call->details = json_array();
    va_start(ap, fmt);
    vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    (void)err_row(call->details, field, code, message); /* beyond the limit, what is there says enough */
}

/* A cache key tells scope, org, user with token and action apart, so that nobody can read what is another's. */
static bool cache_key(const struct act_call *call, enum act_scope scope, const char *key, char out[LIMIT_CACHE_KEY])
{
    const char *org = scope == ACT_SHARED_BY_ALL ? "" : call->org.session.id;
    char user[CACHE_OWNER] = "";
    if (scope == ACT_SHARED_BY_USER && !cache_owner(&call->org.session, user))
        return false;
    int n = snprintf(out, LIMIT_CACHE_KEY, "%d|%s|%s|%s|%s", (int)scope, org, user, call->declaration->row->name, key);
    return n > 0 && n < LIMIT_CACHE_KEY;
}

bool act_cache_get(struct act_call *call, enum act_scope scope, const char *key, struct act_bytes *value,
                   int64_t *age_ms)
{
    char full[LIMIT_CACHE_KEY];
    void *p = NULL;
    size_t n = 0;
    int64_t age = 0;
    if (!cache_key(call, scope, key, full) || !call->front->cache_get(call->front->ctx, full, &p, &n, &age))
        return false;
    act_defer(call, free, p);
    *value = (struct act_bytes){ p, n };
    if (age_ms)
        *age_ms = age;
    return true;
}

void act_cache_put(struct act_call *call, enum act_scope scope, const char *key, struct act_bytes value, int ttl_s)
{
    char full[LIMIT_CACHE_KEY];
    if (value.n <= LIMIT_CACHE_ENTRY && ttl_s > 0 && cache_key(call, scope, key, full))
        call->front->cache_put(call->front->ctx, full, value.p, value.n, ttl_s);
}

bool act_breaker_allow(struct act_call *call, const char *name)
{
    return call->front->breaker_allow(call->front->ctx, name);
}

void act_breaker_report(struct act_call *call, const char *name, bool ok)
{
    call->front->breaker_report(call->front->ctx, name, ok);
}
