/* worker.c - a worker's life: limits, start of the actions, one call after the other. */
#include "runtime/worker.h"

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

#include "runtime/base/build.h"
#include "runtime/base/json_text.h"
#include "runtime/base/system.h"
#include "runtime/channel.h"
#include "runtime/client/client.h"
#include "runtime/client/step.h"
#include "runtime/process/orphans.h"
#include "runtime/process/signals.h"
#include "runtime/schema/json_reader.h"

enum {
    MALLOC_LARGE = 128 * 1024,
    SPARE = 2048, /* bytes for a reply when there is no memory */
    STEP_NICE = 5
};

struct worker {
    struct channel channel;
    struct services link;
    struct client *client;
    const struct config *config;
    const struct declarations *declarations;
    struct act_call call;
    struct step step; /* of a job, when the call is one */
    enum message_work work;
    json_t *input, *payload; /* of the call; of the step */
    int64_t begun_us;        /* when the present call was read */
    bool leaving;            /* it is the last one */
    int calls_left;
};

/* The process runs one call at a time; allocation hooks take no context, so its worker is a global of this file. */
static struct worker self;

static void set_limit(int what, rlim_t value)
{
    const struct rlimit limit = { value, value };
    if (setrlimit(what, &limit) != 0)
        log_event(LOG_WARN, "worker-limit-failed", NULL);
}

