/* worker.c - a worker's life: limits, start of the actions, one call after the other. */
#include "runtime/worker.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "runtime/channel.h"
#include "runtime/client.h"
#include "runtime/json_text.h"

/* A debug build is treated alike: limits would take the core, and the debugger's place at the process. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(DEBUG_BUILD)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { MALLOC_LARGE = 128 * 1024 };

struct worker {
    struct channel channel;
    struct front_link link;
    struct client *client;
    const struct config *config;
    const struct declarations *declarations;
    struct act_call call;
    json_t *input;
    int calls_left;
};

/* The process runs one call at a time, so that its worker is a global of this file: allocation hooks take no context.
 */
static struct worker self;

static void set_limit(int what, rlim_t value)
{
    const struct rlimit limit = { value, value };
    if (setrlimit(what, &limit) != 0)
        log_event(LOG_WARN, "worker-limit-failed", NULL);
}

bool worker_is_limited(void)
{
    return !SANITIZED;
}

/*
 * Large pieces go back to the system when they are freed. Without this glibc keeps ever larger freed blocks, and a
 * worker that has drawn two pictures holds the memory of both.
 */
static void tame_malloc(void)
{
    mallopt(M_MMAP_THRESHOLD, MALLOC_LARGE);
    mallopt(M_TRIM_THRESHOLD, MALLOC_LARGE);
}

static void restrict_process(const struct config *c)
{
    signal(SIGTERM, SIG_IGN); /* sent to every process at a stop; the front says when a worker leaves */
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a library that wants to write a cache file gets an error, not death */
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#ifndef DEBUG_BUILD
    set_limit(RLIMIT_CORE, 0);
#endif
    if (!SANITIZED) { /* sanitizers map terabytes of shadow, look at the process when it ends, and report into files */
        set_limit(RLIMIT_FSIZE, 0);
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        set_limit(RLIMIT_DATA, (rlim_t)c->worker_memory_mb << 20);
    }
}

static void send_reply(int status, const char *code, struct span body, int64_t us, bool leaving)
{
    struct channel *ch = &self.channel;
    const struct act_call *call = &self.call;
    size_t at = frame_begin(&ch->out, FRAME_REPLY, (unsigned)status, ch->call);
    frame_field(&ch->out, span_of(code));
    frame_field(&ch->out, body);
    frame_number(&ch->out, call->org_outcome);
    frame_number(&ch->out, call->org_calls);
    frame_field(&ch->out, span_of(call->api_usage));
    frame_number(&ch->out, us);
    frame_number(&ch->out, leaving);
    if (!frame_end(&ch->out, at) || !channel_send(ch))
        _exit(0);
}

/* Memory has run out: answer with what needs none, and leave. */
static void out_of_memory(struct act_call *call)
{
    static char room[4096];
    static bool again;
    struct buf *out = &self.channel.out;
    if (again || !self.channel.call)
        _exit(70);
    again = true;
    log_event(LOG_ERROR, "out-of-memory", "id", call ? call->request_id : self.call.request_id, NULL);
    int n = snprintf(
        room + 2048, sizeof room - 2048,
        "{\"code\":\"out_of_memory\",\"message\":\"The action needed more memory than it may use. Ask for less at "
        "once.\",\"requestId\":\"%s\"}",
        self.call.request_id);
    *out = (struct buf){ .p = room, .cap = 2048, .max = 2047 };
    send_reply(503, "out_of_memory", (struct span){ room + 2048, (size_t)n }, 0, true);
    _exit(0);
}

static void *checked_malloc(size_t n)
{
    void *p = malloc(n);
    if (!p)
        out_of_memory(NULL);
    return p;
}

static void reply_error(const struct err *e, const json_t *details, int64_t begun_us, bool leaving)
{
    struct buf body;
    buf_init(&body, 256 * 1024);
    err_write(&body, e, self.call.request_id, details);
    send_reply(e->status, e->code, (struct span){ body.p, body.n }, clock_us() - begun_us, leaving);
    buf_free(&body);
}