bool worker_is_limited(void)
{
    return !BUILD_SANITIZED && !BUILD_DEBUG;
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

static void restrict_process(const struct config *c, enum worker_kind kind)
{
    signals_leave();
    if (kind == WORKER_OF_STEPS && setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + STEP_NICE) != 0)
        log_event(LOG_WARN, "worker-nice-failed", NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a library that wants to write a cache file gets an error, not death */
    orphans_adopt();
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (!BUILD_DEBUG)
        set_limit(RLIMIT_CORE, 0);
    if (worker_is_limited()) {
        set_limit(RLIMIT_FSIZE, 0);
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    }
    if (!BUILD_SANITIZED)
        set_limit(RLIMIT_DATA, (rlim_t)c->worker_memory_mb << 20);
}

/* ---- replies ---- */

static void send_reply(int status, const char *code, struct span body)
{
    struct channel *ch = &self.channel;
    const struct act_call *call = &self.call;
    const struct message_reply m = { .status = status,
                                     .code = span_of(code),
                                     .body = body,
                                     .outcome = call->org_outcome,
                                     .org_calls = call->org_calls,
                                     .api_usage = span_of(call->api_usage),
                                     .ran_us = clock_us() - self.begun_us,
                                     .leaving = self.leaving };
    if (!message_reply_write(&ch->out, ch->call, &m) || !channel_send(ch))
        _exit(EX_OK);
}

/* Says that the answer is to be made when the job has ended; the worker is free. */
static void send_park(void)
{
    struct channel *ch = &self.channel;
    const struct act_call *call = &self.call;
    const struct message_park m = { .job_id = span_of(call->park.job_id),
                                    .wait_s = call->park.wait_s,
                                    .started = call->park.started,
                                    .outcome = call->org_outcome,
                                    .org_calls = call->org_calls,
                                    .ran_us = clock_us() - self.begun_us,
                                    .leaving = self.leaving };
    if (!message_park_write(&ch->out, ch->call, &m) || !channel_send(ch))
        _exit(EX_OK);
}

/* Memory has run out: answer with what needs none, and leave. */
static void out_of_memory(struct act_call *call)
{
    static char frame[SPARE], body[SPARE];
    static bool again;
    if (again || !self.channel.call)
        _exit(EX_SOFTWARE);
    again = true;
    log_event(LOG_ERROR, "out-of-memory", "id", call ? call->request_id : self.call.request_id, NULL);
    int n = snprintf(body, sizeof body,
                     "{\"code\":\"out_of_memory\",\"message\":\"The action needed more memory than it may use. Ask for "
                     "less at once.\",\"requestId\":\"%s\"}",
                     self.call.request_id);
    self.channel.out = (struct buf){ .p = frame, .cap = sizeof frame, .max = sizeof frame - 1 };
    self.leaving = true;
    send_reply(503, "out_of_memory", (struct span){ body, (size_t)n });
    _exit(EX_OK);
}

static void *checked_malloc(size_t n)
{
    void *p = malloc(n);
    if (!p)
        out_of_memory(NULL);
    return p;
}

static void reply_error(const struct err *e, const json_t *details)
{
    struct buf body;
    buf_init(&body, 256 * 1024);
    err_write(&body, e, self.call.request_id, details);
    send_reply(e->status, e->code, (struct span){ body.p, body.n });
    buf_free(&body);
}

static void fault(const char *why)
{
    struct err e;
    log_event(LOG_ERROR, "action-fault", "id", self.call.request_id, "action", self.call.declaration->operation_id,
              "why", why, NULL);
    err_set(&e, 500, "internal_error", "The action failed. Report the request id; the log has more.");
    reply_error(&e, NULL);
}

/* ---- the input ---- */

/* Collects violations as rows of `details`. */
static void collect(void *ctx, const char *pointer, const char *code, const char *message)
{
    json_t *rows = ctx;
    if (json_array_size(rows) < LIMIT_VIOLATIONS)
        json_array_append_new(rows, json_pack("{s:s, s:s, s:s}", "field", pointer, "code", code, "message", message));
}

/* The one violation, or how many there are and the first of them. */
static void summarize(struct err *e, const json_t *rows, size_t count)
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

/* What the start of a job has put beside its input is no part of it. */
static json_t *take(const char *name)
{
    json_t *value = json_incref(json_object_get(self.input, name));
    json_object_del(self.input, name);
    return value;
}

/* What the queue keeps of an operation with a callback is the input of what it asks for. */
static const struct schema *input_schema(void)
{
    const struct declaration *asked = self.call.declaration;
    return self.call.step && asked->async_of ? asked->async_of->input : asked->input;
}

/* Parses and checks the body. False with the reason in *e and, a new reference to be dropped in any case, its rows. */
static bool read_input(struct span body, struct err *e, json_t **rows)
{
    const struct schema *schema = input_schema();
    *rows = json_array();
    self.input = json_read(body, e);
    if (!self.input)
        return false;
    if (self.work != WORK_INVOCATION) {
        self.call.kept = take(CALL_KEPT);
        self.call.event = take(DECLARED_EVENT);
    }
    schema_drop_nulls(schema, self.input);
    size_t violations = schema_check(schema, self.input, collect, *rows);
    if (violations)
        summarize(e, *rows, violations);
    return violations == 0;
}

/* ---- the action and its answer ---- */

static void log_mismatch(void *ctx, const char *pointer, const char *code, const char *message)
{
    (void)ctx;
    log_event(LOG_ERROR, "invalid-output", "id", self.call.request_id, "action", self.call.declaration->operation_id,
              "field", pointer, "code", code, "msg", message, NULL);
}

/* The answer of a successful call, unless it breaks its own declaration: then nobody gets half-right data. */
static void reply_output(json_t *out)
{
    if (!json_is_object(out)) {
        fault("the answer is not an object");
        return;
    }
    if (schema_check(self.call.declaration->output, out, log_mismatch, NULL) > 0) {
        fault("the answer breaks the output schema");
        return;
    }
    if (self.call.park.job_id[0]) {
        send_park();
        return;
    }
    struct buf text;
    buf_init(&text, LIMIT_REPLY);
    if (buf_json(&text, out))
        send_reply(self.call.declaration->is_job ? 201 : 200, "", (struct span){ text.p, text.n });
    else
        fault("the answer is too large, or cannot be written as JSON");
    buf_free(&text);
}

/*
 * The defaults, right before the handler. What starts a job is left as it came: it is what the queue keeps, and by
 * which it knows two starts for the same; the job's steps get the defaults.
 */
static void fill_defaults(void)
{
    const struct declaration *d = self.call.declaration;
    bool starts = !self.call.step && (d->whole || d->is_job);
    if (!starts && !schema_fill_defaults(input_schema(), self.input))
        out_of_memory(&self.call);
}

static void run_action(void)
{
    json_t *out = NULL;
    fill_defaults();
    enum act_outcome outcome = self.call.declaration->whole
                                   ? act_job_start(&self.call, self.input, &out)
                                   : self.call.declaration->row->action->run(&self.call, self.input, &out);
    if (outcome == ACT_OK)
        reply_output(out);
    else if (outcome == ACT_REFUSED && self.call.refusal.status)
        reply_error(&self.call.refusal, self.call.details);
    else
        fault(outcome == ACT_REFUSED ? "refused without a reason" : "ACT_FAULT");
    json_decref(out);
}

static void run_invocation(struct span body)
{
    struct err e;
    json_t *rows;
    if (read_input(body, &e, &rows)) {
        channel_clear(&self.channel); /* the body is parsed; its bytes hold what nobody needs any more */
        run_action();
    } else {
        reply_error(&e, rows);
    }
    json_decref(rows);
}

/* ---- a step of a job ---- */

/* What the queue keeps was checked when the job was started: perhaps by an older version, with other declarations. */
static json_t *outdated_input(const struct err *e)
{
    char text[600];
    snprintf(text, sizeof text,
             "The job was started with an input that this version of the host does not take: %s Start it again.",
             e->message);
    json_t *body = json_pack("{s:s, s:s, s:s}", "outcome", "job_failed", "code", "input_outdated", "message", text);
    if (!body)
        out_of_memory(&self.call);
    return body;
}

/* JSON that a step has given to the queue, of any kind; true with NULL for none. */
static bool read_kept(struct span text, json_t **out)
{
    *out = text.n ? json_loadb(text.p, text.n, JSON_DECODE_ANY, NULL) : NULL;
    return *out || text.n == 0;
}

static void run_step(struct span body)
{
    struct err e;
    json_t *rows = NULL, *did;
    bool line = self.work == WORK_DELIVER; /* its body is what the job has answered, or nothing */
    bool ok = line ? read_kept(body, &self.input) : read_input(body, &e, &rows);
    if (!ok && line)
        err_set(&e, 500, "internal_error", "The job's answer cannot be read.");
    channel_clear(&self.channel);
    if (ok && !line)
        fill_defaults();
    did = ok ? step_run(&self.call, (int)self.work, self.input, self.payload) : outdated_input(&e);
    struct buf text;
    buf_init(&text, LIMIT_REPLY);
    if (buf_json(&text, did))
        send_reply(200, "", (struct span){ text.p, text.n });
    else
        fault("what the step did is too large, or cannot be written as JSON");
    buf_free(&text);
    json_decref(did);
    json_decref(rows);
    json_decref(self.payload);
    self.payload = NULL;
    step_fini(&self.step);
}

/* ---- one call ---- */

/* False: the queue has kept what is no JSON, which cannot be. */
static bool begin_step(const struct message_step *m)
{
    struct step *s = &self.step;
    *s = (struct step){ .attempt = (int)m->attempt,
                        .parallel = (int)m->parallel,
                        .counts = { m->total, m->done, m->failed },
                        .total = -1 };
    _Static_assert(sizeof s->job_id > MESSAGE_JOB_ID, "what was read fits");
    copy_span(s->job_id, sizeof s->job_id, m->job_id);
    self.call.step = s;
    return read_kept(m->saved, &s->saved) && read_kept(m->payload, &self.payload);
}

/* Makes self.call of the message. False: the front sent nonsense, which cannot be. */
static bool begin_call(const struct frame *f, struct span *body)
{
    struct act_call *call = &self.call;
    struct message_call m;
    if (!message_call_read(f, &m) || (size_t)m.action >= self.declarations->n)
        return false;
    self.work = (enum message_work)m.work;
    _Static_assert(sizeof call->traceparent > MESSAGE_TRACEPARENT, "what was read fits");
    _Static_assert(sizeof call->request_id > LIMIT_REQUEST_ID, "what was read fits");
    _Static_assert(sizeof call->api_usage <= MESSAGE_API_USAGE + 1, "what will be sent fits");
    call_init(call, &self.declarations->v[m.action], &self.link);
    call->index = (int)m.action;
    call->client = self.client;
    call->deadline_ms = m.deadline_ms;
    call->now = (time_t)m.now;
    call->org_blocked = m.org_blocked;
    call->page = m.page;
    copy_span(call->request_id, sizeof call->request_id, m.request_id);
    copy_span(call->traceparent, sizeof call->traceparent, m.traceparent);
    org_texts_copy(&m.org, &call->org.session);
    self.channel.call = f->call;
    self.begun_us = clock_us();
    self.leaving = --self.calls_left <= 0;
    *body = m.body;
    return self.work == WORK_INVOCATION || (call->declaration->is_job && begin_step(&m.step));
}

/* What the action has started and not waited for would live on with all that it inherited. False: it cannot be ended.
 */
static bool end_processes(void)
{
    struct log_line line;
    int n = orphans_end_all();
    if (n == 0)
        return true;
    log_begin(&line, LOG_WARN, "processes-left");
    log_text(&line, "id", self.call.request_id);
    log_text(&line, "action", self.call.declaration->operation_id);
    log_int(&line, "n", n);
    log_end(&line);
    return n > 0;
}

static bool serve_one(void)
{
    struct frame f;
    struct span body;
    if (!channel_read(&self.channel, &f))
        return false;
    if (!begin_call(&f, &body)) {
        log_event(LOG_ERROR, "worker-bad-call", NULL);
        return false;
    }
    if (self.work == WORK_INVOCATION)
        run_invocation(body);
    else
        run_step(body);
    json_decref(self.input);
    self.input = NULL;
    bool alone = end_processes();
    call_fini(&self.call);
    channel_clear(&self.channel);
    self.channel.call = 0;
    log_work();
    return alone && !self.leaving;
}

/* ---- the process ---- */

static bool start_client(const struct config *c)
{
    const struct client_settings settings = { .org_hosts = c->org_hosts,
                                              .fetch_hosts = c->fetch_hosts,
                                              .connections = &c->connections,
                                              .connections_callers = &c->connections_callers };
    self.client = client_new(&settings);
    if (!self.client)
        log_event(LOG_ERROR, "client-start-failed", "why", "libcurl does not start", NULL);
    return self.client != NULL;
}

static bool start_actions(void)
{
    char why[300] = "";
    for (size_t i = 0; i < self.declarations->n; i++) {
        const struct registry_row *row = self.declarations->v[i].row;
        if (self.declarations->v[i].async_of)
            continue; /* the same handler again */
        if (row->action->start && !row->action->start(why, sizeof why)) {
            log_event(LOG_ERROR, "action-start-failed", "action", row->name, "why", why, NULL);
            return false;
        }
    }
    return true;
}

int worker_run(int socket, struct config *c, struct declarations *d, enum worker_kind kind)
{
    log_open();
    restrict_process(c, kind);
    self = (struct worker){ .config = c, .declarations = d, .calls_left = c->worker_calls };
    channel_init(&self.channel, socket);
    self.link = channel_link(&self.channel);
    json_set_alloc_funcs(checked_malloc, free);
    call_on_exhausted(out_of_memory);
    tame_malloc();
    if (!start_client(c) || !start_actions())
        return EX_UNAVAILABLE;
    malloc_trim(0); /* what starting has left over */
    if (!message_ready_write(&self.channel.out) || !channel_send(&self.channel))
        return EX_OK;
    while (serve_one())
        ;
    client_free(self.client);
    channel_fini(&self.channel);
    return EX_OK;
}