/* Collects violations as rows of `details`. */
static void collect(void *ctx, const char *pointer, const char *code, const char *message)
{
    json_t *rows = ctx;
    if (json_array_size(rows) < LIMIT_VIOLATIONS)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "field", pointer, "code", code, "message", message));
}

static void name_first(struct err *e, const json_t *rows, size_t count)
{
    const json_t *first = json_array_get(rows, 0);
    const char *field = json_string_value(json_object_get(first, "field"));
    const char *message = json_string_value(json_object_get(first, "message"));
    if (count == 1)
        err_set(e, 422, "invalid_input", "%s", message ? message : "The input does not fit the action.");
    else
        err_set(e, 422, "invalid_input", "%zu members of the input are wrong; details lists them. First: %s", count,
                message ? message : "");
    copy_text(e->field, sizeof e->field, field);
}

/* Parses and checks the body. False: answered. */
static bool read_input(struct span body, int64_t begun_us, bool leaving)
{
    const struct schema *schema = self.call.declaration->input;
    struct err e;
    json_error_t why;
    /* jansson 2.14 passes over NUL bytes behind a number or a word */
    bool nul = body.n && memchr(body.p, '\0', body.n);
    self.input = nul ? NULL : json_loadb(body.p, body.n, JSON_REJECT_DUPLICATES, &why);
    if (nul) {
        err_set(&e, 400, "invalid_json", "The body is not JSON: it holds a NUL byte.");
        reply_error(&e, NULL, begun_us, leaving);
        return false;
    }
    if (!self.input) {
        err_set(&e, 400, "invalid_json", "The body is not JSON: %s, line %d column %d.", why.text, why.line,
                why.column);
        reply_error(&e, NULL, begun_us, leaving);
        return false;
    }
    schema_drop_nulls(schema, self.input);
    json_t *rows = json_array();
    size_t violations = schema_check(schema, self.input, collect, rows);
    if (violations) {
        name_first(&e, rows, violations);
        reply_error(&e, rows, begun_us, leaving);
    }
    json_decref(rows);
    return violations == 0;
}

static void log_mismatch(void *ctx, const char *pointer, const char *code, const char *message)
{
    (void)ctx;
    log_event(LOG_ERROR, "invalid-output", "id", self.call.request_id, "action", self.call.declaration->operation_id,
              "field", pointer, "code", code, "msg", message, NULL);
}

static void fault(const char *why, int64_t begun_us, bool leaving)
{
    struct err e;
    log_event(LOG_ERROR, "action-fault", "id", self.call.request_id, "action", self.call.declaration->operation_id,
              "why", why, NULL);
    err_set(&e, 500, "internal_error", "The action failed. Report the request id; the log has more.");
    reply_error(&e, NULL, begun_us, leaving);
}

/* The answer of a successful call, unless it breaks its own declaration: then nobody gets half-right data. */
static void reply_output(json_t *out, int64_t begun_us, bool leaving)
{
    if (!json_is_object(out)) {
        fault("the answer is not an object", begun_us, leaving);
        return;
    }
    if (schema_check(self.call.declaration->output, out, log_mismatch, NULL) > 0) {
        fault("the answer breaks the output schema", begun_us, leaving);
        return;
    }
    struct buf text;
    buf_init(&text, LIMIT_REPLY);
    if (buf_json(&text, out))
        send_reply(200, "", (struct span){ text.p, text.n }, clock_us() - begun_us, leaving);
    else
        fault("the answer is too large, or cannot be written as JSON", begun_us, leaving);
    buf_free(&text);
}

static void run_action(int64_t begun_us, bool leaving)
{
    json_t *out = NULL;
    enum act_outcome outcome = self.call.declaration->row->action->run(&self.call, self.input, &out);
    if (outcome == ACT_OK)
        reply_output(out, begun_us, leaving);
    else if (outcome == ACT_REFUSED && self.call.refusal.status)
        reply_error(&self.call.refusal, self.call.details, begun_us, leaving);
    else
        fault(outcome == ACT_REFUSED ? "refused without a reason" : "ACT_FAULT", begun_us, leaving);
    json_decref(out);
}

/* Unpacks a call into self.call. False: the front sent nonsense, which cannot be. */
static bool unpack(const struct frame_head *head, struct span payload, struct span *body)
{
    struct act_call *call = &self.call;
    int64_t action, deadline, now;
    if (!frame_take_number(&payload, &action) || !frame_take_number(&payload, &deadline) ||
        !frame_take_number(&payload, &now) || action < 0 || (size_t)action >= self.declarations->n)
        return false;
    call_init(call, &self.declarations->v[action], &self.link);
    call->client = self.client;
    call->deadline_ms = deadline;
    call->now = (time_t)now;
    self.channel.call = head->call;
    struct sf_org *o = &call->org;
    if (!frame_take_text(&payload, call->request_id, sizeof call->request_id) ||
        !frame_take_text(&payload, call->traceparent, sizeof call->traceparent) ||
        !frame_take_text(&payload, o->id, sizeof o->id) || !frame_take_text(&payload, o->url, sizeof o->url) ||
        !frame_take_text(&payload, o->api_version, sizeof o->api_version) ||
        !frame_take_text(&payload, o->user_id, sizeof o->user_id) ||
        !frame_take_text(&payload, o->username, sizeof o->username) ||
        !frame_take_text(&payload, o->token, sizeof o->token) || !frame_take(&payload, body) || payload.n != 1)
        return false;
    call->org_blocked = payload.p[0] != 0;
    return true;
}

static bool serve_one(void)
{
    struct frame_head head;
    struct span payload, body;
    if (!channel_read(&self.channel, &head, &payload))
        return false;
    int64_t begun_us = clock_us();
    if (head.kind != FRAME_CALL || !unpack(&head, payload, &body)) {
        log_event(LOG_ERROR, "worker-bad-call", NULL);
        return false;
    }
    bool leaving = --self.calls_left <= 0;
    if (read_input(body, begun_us, leaving)) {
        channel_clear(&self.channel); /* the body is parsed; its bytes hold what nobody needs any more */
        run_action(begun_us, leaving);
    }
    json_decref(self.input);
    self.input = NULL;
    call_fini(&self.call);
    channel_clear(&self.channel);
    self.channel.call = 0;
    return !leaving;
}

static bool start_client(const struct config *c)
{
    struct client_settings settings = { 0 };
    char why[300] = "libcurl does not start";
    if (hosts_parse(&settings.org_hosts, c->org_hosts, c->loopback, why, sizeof why) &&
        hosts_parse(&settings.fetch_hosts, c->fetch_hosts, c->loopback, why, sizeof why))
        self.client = client_new(&settings);
    if (!self.client)
        log_event(LOG_ERROR, "client-start-failed", "why", why, NULL);
    return self.client != NULL;
}

static bool start_actions(void)
{
    char why[300] = "";
    for (size_t i = 0; i < self.declarations->n; i++) {
        const struct registry_row *row = self.declarations->v[i].row;
        if (row->action->start && !row->action->start(why, sizeof why)) {
            log_event(LOG_ERROR, "action-start-failed", "action", row->name, "why", why, NULL);
            return false;
        }
    }
    return true;
}

int worker_run(int socket, struct config *c, struct declarations *d)
{
    restrict_process(c);
    self = (struct worker){ .config = c, .declarations = d, .calls_left = c->worker_calls };
    channel_init(&self.channel, socket);
    self.link = channel_link(&self.channel);
    json_set_alloc_funcs(checked_malloc, free);
    call_on_exhausted(out_of_memory);
    tame_malloc();
    if (!start_client(c) || !start_actions())
        return 69;
    malloc_trim(0); /* what starting has left over */
    size_t at = frame_begin(&self.channel.out, FRAME_READY, 0, 0);
    if (!frame_end(&self.channel.out, at) || !channel_send(&self.channel))
        return 0;
    while (serve_one())
        ;
    client_free(self.client);
    channel_fini(&self.channel);
    return 0;
}
